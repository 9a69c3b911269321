//! Integers modulo the group order n, in Montgomery form, in constant time.

use core::ops::{Add, AddAssign, Mul, Neg, Sub};

use crypto_bigint::modular::{ConstMontyForm, ConstMontyParams};
use crypto_bigint::{U320, const_monty_params};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

const_monty_params!(
    Order,
    U320,
    "7ffffffd800000077ffffff1000000167fffffe6cfb80639e8885c39d724a09ce80fd996948bffe1"
);

/// 64-bit limbs of a scalar.
pub const SCALAR_LIMBS: usize = U320::LIMBS;
/// Bytes of an encoded scalar.
pub const SCALAR_BYTES: usize = 40;

const ORDER: U320 = *Order::PARAMS.modulus().as_ref();

/// An integer in `0..n`, n = 2³¹⁹ − … the prime order of the group (319 bits, above 2³¹⁸).
///
/// Arithmetic, encoding and decoding run in constant time.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scalar(ConstMontyForm<Order, SCALAR_LIMBS>);

impl Scalar {
    /// 0.
    pub const ZERO: Self = Self(ConstMontyForm::ZERO);
    /// 1.
    pub const ONE: Self = Self(ConstMontyForm::ONE);
    /// The group order n, least significant limb first.
    pub const ORDER: [u64; SCALAR_LIMBS] = ORDER.to_words();

    /// The scalar with these little-endian limbs; `None` if they make n or more.
    pub fn from_limbs(limbs: [u64; SCALAR_LIMBS]) -> Option<Self> {
        let integer = U320::from_words(limbs);
        (integer < ORDER).then(|| Self(ConstMontyForm::new(&integer)))
    }

    /// The integer with these little-endian limbs, reduced modulo n.
    pub const fn from_limbs_reduced(limbs: [u64; SCALAR_LIMBS]) -> Self {
        Self(ConstMontyForm::new(&U320::from_words(limbs)))
    }

    /// A 512-bit integer, little-endian words, reduced modulo n.
    pub fn from_wide(words: [u64; 8]) -> Self {
        const TWO_TO_320: Scalar = Scalar(ConstMontyForm::new(Scalar::ONE.0.as_montgomery()));
        let [a, b, c, d, e, f, g, h] = words;
        let high = Self::from_limbs_reduced([f, g, h, 0, 0]);
        Self::from_limbs_reduced([a, b, c, d, e]) + high * TWO_TO_320
    }

    /// A 256-bit integer, little-endian words; n > 2³¹⁸, so nothing is reduced.
    pub const fn from_words_256(words: [u64; 4]) -> Self {
        let [a, b, c, d] = words;
        Self::from_limbs_reduced([a, b, c, d, 0])
    }

    /// A 128-bit integer.
    pub const fn from_u128(value: u128) -> Self {
        Self::from_limbs_reduced([value as u64, (value >> 64) as u64, 0, 0, 0])
    }

    /// The canonical integer, least significant limb first.
    pub fn limbs(&self) -> [u64; SCALAR_LIMBS] {
        self.0.retrieve().to_words()
    }

    /// The canonical integer as 40 big-endian bytes.
    pub fn to_bytes(&self) -> [u8; SCALAR_BYTES] {
        let mut bytes = [0; SCALAR_BYTES];
        for (chunk, limb) in bytes.rchunks_exact_mut(8).zip(self.limbs()) {
            chunk.copy_from_slice(&limb.to_be_bytes());
        }
        bytes
    }

    /// Decodes [`Scalar::to_bytes`]; `None` for n and above.
    pub fn from_bytes(bytes: &[u8; SCALAR_BYTES]) -> Option<Self> {
        let mut limbs = [0; SCALAR_LIMBS];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.rchunks_exact(8)) {
            *limb = u64::from_be_bytes(chunk.try_into().ok()?);
        }
        Self::from_limbs(limbs)
    }

    /// Returns true for 0.
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl Add for Scalar {
    type Output = Self;

    fn add(self, rhs: Self) -> Self {
        Self(self.0.add(&rhs.0))
    }
}

impl AddAssign for Scalar {
    fn add_assign(&mut self, rhs: Self) {
        *self = *self + rhs;
    }
}

impl Sub for Scalar {
    type Output = Self;

    fn sub(self, rhs: Self) -> Self {
        Self(self.0.sub(&rhs.0))
    }
}

impl Mul for Scalar {
    type Output = Self;

    fn mul(self, rhs: Self) -> Self {
        Self(self.0.mul(&rhs.0))
    }
}

impl Neg for Scalar {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.neg())
    }
}

impl Zeroize for Scalar {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// As five words, least significant first.
impl Serialize for Scalar {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.limbs().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let limbs = <[u64; SCALAR_LIMBS]>::deserialize(deserializer)?;
        Self::from_limbs(limbs).ok_or_else(|| serde::de::Error::custom("scalar is not below n"))
    }
}

impl core::hash::Hash for Scalar {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.limbs().hash(state);
    }
}

/// The canonical integer in hexadecimal; secrets are never printed, see [`crate::SecretKey`].
impl core::fmt::Debug for Scalar {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("0x")?;
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Digits `d` of `width` bits with Σ d·2^(width·i) = the integer, each in
/// `−2^(width−1) < d ≤ 2^(width−1)`. Constant time. `COUNT·width` must exceed the integer's bits.
pub(crate) fn signed_digits<const COUNT: usize>(
    limbs: &[u64; SCALAR_LIMBS],
    width: u32,
) -> [i16; COUNT] {
    let mut carry = 0;
    core::array::from_fn(|i| signed_digit(limbs, width, i as u32, &mut carry))
}

/// Digit `index` of [`signed_digits`]; `carry` starts at zero and goes from digit to digit.
pub(crate) fn signed_digit(
    limbs: &[u64; SCALAR_LIMBS],
    width: u32,
    index: u32,
    carry: &mut i32,
) -> i16 {
    debug_assert!(0 < width && width < 16);
    let from = index * width;
    let (word, shift) = ((from / 64) as usize, from % 64);
    let low = limbs.get(word).copied().unwrap_or(0);
    let high = limbs.get(word + 1).copied().unwrap_or(0);
    let window = (u128::from(low) | u128::from(high) << 64) >> shift;
    let digit = (window & ((1 << width) - 1)) as i32 + *carry;
    *carry = (digit + (1 << (width - 1)) - 1) >> width;
    (digit - (*carry << width)) as i16
}

/// Width-`width` non-adjacent form, least significant first: nonzero digits are odd, below
/// 2^(width−1) in size, and at least `width` places apart. Variable time.
pub(crate) fn non_adjacent_form(limbs: &[u64; SCALAR_LIMBS], width: u32) -> [i8; 321] {
    debug_assert!((2..8).contains(&width));
    let mut digits = [0; 321];
    let (mut position, mut carry) = (0u32, 0i32);
    while position < 321 {
        let (word, shift) = ((position / 64) as usize, position % 64);
        let low = limbs.get(word).copied().unwrap_or(0);
        let high = limbs.get(word + 1).copied().unwrap_or(0);
        let bits = ((u128::from(low) | u128::from(high) << 64) >> shift) as u64;
        if (bits & 1) as i32 == carry {
            position += 1;
            continue;
        }
        let window = (bits & ((1 << width) - 1)) as i32 + carry;
        carry = i32::from(window >= 1 << (width - 1));
        digits[position as usize] = (window - (carry << width)) as i8;
        position += width;
    }
    digits
}
