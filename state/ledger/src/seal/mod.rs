//! Sealing: the open batch is executed, both trees move once, and everything a prover and L1 need
//! is written with the new state in one step.
//!
//! Execution is short and done by the ledger; the rest is a [`SealJob`], which another thread may
//! run while the next batch is filled on what the execution left.

mod build;

use std::sync::Arc;

use farthing_protocol::{
    Account, AccountId, AccountIdentity, BatchCounts, BatchNumber, License, LicenseId, UnixTime,
};

use crate::batch::{OpenBatch, RunningState};
use crate::execution::{BatchExecution, accounts_after, execute_batch};
use crate::ledger::{Durability, Ledger, LedgerError};
use crate::meta::{Meta, OpenRecord};
use crate::overlay::Overlay;
use crate::store::StateRead;
use crate::store::{Store, StoreError, Writes};
use crate::tree::TreeId;
use crate::witness::{BatchWitness, LicenseChange};
use build::{Built, build};

/// A batch that is executed and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBatch {
    /// Everything that a prover needs, its statement included.
    pub witness: BatchWitness,
    /// Resources that it takes of its class's capacity.
    pub counts: BatchCounts,
}

/// The long part of sealing a batch, for any thread. The batch is executed, its steps are durable,
/// and so is that nothing is added to them; if the job is lost, [`Ledger::open`] seals the batch.
#[must_use = "the ledger seals nothing else before the job has been run and its outcome taken"]
pub struct SealJob {
    store: Store,
    durability: Durability,
    /// The ledger before the batch.
    before: Meta,
    /// And after it, but for the root.
    after: Meta,
    open: OpenBatch,
    execution: BatchExecution,
    /// The end of the batch's entries in the log.
    log_to: u64,
}

/// A batch that a job stored; the ledger does not know yet.
#[must_use = "the ledger seals nothing else before it has taken the outcome"]
pub struct StoredBatch {
    batch: SealedBatch,
    meta: Meta,
}

impl StoredBatch {
    /// The batch.
    pub const fn batch(&self) -> &SealedBatch {
        &self.batch
    }
}

impl Ledger {
    /// Seals the open batch; `None` if nothing is in it. Durable on return.
    pub fn seal(&mut self) -> Result<Option<SealedBatch>, LedgerError> {
        match self.begin_seal()? {
            None => Ok(None),
            Some(job) => self.end_seal(job.run()).map(Some),
        }
    }

    /// Seals the open batch, or an empty one at `now` if nothing is in it. Durable on return.
    pub fn seal_always(&mut self, now: UnixTime) -> Result<SealedBatch, LedgerError> {
        self.none_sealing()?;
        self.begin(now)?;
        let job = self.execute_open();
        let job = self.poison_unless_ok(job)?;
        self.end_seal(job.run())
    }

    /// Executes the open batch; `None` if nothing is in it. The job that is returned seals it, on
    /// any thread; the next batch can be filled at once, and is sealed after
    /// [`end_seal`](Ledger::end_seal) has taken the job's outcome.
    pub fn begin_seal(&mut self) -> Result<Option<SealJob>, LedgerError> {
        self.healthy()?;
        if self.is_idle() {
            return Ok(None);
        }
        self.none_sealing()?;
        let job = self.execute_open();
        self.poison_unless_ok(job).map(Some)
    }

    /// Takes the outcome of a job. If the job failed, the ledger must be reopened.
    pub fn end_seal(
        &mut self,
        stored: Result<StoredBatch, LedgerError>,
    ) -> Result<SealedBatch, LedgerError> {
        let StoredBatch { batch, meta } = self.poison_unless_ok(stored)?;
        self.settled(meta);
        Ok(batch)
    }

    /// Returns true while a job's outcome is awaited.
    pub const fn is_sealing(&self) -> bool {
        self.overlay().is_some()
    }

    fn none_sealing(&self) -> Result<(), LedgerError> {
        match self.overlay() {
            None => Ok(()),
            Some(overlay) => Err(LedgerError::Sealing(overlay.meta.next_batch)),
        }
    }

    fn execute_open(&mut self) -> Result<SealJob, LedgerError> {
        let (open, log_to) = self.take_open().ok_or(LedgerError::NoOpenBatch)?;
        let known = Known { store: self.store(), running: &open.running };
        let execution = execute_batch(&known, &open.contents, open.timestamp)?;
        let before = *self.meta();
        let after = Meta {
            next_account: open.running.next_account,
            next_license: open.running.next_license,
            next_batch: before.next_batch.next(),
            queue_next: before.queue_next.advance(execution.queue.len() as u64),
            timestamp: open.timestamp,
            deposited: before.deposited + execution.deposited,
            withdrawn: before.withdrawn + execution.withdrawn,
            ..before
        };
        self.close(&after, open.timestamp, log_to)?;
        self.fill_on(Arc::new(Overlay::new(after, &execution)));
        let (store, durability) = (self.store().clone(), self.durability());
        Ok(SealJob { store, durability, before, after, open, execution, log_to })
    }
}

impl Ledger {
    /// Makes durable that the batch takes no further step: the one after it begins in the log where
    /// it ends. From here on a nonce can be refused because this batch has a greater one, and a
    /// crash must not bring back a batch that would take it.
    fn close(&self, after: &Meta, timestamp: UnixTime, log_from: u64) -> Result<(), LedgerError> {
        let next = after.next_batch;
        // After a crash the next batch may be there, with steps.
        if self.store().open_batch(next)?.is_some() {
            return Ok(());
        }
        let mut writes = Writes::default();
        let class = self.class().id;
        writes.open(next, &OpenRecord { class, timestamp, log_from })?;
        self.store().commit(writes, self.durability() == Durability::Synced)?;
        Ok(())
    }
}

impl SealJob {
    /// The number of the batch.
    pub const fn number(&self) -> BatchNumber {
        self.before.next_batch
    }

    /// Moves the trees and writes the batch with the state that it leaves. Durable on return.
    pub fn run(mut self) -> Result<StoredBatch, LedgerError> {
        let execution = std::mem::take(&mut self.execution);
        let Built { witness, nodes } = build(&self, execution)?;
        let meta = Meta { root: witness.statement.header.new_root, ..self.after };
        let mut writes = Writes::default();
        write_state(&mut writes, &witness)?;
        let [accounts, licenses] = &nodes;
        writes.nodes(TreeId::Accounts, accounts);
        writes.nodes(TreeId::Licenses, licenses);
        writes.batch(self.number(), &witness)?;
        writes.forget_open(self.number(), self.log_to);
        writes.meta(&meta)?;
        self.store.commit(writes, self.durability == Durability::Synced)?;
        let counts = *self.open.meter.counts();
        Ok(StoredBatch { batch: SealedBatch { witness, counts }, meta })
    }
}

/// The settled state as far as the open batch has read it, the store behind it.
struct Known<'a> {
    store: &'a Store,
    running: &'a RunningState,
}

impl StateRead for Known<'_> {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.store.account(id)
    }

    fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, StoreError> {
        self.store.account_of(identity)
    }

    /// Licenses do not change while a batch is open, except that new ones are registered.
    fn license(&self, id: LicenseId) -> Result<Option<License>, StoreError> {
        match self.running.known_license(id) {
            Some(known) if !self.running.registers(id) => Ok(known.clone()),
            _ => self.store.license(id),
        }
    }
}

fn write_state(writes: &mut Writes, witness: &BatchWitness) -> Result<(), StoreError> {
    for (id, account, new) in accounts_after(&witness.accounts) {
        writes.account(id, &account, new)?;
    }
    for LicenseChange { id, terms, new, .. } in &witness.licenses {
        writes.license(*id, &License { terms: terms.clone(), state: *new })?;
    }
    Ok(())
}
