//! `Pay`: an account pays a license for uses of it.

use serde::{Deserialize, Serialize};

use super::{OperationBody, OperationFields};
use crate::bytes::Bytes32;
use crate::codec::Reader;
use crate::error::DecodeError;
use crate::hash::ShortDigest;
use crate::quantity::{Amount, LicenseId, Uses};

/// Pays a license. The amount goes to the license's vault and is distributed to every holder, the
/// ancestors' holders included, in the same batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pay {
    /// The license paid.
    pub license: LicenseId,
    /// Uses paid for.
    pub uses: Uses,
    /// Price × uses; stated, so that a price never costs more than was signed.
    pub amount: Amount,
    /// Origin of the license: the payment settles to no other.
    pub recipient: ShortDigest,
    /// Provenance of the inferences paid for.
    pub memo: Bytes32,
}

impl OperationBody for Pay {
    const KIND: u8 = 1;
    const NAME: &'static str = "payment";

    fn amount(&self) -> Amount {
        self.amount
    }

    fn fields(&self) -> OperationFields {
        OperationFields {
            amount: self.amount.felt(),
            target: self.license.get().into(),
            quantity: self.uses.get(),
            recipient: self.recipient,
            payload: self.memo.felts(),
        }
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.license.get().to_be_bytes());
        bytes.extend(self.uses.get().to_be_bytes());
        bytes.extend(self.amount.get().to_be_bytes());
        bytes.extend(self.recipient.to_bytes());
        bytes.extend(self.memo.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            license: LicenseId::from(reader.u32()?),
            uses: Uses::new(reader.u32()?.into())?,
            amount: Amount::new(reader.u64()?)?,
            recipient: reader.short_digest()?,
            memo: Bytes32(reader.array()?),
        })
    }
}
