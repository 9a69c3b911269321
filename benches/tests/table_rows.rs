//! Rows counted in the traces of a batch are those that the batch asks for: computed here from the sealed
//! batch alone, by what each table has a row for.

use std::collections::BTreeMap;

use farthing_benches::leaf::{Options, seal};
use farthing_benches::tables::{Workload, of_batch};
use farthing_protocol::{BatchClass, BatchWitness, RATE};

/// Schedule of class 1k: 16 windows of 7 bits, above them 42 of 5 bits.
const LOW_WINDOWS: usize = 16;
const HIGH_WINDOWS: usize = 42;
/// Buckets of a window: half as many as its digits.
const LOW_BUCKETS: usize = 1 << 6;
const HIGH_BUCKETS: usize = 1 << 4;
/// Positions of a signer's chain of carries in class 1k: 5 limbs of a quotient by 23 of the order.
const POSITIONS: usize = 27;
/// Intents whose weights one permutation gives.
const WEIGHTS_PER_ROW: usize = 4;
/// Children of a row of the receipts table.
const RECEIPT_ARITY: usize = 4;
/// Levels of receipts rows: the tree of every class has places for 4⁸ intents.
const RECEIPT_LEVELS: u32 = 8;

/// A table of records speaks on its first row, where the records start, and on its last, where they end;
/// the last is padding.
fn records(count: usize) -> usize {
    count.max(1) + 1
}

fn expected(witness: &BatchWitness) -> BTreeMap<&'static str, usize> {
    let intents = witness.intents.len();
    let signers = witness.accounts.iter().filter(|change| change.signed).count();
    let (accounts, licenses) = (witness.accounts.len(), witness.licenses.len());
    let lines = || witness.licenses.iter().map(|change| change.terms.shares.holders().len());
    let weights = intents.div_ceil(WEIGHTS_PER_ROW);
    let receipts: usize =
        (1..=RECEIPT_LEVELS).map(|level| intents.div_ceil(RECEIPT_ARITY.pow(level))).sum();
    let merkle = witness.account_nodes.len() + witness.license_nodes.len() + 1;
    let public_data = witness.public_data.limbs().len().div_ceil(RATE);
    let permutations = 3 * intents
        + weights
        + 3 * receipts
        // Leaves before and after, and the identity of a signer.
        + 2 * accounts
        + signers
        // Leaves before and after, and the terms.
        + 3 * licenses
        + lines().map(|lines| lines.div_ceil(RATE)).sum::<usize>()
        + 2 * merkle
        + public_data;
    BTreeMap::from([
        ("intents", intents),
        ("receipts", receipts),
        ("weights", weights),
        // One row is the generator's.
        ("signers", signers + 1),
        ("carries", POSITIONS * signers),
        ("bucket_reduction", LOW_WINDOWS * LOW_BUCKETS + HIGH_WINDOWS * HIGH_BUCKETS),
        // As many doublings as a window has bits, and two additions; the highest one starts the sum.
        ("combine", 3 + 7 * (HIGH_WINDOWS - 1) + 9 * LOW_WINDOWS),
        ("buckets", intents * LOW_WINDOWS + (signers + 1) * (LOW_WINDOWS + HIGH_WINDOWS)),
        ("poseidon2", permutations),
        // Its records start at 0, which no row says.
        ("queue", witness.queue.len() + witness.opened.len() + 1),
        ("withdrawals", records(witness.withdrawals.len())),
        ("accounts", records(accounts)),
        ("registrations", records(0)),
        ("licenses", records(licenses)),
        ("royalty_split", lines().sum()),
        ("merkle", merkle),
        ("public_data", public_data),
    ])
}

#[test]
fn rows_are_counted_as_the_batch_asks_for() -> Result<(), Box<dyn std::error::Error>> {
    let options =
        Options { class: Some(BatchClass::SMALL), payers: Some(20), ..Options::default() };
    let (class, filled) = seal(&options)?;
    let counted = of_batch(Workload::Reference, class, &filled.witness)?;
    assert_eq!(counted.payments, filled.payments);
    assert!(counted.tables.iter().all(|table| table.used <= table.paid()));

    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for table in &counted.tables {
        let kind = table.table.split(' ').next().unwrap_or_default();
        *used.entry(kind).or_default() += table.used;
    }
    // What is looked up in the range table depends on every bounded cell.
    let ranges = used.remove("range").ok_or("the range table is counted")?;
    assert!((1..=1 << 13).contains(&ranges));
    assert_eq!(used, expected(&filled.witness));
    Ok(())
}
