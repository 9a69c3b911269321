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
use p3_lookup::Count;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::buses::{CARRY, check_ranges};
use crate::class::LeafClass;
use crate::gadgets::decomposition::Number;
use crate::gadgets::layout::{Layout, One, Pieces, columns};
use crate::gadgets::sbox::SBox;
use crate::schedule::{Schedule, pieces};
use crate::tables::{LeafBuilder, LeafTable, Part};

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct CarryColumns(schedule: &Schedule), row CarryCells {
        used: One,
        value: One,
        carry: Pieces = pieces(schedule.carry_bits()),
    }
}

columns! {
    /// Preprocessed columns.
    pub(crate) struct PreprocessedColumns, row PreprocessedCells {
        owner: One,
        position: One,
        first: One,
        last: One,
    }
}

/// The values of one chain.
#[derive(Clone, Debug)]
pub(crate) struct CarryChain {
    pub(crate) values: Vec<i128>,
}

/// Offset that keeps a carry from being negative.
fn shift(schedule: &Schedule) -> u64 {
    1 << (schedule.carry_bits() - 1)
}

/// The carries of the signers' scalars.
#[derive(Clone, Debug)]
pub(crate) struct CarryTable {
    schedule: Schedule,
    columns: CarryColumns,
    preprocessed: PreprocessedColumns,
}

impl LeafTable for CarryTable {
    const NAME: &'static str = "carries";
    const PART: Part = Part::Signature;
    const READS_NEXT_ROW: bool = true;

    fn new(class: &LeafClass, _: SBox) -> Self {
        Self {
            schedule: class.schedule.clone(),
            columns: CarryColumns::new(&class.schedule),
            preprocessed: PreprocessedColumns::new(),
        }
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.log_carries]
    }

    fn columns(&self) -> &dyn Layout {
        &self.columns
    }

    fn preprocessed_columns(&self) -> Option<&dyn Layout> {
        Some(&self.preprocessed)
    }

    fn preprocessed(&self, log_height: usize) -> Option<RowMajorMatrix<Felt>> {
        Some(preprocessed_trace(&self.schedule, log_height))
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        let (main, fixed) = (builder.main(), builder.preprocessed().clone());
        let row = &self.columns.row(main.current_slice());
        let next = &self.columns.row(main.next_slice());
        let fixed_next = &self.preprocessed.row(fixed.next_slice());
        let fixed = &self.preprocessed.row(fixed.current_slice());
        builder.assert_bool(row.used);
        self.assert_carries(builder, row, next, fixed_next);
        builder.assert_zero(fixed.last * self.carry::<AB>(&row.carry));
        check_ranges(builder, main.current_slice(), &self.columns.numbers());
        let message: [AB::Expr; 3] = [fixed.owner, fixed.position, row.value].map(Into::into);
        CARRY.receive(builder, message, Count::bounded(row.used.into(), 1));
    }
}

impl CarryTable {
    fn assert_carries<AB: AirBuilder>(
        &self,
        builder: &mut AB,
        row: &CarryCells<AB::Var>,
        next: &CarryCells<AB::Var>,
        fixed_next: &PreprocessedCells<AB::Var>,
    ) {
        let carried = (AB::Expr::ONE - fixed_next.first) * self.carry::<AB>(&row.carry);
        let radix = AB::Expr::from_u64(1 << self.schedule.limb_bits());
        builder.assert_eq(next.value + carried, self.carry::<AB>(&next.carry) * radix);
    }

    /// A carry with its sign.
    fn carry<AB: AirBuilder>(&self, shifted: &Number<AB::Var>) -> AB::Expr {
        shifted.value::<AB::Expr>() - AB::Expr::from_u64(shift(&self.schedule))
    }
}

/// Chains one after the other, as many as fit; every row behind them is a chain of its own.
pub(crate) fn preprocessed_trace(schedule: &Schedule, log_height: usize) -> RowMajorMatrix<Felt> {
    let columns = PreprocessedColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    let length = schedule.positions();
    let chains = (1 << log_height) / length;
    for (i, row) in rows.chunks_exact_mut(columns.width).enumerate() {
        let (owner, position) = (i / length, i % length);
        let spare = owner >= chains;
        row[columns.owner] = Felt::from_usize(owner);
        row[columns.position] = Felt::from_usize(position);
        row[columns.first] = Felt::from_bool(spare || position == 0);
        row[columns.last] = Felt::from_bool(spare || position + 1 == length);
    }
    RowMajorMatrix::new(rows, columns.width)
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
        columns.carry.write(row, &[shift(schedule)]);
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
            let shifted = carry + i128::from(shift(schedule));
            columns.carry.write(row, &[shifted as u64]);
        }
    }
    RowMajorMatrix::new(rows, columns.width)
}
