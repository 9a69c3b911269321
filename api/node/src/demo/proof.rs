//! Watches proofs as they are made, and a block until it is final on L1.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use farthing_aggregator::{Aggregator, Proving, StepKind};
use farthing_protocol::BatchNumber;
use tokio::sync::watch;

use crate::error::CliError;
use crate::progress::Step;

/// A step that failed so often is not waited for.
const FAILURES_MAX: u32 = 3;
/// Time between two checks that L1 and the node agree.
const LOOK: Duration = Duration::from_millis(500);

/// Seconds of proving, by step.
#[derive(Clone, Default)]
pub(super) struct StepClock(Arc<Mutex<BTreeMap<String, f64>>>);

impl StepClock {
    /// Watches from now on.
    pub(super) fn start(aggregator: &Aggregator) -> Self {
        let clock = Self::default();
        tokio::spawn(clock.clone().watch(aggregator.proving()));
        clock
    }

    /// Seconds of each step until now.
    pub(super) fn seconds(&self) -> BTreeMap<String, f64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn watch(self, mut proving: watch::Receiver<Proving>) {
        let mut now: Option<(StepKind, Instant)> = None;
        loop {
            let step = proving.borrow_and_update().step;
            if let Some((kind, since)) = now {
                let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                *times.entry(kind.to_string()).or_default() += since.elapsed().as_secs_f64();
            }
            now = step.map(|kind| (kind, Instant::now()));
            if proving.changed().await.is_err() {
                return;
            }
        }
    }
}

/// Waits until a batch is final on L1.
pub(super) async fn until_final(
    aggregator: &Aggregator,
    batch: BatchNumber,
    step: &Step,
) -> Result<(), CliError> {
    let mut progress = aggregator.progress();
    let mut proving = aggregator.proving();
    loop {
        let at = *progress.borrow_and_update();
        if at.finalized > batch {
            return Ok(());
        }
        show(step, *proving.borrow_and_update(), at.proven > batch)?;
        if aggregator.readiness().l1.is_some_and(|l1| l1.diverged) {
            return Err(CliError::Diverged);
        }
        tokio::select! {
            () = aggregator.stopped() => return Err(CliError::Stopped),
            // A channel that is closed belongs to an aggregator that has stopped.
            _ = progress.changed() => {}
            _ = proving.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

fn show(step: &Step, proving: Proving, proven: bool) -> Result<(), CliError> {
    let Proving { step: kind, done, steps, failures, .. } = proving;
    if failures >= FAILURES_MAX {
        // A step that has not begun waits for its circuits.
        let step = kind.unwrap_or(StepKind::Setup).to_string();
        return Err(CliError::Proving { step, failures });
    }
    if proven {
        step.say("proven; L1 checks the proof");
        return Ok(());
    }
    if steps > 0 {
        step.reach(u64::from(done), u64::from(steps));
    }
    step.say(match kind {
        Some(StepKind::Setup) => "circuits: built once, then kept (minutes)".to_owned(),
        Some(kind) => kind.to_string(),
        None => String::new(),
    });
    Ok(())
}
