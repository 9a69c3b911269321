//! Single-cell faults: no cell of an honest trace can be changed alone, but for the free ones.

use std::collections::BTreeSet;

use p3_field::PrimeCharacteristicRing;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use farthing_protocol::Felt;

use crate::check::Checker;
use crate::class::LeafClass;
use crate::table::Table;
use crate::tests::batches::{batch, leaf};

/// Faults per batch in cells that are not free.
const FAULTS: usize = 4_000;

/// Why a cell says nothing, or `None` if it does.
fn reason_to_be_free(table: &Table, row: &[Felt], column: usize) -> Option<&'static str> {
    use crate::buckets::air as buckets;
    let set = |column: usize| row[column] != Felt::ZERO;
    let padding = "the row is padding: it sends nothing and constrains no other row";
    match table.name() {
        "intents" => {
            let c = crate::intents::IntentColumns::new(&LeafClass::TINY.schedule);
            let active = [c.pay, c.transfer, c.withdraw, c.register].into_iter().any(set);
            (!active).then_some(padding)
        }
        "receipts" => (!set(crate::receipts::ACTIVE)).then_some(padding),
        "weights" => (!set(crate::weights::WANTED)).then_some(padding),
        "signers" => {
            let c = crate::signers::SignerColumns::new(&LeafClass::TINY.schedule);
            let used = c.w.clone().chain(c.digits.clone()).chain(c.t.clone());
            let used: BTreeSet<usize> = used.chain(c.x.clone()).chain(c.y.clone()).collect();
            if set(c.signer) {
                None
            } else if set(c.generator) {
                (!used.contains(&column)).then_some("the generator has no account and no E")
            } else {
                Some(padding)
            }
        }
        "buckets" => {
            if ![buckets::FRESH, buckets::ADD, buckets::CANCEL].into_iter().any(set) {
                Some(padding)
            } else {
                let unused = !set(buckets::ADD) && buckets::SLOPE.contains(&column);
                unused.then_some("only an addition has a slope")
            }
        }
        "bucket_reduction" => {
            let c = crate::bucket_reduction::ReductionColumns::new();
            [c.to_run, c.to_total].iter().find_map(|addition| addition.free_slope(row, column))
        }
        "combine" => {
            let c = crate::combine::CombineColumns::new();
            let cases = c.addition.cases.clone();
            if cases.into_iter().any(set) {
                c.addition.free_slope(row, column)
            } else {
                Some(padding)
            }
        }
        _ => None,
    }
}

impl crate::group_law::AdditionColumns {
    fn free_slope(&self, row: &[Felt], column: usize) -> Option<&'static str> {
        let unused = row[self.cases.start] == Felt::ZERO && self.slope.contains(&column);
        unused.then_some("only an addition has a slope")
    }
}

#[test]
fn no_single_fault_is_accepted() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut survivors = BTreeSet::new();
    for (seed, intents, signers) in [(1, 16, 4), (2, 16, 16), (3, 7, 2)] {
        let (tables, statement, mut traces) =
            leaf(&LeafClass::TINY, &batch(seed, intents, signers));
        let checker = Checker::new(&tables, &statement);
        assert!(checker.check(&traces).is_clean());
        let mut faults = 0;
        while faults < FAULTS {
            let table = rng.random_range(0..tables.len() - 1);
            let width = traces[table].width;
            let row = rng.random_range(0..traces[table].values.len() / width);
            let column = rng.random_range(0..width);
            let cells = &traces[table].values[row * width..(row + 1) * width];
            let value = match faults % 3 {
                0 => cells[column] + Felt::ONE,
                1 => cells[column] - Felt::ONE,
                _ => cells[column] + Felt::new(1 + (rng.random::<u64>() >> 1)),
            };
            if reason_to_be_free(&tables[table], cells, column).is_some() {
                continue;
            }
            faults += 1;
            let report = checker.check_fault(&mut traces, table, row, column, value);
            if report.is_clean() {
                survivors.insert((tables[table].name(), row, column));
            }
        }
    }
    assert!(survivors.is_empty(), "{survivors:?}");
}
