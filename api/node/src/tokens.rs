//! Amounts in tokens as people write them, with up to nine decimals.

use std::str::FromStr;

use farthing_protocol::{Amount, OutOfRange};
use thiserror::Error;

/// Decimals of a nano-unit.
const DECIMALS: usize = 9;

/// An amount in tokens: `0.25`, or `250000000n` in nano-units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tokens(pub(crate) Amount);

/// A text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum TokensError {
    #[error("expected tokens with up to 9 decimals, such as 0.25, or nano-units, such as 5000n")]
    Syntax,
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

impl FromStr for Tokens {
    type Err = TokensError;
    fn from_str(text: &str) -> Result<Self, TokensError> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let nano = match text.strip_suffix('n') {
            Some(nano) if digits(nano) => nano.to_owned(),
            Some(_) => return Err(TokensError::Syntax),
            None => {
                let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
                if !digits(whole) || !digits(rest) || rest.len() > DECIMALS {
                    return Err(TokensError::Syntax);
                }
                format!("{whole}{rest:0<DECIMALS$}")
            }
        };
        // Twenty digits and more are out of range too.
        Ok(Self(Amount::new(nano.parse().unwrap_or(u64::MAX))?))
    }
}

/// Nano-units as tokens.
pub(crate) fn tokens(nano: impl Into<u128>) -> String {
    let (nano, one) = (nano.into(), 10u128.pow(DECIMALS as u32));
    let text = format!("{}.{:09}", nano / one, nano % one);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_and_written() {
        let nano = |text: &str| text.parse::<Tokens>().map(|tokens| tokens.0.get()).ok();
        for (text, value) in [
            ("0.25", 250_000_000),
            ("1", 1_000_000_000),
            ("0.000000001", 1),
            ("5000n", 5_000),
            ("70368.744177663", (1 << 46) - 1),
        ] {
            assert_eq!(nano(text), Some(value), "{text}");
        }
        for bad in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "1e3",
            "0.0000000001",
            "n",
            "1.5n",
            "70369",
            "99999999999999999999",
        ] {
            assert_eq!(nano(bad), None, "{bad}");
        }
        assert_eq!(
            [250_000_000, 0, 1, 3_000_000_000, u64::MAX].map(tokens),
            ["0.25", "0", "0.000000001", "3", "18446744073.709551615"]
        );
    }
}
