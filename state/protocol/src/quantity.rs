//! Newtypes for ids, amounts, shares, nonces and times. Each holds only values in its range; the
//! arithmetic offered is checked, and returns the type whose range the result has.

use core::fmt;

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::felt::Felt;
use crate::limits::{
    AMOUNT_BITS, BALANCE_BITS, FEE_BITS, NANO_PER_BASE_UNIT, NONCE_BITS, PRICE_BITS, SHARES_TOTAL,
    TIME_BITS, USES_BITS,
};

/// A value outside the range of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{quantity} is {got}, expected {min} to {max}")]
pub struct OutOfRange {
    /// The type's name.
    pub quantity: &'static str,
    /// The value given.
    pub got: u64,
    /// The smallest value allowed.
    pub min: u64,
    /// The largest value allowed.
    pub max: u64,
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident($inner:ty) in $min:expr => $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name($inner);

        impl $name {
            /// The smallest value.
            pub const MIN: Self = Self($min as $inner);
            /// The largest value.
            pub const MAX: Self = Self($max as $inner);

            /// The quantity `value`, or an error that states the range.
            pub const fn new(value: u64) -> Result<Self, OutOfRange> {
                if value < $min as u64 || value > $max as u64 {
                    return Err(OutOfRange {
                        quantity: stringify!($name),
                        got: value,
                        min: $min as u64,
                        max: $max as u64,
                    });
                }
                Ok(Self(value as $inner))
            }

            /// The value as an integer.
            pub const fn get(self) -> $inner {
                self.0
            }

            /// The value as a field element.
            pub fn felt(self) -> Felt {
                Felt::from_u64(u64::from(self.0))
            }
        }

        impl TryFrom<u64> for $name {
            type Error = OutOfRange;
            fn try_from(value: u64) -> Result<Self, OutOfRange> {
                Self::new(value)
            }
        }

        impl From<$name> for u64 {
            fn from(value: $name) -> u64 {
                u64::from(value.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

quantity! {
    /// The number of an account: its index in the accounts tree.
    AccountId(u32) in 0 => u32::MAX
}
quantity! {
    /// The number of a license: its index in the licenses tree.
    LicenseId(u32) in 0 => u32::MAX
}
quantity! {
    /// Nano-units that an account or a vault holds: less than 2⁶².
    Nano(u64) in 0 => (1u64 << BALANCE_BITS) - 1
}
quantity! {
    /// Nano-units that one intent or deposit moves: less than 2⁴⁶.
    Amount(u64) in 0 => (1u64 << AMOUNT_BITS) - 1
}
quantity! {
    /// Nano-units paid to the operator for an intent: less than 2³².
    Fee(u32) in 0 => ((1u64 << FEE_BITS) - 1)
}
quantity! {
    /// Nano-units per use of a license: less than 2⁴⁰.
    Price(u64) in 0 => (1u64 << PRICE_BITS) - 1
}
quantity! {
    /// Uses that a payment is for: 1 to 2²³.
    Uses(u32) in 1 => 1u64 << USES_BITS
}
quantity! {
    /// Shares of a license, out of 1,000,000.
    Shares(u32) in 0 => SHARES_TOTAL
}
quantity! {
    /// An intent's number within its account: less than 2⁶², strictly increasing, gaps allowed.
    Nonce(u64) in 0 => (1u64 << NONCE_BITS) - 1
}
quantity! {
    /// Seconds since 1970-01-01T00:00:00Z: less than 2⁴⁰.
    UnixTime(u64) in 0 => (1u64 << TIME_BITS) - 1
}
quantity! {
    /// The number of a batch; the first is 0.
    BatchNumber(u64) in 0 => (1u64 << NONCE_BITS) - 1
}
quantity! {
    /// The number of a block of batches under one proof; the first is 1.
    BlockNumber(u64) in 1 => 1u64 << NONCE_BITS
}
quantity! {
    /// Base units of the settlement token, its own unit on L1: less than 2⁵³, so that they are a [`Nano`].
    BaseUnits(u64) in 0 => ((1u64 << BALANCE_BITS) - 1) / NANO_PER_BASE_UNIT
}
quantity! {
    /// The number of an entry in the L1 queue; the first is 0.
    QueueIndex(u64) in 0 => (1u64 << NONCE_BITS) - 1
}

/// Every `u32` is an account id.
impl From<u32> for AccountId {
    fn from(id: u32) -> Self {
        Self(id)
    }
}

/// Every `u32` is a license id.
impl From<u32> for LicenseId {
    fn from(id: u32) -> Self {
        Self(id)
    }
}

impl AccountId {
    /// The operator's account: receives every fee.
    pub const OPERATOR: Self = Self(0);
}

impl Nano {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// The sum; `None` if it is not less than 2⁶².
    pub fn checked_add(self, other: impl Into<Self>) -> Option<Self> {
        Self::new(self.0 + other.into().0).ok()
    }

    /// The difference; `None` if it would be negative.
    pub fn checked_sub(self, other: impl Into<Self>) -> Option<Self> {
        self.0.checked_sub(other.into().0).map(Self)
    }

    /// The largest multiple of one base unit (1,000 nano) that is not larger, in base units.
    pub const fn base_units(self) -> u64 {
        self.0 / NANO_PER_BASE_UNIT
    }

    /// The rest beyond whole base units.
    pub const fn sub_unit(self) -> Self {
        Self(self.0 % NANO_PER_BASE_UNIT)
    }
}

impl From<u8> for Nano {
    fn from(value: u8) -> Self {
        Self(u64::from(value))
    }
}

impl From<Amount> for Nano {
    fn from(amount: Amount) -> Self {
        Self(amount.0)
    }
}

impl From<Fee> for Nano {
    fn from(fee: Fee) -> Self {
        Self(u64::from(fee.0))
    }
}

impl Amount {
    /// The debit of an intent: the amount and the fee.
    pub fn with_fee(self, fee: Fee) -> Nano {
        Nano(self.0 + u64::from(fee.0))
    }
}

impl Price {
    /// The price of `uses` uses; an error if it is not an [`Amount`].
    pub fn times(self, uses: Uses) -> Result<Amount, OutOfRange> {
        Amount::new(self.0 * u64::from(uses.0))
    }
}

impl Shares {
    /// No shares.
    pub const ZERO: Self = Self(0);
}

impl BatchNumber {
    /// The number of the batch after this one; saturates after 2⁶² batches.
    pub fn next(self) -> Self {
        Self::new(self.0 + 1).unwrap_or(Self::MAX)
    }
}

impl BlockNumber {
    /// The first block.
    pub const FIRST: Self = Self::MIN;

    /// The number of the block after this one; saturates after 2⁶² blocks.
    pub fn next(self) -> Self {
        Self::new(self.0 + 1).unwrap_or(Self::MAX)
    }

    /// The number of the block before this one; `None` of the first.
    pub fn previous(self) -> Option<Self> {
        Self::new(self.0 - 1).ok()
    }
}

impl BaseUnits {
    /// The same amount in nano-units.
    pub const fn nano(self) -> Nano {
        Nano(self.0 * NANO_PER_BASE_UNIT)
    }
}

impl QueueIndex {
    /// The index `count` entries later; saturates after 2⁶² entries.
    pub fn advance(self, count: u64) -> Self {
        Self::new(self.0.saturating_add(count)).unwrap_or(Self::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_closed_at_both_ends() {
        assert_eq!(Amount::new((1 << 46) - 1).map(Amount::get), Ok((1 << 46) - 1));
        assert_eq!(
            Amount::new(1 << 46),
            Err(OutOfRange { quantity: "Amount", got: 1 << 46, min: 0, max: (1 << 46) - 1 })
        );
        assert!(Uses::new(0).is_err() && Uses::new(1).is_ok());
        assert!(Uses::new(1 << 23).is_ok() && Uses::new((1 << 23) + 1).is_err());
        assert!(AccountId::new(u64::from(u32::MAX)).is_ok() && AccountId::new(1 << 32).is_err());
        assert!(Nano::new(1 << 62).is_err() && Fee::new(1 << 32).is_err());
        assert!(Shares::new(1_000_000).is_ok() && Shares::new(1_000_001).is_err());
    }

    #[test]
    fn arithmetic_is_checked() {
        assert_eq!(Nano::MAX.checked_add(Nano(1)), None);
        assert_eq!(Nano(1).checked_sub(Nano(2)), None);
        assert_eq!(Price::MAX.times(Uses::MAX).map_err(|e| e.quantity), Err("Amount"));
        assert_eq!(Price(3).times(Uses(7)), Ok(Amount(21)));
        assert_eq!((Nano(2999).base_units(), Nano(2999).sub_unit()), (2, Nano(999)));
        assert_eq!(Amount::MAX.with_fee(Fee::MAX).get(), (1 << 46) + (1 << 32) - 2);
    }

    #[test]
    fn serde_refuses_what_is_out_of_range() {
        assert!(serde_json::from_str::<Amount>("70368744177663").is_ok());
        assert!(serde_json::from_str::<Amount>("70368744177664").is_err());
    }
}
