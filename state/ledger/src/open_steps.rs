//! The open part of a ledger: the batch that is being filled, and its steps in the log.

use std::collections::HashMap;
use std::ops::Range;

use farthing_protocol::{
    Account, AccountId, AccountIdentity, BatchClass, License, LicenseId, LicenseVersion, Nonce,
    PublicKey, QueueIndex, UnixTime,
};

use crate::batch::{OpenBatch, RunningState};
use crate::error::LedgerError;
use crate::header::OpenRecord;
use crate::records::{IntentRecord, LogEntry};
use crate::sealed::SealedState;
use crate::store::{IntentKey, StateRead, StoreError, Writes};

/// The open batch, and its place in the log.
pub(crate) struct OpenSteps {
    /// The class of the batches after the open one.
    class: BatchClass,
    batch: Option<OpenBatch>,
    /// The open batch's first entry in the log, and the next one to write.
    log: Range<u64>,
    /// Intents admitted by the call at work: their records are not on disk yet.
    unwritten: HashMap<IntentKey, IntentRecord>,
}

impl OpenSteps {
    pub(crate) fn new(class: BatchClass) -> Self {
        Self { class, batch: None, log: 0..0, unwritten: HashMap::new() }
    }

    pub(crate) const fn class(&self) -> BatchClass {
        self.class
    }

    /// Returns true while no step is in the open batch.
    pub(crate) const fn is_idle(&self) -> bool {
        self.log.start == self.log.end
    }

    pub(crate) const fn batch(&self) -> Option<&OpenBatch> {
        self.batch.as_ref()
    }

    pub(crate) fn batch_mut(&mut self) -> Result<&mut OpenBatch, LedgerError> {
        self.batch.as_mut().ok_or(LedgerError::NoOpenBatch)
    }

    fn running(&self) -> Option<&RunningState> {
        self.batch.as_ref().map(|open| &open.running)
    }

    /// Opens a batch at `now`, unless one with steps in it is open.
    pub(crate) fn begin(&mut self, sealed: &SealedState, now: UnixTime) -> Result<(), LedgerError> {
        if !self.is_idle() {
            return Ok(());
        }
        let last = sealed.parent().timestamp;
        if now < last {
            return Err(LedgerError::TimeBackwards { last, got: now });
        }
        self.start(sealed, self.class, now)
    }

    fn start(
        &mut self,
        sealed: &SealedState,
        class: BatchClass,
        timestamp: UnixTime,
    ) -> Result<(), LedgerError> {
        let parent = sealed.parent();
        let mut running = RunningState::new(parent.next_account, parent.next_license);
        running.load_account(&sealed.view(), AccountId::OPERATOR)?;
        self.batch = Some(OpenBatch::new(class, timestamp, running));
        Ok(())
    }

    /// Opens a batch that the log has steps of.
    pub(crate) fn reopen(
        &mut self,
        sealed: &SealedState,
        record: OpenRecord,
    ) -> Result<(), LedgerError> {
        self.log = record.log_from..record.log_from;
        let class = BatchClass::from_id(record.class).unwrap_or(self.class);
        self.start(sealed, class, record.timestamp)
    }

    /// Takes out the open batch, and the end of its steps in the log, where the steps of the next
    /// batch begin.
    pub(crate) fn take(&mut self) -> Option<(OpenBatch, u64)> {
        let open = self.batch.take()?;
        self.log.start = self.log.end;
        Some((open, self.log.end))
    }

    /// The number of the next entry of the log.
    pub(crate) const fn log_end(&self) -> u64 {
        self.log.end
    }

    /// Counts an entry that is in the log already.
    pub(crate) const fn skip_entry(&mut self) {
        self.log.end += 1;
    }

    /// Adds a step to the log.
    pub(crate) fn append(
        &mut self,
        entry: LogEntry,
        writes: &mut Writes,
    ) -> Result<(), StoreError> {
        writes.log(self.log.end, &entry)?;
        self.log.end += 1;
        Ok(())
    }

    /// Keeps the record of an intent until it is on disk.
    pub(crate) fn remember(&mut self, key: IntentKey, record: IntentRecord) {
        self.unwritten.insert(key, record);
    }

    /// Forgets records that are on disk.
    pub(crate) fn forget_written(&mut self) {
        self.unwritten.clear();
    }

    /// Makes steps of the open batch durable.
    pub(crate) fn commit(
        &mut self,
        sealed: &SealedState,
        mut writes: Writes,
    ) -> Result<(), LedgerError> {
        if writes.is_empty() {
            return Ok(());
        }
        let log_from = self.log.start;
        let OpenBatch { class, timestamp, .. } = self.batch_mut()?;
        let record = OpenRecord { class: class.id, timestamp: *timestamp, log_from };
        writes.open(sealed.parent().next_batch, &record)?;
        sealed.commit(writes)?;
        self.forget_written();
        Ok(())
    }

    /// The next queue entry to consume.
    pub(crate) fn queue_next(&self, sealed: &SealedState) -> QueueIndex {
        let consumed = self.batch.as_ref().map_or(0, |open| open.contents.queue.len());
        sealed.parent().queue_next.advance(consumed as u64)
    }

    /// Nano-units deposited and not withdrawn, the open batch's deposits included.
    pub(crate) fn supply(&self, sealed: &SealedState) -> u128 {
        let open = self.running().map_or(0, |running| u128::from(running.deposited));
        let parent = sealed.parent();
        parent.deposited - parent.withdrawn + open
    }

    /// The intent that used a nonce.
    pub(crate) fn admitted(
        &self,
        sealed: &SealedState,
        key: IntentKey,
    ) -> Result<Option<IntentRecord>, StoreError> {
        if let Some(record) = self.unwritten.get(&key) {
            return Ok(Some(*record));
        }
        // Above the settled nonce only the open batch has used any: nothing to look up.
        let is_unused = self.running().is_some_and(|running| {
            let account = running.account(key.account);
            account.is_some_and(|account| key.nonce > account.settled_nonce)
                && !running.uses_nonce(key)
        });
        if is_unused { Ok(None) } else { sealed.store().intent(key) }
    }

    /// The account with this key and owner; one that the open batch opens included.
    pub(crate) fn account_of(
        &self,
        sealed: &SealedState,
        identity: &AccountIdentity,
    ) -> Result<Option<AccountId>, StoreError> {
        match self.running().and_then(|running| running.opened(identity)) {
            Some(id) => Ok(Some(id)),
            None => sealed.view().account_of(identity),
        }
    }

    /// The account as the admitted steps leave it, its nonce the largest used.
    pub(crate) fn account(
        &self,
        sealed: &SealedState,
        id: AccountId,
    ) -> Result<Option<Account>, StoreError> {
        match self.running().and_then(|running| running.known_account(id)) {
            Some(known) => Ok(known.map(|account| account.account())),
            None => sealed.view().account(id),
        }
    }

    /// The largest nonce of the account in sealed batches, one being sealed included.
    pub(crate) fn settled_nonce(
        &self,
        sealed: &SealedState,
        id: AccountId,
    ) -> Result<Option<Nonce>, StoreError> {
        match self.running().and_then(|running| running.known_account(id)) {
            Some(known) => Ok(known.map(|account| account.settled_nonce)),
            None => Ok(sealed.view().account(id)?.map(|account| account.state.nonce)),
        }
    }

    /// The license as the last batch left it, or as the open batch registers it.
    pub(crate) fn license(
        &self,
        sealed: &SealedState,
        id: LicenseId,
    ) -> Result<Option<License>, StoreError> {
        match self.running().and_then(|running| running.known_license(id)) {
            Some(known) => Ok(known.clone()),
            None => sealed.view().license(id),
        }
    }

    /// The version of a license that the open batch updates, from the next batch on.
    pub(crate) fn next_version(&self, id: LicenseId) -> Option<LicenseVersion> {
        self.running().and_then(|running| running.next_version(id))
    }

    /// The key that signs for the account.
    pub(crate) fn key_of(
        &self,
        sealed: &SealedState,
        id: AccountId,
    ) -> Result<Option<PublicKey>, StoreError> {
        Ok(self.account(sealed, id)?.map(|account| account.identity.key))
    }
}

/// The parts of a ledger that a step changes; `writes` make it durable.
pub(crate) struct Step<'a> {
    pub(crate) sealed: &'a SealedState,
    pub(crate) open: &'a mut OpenSteps,
    pub(crate) writes: &'a mut Writes,
}
