//! `farthing claim`: collects on L1 what withdrawals brought there.

use alloy::primitives::{Address, B256, U256};
use farthing_client::dto::{BlockStage, WithdrawalBody};
use farthing_l1::abi::Rollup;
use serde::Serialize;

use super::context::Context;
use super::l1::{L1Choice, succeeded};
use crate::cli::ClaimArgs;
use crate::error::CliError;
use crate::tokens::tokens;

/// What became of a withdrawal.
#[derive(Debug, Serialize)]
struct Outcome {
    batch: u64,
    index: u32,
    base_units: u64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<B256>,
}

pub(crate) async fn run(context: &Context, args: ClaimArgs) -> Result<(), CliError> {
    let client = context.client()?;
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = client.withdrawals(args.owner.0, cursor.as_deref()).await?;
        found.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let outcomes = match args.dry_run {
        true => found.iter().map(waiting).collect(),
        false => claim_all(context, &args, &found).await?,
    };
    context.print(&outcomes, || {
        for outcome in &outcomes {
            let Outcome { batch, index, base_units, status, transaction } = outcome;
            let amount = tokens(base_units.saturating_mul(1_000));
            let hash = transaction.map(|hash| format!(" {hash}")).unwrap_or_default();
            println!("batch {batch} payout {index}: {amount} tokens, {status}{hash}");
        }
        if outcomes.is_empty() {
            println!("nothing to claim");
        }
    })
}

fn waiting(withdrawal: &WithdrawalBody) -> Outcome {
    Outcome {
        batch: withdrawal.batch.0.get(),
        index: withdrawal.index,
        base_units: withdrawal.base_units.parse().unwrap_or_default(),
        status: match withdrawal.status {
            BlockStage::Sequenced => "not proven yet",
            BlockStage::Proven => "not final on L1 yet",
            BlockStage::Finalized => "can be claimed",
        },
        transaction: None,
    }
}

async fn claim_all(
    context: &Context,
    args: &ClaimArgs,
    found: &[WithdrawalBody],
) -> Result<Vec<Outcome>, CliError> {
    let l1 = L1Choice::new(context, &args.l1);
    let (provider, _) = l1.sender().await?;
    let mut outcomes = Vec::new();
    for withdrawal in found {
        let mut outcome = waiting(withdrawal);
        if let Some(claim) = &withdrawal.claim {
            // The contract that the user named, if he named one; else the node's word is taken.
            let contract = l1.contract.unwrap_or(claim.contract.0);
            let rollup = Rollup::new(Address::from(contract.0), &provider);
            if rollup.isClaimed(outcome.batch, outcome.index).call().await? {
                outcome.status = "claimed before";
            } else {
                let path = claim.path.iter().map(|sibling| B256::from(sibling.0.0)).collect();
                let owner = Address::from(withdrawal.owner.0.0);
                let (batch, index) = (outcome.batch, outcome.index);
                let units = U256::from(outcome.base_units);
                let call = rollup.claim(batch, withdrawal.chunk, index, owner, units, path);
                let receipt = call.send().await?.get_receipt().await?;
                succeeded(&receipt)?;
                outcome.status = "claimed";
                outcome.transaction = Some(receipt.transaction_hash);
            }
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}
