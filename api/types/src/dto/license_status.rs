//! Statuses of licenses.

use farthing_protocol::LicenseStatus;
use serde::{Deserialize, Serialize};

/// The status of a license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LicenseStatusName {
    /// It can be paid and derived from.
    Active,
    /// It can be neither, until it is active again.
    Paused,
    /// It is paused for good.
    Retired,
}

impl LicenseStatusName {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Paused, Self::Retired];

    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Retired => "retired",
        }
    }
}

impl From<LicenseStatus> for LicenseStatusName {
    fn from(status: LicenseStatus) -> Self {
        match status {
            LicenseStatus::Active => Self::Active,
            LicenseStatus::Paused => Self::Paused,
            LicenseStatus::Retired => Self::Retired,
        }
    }
}

impl From<LicenseStatusName> for LicenseStatus {
    fn from(status: LicenseStatusName) -> Self {
        match status {
            LicenseStatusName::Active => Self::Active,
            LicenseStatusName::Paused => Self::Paused,
            LicenseStatusName::Retired => Self::Retired,
        }
    }
}
