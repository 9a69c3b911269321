//! No input makes a decoder panic, and what decodes is the encoding of what it decodes to: more
//! than a million inputs, random, mutated and cut off.

use farthing_protocol::{
    AccountId, Address, Amount, Bytes32, DIGEST_BYTES, Digest, Domain, Fee, Holder, HolderShares,
    Intent, LicenseId, LicenseStatus, LicenseVersion, Licensee, Lineage, Nonce, Operation,
    PUBLIC_KEY_BYTES, Pay, Price, PublicData, PublicKey, RegisterLicense, SIGNATURE_BYTES,
    SecretKey, ShareTable, Shares, ShortDigest, Signature, SignedIntent, Transfer, UnixTime,
    UpdateLicense, Uses, Withdraw,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const RANDOM: usize = 250_000;
const MUTATED: usize = 800_000;

fn below(rng: &mut ChaCha8Rng, bound: usize) -> usize {
    (rng.next_u64() % bound as u64) as usize
}

fn random_bytes(rng: &mut ChaCha8Rng, longest: usize) -> Vec<u8> {
    let mut bytes = vec![0; below(rng, longest + 1)];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// Overwrites a few bytes, at times with edges; cuts off or repeats a part.
fn mutate(rng: &mut ChaCha8Rng, bytes: &mut Vec<u8>) {
    for _ in 0..=below(rng, 3) {
        if bytes.is_empty() {
            return;
        }
        let at = below(rng, bytes.len());
        match below(rng, 6) {
            0 => bytes[at] = rng.next_u64() as u8,
            1 => bytes[at] ^= 1 << below(rng, 8),
            2 => {
                let end = (at + 1 + below(rng, 40)).min(bytes.len());
                bytes[at..end].fill(if rng.next_u64() & 1 == 0 { 0 } else { 0xFF });
            }
            3 => bytes.truncate(at),
            4 => bytes.extend_from_within(at..),
            _ => {
                bytes.remove(at);
            }
        }
    }
}

fn take<const N: usize>(bytes: &[u8]) -> [u8; N] {
    core::array::from_fn(|i| bytes.get(i).copied().unwrap_or(0))
}

/// Puts `bytes` to every decoder; how many of them took it.
fn decode_all(bytes: &[u8]) -> usize {
    let mut taken = 0;
    if let Ok(intent) = Intent::from_bytes(bytes) {
        assert_eq!(intent.to_bytes(), bytes);
        let _ = intent.message();
        taken += 1;
    }
    if let Ok(signed) = SignedIntent::from_bytes(bytes) {
        assert_eq!(signed.to_bytes(), bytes);
        taken += 1;
    }
    let fixed = take::<SIGNATURE_BYTES>(bytes);
    if let Ok(signature) = Signature::from_bytes(&fixed) {
        assert_eq!(signature.to_bytes(), fixed);
        taken += 1;
    }
    let fixed = take::<PUBLIC_KEY_BYTES>(bytes);
    if let Ok(key) = PublicKey::from_bytes(&fixed) {
        assert_eq!(key.to_bytes(), fixed);
        taken += 1;
    }
    let fixed = take::<DIGEST_BYTES>(bytes);
    if let Some(digest) = Digest::from_bytes(&fixed) {
        assert_eq!(digest.to_bytes(), fixed);
        taken += 1;
    }
    if let Ok(data) = PublicData::from_bytes(bytes) {
        assert_eq!(data.to_bytes(), bytes);
        if let Ok(records) = data.records() {
            assert_eq!(PublicData::from_records(&records), data);
            taken += 1;
        }
    }
    taken
}

fn operations() -> Vec<Operation> {
    let memo = Bytes32([7; 32]);
    let recipient = ShortDigest::from(Digest::ZERO);
    let amount = Amount::new(5_000).expect("in range");
    let line = |holder, shares| HolderShares { holder, shares: Shares::new(shares).expect("few") };
    let shares = ShareTable::new(vec![
        line(Holder::Account(AccountId::from(1)), 400_000),
        line(Holder::Account(AccountId::from(9)), 100_000),
        line(Holder::License(LicenseId::from(0)), 500_000),
    ]);
    vec![
        Operation::Pay(Pay {
            license: LicenseId::from(1),
            uses: Uses::MIN,
            amount,
            recipient,
            memo,
        }),
        Operation::Transfer(Transfer { to: AccountId::from(3), amount, recipient, memo }),
        Operation::Withdraw(Withdraw::new(amount, memo).expect("whole units")),
        Operation::RegisterLicense(RegisterLicense {
            price: Price::new(250).expect("in range"),
            derivative_shares: Shares::new(50_000).expect("in range"),
            lineage: Lineage::new(2).expect("in range"),
            provenance: memo,
            shares: shares.expect("a table"),
            recipient,
        }),
        Operation::UpdateLicense(UpdateLicense {
            license: LicenseId::from(1),
            recipient,
            version: LicenseVersion {
                price: Price::new(250).expect("in range"),
                derivative_shares: Shares::new(50_000).expect("in range"),
                status: LicenseStatus::Paused,
                licensee: Licensee::new(9).expect("in range"),
                provenance: memo,
            },
        }),
    ]
}

/// Valid encodings of everything: intents, signed intents, signatures, public data.
fn valid() -> Vec<Vec<u8>> {
    let domain = Domain { chain_id: 1, contract: Address([1; 20]) }.digest();
    let key = SecretKey::from_seed(&[1; 32]);
    let mut encodings = vec![key.public_key().to_bytes().to_vec(), domain.to_bytes().to_vec()];
    for operation in operations() {
        let intent = Intent {
            account: AccountId::from(5),
            nonce: Nonce::new(6).expect("in range"),
            fee: Fee::new(7).expect("in range"),
            valid_until: UnixTime::new(8).expect("in range"),
            operation,
        };
        encodings.push(intent.to_bytes());
        let signed = intent.sign(&key, &domain);
        encodings.push(signed.to_bytes());
        encodings.push(signed.signature.to_bytes().to_vec());
    }
    let vectors = include_str!("../vectors/public_data.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).expect("JSON");
    for case in vectors["streams"].as_array().expect("a list") {
        let bytes = case["bytes"].as_str().and_then(|bytes| bytes.strip_prefix("0x"));
        encodings.push(hex::decode(bytes.expect("0x")).expect("hexadecimal"));
    }
    encodings
}

#[test]
fn decoders_take_any_bytes() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut taken = 0;
    for round in 0..RANDOM {
        let mut bytes = random_bytes(&mut rng, 260);
        // Kinds that exist take decoders further in.
        if let Some(kind) = bytes.first_mut().filter(|_| round % 2 == 0) {
            *kind %= 10;
        }
        taken += decode_all(&bytes);
    }
    assert!(taken > 0, "canonical digests and keys are common");
}

#[test]
fn decoders_take_mutated_encodings() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let valid = valid();
    assert!(valid.iter().all(|bytes| decode_all(bytes) > 0));
    let mut taken = 0;
    for round in 0..MUTATED {
        let mut bytes = valid[round % valid.len()].clone();
        mutate(&mut rng, &mut bytes);
        taken += decode_all(&bytes);
    }
    assert!(taken > MUTATED / 10, "many mutations touch what is free to differ: {taken}");
}

#[test]
fn decoders_take_every_prefix() {
    for bytes in valid() {
        for length in 0..=bytes.len() {
            decode_all(&bytes[..length]);
        }
    }
}
