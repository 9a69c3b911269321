//! Marks of a table's first and last row.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;

use farthing_protocol::Felt;

use crate::gadgets::columns::ColumnCounter;
use crate::gadgets::gate::OnRows;
use crate::gadgets::layout::ColumnKind;

/// Two columns that mark the ends of a table, so that buses can speak of them.
#[derive(Clone, Debug)]
pub(crate) struct BoundaryFlags {
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// Marks of a table's ends in a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoundaryCells<V> {
    pub(crate) first: V,
    pub(crate) last: V,
}

impl ColumnKind for BoundaryFlags {
    type Size = ();
    type Columns = Self;
    type Cells<V> = BoundaryCells<V>;

    fn declare(counter: &mut ColumnCounter, (): ()) -> Self {
        Self { first: counter.one(), last: counter.one() }
    }

    fn read<V: Copy>(columns: &Self, row: &[V]) -> BoundaryCells<V> {
        BoundaryCells { first: row[columns.first], last: row[columns.last] }
    }
}

impl BoundaryFlags {
    /// Marks the ends of `rows`.
    pub(crate) fn write(&self, rows: &mut [Felt], width: usize) {
        let last = rows.len() - width + self.last;
        rows[self.first] = Felt::ONE;
        rows[last] = Felt::ONE;
    }
}

impl<V: Copy> BoundaryCells<V> {
    /// Pins both columns; rows that are `active` come first and the last row is none of them.
    pub(crate) fn assert<AB: AirBuilder<Var = V>>(
        &self,
        builder: &mut AB,
        next: &Self,
        [active, next_active]: [AB::Expr; 2],
    ) {
        let one = AB::Expr::ONE;
        builder.on_first_row().assert_one(self.first);
        builder.on_last_row().assert_one(self.last);
        builder.on_last_row().assert_zero(active.clone());
        let mut transition = builder.on_transition();
        transition.assert_zero(next.first);
        transition.assert_zero(self.last);
        transition.assert_zero((one - active) * next_active);
    }
}
