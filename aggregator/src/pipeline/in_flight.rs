//! Steps at work: one on this machine, many on others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::fleet::JobId;
use super::job::ProofClaim;
use super::plan::Work;

/// A step at work on another machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    pub(super) job: JobId,
    pub(super) claim: ProofClaim,
    pub(super) since: Instant,
}

/// The steps at work.
#[derive(Default)]
pub(super) struct InFlight {
    /// The step on this machine, and when it began.
    pub(super) local: Option<(Work, Instant)>,
    leases: BTreeMap<Work, Lease>,
    works: BTreeMap<JobId, Work>,
    /// Steps that no other machine could make.
    returned: BTreeSet<Work>,
}

impl InFlight {
    pub(super) fn contains(&self, work: Work) -> bool {
        self.local.is_some_and(|(local, _)| local == work) || self.leases.contains_key(&work)
    }

    /// Number of leases.
    pub(super) fn leased(&self) -> usize {
        self.leases.len()
    }

    /// The step that a view shows: the one here, or the oldest lease.
    pub(super) fn first(&self) -> Option<Work> {
        let leased = self.leases.iter().min_by_key(|(_, lease)| lease.since).map(|(work, _)| *work);
        self.local.map(|(work, _)| work).or(leased)
    }

    pub(super) fn lease(&mut self, work: Work, lease: Lease) {
        self.works.insert(lease.job, work);
        self.leases.insert(work, lease);
    }

    /// Ends a lease, if there is one of this job.
    pub(super) fn end_lease(&mut self, job: JobId) -> Option<(Work, Lease)> {
        let work = self.works.remove(&job)?;
        self.leases.remove(&work).map(|lease| (work, lease))
    }

    /// The leases for which `lost` is true.
    pub(super) fn leases_where(&self, lost: impl Fn(&Work, &Lease) -> bool) -> Vec<JobId> {
        let lost = self.leases.iter().filter(|(work, lease)| lost(work, lease));
        lost.map(|(_, lease)| lease.job).collect()
    }

    /// Keeps a step for this machine.
    pub(super) fn keep_here(&mut self, work: Work) {
        self.returned.insert(work);
    }

    pub(super) fn is_kept_here(&self, work: Work) -> bool {
        self.returned.contains(&work)
    }

    /// Forgets what is known of a step that is done.
    pub(super) fn done(&mut self, work: Work) {
        self.returned.remove(&work);
    }
}
