//! Signed intents: their elements, bytes and names.

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};

use crate::codec::Reader;
use crate::error::DecodeError;
use crate::felt::Felt;
use crate::hash::{DIGEST_ELEMENTS, Digest, Tag, hash};
use crate::operation::{Message, Operation, OperationFields};
use crate::quantity::{AccountId, Fee, Nano, Nonce, UnixTime};
use crate::schnorr::{MESSAGE_ELEMENTS, SIGNATURE_BYTES, SecretKey, Signature, sign};

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
    /// The operation.
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

impl Intent {
    /// Amount and fee.
    pub fn debit(&self) -> Nano {
        self.operation.amount().with_fee(self.fee)
    }

    /// The elements that are signed, in the order of [`Message`].
    pub fn message(&self) -> [Felt; MESSAGE_ELEMENTS] {
        self.fields().into_elements()
    }

    /// The elements that are signed, by their names.
    pub fn fields(&self) -> Message<Felt> {
        let OperationFields { target, quantity, amount, recipient, payload } =
            self.operation.fields();
        Message {
            kind: Felt::from_u8(self.operation.kind().number()),
            quantity: Felt::from_u32(quantity),
            fee: self.fee.felt(),
            account: self.account.felt(),
            target: Felt::from_u64(target),
            amount,
            valid_until: self.valid_until.felt(),
            nonce: self.nonce.felt(),
            recipient: recipient.elements(),
            payload,
        }
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
        let mut bytes = vec![self.operation.kind().number()];
        bytes.extend(self.account.get().to_be_bytes());
        bytes.extend(self.nonce.get().to_be_bytes());
        bytes.extend(self.fee.get().to_be_bytes());
        bytes.extend(self.valid_until.get().to_be_bytes());
        self.operation.write(&mut bytes);
        bytes
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = reader.u8()?;
        let account = AccountId::from(reader.u32()?);
        let nonce = Nonce::new(reader.u64()?)?;
        let fee = Fee::new(reader.u32()?.into())?;
        let valid_until = UnixTime::new(reader.u64()?)?;
        let operation = Operation::read(kind, reader)?;
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
    /// The intent.
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
