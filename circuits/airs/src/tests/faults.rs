//! Single-cell faults: no cell of an honest trace can be changed alone, but for those that say
//! nothing; and every constraint is violated by some fault, so that none is vacuous.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use farthing_protocol::Felt;

use crate::bucket_reduction::ReductionColumns;
use crate::buckets::air as buckets;
use crate::check::{Checker, Violation};
use crate::class::LeafClass;
use crate::combine::CombineColumns;
use crate::group_law::AdditionColumns;
use crate::intents::IntentColumns;
use crate::signers::SignerColumns;
use crate::table::Table;
use crate::tests::batches::{batch, leaf};

const CLASS: LeafClass = LeafClass::TINY;
/// Random faults per batch.
const FAULTS: usize = 4_000;
/// The constraints on the statement's class and version read no cell; attacks by name violate them.
const ON_THE_STATEMENT: (&str, [usize; 2]) = ("intents", [0, 1]);

/// Whether a cell says nothing: the row sends no message with it and no constraint reads it.
///
/// On padding rows these are the cells of messages with count 0. Flags, and whatever a neighbour
/// or a range lookup reads, are not among them.
fn is_free(table: &Table, row: &[Felt], column: usize) -> bool {
    let set = |column: usize| row[column] != Felt::ZERO;
    match table.name() {
        "intents" => {
            let c = IntentColumns::new(&CLASS.schedule);
            let kinds = [c.pay, c.transfer, c.withdraw, c.register];
            let message = [c.payload, c.key, c.digits, c.inverses].into_iter().chain(c.capacities);
            let free = message.flatten().chain([c.account, c.old_nonce]);
            !kinds.into_iter().any(set) && free.into_iter().any(|free| free == column)
        }
        "receipts" => !set(crate::receipts::ACTIVE) && column < crate::receipts::PRESENT,
        "weights" => !set(crate::weights::WANTED) && column < crate::weights::WANTED,
        "signers" => {
            // Nor has the generator an account, or an E.
            let c = SignerColumns::new(&CLASS.schedule);
            let scalar = c.limbs.chain([c.account, c.old_nonce, c.new_nonce]);
            let unused = !set(c.signer) && scalar.into_iter().any(|free| free == column);
            unused || (!set(c.signer) && !set(c.generator) && c.digits.contains(&column))
        }
        "buckets" => {
            let term = [buckets::WINDOW, buckets::INDEX, buckets::NEGATIVE].contains(&column)
                || (buckets::X.start..buckets::SUM_X.start).contains(&column);
            let padding = ![buckets::FRESH, buckets::ADD, buckets::CANCEL].into_iter().any(set);
            (padding && term) || (!set(buckets::ADD) && buckets::SLOPE.contains(&column))
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

/// What faults have shown so far.
struct Faults {
    survivors: BTreeSet<(&'static str, usize, usize)>,
    untouched: BTreeMap<&'static str, BTreeSet<usize>>,
}

impl Faults {
    fn new(checker: &Checker<'_>, tables: &[Table], traces: &[RowMajorMatrix<Felt>]) -> Self {
        let constraints = tables.iter().enumerate().map(|(i, table)| {
            (table.name(), (0..checker.constraints(traces, i)).collect::<BTreeSet<_>>())
        });
        let mut untouched: BTreeMap<_, BTreeSet<_>> = constraints.collect();
        if let Some(constraints) = untouched.get_mut(ON_THE_STATEMENT.0) {
            constraints.retain(|constraint| !ON_THE_STATEMENT.1.contains(constraint));
        }
        Self { survivors: BTreeSet::new(), untouched }
    }

    fn try_one(
        &mut self,
        checker: &Checker<'_>,
        tables: &[Table],
        traces: &mut [RowMajorMatrix<Felt>],
        (table, row, column): (usize, usize, usize),
        change: Felt,
    ) {
        let width = traces[table].width;
        let cells = &traces[table].values[row * width..(row + 1) * width];
        if change == Felt::ZERO || is_free(&tables[table], cells, column) {
            return;
        }
        let value = cells[column] + change;
        let report = checker.check_fault(traces, table, row, column, value);
        for Violation { name, constraint, .. } in &report.violations {
            if let Some(constraints) = self.untouched.get_mut(name) {
                constraints.remove(constraint);
            }
        }
        if report.is_clean() {
            self.survivors.insert((tables[table].name(), row, column));
        }
    }
}

#[test]
fn every_cell_and_every_constraint_counts() {
    let (tables, statement, mut traces) = leaf(&CLASS, &batch(1, 13, 4));
    let checker = Checker::new(&tables, &statement);
    assert!(checker.check(&traces).is_clean());
    let mut faults = Faults::new(&checker, &tables, &traces);
    for table in 0..tables.len() - 1 {
        let width = traces[table].width;
        for row in 0..traces[table].values.len() / width {
            for column in 0..width {
                for change in [Felt::ONE, Felt::TWO] {
                    let cell = (table, row, column);
                    faults.try_one(&checker, &tables, &mut traces, cell, change);
                }
            }
        }
    }
    assert!(faults.survivors.is_empty(), "{:?}", faults.survivors);
    faults.untouched.retain(|_, constraints| !constraints.is_empty());
    assert!(faults.untouched.is_empty(), "no fault violates {:?}", faults.untouched);
}

#[test]
fn no_random_fault_is_accepted() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for (seed, intents, signers) in [(1, 16, 4), (2, 16, 16), (3, 7, 2)] {
        let (tables, statement, mut traces) = leaf(&CLASS, &batch(seed, intents, signers));
        let checker = Checker::new(&tables, &statement);
        let mut faults = Faults::new(&checker, &tables, &traces);
        for fault in 0..FAULTS {
            let table = rng.random_range(0..tables.len() - 1);
            let width = traces[table].width;
            let row = rng.random_range(0..traces[table].values.len() / width);
            let change = match fault % 3 {
                0 => Felt::ONE,
                1 => -Felt::ONE,
                _ => Felt::new(rng.random::<u64>() >> 1),
            };
            let cell = (table, row, rng.random_range(0..width));
            faults.try_one(&checker, &tables, &mut traces, cell, change);
        }
        assert!(faults.survivors.is_empty(), "{:?}", faults.survivors);
    }
}
