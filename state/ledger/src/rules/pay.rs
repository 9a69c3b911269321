//! `Pay`: the license exists, has the origin signed and may be paid by the signer, the amount is price × uses. The license passes
//! the payment on to its holders when the batch is executed.

use farthing_protocol::{
    AccountId, Amount, ErrorCode, LicenseId, LicenseStatus, LicenseVersion, OutOfRange, Pay,
    ShortDigest,
};
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
    /// The license has another origin than the payment names.
    #[error("license {license} has the origin {expected}, the payment names {got}")]
    RecipientChanged {
        /// The number given.
        license: LicenseId,
        /// The first three elements of its origin.
        expected: ShortDigest,
        /// The recipient signed.
        got: ShortDigest,
    },
    /// The license is paused or retired.
    #[error("license {license} is {}", if *.retired { "retired" } else { "paused" })]
    Paused {
        /// The number given.
        license: LicenseId,
        /// Set if it is so for good.
        retired: bool,
    },
    /// Another account alone may pay the license.
    #[error("account {licensee} alone may pay license {license}")]
    NotLicensee {
        /// The number given.
        license: LicenseId,
        /// The account that may.
        licensee: AccountId,
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
            Self::RecipientChanged { .. } => ErrorCode::RecipientChanged,
            Self::Paused { .. } => ErrorCode::LicensePaused,
            Self::NotLicensee { .. } => ErrorCode::NotLicensee,
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

    fn check(&self, context: RuleContext, view: &impl RuleView) -> Result<Effects, PayError> {
        let license = view.license(self.license);
        let license = license.ok_or(PayError::UnknownLicense { license: self.license })?;
        let (expected, got) = (license.terms.recipient(), self.recipient);
        if got != expected {
            return Err(PayError::RecipientChanged { license: self.license, expected, got });
        }
        let LicenseVersion { price, status, licensee, .. } = license.state.version;
        if status != LicenseStatus::Active {
            let retired = status == LicenseStatus::Retired;
            return Err(PayError::Paused { license: self.license, retired });
        }
        if let Some(licensee) = licensee.account()
            && licensee != context.signer
        {
            return Err(PayError::NotLicensee { license: self.license, licensee });
        }
        let expected = price.times(self.uses).map_err(PayError::TooMuch)?;
        if self.amount != expected {
            return Err(PayError::WrongAmount { expected, got: self.amount });
        }
        Ok(Effects::new([Effect::PayLicense { license: self.license, amount: self.amount }]))
    }
}
