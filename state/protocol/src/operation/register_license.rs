//! `RegisterLicense`: an account registers a license, of its own or derived from others.

use serde::{Deserialize, Serialize};

use super::{OperationBody, OperationFields};
use crate::bytes::Bytes32;
use crate::codec::Reader;
use crate::error::DecodeError;
use crate::license::{LicenseOrigin, LicenseTerms, Lineage, ShareTable};
use crate::quantity::{AccountId, Amount, Price, Shares};

/// Registers a license under the next license id. Licenses among the holders are its parents:
/// each must exist and be left at least its derivative shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterLicense {
    /// Nano-units per use.
    pub price: Price,
    /// The shares that a derivative must leave to this license.
    pub derivative_shares: Shares,
    /// 1 + Σ lineage of the parents; stated, so that the signer can hash the terms.
    pub lineage: Lineage,
    /// Hash of the manifest.
    pub provenance: Bytes32,
    /// Holders and parents.
    pub shares: ShareTable,
}

impl RegisterLicense {
    /// The terms of the license that `licensor` registers by this.
    pub fn terms(&self, licensor: AccountId) -> LicenseTerms {
        LicenseTerms {
            origin: LicenseOrigin {
                licensor,
                derivative_shares: self.derivative_shares,
                lineage: self.lineage,
                provenance: self.provenance,
            },
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

    fn fields(&self, signer: AccountId) -> OperationFields {
        let [t0, t1, t2, t3] = self.terms(signer).digest().elements();
        OperationFields {
            payload: [t0, t1, t2, t3, self.price.felt()],
            ..OperationFields::default()
        }
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.price.get().to_be_bytes());
        bytes.extend(self.derivative_shares.get().to_be_bytes());
        bytes.push(self.lineage.get() as u8);
        bytes.extend(self.provenance.0);
        self.shares.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            price: Price::new(reader.u64()?)?,
            derivative_shares: Shares::new(reader.u32()?.into())?,
            lineage: Lineage::new(reader.u8()?.into())?,
            provenance: Bytes32(reader.array()?),
            shares: ShareTable::read(reader)?,
        })
    }
}
