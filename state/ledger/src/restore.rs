//! Rebuilding the whole state from the data on L1.

use std::path::{Path, PathBuf};

use farthing_protocol::{BatchClass, BatchStatement, PublicData};

use crate::genesis::Genesis;
use crate::l1_batch::RestoreError;
use crate::ledger::Ledger;
use crate::sealed::Durability;

/// A ledger that is being rebuilt, batch by batch, from L1's data alone: without an operator or a
/// prover. The ids of settled intents are not on L1, so a copy of an old intent is refused as
/// [`NonceUndecided`](crate::AdmitError::NonceUndecided) instead of being answered as known.
pub struct LedgerRestore {
    ledger: Ledger,
    path: PathBuf,
    class: BatchClass,
}

impl LedgerRestore {
    /// Begins in an empty store at `path`. Batches sealed afterwards are of `class`.
    pub fn begin(path: &Path, genesis: Genesis, class: BatchClass) -> Result<Self, RestoreError> {
        let ledger = Ledger::create(path, genesis, class, Durability::Buffered)?;
        Ok(Self { ledger, path: path.to_owned(), class })
    }

    /// Applies the next batch. After an error the store holds the batches before it.
    pub fn apply(
        &mut self,
        statement: &BatchStatement,
        public_data: &PublicData,
    ) -> Result<(), RestoreError> {
        self.ledger.sealed_mut().apply_l1_batch(statement, public_data)
    }

    /// The state after the batches applied.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Opens what was rebuilt: every leaf is hashed again and compared with the root.
    pub fn finish(self) -> Result<Ledger, RestoreError> {
        let Self { ledger, path, class } = self;
        drop(ledger);
        Ok(Ledger::open(&path, class, Durability::Synced)?)
    }
}

impl Ledger {
    /// Rebuilds a ledger in an empty store at `path` from every batch since genesis: see
    /// [`LedgerRestore`].
    pub fn restore(
        path: &Path,
        genesis: Genesis,
        class: BatchClass,
        batches: impl IntoIterator<Item = (BatchStatement, PublicData)>,
    ) -> Result<Self, RestoreError> {
        let mut restore = LedgerRestore::begin(path, genesis, class)?;
        for (statement, public_data) in batches {
            restore.apply(&statement, &public_data)?;
        }
        restore.finish()
    }
}
