//! `farthing claim`: collects payouts on L1.

use std::fmt::Write as _;

use alloy::primitives::{Address, B256, U256};
use alloy::providers::DynProvider;
use farthing_client::dto::{PayoutBody, WireBaseUnits, WireBatchNumber};
use farthing_l1::abi::Rollup;
use farthing_protocol::Stage;
use serde::Serialize;

use super::context::Context;
use super::l1::{L1Choice, succeeded};
use super::pages::all_pages;
use crate::cli::ClaimArgs;
use crate::error::CliError;
use crate::tokens::tokens;

/// The claim of a payout, and its result.
#[derive(Debug, Serialize)]
struct ClaimReport {
    batch: WireBatchNumber,
    index: u32,
    base_units: WireBaseUnits,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction: Option<B256>,
}

pub(crate) async fn run(context: &Context, args: ClaimArgs) -> Result<(), CliError> {
    let (client, owner) = (context.client()?, args.owner.0);
    let found = all_pages(async |cursor| client.payouts(owner, cursor).await).await?;
    let l1 = L1Choice::new(context, &args.l1);
    let provider = match (args.dry_run, &l1.url) {
        (true, None) => None,
        (true, Some(_)) => Some(l1.reader().await?),
        (false, _) => Some(l1.sender().await?.0),
    };
    let mut reports = Vec::with_capacity(found.len());
    for payout in &found {
        reports.push(claim(&l1, provider.as_ref(), payout, args.dry_run).await?);
    }
    context.print(&reports, |out| {
        for report in &reports {
            let ClaimReport { batch, index, base_units, status, transaction } = report;
            let amount = tokens(base_units.0.nano().get());
            write!(out, "batch {batch} payout {index}: {amount} tokens, {status}")?;
            if let Some(hash) = transaction {
                write!(out, " {hash}")?;
            }
            writeln!(out)?;
        }
        if reports.is_empty() {
            writeln!(out, "nothing to claim")?;
        }
        Ok(())
    })
}

/// Claims a payout that can be claimed, unless this is a dry run.
async fn claim(
    l1: &L1Choice,
    provider: Option<&DynProvider>,
    payout: &PayoutBody,
    dry_run: bool,
) -> Result<ClaimReport, CliError> {
    let mut report = ClaimReport {
        batch: payout.batch,
        index: payout.index,
        base_units: payout.base_units,
        status: match payout.status {
            Stage::Dropped | Stage::Accepted | Stage::Sequenced => "not proven yet",
            Stage::Proven => "not final on L1 yet",
            Stage::Finalized => "final; L1 was not asked whether it was claimed: give --l1-url",
        },
        transaction: None,
    };
    let (Some(claim), Some(provider)) = (&payout.claim, provider) else { return Ok(report) };
    // The contract that the user named, if there is one; else the node's word is taken.
    let contract = l1.contract.unwrap_or(claim.contract.0);
    let rollup = Rollup::new(Address::from(contract.0), provider);
    let (batch, index) = (payout.batch.0.get(), payout.index);
    if rollup.isClaimed(batch, index).call().await? {
        report.status = "claimed before";
    } else if dry_run {
        report.status = "can be claimed";
    } else {
        let path = claim.path.iter().map(|sibling| B256::from(sibling.0.0)).collect();
        let owner = Address::from(payout.owner.0.0);
        let units = U256::from(payout.base_units.0.get());
        let call = rollup.claim(batch, payout.chunk, index, owner, units, path);
        let receipt = call.send().await?.get_receipt().await?;
        succeeded(&receipt)?;
        report.status = "claimed";
        report.transaction = Some(receipt.transaction_hash);
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use serde_json::{Error, json};

    use super::*;

    #[test]
    fn an_amount_that_cannot_be_read_is_an_error_and_not_zero() {
        let payout = |base_units: &str| -> Result<PayoutBody, Error> {
            serde_json::from_value(json!({
                "owner": format!("0x{}", "01".repeat(20)),
                "batch": "3",
                "index": 0,
                "chunk": 0,
                "base_units": base_units,
                "reason": "withdrawal",
                "status": "finalized",
            }))
        };
        assert_eq!(payout("20000000").ok().map(|one| one.base_units.0.get()), Some(20_000_000));
        for bad in ["", "x", "-1", "+1", "1.5", "1e6", "18446744073709551616"] {
            let error = payout(bad).map_err(|error| error.to_string());
            assert!(error.is_err_and(|error| error.contains("BaseUnits")), "{bad}");
        }
    }
}
