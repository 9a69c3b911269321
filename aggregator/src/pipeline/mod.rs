//! From sealed batches to proven blocks, on a thread of its own: leaf, wrap, join, final. What is
//! done is on disk; what is next follows from what is on disk, so a crash loses one step at most.

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
