//! `Transfer`: the recipient exists and has the identity signed.

use farthing_protocol::{AccountId, ErrorCode, ShortDigest, Transfer};
use thiserror::Error;

use super::{Effect, Effects, References, Rule, RuleContext, RuleView};

/// Reasons to refuse a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TransferError {
    /// No account has this number.
    #[error("there is no account {to} to transfer to")]
    UnknownRecipient {
        /// The number given.
        to: AccountId,
    },
    /// The account has another key or owner than the transfer names.
    #[error("account {to} has the identity {expected}, the transfer names {got}")]
    RecipientChanged {
        /// The number given.
        to: AccountId,
        /// The first three elements of its identity.
        expected: ShortDigest,
        /// The recipient signed.
        got: ShortDigest,
    },
}

impl TransferError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownRecipient { .. } => ErrorCode::UnknownRecipient,
            Self::RecipientChanged { .. } => ErrorCode::RecipientChanged,
        }
    }
}

impl Rule for Transfer {
    type Error = TransferError;

    fn references(&self) -> References {
        References { accounts: vec![self.to], ..References::default() }
    }

    fn check(&self, _context: RuleContext, view: &impl RuleView) -> Result<Effects, TransferError> {
        let identity = view.identity(self.to);
        let identity = identity.ok_or(TransferError::UnknownRecipient { to: self.to })?;
        let (expected, got) = (ShortDigest::from(identity), self.recipient);
        if got != expected {
            return Err(TransferError::RecipientChanged { to: self.to, expected, got });
        }
        Ok(Effects::new([Effect::Credit { account: self.to, amount: self.amount }]))
    }
}
