//! The dispatcher's memory. All of it may be lost: the pipeline leases again what is missing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::Message;
use farthing_aggregator::{FleetEvent, FleetSnapshot, JobId, ProofClaim, ProverBackend};
use farthing_protocol::Bytes32;

use crate::message::Presence;
use crate::objects::Objects;
use crate::queue::Queue;

/// Time without a sign after which a prover is gone. It gives one every two seconds.
pub(super) const PRESENCE_MAX: Duration = Duration::from_secs(10);
/// Provers that are remembered: more than any fleet has.
const PROVERS_MAX: usize = 4_096;
/// Proofs of steps that are not wanted, or not yet, that are remembered.
const WAITING_MAX: usize = 1_024;

/// The pipeline's run.
pub(super) struct Run {
    pub(super) verifier: Arc<dyn ProverBackend>,
    pub(super) events: Arc<dyn Fn(FleetEvent) + Send + Sync>,
    pub(super) keys: Bytes32,
}

/// A step that is leased out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    pub(super) claim: ProofClaim,
    pub(super) queue: Queue,
    pub(super) since: Instant,
    /// Proofs of it that were refused.
    pub(super) refused: u32,
    /// True once a proof of it is verified.
    pub(super) proven: bool,
    /// True if the last sweep found it neither queued nor done.
    pub(super) missing: bool,
}

impl Lease {
    pub(super) fn new(claim: ProofClaim, queue: Queue) -> Self {
        Self { claim, queue, since: Instant::now(), refused: 0, proven: false, missing: false }
    }
}

#[derive(Default)]
pub(super) struct State {
    pub(super) run: Option<Run>,
    /// When it began.
    pub(super) since: Option<Instant>,
    /// The bucket, once streams and consumers are there for the run's circuits.
    pub(super) objects: Option<Objects>,
    pub(super) leases: HashMap<JobId, Lease>,
    /// Messages of done steps that are not leased, not acknowledged yet.
    pub(super) waiting: HashMap<JobId, Message>,
    provers: HashMap<String, (Presence, Instant)>,
    pub(super) proofs_refused: u64,
    pub(super) steps_returned: u64,
}

impl State {
    /// Forgets the steps of the run before.
    pub(super) fn begin(&mut self, run: Run) {
        if self.run.as_ref().is_none_or(|before| before.keys != run.keys) {
            self.objects = None;
        }
        self.leases.clear();
        self.since = Some(Instant::now());
        self.run = Some(run);
    }

    pub(super) fn serves(&self, queue: &Queue) -> bool {
        let Some(run) = &self.run else { return false };
        let keys = hex::encode(run.keys.0);
        self.objects.is_some()
            && self.provers.values().any(|(presence, seen)| {
                seen.elapsed() < PRESENCE_MAX && presence.serves(queue, &keys)
            })
    }

    /// Takes note of a prover. Returns true if it is new or has changed.
    pub(super) fn seen(&mut self, presence: Presence) -> bool {
        self.provers.retain(|_, (_, seen)| seen.elapsed() < PRESENCE_MAX);
        if self.provers.len() >= PROVERS_MAX && !self.provers.contains_key(&presence.prover) {
            return false;
        }
        let before =
            self.provers.insert(presence.prover.clone(), (presence.clone(), Instant::now()));
        before.is_none_or(|(before, _)| before != presence)
    }

    /// Keeps a message of a step that is not leased, until it is.
    pub(super) fn wait(&mut self, job: JobId, message: Message) {
        if self.waiting.len() < WAITING_MAX {
            self.waiting.insert(job, message);
        }
    }

    pub(super) fn snapshot(&self) -> FleetSnapshot {
        let provers = self.provers.values().filter(|(_, seen)| seen.elapsed() < PRESENCE_MAX);
        let oldest = self.leases.values().map(|lease| lease.since.elapsed()).max();
        FleetSnapshot {
            connected: false,
            provers: provers.count() as u64,
            leases: self.leases.len() as u64,
            oldest_lease: oldest.unwrap_or_default(),
            proofs_refused: self.proofs_refused,
            steps_returned: self.steps_returned,
        }
    }
}
