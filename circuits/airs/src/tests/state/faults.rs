//! Single-cell faults in the tables of the state: no cell of an honest trace can be changed alone,
//! but for those that say nothing.

use std::collections::BTreeSet;

use p3_field::PrimeCharacteristicRing;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use farthing_protocol::Felt;

use super::batches::{everything, one_payment};
use super::honest::traces;
use crate::accounts::AccountColumns;
use crate::check::Checker;
use crate::licenses::LicenseColumns;
use crate::queue::QueueColumns;
use crate::registrations::RegistrationColumns;
use crate::royalty_split::SplitColumns;
use crate::withdrawals::WithdrawalColumns;

/// Faults per batch and table.
const FAULTS: usize = 2_500;
/// The tables of the state, last in the list of tables.
const TABLES: usize = 8;

/// Columns that are free in a row, with the reason. A position or a number that counts on is not
/// free in padding: the next row's depends on it.
fn free_columns(table: &str, row: &[Felt], first: bool, last: bool) -> BTreeSet<usize> {
    let set = |column: usize| row[column] != Felt::ZERO;
    match table {
        "accounts" => free_in_accounts(&set, first),
        "withdrawals" => free_in_withdrawals(&set),
        "queue" => free_in_queue(&set),
        "licenses" => free_in_licenses(&set, first),
        "royalty_split" => free_in_split(&set),
        "registrations" => free_in_registrations(&set, first),
        // Padding shows no node: that an untouched child stays is all that is asked of it.
        "merkle" if !set(crate::merkle::ACTIVE) => (1..crate::merkle::COLUMNS).collect(),
        // No row behind the last one takes its sponge on.
        "public_data" if last => crate::public_data::NEXT_CAPACITY.collect(),
        _ => BTreeSet::new(),
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
    if !set(c.shown) {
        // Nobody asks for what is not shown.
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
    let deposit = [c.credited, c.too_rich, c.too_large].into_iter().any(set);
    let exit = set(c.exits) || set(c.denied);
    if !deposit {
        free.extend(c.amount.columns.clone());
    }
    if !set(c.credited) && !set(c.too_rich) {
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
        // Padding has neither id nor terms; its uses are none, whatever their price.
        let terms = c.terms.clone().chain(c.share_table.clone()).chain(c.origin.clone());
        free.extend(terms.chain(c.new_leaf.clone()).chain([c.id, c.price]));
        free.extend(c.gap.columns.clone().chain(c.kept.columns.clone()));
    }
    if first {
        free.extend(c.gap.columns.clone());
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
        // Nobody is credited nothing, whatever the id; the window of padding starts anew below.
        free.extend([c.license, c.position]);
        free.extend(c.capacity.clone().chain(c.digest.clone()).chain(c.id.columns.clone()));
    }
    free
}

fn free_in_registrations(set: &impl Fn(usize) -> bool, first: bool) -> BTreeSet<usize> {
    let c = RegistrationColumns::new();
    let mut free = BTreeSet::new();
    if !set(c.own) {
        // Of an intent and its record.
        free.extend([c.nonce, c.holders].into_iter().chain(c.terms.clone()));
        free.extend(c.price.columns.clone().chain(c.provenance_high.columns.clone()));
    }
    if !set(c.parent) {
        free.insert(c.other);
    }
    if first || (!set(c.own) && !set(c.parent)) {
        free.extend(c.gap.columns.clone());
    }
    if !set(c.own) && !set(c.parent) {
        free.extend([c.license, c.licensor, c.lineage]);
        free.extend(c.provenance.clone().chain(c.origin.clone()));
        free.extend(c.derivative_shares.columns.clone().chain(c.slack.columns.clone()));
    }
    free
}

#[test]
fn no_single_fault_is_accepted() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut survivors = BTreeSet::new();
    for witness in [everything(), one_payment()] {
        let (tables, mut traces) = traces(&witness);
        let checker = Checker::new(&tables, &witness.statement.elements());
        assert!(checker.check(&traces).is_clean());
        for table in tables.len() - TABLES..tables.len() {
            let width = traces[table].width;
            let height = traces[table].values.len() / width;
            let name = tables[table].name();
            for fault in 0..FAULTS {
                // Mostly rows that say something.
                let row = rng.random_range(0..if fault % 4 == 0 { height } else { 16 });
                let column = rng.random_range(0..width);
                let cells = &traces[table].values[row * width..(row + 1) * width];
                let value = match fault % 3 {
                    0 => cells[column] + Felt::ONE,
                    1 => cells[column] - Felt::ONE,
                    _ => cells[column] + Felt::new(1 + (rng.random::<u64>() >> 1)),
                };
                if free_columns(name, cells, row == 0, row + 1 == height).contains(&column) {
                    continue;
                }
                if checker.check_fault(&mut traces, table, row, column, value).is_clean() {
                    survivors.insert((name, column, row));
                }
            }
        }
    }
    assert!(survivors.is_empty(), "{survivors:?}");
}
