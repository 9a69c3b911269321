//! Byte strings that enter the field: L1 addresses and 32-byte commitments, cut into limbs of at
//! most seven bytes, each limb a big-endian integer.

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};

use crate::felt::Felt;

/// Limbs of an address: 6, 7 and 7 bytes. The first leaves room for a record kind in its limb.
pub const ADDRESS_LIMBS: usize = 3;
/// Limbs of 32 bytes: 4, 7, 7, 7 and 7 bytes.
pub const BYTES32_LIMBS: usize = 5;

/// An L1 (Ethereum) address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Address(pub [u8; 20]);

/// Thirty-two opaque bytes: the memo of a payment, the provenance of a license.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Bytes32(pub [u8; 32]);

fn limb(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte))
}

fn put_limb(bytes: &mut [u8], limb: u64) -> bool {
    let unused = 8 - bytes.len();
    let word = limb.to_be_bytes();
    bytes.copy_from_slice(&word[unused..]);
    word[..unused].iter().all(|byte| *byte == 0)
}

impl Address {
    /// The limbs: bytes 0–5, 6–12 and 13–19.
    pub fn limbs(&self) -> [u64; ADDRESS_LIMBS] {
        [limb(&self.0[..6]), limb(&self.0[6..13]), limb(&self.0[13..])]
    }

    /// The address with these limbs; `None` if one is too large.
    pub fn from_limbs(limbs: [u64; ADDRESS_LIMBS]) -> Option<Self> {
        let mut bytes = [0; 20];
        let fits = put_limb(&mut bytes[..6], limbs[0])
            & put_limb(&mut bytes[6..13], limbs[1])
            & put_limb(&mut bytes[13..], limbs[2]);
        fits.then_some(Self(bytes))
    }

    /// The limbs as field elements.
    pub fn felts(&self) -> [Felt; ADDRESS_LIMBS] {
        self.limbs().map(Felt::from_u64)
    }
}

impl Bytes32 {
    /// The limbs: bytes 0–3, then four times seven bytes.
    pub fn limbs(&self) -> [u64; BYTES32_LIMBS] {
        core::array::from_fn(|i| limb(&self.0[Self::range(i)]))
    }

    /// The bytes with these limbs; `None` if one is too large.
    pub fn from_limbs(limbs: [u64; BYTES32_LIMBS]) -> Option<Self> {
        let mut bytes = [0; 32];
        let mut fits = true;
        for (i, value) in limbs.into_iter().enumerate() {
            fits &= put_limb(&mut bytes[Self::range(i)], value);
        }
        fits.then_some(Self(bytes))
    }

    /// The limbs as field elements.
    pub fn felts(&self) -> [Felt; BYTES32_LIMBS] {
        self.limbs().map(Felt::from_u64)
    }

    const fn range(i: usize) -> core::ops::Range<usize> {
        if i == 0 { 0..4 } else { 7 * i - 3..7 * i + 4 }
    }
}

macro_rules! hexadecimal {
    ($name:ident) => {
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(self, f)
            }
        }

        /// `0x` and two hexadecimal digits per byte.
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("0x")?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    };
}
hexadecimal!(Address);
hexadecimal!(Bytes32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limbs_are_big_endian_and_strict() {
        let address = Address(core::array::from_fn(|i| i as u8 + 1));
        assert_eq!(address.limbs(), [0x0102_0304_0506, 0x07_0809_0a0b_0c0d, 0x0e_0f10_1112_1314]);
        assert_eq!(Address::from_limbs(address.limbs()), Some(address));
        assert_eq!(Address::from_limbs([1 << 48, 0, 0]), None);
        assert_eq!(Address::from_limbs([0, 0, 1 << 56]), None);

        let bytes = Bytes32(core::array::from_fn(|i| i as u8));
        assert_eq!(bytes.limbs()[0], 0x0001_0203);
        assert_eq!(bytes.limbs()[4], 0x19_1a1b_1c1d_1e1f);
        assert_eq!(Bytes32::from_limbs(bytes.limbs()), Some(bytes));
        assert_eq!(Bytes32::from_limbs([1 << 32, 0, 0, 0, 0]), None);
    }
}
