//! Squares and square roots. Variable time.
//!
//! With r = 1 + p + p² + p³ + p⁴, x^((r+1)/2) over a root of the norm xʳ is a root of x, and the
//! norm lies in GF(p), whose inverse square roots come from a discrete logarithm in the subgroup
//! of order 2³², eight bits at a time.

use std::sync::LazyLock;

use p3_field::{Algebra, Field, PackedValue, PrimeCharacteristicRing, TwoAdicField};

use crate::felt::{Felt, canonical};

use super::field::{Fp5, Lanes};

/// Decides if `element` is a square in GF(p⁵); zero is one. Variable time.
pub fn fp5_is_square(element: &Fp5) -> bool {
    legendre(element.norm()) != Felt::NEG_ONE
}

/// A square root of `element`, always the same one of the two; `None` if there is none.
/// Variable time.
pub fn fp5_sqrt(element: &Fp5) -> Option<Fp5> {
    let (root, exists) = sqrt(*element);
    exists(0).then_some(root)
}

/// A square root in every lane, and in which lanes it exists.
pub(super) fn sqrt<L: Lanes>(element: L) -> (L, impl Fn(usize) -> bool) {
    let (root_times, norm) = element.half_norm_power();
    let factor = inverse_sqrt(norm);
    let root = L::from_coefficients(root_times.coefficients().map(|c| c * factor));
    let is_zero = |base: L::Base, lane: usize| base.extract(lane) == Felt::ZERO;
    (root, move |lane| !is_zero(factor, lane) || is_zero(norm, lane))
}

/// Legendre symbol of `element` in GF(p): 1, −1, or 0 for zero.
pub(super) fn legendre<R: PrimeCharacteristicRing + Copy>(element: R) -> R {
    // (p−1)/2 = 2³¹(2³² − 1)
    let mut ones = element;
    for half in [1, 2, 4, 8, 16] {
        ones *= ones.exp_power_of_2(half);
    }
    ones.exp_power_of_2(31)
}

/// Bits of the logarithm found at once.
const WINDOW: usize = 8;
const WINDOWS: usize = 32 / WINDOW;
const WINDOW_SIZE: usize = 1 << WINDOW;

/// Multiplying by this and keeping 11 bits tells the 256th roots of unity apart.
const SPREAD: u64 = 0xB56C_97B5_0869_6CDF;
const SPREAD_BITS: u32 = 11;

/// With g of order 2³².
struct Logarithms {
    /// j at the place of the canonical g^(2²⁴·j).
    index: [u8; 1 << SPREAD_BITS],
    /// `half_powers[i][j]` = g^(−j·2^(8i)/2), and zero for odd j where i = 0.
    half_powers: [[Felt; WINDOW_SIZE]; WINDOWS],
}

static LOGARITHMS: LazyLock<Logarithms> = LazyLock::new(|| {
    let g = Felt::two_adic_generator(32);
    let root = g.exp_power_of_2(32 - WINDOW);
    let mut index = [0; 1 << SPREAD_BITS];
    for (j, power) in root.powers().take(WINDOW_SIZE).enumerate() {
        index[place_of(power)] = j as u8;
    }
    let inverse = g.inverse();
    let half_powers = core::array::from_fn(|i| {
        core::array::from_fn(|j| match (j as u64) << (WINDOW * i) {
            odd if odd % 2 == 1 => Felt::ZERO,
            even => inverse.exp_u64(even / 2),
        })
    });
    Logarithms { index, half_powers }
});

fn place_of(root_of_unity: Felt) -> usize {
    (canonical(root_of_unity).wrapping_mul(SPREAD) >> (64 - SPREAD_BITS)) as usize
}

/// 1/√n in every lane; zero where n is zero or no square.
fn inverse_sqrt<B: Algebra<Felt> + PackedValue<Value = Felt>>(n: B) -> B {
    let Logarithms { index, half_powers } = &*LOGARITHMS;
    // u = n^(2³¹−1) and v = u²n = n^(2³²−1) = gᵏ, so (u·g^(−k/2))²·n = 1 if k is even.
    let ones_2 = n.square() * n;
    let ones_3 = ones_2.square() * n;
    let ones_6 = ones_3.exp_power_of_2(3) * ones_3;
    let ones_12 = ones_6.exp_power_of_2(6) * ones_6;
    let ones_24 = ones_12.exp_power_of_2(12) * ones_12;
    let ones_30 = ones_24.exp_power_of_2(6) * ones_6;
    let mut root = ones_30.square() * n;
    let mut power = root.square() * n;
    for (window, half_powers) in half_powers.iter().enumerate() {
        let top = power.exp_power_of_2(32 - WINDOW * (window + 1));
        let half = B::from_fn(|lane| half_powers[usize::from(index[place_of(top.extract(lane))])]);
        root *= half;
        power *= half.square();
    }
    root
}
