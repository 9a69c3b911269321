//! The ledger's public operations. [`SealedState`] has the state that batches left, [`OpenSteps`]
//! the open batch. The steps themselves are functions over the two.

use std::path::Path;

use farthing_protocol::{
    Account, AccountId, AccountIdentity, BatchClass, BatchNumber, BatchWitness, Digest, Holder,
    IntentId, License, LicenseId, LicenseVersion, Nano, Nonce, OpenedAccount, Operation,
    PROTOCOL_VERSION, QueueEntry, QueueIndex, ShortDigest, SignedIntent, TREE_DEPTH, UnixTime,
};

use crate::admission::{AdmitError, admit};
use crate::displaced::DroppedIntent;
use crate::error::LedgerError;
use crate::genesis::Genesis;
use crate::header::StateHeader;
use crate::open_steps::{OpenSteps, Step};
use crate::operator_steps::{consume, open_account};
use crate::precheck::{CheckError, Checked, CheckedIntent, check};
use crate::preview::preview;
use crate::rebase::{Rebase, RebaseError, Rebased, Rebasing};
use crate::records::Admission;
use crate::replay::replay;
use crate::rules::{ConsumeError, OpenAccountError};
use crate::seal::{SealJob, SealedBatch, StoredBatch, begin_seal, end_seal};
use crate::sealed::{Durability, Reserve, SealedState};
use crate::store::{StateRead, Store, Writes};
use crate::tree::{MerklePath, TreeId, empty_subtree, state_root};

/// The state machine on its store.
pub struct Ledger {
    sealed: SealedState,
    open: OpenSteps,
    /// A step failed half-way: memory may be ahead of the disk.
    poisoned: bool,
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
        if store.has_ledger()? {
            return Err(LedgerError::Exists);
        }
        let tree = genesis.accounts_tree(&store.tree(TreeId::Accounts))?;
        let root = state_root(&tree.new_root, &empty_subtree(TREE_DEPTH as u8));
        let header = StateHeader {
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
        writes.meta(&header)?;
        writes.protocol_version(PROTOCOL_VERSION)?;
        store.commit(writes, true)?;
        let sealed = SealedState::new(store, header, durability)?;
        Ok(Self { sealed, open: OpenSteps::new(class), poisoned: false })
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

    /// Opens the ledger on a store that is already open; no other ledger may use the store.
    pub(crate) fn open_store(
        store: Store,
        class: BatchClass,
        durability: Durability,
    ) -> Result<Self, LedgerError> {
        if !store.has_ledger()? {
            return Err(LedgerError::NoLedger);
        }
        let got = store.protocol_version()?;
        if got != PROTOCOL_VERSION {
            return Err(LedgerError::ProtocolVersion { expected: PROTOCOL_VERSION, got });
        }
        let header = store.meta()?.ok_or(LedgerError::NoLedger)?;
        let mut sealed = SealedState::new(store, header, durability)?;
        sealed.check_root()?;
        let mut open = OpenSteps::new(class);
        replay(&mut sealed, &mut open)?;
        Ok(Self { sealed, open, poisoned: false })
    }

    /// The state that sealed batches left.
    pub(crate) const fn sealed(&self) -> &SealedState {
        &self.sealed
    }

    /// The sealed state, to move it to a state of L1; no batch may be open.
    pub(crate) const fn sealed_mut(&mut self) -> &mut SealedState {
        &mut self.sealed
    }

    /// Refuses all work after a failure that may have left memory ahead of the disk.
    const fn healthy(&self) -> Result<(), LedgerError> {
        if self.poisoned { Err(LedgerError::Poisoned) } else { Ok(()) }
    }

    /// Runs `work`, which may leave memory ahead of the disk if it fails.
    fn work<T>(
        &mut self,
        work: impl FnOnce(&mut SealedState, &mut OpenSteps) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let done = work(&mut self.sealed, &mut self.open);
        self.poisoned |= done.is_err();
        done
    }

    /// Begins a batch at `now` unless one is open, and makes the steps that `work` adds to it durable
    /// with one write.
    fn step<T>(
        &mut self,
        now: UnixTime,
        work: impl FnOnce(&mut Step<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        self.healthy()?;
        self.open.begin(&self.sealed, now)?;
        self.work(|sealed, open| {
            let mut writes = Writes::default();
            let done = work(&mut Step { sealed, open, writes: &mut writes })?;
            open.commit(sealed, writes)?;
            Ok(done)
        })
    }

    /// Checks the signatures of many intents together. The answers are in the order of `intents`. A
    /// repeat of an admitted intent is answered first, even with a wrong signature.
    pub fn check(
        &self,
        intents: &[SignedIntent],
    ) -> Result<Vec<Result<Checked, CheckError>>, LedgerError> {
        self.healthy()?;
        Ok(check(&self.sealed, &self.open, intents)?)
    }

    /// Admits intents in the order given and makes all of them durable with one write. Once the
    /// batch is full for one intent, all later ones are refused as well, so that the order within
    /// an account holds.
    ///
    /// An `Err` of the whole call means that nothing is acknowledged and the ledger must be
    /// reopened.
    pub fn admit(
        &mut self,
        now: UnixTime,
        intents: &[CheckedIntent],
    ) -> Result<Vec<Result<Admission, AdmitError>>, LedgerError> {
        self.step(now, |step| {
            let mut full = None;
            let mut answers = Vec::with_capacity(intents.len());
            for intent in intents {
                let answer = match full {
                    Some(exceeded) => Err(AdmitError::BatchFull(exceeded)),
                    None => admit(step, now, intent, None)?,
                };
                if let Err(AdmitError::BatchFull(exceeded)) = answer {
                    full = Some(exceeded);
                }
                answers.push(answer);
            }
            Ok(answers)
        })
    }

    /// The answer that [`admit`](Self::admit) would give at `now`, after sealing the open batch if that is
    /// full. Nothing changes, and nothing is reserved: a later step may change the answer.
    pub fn preview(
        &self,
        now: UnixTime,
        intent: &CheckedIntent,
    ) -> Result<Result<(), AdmitError>, LedgerError> {
        self.healthy()?;
        Ok(preview(&self.sealed, &self.open, now, intent)?)
    }

    /// Opens an account for a key and an owner, at no cost to the owner. Durable on return.
    pub fn open_account(
        &mut self,
        now: UnixTime,
        identity: AccountIdentity,
    ) -> Result<Result<OpenedAccount, OpenAccountError>, LedgerError> {
        self.step(now, |step| open_account(step, identity, None))
    }

    /// Opens accounts in the order given and makes all of them durable with one write. Once the
    /// batch is full for one account, all later ones are refused as well.
    pub fn open_accounts(
        &mut self,
        now: UnixTime,
        identities: &[AccountIdentity],
    ) -> Result<Vec<Result<OpenedAccount, OpenAccountError>>, LedgerError> {
        self.step(now, |step| {
            let mut full = None;
            let mut answers = Vec::with_capacity(identities.len());
            for identity in identities {
                let answer = match full {
                    Some(exceeded) => Err(OpenAccountError::BatchFull(exceeded)),
                    None => open_account(step, *identity, None)?,
                };
                if let Err(OpenAccountError::BatchFull(exceeded)) = answer {
                    full = Some(exceeded);
                }
                answers.push(answer);
            }
            Ok(answers)
        })
    }

    /// Consumes queue entries from number `from` on, which must be the next one, until one cannot
    /// be consumed now; makes what was consumed durable with one write. Returns how many were
    /// consumed, and why the next was not.
    pub fn consume(
        &mut self,
        now: UnixTime,
        from: QueueIndex,
        entries: &[QueueEntry],
    ) -> Result<(usize, Option<ConsumeError>), LedgerError> {
        self.step(now, |step| {
            let expected = step.open.queue_next(step.sealed);
            if from != expected {
                let (expected, got) = (expected.get(), from.get());
                return Ok((0, Some(ConsumeError::OutOfOrder { expected, got })));
            }
            for (consumed, entry) in entries.iter().enumerate() {
                if let Err(refused) = consume(step, entry, None)? {
                    return Ok((consumed, Some(refused)));
                }
            }
            Ok((entries.len(), None))
        })
    }

    /// Seals the open batch; `None` if it is empty. Durable on return.
    pub fn seal(&mut self) -> Result<Option<SealedBatch>, LedgerError> {
        match self.begin_seal()? {
            None => Ok(None),
            Some(job) => self.end_seal(job.run()).map(Some),
        }
    }

    /// Seals the open batch; if it is empty, seals an empty batch at `now`. Durable on return.
    pub fn seal_always(&mut self, now: UnixTime) -> Result<SealedBatch, LedgerError> {
        self.healthy()?;
        self.none_sealing()?;
        self.open.begin(&self.sealed, now)?;
        let job = self.work(begin_seal)?;
        self.end_seal(job.run())
    }

    /// Executes the open batch; `None` if it is empty. The returned job seals the batch, on any
    /// thread. The next batch can be filled at once; it is sealed after
    /// [`end_seal`](Ledger::end_seal) has taken the job's outcome.
    pub fn begin_seal(&mut self) -> Result<Option<SealJob>, LedgerError> {
        self.healthy()?;
        if self.is_idle() {
            return Ok(None);
        }
        self.none_sealing()?;
        self.work(begin_seal).map(Some)
    }

    /// Takes the outcome of a job. If the job failed, the ledger must be reopened.
    pub fn end_seal(
        &mut self,
        stored: Result<StoredBatch, LedgerError>,
    ) -> Result<SealedBatch, LedgerError> {
        self.work(|sealed, _| Ok(end_seal(sealed, stored?)))
    }

    /// Returns true while a job's outcome is awaited.
    pub fn is_sealing(&self) -> bool {
        self.sealed.pending().is_some()
    }

    fn none_sealing(&self) -> Result<(), LedgerError> {
        match self.sealed.pending() {
            None => Ok(()),
            Some(pending) => Err(LedgerError::Sealing(pending.header.next_batch)),
        }
    }

    /// Runs or resumes a rebase. On return it is durable. Call
    /// [`forget_rebase`](Self::forget_rebase) when every store that follows the ledger has been
    /// updated. On an error the ledger must be reopened.
    pub fn rebase(&mut self, plan: &Rebase, now: UnixTime) -> Result<Rebased, RebaseError> {
        self.healthy()?;
        let done = Rebasing { sealed: &mut self.sealed, open: &mut self.open }.run(plan, now);
        self.poisoned |= matches!(done, Err(RebaseError::Ledger(_)));
        done
    }

    /// Returns true if a rebase was begun and not forgotten.
    pub fn is_rebasing(&self) -> Result<bool, LedgerError> {
        Ok(self.sealed.store().rebase()?.is_some())
    }

    /// Ends a rebase that is done.
    pub fn forget_rebase(&mut self) -> Result<(), LedgerError> {
        let mut writes = Writes::default();
        writes.forget_rebase();
        Ok(self.sealed.commit(writes)?)
    }

    /// An intent that was acknowledged and will never settle.
    pub fn dropped(&self, id: &IntentId) -> Result<Option<DroppedIntent>, LedgerError> {
        Ok(self.sealed.store().dropped(id)?)
    }

    /// The genesis state.
    pub const fn genesis(&self) -> Genesis {
        self.sealed.header().genesis
    }

    /// The deployment that signatures and statements are for.
    pub const fn domain_digest(&self) -> Digest {
        self.sealed.domain()
    }

    /// The state root that the last batch left.
    pub const fn root(&self) -> Digest {
        self.sealed.header().root
    }

    /// The number that the open batch has, or the next one to open.
    pub fn next_batch(&self) -> BatchNumber {
        self.sealed.parent().next_batch
    }

    /// The time of the batch before the open one.
    pub fn timestamp(&self) -> UnixTime {
        self.sealed.parent().timestamp
    }

    /// The time of the open batch; `None` while no step is in one.
    pub fn open_since(&self) -> Option<UnixTime> {
        self.open.batch().filter(|_| !self.is_idle()).map(|open| open.timestamp)
    }

    /// Returns true while no step is in the open batch.
    pub const fn is_idle(&self) -> bool {
        self.open.is_idle()
    }

    /// The next queue entry to consume.
    pub fn queue_next(&self) -> QueueIndex {
        self.open.queue_next(&self.sealed)
    }

    /// The account as the last batch left it.
    pub fn account(&self, id: AccountId) -> Result<Option<Account>, LedgerError> {
        Ok(self.sealed.store().account(id)?)
    }

    /// The account with this key and owner; one that the open batch opens included.
    pub fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, LedgerError> {
        Ok(self.open.account_of(&self.sealed, identity)?)
    }

    /// The account as the admitted steps of the open batch leave it, with its largest used nonce.
    /// Shares of licenses are added when the batch is sealed.
    pub fn pending_account(&self, id: AccountId) -> Result<Option<Account>, LedgerError> {
        Ok(self.open.account(&self.sealed, id)?)
    }

    /// The balance that the account can spend in the open batch. Shares of licenses are added when the
    /// batch is sealed.
    pub fn spendable(&self, id: AccountId) -> Result<Option<Nano>, LedgerError> {
        Ok(self.open.account(&self.sealed, id)?.map(|account| account.state.balance))
    }

    /// The largest nonce of the account in sealed batches, one being sealed included: the open batch
    /// takes any unused nonce above it.
    pub fn settled_nonce(&self, id: AccountId) -> Result<Option<Nonce>, LedgerError> {
        Ok(self.open.settled_nonce(&self.sealed, id)?)
    }

    /// The license as the last batch left it.
    pub fn license(&self, id: LicenseId) -> Result<Option<License>, LedgerError> {
        Ok(self.sealed.store().license(id)?)
    }

    /// The license as the last batch left it, or as the open batch registers it.
    pub fn pending_license(&self, id: LicenseId) -> Result<Option<License>, LedgerError> {
        Ok(self.open.license(&self.sealed, id)?)
    }

    /// The version of a license from the next batch on, if the open batch updates it.
    pub fn next_version(&self, id: LicenseId) -> Option<LicenseVersion> {
        self.open.next_version(id)
    }

    /// The recipient of a holder as a signed message names it; accounts and licenses of the open
    /// batch are included.
    pub fn recipient(&self, holder: Holder) -> Result<Option<ShortDigest>, LedgerError> {
        Ok(match holder {
            Holder::Account(id) => {
                self.pending_account(id)?.map(|account| account.identity.recipient())
            }
            Holder::License(id) => {
                self.pending_license(id)?.map(|license| license.terms.recipient())
            }
        })
    }

    /// Sets the recipients of an operation as this ledger knows them; returns false if one does not
    /// exist.
    pub fn address(&self, operation: &mut Operation) -> Result<bool, LedgerError> {
        let mut failed = None;
        let known = operation.address(|holder| {
            self.recipient(holder).unwrap_or_else(|error| {
                failed = Some(error);
                None
            })
        });
        failed.map_or(Ok(known), Err)
    }

    /// The batch of an admitted intent.
    pub fn intent(&self, id: &IntentId) -> Result<Option<Admission>, LedgerError> {
        let store = self.sealed.store();
        let Some(key) = store.intent_key(id)? else { return Ok(None) };
        Ok(store.intent(key)?.map(|record| Admission::known(&record)))
    }

    /// A sealed batch.
    pub fn batch(&self, number: BatchNumber) -> Result<Option<BatchWitness>, LedgerError> {
        Ok(self.sealed.store().batch(number)?)
    }

    /// The path from an account's leaf to the accounts tree's root.
    pub fn account_path(&self, id: AccountId) -> Result<MerklePath, LedgerError> {
        Ok(self.sealed.account_path(id)?)
    }

    /// The path from a license's leaf to the licenses tree's root.
    pub fn license_path(&self, id: LicenseId) -> Result<MerklePath, LedgerError> {
        Ok(self.sealed.license_path(id)?)
    }

    /// Sums all money in the settled state, account by account and license by license.
    pub fn reserve(&self) -> Result<Reserve, LedgerError> {
        Ok(self.sealed.reserve()?)
    }

    /// Computes the state root from every account and license, reading no tree node.
    pub fn compute_root(&self) -> Result<Digest, LedgerError> {
        Ok(self.sealed.compute_root()?)
    }
}
