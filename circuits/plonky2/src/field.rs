//! The two libraries' types for one field: Goldilocks and its quadratic extension by X² − 7.
//!
//! They agree on elements and arithmetic. They disagree on the generators of the two-adic
//! subgroups from order 8 up and on the shift of cosets, so everything that walks a subgroup of the
//! leaf's domains takes its points from [`two_adic`] and [`coset_shift`].

use p3_field::extension::BinomialExtensionField;
use p3_field::{BasedVectorSpace, Field as _, TwoAdicField};
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, PrimeField64};
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::plonk::circuit_builder::CircuitBuilder;

use farthing_protocol::{Felt, canonical};

/// p3's type of the extension, which leaf proofs take challenges from.
pub type Challenge = BinomialExtensionField<Felt, D>;

/// Degree of the extension that challenges come from.
pub const D: usize = 2;
/// A field element, in circuits' terms.
pub type F = GoldilocksField;
/// An element of the extension, in circuits' terms.
pub type Ext = QuadraticExtension<F>;
/// An element of the extension on wires.
pub type ExtTarget = ExtensionTarget<D>;
/// Builder of circuits.
pub type Builder = CircuitBuilder<F, D>;

/// A p3 element as plonky2's.
#[inline]
pub fn from_felt(felt: Felt) -> F {
    F::from_canonical_u64(canonical(felt))
}

/// A plonky2 element as p3's.
#[inline]
pub fn to_felt(element: F) -> Felt {
    Felt::new(element.to_canonical_u64())
}

/// A p3 element of the extension as plonky2's.
#[inline]
pub fn from_challenge(challenge: Challenge) -> Ext {
    let coefficients: &[Felt] = challenge.as_basis_coefficients_slice();
    QuadraticExtension(core::array::from_fn(|i| from_felt(coefficients[i])))
}

/// A plonky2 element of the extension as p3's.
#[inline]
pub fn to_challenge(element: Ext) -> Challenge {
    Challenge::new(element.0.map(to_felt))
}

/// The leaf prover's generator of the subgroup of order 2^`log_order`.
pub fn two_adic(log_order: usize) -> F {
    from_felt(Felt::two_adic_generator(log_order))
}

/// The shift of the leaf prover's evaluation domains.
pub fn coset_shift() -> F {
    from_felt(Felt::GENERATOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_agrees() {
        let of = |a, b| Challenge::new([Felt::new(a), Felt::new(b)]);
        let (x, y) = (of(5, 11), of(1 << 40, 3));
        assert_eq!(from_challenge(x * y), from_challenge(x) * from_challenge(y));
        assert_eq!(to_felt(from_felt(Felt::new(u64::MAX))), Felt::new(u64::MAX));
    }

    #[test]
    fn generators_differ_from_order_eight() {
        for log_order in 0..=32 {
            let ours = two_adic(log_order);
            assert_eq!(ours.exp_power_of_2(log_order), F::ONE);
            assert_eq!(ours == F::primitive_root_of_unity(log_order), log_order < 3);
        }
        assert_ne!(coset_shift(), F::coset_shift());
    }
}
