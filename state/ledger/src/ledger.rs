//! The ledger: settled state on disk, one open batch in memory and in a log.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use farthing_protocol::{
    Account, AccountId, AccountIdentity, BatchClass, BatchNumber, Digest, IntentId, License,
    LicenseId, Nano, Nonce, PublicKey, QueueIndex, TREE_DEPTH, UnixTime,
};
use thiserror::Error;

use crate::batch::{OpenBatch, RunningState};
use crate::displaced::DroppedIntent;
use crate::genesis::Genesis;
use crate::meta::{Meta, OpenRecord};
use crate::overlay::{Base, Overlay};
use crate::store::StateRead;
use crate::store::{IntentKey, Store, StoreError, Writes};
use crate::tree::{
    LeafChange, MerklePath, NodeAt, NodeSource, TreeId, account_leaves, empty_subtree,
    identity_digests, path, state_root, update,
};
use crate::witness::Admission;
use crate::witness::{BatchWitness, IntentRecord, LogEntry};

/// When a write counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// When it is on disk: survives the loss of power.
    Synced,
    /// When the operating system has it: survives a crash of the process. For tests and replays.
    Buffered,
}

/// The ledger failed; it says nothing about any intent. After a failed write it must be reopened.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A step failed half-way before: memory may be ahead of the disk.
    #[error("an earlier step failed: reopen the ledger")]
    Poisoned,
    /// The store holds no ledger.
    #[error("the store holds no ledger")]
    NoLedger,
    /// The store holds a ledger already.
    #[error("the store holds a ledger already")]
    Exists,
    /// The stored state does not have the stored root.
    #[error("the stored state has root {got}, expected {expected}")]
    WrongRoot {
        /// The root stored.
        expected: Digest,
        /// The root of what is stored.
        got: Digest,
    },
    /// The log of the open batch does not replay.
    #[error("entry {sequence} of the open batch's log does not replay")]
    BadLog {
        /// Its place.
        sequence: u64,
    },
    /// Time went backwards.
    #[error("it is {got}, before the last batch at {last}")]
    TimeBackwards {
        /// The time of the last batch.
        last: UnixTime,
        /// The time given.
        got: UnixTime,
    },
    /// No batch is open.
    #[error("no batch is open")]
    NoOpenBatch,
    /// The batch before is still being sealed.
    #[error("batch {0} waits for the one before it, which is being sealed")]
    Sealing(BatchNumber),
    /// The store holds steps of a batch that does not follow on the last one sealed.
    #[error("the store holds steps of batch {got}, expected {expected}")]
    BadOpenBatch {
        /// The one after the last one sealed.
        expected: BatchNumber,
        /// The one found.
        got: BatchNumber,
    },
    /// A batch that was admitted does not execute: a defect of this program.
    #[error("an admitted batch does not execute: {0}")]
    Execution(#[from] crate::execution::ExecutionError),
    /// More intents than a receipts tree holds: a defect of this program.
    #[error("more intents than a receipts tree holds")]
    TooManyReceipts,
}

/// All money there is, and where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Σ balances.
    pub balances: u128,
    /// Σ vaults.
    pub vaults: u128,
    /// Nano-units ever withdrawn.
    pub withdrawn: u128,
    /// Nano-units ever credited by deposits.
    pub deposited: u128,
}

impl Reserve {
    /// Σ balances + Σ vaults + withdrawn = deposited.
    pub const fn is_full(&self) -> bool {
        self.balances + self.vaults + self.withdrawn == self.deposited
    }
}

/// The state machine on its store.
pub struct Ledger {
    store: Store,
    /// As the last batch sealed left it.
    meta: Meta,
    domain: Digest,
    class: BatchClass,
    durability: Durability,
    /// The state that a batch being sealed leaves.
    overlay: Option<Arc<Overlay>>,
    open: Option<OpenBatch>,
    /// The open batch's first entry in the log, and the next one to write.
    log: Range<u64>,
    /// Intents admitted by the call at work: their records are not on disk yet.
    pending: HashMap<IntentKey, IntentRecord>,
    poisoned: bool,
    /// Set if an acknowledged intent was ever dropped: otherwise no intent is looked up among them.
    any_dropped: bool,
}

impl Ledger {
    /// Creates a ledger in an empty store at `path`. Batches are of `class`.
    pub fn create(
        path: &Path,
        genesis: Genesis,
        class: BatchClass,
        durability: Durability,
    ) -> Result<Self, LedgerError> {
        let store = Store::open(path)?;
        if store.meta()?.is_some() {
            return Err(LedgerError::Exists);
        }
        let tree = genesis.accounts_tree(&store.tree(TreeId::Accounts))?;
        let root = state_root(&tree.new_root, &empty_subtree(TREE_DEPTH as u8));
        let meta = Meta {
            genesis,
            root,
            next_account: 1,
            next_license: 0,
            next_batch: BatchNumber::MIN,
            queue_next: QueueIndex::MIN,
            timestamp: UnixTime::MIN,
            deposited: 0,
            withdrawn: 0,
        };
        let mut writes = Writes::default();
        writes.account(AccountId::OPERATOR, &genesis.operator_account(), true)?;
        writes.nodes(TreeId::Accounts, &tree.writes);
        writes.meta(&meta)?;
        store.commit(writes, true)?;
        Ok(Self::new(store, meta, class, durability))
    }

    /// Opens the ledger at `path`: computes the root of every account and license stored, compares
    /// it with the root stored, and replays the open batch. A batch that was open keeps its class;
    /// those after it are of `class`.
    pub fn open(
        path: &Path,
        class: BatchClass,
        durability: Durability,
    ) -> Result<Self, LedgerError> {
        Self::open_store(Store::open(path)?, class, durability)
    }

    /// The same on a store that is open already; no other ledger may be on it.
    pub(crate) fn open_store(
        store: Store,
        class: BatchClass,
        durability: Durability,
    ) -> Result<Self, LedgerError> {
        let meta = store.meta()?.ok_or(LedgerError::NoLedger)?;
        let any_dropped = store.any_dropped()?;
        let mut ledger = Self { any_dropped, ..Self::new(store, meta, class, durability) };
        let got = ledger.compute_root()?;
        if got != meta.root || ledger.stored_root()? != meta.root {
            return Err(LedgerError::WrongRoot { expected: meta.root, got });
        }
        ledger.replay()?;
        Ok(ledger)
    }

    fn new(store: Store, meta: Meta, class: BatchClass, durability: Durability) -> Self {
        Self {
            domain: meta.genesis.domain.digest(),
            store,
            meta,
            class,
            durability,
            overlay: None,
            open: None,
            log: 0..0,
            pending: HashMap::new(),
            poisoned: false,
            any_dropped: false,
        }
    }

    /// The deployment that signatures and statements are for.
    pub const fn domain_digest(&self) -> Digest {
        self.domain
    }

    /// The state root that the last batch left.
    pub const fn root(&self) -> Digest {
        self.meta.root
    }

    /// The number that the open batch has, or the next one to open.
    pub fn next_batch(&self) -> BatchNumber {
        self.filled_on().next_batch
    }

    /// The next queue entry to consume.
    pub fn queue_next(&self) -> QueueIndex {
        let consumed = self.open.as_ref().map_or(0, |open| open.contents.queue.len());
        self.filled_on().queue_next.advance(consumed as u64)
    }

    /// The account as the last batch left it.
    pub fn account(&self, id: AccountId) -> Result<Option<Account>, LedgerError> {
        Ok(self.store.account(id)?)
    }

    /// The account with this key and owner; one that the open batch opens included.
    pub fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, LedgerError> {
        let opened = self.open.as_ref().and_then(|open| open.running.opened(identity));
        match opened {
            Some(id) => Ok(Some(id)),
            None => Ok(self.base().account_of(identity)?),
        }
    }

    /// The balance that the account can spend in the open batch: shares of licenses come when it is sealed.
    pub fn spendable(&self, id: AccountId) -> Result<Option<Nano>, LedgerError> {
        let running = self.open.as_ref().and_then(|open| open.running.known_account(id));
        match running {
            Some(known) => Ok(known.map(|account| account.balance)),
            None => Ok(self.base().account(id)?.map(|account| account.state.balance)),
        }
    }

    /// The license as the last batch left it.
    pub fn license(&self, id: LicenseId) -> Result<Option<License>, LedgerError> {
        Ok(self.store.license(id)?)
    }

    /// The batch of an admitted intent.
    pub fn intent(&self, id: &IntentId) -> Result<Option<Admission>, LedgerError> {
        let Some(key) = self.store.intent_key(id)? else { return Ok(None) };
        Ok(self.store.intent(key)?.map(|record| Admission::known(&record)))
    }

    /// A sealed batch.
    pub fn batch(&self, number: BatchNumber) -> Result<Option<BatchWitness>, LedgerError> {
        Ok(self.store.batch(number)?)
    }

    /// The first state.
    pub const fn genesis(&self) -> Genesis {
        self.meta.genesis
    }

    /// The time of the batch before the open one.
    pub fn timestamp(&self) -> UnixTime {
        self.filled_on().timestamp
    }

    /// The time of the open batch; `None` while no step is in one.
    pub fn open_since(&self) -> Option<UnixTime> {
        self.open.as_ref().filter(|_| !self.is_idle()).map(|open| open.timestamp)
    }

    /// The account as the steps of the open batch leave it so far, its nonce the largest used:
    /// shares of licenses come when it is sealed.
    pub fn pending_account(&self, id: AccountId) -> Result<Option<Account>, LedgerError> {
        let running = self.open.as_ref().and_then(|open| open.running.known_account(id));
        match running {
            Some(known) => Ok(known.map(|account| account.account())),
            None => Ok(self.base().account(id)?),
        }
    }

    /// The largest nonce of the account in sealed batches, one being sealed included: the open batch
    /// takes any unused nonce above it.
    pub fn settled_nonce(&self, id: AccountId) -> Result<Option<Nonce>, LedgerError> {
        let running = self.open.as_ref().and_then(|open| open.running.known_account(id));
        match running {
            Some(known) => Ok(known.map(|account| account.settled_nonce)),
            None => Ok(self.base().account(id)?.map(|account| account.state.nonce)),
        }
    }

    /// The license as the last batch left it, or as the open batch registers it.
    pub fn pending_license(&self, id: LicenseId) -> Result<Option<License>, LedgerError> {
        let running = self.open.as_ref().and_then(|open| open.running.known_license(id));
        match running {
            Some(known) => Ok(known.clone()),
            None => Ok(self.base().license(id)?),
        }
    }

    /// The path from an account's leaf to the accounts tree's root.
    pub fn account_path(&self, id: AccountId) -> Result<MerklePath, LedgerError> {
        Ok(path(&self.store.tree(TreeId::Accounts), id.get())?)
    }

    /// The path from a license's leaf to the licenses tree's root.
    pub fn license_path(&self, id: LicenseId) -> Result<MerklePath, LedgerError> {
        Ok(path(&self.store.tree(TreeId::Licenses), id.get())?)
    }

    /// Sums all money in the settled state, account by account and license by license.
    pub fn reserve(&self) -> Result<Reserve, LedgerError> {
        let accounts = self.store.accounts()?;
        let licenses = self.store.licenses()?;
        Ok(Reserve {
            balances: accounts.iter().map(|(_, a)| u128::from(a.state.balance.get())).sum(),
            vaults: licenses.iter().map(|(_, l)| u128::from(l.state.vault.get())).sum(),
            withdrawn: self.meta.withdrawn,
            deposited: self.meta.deposited,
        })
    }

    /// Computes the state root from every account and license, reading no tree node.
    pub fn compute_root(&self) -> Result<Digest, LedgerError> {
        use rayon::prelude::*;
        let accounts = self.store.accounts()?;
        let identities: Vec<_> = accounts.iter().map(|(_, a)| a.identity).collect();
        let states: Vec<_> = accounts.iter().map(|(_, a)| Some(a.state)).collect();
        let leaves = account_leaves(&identity_digests(&identities), &states);
        let leaves = accounts.iter().zip(leaves).map(|((id, _), leaf)| new_leaf(id.get(), leaf));
        let accounts_root = root_of(leaves.collect());
        let licenses = self.store.licenses()?;
        let leaves =
            licenses.par_iter().map(|(id, license)| new_leaf(id.get(), license.leaf())).collect();
        Ok(state_root(&accounts_root, &root_of(leaves)))
    }

    fn stored_root(&self) -> Result<Digest, LedgerError> {
        let root = |tree| self.store.tree_root(tree);
        Ok(state_root(&root(TreeId::Accounts)?, &root(TreeId::Licenses)?))
    }

    /// Nano-units deposited and not withdrawn, the open batch's deposits included.
    pub(crate) fn supply(&self) -> u128 {
        let open = self.open.as_ref().map_or(0, |open| u128::from(open.running.deposited));
        let meta = self.filled_on();
        meta.deposited - meta.withdrawn + open
    }

    pub(crate) fn key_of(&self, account: AccountId) -> Result<Option<PublicKey>, LedgerError> {
        let running = self.open.as_ref().and_then(|open| open.running.known_account(account));
        match running {
            Some(known) => Ok(known.map(|account| account.identity.key)),
            None => Ok(self.base().account(account)?.map(|account| account.identity.key)),
        }
    }

    /// The intent that used a nonce.
    pub(crate) fn admitted(&self, key: IntentKey) -> Result<Option<IntentRecord>, LedgerError> {
        if let Some(record) = self.pending.get(&key) {
            return Ok(Some(*record));
        }
        // Above the settled nonce only the open batch has used any: nothing to look up.
        let running = self.open.as_ref().map(|open| &open.running);
        let is_unused = running.is_some_and(|running| {
            let account = running.account(key.account);
            account.is_some_and(|account| key.nonce > account.settled_nonce)
                && !running.uses_nonce(key)
        });
        if is_unused { Ok(None) } else { Ok(self.store.intent(key)?) }
    }

    /// The reason why an acknowledged intent will never settle.
    pub(crate) fn drop_of(&self, id: &IntentId) -> Result<Option<DroppedIntent>, LedgerError> {
        if self.any_dropped { Ok(self.store.dropped(id)?) } else { Ok(None) }
    }

    pub(crate) const fn remember_dropped(&mut self) {
        self.any_dropped = true;
    }

    pub(crate) fn remember(&mut self, key: IntentKey, record: IntentRecord) {
        self.pending.insert(key, record);
    }

    pub(crate) fn open_batch(&mut self) -> Result<&mut OpenBatch, LedgerError> {
        self.open.as_mut().ok_or(LedgerError::NoOpenBatch)
    }

    /// The open batch, and what it is filled on.
    pub(crate) fn base_and_open(&mut self) -> Result<(Base<'_>, &mut OpenBatch), LedgerError> {
        let base = Base { store: &self.store, overlay: self.overlay.as_deref() };
        Ok((base, self.open.as_mut().ok_or(LedgerError::NoOpenBatch)?))
    }

    fn base(&self) -> Base<'_> {
        Base { store: &self.store, overlay: self.overlay.as_deref() }
    }

    /// The header that the batch before the open one left.
    fn filled_on(&self) -> &Meta {
        self.overlay.as_ref().map_or(&self.meta, |overlay| &overlay.meta)
    }

    /// Refuses all work after a failure that may have left memory ahead of the disk.
    pub(crate) const fn healthy(&self) -> Result<(), LedgerError> {
        if self.poisoned { Err(LedgerError::Poisoned) } else { Ok(()) }
    }

    /// Opens a batch at `now`, unless one with steps in it is open.
    pub(crate) fn begin(&mut self, now: UnixTime) -> Result<(), LedgerError> {
        self.healthy()?;
        if !self.is_idle() {
            return Ok(());
        }
        let last = self.filled_on().timestamp;
        if now < last {
            return Err(LedgerError::TimeBackwards { last, got: now });
        }
        self.start(self.class, now)
    }

    pub(crate) fn start(
        &mut self,
        class: BatchClass,
        timestamp: UnixTime,
    ) -> Result<(), LedgerError> {
        let meta = self.filled_on();
        let mut running = RunningState::new(meta.next_account, meta.next_license);
        running.load_account(&self.base(), AccountId::OPERATOR)?;
        self.open = Some(OpenBatch::new(class, timestamp, running));
        Ok(())
    }

    /// Adds a step to the log.
    pub(crate) fn append(
        &mut self,
        entry: LogEntry,
        writes: &mut Writes,
    ) -> Result<(), LedgerError> {
        writes.log(self.log.end, &entry)?;
        self.log.end += 1;
        Ok(())
    }

    /// Makes steps of the open batch durable.
    pub(crate) fn commit_open(&mut self, mut writes: Writes) -> Result<(), LedgerError> {
        if writes.is_empty() {
            return Ok(());
        }
        let number = self.next_batch();
        let log_from = self.log.start;
        let OpenBatch { class, timestamp, .. } = self.open_batch()?;
        let (class, timestamp) = (class.id, *timestamp);
        writes.open(number, &OpenRecord { class, timestamp, log_from })?;
        self.commit(writes)
    }

    pub(crate) fn commit(&mut self, writes: Writes) -> Result<(), LedgerError> {
        let sync = self.durability == Durability::Synced;
        self.store.commit(writes, sync)?;
        self.pending.clear();
        Ok(())
    }

    /// The open batch, and the end of its entries in the log; those of the next one begin there.
    pub(crate) fn take_open(&mut self) -> Option<(OpenBatch, u64)> {
        let open = self.open.take()?;
        self.log.start = self.log.end;
        Some((open, self.log.end))
    }

    /// The next batch is filled on this until the one before it is sealed.
    pub(crate) fn fill_on(&mut self, overlay: Arc<Overlay>) {
        self.overlay = Some(overlay);
    }

    /// Returns true while no step is in the open batch.
    pub const fn is_idle(&self) -> bool {
        self.log.start == self.log.end
    }

    /// Steps may have been applied that are not on disk, if the work failed.
    pub(crate) fn poison_unless_ok<T>(
        &mut self,
        work: Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        self.poisoned |= work.is_err();
        work
    }

    /// The log's entries of the open batch.
    pub(crate) const fn log_mut(&mut self) -> &mut Range<u64> {
        &mut self.log
    }

    pub(crate) const fn class(&self) -> BatchClass {
        self.class
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) const fn durability(&self) -> Durability {
        self.durability
    }

    pub(crate) const fn overlay(&self) -> Option<&Arc<Overlay>> {
        self.overlay.as_ref()
    }

    /// After a batch has been sealed, or rebuilt, and written.
    pub(crate) fn settled(&mut self, meta: Meta) {
        self.meta = meta;
        self.overlay = None;
    }

    pub(crate) const fn meta(&self) -> &Meta {
        &self.meta
    }
}

fn new_leaf(index: u32, new: Digest) -> LeafChange {
    LeafChange { index, old: Digest::ZERO, new }
}

/// The root of a tree that holds these leaves, ascending, and nothing else.
fn root_of(leaves: Vec<LeafChange>) -> Digest {
    struct Nothing;
    impl NodeSource for Nothing {
        type Error = std::convert::Infallible;
        fn nodes(&self, places: &[NodeAt]) -> Result<Vec<Option<Digest>>, Self::Error> {
            Ok(vec![None; places.len()])
        }
    }
    let Ok(tree) = update(&Nothing, &leaves);
    tree.new_root
}
