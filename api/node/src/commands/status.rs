//! `farthing status`: a node, and its rollup on L1.

use std::fmt::{Result as FmtResult, Write as _};

use alloy::primitives::Address;
use farthing_client::Retry;
use farthing_client::dto::{ReadinessBody, VersionBody};
use farthing_l1::abi::Rollup;
use serde::Serialize;

use super::context::Context;
use super::l1::L1Choice;
use crate::cli::StatusArgs;
use crate::error::CliError;

/// A node as `farthing status` shows it. The fields of `/version` stand at the top, as before.
#[derive(Debug, Serialize)]
struct NodeStatus {
    #[serde(flatten)]
    version: VersionBody,
    /// Why the node takes no intents; absent if it takes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_ready: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    readiness: Option<ReadinessBody>,
    /// Absent if the node's counters cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<Height>,
    /// The rollup as L1 has it; absent if no L1 was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    rollup: Option<RollupStatus>,
}

/// Numbers of batches sealed, proven and final on L1, and L1 as the node sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Height {
    sealed: u64,
    proven: u64,
    finalized: u64,
    /// Absent if the node runs without L1.
    #[serde(skip_serializing_if = "Option::is_none")]
    l1: Option<NodesL1>,
}

/// L1 as the node sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct NodesL1 {
    head: u64,
    reachable: bool,
    diverged: bool,
}

/// The rollup as its contract says.
#[derive(Debug, Serialize)]
struct RollupStatus {
    l1_block: u64,
    next_batch: u64,
    last_timestamp: u64,
    queue_next: u64,
    queue_length: u64,
    operator_is_late: bool,
    frozen: bool,
}

pub(crate) async fn run(context: &Context, args: StatusArgs) -> Result<(), CliError> {
    let l1 = &L1Choice::new(context, &args.l1);
    let client = context.client()?;
    let version = client.version().await?;
    // "Not ready" is an answer here, not a reason to ask again.
    let once = client.clone().with_retry(Retry::NEVER);
    let (readiness, not_ready) = match once.readiness().await {
        Ok(readiness) => (Some(readiness), None),
        Err(error) => match error.problem() {
            Some(problem) => (None, Some(problem.to_string())),
            None => return Err(error.into()),
        },
    };
    let height = once.metrics().await.ok().as_deref().and_then(height);
    if height.is_none() {
        context.warn("the node's /metrics cannot be read: its height is not known");
    }
    let rollup = match &l1.url {
        Some(_) => Some(rollup(l1, version.contract.0).await?),
        None => None,
    };
    let status = NodeStatus { version, not_ready, readiness, height, rollup };
    context.print(&status, |out| write_node(out, &status))
}

/// The figures of `/metrics` about batches; `None` if one is missing.
fn height(metrics: &str) -> Option<Height> {
    let gauge = |name: &str| {
        let lines = metrics.lines().filter_map(|line| line.split_once(' '));
        let mut values = lines.filter(|(metric, _)| *metric == name).map(|(_, value)| value);
        values.next()?.parse::<u64>().ok()
    };
    let l1 = match gauge("farthing_l1_head") {
        None => None,
        Some(head) => Some(NodesL1 {
            head,
            reachable: gauge("farthing_l1_reachable")? == 1,
            diverged: gauge("farthing_l1_diverged")? == 1,
        }),
    };
    Some(Height {
        sealed: gauge("farthing_batches_sequenced")?,
        proven: gauge("farthing_batches_proven")?,
        finalized: gauge("farthing_batches_finalized")?,
        l1,
    })
}

/// Asks the contract that the user named, or the one that the node names.
async fn rollup(
    l1: &L1Choice,
    named: farthing_protocol::Address,
) -> Result<RollupStatus, CliError> {
    use alloy::providers::Provider as _;
    let provider = l1.reader().await?;
    let l1_block = provider.get_block_number().await?;
    let contract = Address::from(l1.contract.unwrap_or(named).0);
    let rollup = Rollup::new(contract, provider);
    Ok(RollupStatus {
        l1_block,
        next_batch: rollup.nextBatch().call().await?,
        last_timestamp: rollup.lastTimestamp().call().await?,
        queue_next: rollup.queueNext().call().await?,
        queue_length: rollup.queueLength().call().await?,
        operator_is_late: rollup.operatorIsLate().call().await?,
        frozen: rollup.frozen().call().await?,
    })
}

fn write_node(out: &mut String, status: &NodeStatus) -> FmtResult {
    let NodeStatus { version, not_ready, readiness, height, rollup } = status;
    writeln!(out, "node      {} {}", version.name, version.version)?;
    writeln!(out, "chain     {}", version.chain_id)?;
    writeln!(out, "contract  {}", version.contract)?;
    writeln!(out, "class     {}", version.batch_class)?;
    writeln!(out, "protocol  {}", version.protocol_version)?;
    match (readiness, not_ready) {
        (Some(readiness), _) => writeln!(out, "ready     room for {} intents", readiness.room)?,
        (None, reason) => {
            writeln!(out, "NOT READY {}", reason.as_deref().unwrap_or("for a reason not given"))?;
        }
    }
    if let Some(Height { sealed, proven, finalized, l1 }) = height {
        let (unproven, unsettled) =
            (sealed.saturating_sub(*proven), proven.saturating_sub(*finalized));
        writeln!(out, "batches   {sealed} sealed, {proven} proven, {finalized} final on L1")?;
        writeln!(out, "lag       {unproven} to prove, {unsettled} to settle")?;
        match l1 {
            None => writeln!(out, "settler   none: the node runs without L1")?,
            Some(l1) if l1.diverged => {
                writeln!(out, "settler   STOPPED: L1 and the node have diverged")?;
            }
            Some(l1) if !l1.reachable => writeln!(out, "settler   L1 does not answer the node")?,
            Some(l1) => writeln!(out, "settler   sees L1 block {}", l1.head)?,
        }
    }
    let Some(rollup) = rollup else {
        return writeln!(out, "L1        not asked: give --l1-url");
    };
    writeln!(
        out,
        "L1        block {}: {} batches, the last of unix time {}; queue {} of {}",
        rollup.l1_block,
        rollup.next_batch,
        rollup.last_timestamp,
        rollup.queue_next,
        rollup.queue_length
    )?;
    if rollup.operator_is_late {
        writeln!(out, "LATE      the operator has left a queue entry past its deadline")?;
    }
    if rollup.frozen {
        writeln!(out, "FROZEN    the rollup settles nothing more; owners escape on L1")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn height_and_lag_are_read_from_the_counters() {
        let metrics = "# HELP farthing_batches_sequenced Batches sealed, ever.\n\
                       farthing_batches_sequenced 7\nfarthing_batches_proven 5\n\
                       farthing_batches_finalized 4\n";
        let expected = Height { sealed: 7, proven: 5, finalized: 4, l1: None };
        assert_eq!(height(metrics), Some(expected));
        let l1 = "farthing_l1_head 9\nfarthing_l1_reachable 1\nfarthing_l1_diverged 0\n";
        let l1 = height(&format!("{metrics}{l1}")).and_then(|height| height.l1);
        assert_eq!(l1, Some(NodesL1 { head: 9, reachable: true, diverged: false }));
        assert_eq!(height("farthing_batches_sequenced 7\n"), None);
    }
}
