//! Pays for uses of a license, waits until the payment's batch is sealed, and keeps the receipt.
//!
//! ```sh
//! farthing dev                                        # in another terminal; prints its data folder
//! cargo run --release -p farthing-client --example pay -- \
//!     http://127.0.0.1:8080 DATA/dev-1.key 1 0 20 receipt.json
//! ```

use std::path::Path;
use std::time::Duration;

use farthing_client::{Client, verify_receipt};
use farthing_protocol::{AccountId, Bytes32, LicenseId, SecretKey, Stage, Uses};

type ExampleResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "usage: pay NODE_URL KEY_FILE ACCOUNT LICENSE USES RECEIPT_FILE";
/// A batch is sealed after a minute unless the node's operator chose otherwise.
const SEALED_WITHIN: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() -> ExampleResult {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, key, account, license, uses, receipt_file] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let client = Client::new(url)?;
    let account = AccountId::from(account.parse::<u32>()?);
    let license = LicenseId::from(license.parse::<u32>()?);
    let uses = Uses::new(uses.parse()?)?;

    // Shares of the payment, holder by holder, ancestors of the license included.
    let quote = client.quote(license, uses).await?;
    println!("{}", serde_json::to_string_pretty(&quote)?);

    // The signer takes nonces from the clock. `pay` waits until the license's number is final on L1,
    // signs once, and sends the same bytes again if an answer is lost: it settles at most once.
    let signer = client.signer(account, read_key(key)?).await?;
    // 32 bytes about the inferences paid for: here the provenance of none in particular.
    let memo = Bytes32([0; 32]);
    let accepted = client.pay(&signer, license, uses, memo).await?;
    println!("accepted {} for batch {}", accepted.id, accepted.batch);

    let status = client.wait(accepted.id.0, Stage::Sequenced, SEALED_WITHIN).await?;
    if status.status < Stage::Sequenced {
        return Err(
            format!("still {} after {SEALED_WITHIN:?}: ask again later", status.status).into()
        );
    }
    // Individual intents are not on L1: the receipt is the only evidence of this one.
    let receipt = client.receipt(accepted.id.0).await?;
    verify_receipt(&receipt, None)?;
    std::fs::write(receipt_file, serde_json::to_vec_pretty(&receipt)?)?;
    println!("{receipt_file}: consistent; `farthing receipt verify` asks L1 whether it is settled");
    Ok(())
}

/// The key in a file of `farthing keys new`: 0x and 64 hexadecimal digits.
fn read_key(path: impl AsRef<Path>) -> ExampleResult<SecretKey> {
    let text = std::fs::read_to_string(path)?;
    let digits = text.trim().trim_start_matches("0x");
    let seed: [u8; 32] = hex::decode(digits)?.try_into().map_err(|_| "expected 32 bytes")?;
    Ok(SecretKey::from_seed(&seed))
}
