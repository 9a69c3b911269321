//! Records of a rebase: its progress, the steps that wait to be admitted again, the accounts and
//! licenses that had their numbers before, and the intents that were dropped.

use farthing_protocol::{
    AccountId, AccountIdentity, BatchNumber, Digest, IntentId, LicenseId, LicenseTerms, NodeChange,
    TREE_DEPTH,
};
use rocksdb::IteratorMode;

use super::keys::{self, Family, IntentKey, REBASE};
use super::write::Change;
use super::{Store, StoreError, Writes, decode};
use crate::displaced::{DisplacedStep, DroppedIntent, RebaseRecord};
use crate::tree::{NodeAt, TreeId, empty_subtree};

/// Above every key of four bytes.
const ABOVE_IDS: [u8; 5] = [0xff; 5];

impl Store {
    /// The rebase that was begun and not forgotten.
    pub(crate) fn rebase(&self) -> Result<Option<RebaseRecord>, StoreError> {
        self.get(Family::Meta, REBASE)
    }

    /// The first batch with displaced steps.
    pub(crate) fn first_displaced(&self) -> Result<Option<BatchNumber>, StoreError> {
        let mut entries = self.db.iterator_cf(self.family(Family::Displaced)?, IteratorMode::Start);
        let Some(entry) = entries.next() else { return Ok(None) };
        let (batch, _) = keys::read_displaced(&entry?.0)?;
        BatchNumber::new(batch).map(Some).map_err(|_| StoreError::BadBatchNumber)
    }

    /// The displaced steps of a batch with their positions, in order.
    pub(crate) fn displaced(
        &self,
        batch: BatchNumber,
    ) -> Result<Vec<(u64, DisplacedStep)>, StoreError> {
        let from = keys::displaced(batch, 0);
        let start = IteratorMode::From(&from, rocksdb::Direction::Forward);
        let mut steps = Vec::new();
        for entry in self.db.iterator_cf(self.family(Family::Displaced)?, start) {
            let (key, value) = entry?;
            let (of, position) = keys::read_displaced(&key)?;
            if of != batch.get() {
                break;
            }
            steps.push((position, decode(Family::Displaced, &value)?));
        }
        Ok(steps)
    }

    /// The key and owner that had an account's number before it was taken back.
    pub(crate) fn displaced_account(
        &self,
        id: AccountId,
    ) -> Result<Option<AccountIdentity>, StoreError> {
        self.get(Family::DisplacedAccounts, &id.get().to_be_bytes())
    }

    /// The terms of the license that had a number before it was taken back.
    pub(crate) fn displaced_license(
        &self,
        id: LicenseId,
    ) -> Result<Option<LicenseTerms>, StoreError> {
        self.get(Family::DisplacedLicenses, &id.get().to_be_bytes())
    }

    /// An intent that was acknowledged and will never settle.
    pub(crate) fn dropped(&self, id: &IntentId) -> Result<Option<DroppedIntent>, StoreError> {
        self.get(Family::Dropped, &id.0.to_bytes())
    }

    /// Returns true if an intent was ever dropped.
    pub(crate) fn any_dropped(&self) -> Result<bool, StoreError> {
        let mut entries = self.db.iterator_cf(self.family(Family::Dropped)?, IteratorMode::Start);
        Ok(entries.next().transpose()?.is_some())
    }
}

impl Writes {
    pub(crate) fn rebase(&mut self, record: &RebaseRecord) -> Result<(), StoreError> {
        self.put(Family::Meta, REBASE, record)
    }

    pub(crate) fn forget_rebase(&mut self) {
        self.push(Change::Delete(Family::Meta, REBASE.to_vec()));
    }

    pub(crate) fn displaced(
        &mut self,
        batch: BatchNumber,
        position: u64,
        step: &DisplacedStep,
    ) -> Result<(), StoreError> {
        self.put(Family::Displaced, &keys::displaced(batch, position), step)
    }

    pub(crate) fn forget_displaced(&mut self, batch: BatchNumber, position: u64) {
        self.push(Change::Delete(Family::Displaced, keys::displaced(batch, position).to_vec()));
    }

    pub(crate) fn displaced_account(
        &mut self,
        id: AccountId,
        identity: &AccountIdentity,
    ) -> Result<(), StoreError> {
        self.put(Family::DisplacedAccounts, &id.get().to_be_bytes(), identity)
    }

    pub(crate) fn displaced_license(
        &mut self,
        id: LicenseId,
        terms: &LicenseTerms,
    ) -> Result<(), StoreError> {
        self.put(Family::DisplacedLicenses, &id.get().to_be_bytes(), terms)
    }

    /// Forgets which accounts and licenses had the numbers taken back.
    pub(crate) fn forget_displaced_names(&mut self) {
        for family in [Family::DisplacedAccounts, Family::DisplacedLicenses] {
            self.push(Change::DeleteRange(family, [Vec::new(), ABOVE_IDS.to_vec()]));
        }
    }

    pub(crate) fn dropped(&mut self, dropped: &DroppedIntent) -> Result<(), StoreError> {
        self.put(Family::Dropped, &dropped.id.0.to_bytes(), dropped)
    }

    pub(crate) fn forget_account(&mut self, id: AccountId, identity: &AccountIdentity) {
        self.push(Change::Delete(Family::Identities, keys::identity(identity).to_vec()));
        self.push(Change::Delete(Family::Accounts, id.get().to_be_bytes().to_vec()));
    }

    pub(crate) fn forget_license(&mut self, id: LicenseId) {
        self.push(Change::Delete(Family::Licenses, id.get().to_be_bytes().to_vec()));
    }

    pub(crate) fn forget_batch(&mut self, number: BatchNumber) {
        self.push(Change::Delete(Family::Batches, number.get().to_be_bytes().to_vec()));
    }

    pub(crate) fn forget_intent(&mut self, key: IntentKey, IntentId(id): &IntentId) {
        self.push(Change::Delete(Family::Intents, key.bytes().to_vec()));
        self.push(Change::Delete(Family::IntentIds, id.to_bytes().to_vec()));
    }

    /// Puts the nodes of a tree back to what they were before `changes`, its root to `root`.
    pub(crate) fn undo_nodes(&mut self, tree: TreeId, changes: &[NodeChange], root: Digest) {
        for change in changes {
            let level = change.level.saturating_sub(1);
            for (side, (old, new)) in (0..).zip(change.old.iter().zip(&change.new)) {
                if old != new {
                    let index = (change.index << 1) | side;
                    self.undo_node(tree, NodeAt { level, index }, old);
                }
            }
        }
        if !changes.is_empty() {
            self.undo_node(tree, NodeAt { level: TREE_DEPTH as u8, index: 0 }, &root);
        }
    }

    fn undo_node(&mut self, tree: TreeId, at: NodeAt, before: &Digest) {
        let family = Family::of_tree(tree);
        let key = keys::node(at).to_vec();
        self.push(match *before == empty_subtree(at.level) {
            true => Change::Delete(family, key),
            false => Change::Put(family, key, before.to_bytes().to_vec()),
        });
    }
}
