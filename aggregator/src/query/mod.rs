//! Queries. Settled state is read from the stores, the state of the open batch from the sequencer.

mod account_proof;
mod accounts;
mod earnings;
mod events;
mod finality;
mod license_opening;
mod licenses;
mod receipts;
mod settlement;
mod status;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use farthing_ledger::LedgerReader;
use farthing_protocol::BatchNumber;

pub use account_proof::FinalAccount;
pub use accounts::AccountView;
pub use earnings::{
    AccountEarningsLine, EarningsPage, EarningsRange, LicenseEarningsLine, Period, Royalty,
};
pub use events::{Event, EventFilter, EventKind, EventPage, EventPosition};
pub use license_opening::FinalLicense;
pub use licenses::{LicenseVersionView, LicenseView, Quote};
pub use receipts::{Receipt, ReceiptBlock};
pub use settlement::{BatchView, BlockProofView, PayoutView};
pub use status::IntentView;

use crate::progress::ProgressWatch;
use crate::sequencer::Sequencer;
use crate::store::NodeStore;
use finality::NewNumbersCache;
use receipts::BatchReceipts;

/// The most lines of a page.
pub const PAGE_MAX: usize = 1_000;
/// Batches whose receipts stay in memory: some 30 MB each at the largest class.
const RECEIPTS_CACHED: usize = 2;

/// Batches and their receipts, last used last.
type ReceiptsCache = VecDeque<(BatchNumber, Arc<BatchReceipts>)>;

/// The sources of answers.
pub(crate) struct QueryService {
    pub(crate) sequencer: Sequencer,
    pub(crate) reader: LedgerReader,
    pub(crate) store: NodeStore,
    pub(crate) progress: ProgressWatch,
    receipts: Mutex<ReceiptsCache>,
    new_numbers: NewNumbersCache,
}

impl QueryService {
    pub(crate) fn new(
        sequencer: Sequencer,
        reader: LedgerReader,
        store: NodeStore,
        progress: ProgressWatch,
    ) -> Self {
        let (receipts, new_numbers) = (Mutex::default(), NewNumbersCache::default());
        Self { sequencer, reader, store, progress, receipts, new_numbers }
    }

    fn cached(&self, batch: BatchNumber) -> Option<Arc<BatchReceipts>> {
        let cache = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        cache.iter().find(|(number, _)| *number == batch).map(|(_, found)| Arc::clone(found))
    }

    fn cache(&self, batch: BatchNumber, receipts: &Arc<BatchReceipts>) {
        let mut cache = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        cache.retain(|(number, _)| *number != batch);
        cache.push_back((batch, Arc::clone(receipts)));
        while cache.len() > RECEIPTS_CACHED {
            cache.pop_front();
        }
    }
}
