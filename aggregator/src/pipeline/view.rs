//! The step at which the pipeline works, and a watch for it.

use std::fmt;

use farthing_protocol::{BatchNumber, BlockNumber};
use tokio::sync::watch;

/// A kind of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// The prover's circuits are being made ready.
    Setup,
    /// A leaf proof.
    Leaf,
    /// A leaf is wrapped.
    Wrap,
    /// Two nodes are joined.
    Join,
    /// The final step: the last two circuits.
    Final,
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Setup => "setup",
            Self::Leaf => "leaf",
            Self::Wrap => "wrap",
            Self::Join => "join",
            Self::Final => "final",
        })
    }
}

/// The step at which the pipeline works: with provers on other machines, the oldest of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proving {
    /// The step at work; `None` while it waits for batches.
    pub step: Option<StepKind>,
    /// The block that it is for, once one is formed.
    pub block: Option<BlockNumber>,
    /// The first batch of the step.
    pub batch: Option<BatchNumber>,
    /// Steps of the block that are done.
    pub done: u32,
    /// Steps of the block: a leaf and a wrap for each batch, one join less than batches, and the
    /// final step.
    pub steps: u32,
    /// The number of times that the step has failed.
    pub failures: u32,
    /// Steps leased to provers on other machines.
    pub leased: u32,
}

/// The sender of the pipeline's step.
#[derive(Clone, Debug)]
pub(crate) struct ProvingWatch(watch::Sender<Proving>);

impl ProvingWatch {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Proving::default()))
    }

    pub(crate) fn show(&self, proving: Proving) {
        self.0.send_replace(proving);
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Proving> {
        self.0.subscribe()
    }
}
