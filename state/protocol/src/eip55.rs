//! Addresses as text: `0x` and 40 hexadecimal digits. Mixed letters carry the checksum of EIP-55.

use core::fmt;
use core::str::FromStr;

use sha3::{Digest as _, Keccak256};
use thiserror::Error;

use crate::bytes::Address;

/// Hexadecimal digits of an address.
const DIGITS: usize = 40;

/// A text that is not an L1 address. The correct letters are not part of the error: a reader would
/// copy them over a digit that was mistyped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AddressTextError {
    /// Not `0x` and hexadecimal digits.
    #[error("expected 0x and 40 hexadecimal digits")]
    Syntax,
    /// Another number of digits.
    #[error("expected 0x and 40 hexadecimal digits, got {got} digits")]
    Length {
        /// The number of digits after `0x`.
        got: usize,
    },
    /// Upper- and lower-case letters are mixed, but not as the checksum says.
    #[error(
        "the letters do not carry the checksum of EIP-55: a digit was mistyped; \
         compare the address with its source"
    )]
    Checksum,
}

/// Reads `0x` and 40 digits. Digits whose letters are all of one case carry no checksum; mixed
/// letters must be those of [`Address::to_eip55`].
impl FromStr for Address {
    type Err = AddressTextError;

    fn from_str(text: &str) -> Result<Self, AddressTextError> {
        let digits = text.strip_prefix("0x").ok_or(AddressTextError::Syntax)?.as_bytes();
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(AddressTextError::Syntax);
        }
        if digits.len() != DIGITS {
            return Err(AddressTextError::Length { got: digits.len() });
        }
        let mut address = Self::default();
        for (byte, pair) in address.0.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair.iter().fold(0, |value, digit| (value << 4) | nibble(*digit));
        }
        let mixed =
            digits.iter().any(u8::is_ascii_uppercase) && digits.iter().any(u8::is_ascii_lowercase);
        match mixed && digits != address.eip55_digits() {
            true => Err(AddressTextError::Checksum),
            false => Ok(address),
        }
    }
}

/// The value of a hexadecimal digit.
const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

/// An address whose letters carry the checksum of EIP-55.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eip55([u8; DIGITS]);

impl fmt::Display for Eip55 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|digit| fmt::Write::write_char(f, char::from(*digit)))
    }
}

impl Address {
    /// The address of no one: what is paid to it is lost, and the settlement token refuses it.
    pub const ZERO: Self = Self([0; 20]);

    /// The address with the checksum of EIP-55.
    pub fn to_eip55(&self) -> Eip55 {
        Eip55(self.eip55_digits())
    }

    /// A letter is upper case where the digit of keccak256(the digits in lower case) at its place is
    /// 8 or more.
    fn eip55_digits(&self) -> [u8; DIGITS] {
        let digit =
            |byte: u8, index: usize| if index.is_multiple_of(2) { byte >> 4 } else { byte & 15 };
        let mut digits = [0; DIGITS];
        for (index, slot) in digits.iter_mut().enumerate() {
            let value = digit(self.0[index / 2], index);
            *slot = if value < 10 { b'0' + value } else { b'a' + value - 10 };
        }
        let hash = Keccak256::digest(digits);
        for (index, slot) in digits.iter_mut().enumerate() {
            if digit(hash[index / 2], index) >= 8 {
                slot.make_ascii_uppercase();
            }
        }
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test cases of EIP-55.
    const EXAMPLES: [&str; 8] = [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn the_examples_of_eip_55_are_read_and_written() -> Result<(), AddressTextError> {
        for text in EXAMPLES {
            let address: Address = text.parse()?;
            assert_eq!(address.to_eip55().to_string(), text);
            let lower = text.to_ascii_lowercase();
            assert_eq!(lower.parse(), Ok(address));
            assert_eq!(format!("0x{}", lower[2..].to_ascii_uppercase()).parse(), Ok(address));
            assert_eq!(address.to_string(), lower);
        }
        Ok(())
    }

    /// No letter of a checksummed address can change its case while both cases remain.
    #[test]
    fn every_changed_letter_is_refused() {
        for text in &EXAMPLES[4..] {
            for (index, _) in text.char_indices().skip(2).filter(|(_, c)| c.is_ascii_alphabetic()) {
                let mut changed = text.as_bytes().to_vec();
                changed[index] ^= 0x20;
                let changed = String::from_utf8_lossy(&changed);
                assert_eq!(
                    changed.parse::<Address>(),
                    Err(AddressTextError::Checksum),
                    "{changed}"
                );
            }
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let digits = "ab".repeat(20);
        for bad in ["", "0x", digits.as_str(), &format!("0X{digits}"), &format!("0x{digits} ")] {
            let error = bad.parse::<Address>();
            assert!(
                matches!(
                    error,
                    Err(AddressTextError::Syntax | AddressTextError::Length { got: 0 })
                ),
                "{bad}"
            );
        }
        assert_eq!(
            format!("0x{}", "é".repeat(20)).parse::<Address>(),
            Err(AddressTextError::Syntax)
        );
        let short = format!("0x{}", &digits[1..]);
        assert_eq!(short.parse::<Address>(), Err(AddressTextError::Length { got: 39 }));
    }
}
