//! Signatures to measure verification on.

use farthing_protocol::{
    BatchItem, Digest, Domain, MessageElements, PublicKey, SecretKey, Signature, VerifyingKey,
    felt_from_canonical, sign,
};

/// Signatures of one batch verification.
pub const BATCH: usize = 1_024;
/// Signers of one batch verification.
pub const SIGNERS: [usize; 3] = [8, 64, 1_024];

/// Signatures to verify: signature i is by signer i modulo their number.
pub struct Signatures {
    /// Domain that the signatures are for.
    pub domain: Digest,
    /// Secret keys of the signers.
    pub secrets: Vec<SecretKey>,
    /// Public keys of the signers.
    pub public_keys: Vec<PublicKey>,
    keys: Vec<VerifyingKey>,
    /// Signed messages.
    pub messages: Vec<MessageElements>,
    /// One signature for each message.
    pub signatures: Vec<Signature>,
}

impl Signatures {
    /// `count` signatures by `signers` keys.
    pub fn new(count: usize, signers: usize) -> Self {
        let domain = Domain { chain_id: 1, contract: Default::default() }.digest();
        let secrets: Vec<SecretKey> = (0..signers as u64)
            .map(|i| {
                let mut seed = [7; 32];
                seed[24..].copy_from_slice(&i.to_be_bytes());
                SecretKey::from_seed(&seed)
            })
            .collect();
        let public_keys: Vec<PublicKey> = secrets.iter().map(|s| *s.public_key()).collect();
        let keys = public_keys.iter().filter_map(|key| VerifyingKey::new(key).ok()).collect();
        let messages: Vec<MessageElements> = (0..count as u64)
            .map(|i| {
                std::array::from_fn(|j| felt_from_canonical(i * 64 + j as u64).unwrap_or_default())
            })
            .collect();
        let signatures = messages
            .iter()
            .enumerate()
            .map(|(i, message)| sign(&secrets[i % signers], &domain, message))
            .collect();
        Self { domain, secrets, public_keys, keys, messages, signatures }
    }

    /// The signatures in the form that batch verification takes.
    pub fn items(&self) -> Vec<BatchItem<'_>> {
        let signed = self.messages.iter().zip(&self.signatures).enumerate();
        let item = |(i, (message, signature))| BatchItem {
            key: &self.keys[i % self.keys.len()],
            message,
            signature,
        };
        signed.map(item).collect()
    }
}
