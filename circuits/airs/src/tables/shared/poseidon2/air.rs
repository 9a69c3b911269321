//! Constraints of the Poseidon2 table.

use core::borrow::Borrow;
use std::sync::Arc;

use p3_air::{Air, AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_goldilocks::{
    GOLDILOCKS_POSEIDON2_PARTIAL_ROUNDS_12, GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_FINAL,
    GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_INITIAL, GOLDILOCKS_POSEIDON2_RC_12_INTERNAL,
    GenericPoseidon2LinearLayersGoldilocks,
};
use p3_lookup::{Count, InteractionBuilder};
use p3_poseidon2_air::{Poseidon2Air, Poseidon2Cols, RoundConstants, num_cols};

use farthing_protocol::{DIGEST_ELEMENTS, Felt, RATE, WIDTH};

use crate::buses::{HASH, HashShape};
use crate::class::LeafClass;
use crate::config::MAX_DEGREE;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::{SBOX_DEGREE, SBox};
use crate::tables::{LeafBuilder, LeafTable, Part};

/// Full rounds before and after the partial ones.
const HALF_FULL_ROUNDS: usize = 4;
const PARTIAL_ROUNDS: usize = GOLDILOCKS_POSEIDON2_PARTIAL_ROUNDS_12;
/// Flags behind the permutation's columns.
const FLAGS: usize = 3;

type Constants = RoundConstants<Felt, WIDTH, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>;
type Permutation<const REGISTERS: usize> = Poseidon2Air<
    Felt,
    GenericPoseidon2LinearLayersGoldilocks,
    WIDTH,
    SBOX_DEGREE,
    REGISTERS,
    HALF_FULL_ROUNDS,
    PARTIAL_ROUNDS,
>;
type PermutationColumns<T, const REGISTERS: usize> =
    Poseidon2Cols<T, WIDTH, SBOX_DEGREE, REGISTERS, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>;

impl SBox {
    /// Columns of the permutation.
    pub(super) const fn permutation_columns(self) -> usize {
        match self {
            Self::Cubed => permutation_columns::<1>(),
            Self::Direct => permutation_columns::<0>(),
        }
    }

    /// Columns of the table.
    pub(crate) const fn columns(self) -> usize {
        self.permutation_columns() + FLAGS
    }

    /// The trace of the permutations of `inputs`, a power of two of them.
    pub(super) fn permutation_rows(self, inputs: Vec<[Felt; WIDTH]>) -> Vec<Felt> {
        match self {
            Self::Cubed => permutation_rows::<1>(inputs),
            Self::Direct => permutation_rows::<0>(inputs),
        }
    }
}

const fn permutation_columns<const REGISTERS: usize>() -> usize {
    num_cols::<WIDTH, SBOX_DEGREE, REGISTERS, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>()
}

/// The permutation of `farthing_protocol::permute`.
pub(super) fn constants() -> Constants {
    RoundConstants::new(
        GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_INITIAL,
        GOLDILOCKS_POSEIDON2_RC_12_INTERNAL,
        GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_FINAL,
    )
}

fn permutation_rows<const REGISTERS: usize>(inputs: Vec<[Felt; WIDTH]>) -> Vec<Felt> {
    p3_poseidon2_air::generate_trace_rows::<
        Felt,
        GenericPoseidon2LinearLayersGoldilocks,
        WIDTH,
        SBOX_DEGREE,
        REGISTERS,
        HALF_FULL_ROUNDS,
        PARTIAL_ROUNDS,
    >(inputs, &constants(), 0)
    .values
}

/// The permutations of all other tables, in one table or more.
#[derive(Clone, Debug)]
pub(crate) enum Poseidon2Table {
    /// See [`SBox::Cubed`].
    Cubed(Arc<Permutation<1>>),
    /// See [`SBox::Direct`].
    Direct(Arc<Permutation<0>>),
}

impl Poseidon2Table {
    /// Form of its S-boxes.
    const fn sbox(&self) -> SBox {
        match self {
            Self::Cubed(_) => SBox::Cubed,
            Self::Direct(_) => SBox::Direct,
        }
    }
}

/// Columns of p3's AIR, then the flags.
impl Layout for Poseidon2Table {
    fn width(&self) -> usize {
        self.sbox().columns()
    }
}

impl LeafTable for Poseidon2Table {
    const NAME: &'static str = "poseidon2";
    const PART: Part = Part::Shared;

    fn new(_: &LeafClass, sbox: SBox) -> Self {
        match sbox {
            SBox::Cubed => Self::Cubed(Arc::new(Permutation::new(constants()))),
            SBox::Direct => Self::Direct(Arc::new(Permutation::new(constants()))),
        }
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        class.log_poseidon2.to_vec()
    }

    fn columns(&self) -> &dyn Layout {
        self
    }

    fn degree(&self) -> usize {
        self.sbox().degree().max(MAX_DEGREE)
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        match self {
            Self::Cubed(permutation) => eval(permutation, builder),
            Self::Direct(permutation) => eval(permutation, builder),
        }
    }
}

fn eval<AB, const REGISTERS: usize>(permutation: &Permutation<REGISTERS>, builder: &mut AB)
where
    AB: AirBuilder<F = Felt> + InteractionBuilder,
{
    let columns = permutation_columns::<REGISTERS>();
    permutation.eval(&mut PermutationBuilder { inner: builder, columns });
    let main = builder.main();
    let flags: [AB::Expr; FLAGS] =
        core::array::from_fn(|i| main.current_slice()[columns + i].into());
    assert_at_most_one_flag(builder, flags.clone());
    show_outputs::<AB, REGISTERS>(builder, &main.current_slice()[..columns], flags);
}

fn assert_at_most_one_flag<AB: AirBuilder>(builder: &mut AB, flags: [AB::Expr; FLAGS]) {
    builder.assert_bools(flags.clone());
    builder.assert_bool(flags.into_iter().sum::<AB::Expr>());
}

fn show_outputs<AB: InteractionBuilder, const REGISTERS: usize>(
    builder: &mut AB,
    cells: &[AB::Var],
    [digest, absorb, squeeze]: [AB::Expr; FLAGS],
) {
    let columns: &PermutationColumns<AB::Var, REGISTERS> = cells.borrow();
    let output: [AB::Expr; WIDTH] =
        columns.ending_full_rounds[HALF_FULL_ROUNDS - 1].post.map(Into::into);
    let low = digest.clone() + squeeze.clone();

    let shape = absorb.clone() * AB::Expr::from_u64(HashShape::Absorb as u64)
        + squeeze.clone() * AB::Expr::from_u64(HashShape::Squeeze as u64);
    let mut message = vec![shape];
    message.extend(columns.inputs.map(Into::into));
    message.extend(
        (0..DIGEST_ELEMENTS)
            .map(|i| low.clone() * output[i].clone() + absorb.clone() * output[RATE + i].clone()),
    );
    message.extend((DIGEST_ELEMENTS..RATE).map(|i| squeeze.clone() * output[i].clone()));
    HASH.receive(builder, message, Count::bounded(digest + absorb + squeeze, 1));
}

/// Shows p3's AIR the permutation's columns only.
struct PermutationBuilder<'a, AB> {
    inner: &'a mut AB,
    columns: usize,
}

/// The first columns of a window.
#[derive(Clone)]
struct PermutationWindow<W> {
    inner: W,
    columns: usize,
}

impl<T, W: WindowAccess<T>> WindowAccess<T> for PermutationWindow<W> {
    fn current_slice(&self) -> &[T] {
        &self.inner.current_slice()[..self.columns]
    }

    fn next_slice(&self) -> &[T] {
        &[]
    }
}

impl<AB: AirBuilder> AirBuilder for PermutationBuilder<'_, AB> {
    type F = AB::F;
    type Expr = AB::Expr;
    type Var = AB::Var;
    type PreprocessedWindow = AB::PreprocessedWindow;
    type MainWindow = PermutationWindow<AB::MainWindow>;
    type PublicVar = AB::PublicVar;
    type PeriodicVar = AB::PeriodicVar;

    fn main(&self) -> Self::MainWindow {
        PermutationWindow { inner: self.inner.main(), columns: self.columns }
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        self.inner.preprocessed()
    }

    fn is_first_row(&self) -> Self::Expr {
        self.inner.is_first_row()
    }

    fn is_last_row(&self) -> Self::Expr {
        self.inner.is_last_row()
    }

    fn is_transition(&self) -> Self::Expr {
        self.inner.is_transition()
    }

    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        self.inner.assert_zero(x);
    }
}
