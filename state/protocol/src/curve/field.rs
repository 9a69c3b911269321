//! GF(p⁵) = GF(p)\[z\]/(z⁵ − 3): norms and inverses on top of p3's arithmetic.
//!
//! Everything that batches is written once for [`Lanes`], which is one element or a SIMD register
//! of them.

use p3_field::extension::{BinomialExtensionField, PackedBinomialExtensionField};
use p3_field::{
    Algebra, BasedVectorSpace, Field, PackedFieldExtension, PackedValue, PrimeCharacteristicRing,
};

use crate::felt::Felt;
pub(crate) use crate::felt::{LANES, PackedFelt};

/// An element of GF(p⁵), coefficients of z⁰ to z⁴.
pub type Fp5 = BinomialExtensionField<Felt, FP5_ELEMENTS>;

/// Coefficients of one element.
pub const FP5_ELEMENTS: usize = 5;

pub(crate) type PackedFp5 = PackedBinomialExtensionField<Felt, PackedFelt, FP5_ELEMENTS>;

/// The curve's b is this multiple of z.
const B1: Felt = Felt::new(263);

/// zᵖ = 3^((p−1)/5)·z; these are the powers of that factor.
const FROBENIUS: [Felt; FP5_ELEMENTS] = Felt::new_array([
    1,
    1041288259238279555,
    15820824984080659046,
    211587555138949697,
    1373043270956696022,
]);

/// The same for z^(p²).
const FROBENIUS_TWICE: [Felt; FP5_ELEMENTS] = Felt::new_array([
    1,
    15820824984080659046,
    1373043270956696022,
    1041288259238279555,
    211587555138949697,
]);

/// One element of GF(p⁵), or [`LANES`] of them.
pub(crate) trait Lanes: PrimeCharacteristicRing + Copy {
    /// The curve's a, its coefficient of x².
    const A: Self = Self::TWO;

    /// One coefficient, or [`LANES`] of them.
    type Base: Algebra<Felt> + PackedValue<Value = Felt>;

    fn coefficients(&self) -> [Self::Base; FP5_ELEMENTS];
    fn from_coefficients(coefficients: [Self::Base; FP5_ELEMENTS]) -> Self;

    fn scaled_by(&self, factors: &[Felt; FP5_ELEMENTS]) -> Self {
        let c = self.coefficients();
        Self::from_coefficients(core::array::from_fn(|i| c[i] * factors[i]))
    }

    /// The element times the curve's b = 263z.
    fn mul_b(&self) -> Self {
        let c = self.coefficients();
        let three_b1 = B1 * Felt::new(3);
        Self::from_coefficients([c[4] * three_b1, c[0] * B1, c[1] * B1, c[2] * B1, c[3] * B1])
    }

    /// `(x^((r+1)/2), x^r)` with r = 1 + p + p² + p³ + p⁴. The second is the norm, in GF(p), and
    /// the square of the first is x times the norm.
    fn half_norm_power(&self) -> (Self, Self::Base) {
        // (p+1)/2 = 2³¹(2³² − 1) + 1
        let low = self.exp_power_of_2(31);
        let mut ones = low;
        for half in [1, 2, 4, 8, 16] {
            ones *= ones.exp_power_of_2(half);
        }
        let half = ones * *self;
        // (r+1)/2 = 1 + p(1 + p²)·(p+1)/2
        let conjugates = (half * half.scaled_by(&FROBENIUS_TWICE)).scaled_by(&FROBENIUS);
        let norm = base_coefficient_of_product(self, &conjugates.square());
        (*self * conjugates, norm)
    }

    /// x^r, the norm to GF(p), r as above; zero for zero only.
    fn norm(&self) -> Self::Base {
        base_coefficient_of_product(self, &self.norm_over_self())
    }

    /// x^(r−1), the product of the four other conjugates.
    fn norm_over_self(&self) -> Self {
        let two = (*self * self.scaled_by(&FROBENIUS)).scaled_by(&FROBENIUS);
        two * two.scaled_by(&FROBENIUS_TWICE)
    }
}

fn base_coefficient_of_product<L: Lanes>(a: &L, b: &L) -> L::Base {
    let (a, b) = (a.coefficients(), b.coefficients());
    let wrapped = L::Base::dot_product(&[a[1], a[2], a[3], a[4]], &[b[4], b[3], b[2], b[1]]);
    a[0] * b[0] + wrapped * Felt::new(3)
}

impl Lanes for Fp5 {
    type Base = Felt;

    #[inline]
    fn coefficients(&self) -> [Felt; FP5_ELEMENTS] {
        let c: &[Felt] = self.as_basis_coefficients_slice();
        [c[0], c[1], c[2], c[3], c[4]]
    }

    #[inline]
    fn from_coefficients(coefficients: [Felt; FP5_ELEMENTS]) -> Self {
        Self::new(coefficients)
    }
}

impl Lanes for PackedFp5 {
    type Base = PackedFelt;

    #[inline]
    fn coefficients(&self) -> [PackedFelt; FP5_ELEMENTS] {
        let c: &[PackedFelt] = self.as_basis_coefficients_slice();
        [c[0], c[1], c[2], c[3], c[4]]
    }

    #[inline]
    fn from_coefficients(coefficients: [PackedFelt; FP5_ELEMENTS]) -> Self {
        Self::new(coefficients)
    }
}

/// The coefficients of z⁰ to z⁴.
pub(crate) fn coefficients(element: &Fp5) -> [Felt; FP5_ELEMENTS] {
    Lanes::coefficients(element)
}

/// Packs `element(0), element(1), …` into the lanes.
#[inline]
pub(crate) fn pack(element: impl Fn(usize) -> Fp5) -> PackedFp5 {
    PackedFp5::from_ext_fn(element)
}

/// The elements in the lanes.
#[inline]
pub(crate) fn unpack(packed: &PackedFp5) -> [Fp5; LANES] {
    let c = packed.coefficients();
    core::array::from_fn(|lane| Fp5::new(core::array::from_fn(|i| c[i].as_slice()[lane])))
}

/// The inverse, or zero for zero, by Fermat: for secrets, at twice the cost of p3's.
pub(crate) fn inverse_constant_time(element: &Fp5) -> Fp5 {
    let cofactor = element.norm_over_self();
    let norm = base_coefficient_of_product(element, &cofactor);
    // p − 2 = (2³¹ − 1)·2³³ + (2³² − 1); `ones_k` is the norm to the power 2ᵏ − 1.
    let join = |high: Felt, low: Felt, bits| high.exp_power_of_2(bits) * low;
    let ones_3 = join(join(norm, norm, 1), norm, 1);
    let ones_6 = join(ones_3, ones_3, 3);
    let ones_12 = join(ones_6, ones_6, 6);
    let ones_24 = join(ones_12, ones_12, 12);
    let ones_31 = join(join(ones_24, ones_6, 6), norm, 1);
    let ones_32 = join(ones_31, norm, 1);
    cofactor * join(ones_31, ones_32, 33)
}

/// Replaces every element by its inverse: one inversion and three multiplications each. All must
/// be nonzero, else all come out as zero.
pub(crate) fn invert_all(elements: &mut [Fp5]) {
    let mut prefixes = Vec::with_capacity(elements.len());
    let mut product = Fp5::ONE;
    for element in elements.iter() {
        prefixes.push(product);
        product *= *element;
    }
    let mut suffix = product.try_inverse().unwrap_or(Fp5::ZERO);
    for (element, prefix) in elements.iter_mut().zip(prefixes).rev() {
        let inverse = prefix * suffix;
        suffix *= *element;
        *element = inverse;
    }
}

/// [`invert_all`] in every lane at once; `false`, with the elements unchanged, if one is zero.
pub(crate) fn invert_all_packed(elements: &mut [PackedFp5], scratch: &mut Vec<PackedFp5>) -> bool {
    scratch.clear();
    let mut product = PackedFp5::ONE;
    for element in elements.iter() {
        scratch.push(product);
        product *= *element;
    }
    let mut lanes = unpack(&product);
    if lanes.contains(&Fp5::ZERO) {
        return false;
    }
    invert_all(&mut lanes);
    let mut suffix = pack(|lane| lanes[lane]);
    for (element, prefix) in elements.iter_mut().zip(scratch.iter()).rev() {
        let inverse = *prefix * suffix;
        suffix *= *element;
        *element = inverse;
    }
    true
}
