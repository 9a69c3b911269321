//! `farthing verify`: a receipt, with no node; with L1 if there is one.

use alloy::primitives::{Address, B256};
use alloy::providers::Provider as _;
use farthing_client::dto::ReceiptBody;
use farthing_client::{VerifiedReceipt, verify_receipt};
use farthing_l1::abi::Rollup;
use farthing_protocol::Domain;
use serde_json::json;

use super::context::Context;
use super::l1::L1Choice;
use crate::cli::VerifyArgs;
use crate::error::CliError;

pub(crate) async fn run(context: &Context, args: VerifyArgs) -> Result<(), CliError> {
    let path = args.receipt.clone();
    let text = std::fs::read_to_string(&path)
        .map_err(|source| CliError::File { path: path.clone(), source })?;
    let receipt: ReceiptBody =
        serde_json::from_str(&text).map_err(|source| CliError::ReceiptSyntax { path, source })?;
    let l1 = L1Choice::new(context, &args.l1);
    let verified = verify_receipt(&receipt, l1.domain().as_ref())?;
    let on_l1 = match l1.url {
        Some(_) => Some(check_l1(&l1, &receipt, &verified).await?),
        None => None,
    };
    let intent = &verified.signed.intent;
    let block = receipt.block.as_ref().map(|block| block.number);
    let summary = json!({
        "id": receipt.id,
        "account": intent.account,
        "batch": receipt.batch.number,
        "block": block,
        "chain_id": receipt.chain_id,
        "contract": receipt.contract,
        "verified_on_l1": on_l1.is_some(),
    });
    context.print(&summary, || {
        println!("intent    {}", receipt.id);
        println!("signed by account {}, key {}", intent.account, receipt.key);
        println!("settled   by batch {}", receipt.batch.number);
        match block {
            Some(number) => println!("          in block {number}"),
            None => println!("          no block yet"),
        }
        println!("of chain  {}, contract {}", receipt.chain_id, receipt.contract);
        match on_l1 {
            Some(at) => println!("L1        has verified the batch (seen at L1 block {at})"),
            None => println!("L1        not asked: give --l1-url"),
        }
    })
}

/// The contract has verified this batch; the L1 block at which that was seen.
async fn check_l1(
    l1: &L1Choice,
    receipt: &ReceiptBody,
    verified: &VerifiedReceipt,
) -> Result<u64, CliError> {
    // The contract must be the user's word, not the receipt's: anybody can deploy one.
    let domain = Domain { chain_id: receipt.chain_id, contract: l1.contract()? };
    verify_receipt(receipt, Some(&domain))?;
    let provider = l1.reader().await?;
    let got = provider.get_chain_id().await?;
    if got != domain.chain_id {
        return Err(CliError::Chain { expected: domain.chain_id, got });
    }
    let at = provider.get_block_number().await?;
    let rollup = Rollup::new(Address::from(domain.contract.0), provider);
    let batch = verified.batch.header.number.get();
    let id = rollup.finalBatch(batch).call().await?;
    let digest = rollup.committedDigest(id).call().await?;
    match id != B256::ZERO && digest.0 == verified.batch.digest().to_bytes() {
        true => Ok(at),
        false => Err(CliError::NotOnL1 { batch }),
    }
}
