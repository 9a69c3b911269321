//! The rollup's health, read from the contract in each turn.

use alloy::eips::BlockId;
use farthing_protocol::UnixTime;
use tracing::{error, info, warn};

use super::config::L1Config;
use super::error::SettlerError;
use super::l1_client::L1Client;
use super::rescue::reserve_needed;
use crate::l1_view::{L1View, L1ViewWatch};

/// Reads it and publishes it; returns the time of L1's newest block, if the endpoint has that block.
pub(super) async fn observe(
    l1: &L1Client,
    config: &L1Config,
    progress: &L1ViewWatch,
    head: u64,
) -> Result<Option<UnixTime>, SettlerError> {
    let before = progress.now();
    let time = l1.time_of(head).await?;
    let at = BlockId::number(head);
    let frozen = l1.rollup.frozen().block(at).call().await?;
    let late = l1.rollup.operatorIsLate().block(at).call().await?;
    let paused_until = l1.rollup.pausedUntil().block(at).call().await?;
    let operator = l1.rollup.operator().block(at).call().await?;
    let next = l1.rollup.queueNext().block(at).call().await?;
    let waiting = l1.rollup.queueLength().block(at).call().await?.saturating_sub(next);
    let deadline = match waiting {
        0 => None,
        _ => Some(l1.rollup.deadline(next).block(at).call().await?),
    };
    let delay = match deadline {
        None => 0,
        Some(_) => l1.rollup.FREEZE_DELAY().call().await?,
    };
    let reserve_needed = reserve_needed(l1, before.reserve_needed).await?;
    let own = config.operator.as_ref().map(|key| key.address());
    let seen = L1View {
        head,
        time,
        reachable: true,
        frozen,
        late,
        paused: time.is_some_and(|time| time.get() < paused_until),
        reserve_needed,
        operator: own.is_none_or(|own| own == operator),
        queue_waiting: waiting,
        queue_oldest: deadline.and_then(|at| UnixTime::new(at.saturating_sub(delay)).ok()),
        freeze_deadline: deadline.and_then(|at| UnixTime::new(at).ok()),
        ..before
    };
    progress.change(|view| *view = seen);
    tell(&before, &seen);
    Ok(time)
}

/// Logs what has changed.
fn tell(before: &L1View, now: &L1View) {
    if now.frozen && !before.frozen {
        error!("the rollup is frozen: nothing settles any more, owners withdraw by escape");
    }
    if now.late && !before.late {
        let deadline = now.freeze_deadline.map(UnixTime::get);
        warn!(?deadline, "the operator is late: anyone may prove, and freeze after the deadline");
    }
    if before.late && !now.late {
        info!("the operator is not late any more");
    }
    if now.paused != before.paused {
        warn!(paused = now.paused, "the guardian has paused or resumed deposits and proofs");
    }
    if !now.operator && (before.operator || before.time.is_none()) {
        error!(
            "the contract's operator is another address than that of the L1 key: nothing is sent"
        );
    }
}
