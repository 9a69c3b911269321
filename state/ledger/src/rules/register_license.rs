//! `RegisterLicense`: every parent is older, active, without licensee and left its derivative shares, the lineage is
//! right, every holder exists and is the one signed.

use farthing_protocol::{
    AccountId, Digest, ErrorCode, Holder, License, LicenseId, LicenseState, LicenseStatus, Lineage,
    OutOfRange, RegisterLicense, Shares, ShortDigest, license_origin,
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
    /// A parent is paused or retired.
    #[error("parent {parent} is paused or retired")]
    ParentPaused {
        /// The parent.
        parent: LicenseId,
    },
    /// One account alone may pay a parent: nothing derives from it.
    #[error("parent {parent} is for account {licensee} alone")]
    ParentPrivate {
        /// The parent.
        parent: LicenseId,
        /// The account.
        licensee: AccountId,
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
    /// The holders are others than the registration names.
    #[error("the holders have the chain {expected}, the registration names {got}")]
    RecipientChanged {
        /// The first three elements of the chain of the holders as they are.
        expected: ShortDigest,
        /// The recipient signed.
        got: ShortDigest,
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
            Self::ParentPaused { .. } => ErrorCode::LicensePaused,
            Self::ParentPrivate { .. } => ErrorCode::NotLicensee,
            Self::ParentShareTooSmall { .. } => ErrorCode::ParentShareTooSmall,
            Self::TooManyAncestors(_) => ErrorCode::TooManyAncestors,
            Self::WrongLineage { .. } => ErrorCode::WrongLineage,
            Self::RecipientChanged { .. } => ErrorCode::RecipientChanged,
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
        let holders = check_holders(self, view)?;
        let licensor = context.signer;
        let unknown = RegisterLicenseError::UnknownHolder { account: licensor };
        let identity = view.identity(licensor).ok_or(unknown)?;
        let origin = license_origin(identity.into(), &holders, &self.provenance);
        let registered = self.registered(own, licensor);
        let state = LicenseState::new(registered.version());
        let new = License { terms: registered.terms(origin), state };
        Ok(Effects::new([Effect::RegisterLicense { license: own, new }]))
    }
}

/// Compares the holders with those that were signed, and returns their chain. Parents are there.
fn check_holders(
    register: &RegisterLicense,
    view: &impl RuleView,
) -> Result<Digest, RegisterLicenseError> {
    let unknown = |account| RegisterLicenseError::UnknownHolder { account };
    let mut names = Vec::new();
    for line in register.shares.holders() {
        names.push(match line.holder {
            Holder::Account(account) => view.identity(account).ok_or(unknown(account))?.into(),
            Holder::License(parent) => {
                let parent = view.license(parent);
                parent.map(|parent| parent.terms.recipient()).unwrap_or_default()
            }
        });
    }
    // From the last line up.
    let chain = register.shares.holder_chain(|_| names.pop()).unwrap_or_default();
    let (expected, got) = (ShortDigest::from(chain), register.recipient);
    match got == expected {
        true => Ok(chain),
        false => Err(RegisterLicenseError::RecipientChanged { expected, got }),
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
        let License { terms, state } = match view.license(parent) {
            Some(found) if parent < own => found,
            _ => return Err(RegisterLicenseError::ParentNotOlder { own, parent }),
        };
        if state.version.status != LicenseStatus::Active {
            return Err(RegisterLicenseError::ParentPaused { parent });
        }
        if let Some(licensee) = state.version.licensee.account() {
            return Err(RegisterLicenseError::ParentPrivate { parent, licensee });
        }
        let expected = state.version.derivative_shares;
        if got < expected {
            return Err(RegisterLicenseError::ParentShareTooSmall { parent, expected, got });
        }
        lineages.push(terms.lineage);
    }
    let expected = Lineage::of_parents(lineages.into_iter())
        .map_err(RegisterLicenseError::TooManyAncestors)?;
    if register.lineage != expected {
        return Err(RegisterLicenseError::WrongLineage { expected, got: register.lineage });
    }
    Ok(())
}
