//! `state/protocol/vectors/wallet.json`: L2 keys from L1 wallets. Digests, signatures and seeds were
//! made by another implementation of EIP-712 and of secp256k1 (eth-account).

use std::path::Path;

use farthing_client::dto::{Hex, HexText, TextError, WireAddress, WireBytes, WirePublicKey};
use farthing_client::{wallet_key, wallet_message, wallet_message_hash, wallet_seed};
use farthing_protocol::{Bytes32, Domain};
use serde_json::Value;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn text<'a>(case: &'a Value, name: &str) -> TestResult<&'a str> {
    Ok(case[name].as_str().ok_or(name)?)
}

fn read<T: HexText>(case: &Value, name: &str) -> TestResult<T> {
    let read: Result<Hex<T>, TextError> = text(case, name)?.parse();
    Ok(read?.0)
}

#[test]
fn wallet_vectors_hold() -> TestResult {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../state/protocol/vectors/wallet.json");
    let file: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let cases = file["wallets"].as_array().ok_or("wallets")?;
    assert!(cases.len() >= 3);
    for case in cases {
        let contract: WireAddress = text(case, "contract")?.parse()?;
        let domain = Domain { chain_id: text(case, "chain_id")?.parse()?, contract: contract.0 };
        let digest: Bytes32 = read(case, "digest")?;
        assert_eq!(Bytes32(wallet_message_hash(&domain)), digest);
        let signature: WireBytes = text(case, "signature")?.parse()?;
        let signature: [u8; 65] = signature.0.try_into().map_err(|_| "65 bytes")?;
        let seed: Bytes32 = read(case, "seed")?;
        assert_eq!(wallet_seed(&signature)?, seed.0);
        let key = WirePublicKey::from(*wallet_key(&signature)?.public_key());
        assert_eq!(key.to_string(), text(case, "key")?);
    }
    Ok(())
}

/// The page of the specification shows what a wallet is asked to sign.
#[test]
fn the_message_is_the_specifications() -> TestResult {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../state/SPEC.md");
    let page = std::fs::read_to_string(path)?;
    let contract = farthing_protocol::Address([0x22; 20]);
    let message = wallet_message(&Domain { chain_id: 1, contract });
    let statement = text(&message["message"], "statement")?;
    assert!(page.replace('\n', " ").contains(statement), "{statement}");
    let kinds = message["types"].as_object().ok_or("types")?;
    for (name, fields) in kinds {
        let fields = fields.as_array().ok_or("fields")?;
        let field =
            |field: &Value| Ok(format!("{} {}", text(field, "type")?, text(field, "name")?));
        let fields: Vec<String> = fields.iter().map(field).collect::<TestResult<_>>()?;
        assert!(page.contains(&format!("{name}({})", fields.join(","))), "{name}");
    }
    Ok(())
}
