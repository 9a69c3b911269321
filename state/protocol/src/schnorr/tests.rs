mod golden;
mod timings;

use p3_field::PrimeCharacteristicRing;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::curve::{AffinePoint, Fp5, Point, SCALAR_BYTES, Scalar, coefficients};
use crate::felt::{Felt, MODULUS};
use crate::hash::{Digest, Tag, hash};

use super::item::challenges;
use super::weights::weights;
use super::*;

fn domain() -> Digest {
    hash(Tag::Domain, &[Felt::ONE])
}

fn secret(index: u8) -> SecretKey {
    SecretKey::from_seed(&[index; SEED_BYTES])
}

fn message(index: u64) -> MessageElements {
    core::array::from_fn(|i| Felt::from_u64(index * 100 + i as u64))
}

/// The signature that a signer gets by computing s from a nonce point and scalar of their choice.
fn sign_with_nonce(secret: &SecretKey, nonce: &Scalar, message: &MessageElements) -> Signature {
    let r = coefficients(&Point::mul_generator(nonce).encode());
    let e = challenge(&domain(), &r, secret.public_key(), message).to_scalar();
    Signature { r, s: *nonce + e * *secret.scalar() }
}

/// Signatures with everything that a batch borrows.
struct Batch {
    keys: Vec<VerifyingKey>,
    messages: Vec<MessageElements>,
    signatures: Vec<Signature>,
}

impl Batch {
    fn signed(count: usize, signers: usize) -> Self {
        let secrets: Vec<_> = (0..signers).map(|i| secret(i as u8)).collect();
        let mut batch = Self { keys: vec![], messages: vec![], signatures: vec![] };
        for i in 0..count {
            let secret = &secrets[i % signers];
            batch.push(secret, message(i as u64), sign(secret, &domain(), &message(i as u64)));
        }
        batch
    }

    fn push(&mut self, secret: &SecretKey, message: MessageElements, signature: Signature) {
        self.keys.push(VerifyingKey::new(secret.public_key()).expect("a point"));
        self.messages.push(message);
        self.signatures.push(signature);
    }

    fn items(&self) -> Vec<BatchItem<'_>> {
        let parts = self.keys.iter().zip(&self.messages).zip(&self.signatures);
        parts.map(|((key, message), signature)| BatchItem { key, message, signature }).collect()
    }

    fn verify(&self) -> Result<(), BatchError> {
        verify_batch(&domain(), &self.items())
    }

    fn find_invalid(&self) -> Vec<(usize, SignatureError)> {
        find_invalid(&domain(), &self.items())
    }

    /// The answer must be that of the signatures one by one.
    fn check_against_single(&self) {
        let one_by_one: Vec<_> = self
            .items()
            .iter()
            .enumerate()
            .filter_map(|(i, item)| {
                Some((i, item.key.verify(&domain(), item.message, item.signature).err()?))
            })
            .collect();
        assert_eq!(self.verify().is_ok(), one_by_one.is_empty());
        assert_eq!(self.find_invalid(), one_by_one);
    }
}

#[test]
fn signatures_verify_and_survive_their_bytes() {
    for i in 0..40 {
        let secret = secret(i);
        let message = message(u64::from(i));
        let signature = sign(&secret, &domain(), &message);
        assert_eq!(verify(secret.public_key(), &domain(), &message, &signature), Ok(()));
        assert_eq!(sign(&secret, &domain(), &message), signature, "deterministic");
        assert_eq!(Signature::from_bytes(&signature.to_bytes()), Ok(signature));
        let text = serde_json::to_string(&signature).expect("serializes");
        assert_eq!(serde_json::from_str::<Signature>(&text).expect("reads back"), signature);
        let key = secret.public_key();
        assert_eq!(PublicKey::from_bytes(&key.to_bytes()), Ok(*key));
        assert_eq!(PublicKey::from_words(key.to_words()), Ok(*key));
        assert_eq!(PublicKey::from_words_reduced(key.to_words()), *key);
        let point = key.decode().expect("a point");
        assert_eq!(PublicKey::from(&point), *key);
        assert_eq!(Point::from(point), Point::mul_generator(secret.scalar()));
    }
}

#[test]
fn anything_changed_is_refused() {
    let secret = secret(1);
    let (key, message) = (*secret.public_key(), message(1));
    let good = sign(&secret, &domain(), &message);
    let check = |key: &PublicKey,
                 domain: &Digest,
                 message: &MessageElements,
                 signature: &Signature| { verify(key, domain, message, signature) };
    let mismatch = Err(SignatureError::Mismatch);
    for i in 0..MESSAGE_ELEMENTS {
        let mut other = message;
        other[i] += Felt::ONE;
        assert_eq!(check(&key, &domain(), &other, &good), mismatch);
    }
    let other_key = *super::tests::secret(2).public_key();
    assert_eq!(check(&other_key, &domain(), &message, &good), mismatch);
    assert_eq!(check(&key, &Digest::ZERO, &message, &good), mismatch);
    for s in [good.s + Scalar::ONE, -good.s, Scalar::ZERO] {
        assert_eq!(check(&key, &domain(), &message, &Signature { s, ..good }), mismatch);
    }
    // Points whose encodings differ in the sign only.
    let r = good.r.map(|element| -element);
    assert_eq!(check(&key, &domain(), &message, &Signature { r, ..good }), mismatch);
    let negated_key = PublicKey::new(key.elements().map(|element| -element));
    assert_eq!(check(&negated_key, &domain(), &message, &good), mismatch);
    let zero = [Felt::ZERO; 5];
    let not_in_group = Err(SignatureError::NonceNotInGroup);
    assert_eq!(check(&key, &domain(), &message, &Signature { r: zero, ..good }), not_in_group);
    let r = not_a_point();
    assert_eq!(check(&key, &domain(), &message, &Signature { r, ..good }), not_in_group);
    let neutral = Err(SignatureError::Key(KeyError::Neutral));
    assert_eq!(check(&PublicKey::new(zero), &domain(), &message, &good), neutral);
    let no_key = Err(SignatureError::Key(KeyError::NotInGroup));
    // The key's error comes first.
    let bad = Signature { r: zero, ..good };
    assert_eq!(check(&PublicKey::new(not_a_point()), &domain(), &message, &bad), no_key);
}

fn not_a_point() -> [Felt; 5] {
    let candidates = (5..).map(|i| [i, 0, 0, 0, 0].map(Felt::new));
    let mut bad = candidates.filter(|w| AffinePoint::decode(&Fp5::new(*w)).is_none());
    bad.next().expect("half of all encodings are bad")
}

#[test]
fn a_neutral_combination_is_no_signature() {
    // s·G − e·P = 0: R would be neutral, which no encoding stands for.
    let secret = secret(3);
    let r = [Felt::ZERO; 5];
    let e = challenge(&domain(), &r, secret.public_key(), &message(0)).to_scalar();
    let signature = Signature { r, s: e * *secret.scalar() };
    let mut batch = Batch::signed(9, 2);
    batch.push(&secret, message(0), signature);
    assert_eq!(batch.verify(), Err(BatchError::NonceNotInGroup { index: 9 }));
    assert_eq!(batch.find_invalid(), [(9, SignatureError::NonceNotInGroup)]);
}

#[test]
fn bytes_decode_strictly() {
    let secret = secret(1);
    let good = sign(&secret, &domain(), &message(1)).to_bytes();
    for index in 0..5 {
        let mut bytes = good;
        bytes[8 * index..8 * index + 8].copy_from_slice(&MODULUS.to_be_bytes());
        let error = SignatureEncodingError::NonCanonicalElement { index };
        assert_eq!(Signature::from_bytes(&bytes), Err(error));
        let key: [u8; PUBLIC_KEY_BYTES] = *bytes.first_chunk().expect("40 of 80 bytes");
        assert_eq!(PublicKey::from_bytes(&key), Err(KeyEncodingError));
    }
    let mut bytes = good;
    bytes[..40].fill(0);
    assert_eq!(Signature::from_bytes(&bytes), Err(SignatureEncodingError::NeutralNonce));
    let mut bytes = good;
    bytes[40..].copy_from_slice(&plus_order(&good[40..]));
    assert_eq!(Signature::from_bytes(&bytes), Err(SignatureEncodingError::ResponseTooLarge));
    // A key that does not encode a point has bytes like any other.
    let key = PublicKey::new(not_a_point());
    assert_eq!(PublicKey::from_bytes(&key.to_bytes()), Ok(key));
    assert_eq!(key.decode(), Err(KeyError::NotInGroup));
    assert_eq!(PublicKey::default().decode(), Err(KeyError::Neutral));
    assert_eq!(PublicKey::from_words([MODULUS, 0, 0, 0, 0]), Err(KeyEncodingError));
    assert_eq!(PublicKey::from_words_reduced([MODULUS + 3; 5]).to_words(), [3; 5]);
}

/// s + n as 40 bytes; both are below 2³¹⁹, so it fits.
fn plus_order(s: &[u8]) -> [u8; SCALAR_BYTES] {
    let mut sum = [0; SCALAR_BYTES];
    let mut carry = 0;
    for i in 0..5 {
        let at = SCALAR_BYTES - 8 * (i + 1);
        let limb = u64::from_be_bytes(s[at..at + 8].try_into().expect("eight bytes"));
        let total = u128::from(limb) + u128::from(Scalar::ORDER[i]) + carry;
        sum[at..at + 8].copy_from_slice(&(total as u64).to_be_bytes());
        carry = total >> 64;
    }
    sum
}

#[test]
fn keys_serialize_as_five_words() {
    let key = *secret(1).public_key();
    let text = serde_json::to_string(&key).expect("serializes");
    assert_eq!(text, format!("{:?}", key.to_words()).replace(' ', ""));
    assert_eq!(serde_json::from_str::<PublicKey>(&text).expect("reads back"), key);
    let too_large = format!("[{MODULUS},0,0,0,0]");
    assert!(serde_json::from_str::<PublicKey>(&too_large).is_err());
    let order = serde_json::to_string(&Scalar::ORDER).expect("serializes");
    assert!(serde_json::from_str::<Scalar>(&order).is_err());
    let signature = |r: &str, s: &str| format!("{{\"r\":{r},\"s\":{s}}}");
    let one = "[1,0,0,0,0]";
    assert!(serde_json::from_str::<Signature>(&signature(one, one)).is_ok());
    assert!(serde_json::from_str::<Signature>(&signature(&too_large, one)).is_err());
    assert!(serde_json::from_str::<Signature>(&signature(one, &order)).is_err());
    assert_eq!(key.to_string(), hex::encode(key.to_bytes()));
}

#[test]
fn secrets_stay_out_of_debug_output() {
    let secret = secret(1);
    let scalar = format!("{:?}", secret.scalar());
    assert!(!format!("{secret:?}").contains(&scalar[2..]));
}

#[test]
fn batches_of_every_shape_verify() {
    for (count, signers) in [(0, 1), (1, 1), (2, 1), (7, 3), (8, 8), (9, 2), (100, 3), (300, 250)] {
        let batch = Batch::signed(count, signers);
        assert_eq!(batch.verify(), Ok(()), "{count} by {signers}");
        assert_eq!(batch.find_invalid(), []);
    }
}

#[test]
fn one_bad_signature_among_many_is_found() {
    let mut batch = Batch::signed(200, 5);
    for index in [0, 1, 100, 199] {
        let good = batch.signatures[index];
        batch.signatures[index].s += Scalar::ONE;
        assert_eq!(batch.verify(), Err(BatchError::Mismatch));
        assert_eq!(batch.find_invalid(), [(index, SignatureError::Mismatch)]);
        batch.signatures[index] = good;
    }
    batch.signatures[7].r = not_a_point();
    batch.signatures[50].s += Scalar::ONE;
    batch.messages[51][0] += Felt::ONE;
    assert_eq!(batch.verify(), Err(BatchError::NonceNotInGroup { index: 7 }));
    let mismatch = SignatureError::Mismatch;
    let expected = [(7, SignatureError::NonceNotInGroup), (50, mismatch), (51, mismatch)];
    assert_eq!(batch.find_invalid(), expected);
    batch.signatures.iter_mut().for_each(|signature| signature.s = Scalar::ZERO);
    assert_eq!(batch.find_invalid().len(), 200);
}

#[test]
fn errors_that_cancel_without_weights_are_caught() {
    let mut batch = Batch::signed(64, 1);
    batch.signatures[3].s += Scalar::ONE;
    batch.signatures[4].s = batch.signatures[4].s - Scalar::ONE;
    let expected = [(3, SignatureError::Mismatch), (4, SignatureError::Mismatch)];
    assert_eq!(batch.find_invalid(), expected);
    // Responses and nonces of two signatures exchanged.
    let mut batch = Batch::signed(64, 1);
    batch.signatures.swap(10, 11);
    assert_eq!(batch.verify(), Err(BatchError::Mismatch));
    batch.check_against_single();
}

#[test]
fn batches_with_chosen_nonces_verify_like_singles() {
    let signer = secret(1);
    let nonce = Scalar::from_u128(1 << 100 | 12345);
    let mut batch = Batch::signed(20, 2);
    // The same R often, R and −R, R = G, R = −G.
    for (i, nonce) in (0..60).map(|i| (i, if i % 3 == 0 { -nonce } else { nonce })) {
        batch.push(&signer, message(i), sign_with_nonce(&signer, &nonce, &message(i)));
    }
    for nonce in [Scalar::ONE, -Scalar::ONE] {
        batch.push(&signer, message(7), sign_with_nonce(&signer, &nonce, &message(7)));
    }
    // The very same signature again.
    let repeated = batch.signatures[70];
    (0..40).for_each(|_| batch.push(&signer, message(50), repeated));
    assert_eq!(batch.verify(), Ok(()));
    batch.check_against_single();
    let last = batch.signatures.len() - 1;
    batch.signatures[last].r = batch.signatures[last].r.map(|element| -element);
    batch.check_against_single();
    assert_eq!(batch.find_invalid(), [(last, SignatureError::Mismatch)]);
}

#[test]
fn the_generator_may_be_a_key() {
    let one = SecretKey::from_scalar(Scalar::ONE);
    assert_eq!(one.public_key().to_words(), [4, 0, 0, 0, 0]);
    let mut batch = Batch::signed(20, 3);
    for (i, nonce) in [Scalar::ONE, -Scalar::ONE, Scalar::from_u128(99)].iter().enumerate() {
        let message = message(i as u64);
        batch.push(&one, message, sign_with_nonce(&one, nonce, &message));
    }
    let minus_one = SecretKey::from_scalar(-Scalar::ONE);
    batch.push(&minus_one, message(5), sign_with_nonce(&minus_one, &Scalar::ONE, &message(5)));
    assert_eq!(batch.verify(), Ok(()));
    batch.check_against_single();
    batch.signatures[21].s += Scalar::ONE;
    batch.check_against_single();
}

#[test]
fn challenges_in_lanes_equal_single_ones() {
    let batch = Batch::signed(19, 4);
    let items = batch.items();
    let expected: Vec<_> = items
        .iter()
        .map(|item| challenge(&domain(), &item.signature.r, item.key.public_key(), item.message))
        .collect();
    assert_eq!(challenges(&domain(), &items), expected);
}

#[test]
fn weights_depend_on_everything() {
    let batch = Batch::signed(21, 4);
    let responses = batch.signatures.iter().map(|signature| signature.s);
    let signed: Vec<_> = challenges(&domain(), &batch.items()).into_iter().zip(responses).collect();
    let all = weights(&signed);
    assert_eq!(all.len(), 21);
    let mut distinct = all.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 21);
    let unlike = |other: &[(Challenge, Scalar)]| {
        assert!(weights(other).iter().zip(&all).all(|(a, b)| a != b));
    };
    for i in 0..21 {
        let mut other = signed.clone();
        other[i].1 += Scalar::ONE;
        unlike(&other);
        let mut other = signed.clone();
        other[i].0 = other[(i + 1) % 21].0;
        unlike(&other);
    }
    unlike(&signed[..20]);
    let mut other = signed.clone();
    other.swap(3, 11);
    unlike(&other);
}

#[test]
fn weights_are_pinned() {
    // The same on machines with registers of any width.
    let batch = Batch::signed(21, 1);
    let responses = batch.signatures.iter().map(|signature| signature.s);
    let signed: Vec<_> = challenges(&domain(), &batch.items()).into_iter().zip(responses).collect();
    assert_eq!(weights(&signed)[20], LAST_WEIGHT);
}

const LAST_WEIGHT: u128 = 304453930599121261744586307512240334642;

#[test]
fn decoders_take_any_bytes() {
    let mut rng = ChaCha8Rng::seed_from_u64(80);
    for round in 0..150_000 {
        let mut bytes = [0; SIGNATURE_BYTES];
        rng.fill_bytes(&mut bytes);
        // Most random words are canonical and most responses too large: try the edges as well.
        match round % 4 {
            0 => bytes[40] &= 0x7F,
            1 => bytes[..8].fill(0xFF),
            2 => bytes[40..60].fill(0),
            _ => {}
        }
        if let Ok(signature) = Signature::from_bytes(&bytes) {
            assert_eq!(signature.to_bytes(), bytes);
        }
        let key: [u8; PUBLIC_KEY_BYTES] = *bytes.first_chunk().expect("40 of 80 bytes");
        if let Ok(key) = PublicKey::from_bytes(&key) {
            assert_eq!(key.to_bytes(), bytes[..40]);
            if round % 16 == 0 {
                let _ = key.decode();
            }
        }
        let scalar: [u8; SCALAR_BYTES] = *bytes.last_chunk().expect("40 of 80 bytes");
        if let Some(scalar) = Scalar::from_bytes(&scalar) {
            assert_eq!(scalar.to_bytes(), bytes[40..]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_signature_verifies(seed: [u8; 32], words: [u64; MESSAGE_ELEMENTS], domain: [u64; 4]) {
        let secret = SecretKey::from_seed(&seed);
        let message = words.map(Felt::from_u64);
        let domain = Digest::new(domain.map(Felt::from_u64));
        let signature = sign(&secret, &domain, &message);
        prop_assert_eq!(verify(secret.public_key(), &domain, &message, &signature), Ok(()));
    }

    #[test]
    fn no_single_bit_can_change(bit in 0..8 * SIGNATURE_BYTES) {
        let secret = secret(9);
        let mut bytes = sign(&secret, &domain(), &message(9)).to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(changed) = Signature::from_bytes(&bytes) {
            prop_assert!(verify(secret.public_key(), &domain(), &message(9), &changed).is_err());
        }
    }

    #[test]
    fn batches_answer_like_singles(bad in proptest::collection::vec(0..40usize, 0..4), signers in 1..9usize) {
        let mut batch = Batch::signed(40, signers);
        for index in bad {
            batch.signatures[index].s += Scalar::ONE;
        }
        batch.check_against_single();
    }
}
