//! `Pay`: the license exists, the amount is price × uses. The license passes the payment on to
//! its holders when the batch is executed.

use farthing_protocol::{Amount, ErrorCode, LicenseId, OutOfRange, Pay};
use thiserror::Error;

use super::{Effect, Effects, References, Rule, RuleContext, RuleView};

/// Reasons to refuse a payment; errors win in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PayError {
    /// No license has this number.
    #[error("there is no license {license}")]
    UnknownLicense {
        /// The number given.
        license: LicenseId,
    },
    /// Price × uses is more than an intent can move.
    #[error("price times uses: {0}")]
    TooMuch(OutOfRange),
    /// The amount is not price × uses.
    #[error("the amount is {got}, expected price times uses = {expected}")]
    WrongAmount {
        /// Price × uses.
        expected: Amount,
        /// The amount signed.
        got: Amount,
    },
}

impl PayError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownLicense { .. } => ErrorCode::UnknownLicense,
            Self::TooMuch(_) => ErrorCode::AmountTooLarge,
            Self::WrongAmount { .. } => ErrorCode::AmountMismatch,
        }
    }
}

impl Rule for Pay {
    type Error = PayError;

    fn references(&self) -> References {
        References { licenses: vec![self.license], ..References::default() }
    }

    fn check(&self, _context: RuleContext, view: &impl RuleView) -> Result<Effects, PayError> {
        let license = view.license(self.license);
        let license = license.ok_or(PayError::UnknownLicense { license: self.license })?;
        let expected = license.terms.price.times(self.uses).map_err(PayError::TooMuch)?;
        if self.amount != expected {
            return Err(PayError::WrongAmount { expected, got: self.amount });
        }
        Ok(Effects::new([Effect::PayLicense { license: self.license, amount: self.amount }]))
    }
}
