//! Sequencer, prover pipeline and settler of Farthing.
//!
//! [`Aggregator`] is the handle. Reading order: `sequencer` (one thread owns the ledger and admits
//! all waiting intents with one synced write), `store` (an index of sealed batches, blocks, proofs;
//! every durable step of a block), `pipeline` (batches become proven blocks), `settler` (blocks and
//! deposits meet L1), `query` (answers).

mod aggregator;
mod block;
mod clock;
mod config;
mod earnings;
mod error;
mod events;
mod fault;
mod final_state;
mod indexer;
mod l1_view;
mod latency;
mod licenses;
mod metrics;
mod pipeline;
mod progress;
mod query;
mod run;
mod sequencer;
mod settler;
mod store;

pub use aggregator::{Aggregator, Components, Info, Lag, Readiness};
pub use block::{Block, BlockState, L1Inclusion, TxHash};
pub use clock::{Clock, SystemClock};
pub use config::{BlockConfig, Config, SequencerConfig};
pub use error::{ConsumeQueueError, QueryError, QuoteError, StartError};
pub use farthing_airs::Profile;
#[cfg(feature = "failpoints")]
pub use fault::FaultError;
pub use fault::{FaultPoint, Faults};
pub use l1_view::L1View;
pub use latency::{SequencerStep, StepTimes};
pub use metrics::MetricsSnapshot;
pub use pipeline::{
    Cancel, FleetEvent, FleetEvents, FleetSnapshot, JobId, LeaseError, ProofClaim, ProofJob,
    ProofRefused, ProverBackend, ProverError, ProverFleet, ProverSource, Proving, StepKind,
    plonky2_backend,
};
pub use progress::Progress;
pub use query::{
    AccountEarningsLine, AccountView, BatchView, BlockProofView, EarningsPage, EarningsRange,
    Event, EventFilter, EventKind, EventPage, EventPosition, FinalAccount, FinalLicense,
    IntentView, LicenseEarningsLine, LicenseVersionView, LicenseView, PAGE_MAX, PayoutView, Period,
    Quote, Receipt, ReceiptBlock, Royalty,
};
pub use sequencer::{
    AdmissionRules, Closed, LeastFees, OpeningError, OpeningQuota, OwnerError, Preview, Rejection,
    RuleError, SUBMIT_MAX, SequencerError,
};
pub use settler::{
    L1CheckError, L1Config, L1Event, L1History, RestoreNodeError, Restored, SettlerError, restore,
};
pub use store::{
    AccountMovements, BatchSummary, MovementKind, NodeStoreError, PayerTotal, RoyaltySources,
    RoyaltySplit,
};
