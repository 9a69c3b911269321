//! Assertions that a forged trace is refused.

use std::sync::LazyLock;

use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::check::Checker;
use crate::class::LeafClass;
use crate::config::{FriSettings, Profile};
use crate::prove::{LeafKey, Statement};
use crate::tests::batches::Leaf;

/// The key of the tiny class.
pub(crate) static KEY: LazyLock<LeafKey> = LazyLock::new(|| {
    LeafKey::of_signatures(&LeafClass::TINY, FriSettings::of(Profile::Conjectured)).expect("setup")
});

/// Proves and verifies.
pub(crate) fn accepts(statement: &Statement, traces: &[RowMajorMatrix<Felt>]) -> bool {
    KEY.prove(statement, traces).is_ok_and(|proof| KEY.verify(statement, &proof).is_ok())
}

/// The forgery breaks exactly these tables' constraints and buses, and no proof of it is valid.
pub(crate) fn assert_refused((tables, statement, traces): &Leaf, culprits: &[&str]) {
    let report = Checker::new(tables, statement).check(traces);
    assert_eq!(report.culprits(), culprits);
    assert!(!accepts(statement, traces));
}

/// The table of this name, the first if there are several.
pub(crate) fn position(leaf: &Leaf, name: &str) -> usize {
    leaf.0.iter().position(|table| table.name() == name).expect("a table of the class")
}

/// The cells of a row of a table.
pub(crate) fn row_mut<'a>(leaf: &'a mut Leaf, name: &str, row: usize) -> &'a mut [Felt] {
    let table = position(leaf, name);
    let trace = &mut leaf.2[table];
    &mut trace.values[row * trace.width..(row + 1) * trace.width]
}
