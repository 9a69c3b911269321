//! Reading canonical bytes: fixed widths, big-endian, nothing left over.

use thiserror::Error;

use crate::quantity::OutOfRange;

/// Why bytes are not the canonical encoding of a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end before the value does.
    #[error("input ends early: {expected} more bytes expected, {got} left")]
    Truncated {
        /// Bytes that the next field needs.
        expected: usize,
        /// Bytes that are left.
        got: usize,
    },
    /// Bytes follow the value.
    #[error("{count} bytes follow the value")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// No operation, holder or record has this kind.
    #[error("unknown {what} kind {got}")]
    UnknownKind {
        /// What was to be read.
        what: &'static str,
        /// The kind given.
        got: u8,
    },
    /// A quantity outside its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// The withdrawal is not of whole base units.
    #[error(transparent)]
    Withdraw(#[from] crate::operation::WithdrawError),
    /// The share table breaks a rule.
    #[error(transparent)]
    ShareTable(#[from] crate::license::ShareTableError),
    /// The signature is not canonical.
    #[error(transparent)]
    Signature(#[from] crate::schnorr::SignatureEncodingError),
}

/// A cursor over untrusted bytes.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, tail) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(DecodeError::Truncated { expected: N, got: self.0.len() })?;
        self.0 = tail;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        match self.0.len() {
            0 => Ok(()),
            count => Err(DecodeError::TrailingBytes { count }),
        }
    }
}
