//! Signed intents: their elements, bytes and names.

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};

use crate::codec::Reader;
use crate::error::DecodeError;
use crate::felt::Felt;
use crate::hash::{DIGEST_ELEMENTS, Digest, Tag, hash};
use crate::operation::{OperationFields, Pay, RegisterLicense, Transfer, Withdraw};
use crate::quantity::{AccountId, Amount, Fee, Nano, Nonce, UnixTime};
use crate::schnorr::{MESSAGE_ELEMENTS, SIGNATURE_BYTES, SecretKey, Signature, sign};

/// What an intent does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// Pay a license.
    Pay(Pay),
    /// Pay an account.
    Transfer(Transfer),
    /// Withdraw to L1.
    Withdraw(Withdraw),
    /// Register a license.
    RegisterLicense(RegisterLicense),
}

/// An instruction of an account, not yet signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The account that signs and pays.
    pub account: AccountId,
    /// Greater than that of every intent of the account settled before.
    pub nonce: Nonce,
    /// Paid to the operator.
    pub fee: Fee,
    /// The last second at which a batch may include it.
    pub valid_until: UnixTime,
    /// What it does.
    pub operation: Operation,
}

/// The name of an intent: the same however often and however it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IntentId(pub Digest);

impl core::fmt::Display for IntentId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

impl Operation {
    /// The number that stands for the operation in messages and bytes.
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Pay(_) => Pay::KIND,
            Self::Transfer(_) => Transfer::KIND,
            Self::Withdraw(_) => Withdraw::KIND,
            Self::RegisterLicense(_) => RegisterLicense::KIND,
        }
    }

    /// What the operation takes from its account, the fee not counted.
    pub const fn amount(&self) -> Amount {
        match self {
            Self::Pay(pay) => pay.amount,
            Self::Transfer(transfer) => transfer.amount,
            Self::Withdraw(withdraw) => withdraw.amount(),
            Self::RegisterLicense(_) => Amount::MIN,
        }
    }
}

impl Intent {
    /// Amount and fee.
    pub fn debit(&self) -> Nano {
        self.operation.amount().with_fee(self.fee)
    }

    /// The elements that are signed: kind, account, target, amount, uses, fee, valid until, nonce,
    /// payload (5), 0.
    pub fn message(&self) -> [Felt; MESSAGE_ELEMENTS] {
        let OperationFields { target, amount, uses, payload: [p0, p1, p2, p3, p4] } =
            match &self.operation {
                Operation::Pay(pay) => pay.fields(),
                Operation::Transfer(transfer) => transfer.fields(),
                Operation::Withdraw(withdraw) => withdraw.fields(),
                Operation::RegisterLicense(register) => register.fields(self.account),
            };
        [
            Felt::from_u8(self.operation.kind()),
            self.account.felt(),
            Felt::from_u32(target),
            Felt::from_u64(amount),
            Felt::from_u32(uses),
            self.fee.felt(),
            self.valid_until.felt(),
            self.nonce.felt(),
            p0,
            p1,
            p2,
            p3,
            p4,
            Felt::ZERO,
        ]
    }

    /// `hash(IntentId; domain (4), message (14))`.
    pub fn id(&self, domain: &Digest) -> IntentId {
        Self::id_of(domain, &self.message())
    }

    /// The name of the intent with this message.
    pub fn id_of(domain: &Digest, message: &[Felt; MESSAGE_ELEMENTS]) -> IntentId {
        let mut elements = [Felt::ZERO; DIGEST_ELEMENTS + MESSAGE_ELEMENTS];
        elements[..DIGEST_ELEMENTS].copy_from_slice(&domain.elements());
        elements[DIGEST_ELEMENTS..].copy_from_slice(message);
        IntentId(hash(Tag::IntentId, &elements))
    }

    /// Signs for `domain`. The same key and intent give the same signature.
    pub fn sign(self, key: &SecretKey, domain: &Digest) -> SignedIntent {
        let signature = sign(key, domain, &self.message());
        SignedIntent { intent: self, signature }
    }

    /// Kind, account, nonce, fee, valid until, then the operation's own fields; big-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.operation.kind()];
        bytes.extend(self.account.get().to_be_bytes());
        bytes.extend(self.nonce.get().to_be_bytes());
        bytes.extend(self.fee.get().to_be_bytes());
        bytes.extend(self.valid_until.get().to_be_bytes());
        match &self.operation {
            Operation::Pay(pay) => pay.write(&mut bytes),
            Operation::Transfer(transfer) => transfer.write(&mut bytes),
            Operation::Withdraw(withdraw) => withdraw.write(&mut bytes),
            Operation::RegisterLicense(register) => register.write(&mut bytes),
        }
        bytes
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = reader.u8()?;
        let account = AccountId::from(reader.u32()?);
        let nonce = Nonce::new(reader.u64()?)?;
        let fee = Fee::new(reader.u32()?.into())?;
        let valid_until = UnixTime::new(reader.u64()?)?;
        let operation = match kind {
            Pay::KIND => Operation::Pay(Pay::read(reader)?),
            Transfer::KIND => Operation::Transfer(Transfer::read(reader)?),
            Withdraw::KIND => Operation::Withdraw(Withdraw::read(reader)?),
            RegisterLicense::KIND => Operation::RegisterLicense(RegisterLicense::read(reader)?),
            got => return Err(DecodeError::UnknownKind { what: "operation", got }),
        };
        Ok(Self { account, nonce, fee, valid_until, operation })
    }

    /// Reads [`Intent::to_bytes`]; never panics.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let intent = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(intent)
    }
}

/// An intent with a signature: its fields are in range, the signature is canonical. That the
/// signature is right, and the account can pay, is not yet said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIntent {
    /// What was signed.
    pub intent: Intent,
    /// By the account's key.
    pub signature: Signature,
}

impl SignedIntent {
    /// The intent's bytes, then the 80 bytes of the signature.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.intent.to_bytes();
        bytes.extend(self.signature.to_bytes());
        bytes
    }

    /// Reads [`SignedIntent::to_bytes`]; never panics.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let intent = Intent::read(&mut reader)?;
        let signature = Signature::from_bytes(&reader.array::<SIGNATURE_BYTES>()?)?;
        reader.finish()?;
        Ok(Self { intent, signature })
    }
}
