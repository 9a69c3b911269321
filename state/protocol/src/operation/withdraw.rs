//! `Withdraw`: an account takes money out to its owner on L1.

use serde::{Deserialize, Serialize};

use super::{OperationBody, OperationFields};
use crate::bytes::Bytes32;
use crate::codec::Reader;
use crate::error::{DecodeError, WithdrawError};
use crate::limits::NANO_PER_BASE_UNIT;
use crate::quantity::Amount;

/// Moves whole base units to the account's owner on L1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Withdraw {
    amount: Amount,
    /// The owner's reference.
    pub memo: Bytes32,
}

/// The fields as serde formats carry them.
#[derive(Deserialize)]
struct Unchecked {
    amount: Amount,
    memo: Bytes32,
}

impl TryFrom<Unchecked> for Withdraw {
    type Error = WithdrawError;
    fn try_from(Unchecked { amount, memo }: Unchecked) -> Result<Self, WithdrawError> {
        Self::new(amount, memo)
    }
}

impl Withdraw {
    /// A withdrawal of `amount`: a multiple of 1,000 nano, at least 1,000.
    pub fn new(amount: Amount, memo: Bytes32) -> Result<Self, WithdrawError> {
        let got = amount.get();
        if !got.is_multiple_of(NANO_PER_BASE_UNIT) {
            return Err(WithdrawError::NotWholeUnits { got, multiple: NANO_PER_BASE_UNIT });
        }
        if got == 0 {
            return Err(WithdrawError::Nothing { min: NANO_PER_BASE_UNIT });
        }
        Ok(Self { amount, memo })
    }

    /// Nano-units withdrawn.
    pub const fn amount(&self) -> Amount {
        self.amount
    }
}

impl OperationBody for Withdraw {
    const KIND: u8 = 3;
    const NAME: &'static str = "withdrawal";

    fn amount(&self) -> Amount {
        self.amount
    }

    fn fields(&self) -> OperationFields {
        OperationFields {
            amount: self.amount.felt(),
            payload: self.memo.felts(),
            ..OperationFields::default()
        }
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.amount.get().to_be_bytes());
        bytes.extend(self.memo.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let amount = Amount::new(reader.u64()?)?;
        Ok(Self::new(amount, Bytes32(reader.array()?))?)
    }
}
