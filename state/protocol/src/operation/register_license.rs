//! `RegisterLicense`: an account registers a license, of its own or derived from others.

use serde::{Deserialize, Serialize};

use super::{OperationBody, OperationFields};
use crate::bytes::Bytes32;
use crate::codec::Reader;
use crate::error::DecodeError;
use crate::hash::ShortDigest;
use crate::license::{Lineage, ShareTable};
use crate::public_data::NewLicense;
use crate::quantity::{AccountId, Amount, LicenseId, Price, Shares};

/// Registers a license under the next license id. Licenses among the holders are its parents:
/// each must exist and be left at least its derivative shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterLicense {
    /// Nano-units per use.
    pub price: Price,
    /// The shares that a derivative must leave to this license.
    pub derivative_shares: Shares,
    /// 1 + Σ lineage of the parents.
    pub lineage: Lineage,
    /// Hash of the manifest.
    pub provenance: Bytes32,
    /// Holders and parents.
    pub shares: ShareTable,
    /// Holder chain of the share table ([`ShareTable::holder_chain`]): the registration settles with no
    /// other holders.
    pub recipient: ShortDigest,
}

impl RegisterLicense {
    /// The license that `licensor` registers by this, under the number `id`.
    pub fn registered(&self, id: LicenseId, licensor: AccountId) -> NewLicense {
        NewLicense {
            id,
            licensor,
            derivative_shares: self.derivative_shares,
            lineage: self.lineage,
            provenance: self.provenance,
            price: self.price,
            shares: self.shares.clone(),
        }
    }
}

impl OperationBody for RegisterLicense {
    const KIND: u8 = 4;
    const NAME: &'static str = "license registration";

    fn amount(&self) -> Amount {
        Amount::MIN
    }

    fn fields(&self) -> OperationFields {
        OperationFields {
            target: self.lineage.get().into(),
            quantity: self.derivative_shares.get(),
            amount: self.price.felt(),
            recipient: self.recipient,
            payload: self.provenance.felts(),
        }
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.price.get().to_be_bytes());
        bytes.extend(self.derivative_shares.get().to_be_bytes());
        bytes.push(self.lineage.get() as u8);
        bytes.extend(self.provenance.0);
        self.shares.write(bytes);
        bytes.extend(self.recipient.to_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            price: Price::new(reader.u64()?)?,
            derivative_shares: Shares::new(reader.u32()?.into())?,
            lineage: Lineage::new(reader.u8()?.into())?,
            provenance: Bytes32(reader.array()?),
            shares: ShareTable::read(reader)?,
            recipient: reader.short_digest()?,
        })
    }
}
