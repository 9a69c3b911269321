//! `farthing keys`: makes and shows the keys that sign.

use std::fmt::Write as _;
use std::path::Path;

use alloy::primitives::B256;
use alloy::signers::Signer as _;
use farthing_client::dto::{WireBytes, WirePublicKey};
use farthing_client::{WALLET_SIGNATURE_BYTES, wallet_message, wallet_message_hash, wallet_seed};
use farthing_protocol::PublicKey;
use serde_json::json;
use zeroize::Zeroizing;

use super::context::Context;
use super::l1::L1Choice;
use crate::cli::{DeriveArgs, KeyOut, KeysCommand};
use crate::error::CliError;
use crate::keyfile::{Secret, random_secret, read_private, write_secret};
use crate::output;

/// The largest file with a wallet's signature.
const SIGNATURE_FILE_BYTES_MAX: u64 = 4_096;

pub(crate) async fn run(context: &Context, command: KeysCommand) -> Result<(), CliError> {
    match command {
        KeysCommand::New(KeyOut { out }) => {
            let seed = random_secret()?;
            write_secret(&out, &seed)?;
            show(context, seed.signing_key().public_key())
        }
        KeysCommand::Derive(args) => derive(context, args).await,
        KeysCommand::Show => show(context, context.key()?.public_key()),
    }
}

async fn derive(context: &Context, args: DeriveArgs) -> Result<(), CliError> {
    let l1 = L1Choice::new(context, &args.l1);
    let signature = match (&args.signature, l1.wallet()?) {
        (Some(path), _) => read_signature(path)?,
        (None, Some(wallet)) => {
            let hash = B256::from(wallet_message_hash(&l1.require_domain()?));
            Zeroizing::new(wallet.sign_hash(&hash).await.map_err(CliError::L1Sign)?.as_bytes())
        }
        (None, None) => {
            let message = wallet_message(&l1.require_domain()?);
            let message = serde_json::to_string_pretty(&message).map_err(CliError::Json)?;
            return output::result(&message);
        }
    };
    let seed = Secret::new(wallet_seed(&signature)?);
    let how = "give --out FILE";
    let out = args.out.ok_or(CliError::Missing { what: "the key file to write", how })?;
    write_secret(&out, &seed)?;
    show(context, seed.signing_key().public_key())
}

fn read_signature(path: &Path) -> Result<Zeroizing<[u8; WALLET_SIGNATURE_BYTES]>, CliError> {
    let text = read_private(path, SIGNATURE_FILE_BYTES_MAX)?;
    let signature = parse_signature(text.trim());
    signature.ok_or_else(|| CliError::Signature { path: path.to_owned() })
}

fn parse_signature(text: &str) -> Option<Zeroizing<[u8; WALLET_SIGNATURE_BYTES]>> {
    let bytes: WireBytes = text.parse().ok()?;
    let bytes = Zeroizing::new(bytes.0);
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}

fn show(context: &Context, key: &PublicKey) -> Result<(), CliError> {
    let key = WirePublicKey::from(*key);
    context.print(&json!({ "public_key": key }), |out| writeln!(out, "public key  {key}"))
}

#[cfg(test)]
mod tests {
    use alloy::signers::local::PrivateKeySigner;
    use alloy::sol;
    use alloy::sol_types::{SolStruct as _, eip712_domain};
    use farthing_protocol::{Address, Domain};

    use super::*;

    sol! {
        struct FarthingKey {
            string statement;
        }
    }

    /// The hash that wallets compute is the one that the SDK computes.
    #[test]
    fn the_message_hash_is_eip_712() -> Result<(), &'static str> {
        let deployment = Domain { chain_id: 11_155_111, contract: Address([0x42; 20]) };
        let message = wallet_message(&deployment);
        let statement = message["message"]["statement"].as_str().ok_or("a statement")?;
        let domain = eip712_domain! {
            name: "Farthing",
            version: "1",
            chain_id: deployment.chain_id,
            verifying_contract: alloy::primitives::Address::from(deployment.contract.0),
        };
        let typed = FarthingKey { statement: statement.to_owned() };
        let expected = typed.eip712_signing_hash(&domain);
        assert_eq!(wallet_message_hash(&deployment), expected.0);
        Ok(())
    }

    #[tokio::test]
    async fn a_wallet_gets_the_same_key_again() -> Result<(), Box<dyn std::error::Error>> {
        let wallet = PrivateKeySigner::from_bytes(&B256::repeat_byte(7))?;
        let deployment = Domain { chain_id: 1, contract: Address([1; 20]) };
        let hash = B256::from(wallet_message_hash(&deployment));
        let first = wallet_seed(&wallet.sign_hash(&hash).await?.as_bytes())?;
        let again = wallet_seed(&wallet.sign_hash(&hash).await?.as_bytes())?;
        assert_eq!(first, again);
        assert!(parse_signature("0x00").is_none());
        assert!(parse_signature(&format!("0x{}", "01".repeat(65))).is_some());
        Ok(())
    }
}
