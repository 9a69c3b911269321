//! `Transfer`: an account pays another account.

use serde::{Deserialize, Serialize};

use super::{OperationBody, OperationFields};
use crate::bytes::Bytes32;
use crate::codec::Reader;
use crate::error::DecodeError;
use crate::hash::ShortDigest;
use crate::quantity::{AccountId, Amount};

/// Moves an amount to another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The account credited; it may be the signer's own.
    pub to: AccountId,
    /// Nano-units moved; may be 0.
    pub amount: Amount,
    /// Identity of the account credited: the transfer settles to no other.
    pub recipient: ShortDigest,
    /// The sender's reference.
    pub memo: Bytes32,
}

impl OperationBody for Transfer {
    const KIND: u8 = 2;
    const NAME: &'static str = "transfer";

    fn amount(&self) -> Amount {
        self.amount
    }

    fn fields(&self) -> OperationFields {
        OperationFields {
            amount: self.amount.felt(),
            target: self.to.get().into(),
            recipient: self.recipient,
            payload: self.memo.felts(),
            ..OperationFields::default()
        }
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to.get().to_be_bytes());
        bytes.extend(self.amount.get().to_be_bytes());
        bytes.extend(self.recipient.to_bytes());
        bytes.extend(self.memo.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            to: AccountId::from(reader.u32()?),
            amount: Amount::new(reader.u64()?)?,
            recipient: reader.short_digest()?,
            memo: Bytes32(reader.array()?),
        })
    }
}
