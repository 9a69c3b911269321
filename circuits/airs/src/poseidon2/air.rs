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

/// Full rounds before and after the partial ones.
const HALF_FULL_ROUNDS: usize = 4;
const PARTIAL_ROUNDS: usize = GOLDILOCKS_POSEIDON2_PARTIAL_ROUNDS_12;
/// Exponent of the S-box.
const SBOX_DEGREE: u64 = 7;
/// One register x³ per S-box keeps the degree at 3.
const SBOX_REGISTERS: usize = 1;

/// Columns of the permutation.
pub(super) const PERMUTATION_COLUMNS: usize =
    num_cols::<WIDTH, SBOX_DEGREE, SBOX_REGISTERS, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>();
/// Columns of the table.
pub(crate) const COLUMNS: usize = PERMUTATION_COLUMNS + 3;

pub(super) type Constants = RoundConstants<Felt, WIDTH, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>;
type Permutation = Poseidon2Air<
    Felt,
    GenericPoseidon2LinearLayersGoldilocks,
    WIDTH,
    SBOX_DEGREE,
    SBOX_REGISTERS,
    HALF_FULL_ROUNDS,
    PARTIAL_ROUNDS,
>;
type PermutationColumns<T> =
    Poseidon2Cols<T, WIDTH, SBOX_DEGREE, SBOX_REGISTERS, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>;

/// The permutation of `farthing_protocol::permute`.
pub(super) fn constants() -> Constants {
    RoundConstants::new(
        GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_INITIAL,
        GOLDILOCKS_POSEIDON2_RC_12_INTERNAL,
        GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_FINAL,
    )
}

/// The trace of the permutations of `inputs`, a power of two of them.
pub(super) fn permutation_rows(inputs: Vec<[Felt; WIDTH]>) -> Vec<Felt> {
    p3_poseidon2_air::generate_trace_rows::<
        Felt,
        GenericPoseidon2LinearLayersGoldilocks,
        WIDTH,
        SBOX_DEGREE,
        SBOX_REGISTERS,
        HALF_FULL_ROUNDS,
        PARTIAL_ROUNDS,
    >(inputs, &constants(), 0)
    .values
}

/// One Poseidon2 table.
#[derive(Clone, Debug)]
pub(crate) struct Poseidon2Table(Arc<Permutation>);

impl Poseidon2Table {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Permutation::new(constants())))
    }

    pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(&self, builder: &mut AB) {
        self.assert_permutation(builder);
        assert_at_most_one_flag(builder);
        show_outputs(builder);
    }

    fn assert_permutation<AB: AirBuilder<F = Felt>>(&self, builder: &mut AB) {
        self.0.eval(&mut PermutationBuilder { inner: builder });
    }
}

fn assert_at_most_one_flag<AB: AirBuilder>(builder: &mut AB) {
    let flags = flags(builder);
    builder.assert_bools(flags.clone());
    builder.assert_bool(sum(flags));
}

fn show_outputs<AB: InteractionBuilder>(builder: &mut AB) {
    let [digest, absorb, squeeze] = flags(builder);
    let main = builder.main();
    let columns: &PermutationColumns<AB::Var> =
        main.current_slice()[..PERMUTATION_COLUMNS].borrow();
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
    HASH.receive(builder, message, Count::bounded(sum([digest, absorb, squeeze]), 1));
}

fn flags<AB: AirBuilder>(builder: &AB) -> [AB::Expr; 3] {
    let main = builder.main();
    core::array::from_fn(|i| main.current_slice()[PERMUTATION_COLUMNS + i].into())
}

fn sum<E: PrimeCharacteristicRing, const N: usize>(terms: [E; N]) -> E {
    terms.into_iter().sum()
}

/// Shows p3's AIR the permutation's columns only.
struct PermutationBuilder<'a, AB> {
    inner: &'a mut AB,
}

/// The first [`PERMUTATION_COLUMNS`] columns of a window.
#[derive(Clone)]
struct PermutationWindow<W>(W);

impl<T, W: WindowAccess<T>> WindowAccess<T> for PermutationWindow<W> {
    fn current_slice(&self) -> &[T] {
        &self.0.current_slice()[..PERMUTATION_COLUMNS]
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
        PermutationWindow(self.inner.main())
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
