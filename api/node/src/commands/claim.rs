//! `farthing claim`: collects on L1 what withdrawals brought there.

use std::fmt::Write as _;

use alloy::primitives::{Address, B256, U256};
use alloy::providers::DynProvider;
use farthing_client::dto::{BlockStage, WireBatchNumber, WithdrawalBody};
use farthing_l1::abi::Rollup;
use farthing_protocol::NANO_PER_BASE_UNIT;
use serde::Serialize;

use super::context::Context;
use super::l1::{L1Choice, succeeded};
use super::pages::all_pages;
use crate::cli::ClaimArgs;
use crate::error::CliError;
use crate::tokens::tokens;

/// What became of a withdrawal.
#[derive(Debug, Serialize)]
struct Outcome {
    batch: WireBatchNumber,
    index: u32,
    /// A decimal string, as in the API.
    base_units: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<B256>,
}

pub(crate) async fn run(context: &Context, args: ClaimArgs) -> Result<(), CliError> {
    let (client, owner) = (context.client()?, args.owner.0);
    let found = all_pages(async |cursor| client.withdrawals(owner, cursor).await).await?;
    let l1 = L1Choice::new(context, &args.l1);
    let provider = match (args.dry_run, &l1.url) {
        (true, None) => None,
        (true, Some(_)) => Some(l1.reader().await?),
        (false, _) => Some(l1.sender().await?.0),
    };
    let amounts = found.iter().map(base_units).collect::<Result<Vec<u64>, _>>()?;
    let mut outcomes = Vec::with_capacity(found.len());
    for (withdrawal, units) in found.iter().zip(&amounts) {
        let provider = provider.as_ref();
        outcomes.push(outcome(&l1, provider, withdrawal, *units, args.dry_run).await?);
    }
    context.print(&outcomes, |out| {
        for (outcome, units) in outcomes.iter().zip(&amounts) {
            let Outcome { batch, index, status, transaction, .. } = outcome;
            let amount = tokens(u128::from(*units) * u128::from(NANO_PER_BASE_UNIT));
            write!(out, "batch {batch} payout {index}: {amount} tokens, {status}")?;
            if let Some(hash) = transaction {
                write!(out, " {hash}")?;
            }
            writeln!(out)?;
        }
        if outcomes.is_empty() {
            writeln!(out, "nothing to claim")?;
        }
        Ok(())
    })
}

/// Where a withdrawal is; claims it unless this is a dry run.
async fn outcome(
    l1: &L1Choice,
    provider: Option<&DynProvider>,
    withdrawal: &WithdrawalBody,
    units: u64,
    dry_run: bool,
) -> Result<Outcome, CliError> {
    let mut outcome = Outcome {
        batch: withdrawal.batch,
        index: withdrawal.index,
        base_units: withdrawal.base_units.clone(),
        status: match withdrawal.status {
            BlockStage::Sequenced => "not proven yet",
            BlockStage::Proven => "not final on L1 yet",
            BlockStage::Finalized => {
                "final; L1 was not asked whether it was claimed: give --l1-url"
            }
        },
        transaction: None,
    };
    let (Some(claim), Some(provider)) = (&withdrawal.claim, provider) else { return Ok(outcome) };
    // The contract that the user named, if there is one; else the node's word is taken.
    let contract = l1.contract.unwrap_or(claim.contract.0);
    let rollup = Rollup::new(Address::from(contract.0), provider);
    let (batch, index) = (withdrawal.batch.0.get(), withdrawal.index);
    if rollup.isClaimed(batch, index).call().await? {
        outcome.status = "claimed before";
    } else if dry_run {
        outcome.status = "can be claimed";
    } else {
        let path = claim.path.iter().map(|sibling| B256::from(sibling.0.0)).collect();
        let owner = Address::from(withdrawal.owner.0.0);
        let call = rollup.claim(batch, withdrawal.chunk, index, owner, U256::from(units), path);
        let receipt = call.send().await?.get_receipt().await?;
        succeeded(&receipt)?;
        outcome.status = "claimed";
        outcome.transaction = Some(receipt.transaction_hash);
    }
    Ok(outcome)
}

/// The base units that the node names; an error if they are not a number.
pub(crate) fn base_units(withdrawal: &WithdrawalBody) -> Result<u64, CliError> {
    let got = &withdrawal.base_units;
    let canonical = !got.is_empty() && got.bytes().all(|digit| digit.is_ascii_digit());
    let units = if canonical { got.parse().ok() } else { None };
    units.ok_or_else(|| CliError::BaseUnits {
        batch: withdrawal.batch.to_string(),
        index: withdrawal.index,
        got: got.chars().take(64).collect(),
    })
}

#[cfg(test)]
mod tests {
    use farthing_client::dto::WithdrawalReason;
    use farthing_protocol::{BatchNumber, OutOfRange};

    use super::*;

    #[test]
    fn an_amount_that_cannot_be_read_is_an_error_and_not_zero() -> Result<(), OutOfRange> {
        let withdrawal = |base_units: &str| -> Result<WithdrawalBody, OutOfRange> {
            Ok(WithdrawalBody {
                owner: farthing_protocol::Address([1; 20]).into(),
                batch: BatchNumber::new(3)?.into(),
                index: 0,
                chunk: 0,
                base_units: base_units.to_owned(),
                reason: WithdrawalReason::Withdrawal,
                status: BlockStage::Finalized,
                claim: None,
            })
        };
        assert_eq!(base_units(&withdrawal("20000000")?).ok(), Some(20_000_000));
        for bad in ["", "x", "-1", "+1", "1.5", "1e6", "18446744073709551616"] {
            let error = base_units(&withdrawal(bad)?);
            assert!(matches!(error, Err(CliError::BaseUnits { .. })), "{bad}");
        }
        Ok(())
    }
}
