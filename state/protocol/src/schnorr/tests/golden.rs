//! `vectors/schnorr.json`: signatures that every implementation must accept or refuse, and why.
//!
//! `FARTHING_REGENERATE=1 cargo test --release -p farthing-protocol golden` regenerates it.

use p3_field::PrimeCharacteristicRing;
use serde_json::{Map, Value, json};

use crate::curve::{AffinePoint, Fp5, Point, Scalar, coefficients};
use crate::felt::{Felt, MODULUS, felts_from_bytes, felts_to_bytes};
use crate::hash::{DIGEST_BYTES, Digest, Tag, hash, hash_wide};

use super::super::*;
use super::plus_order;

const STORED: &str = include_str!("../../../vectors/schnorr.json");
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/schnorr.json");
const REGENERATE: &str = "FARTHING_REGENERATE=1 cargo test --release -p farthing-protocol golden";
const MESSAGE_BYTES: usize = 8 * MESSAGE_ELEMENTS;

#[test]
fn golden_vectors_are_stored() {
    let mut fresh = serde_json::to_string_pretty(&vectors()).expect("serializes");
    fresh.push('\n');
    if std::env::var_os("FARTHING_REGENERATE").is_some() {
        std::fs::write(PATH, fresh).expect("the vectors can be written");
    } else {
        assert!(
            fresh == STORED,
            "vectors/schnorr.json has changed; to regenerate it: {REGENERATE}"
        );
    }
}

#[test]
fn golden_valid_signatures_verify() {
    let cases = section("valid");
    assert!(cases.len() >= 8);
    for case in cases {
        let seed = bytes(&case, "seed");
        let secret = SecretKey::from_seed(&seed);
        let key = PublicKey::from_bytes(&bytes(&case, "public_key")).expect("canonical");
        let domain = Digest::from_bytes(&bytes(&case, "domain")).expect("canonical");
        let message: MessageElements =
            felts_from_bytes(&bytes::<MESSAGE_BYTES>(&case, "message")).expect("canonical");
        let signature = Signature::from_bytes(&bytes(&case, "signature")).expect("canonical");
        assert_eq!(secret.public_key(), &key);
        assert_eq!(sign(&secret, &domain, &message), signature);
        let challenge = challenge(&domain, &signature.r, &key, &message);
        let digest = Digest::from_bytes(&bytes(&case, "challenge")).expect("canonical");
        assert_eq!(challenge.elements(), digest.elements());
        assert_eq!(verify(&key, &domain, &message, &signature), Ok(()));
    }
}

#[test]
fn golden_invalid_signatures_are_refused() {
    let cases = section("invalid");
    assert!(cases.len() >= 8);
    for case in cases {
        let refusal = refusal(
            &bytes(&case, "public_key"),
            &bytes(&case, "domain"),
            &bytes(&case, "message"),
            &bytes(&case, "signature"),
        );
        assert_eq!(refusal.as_deref(), case["error"].as_str(), "{}", case["reason"]);
    }
}

/// The name of the error, whether in decoding or verifying.
fn refusal(
    key: &[u8; PUBLIC_KEY_BYTES],
    domain: &[u8; DIGEST_BYTES],
    message: &[u8; MESSAGE_BYTES],
    signature: &[u8; SIGNATURE_BYTES],
) -> Option<String> {
    let domain = Digest::from_bytes(domain).expect("canonical");
    let message = felts_from_bytes(message).expect("canonical");
    let key = match PublicKey::from_bytes(key) {
        Ok(key) => key,
        Err(error) => return Some(format!("{error:?}")),
    };
    let signature = match Signature::from_bytes(signature) {
        Ok(signature) => signature,
        Err(error) => return Some(format!("{error:?}")),
    };
    let error = verify(&key, &domain, &message, &signature).err()?;
    Some(format!("{error:?}"))
}

fn section(name: &str) -> Vec<Value> {
    let stored: Value = serde_json::from_str(STORED).expect("the vectors are JSON");
    stored[name].as_array().expect("a section is a list").clone()
}

fn bytes<const N: usize>(case: &Value, field: &str) -> [u8; N] {
    let bytes = hex::decode(case[field].as_str().expect("a string")).expect("hexadecimal");
    bytes.try_into().expect("of this field's length")
}

/// The message and the key of a case.
struct Case {
    seed: [u8; SEED_BYTES],
    domain: Digest,
    message: MessageElements,
}

impl Case {
    fn number(index: u64) -> Self {
        let wide = |part: u64| hash_wide(Tag::Domain, &[index, part].map(Felt::from_u64));
        let mut message = [Felt::ZERO; MESSAGE_ELEMENTS];
        message[..8].copy_from_slice(&wide(0));
        message[8..].copy_from_slice(&wide(1)[..6]);
        match index {
            // All zeros, and all p − 1.
            0 => message = [Felt::ZERO; MESSAGE_ELEMENTS],
            1 => message = [Felt::NEG_ONE; MESSAGE_ELEMENTS],
            _ => {}
        }
        let seed = match index {
            0 => [0; SEED_BYTES],
            1 => [0xFF; SEED_BYTES],
            _ => core::array::from_fn(|i| (index * 37 + i as u64 * 11) as u8),
        };
        Self { seed, domain: hash(Tag::Domain, &[Felt::from_u64(index / 4)]), message }
    }

    fn secret(&self) -> SecretKey {
        SecretKey::from_seed(&self.seed)
    }

    fn fields(&self, key: &[u8], signature: &[u8]) -> Map<String, Value> {
        let message: [u8; MESSAGE_BYTES] = felts_to_bytes(&self.message);
        let fields = json!({
            "public_key": hex::encode(key),
            "domain": hex::encode(self.domain.to_bytes()),
            "message": hex::encode(message),
            "signature": hex::encode(signature),
        });
        fields.as_object().expect("an object").clone()
    }

    fn valid(&self) -> Value {
        let secret = self.secret();
        let key = secret.public_key();
        let signature = sign(&secret, &self.domain, &self.message);
        let e = challenge(&self.domain, &signature.r, key, &self.message);
        let mut fields = self.fields(&key.to_bytes(), &signature.to_bytes());
        fields.insert("seed".into(), hex::encode(self.seed).into());
        fields.insert("challenge".into(), hex::encode(Digest::new(e.elements()).to_bytes()).into());
        fields.into()
    }

    fn invalid(&self, reason: &str, key: &[u8; 40], signature: &[u8; 80]) -> Value {
        let message = felts_to_bytes(&self.message);
        let error = refusal(key, &self.domain.to_bytes(), &message, signature);
        let mut fields = self.fields(key, signature);
        fields.insert("reason".into(), reason.into());
        fields.insert("error".into(), error.expect("the signature is invalid").into());
        fields.into()
    }
}

fn vectors() -> Value {
    json!({
        "note": "Schnorr over EcGFp5. Hexadecimal throughout. Elements: 8 bytes, big-endian. Keys: \
                 5 elements. Domain, challenge: 4. Message: 14. Signature: R as 5 elements, then s \
                 as 40 bytes, big-endian.",
        "regenerate": REGENERATE,
        "valid": (0..12).map(|index| Case::number(index).valid()).collect::<Vec<_>>(),
        "invalid": invalid(),
    })
}

fn invalid() -> Vec<Value> {
    let case = Case::number(5);
    let secret = case.secret();
    let key = secret.public_key().to_bytes();
    let good = sign(&secret, &case.domain, &case.message);
    let other = Case::number(6);
    let with =
        |reason: &str, signature: Signature| case.invalid(reason, &key, &signature.to_bytes());
    let negated = good.r.map(|element| -element);
    let mut too_large_element = good.to_bytes();
    too_large_element[16..24].copy_from_slice(&MODULUS.to_be_bytes());
    let mut plus_n = good.to_bytes();
    let s_plus_n = plus_order(&plus_n[40..]);
    plus_n[40..].copy_from_slice(&s_plus_n);
    let mut equal_to_n = good.to_bytes();
    equal_to_n[40..].copy_from_slice(&plus_order(&[0; 40]));
    let mut key_too_large = key;
    key_too_large[..8].fill(0xFF);
    let zero = [Felt::ZERO; 5];
    let e_of_zero = challenge(&case.domain, &zero, secret.public_key(), &case.message).to_scalar();
    let negated_key = PublicKey::new(secret.public_key().elements().map(|element| -element));
    vec![
        case.invalid(
            "another key's signature of the message",
            &key,
            &sign(&other.secret(), &case.domain, &case.message).to_bytes(),
        ),
        with("another message's signature", sign(&secret, &case.domain, &other.message)),
        with("another domain's signature", sign(&secret, &Digest::ZERO, &case.message)),
        with("s one too large", Signature { s: good.s + Scalar::ONE, ..good }),
        with("s negated", Signature { s: -good.s, ..good }),
        with("s zero", Signature { s: Scalar::ZERO, ..good }),
        with("R negated", Signature { r: negated, ..good }),
        case.invalid("key negated", &negated_key.to_bytes(), &good.to_bytes()),
        with("R and e of s·G = −R + e·P", sign_for_minus_r(&case)),
        with("R decodes to no point", Signature { r: not_a_point(), ..good }),
        case.invalid(
            "R neutral, and s·G = e·P",
            &key,
            &Signature { r: zero, s: e_of_zero * *secret.scalar() }.to_bytes(),
        ),
        case.invalid("an element of R is p", &key, &too_large_element),
        case.invalid("s + n in place of s", &key, &plus_n),
        case.invalid("s = n", &key, &equal_to_n),
        case.invalid("key neutral", &[0; 40], &good.to_bytes()),
        case.invalid(
            "key decodes to no point",
            &PublicKey::new(not_a_point()).to_bytes(),
            &good.to_bytes(),
        ),
        case.invalid("an element of the key is above p", &key_too_large, &good.to_bytes()),
    ]
}

/// Valid if the sign of R were free: what a verifier accepts that takes x without the square check.
fn sign_for_minus_r(case: &Case) -> Signature {
    let secret = case.secret();
    let nonce = Scalar::from_u128(0x0123_4567_89AB_CDEF);
    let r = coefficients(&(-Point::mul_generator(&nonce)).encode());
    let e = challenge(&case.domain, &r, secret.public_key(), &case.message).to_scalar();
    Signature { r, s: nonce + e * *secret.scalar() }
}

fn not_a_point() -> [Felt; 5] {
    let candidates = (5..).map(|i| [i, i + 1, i + 2, i + 3, i + 4].map(Felt::new));
    let mut bad = candidates.filter(|w| AffinePoint::decode(&Fp5::new(*w)).is_none());
    bad.next().expect("half of all encodings are bad")
}
