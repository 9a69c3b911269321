//! The prover pipeline: turns sealed batches into proven blocks by the steps leaf, wrap, join and
//! final. Its thread plans: finished steps are on disk, and the next ones follow from what is on disk,
//! so a crash loses only steps at work. A second thread proves; a [`ProverFleet`] leases steps to
//! other machines.

mod backend;
mod command;
mod fleet;
mod in_flight;
mod job;
mod local;
mod plan;
mod plonky2_backend;
mod view;
mod worker;

pub use backend::{ProofRefused, ProverBackend, ProverError, ProverSource};
pub(crate) use command::PipelineCommand;
pub use farthing_recursion::Cancel;
pub use fleet::{FleetEvent, FleetEvents, FleetSnapshot, JobId, LeaseError, ProverFleet};
pub use job::{ProofClaim, ProofJob};
pub use plonky2_backend::plonky2_backend;
pub(crate) use view::ProvingWatch;
pub use view::{Proving, StepKind};
pub(crate) use worker::{BLOCK_BATCHES_MAX, PipelineWorker, spawn_pipeline};
