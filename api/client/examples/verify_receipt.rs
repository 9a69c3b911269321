//! Checks a receipt against a deployment, without node and without L1.
//!
//! ```sh
//! cargo run --release -p farthing-client --example verify_receipt -- receipt.json 1 0xCONTRACT
//! ```
//!
//! The result is that the receipt agrees with itself and names that deployment. Anyone can make
//! such a file for a payment that never happened; `farthing receipt verify --l1-url` asks the
//! contract besides.

use farthing_client::dto::ReceiptBody;
use farthing_client::verify_receipt;
use farthing_protocol::{Address, Domain};

const USAGE: &str = "usage: verify_receipt RECEIPT_FILE CHAIN_ID CONTRACT";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, chain_id, contract] = arguments.as_slice() else { return Err(USAGE.into()) };
    let receipt: ReceiptBody = serde_json::from_slice(&std::fs::read(file)?)?;
    // From a source that the verifier trusts, never from the receipt: anyone can deploy a contract.
    let deployment = Domain { chain_id: chain_id.parse()?, contract: contract.parse::<Address>()? };
    let verified = verify_receipt(&receipt, Some(&deployment))?;

    let intent = &verified.signed.intent;
    println!("intent {}", receipt.id);
    println!("signed by account {}, key {}", intent.account, receipt.key);
    println!("in batch {} of {} intents", receipt.batch.number, verified.batch.header.intents);
    match &verified.block {
        Some(block) => println!("in a block of {} batches", block.batches),
        None => println!("not in a block yet"),
    }
    println!("consistent; only L1 knows whether it is settled");
    Ok(())
}
