//! Messages to the pipeline's thread.

use std::sync::Arc;

use farthing_protocol::BlockNumber;
use tokio::sync::oneshot;

use super::backend::{ProverBackend, ProverError};
use super::fleet::FleetEvent;

/// Messages to the thread.
pub(crate) enum PipelineCommand {
    /// More batches are in the index.
    Indexed,
    /// Form a block of what is there, at any age; `None` if nothing is.
    FormBlock(oneshot::Sender<Option<BlockNumber>>),
    /// The prover is made, or is not.
    SetUp(Result<Arc<dyn ProverBackend>, ProverError>),
    /// The step on this machine has ended.
    Made(Result<Vec<u8>, ProverError>),
    /// News from other machines.
    Fleet(FleetEvent),
    /// End; the step at work is given up.
    Stop,
}
