//! Input of trace generation.

use p3_field::BasedVectorSpace;

use farthing_protocol::{
    Digest, FP5_ELEMENTS, Felt, Fp5, LicenseVersion, MESSAGE_ELEMENTS, Message, Nonce,
    OperationKind, PAYLOAD_ELEMENTS, PublicKey, SHORT_DIGEST_ELEMENTS, Scalar, SignedIntent,
    canonical,
};

/// One signed intent and what the state says about it. Nothing is checked here: a dishonest row
/// makes a trace that no proof comes from.
#[derive(Clone, Debug)]
pub struct SignedRow {
    /// Kind of operation.
    pub kind: OperationKind,
    /// Account that signs and pays.
    pub account: u64,
    /// License of a `Pay`, account of a `Transfer`, lineage of a `RegisterLicense`, license and licensee
    /// of an `UpdateLicense`, else 0.
    pub target: u64,
    /// Nano moved; the price of a `RegisterLicense` or an `UpdateLicense`.
    pub amount: u64,
    /// Uses of a `Pay`, derivative shares of a `RegisterLicense`, these and the status of an
    /// `UpdateLicense`, else 0.
    pub quantity: u64,
    /// Nano for account 0.
    pub fee: u64,
    /// Unix seconds.
    pub valid_until: u64,
    /// The intent's nonce.
    pub nonce: u64,
    /// Recipient that was signed, else zeros.
    pub recipient: [Felt; SHORT_DIGEST_ELEMENTS],
    /// Memo, or provenance of a `RegisterLicense` or an `UpdateLicense`.
    pub payload: [Felt; PAYLOAD_ELEMENTS],
    /// The paid license's price per use, else 0.
    pub price: u64,
    /// The account that alone may pay the paid license, 0 if it has none and for other operations.
    pub licensee: u64,
    /// The account's last nonce before the batch.
    pub old_nonce: u64,
    /// The signer's key, encoded.
    pub key: Fp5,
    /// The signature's R, encoded.
    pub r: Fp5,
    /// The signature's s.
    pub s: Scalar,
}

/// The signed intents of a batch, grouped by account, nonces rising within a group.
#[derive(Clone, Debug)]
pub struct SignedBatch {
    /// Digest of chain id and contract address.
    pub domain: Digest,
    /// Unix seconds at which the batch was sealed.
    pub timestamp: u64,
    /// The intents.
    pub rows: Vec<SignedRow>,
}

impl SignedRow {
    /// The row of an intent of the account with this key and this last nonce before the batch;
    /// `paid` is the version of the license paid.
    pub fn new(
        signed: &SignedIntent,
        key: &PublicKey,
        paid: Option<&LicenseVersion>,
        old_nonce: Nonce,
    ) -> Self {
        let message = signed.intent.fields();
        let element = |words: [Felt; FP5_ELEMENTS]| Fp5::from_basis_coefficients_fn(|i| words[i]);
        Self {
            kind: signed.intent.operation.kind(),
            account: canonical(message.account),
            target: canonical(message.target),
            amount: canonical(message.amount),
            quantity: canonical(message.quantity),
            fee: canonical(message.fee),
            valid_until: canonical(message.valid_until),
            nonce: canonical(message.nonce),
            recipient: message.recipient,
            payload: message.payload,
            price: paid.map_or(0, |version| version.price.get()),
            licensee: paid.map_or(0, |version| version.licensee.get().into()),
            old_nonce: old_nonce.get(),
            key: element(key.elements()),
            r: element(signed.signature.r),
            s: signed.signature.s,
        }
    }

    /// The signed message as elements.
    pub fn message(&self) -> [Felt; MESSAGE_ELEMENTS] {
        let word = |value: u64| Felt::new(value);
        let message = Message {
            kind: word(self.kind.number().into()),
            quantity: word(self.quantity),
            fee: word(self.fee),
            account: word(self.account),
            target: word(self.target),
            amount: word(self.amount),
            valid_until: word(self.valid_until),
            nonce: word(self.nonce),
            recipient: self.recipient,
            payload: self.payload,
        };
        message.into_elements()
    }
}
