//! Rust bindings of Farthing's contracts on L1.
//!
//! [`abi`] is generated from the artifacts that `l1-contracts` commits, so nothing here needs Node.
//! The rest turns the protocol's types into the contract's and back, cuts public data into
//! transactions, finds what a claim or an escape needs, and reads from logs what rebuilds the state.

pub mod abi;
#[cfg(feature = "anvil")]
mod anvil;
mod batch;
mod deploy;
mod deposit;
mod entry;
mod escape;
mod history;
mod payouts;

#[cfg(feature = "anvil")]
pub use anvil::{AnvilError, launch_anvil};
pub use batch::{BatchError, CommitPart, batch_header, batch_id, commit_parts, to_batch};
pub use deploy::{
    DeployError, LEAST_DEPOSIT_UNITS, RollupConfig, deploy_rollup, verifier_codehash,
};
pub use deposit::authorization_nonce;
pub use entry::{EntryError, QueuedEntry, queued_deposit, queued_forced_exit};
pub use escape::{AccountSiblings, AccountsProof, account_proof, accounts_proof};
pub use history::{FinalBatchData, History, HistoryError};
pub use payouts::{Claim, Payout, PayoutError, PayoutReason, payouts};
