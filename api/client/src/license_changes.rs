//! Changes of a license by its licensor.

use farthing_protocol::{Bytes32, LicenseStatus, LicenseVersion, Licensee, Price, Shares};

/// Fields of a license to be set; the others stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LicenseChanges {
    /// Nano-units per use.
    pub price: Option<Price>,
    /// The shares that a derivative must leave to the license.
    pub derivative_shares: Option<Shares>,
    /// The status.
    pub status: Option<LicenseStatus>,
    /// The account that alone may pay, or every account.
    pub licensee: Option<Licensee>,
    /// Hash of the manifest.
    pub provenance: Option<Bytes32>,
}

impl LicenseChanges {
    /// The version after the changes. One that is retired asks for no derivative shares and has no licensee,
    /// unless the changes say so: nodes refuse that.
    pub fn apply(&self, version: LicenseVersion) -> LicenseVersion {
        let status = self.status.unwrap_or(version.status);
        let (shares, licensee) = match status {
            LicenseStatus::Retired => (Shares::ZERO, Licensee::ANYBODY),
            LicenseStatus::Active | LicenseStatus::Paused => {
                (version.derivative_shares, version.licensee)
            }
        };
        LicenseVersion {
            price: self.price.unwrap_or(version.price),
            derivative_shares: self.derivative_shares.unwrap_or(shares),
            status,
            licensee: self.licensee.unwrap_or(licensee),
            provenance: self.provenance.unwrap_or(version.provenance),
        }
    }
}

#[cfg(test)]
mod tests {
    use farthing_protocol::OutOfRange;

    use super::*;

    #[test]
    fn what_is_not_given_stays_and_a_retired_license_has_no_terms_for_others()
    -> Result<(), OutOfRange> {
        let old = LicenseVersion {
            price: Price::new(5)?,
            derivative_shares: Shares::new(7)?,
            status: LicenseStatus::Active,
            licensee: Licensee::new(3)?,
            provenance: Bytes32([1; 32]),
        };
        assert_eq!(LicenseChanges::default().apply(old), old);
        let dearer = LicenseChanges { price: Some(Price::new(6)?), ..LicenseChanges::default() };
        assert_eq!(dearer.apply(old), LicenseVersion { price: Price::new(6)?, ..old });
        let retired = LicenseStatus::Retired;
        let retire = LicenseChanges { status: Some(retired), ..LicenseChanges::default() };
        assert!(retire.apply(old).is_consistent());
        let asked = LicenseChanges { derivative_shares: Some(Shares::new(7)?), ..retire };
        assert!(!asked.apply(old).is_consistent(), "the node says why");
        Ok(())
    }
}
