//! Tables that are small and use everything the proof system has.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder, PermutationCheckBus};
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use super::table::{Honest, TestTable};

const BUS: PermutationCheckBus<'static> = PermutationCheckBus::new("toy");
const COUNTS: PermutationCheckBus<'static> = PermutationCheckBus::new("counts");
/// Of different heights, so that folds of every arity take codewords in.
const LOG_HEIGHTS: [usize; 4] = [11, 11, 6, 8];

/// Rules of a toy table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toy {
    /// `(a, b) → (b, a·b + 1)`, from two public values to a third; sends every `(a, b)`.
    Recurrence,
    /// Receives pairs, each so often. No next row.
    Receiver,
    /// `x → x + k` with k of the next fixed row. No lookups.
    Steps,
    /// `x = k³` of the same fixed row. Neither lookups nor next rows.
    Cubes,
    /// Receives what is longer than the pairs, on their bus.
    Triples,
    /// Sends each value as often as a count bounded by 2³² − 1 says.
    Counted,
    /// A table without columns.
    Nothing,
}

impl Toy {
    pub(super) fn columns(self) -> usize {
        match self {
            Self::Recurrence => 2,
            Self::Receiver => 3,
            Self::Triples => 4,
            Self::Counted => 2,
            Self::Steps | Self::Cubes => 1,
            Self::Nothing => 0,
        }
    }

    pub(super) fn public_values(self) -> usize {
        if self == Self::Recurrence { 3 } else { 0 }
    }

    pub(super) fn reads_next_row(self) -> bool {
        matches!(self, Self::Recurrence | Self::Steps)
    }

    pub(super) fn reads_next_fixed_row(self) -> bool {
        self == Self::Steps
    }

    pub(super) fn fixed_trace(self) -> Option<RowMajorMatrix<Felt>> {
        let column = |log: usize, factor: u64| {
            Some(RowMajorMatrix::new((0..1 << log).map(|i| Felt::new(factor * i)).collect(), 1))
        };
        match self {
            Self::Recurrence | Self::Receiver | Self::Triples | Self::Counted | Self::Nothing => {
                None
            }
            Self::Steps => column(LOG_HEIGHTS[2], 5),
            Self::Cubes => column(LOG_HEIGHTS[3], 3),
        }
    }

    pub(super) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(self, builder: &mut AB) {
        let main = builder.main();
        let this: Vec<AB::Expr> = main.current_slice().iter().map(|cell| (*cell).into()).collect();
        let next: Vec<AB::Expr> = main.next_slice().iter().map(|cell| (*cell).into()).collect();
        match self {
            Self::Recurrence => {
                let publics: Vec<AB::Expr> =
                    builder.public_values().iter().map(|value| (*value).into()).collect();
                builder.when_first_row().assert_eq(this[0].clone(), publics[0].clone());
                builder.when_first_row().assert_eq(this[1].clone(), publics[1].clone());
                builder.when_last_row().assert_eq(this[1].clone(), publics[2].clone());
                builder.when_transition().assert_eq(next[0].clone(), this[1].clone());
                let product = this[0].clone() * this[1].clone() + AB::Expr::ONE;
                builder.when_transition().assert_eq(next[1].clone(), product);
                BUS.send(builder, this, Count::bounded(AB::Expr::ONE, 1));
            }
            Self::Receiver => {
                let count = Count::provided(this[2].clone());
                BUS.receive(builder, this[..2].to_vec(), count);
            }
            Self::Steps => {
                let fixed: AB::Expr = builder.preprocessed().next_slice()[0].into();
                let stepped = this[0].clone() + fixed;
                builder.when_transition().assert_eq(next[0].clone(), stepped);
            }
            Self::Cubes => {
                let fixed: AB::Expr = builder.preprocessed().current_slice()[0].into();
                builder.assert_eq(this[0].clone(), fixed.cube());
            }
            Self::Triples => {
                let count = Count::provided(this[3].clone());
                BUS.receive(builder, this[..3].to_vec(), count);
            }
            Self::Counted => {
                let count = Count::bounded(this[1].clone(), u32::MAX);
                COUNTS.send(builder, this[..1].to_vec(), count);
            }
            Self::Nothing => {}
        }
    }
}

/// All toys, honestly filled.
pub(crate) fn toys() -> Honest {
    let rows = 1 << LOG_HEIGHTS[0];
    let mut pairs = vec![[Felt::ONE, Felt::TWO]];
    for i in 1..rows {
        let [a, b] = pairs[i - 1];
        pairs.push([b, a * b + Felt::ONE]);
    }
    let last = pairs[rows - 1][1];
    let receiver = pairs.iter().flat_map(|[a, b]| [*a, *b, Felt::ONE]).collect();
    let steps = (0..1 << LOG_HEIGHTS[2]).scan(Felt::TWO, |x, i| {
        *x += Felt::new(5 * i);
        Some(*x)
    });
    let cubes = (0..1 << LOG_HEIGHTS[3]).map(|i| Felt::new(3 * i).cube());
    let toys = [Toy::Recurrence, Toy::Receiver, Toy::Steps, Toy::Cubes];
    Honest {
        tables: toys.map(TestTable::Toy).to_vec(),
        log_heights: LOG_HEIGHTS.to_vec(),
        public_values: vec![vec![Felt::ONE, Felt::TWO, last], vec![], vec![], vec![]],
        traces: vec![
            RowMajorMatrix::new(pairs.concat(), 2),
            RowMajorMatrix::new(receiver, 3),
            RowMajorMatrix::new(steps.collect(), 1),
            RowMajorMatrix::new(cubes.collect(), 1),
        ],
    }
}
