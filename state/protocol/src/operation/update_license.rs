//! `UpdateLicense`: the licensor of a license sets its price, status, terms for derivatives, licensee and
//! provenance.

use serde::{Deserialize, Serialize};

use super::{OperationBody, OperationFields};
use crate::bytes::Bytes32;
use crate::codec::Reader;
use crate::error::DecodeError;
use crate::hash::ShortDigest;
use crate::license::{LicenseStatus, LicenseVersion, Licensee};
use crate::limits::SHARES_BITS;
use crate::quantity::{Amount, LicenseId, Price, Shares};

/// Replaces all of a license's version. It counts from the next batch on: a payment of the same batch is
/// at the price before. A retired license never changes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateLicense {
    /// The license; its licensor signs.
    pub license: LicenseId,
    /// Origin of the license: no other is updated.
    pub recipient: ShortDigest,
    /// The new version.
    pub version: LicenseVersion,
}

/// Place of the licensee in the message's target, above the license.
pub const UPDATE_LICENSEE_SHIFT: u32 = 32;
/// Place of the status in the message's quantity, above the derivative shares.
pub const UPDATE_STATUS_SHIFT: u32 = SHARES_BITS;

impl OperationBody for UpdateLicense {
    const KIND: u8 = 5;
    const NAME: &'static str = "license update";

    fn amount(&self) -> Amount {
        Amount::MIN
    }

    fn fields(&self) -> OperationFields {
        let LicenseVersion { price, derivative_shares, status, licensee, provenance } =
            self.version;
        let licensee = u64::from(licensee.get()) << UPDATE_LICENSEE_SHIFT;
        OperationFields {
            target: u64::from(self.license.get()) | licensee,
            quantity: derivative_shares.get() | u32::from(status.number()) << UPDATE_STATUS_SHIFT,
            amount: price.felt(),
            recipient: self.recipient,
            payload: provenance.felts(),
        }
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        let LicenseVersion { price, derivative_shares, status, licensee, provenance } =
            self.version;
        bytes.extend(self.license.get().to_be_bytes());
        bytes.extend(price.get().to_be_bytes());
        bytes.extend(derivative_shares.get().to_be_bytes());
        bytes.push(status.number());
        bytes.extend(licensee.get().to_be_bytes());
        bytes.extend(provenance.0);
        bytes.extend(self.recipient.to_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let license = LicenseId::from(reader.u32()?);
        let price = Price::new(reader.u64()?)?;
        let derivative_shares = Shares::new(reader.u32()?.into())?;
        let status = reader.u8()?;
        let status = LicenseStatus::from_number(status.into())
            .ok_or(DecodeError::UnknownKind { what: "license status", got: status })?;
        let licensee = Licensee::new(reader.u32()?.into())?;
        let provenance = Bytes32(reader.array()?);
        let recipient = reader.short_digest()?;
        let version = LicenseVersion { price, derivative_shares, status, licensee, provenance };
        Ok(Self { license, recipient, version })
    }
}
