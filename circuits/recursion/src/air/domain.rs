//! A table's domain at the out-of-domain point: selectors, and the quotient from its chunks.

use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::types::Field;

use farthing_plonky2::{Builder, ExtTarget, F, coset_shift, two_adic};

use crate::shape::InstanceShape;

/// The selectors of a table's rows at zeta, not normalized, as `p3_commit`'s
/// `selectors_at_point`.
#[derive(Clone, Copy)]
pub(crate) struct Selectors {
    /// zetaⁿ, n the rows.
    power: ExtTarget,
    /// zetaⁿ − 1
    vanishing: ExtTarget,
    /// (zetaⁿ − 1)/(zeta − 1)
    pub(crate) first_row: ExtTarget,
    /// (zetaⁿ − 1)/(zeta − g⁻¹)
    pub(crate) last_row: ExtTarget,
    /// zeta − g⁻¹
    pub(crate) transition: ExtTarget,
}

impl Selectors {
    pub(crate) fn new(builder: &mut Builder, log_height: usize, zeta: ExtTarget) -> Self {
        let power = builder.exp_power_of_2_extension(zeta, log_height);
        let vanishing = builder.add_const_extension(power, F::NEG_ONE);
        let from_first = builder.add_const_extension(zeta, F::NEG_ONE);
        let last = two_adic(log_height).inverse();
        let transition = builder.add_const_extension(zeta, -last);
        Self {
            power,
            vanishing,
            first_row: builder.div_extension(vanishing, from_first),
            last_row: builder.div_extension(vanishing, transition),
            transition,
        }
    }

    /// The quotient that the constraints' value asks for. No proof exists for a zeta among the
    /// rows themselves: a denominator of zero cannot be satisfied.
    pub(crate) fn divide(&self, builder: &mut Builder, constraints: ExtTarget) -> ExtTarget {
        builder.div_extension(constraints, self.vanishing)
    }
}

/// The quotient at zeta. Chunk i belongs to the coset s·hⁱ·⟨g⟩, s the shift of the evaluation
/// domains and h the generator of all chunks' union: the sum of the chunks, each times the
/// vanishing polynomials Z of the other cosets, scaled to one on its own.
pub(crate) fn quotient(
    builder: &mut Builder,
    shape: &InstanceShape,
    chunks: &[ExtTarget],
    selectors: &Selectors,
) -> ExtTarget {
    let generator = two_adic(shape.log_height + shape.log_chunks);
    // (s·hⁱ)ⁿ, and Zᵢ(x) = xⁿ/(s·hⁱ)ⁿ − 1.
    let power_of =
        |i: usize| (coset_shift() * generator.exp_u64(i as u64)).exp_power_of_2(shape.log_height);
    let powers: Vec<F> = (0..chunks.len()).map(power_of).collect();
    let minus_one = builder.constant_extension(F::NEG_ONE.into());
    let vanishing: Vec<ExtTarget> = powers
        .iter()
        .map(|p| builder.mul_const_add_extension(p.inverse(), selectors.power, minus_one))
        .collect();
    let mut sum = builder.zero_extension();
    for (i, chunk) in chunks.iter().enumerate() {
        let mut term = *chunk;
        let mut scale = F::ONE;
        for j in (0..chunks.len()).filter(|j| *j != i) {
            term = builder.mul_extension(term, vanishing[j]);
            scale *= powers[i] * powers[j].inverse() - F::ONE;
        }
        sum = builder.mul_const_add_extension(scale.inverse(), term, sum);
    }
    sum
}

/// An extension column is committed to as its coefficients' columns: their openings, joined.
pub(crate) fn recompose(builder: &mut Builder, coefficients: &[ExtTarget; 2]) -> ExtTarget {
    let root = builder.constant_extension(QuadraticExtension([F::ZERO, F::ONE]));
    builder.mul_add_extension(coefficients[1], root, coefficients[0])
}
