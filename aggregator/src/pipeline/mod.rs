//! From sealed batches to proven blocks, on a thread of its own: leaf, wrap, join, final. What is
//! done is on disk; what is next follows from what is on disk, so a crash loses one step at most.

mod circuits;
mod plan;
mod prove;
mod view;
mod worker;

pub use circuits::circuits;
pub use farthing_recursion::Cancel;
pub use prove::{Prove, ProveFailure, ProverSource};
pub(crate) use view::ProvingBoard;
pub use view::{Proving, StepKind};
pub(crate) use worker::{BLOCK_BATCHES_MAX, PipelineCommand, PipelineWorker, spawn_pipeline};
