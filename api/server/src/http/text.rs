//! Values in paths and queries, as strict as in bodies: each value has one spelling.

use std::fmt;

use farthing_api_types::dto::{Hex, HexText, TextError};
use farthing_protocol::{NotAStage, Stage};
use thiserror::Error;

/// A value that a part of a path or a parameter of a query spells.
pub(crate) trait ParamText: Sized {
    /// The error, which says what was expected.
    type Error: fmt::Display;

    /// The value of a text whose escapes are decoded.
    fn parse(text: &str) -> Result<Self, Self::Error>;
}

/// A text is not a whole number of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a whole number from 0 to {max} in decimal digits, without sign or leading zeros")]
pub(crate) struct NotAWholeNumber {
    max: u64,
}

macro_rules! whole_numbers {
    ($($type:ty),+) => {$(
        impl ParamText for $type {
            type Error = NotAWholeNumber;
            fn parse(text: &str) -> Result<Self, NotAWholeNumber> {
                let canonical = text == "0" || !text.starts_with('0');
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                let refused = NotAWholeNumber { max: u64::from(Self::MAX) };
                // Digits alone: a text that does not parse is too large.
                let value = text.parse().ok().filter(|_| canonical && digits);
                value.ok_or(refused)
            }
        }
    )+};
}
whole_numbers!(u32, u64);

impl<T: HexText> ParamText for Hex<T> {
    type Error = TextError;
    fn parse(text: &str) -> Result<Self, TextError> {
        text.parse()
    }
}

impl ParamText for Stage {
    type Error = NotAStage;
    fn parse(text: &str) -> Result<Self, NotAStage> {
        text.parse()
    }
}

impl ParamText for String {
    type Error = std::convert::Infallible;
    fn parse(text: &str) -> Result<Self, Self::Error> {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use farthing_api_types::dto::WireAddress;

    use super::*;

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(u32::parse("0"), Ok(0));
        assert_eq!(u32::parse("4294967295"), Ok(u32::MAX));
        assert_eq!(u64::parse("18446744073709551615"), Ok(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", " 1", "1 ", "1.0", "1e3", "0x1", "1_0", "١"] {
            assert_eq!(u32::parse(bad), Err(NotAWholeNumber { max: u32::MAX.into() }), "{bad}");
            assert!(u64::parse(bad).is_err(), "{bad}");
        }
        assert!(u32::parse("4294967296").is_err() && u64::parse("18446744073709551616").is_err());
        assert!(WireAddress::parse("0x00").is_err());
    }
}
