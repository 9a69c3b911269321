//! Cells that a prover may choose, with the reason: no constraint reads what a fault there changes.

use std::collections::BTreeSet;

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::Felt;

use crate::gadgets::group_law::AdditionColumns;
use crate::schedule::Schedule;
use crate::tables::signature::bucket_reduction::ReductionColumns;
use crate::tables::signature::buckets::BucketColumns;
use crate::tables::signature::combine::CombineColumns;
use crate::tables::signature::intents::IntentColumns;
use crate::tables::signature::receipts::ReceiptColumns;
use crate::tables::signature::signers::SignerColumns;
use crate::tables::signature::weights::WeightColumns;
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::merkle::MerkleColumns;
use crate::tables::state::public_data::PublicDataColumns;
use crate::tables::state::queue::QueueColumns;
use crate::tables::state::registrations::RegistrationColumns;
use crate::tables::state::royalty_split::SplitColumns;
use crate::tables::state::withdrawals::WithdrawalColumns;

/// Columns that are free in a row, with the reason. A position or a number that counts on is not
/// free in padding: the next row's depends on it.
pub(crate) fn free_columns(
    schedule: &Schedule,
    table: &str,
    row: &[Felt],
    [first, last]: [bool; 2],
) -> BTreeSet<usize> {
    let set = |column: usize| row[column] != Felt::ZERO;
    match table {
        "accounts" => free_in_accounts(&set, first),
        "withdrawals" => free_in_withdrawals(&set),
        "queue" => free_in_queue(&set),
        "licenses" => free_in_licenses(&set, first),
        "royalty_split" => free_in_split(&set),
        "registrations" => free_in_registrations(&set, first),
        // Padding shows no node: that an untouched child stays is all that is asked of it.
        "merkle" if !set(MerkleColumns::new().active) => (1..MerkleColumns::new().width).collect(),
        // No row behind the last one takes its sponge on.
        "public_data" if last => PublicDataColumns::new().next_capacity.collect(),
        _ => (0..row.len()).filter(|column| is_free(schedule, table, row, *column)).collect(),
    }
}

fn free_in_accounts(set: &impl Fn(usize) -> bool, first: bool) -> BTreeSet<usize> {
    let c = AccountColumns::new();
    let mut free = BTreeSet::new();
    if ![c.existed, c.opened, c.absent].into_iter().any(set) {
        // Padding has no id and no identity.
        free.extend([c.id].into_iter().chain(c.identity.clone()).chain(c.gap.columns.clone()));
    }
    if first {
        // There is no row above to have a gap to.
        free.extend(c.gap.columns.clone());
    }
    if !set(c.identity_opened) {
        // No table asks for an identity that is not opened.
        free.extend(c.key.clone().chain(c.owner.clone()));
    }
    if set(c.absent) {
        // There is no leaf with an identity.
        free.extend(c.identity.clone());
    }
    free
}

fn free_in_withdrawals(set: &impl Fn(usize) -> bool) -> BTreeSet<usize> {
    let c = WithdrawalColumns::new();
    let mut free = BTreeSet::new();
    if !set(c.exit) {
        // Only an exit has units and keeps something; kept and its slack still sum to 999.
        free.extend(c.units.columns.clone().chain(c.held.columns.clone()));
    }
    if !set(c.intent) {
        free.insert(c.nonce);
    }
    if !set(c.intent) && !set(c.exit) {
        free.extend([c.account, c.amount, c.exiting].into_iter().chain(c.owner.clone()));
    }
    free
}

fn free_in_queue(set: &impl Fn(usize) -> bool) -> BTreeSet<usize> {
    let c = QueueColumns::new();
    let mut free = BTreeSet::new();
    let deposit = [c.credited, c.refused_by_balance, c.too_large].into_iter().any(set);
    let exit = set(c.exits) || set(c.denied);
    if !deposit {
        free.extend(c.amount.columns.clone());
    }
    if !set(c.credited) && !set(c.refused_by_balance) {
        free.insert(c.old_balance);
        // The first opened account has none above to have a gap to.
        free.extend(c.slack.columns.clone());
    }
    if !deposit && !set(c.opened) {
        // The key's words: of neither a deposit nor an opened account.
        free.extend(c.words.iter().flat_map(|word| word.high.columns.clone()));
        free.extend(c.words.iter().flat_map(|word| word.low.columns.clone()));
    }
    // A word whose lower half is zero needs no witness; another's is one field element's inverse.
    free.extend(c.words.iter().filter(|word| !word.low_half().any(set)).map(|word| word.inverse));
    if !exit {
        free.extend(c.true_owner.clone().chain([c.absent, c.exiting]));
    }
    // Only a refusal needs one: none of limbs in which requester and owner agree, or if the account
    // is absent; the first if a deposit is too large.
    let needed = |column: &usize| (set(c.denied) || set(c.too_large)) && set(*column);
    free.extend(c.inverses.clone().filter(|column| !needed(column)));
    if !deposit && !exit && !set(c.opened) {
        free.extend(c.owner_high.columns.clone().chain(c.owner_low.clone()));
    }
    free
}

fn free_in_licenses(set: &impl Fn(usize) -> bool, first: bool) -> BTreeSet<usize> {
    let c = LicenseColumns::new();
    let mut free = BTreeSet::new();
    if !set(c.existed) && !set(c.new) {
        // Padding has neither id nor terms; it has no uses, at any price.
        let terms = c.terms.clone().chain(c.share_table.clone()).chain(c.recipient.clone());
        free.extend(terms.chain(c.new_leaf.clone()).chain([c.id, c.licensor]));
        free.extend(c.lineage.columns.clone());
        free.extend(c.gap.columns.clone().chain(c.kept.columns.clone()));
    }
    if first {
        free.extend(c.gap.columns.clone());
    }
    if !set(c.updated) {
        free.insert(c.not_retired);
    }
    if !set(c.uses) {
        // The standing is not read.
        free.extend(c.shares.columns.clone().chain([c.licensee]));
    }
    free
}

fn free_in_split(set: &impl Fn(usize) -> bool) -> BTreeSet<usize> {
    let c = SplitColumns::new();
    let mut free = BTreeSet::new();
    if !set(c.active) || set(c.end) {
        // The last row of a license has no line before it to be above.
        free.extend(c.gap.columns.clone());
    }
    if !set(c.active) {
        // No account is credited with nothing, for any id; the window of padding starts over below.
        free.extend([c.license, c.position]);
        free.extend(c.capacity.clone().chain(c.digest.clone()).chain(c.id.columns.clone()));
        free.extend(c.recipient.clone());
    }
    if !set(c.new) {
        free.extend(c.chain.clone());
        if set(c.end) && !set(c.filled.columns.start) {
            // No other line of the license stands beside this one, and none stands in public data.
            free.insert(c.position);
        }
    }
    free
}

fn free_in_registrations(set: &impl Fn(usize) -> bool, first: bool) -> BTreeSet<usize> {
    let c = RegistrationColumns::new();
    let mut free = BTreeSet::new();
    let recorded = set(c.own) || set(c.update);
    if !recorded {
        // Of an intent and its record.
        free.extend(
            [c.nonce, c.holders, c.licensor, c.account].into_iter().chain(c.provenance.clone()),
        );
        free.extend(c.price.columns.clone().chain(c.chain.clone()));
    }
    if !set(c.own) {
        free.extend(c.identity.clone().chain(c.capacity.clone()).chain(c.origin.clone()));
    }
    if set(c.update) {
        // The origin that is signed has three elements.
        free.insert(c.chain.end - 1);
    }
    let padding = !recorded && !set(c.parent);
    if first || padding {
        free.extend(c.gap.columns.clone());
    }
    if padding {
        free.extend([c.license, c.lineage, c.other]);
        free.extend(c.word.columns.clone());
        free.extend(c.derivative_shares.columns.clone().chain(c.slack.columns.clone()));
    }
    free
}

/// The same for intents and signatures.
///
/// Tells whether a cell says nothing: the row sends no message with it and no constraint reads it.
///
/// On padding rows these are the cells of messages with count 0. Flags, and all that a neighbour
/// or a range lookup reads, are not among them.
fn is_free(schedule: &Schedule, table: &str, row: &[Felt], column: usize) -> bool {
    let set = |column: usize| row[column] != Felt::ZERO;
    match table {
        "intents" => {
            let c = IntentColumns::new(schedule);
            let message = [c.payload, c.key, c.digits, c.inverses].into_iter().chain(c.capacities);
            let free = message.flatten().chain([c.account, c.old_nonce]);
            !c.kinds.clone().any(set) && free.into_iter().any(|free| free == column)
        }
        "receipts" => {
            let c = ReceiptColumns::new();
            !set(c.active) && column < c.present.start
        }
        "weights" => {
            let c = WeightColumns::new();
            !set(c.used.start) && c.rate.contains(&column)
        }
        "signers" => {
            // Nor has the generator an account, or an E.
            let c = SignerColumns::new(schedule);
            let scalar = c.limbs.chain([c.account, c.old_nonce, c.new_nonce]);
            let unused = !set(c.signer) && scalar.into_iter().any(|free| free == column);
            unused || (!set(c.signer) && !set(c.generator) && c.digits.contains(&column))
        }
        "buckets" => {
            let c = BucketColumns::new();
            let term = [c.window, c.index, c.negative].contains(&column)
                || (c.x.start..c.sum_x.start).contains(&column);
            let padding = ![c.fresh, c.add, c.cancel].into_iter().any(set);
            (padding && term) || (!set(c.add) && c.slope.contains(&column))
        }
        "bucket_reduction" => {
            let c = ReductionColumns::new();
            has_no_slope(&c.to_run, row, column) || has_no_slope(&c.to_total, row, column)
        }
        "combine" => {
            let c = CombineColumns::new();
            let padding = !c.addition.cases.clone().any(set);
            let operand = c.operand.neutral..c.operand.y.end;
            (padding && operand.contains(&column)) || has_no_slope(&c.addition, row, column)
        }
        _ => false,
    }
}

/// Only an addition by chord or tangent has a slope.
fn has_no_slope(addition: &AdditionColumns, row: &[Felt], column: usize) -> bool {
    row[addition.cases.start] == Felt::ZERO && addition.slope.contains(&column)
}
