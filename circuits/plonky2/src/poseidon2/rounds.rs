//! The permutation as a walk over the wires of a row: written once, run to constrain a row in the
//! base field, in its extension and in a circuit, and to fill it.

use std::sync::LazyLock;

use p3_goldilocks::{
    GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_FINAL, GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_INITIAL,
    GOLDILOCKS_POSEIDON2_RC_12_INTERNAL, MATRIX_DIAG_12_GOLDILOCKS,
};

use farthing_protocol::{DIGEST_ELEMENTS, RATE, WIDTH, canonical};

/// Full rounds on either side of the partial ones.
const HALF_FULL_ROUNDS: usize = 4;
const PARTIAL_ROUNDS: usize = 22;

/// The permutation's input.
pub(super) const INPUT: usize = 0;
/// Its output.
pub(super) const OUTPUT: usize = INPUT + WIDTH;
/// 1 exchanges the first two digests of the input, 0 does not.
pub(super) const SWAP: usize = OUTPUT + WIDTH;
/// Wires that other rows may be connected to.
pub(super) const ROUTED: usize = SWAP + 1;
/// `swap · (right − left)` for each element of a digest.
const DELTA: usize = ROUTED;
/// Inputs of the S-boxes of the first full rounds but for round 0, whose are linear in the input.
const FIRST: usize = DELTA + DIGEST_ELEMENTS;
/// Inputs of the S-boxes of the partial rounds.
const PARTIAL: usize = FIRST + WIDTH * (HALF_FULL_ROUNDS - 1);
/// Inputs of the S-boxes of the last full rounds.
const LAST: usize = PARTIAL + PARTIAL_ROUNDS;
/// Wires of a row.
pub(super) const WIRES: usize = LAST + WIDTH * HALF_FULL_ROUNDS;
/// Every wire but the input is determined by one constraint; the swap's says that it is a bit.
pub(super) const CONSTRAINTS: usize = WIRES - WIDTH;
/// The S-box is x⁷.
pub(super) const DEGREE: usize = 7;

const _: () = assert!(WIRES == 135, "a row of the standard configuration");
const _: () = assert!(RATE == 2 * DIGEST_ELEMENTS, "the swap exchanges the halves of the rate");

struct Constants {
    first: [[u64; WIDTH]; HALF_FULL_ROUNDS],
    partial: [u64; PARTIAL_ROUNDS],
    last: [[u64; WIDTH]; HALF_FULL_ROUNDS],
    /// The internal matrix is all ones plus this diagonal.
    diagonal: [u64; WIDTH],
}

/// Read out of p3, so that gate and protocol cannot drift apart.
static CONSTANTS: LazyLock<Constants> = LazyLock::new(|| Constants {
    first: GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_INITIAL.map(|round| round.map(canonical)),
    partial: GOLDILOCKS_POSEIDON2_RC_12_INTERNAL.map(canonical),
    last: GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_FINAL.map(|round| round.map(canonical)),
    diagonal: MATRIX_DIAG_12_GOLDILOCKS.map(canonical),
});

/// A row in some arithmetic. All constants are canonical.
pub(super) trait Row {
    /// Type of a wire's value.
    type Value: Copy;

    /// The value on a wire that is given.
    fn given(&self, wire: usize) -> Self::Value;
    /// The value on a wire that has to be `value`.
    fn fixed(&mut self, wire: usize, value: Self::Value) -> Self::Value;
    /// Says that `value` is zero.
    fn vanish(&mut self, value: Self::Value);

    fn add(&mut self, a: Self::Value, b: Self::Value) -> Self::Value;
    fn sub(&mut self, a: Self::Value, b: Self::Value) -> Self::Value;
    fn mul(&mut self, a: Self::Value, b: Self::Value) -> Self::Value;
    fn add_constant(&mut self, a: Self::Value, constant: u64) -> Self::Value;
    /// `constant · a + b`
    fn scale_add(&mut self, constant: u64, a: Self::Value, b: Self::Value) -> Self::Value;
}

/// Walks a row from input to output.
pub(super) fn walk<R: Row>(row: &mut R) {
    let constants = &*CONSTANTS;
    let mut state = swapped(row);
    external(row, &mut state);
    for (round, constants) in constants.first.iter().enumerate() {
        for i in 0..WIDTH {
            let mut input = row.add_constant(state[i], constants[i]);
            if round > 0 {
                input = row.fixed(FIRST + WIDTH * (round - 1) + i, input);
            }
            state[i] = sbox(row, input);
        }
        external(row, &mut state);
    }
    for (round, constant) in constants.partial.iter().enumerate() {
        let input = row.add_constant(state[0], *constant);
        let input = row.fixed(PARTIAL + round, input);
        state[0] = sbox(row, input);
        internal(row, &mut state, &constants.diagonal);
    }
    for (round, constants) in constants.last.iter().enumerate() {
        for i in 0..WIDTH {
            let input = row.add_constant(state[i], constants[i]);
            let input = row.fixed(LAST + WIDTH * round + i, input);
            state[i] = sbox(row, input);
        }
        external(row, &mut state);
    }
    for (i, value) in state.into_iter().enumerate() {
        row.fixed(OUTPUT + i, value);
    }
}

/// The input with its first two digests in the order that the swap says.
fn swapped<R: Row>(row: &mut R) -> [R::Value; WIDTH] {
    let swap = row.given(SWAP);
    let square = row.mul(swap, swap);
    let not_a_bit = row.sub(square, swap);
    row.vanish(not_a_bit);
    let mut state: [R::Value; WIDTH] = core::array::from_fn(|i| row.given(INPUT + i));
    for i in 0..DIGEST_ELEMENTS {
        let (left, right) = (state[i], state[DIGEST_ELEMENTS + i]);
        let difference = row.sub(right, left);
        let delta = row.mul(swap, difference);
        let delta = row.fixed(DELTA + i, delta);
        state[i] = row.add(left, delta);
        state[DIGEST_ELEMENTS + i] = row.sub(right, delta);
    }
    state
}

fn sbox<R: Row>(row: &mut R, x: R::Value) -> R::Value {
    let x2 = row.mul(x, x);
    let x3 = row.mul(x2, x);
    let x4 = row.mul(x2, x2);
    row.mul(x3, x4)
}

/// The external matrix: circ(2M, M, M) of blocks M = circ(2, 3, 1, 1).
fn external<R: Row>(row: &mut R, state: &mut [R::Value; WIDTH]) {
    for block in state.as_chunks_mut::<4>().0 {
        let [a, b, c, d] = *block;
        let ab = row.add(a, b);
        let cd = row.add(c, d);
        let sum = row.add(ab, cd);
        let sum_b = row.add(sum, b);
        let sum_d = row.add(sum, d);
        *block = [
            row.add(sum_b, ab),
            row.scale_add(2, c, sum_b),
            row.add(sum_d, cd),
            row.scale_add(2, a, sum_d),
        ];
    }
    let sums: [R::Value; 4] = core::array::from_fn(|i| {
        let sum = row.add(state[i], state[4 + i]);
        row.add(sum, state[8 + i])
    });
    for (i, value) in state.iter_mut().enumerate() {
        *value = row.add(*value, sums[i % 4]);
    }
}

/// The internal matrix: all ones plus a diagonal.
fn internal<R: Row>(row: &mut R, state: &mut [R::Value; WIDTH], diagonal: &[u64; WIDTH]) {
    let sum = state[1..].iter().fold(state[0], |sum, value| row.add(sum, *value));
    for (value, factor) in state.iter_mut().zip(diagonal) {
        *value = row.scale_add(*factor, *value, sum);
    }
}
