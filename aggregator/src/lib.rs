//! Sequencer, prover pipeline and settler of Farthing.
//!
//! [`Aggregator`] is the handle. Reading order: `sequencer` (one thread owns the ledger and admits
//! whatever waits with one synced write), `store` (an index of sealed batches, blocks, proofs; every
//! durable step of a block), `pipeline` (batches become proven blocks), `settler` (blocks and
//! deposits meet L1), `query` (answers).

mod aggregator;
mod block;
mod clock;
mod config;
mod error;
mod fault;
mod metrics;
mod payouts;
mod progress;
mod query;
mod sequencer;
mod store;

pub use aggregator::{Aggregator, Info, Readiness};
pub use block::{Block, BlockNumber, BlockState, Settled, TxHash};
pub use clock::{Clock, SystemClock};
pub use config::{BlockConfig, Config, SequencerConfig};
pub use error::{QueryError, QuoteError, StartError};
pub use fault::{FaultError, FaultPoint, Faults};
pub use metrics::MetricsSnapshot;
pub use payouts::{Claim, Payout, PayoutReason};
pub use progress::{Progress, Rung};
pub use query::{
    AccountView, BatchView, IntentView, LicenseStatementPage, LicenseView, PAGE_MAX, PayoutView,
    Quote, QuoteLine, Receipt, ReceiptBlock,
};
pub use sequencer::{Rejection, SUBMIT_MAX, SequencerError};
pub use store::{BatchSummary, LicenseLine, NodeStoreError};
