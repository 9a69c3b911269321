//! `Transfer`: the recipient exists.

use farthing_protocol::{AccountId, ErrorCode, Transfer};
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
}

impl TransferError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownRecipient { .. } => ErrorCode::UnknownRecipient,
        }
    }
}

impl Rule for Transfer {
    type Error = TransferError;

    fn references(&self) -> References {
        References { accounts: vec![self.to], ..References::default() }
    }

    fn check(&self, _context: RuleContext, view: &impl RuleView) -> Result<Effects, TransferError> {
        match view.has_account(self.to) {
            false => Err(TransferError::UnknownRecipient { to: self.to }),
            true => {
                let credit = Effect::Credit { account: self.to, amount: self.amount };
                Ok(Effects::new([credit]))
            }
        }
    }
}
