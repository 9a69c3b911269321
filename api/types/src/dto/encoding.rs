//! Values in JSON: numbers that may pass 2⁵³ as a decimal string, bytes as `0x` and hexadecimal
//! digits of either case. A number has one spelling; anything else is refused with what was
//! expected.

use std::fmt;
use std::str::FromStr;

use farthing_protocol::{
    Address, AddressTextError, Amount, BaseUnits, BatchNumber, BlockNumber, Bytes32, Digest, Fee,
    Felt, IntentId, Nano, Nonce, OutOfRange, Price, PublicKey, QueueIndex, SIGNATURE_BYTES,
    ShortDigest, Signature, felt_from_canonical,
};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A quantity as a decimal string: JavaScript would round a number above 2⁵³.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal<T>(pub T);

/// Bytes as `0x` and two hexadecimal digits each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex<T>(pub T);

/// Why a text is not a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// Not the decimal digits of an integer, without sign and leading zeros.
    #[error("expected a whole number in decimal digits, without sign or leading zeros")]
    NotDecimal,
    /// A number outside the type's range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// Not `0x` and hexadecimal digits.
    #[error("expected 0x and hexadecimal digits, two for each byte")]
    NotHexadecimal,
    /// Another number of bytes.
    #[error("{got} bytes, expected {expected}")]
    Length {
        /// The number of bytes of the type.
        expected: usize,
        /// The number given.
        got: usize,
    },
    /// An address in upper and lower case whose case is not its checksum.
    #[error(transparent)]
    Checksum(AddressTextError),
    /// The bytes are not the canonical encoding of any value of the type.
    #[error("these bytes are not a canonical {what}")]
    NotCanonical {
        /// The type.
        what: &'static str,
    },
}

/// A type that stands in JSON as a decimal string.
pub trait DecimalText: Copy + TryFrom<u64, Error = OutOfRange> + Into<u64> {
    /// The name in the OpenAPI document.
    const NAME: &'static str;
    /// The description, for the document.
    const DESCRIPTION: &'static str;
    /// The largest value, for the document.
    const MAX: u64;
}

/// A type that stands in JSON as hexadecimal digits.
pub trait HexText: Sized {
    /// The name in the OpenAPI document.
    const NAME: &'static str;
    /// The description, for the document.
    const DESCRIPTION: &'static str;
    /// The number of bytes; `None` if it varies.
    const LENGTH: Option<usize>;

    /// The bytes.
    fn to_vec(&self) -> Vec<u8>;

    /// The value of these bytes; their number is [`HexText::LENGTH`].
    fn from_slice(bytes: &[u8]) -> Option<Self>;

    /// Checks what the spelling says besides the bytes.
    fn check_spelling(_text: &str) -> Result<(), TextError> {
        Ok(())
    }
}

macro_rules! decimal_text {
    ($($type:ident: $description:literal,)*) => {$(
        impl DecimalText for $type {
            const NAME: &'static str = stringify!($type);
            const DESCRIPTION: &'static str = $description;
            const MAX: u64 = <$type>::MAX.get() as u64;
        }
    )*};
}

decimal_text! {
    Nano: "Nano-units (10⁻⁹ of the settlement token) that an account or a vault holds.",
    Amount: "Nano-units that one intent moves, less than 2⁴⁶.",
    Fee: "Nano-units paid to the operator, less than 2³².",
    Price: "Nano-units per use, less than 2⁴⁰.",
    Nonce: "The intent's number within its account: unused, and above those of sealed batches.",
    BaseUnits: "Base units (10⁻⁶) of the settlement token.",
    BatchNumber: "The number of a batch; the first is 0.",
    BlockNumber: "The number of a block; the first is 1.",
    QueueIndex: "The number of an entry in the L1 queue; the first is 0.",
}

macro_rules! hex_text {
    ($($type:ident, $length:literal, $to:expr, $from:expr, $description:literal;)*) => {$(
        impl HexText for $type {
            const NAME: &'static str = stringify!($type);
            const DESCRIPTION: &'static str = $description;
            const LENGTH: Option<usize> = Some($length);
            fn to_vec(&self) -> Vec<u8> {
                let encode: fn(&Self) -> [u8; $length] = $to;
                encode(self).to_vec()
            }
            fn from_slice(bytes: &[u8]) -> Option<Self> {
                let decode: fn(&[u8; $length]) -> Option<Self> = $from;
                decode(bytes.try_into().ok()?)
            }
        }
    )*};
}

hex_text! {
    Digest, 32, Digest::to_bytes, Digest::from_bytes,
        "A Poseidon2 digest: four field elements of eight big-endian bytes.";
    ShortDigest, 24, ShortDigest::to_bytes, ShortDigest::from_bytes,
        "An account or a license by the name that intents sign: the first three elements of the \
         account's identity or of the license's origin, of eight big-endian bytes each.";
    IntentId, 32, |id: &IntentId| id.0.to_bytes(), |bytes| Digest::from_bytes(bytes).map(IntentId),
        "The id of an intent: a hash of its domain and message.";
    Bytes32, 32, |bytes: &Bytes32| bytes.0, |bytes: &[u8; 32]| Some(Bytes32(*bytes)),
        "Thirty-two opaque bytes.";
    PublicKey, 40, PublicKey::to_bytes, |bytes| PublicKey::from_bytes(bytes).ok(),
        "An L2 public key: five field elements of eight big-endian bytes.";
    Signature, 80, Signature::to_bytes,
        |bytes: &[u8; SIGNATURE_BYTES]| Signature::from_bytes(bytes).ok(),
        "A Schnorr signature: the nonce point (40 bytes), then the response (40 bytes).";
    Felt, 8, |felt: &Felt| farthing_protocol::canonical(*felt).to_be_bytes(),
        |bytes: &[u8; 8]| felt_from_canonical(u64::from_be_bytes(*bytes)),
        "An element of the Goldilocks field, eight big-endian bytes.";
}

impl HexText for Address {
    const NAME: &'static str = "Address";
    const DESCRIPTION: &'static str =
        "An Ethereum address. Written in upper and lower case, its case is the EIP-55 checksum.";
    const LENGTH: Option<usize> = Some(20);
    fn to_vec(&self) -> Vec<u8> {
        self.0.to_vec()
    }
    fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
    fn check_spelling(text: &str) -> Result<(), TextError> {
        text.parse::<Self>().map(|_| ()).map_err(TextError::Checksum)
    }
}

impl HexText for Vec<u8> {
    const NAME: &'static str = "Bytes";
    const DESCRIPTION: &'static str = "Bytes of any length.";
    const LENGTH: Option<usize> = None;
    fn to_vec(&self) -> Vec<u8> {
        self.clone()
    }
    fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(bytes.to_vec())
    }
}

impl<T: DecimalText> FromStr for Decimal<T> {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, TextError> {
        let canonical = text == "0" || !text.starts_with('0');
        if text.is_empty() || !canonical || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TextError::NotDecimal);
        }
        // Twenty digits and more are out of every range.
        let value = text.parse::<u64>().unwrap_or(u64::MAX);
        Ok(Self(T::try_from(value)?))
    }
}

impl<T: HexText> FromStr for Hex<T> {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, TextError> {
        let digits = text.strip_prefix("0x").ok_or(TextError::NotHexadecimal)?;
        let bytes = hex::decode(digits).map_err(|_| TextError::NotHexadecimal)?;
        if let Some(expected) = T::LENGTH.filter(|expected| *expected != bytes.len()) {
            return Err(TextError::Length { expected, got: bytes.len() });
        }
        let value = T::from_slice(&bytes).ok_or(TextError::NotCanonical { what: T::NAME })?;
        T::check_spelling(text)?;
        Ok(Self(value))
    }
}

impl<T: DecimalText> fmt::Display for Decimal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.into().fmt(f)
    }
}

impl<T: HexText> fmt::Display for Hex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0.to_vec()))
    }
}

impl<T> From<T> for Decimal<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> From<T> for Hex<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// Reads a string and parses it.
struct TextVisitor<T>(std::marker::PhantomData<T>, &'static str);

impl<T: FromStr<Err = TextError>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as a string", self.1)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|error| E::custom(format_args!("{}: {error}", self.1)))
    }
}

macro_rules! text_in_serde {
    ($wrapper:ident, $bound:ident) => {
        impl<T: $bound> Serialize for $wrapper<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de, T: $bound> Deserialize<'de> for $wrapper<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(TextVisitor(std::marker::PhantomData, T::NAME))
            }
        }
    };
}
text_in_serde!(Decimal, DecimalText);
text_in_serde!(Hex, HexText);
