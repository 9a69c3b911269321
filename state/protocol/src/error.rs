//! Errors of values and of their encodings.

use thiserror::Error;

use crate::quantity::OutOfRange;
use crate::schnorr::SignatureEncodingError;

/// Reasons why bytes are not the canonical encoding of a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
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
        /// The number of bytes.
        count: usize,
    },
    /// No operation, holder or record has this kind.
    #[error("unknown {what} kind {got}")]
    UnknownKind {
        /// The value that was to be read.
        what: &'static str,
        /// The kind given.
        got: u8,
    },
    /// A quantity outside its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// The withdrawal is not of whole base units.
    #[error(transparent)]
    Withdraw(#[from] WithdrawError),
    /// The share table breaks a rule.
    #[error(transparent)]
    ShareTable(#[from] ShareTableError),
    /// An element of a recipient is not canonical.
    #[error("an element of the recipient is not canonical")]
    Recipient,
    /// The signature is not canonical.
    #[error(transparent)]
    Signature(#[from] SignatureEncodingError),
}

/// An amount that cannot be withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WithdrawError {
    /// Nothing: 0 is a multiple of everything.
    #[error("a withdrawal moves at least {min} nano")]
    Nothing {
        /// The least amount.
        min: u64,
    },
    /// L1 knows only whole base units.
    #[error("{got} nano is not a multiple of {multiple}")]
    NotWholeUnits {
        /// The amount given.
        got: u64,
        /// One base unit in nano.
        multiple: u64,
    },
}

/// A rule of share tables that a list of holders breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShareTableError {
    /// A license has at least one holder.
    #[error("a share table needs a holder")]
    NoHolders,
    /// More than 16 holders.
    #[error("{got} holders, at most {max} allowed")]
    TooManyHolders {
        /// Holders given.
        got: usize,
        /// The most holders.
        max: usize,
    },
    /// A holder without shares.
    #[error("holder {index} has no shares")]
    NoShares {
        /// Its index in the list.
        index: usize,
    },
    /// Holders must be strictly ascending: accounts by id, then licenses by id.
    #[error("holder {index} does not come after the one before it")]
    NotAscending {
        /// Its index in the list.
        index: usize,
    },
    /// The shares do not sum to 1,000,000.
    #[error("shares sum to {got}, expected {expected}")]
    WrongSum {
        /// The sum required.
        expected: u32,
        /// The sum given.
        got: u64,
    },
}
