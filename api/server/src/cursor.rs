//! Cursors: the start of the next page. They are opaque to clients and checked: a cursor that this
//! list did not make is refused.

use std::fmt;
use std::str::FromStr;

use sha3::{Digest as _, Keccak256};
use thiserror::Error;

/// Bytes of the checksum. It finds mistakes; a forged cursor could only name another place of a
/// public list.
pub(crate) const CHECK_BYTES: usize = 4;
const BODY_BYTES: usize = 1 + 4 + 8 + 4;

/// A list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum List {
    Accounts = 1,
    Licenses = 2,
    Earnings = 3,
    Batches = 4,
    Blocks = 5,
    Payouts = 6,
    Deliveries = 7,
    Versions = 8,
    AccountEarnings = 9,
}

/// The first item of the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    list: u8,
    /// The license or account whose list it is, or [`subject_of`] the owner; 0 if it is the node's.
    subject: u32,
    pub(crate) number: u64,
    pub(crate) index: u32,
}

/// A text is not a cursor of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a cursor of this list")]
pub(crate) struct NotACursor;

impl Cursor {
    pub(crate) const fn new(list: List, subject: u32, number: u64, index: u32) -> Self {
        Self { list: list as u8, subject, number, index }
    }

    /// The cursor, if it is of this list.
    pub(crate) fn for_list(self, list: List, subject: u32) -> Result<Self, NotACursor> {
        let same = self.list == list as u8 && self.subject == subject;
        if same { Ok(self) } else { Err(NotACursor) }
    }

    fn body(&self) -> [u8; BODY_BYTES] {
        let mut body = [self.list; BODY_BYTES];
        body[1..5].copy_from_slice(&self.subject.to_be_bytes());
        body[5..13].copy_from_slice(&self.number.to_be_bytes());
        body[13..].copy_from_slice(&self.index.to_be_bytes());
        body
    }
}

/// A number that stands for whose list it is.
pub(crate) fn subject_of(name: &[u8]) -> u32 {
    u32::from_be_bytes(check_of(name))
}

pub(crate) fn check_of(body: &[u8]) -> [u8; CHECK_BYTES] {
    let digest: [u8; 32] = Keccak256::digest([b"cursor".as_slice(), body].concat()).into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body();
        write!(f, "{}{}", hex::encode(body), hex::encode(check_of(&body)))
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;
    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let bytes = hex::decode(text).map_err(|_| NotACursor)?;
        let (body, check) = bytes.split_at_checked(BODY_BYTES).ok_or(NotACursor)?;
        if check != check_of(body) {
            return Err(NotACursor);
        }
        let (list, rest) = body.split_first().ok_or(NotACursor)?;
        let (subject, rest) = rest.split_first_chunk().ok_or(NotACursor)?;
        let (number, rest) = rest.split_first_chunk().ok_or(NotACursor)?;
        let (index, _) = rest.split_first_chunk().ok_or(NotACursor)?;
        Ok(Self {
            list: *list,
            subject: u32::from_be_bytes(*subject),
            number: u64::from_be_bytes(*number),
            index: u32::from_be_bytes(*index),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_of_one_list_only() {
        let cursor = Cursor::new(List::Earnings, 7, 1 << 40, 3);
        let text = cursor.to_string();
        assert_eq!(text.parse(), Ok(cursor));
        assert_eq!(cursor.for_list(List::Earnings, 7), Ok(cursor));
        assert!(
            cursor.for_list(List::Earnings, 8).is_err()
                && cursor.for_list(List::Batches, 7).is_err()
        );
    }

    #[test]
    fn what_was_not_made_here_is_refused() {
        let text = Cursor::new(List::Batches, 0, 9, 0).to_string();
        for index in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[index] = if other[index] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8_lossy(&other).into_owned();
            assert_eq!(other.parse::<Cursor>(), Err(NotACursor), "{index}");
            assert_eq!(text[..index].parse::<Cursor>(), Err(NotACursor), "{index}");
        }
        assert_eq!(format!("{text}00").parse::<Cursor>(), Err(NotACursor));
    }
}
