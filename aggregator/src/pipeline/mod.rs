//! The prover pipeline: turns sealed batches into proven blocks on its own thread, by the steps
//! leaf, wrap, join and final. Finished steps are on disk, and the next step follows from what is
//! on disk, so a crash loses at most one step.

mod backend;
mod plan;
mod plonky2_backend;
mod view;
mod worker;

pub use backend::{ProverBackend, ProverError, ProverSource};
pub use farthing_recursion::Cancel;
pub use plonky2_backend::plonky2_backend;
pub(crate) use view::ProvingWatch;
pub use view::{Proving, StepKind};
pub(crate) use worker::{BLOCK_BATCHES_MAX, PipelineCommand, PipelineWorker, spawn_pipeline};
