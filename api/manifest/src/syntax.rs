//! Syntax of the texts of a manifest.

use std::fmt;

use crate::error::{FieldProblem, ManifestError};
use crate::reader::At;
use crate::sha256::Sha256;

/// The bytes of a title, a name or an identifier: a line or two of a page.
pub(crate) const NAME_BYTES_MAX: usize = 256;
/// The bytes of a text that people read, such as an attribution.
pub(crate) const TEXT_BYTES_MAX: usize = 1024;
/// The bytes of a URL: browsers and proxies take at least as many.
pub(crate) const URL_BYTES_MAX: usize = 2048;
/// The digits of an amount in nano: 2⁶⁴ has 20.
const AMOUNT_DIGITS_MAX: usize = 19;

/// A text of one line that people read.
pub(crate) fn line(at: At<'_>, most: usize) -> Result<String, ManifestError> {
    let text = at.text()?;
    if text.len() > most {
        return Err(at.refuse(FieldProblem::Long { got: text.len(), most }));
    }
    if text.is_empty() || text.trim() != text {
        return Err(at.refuse(FieldProblem::Blank));
    }
    match text.chars().find(|character| !printed(*character)) {
        None => Ok(text.to_owned()),
        Some(character) => {
            Err(at.refuse(FieldProblem::Character { character: u32::from(character) }))
        }
    }
}

/// A name or a title.
pub(crate) fn name(at: At<'_>) -> Result<String, ManifestError> {
    line(at, NAME_BYTES_MAX)
}

/// False for characters that XML 1.0 cannot hold, that are not printed, or that show text in another
/// order than it has: with those, two names look the same.
fn printed(character: char) -> bool {
    let code = u32::from(character);
    !(character.is_control()
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}')
        || matches!(character, '\u{fdd0}'..='\u{fdef}')
        || code & 0xfffe == 0xfffe)
}

/// A URL that a page may link to: it cannot hold a script, nor leave an attribute.
pub(crate) fn url(at: At<'_>) -> Result<String, ManifestError> {
    uri(at, &["https://", "ipfs://", "ar://"], "a URL that begins with https://, ipfs:// or ar://")
}

/// The name of a party in a system of names.
pub(crate) fn party(at: At<'_>) -> Result<String, ManifestError> {
    uri(at, &["https://", "did:"], "a DID, or a URL that begins with https://")
}

/// A printed ASCII text after one of the prefixes, without the characters that RFC 3986 excludes.
fn uri(at: At<'_>, prefixes: &[&str], expected: &'static str) -> Result<String, ManifestError> {
    let text = at.text()?;
    if text.len() > URL_BYTES_MAX {
        return Err(at.refuse(FieldProblem::Long { got: text.len(), most: URL_BYTES_MAX }));
    }
    let rest = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix));
    let excluded = |byte| {
        matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
    };
    let allowed = |byte: u8| byte.is_ascii_graphic() && !excluded(byte);
    match rest {
        Some(rest) if !rest.is_empty() && rest.bytes().all(allowed) => Ok(text.to_owned()),
        _ => Err(at.refuse(FieldProblem::Syntax { expected })),
    }
}

/// A SHA-256 hash.
pub(crate) fn sha256(at: At<'_>) -> Result<Sha256, ManifestError> {
    let expected = "64 lowercase hexadecimal digits";
    Sha256::from_digits(at.text()?).ok_or_else(|| at.refuse(FieldProblem::Syntax { expected }))
}

/// A text that `follows` its syntax.
pub(crate) fn token(
    at: At<'_>,
    expected: &'static str,
    follows: impl FnOnce(&str) -> bool,
) -> Result<String, ManifestError> {
    let text = at.text()?;
    match follows(text) {
        true => Ok(text.to_owned()),
        false => Err(at.refuse(FieldProblem::Syntax { expected })),
    }
}

/// A media type without parameters (RFC 6838).
pub(crate) fn media_type(at: At<'_>) -> Result<String, ManifestError> {
    let part = |part: &str| {
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&-^_.+".contains(&byte)
        };
        part.starts_with(|first: char| first.is_ascii_alphanumeric())
            && part.len() <= 127
            && part.bytes().all(allowed)
    };
    token(at, "a media type in lowercase, such as image/png", |text| {
        text.split_once('/').is_some_and(|(kind, subtype)| part(kind) && part(subtype))
    })
}

/// An amount in nano, in decimal digits.
pub(crate) fn amount(at: At<'_>) -> Result<u64, ManifestError> {
    let expected = "an amount in nano: decimal digits without leading zeros, below 10^19";
    let text = at.text()?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text == "0" || !text.starts_with('0');
    let value = text.parse().ok().filter(|_| digits && plain && text.len() <= AMOUNT_DIGITS_MAX);
    value.ok_or_else(|| at.refuse(FieldProblem::Syntax { expected }))
}

/// An ISO 3166-1 country.
pub(crate) fn country(at: At<'_>) -> Result<String, ManifestError> {
    token(at, "an ISO 3166-1 country: two capital letters", |text| capitals(text, 2))
}

/// An ISO 4217 currency.
pub(crate) fn currency(at: At<'_>) -> Result<String, ManifestError> {
    token(at, "an ISO 4217 currency: three capital letters", |text| capitals(text, 3))
}

fn capitals(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// An L1 address. Lowercase: one address has one form.
pub(crate) fn address(at: At<'_>) -> Result<String, ManifestError> {
    token(at, "0x and 40 lowercase hexadecimal digits", is_address)
}

fn is_address(text: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or_default();
    digits.len() == 40 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// An ERC-20 token as CAIP-19 names it.
pub(crate) fn asset(at: At<'_>) -> Result<String, ManifestError> {
    let expected = "an ERC-20 token as CAIP-19 names it, in lowercase: eip155:1/erc20:0x…";
    token(at, expected, |text| {
        let Some((chain, token)) = text.split_once("/erc20:") else { return false };
        let Some(chain) = chain.strip_prefix("eip155:") else { return false };
        let digits = chain.bytes().all(|byte| byte.is_ascii_digit());
        digits && (1..=20).contains(&chain.len()) && !chain.starts_with('0') && is_address(token)
    })
}

/// A day of the Gregorian calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, if the calendar has it and the year has four digits.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        ((1000..=9999).contains(&year) && (1..=days).contains(&day)).then_some(Self {
            year,
            month,
            day,
        })
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        if text.len() != 10 || !digits {
            return None;
        }
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A day.
pub(crate) fn date(at: At<'_>) -> Result<Date, ManifestError> {
    let expected = "a day of the calendar: YYYY-MM-DD";
    Date::parse(at.text()?).ok_or_else(|| at.refuse(FieldProblem::Syntax { expected }))
}
