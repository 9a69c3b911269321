//! The interface between pipeline and the provers on other machines.

use std::sync::Arc;
use std::time::Duration;

use farthing_protocol::Bytes32;
use thiserror::Error;

use super::backend::ProverBackend;
use super::job::{ProofClaim, ProofJob};

/// The name of a step on all machines: a hash of what its proof must show and of the circuits' keys. Two
/// proofs of one name are interchangeable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub Bytes32);

/// Reason why a step is not leased out.
#[derive(Debug, Error)]
#[error("the step cannot be leased out")]
pub struct LeaseError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// A message of the fleet to the pipeline.
#[derive(Debug)]
pub enum FleetEvent {
    /// A prover has made the proof of a step. It is verified.
    Proven {
        /// The step.
        job: JobId,
        /// The proof.
        proof: Vec<u8>,
    },
    /// No prover makes the proof of a step: it failed too often.
    Returned {
        /// The step.
        job: JobId,
    },
    /// Provers have come or gone.
    Provers,
}

/// The fleet at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FleetSnapshot {
    /// True if the fleet can be reached.
    pub connected: bool,
    /// Provers that are there.
    pub provers: u64,
    /// Steps leased out.
    pub leases: u64,
    /// Age of the oldest of them.
    pub oldest_lease: Duration,
    /// Proofs refused since the start.
    pub proofs_refused: u64,
    /// Steps that failed too often and went back to the node since the start.
    pub steps_returned: u64,
}

/// Takes the events of a fleet, on any thread.
pub type FleetEvents = Box<dyn Fn(FleetEvent) + Send + Sync>;

/// Provers on other machines. The pipeline alone decides which steps are wanted; a fleet leases them
/// out and verifies what comes back.
pub trait ProverFleet: Send + Sync {
    /// Begins a run: steps of the run before are forgotten. `verifier` checks every proof, and
    /// `events` hears of it.
    fn begin(&self, verifier: Arc<dyn ProverBackend>, events: FleetEvents);

    /// True if a prover is there that takes steps like this one.
    fn serves(&self, claim: &ProofClaim) -> bool;

    /// Leases a step out. A step that is leased already stays as it is.
    fn lease(&self, job: &ProofJob) -> Result<JobId, LeaseError>;

    /// Takes a step back: it is done, or made here. Its proof may still come once.
    fn take_back(&self, job: JobId);

    /// The fleet as it is now.
    fn snapshot(&self) -> FleetSnapshot;
}
