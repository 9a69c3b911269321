//! Carries table: a chain of positions per signers row, whose values v satisfy
//! Σ v_k·2^(B·k) = 0 as integers.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | owner, position, first, last | preprocessed: the signers row and the place in its chain | the verification key |
//! | used | the value comes from the signers table | boolean, carry bus |
//! | value | v_k, magnitude below the schedule's bound | carry bus; arbitrary in unwanted chains |
//! | carry | shifted c_k in pieces: v_k + c_(k−1) = 2^B·c_k, the last is zero | range |
//!
//! A shifted carry has so few bits that the equation cannot wrap the field
//! (`Schedule::assert_sound`), so equality modulo p is equality of integers.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::buses::{CARRY, check_ranges};
use crate::class::LeafClass;
use crate::gadgets::columns::{ColumnCounter, Row};
use crate::gadgets::decomposition::Decomposition;
use crate::gadgets::sbox::SBox;
use crate::schedule::Schedule;
use crate::tables::{LeafBuilder, LeafTable, Part};

const OWNER: usize = 0;
const POSITION: usize = 1;
const FIRST: usize = 2;
const LAST: usize = 3;
/// Preprocessed columns.
pub(crate) const PREPROCESSED_COLUMNS: usize = 4;

/// Columns that tests change.
#[cfg(test)]
pub(crate) const USED: usize = 0;
#[cfg(test)]
pub(crate) const VALUE: usize = 1;

/// Columns of the main trace.
#[derive(Clone, Debug)]
pub(crate) struct CarryColumns {
    schedule: Schedule,
    used: usize,
    value: usize,
    carry: Decomposition,
    pub(crate) width: usize,
}

/// The values of one chain.
#[derive(Clone, Debug)]
pub(crate) struct CarryChain {
    pub(crate) values: Vec<i128>,
}

impl CarryColumns {
    pub(crate) fn new(schedule: &Schedule) -> Self {
        let mut columns = ColumnCounter::default();
        Self {
            schedule: schedule.clone(),
            used: columns.one(),
            value: columns.one(),
            carry: Decomposition::new(&mut columns, schedule.carry_bits()),
            width: columns.width(),
        }
    }

    /// The range-checked numbers.
    pub(crate) fn numbers(&self) -> Vec<&Decomposition> {
        vec![&self.carry]
    }

    /// Offset that keeps a carry from being negative.
    fn shift(&self) -> u64 {
        1 << (self.schedule.carry_bits() - 1)
    }

    fn carry<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        self.carry.value(row) - E::from_u64(self.shift())
    }
}

/// The carries of the signers' scalars.
#[derive(Clone, Debug)]
pub(crate) struct CarryTable(CarryColumns);

impl LeafTable for CarryTable {
    const NAME: &'static str = "carries";
    const PART: Part = Part::Signature;
    const READS_NEXT_ROW: bool = true;
    const PREPROCESSED_COLUMNS: usize = PREPROCESSED_COLUMNS;

    fn new(class: &LeafClass, _: SBox) -> Self {
        Self(CarryColumns::new(&class.schedule))
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.log_carries]
    }

    fn columns(&self) -> usize {
        self.0.width
    }

    fn preprocessed(&self, log_height: usize) -> Option<RowMajorMatrix<Felt>> {
        Some(preprocessed_trace(&self.0.schedule, log_height))
    }

    fn numbers(&self) -> Vec<&Decomposition> {
        self.0.numbers()
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        eval(&self.0, builder);
    }
}

pub(crate) fn eval<AB: InteractionBuilder>(columns: &CarryColumns, builder: &mut AB) {
    let main = builder.main();
    let fixed = builder.preprocessed().clone();
    let row = Row::<AB::Expr>::new(main.current_slice());
    let next = Row::<AB::Expr>::new(main.next_slice());
    let fixed_row = Row::<AB::Expr>::new(fixed.current_slice());
    let fixed_next = Row::<AB::Expr>::new(fixed.next_slice());
    builder.assert_bool(row.at(columns.used));
    assert_carries(columns, builder, &row, &next, &fixed_next);
    builder.assert_zero(fixed_row.at(LAST) * columns.carry(&row));
    check_ranges(builder, main.current_slice(), &columns.numbers());
    let message = [fixed_row.at(OWNER), fixed_row.at(POSITION), row.at(columns.value)];
    CARRY.receive(builder, message, Count::bounded(row.at(columns.used), 1));
}

fn assert_carries<AB: AirBuilder>(
    columns: &CarryColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
    fixed_next: &Row<AB::Expr>,
) {
    let carried = (AB::Expr::ONE - fixed_next.at(FIRST)) * columns.carry(row);
    let radix = AB::Expr::from_u64(1 << columns.schedule.limb_bits());
    builder.assert_eq(next.at(columns.value) + carried, columns.carry(next) * radix);
}

/// Chains one after the other, as many as fit; every row behind them is a chain of its own.
pub(crate) fn preprocessed_trace(schedule: &Schedule, log_height: usize) -> RowMajorMatrix<Felt> {
    let mut rows = Felt::zero_vec(PREPROCESSED_COLUMNS << log_height);
    let length = schedule.positions();
    let chains = (1 << log_height) / length;
    for (i, row) in rows.chunks_exact_mut(PREPROCESSED_COLUMNS).enumerate() {
        let (owner, position) = (i / length, i % length);
        let spare = owner >= chains;
        row[OWNER] = Felt::from_usize(owner);
        row[POSITION] = Felt::from_usize(position);
        row[FIRST] = Felt::from_bool(spare || position == 0);
        row[LAST] = Felt::from_bool(spare || position + 1 == length);
    }
    RowMajorMatrix::new(rows, PREPROCESSED_COLUMNS)
}

/// The chain of each signers row; absent chains are all zero.
pub(crate) fn trace(
    schedule: &Schedule,
    chains: &[Option<CarryChain>],
    log_height: usize,
) -> RowMajorMatrix<Felt> {
    let columns = CarryColumns::new(schedule);
    let mut rows = Felt::zero_vec(columns.width << log_height);
    for row in rows.chunks_exact_mut(columns.width) {
        columns.carry.write(row, &[columns.shift()]);
    }
    let length = schedule.positions() * columns.width;
    for (rows, chain) in rows.chunks_exact_mut(length).zip(chains) {
        let mut carry = 0i128;
        let values = chain.iter().flat_map(|chain| &chain.values);
        for (row, value) in rows.chunks_exact_mut(columns.width).zip(values) {
            // Exact for honest chains: each sum is a multiple of the radix.
            carry = (value + carry) >> schedule.limb_bits();
            row[columns.used] = Felt::ONE;
            row[columns.value] = Felt::from_i128(*value);
            let shifted = carry + i128::from(columns.shift());
            columns.carry.write(row, &[shifted as u64]);
        }
    }
    RowMajorMatrix::new(rows, columns.width)
}
