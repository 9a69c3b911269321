//! Messages between node and provers, as JSON.

use farthing_aggregator::{JobId, ProofClaim};
use farthing_protocol::Bytes32;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::queue::{Queue, job_name, job_of};

/// Version of these messages and of the objects that they name.
pub(crate) const VERSION: u32 = 1;

/// Largest object: the witness of the largest class has about 60 MB.
pub(crate) const OBJECT_BYTES_MAX: usize = 512 << 20;

/// A step that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JobMessage {
    pub(crate) version: u32,
    /// The hash of the keys of the circuits, in hexadecimal digits.
    pub(crate) keys: String,
    /// Name of the object that holds the step with everything that it takes.
    pub(crate) input: String,
}

/// A step that is done, or that no prover can make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DoneMessage {
    pub(crate) version: u32,
    /// The step: its id in hexadecimal digits.
    pub(crate) job: String,
    /// The prover.
    pub(crate) prover: String,
    /// Name of the object that holds the proof; absent after a failure.
    pub(crate) proof: Option<String>,
    /// Milliseconds that the step took.
    pub(crate) millis: u64,
}

/// A prover that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Presence {
    pub(crate) version: u32,
    /// The prover, by a name that no other has.
    pub(crate) prover: String,
    /// The hash of the keys of its circuits, in hexadecimal digits.
    pub(crate) keys: String,
    /// The queues that it serves, such as `16k.leaf`.
    pub(crate) queues: Vec<String>,
    /// True if it takes no further step.
    pub(crate) leaves: bool,
}

/// The name of a step: SHA-256 of what its proof must show, of its kind and of the circuits' keys.
pub fn job_id(claim: &ProofClaim, keys: &Bytes32) -> JobId {
    let mut hash = Sha256::new();
    hash.update(b"farthing step\x01");
    hash.update(keys.0);
    // An enumeration's encoding begins with its variant, so that kinds differ.
    if let Ok(claim) = postcard::to_allocvec(claim) {
        hash.update(claim);
    }
    JobId(Bytes32(hash.finalize().into()))
}

/// Name of the object of a step's input.
pub(crate) fn input_name(job: JobId) -> String {
    format!("{}.input", job_name(job))
}

/// Name of the object of a proof. Provers do not overwrite each other's.
pub(crate) fn proof_name(job: JobId, prover: &str) -> String {
    format!("{}.{prover}", job_name(job))
}

/// The step that an object belongs to.
pub(crate) fn job_of_object(name: &str) -> Option<JobId> {
    name.split('.').next().and_then(job_of)
}

impl Presence {
    pub(crate) fn serves(&self, queue: &Queue, keys: &str) -> bool {
        !self.leaves && self.keys == keys && self.queues.contains(&queue.to_string())
    }
}
