//! `Deposit`: always consumed. It credits the account of its owner and key, and opens it if there
//! is none; a deposit that is no amount, or to an account that held too much when the batch began,
//! is refused and can be taken back on L1.

use farthing_protocol::{AccountId, Amount, Deposit, Nano, OpenedAccount};

use super::ConsumeError;
use crate::batch::{Footprint, RunningState};

/// Limbs of a deposit in public data.
const DEPOSIT_LIMBS: u32 = 11;

/// What a deposit does.
pub(crate) struct DepositPlan {
    pub(crate) opens: Option<OpenedAccount>,
    pub(crate) credit: Option<(AccountId, Amount)>,
    pub(crate) footprint: Footprint,
}

/// `existing` is the account of this identity before the batch; it has been loaded. `unused` is the
/// number for a new one.
pub(crate) fn consume_deposit(
    running: &RunningState,
    existing: Option<AccountId>,
    unused: Option<AccountId>,
    deposit: &Deposit,
) -> Result<DepositPlan, ConsumeError> {
    let mut footprint = Footprint { queue_limbs: DEPOSIT_LIMBS, ..Footprint::default() };
    if Amount::new(deposit.raw_amount()).is_err() {
        return Ok(DepositPlan { opens: None, credit: None, footprint });
    }
    let identity = deposit.identity();
    let (id, opens) = match existing.or_else(|| running.opened(&identity)) {
        Some(id) => (id, None),
        None => {
            let id = unused.ok_or(ConsumeError::NoAccountLeft { last: AccountId::MAX })?;
            (id, Some(OpenedAccount { id, identity }))
        }
    };
    footprint.accounts.push(id);
    footprint.opened = u32::from(opens.is_some());
    let old = running.account(id).map_or(Nano::ZERO, |account| account.old_balance);
    let credit = deposit.accepted(old).map(|amount| (id, amount));
    footprint.credits = u32::from(credit.is_some());
    Ok(DepositPlan { opens, credit, footprint })
}
