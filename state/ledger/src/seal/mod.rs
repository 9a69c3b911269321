//! Sealing: the open batch is executed, both trees move once, and everything that a prover and L1
//! need is written with the new state in one step.
//!
//! The ledger executes the batch, which takes little time. The rest is a [`SealJob`], which another
//! thread may run while the next batch is filled on the executed state.

mod build;

use farthing_protocol::{
    Account, AccountId, AccountIdentity, BatchCounts, BatchNumber, BatchWitness, License,
    LicenseChange, LicenseId, UnixTime,
};

use crate::batch::{OpenBatch, RunningState};
use crate::error::LedgerError;
use crate::execution::{BatchExecution, accounts_after, execute_batch};
use crate::header::{OpenRecord, StateHeader};
use crate::open_steps::OpenSteps;
use crate::pending::PendingState;
use crate::sealed::{Durability, SealedState};
use crate::store::StateRead;
use crate::store::{Store, StoreError, Writes};
use crate::tree::TreeId;
use build::{BuiltBatch, build};

/// A batch that is executed and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBatch {
    /// Everything that a prover needs, its statement included.
    pub witness: BatchWitness,
    /// Resources that it takes of its class's capacity.
    pub counts: BatchCounts,
}

/// The long part of sealing a batch, for any thread. The batch is executed; its steps, and that no
/// step is added to them, are durable. If the job is lost, [`Ledger::open`](crate::Ledger::open)
/// seals the batch.
#[must_use = "the ledger seals nothing else before the job has been run and its outcome taken"]
pub struct SealJob {
    store: Store,
    durability: Durability,
    /// The ledger before the batch.
    before: StateHeader,
    /// And after it, but for the root.
    after: StateHeader,
    open: OpenBatch,
    execution: BatchExecution,
    /// The end of the batch's entries in the log.
    log_to: u64,
}

/// A batch that a job stored and that the ledger has not yet taken over.
#[must_use = "the ledger seals nothing else before it has taken the outcome"]
pub struct StoredBatch {
    batch: SealedBatch,
    header: StateHeader,
}

impl StoredBatch {
    /// The batch.
    pub const fn batch(&self) -> &SealedBatch {
        &self.batch
    }
}

/// Seals the open batch; `None` if nothing is in it. Durable on return.
pub(crate) fn seal(
    sealed: &mut SealedState,
    steps: &mut OpenSteps,
) -> Result<Option<SealedBatch>, LedgerError> {
    if steps.is_idle() {
        return Ok(None);
    }
    let stored = begin_seal(sealed, steps)?.run()?;
    Ok(Some(end_seal(sealed, stored)))
}

/// Executes the open batch, which may be empty; the next batch can be filled at once.
pub(crate) fn begin_seal(
    sealed: &mut SealedState,
    steps: &mut OpenSteps,
) -> Result<SealJob, LedgerError> {
    if let Some(pending) = sealed.pending() {
        return Err(LedgerError::Sealing(pending.header.next_batch));
    }
    let (open, log_to) = steps.take().ok_or(LedgerError::NoOpenBatch)?;
    let known = LoadedState { store: sealed.store(), running: &open.running };
    let execution = execute_batch(&known, &open.contents, open.timestamp)?;
    let before = *sealed.header();
    let after = StateHeader {
        next_account: open.running.next_account,
        next_license: open.running.next_license,
        next_batch: before.next_batch.next(),
        queue_next: before.queue_next.advance(execution.queue.len() as u64),
        timestamp: open.timestamp,
        deposited: before.deposited + execution.deposited,
        withdrawn: before.withdrawn + execution.withdrawn,
        ..before
    };
    close(sealed, &after, steps.class().id, open.timestamp, log_to)?;
    sealed.set_pending(PendingState::new(after, &execution));
    let (store, durability) = (sealed.store().clone(), sealed.durability());
    Ok(SealJob { store, durability, before, after, open, execution, log_to })
}

/// Takes over the state that a job stored.
pub(crate) fn end_seal(sealed: &mut SealedState, stored: StoredBatch) -> SealedBatch {
    let StoredBatch { batch, header } = stored;
    sealed.advance(header);
    batch
}

/// Makes durable that the batch takes no further step: the next batch begins in the log where this
/// one ends. From here on a nonce can be refused because this batch has a greater one, so a crash
/// must not reopen the batch, which would take that nonce.
fn close(
    sealed: &SealedState,
    after: &StateHeader,
    class: u8,
    timestamp: UnixTime,
    log_from: u64,
) -> Result<(), StoreError> {
    let next = after.next_batch;
    // After a crash the next batch may be there, with steps.
    if sealed.store().open_batch(next)?.is_some() {
        return Ok(());
    }
    let mut writes = Writes::default();
    writes.open(next, &OpenRecord { class, timestamp, log_from })?;
    sealed.commit(writes)
}

impl SealJob {
    /// The number of the batch.
    pub const fn number(&self) -> BatchNumber {
        self.before.next_batch
    }

    /// Moves the trees and writes the batch with the state that it leaves. Durable on return.
    pub fn run(mut self) -> Result<StoredBatch, LedgerError> {
        let execution = std::mem::take(&mut self.execution);
        let BuiltBatch { witness, nodes } = build(&self, execution)?;
        let header = StateHeader { root: witness.statement.header.new_root, ..self.after };
        let mut writes = Writes::default();
        write_state(&mut writes, &witness)?;
        let [accounts, licenses] = &nodes;
        writes.nodes(TreeId::Accounts, accounts);
        writes.nodes(TreeId::Licenses, licenses);
        writes.batch(self.number(), &witness)?;
        writes.forget_open(self.number(), self.log_to);
        writes.meta(&header)?;
        self.store.commit(writes, self.durability == Durability::Synced)?;
        let counts = *self.open.meter.counts();
        Ok(StoredBatch { batch: SealedBatch { witness, counts }, header })
    }
}

/// The sealed state as far as the open batch has loaded it; the rest is read from the store.
struct LoadedState<'a> {
    store: &'a Store,
    running: &'a RunningState,
}

impl StateRead for LoadedState<'_> {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.store.account(id)
    }

    fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, StoreError> {
        self.store.account_of(identity)
    }

    /// Licenses do not change before a batch is executed, except that new ones are registered.
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
