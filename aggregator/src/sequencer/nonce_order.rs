//! The order in which intents that came together are admitted.

use std::collections::HashMap;

use farthing_ledger::CheckedIntent;
use farthing_protocol::AccountId;

/// Puts the intents of each account in the order of their nonces, at the indices that intents of the
/// account have: between accounts the order of arrival stays. If the batch is sealed on the way,
/// none of them is left below the nonces that it settles. Of two with one nonce the first stays
/// first. `indices` says where the intents came from.
pub(super) fn by_nonce(indices: &mut [usize], intents: &mut [CheckedIntent]) {
    let mut of_account: HashMap<AccountId, Vec<usize>> = HashMap::new();
    for (at, intent) in intents.iter().enumerate() {
        of_account.entry(intent.intent().account).or_default().push(at);
    }
    let nonce = |intents: &[CheckedIntent], at: usize| intents[at].intent().nonce;
    for own in of_account.into_values() {
        if own.is_sorted_by_key(|at| nonce(intents, *at)) {
            continue;
        }
        let mut sorted = own.clone();
        sorted.sort_by_key(|at| nonce(intents, *at));
        let moved: Vec<(usize, CheckedIntent)> =
            sorted.into_iter().map(|at| (indices[at], intents[at].clone())).collect();
        for (at, (index, intent)) in own.into_iter().zip(moved) {
            (indices[at], intents[at]) = (index, intent);
        }
    }
}
