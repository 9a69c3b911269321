//! Changes of a rebase in this store: the plan, which is on disk before anything else is done, and
//! the one write with which the index and the blocks follow the ledger.

use farthing_ledger::Rebase;
use farthing_protocol::{BatchNumber, BatchStatement, BlockNumber, BlockStatement};
use rocksdb::IteratorMode;
use serde::{Deserialize, Serialize};

use super::keys::{self, Family, INDEXED, REBASE, TAKEN};
use super::{NodeStore, NodeStoreError, decode};
use crate::block::{Block, BlockState, L1Inclusion};

/// A block as L1 proved it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProvenBlock {
    /// Its first batch.
    pub(crate) first: BatchNumber,
    /// The number of batches.
    pub(crate) batches: u32,
    /// Its inclusion on L1.
    pub(crate) inclusion: L1Inclusion,
}

/// A rebase of the node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RebasePlan {
    /// The ledger's part.
    pub(crate) ledger: Rebase,
    /// L1's blocks from the first that is not final here, in order; the last holds the last batch
    /// that L1 has. Empty if only our own batches are remade.
    pub(crate) blocks: Vec<ProvenBlock>,
}

impl RebasePlan {
    /// The first batch whose blocks and proofs are of no use any more.
    fn cut(&self) -> BatchNumber {
        let first = self.ledger.first;
        self.blocks.first().map_or(first, |block| block.first.min(first))
    }

    /// The batch after L1's last one.
    fn end(&self) -> BatchNumber {
        let last = self.ledger.batches.last();
        last.map_or(self.ledger.first, |(statement, _)| statement.header.number.next())
    }
}

/// Batches taken from L1, of which no intent is known: from the first on, below the second.
type Taken = (BatchNumber, BatchNumber);

impl NodeStore {
    /// The rebase that was decided and is not done.
    pub(crate) fn rebase_plan(&self) -> Result<Option<RebasePlan>, NodeStoreError> {
        self.get(Family::Meta, REBASE)
    }

    /// Returns true if a rebase is planned and not done: queries about what it changes have no
    /// answer.
    pub(crate) fn is_rebasing(&self) -> Result<bool, NodeStoreError> {
        Ok(self.db.get_pinned_cf(self.family(Family::Meta)?, REBASE)?.is_some())
    }

    pub(crate) fn set_rebase_plan(&self, plan: &RebasePlan) -> Result<(), NodeStoreError> {
        let mut changes = self.changes();
        changes.put(Family::Meta, REBASE, plan)?;
        changes.commit()
    }

    /// Ranges of batches that were taken from L1, ascending: rebuilt at first, or made by others.
    pub(crate) fn taken(&self) -> Result<Vec<(BatchNumber, BatchNumber)>, NodeStoreError> {
        let restored = self.restored()?.filter(|end| *end > BatchNumber::MIN);
        let mut taken: Vec<Taken> =
            restored.map(|end| (BatchNumber::MIN, end)).into_iter().collect();
        taken.extend(self.get::<Vec<Taken>>(Family::Meta, TAKEN)?.unwrap_or_default());
        Ok(taken)
    }

    /// Index and blocks follow the ledger's rebase, and the plan is forgotten: one write.
    pub(crate) fn follow_rebase(&self, plan: &RebasePlan) -> Result<(), NodeStoreError> {
        let _step = self.one_step();
        let first = plan.ledger.first;
        let mut changes = self.changes();
        let by_batch = [
            (Family::Batches, 0),
            (Family::LicenseLines, 4),
            (Family::RoyaltySources, 4),
            (Family::AccountLines, 4),
            (Family::LicenseStates, 4),
            (Family::LicenseNodes, 5),
            (Family::AccountsRoots, 0),
            (Family::LicenseVersions, 4),
            (Family::Payouts, 20),
            (Family::BatchLicenses, 0),
            (Family::BatchUpdates, 0),
            (Family::BatchPayouts, 0),
        ];
        for (family, at) in by_batch {
            for key in self.keys_of_batches(family, at, first)? {
                changes.delete(family, &key)?;
            }
        }
        let next = self.drop_blocks(plan.cut(), &mut changes)?;
        for (statement, data) in &plan.ledger.batches {
            changes.put_settled(statement, data)?;
        }
        let mut number = next;
        for proven in &plan.blocks {
            let statement = BlockStatement::join(&self.statements_of(plan, proven)?)?;
            let state = BlockState::Finalized(proven.inclusion);
            let block = Block { number, statement, state };
            changes.put(Family::Blocks, &keys::block(number), &block)?;
            changes.put(Family::BlockOfFirst, &keys::batch(proven.first), &number)?;
            number = number.next();
        }
        if !plan.ledger.batches.is_empty() {
            let mut taken = self.get::<Vec<Taken>>(Family::Meta, TAKEN)?.unwrap_or_default();
            taken.push((first, plan.end()));
            changes.put(Family::Meta, TAKEN, &taken)?;
        }
        changes.put(Family::Meta, INDEXED, &plan.end())?;
        changes.delete(Family::Meta, REBASE)?;
        changes.commit()
    }

    /// The statements of L1's block: our own batches before the first that was taken back.
    fn statements_of(
        &self,
        plan: &RebasePlan,
        block: &ProvenBlock,
    ) -> Result<Vec<BatchStatement>, NodeStoreError> {
        let mut statements = Vec::new();
        let mut number = block.first;
        for _ in 0..block.batches {
            let theirs = plan.ledger.batches.iter().map(|(statement, _)| statement);
            let mut theirs = theirs.filter(|statement| statement.header.number == number);
            let statement = match theirs.next() {
                Some(statement) => *statement,
                None => self.batch(number)?.ok_or(NodeStoreError::NotIndexed(number))?.statement,
            };
            statements.push(statement);
            number = number.next();
        }
        Ok(statements)
    }

    /// Drops the blocks that hold a batch from `cut` on, with the proofs that those batches have;
    /// returns the number of the first one dropped, or of the next to form.
    pub(super) fn drop_blocks(
        &self,
        cut: BatchNumber,
        changes: &mut super::Changes<'_>,
    ) -> Result<BlockNumber, NodeStoreError> {
        let mut next = self.last_block()?.map_or(BlockNumber::FIRST, |block| block.number.next());
        let from = self.first_unfinal()?;
        for block in self.blocks(from, usize::MAX)?.iter().filter(|block| block.end() > cut) {
            next = next.min(block.number);
            changes.delete(Family::Blocks, &keys::block(block.number))?;
            changes.delete(Family::BlockOfFirst, &keys::batch(block.first_batch()))?;
        }
        for key in self.proofs_from(cut, next)? {
            changes.delete(Family::Proofs, &key)?;
        }
        for entry in self.db.iterator_cf(self.family(Family::Failures)?, IteratorMode::Start) {
            changes.delete(Family::Failures, &entry?.0)?;
        }
        Ok(next)
    }

    /// Keys whose batch number, at byte `at`, is `first` or above.
    fn keys_of_batches(
        &self,
        family: Family,
        at: usize,
        first: BatchNumber,
    ) -> Result<Vec<Box<[u8]>>, NodeStoreError> {
        let mut found = Vec::new();
        for entry in self.db.iterator_cf(self.family(family)?, IteratorMode::Start) {
            let (key, _) = entry?;
            if key.get(at..at + 8).is_some_and(|number| number >= &first.get().to_be_bytes()[..]) {
                found.push(key);
            }
        }
        Ok(found)
    }

    /// The most batches that a block may have, if L1 refused a larger one.
    pub(crate) fn block_batches_max(&self) -> Result<Option<u32>, NodeStoreError> {
        self.get(Family::Meta, keys::BLOCK_BATCHES)
    }

    /// L1 takes no block of this size: this one, and those after it, are formed again of at most
    /// `batches_max` batches.
    pub(crate) fn split_blocks(
        &self,
        number: BlockNumber,
        batches_max: u32,
    ) -> Result<(), NodeStoreError> {
        let _step = self.one_step();
        let refused = NodeStoreError::Transition { step: "splitting", block: number };
        let Some(block) = self.block(number)? else { return Err(refused) };
        let mut changes = self.changes();
        self.drop_blocks(block.first_batch(), &mut changes)?;
        changes.put(Family::Meta, keys::BLOCK_BATCHES, &batches_max)?;
        changes.commit()
    }

    /// The operator's address and the verifier's code with which L1 was compared last.
    pub(crate) fn l1_checked(&self) -> Result<Option<L1Checked>, NodeStoreError> {
        let bytes = self.get_bytes(Family::Meta, keys::L1_CHECKED)?;
        bytes.map(|bytes| decode(Family::Meta, &bytes)).transpose()
    }

    pub(crate) fn set_l1_checked(&self, checked: &L1Checked) -> Result<(), NodeStoreError> {
        let mut changes = self.changes();
        changes.put(Family::Meta, keys::L1_CHECKED, checked)?;
        changes.commit()
    }
}

/// The part of the configuration that was compared with L1; the rest is the ledger's genesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct L1Checked {
    /// The address of the key that sends.
    pub(crate) operator: Option<[u8; 20]>,
    /// The code hash that the verifier must have.
    pub(crate) verifier: [u8; 32],
}
