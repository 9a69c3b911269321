//! `RegisterLicense`: every parent is older and is left its derivative shares, the lineage is
//! right, every holder exists.

use farthing_protocol::{
    AccountId, ErrorCode, Holder, LicenseId, Lineage, OutOfRange, RegisterLicense, Shares,
};
use thiserror::Error;

use super::{Effect, Effects, References, Rule, RuleContext, RuleView};

/// Reasons to refuse a registration. Errors win in this order, parents and holders ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RegisterLicenseError {
    /// Every license number above the parents' is used.
    #[error("no license number is left")]
    NoLicenseLeft,
    /// A parent's number is not less than the number that this license gets.
    #[error("parent {parent} is not older than license {own}")]
    ParentNotOlder {
        /// The number that this license gets.
        own: LicenseId,
        /// The parent.
        parent: LicenseId,
    },
    /// A parent is left less than its derivative shares.
    #[error("parent {parent} is left {got} shares, it asks for {expected}")]
    ParentShareTooSmall {
        /// The parent.
        parent: LicenseId,
        /// Its derivative shares.
        expected: Shares,
        /// The shares left to it.
        got: Shares,
    },
    /// The lineage is more than 64: too many ancestors.
    #[error("too many ancestors: {0}")]
    TooManyAncestors(OutOfRange),
    /// The lineage signed is not 1 + Σ lineage of the parents.
    #[error("lineage is {}, expected {}", .got.get(), .expected.get())]
    WrongLineage {
        /// 1 + Σ lineage of the parents.
        expected: Lineage,
        /// The lineage signed.
        got: Lineage,
    },
    /// A holder does not exist.
    #[error("there is no account {account} to hold shares")]
    UnknownHolder {
        /// The number given.
        account: AccountId,
    },
}

impl RegisterLicenseError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::NoLicenseLeft => ErrorCode::IdSpaceExhausted,
            Self::ParentNotOlder { .. } => ErrorCode::UnknownParent,
            Self::ParentShareTooSmall { .. } => ErrorCode::ParentShareTooSmall,
            Self::TooManyAncestors(_) => ErrorCode::TooManyAncestors,
            Self::WrongLineage { .. } => ErrorCode::WrongLineage,
            Self::UnknownHolder { .. } => ErrorCode::UnknownHolder,
        }
    }
}

impl Rule for RegisterLicense {
    type Error = RegisterLicenseError;

    fn references(&self) -> References {
        let mut references = References::default();
        for line in self.shares.holders() {
            match line.holder {
                Holder::Account(id) => references.accounts.push(id),
                Holder::License(id) => references.licenses.push(id),
            }
        }
        references
    }

    fn check(
        &self,
        context: RuleContext,
        view: &impl RuleView,
    ) -> Result<Effects, RegisterLicenseError> {
        let own = context.unused_license.ok_or(RegisterLicenseError::NoLicenseLeft)?;
        check_parents(own, self, view)?;
        for line in self.shares.holders() {
            if let Holder::Account(account) = line.holder
                && !view.has_account(account)
            {
                return Err(RegisterLicenseError::UnknownHolder { account });
            }
        }
        let terms = self.terms(context.signer);
        Ok(Effects::new([Effect::RegisterLicense { license: own, terms }]))
    }
}

/// Compares the shares and the lineage of a registration with its parents.
fn check_parents(
    own: LicenseId,
    register: &RegisterLicense,
    view: &impl RuleView,
) -> Result<(), RegisterLicenseError> {
    let mut lineages = Vec::new();
    for (parent, got) in register.shares.parents() {
        let terms = match view.license(parent) {
            Some(found) if parent < own => &found.terms,
            _ => return Err(RegisterLicenseError::ParentNotOlder { own, parent }),
        };
        let expected = terms.origin.derivative_shares;
        if got < expected {
            return Err(RegisterLicenseError::ParentShareTooSmall { parent, expected, got });
        }
        lineages.push(terms.origin.lineage);
    }
    let expected = Lineage::of_parents(lineages.into_iter())
        .map_err(RegisterLicenseError::TooManyAncestors)?;
    if register.lineage != expected {
        return Err(RegisterLicenseError::WrongLineage { expected, got: register.lineage });
    }
    Ok(())
}
