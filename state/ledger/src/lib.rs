//! Farthing's state machine, native: the independent oracle for every circuit.
//!
//! A [`Ledger`] admits intents one by one in arrival order ([`admission`](Ledger::admit)); no
//! running balance ever goes negative. A batch itself is a *set*: [`execute_batch`] executes it
//! without an order, and the state trees move once. Execution accepts every step that admission
//! accepts.

mod account_proof;
mod admission;
mod batch;
mod displaced;
mod error;
mod execution;
mod genesis;
mod header;
mod l1_batch;
mod ledger;
mod license_proof;
mod numbers;
mod open_steps;
mod operator_steps;
mod past_state;
mod pending;
mod precheck;
mod preview;
mod reader;
mod rebase;
mod receipts;
mod records;
mod replay;
mod restore;
mod rules;
mod seal;
mod sealed;
mod store;
mod tree;

pub use account_proof::AccountProof;
pub use admission::AdmitError;
pub use batch::BatchContents;
pub use displaced::{DropReason, DroppedIntent};
pub use error::LedgerError;
pub use execution::{BatchExecution, ExecutionError, execute_batch};
pub use genesis::Genesis;
pub use l1_batch::RestoreError;
pub use ledger::Ledger;
pub use license_proof::LicenseProof;
pub use past_state::PastStateError;
pub use precheck::{CheckError, Checked, CheckedIntent};
pub use reader::{LedgerReader, StoredIntent};
pub use rebase::{MovedAccount, Rebase, RebaseError, Rebased};
pub use receipts::{ReceiptsTree, receipt_root};
pub use records::Admission;
pub use restore::LedgerRestore;
pub use rules::{
    ConsumeError, OpenAccountError, OperationError, PayError, RegisterLicenseError, SharedOut,
    TransferError, UpdateLicenseError, share_out,
};
pub use seal::{SealJob, SealedBatch, StoredBatch};
pub use sealed::{Durability, Reserve};
pub use store::{StateRead, StoreError};
pub use tree::{MerklePath, empty_subtree, state_root};
