//! `UpdateLicense`: the license has the origin signed, its licensor signs, it is not retired, and this batch
//! neither registers nor updates it otherwise. The new version holds from the next batch on.

use farthing_protocol::{
    AccountId, ErrorCode, LicenseId, LicenseStatus, ShortDigest, UpdateLicense,
};
use thiserror::Error;

use super::{Effect, Effects, References, Rule, RuleContext, RuleView};

/// Reasons to refuse an update; errors win in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UpdateLicenseError {
    /// No license has this number.
    #[error("there is no license {license}")]
    UnknownLicense {
        /// The number given.
        license: LicenseId,
    },
    /// The license has another origin than the update names.
    #[error("license {license} has the origin {expected}, the update names {got}")]
    RecipientChanged {
        /// The number given.
        license: LicenseId,
        /// The first three elements of its origin.
        expected: ShortDigest,
        /// The recipient signed.
        got: ShortDigest,
    },
    /// Another account registered the license.
    #[error("account {licensor} registered license {license} and alone updates it")]
    NotLicensor {
        /// The number given.
        license: LicenseId,
        /// The account that registered it.
        licensor: AccountId,
    },
    /// The license never changes again.
    #[error("license {license} is retired for good")]
    Retired {
        /// The number given.
        license: LicenseId,
    },
    /// A retired license has terms for others.
    #[error("a retired license asks for no derivative shares and has no licensee")]
    RetiredTerms,
    /// The open batch registers or updates the license.
    #[error("license {license} changes in the open batch: update it when that is sealed")]
    Updating {
        /// The number given.
        license: LicenseId,
    },
}

impl UpdateLicenseError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownLicense { .. } => ErrorCode::UnknownLicense,
            Self::RecipientChanged { .. } => ErrorCode::RecipientChanged,
            Self::NotLicensor { .. } => ErrorCode::NotLicensor,
            Self::Retired { .. } | Self::RetiredTerms => ErrorCode::LicenseRetired,
            Self::Updating { .. } => ErrorCode::LicenseUpdating,
        }
    }
}

impl Rule for UpdateLicense {
    type Error = UpdateLicenseError;

    fn references(&self) -> References {
        References { licenses: vec![self.license], ..References::default() }
    }

    fn check(
        &self,
        context: RuleContext,
        view: &impl RuleView,
    ) -> Result<Effects, UpdateLicenseError> {
        let license = self.license;
        let found = view.license(license).ok_or(UpdateLicenseError::UnknownLicense { license })?;
        let (expected, got) = (found.terms.recipient(), self.recipient);
        if got != expected {
            return Err(UpdateLicenseError::RecipientChanged { license, expected, got });
        }
        let licensor = found.terms.licensor;
        if context.signer != licensor {
            return Err(UpdateLicenseError::NotLicensor { license, licensor });
        }
        if found.state.version.status == LicenseStatus::Retired {
            return Err(UpdateLicenseError::Retired { license });
        }
        if !self.version.is_consistent() {
            return Err(UpdateLicenseError::RetiredTerms);
        }
        if view.changes(license) {
            return Err(UpdateLicenseError::Updating { license });
        }
        Ok(Effects::new([Effect::UpdateLicense { license, version: self.version }]))
    }
}
