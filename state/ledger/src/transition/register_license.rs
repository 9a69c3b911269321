//! `RegisterLicense`: every parent is older and is left its derivative shares, the lineage is
//! right, every holder exists.

use farthing_protocol::{
    AccountId, Holder, License, LicenseId, Lineage, OutOfRange, RegisterLicense, Shares,
};
use thiserror::Error;

use crate::batch::{Footprint, RunningState};

/// Why a registration is refused. Errors win in this order, parents and holders ascending.
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

/// Checks what a registration says of its parents against the parents themselves.
pub(crate) fn check_parents<'a>(
    own: LicenseId,
    register: &RegisterLicense,
    license: impl Fn(LicenseId) -> Option<&'a License>,
) -> Result<(), RegisterLicenseError> {
    let mut lineages = Vec::new();
    for (parent, got) in register.shares.parents() {
        let terms = match license(parent) {
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

/// The number that the license gets, which is `unused`, and what it adds to the batch: it is touched,
/// and with it its ancestors and all their holders.
pub(crate) fn check_register_license(
    running: &RunningState,
    unused: Option<LicenseId>,
    register: &RegisterLicense,
) -> Result<(LicenseId, Footprint), RegisterLicenseError> {
    let own = unused.ok_or(RegisterLicenseError::NoLicenseLeft)?;
    check_parents(own, register, |parent| running.license(parent))?;
    let holders = register.shares.holders();
    let mut footprint = Footprint {
        licenses: vec![(own, holders.len() as u32)],
        registers: Some(holders.len() as u32),
        parents: register.shares.parents().count() as u32,
        ..Footprint::default()
    };
    for line in holders {
        match line.holder {
            Holder::License(parent) => running.touch_license(parent, &mut footprint),
            Holder::Account(account) if running.account(account).is_some() => {
                footprint.accounts.push(account);
            }
            Holder::Account(account) => {
                return Err(RegisterLicenseError::UnknownHolder { account });
            }
        }
    }
    Ok((own, footprint))
}
