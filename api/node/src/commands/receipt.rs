//! `farthing receipt`: saves a receipt; checks one against L1 without a node, or offline against
//! itself.

use std::fmt::Write as _;

use farthing_client::dto::ReceiptBody;
use farthing_client::{VerifiedReceipt, verify_receipt};
use farthing_protocol::Domain;
use serde_json::json;

use super::context::Context;
use super::l1::L1Choice;
use crate::cli::{ReceiptCommand, ReceiptGetArgs, VerifyArgs};
use crate::error::CliError;
use crate::output;
use crate::settlement::SettledRollup;

pub(crate) async fn run(context: &Context, command: ReceiptCommand) -> Result<(), CliError> {
    match command {
        ReceiptCommand::Get(args) => get(context, args).await,
        ReceiptCommand::Verify(args) => verify(context, args).await,
    }
}

async fn get(context: &Context, args: ReceiptGetArgs) -> Result<(), CliError> {
    let receipt = context.client()?.receipt(args.intent.0).await?;
    let text = serde_json::to_string_pretty(&receipt).map_err(CliError::Json)?;
    let Some(path) = args.out else { return output::result(&text) };
    std::fs::write(&path, text).map_err(|source| CliError::File { path: path.clone(), source })?;
    let (id, file) = (receipt.id, path.display());
    context.print(&json!({ "id": id, "file": path }), |out| {
        writeln!(out, "intent    {id}")?;
        writeln!(out, "receipt   {file}")
    })
}

async fn verify(context: &Context, args: VerifyArgs) -> Result<(), CliError> {
    let path = args.receipt.clone();
    let text = std::fs::read_to_string(&path)
        .map_err(|source| CliError::File { path: path.clone(), source })?;
    let receipt: ReceiptBody =
        serde_json::from_str(&text).map_err(|source| CliError::ReceiptSyntax { path, source })?;
    let l1 = L1Choice::new(context, &args.l1);
    let verified = verify_receipt(&receipt, l1.domain().as_ref())?;
    let on_l1 = match (args.offline, &l1.url) {
        (false, Some(_)) => {
            let deployed_at = args.deployed_at.or(context.settings.l1.deployed_at);
            Some(check_l1(&l1, &receipt, &verified, deployed_at.unwrap_or(0)).await?)
        }
        _ => None,
    };
    print(context, &receipt, &verified, on_l1)?;
    match (on_l1, args.offline) {
        (None, false) => Err(CliError::NotSettled),
        _ => Ok(()),
    }
}

fn print(
    context: &Context,
    receipt: &ReceiptBody,
    verified: &VerifiedReceipt,
    on_l1: Option<u64>,
) -> Result<(), CliError> {
    let intent = &verified.signed.intent;
    let block = receipt.block.as_ref().map(|block| block.number);
    let summary = json!({
        "id": receipt.id,
        "account": intent.account,
        "batch": receipt.batch.number,
        "block": block,
        "chain_id": receipt.chain_id,
        "contract": receipt.contract,
        "consistent": true,
        "settled": on_l1.is_some(),
        "verified_on_l1": on_l1.is_some(),
        "l1_block_seen": on_l1,
    });
    context.print(&summary, |out| {
        writeln!(out, "intent    {}", receipt.id)?;
        writeln!(out, "of chain  {}, contract {}", receipt.chain_id, receipt.contract)?;
        let Some(at) = on_l1 else {
            writeln!(out, "says      account {} signed by key {}", intent.account, receipt.key)?;
            writeln!(out, "          batch {} settles it", receipt.batch.number)?;
            return writeln!(
                out,
                "CONSISTENT, not known to be settled: the file agrees with itself, and L1 was not asked"
            );
        };
        writeln!(out, "signed by account {}, key {}", intent.account, receipt.key)?;
        writeln!(out, "settled   by batch {}", receipt.batch.number)?;
        match block {
            Some(number) => writeln!(out, "          in block {number}")?,
            None => writeln!(out, "          the receipt names no block: it was made before")?,
        }
        writeln!(out, "L1        has verified the batch (seen at L1 block {at})")
    })
}

/// The contract has verified this batch, and has this block; the L1 block at which that was seen.
async fn check_l1(
    l1: &L1Choice,
    receipt: &ReceiptBody,
    verified: &VerifiedReceipt,
    deployed_at: u64,
) -> Result<u64, CliError> {
    // The contract must be the user's word, not the receipt's: anyone can deploy one.
    let domain = Domain { chain_id: receipt.chain_id, contract: l1.contract()? };
    verify_receipt(receipt, Some(&domain))?;
    let rollup = SettledRollup::open(l1.reader_of(domain.chain_id).await?, domain, deployed_at);
    rollup.await?.check(receipt, verified).await
}
