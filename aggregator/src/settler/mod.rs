//! The settler connects the rollup with L1: it consumes the L1 queue once entries are confirmed,
//! commits and proves blocks, and marks a block final when its inclusion is as deep as configured.
//!
//! Each turn compares the disk with L1 and does the next thing that is missing. Sent transactions
//! are not remembered. After a crash or a reorganisation the next turn reads the state of L1; a
//! transaction that is sent again has the nonce of its copy and replaces it.

mod blocks;
mod check;
mod config;
mod error;
mod foreign;
mod history;
mod l1_client;
mod logs;
mod observe;
mod queue;
mod rescue;
mod restore;
mod sender;
mod task;

pub use config::L1Config;
pub use error::{L1CheckError, SettlerError};
pub use history::{L1Event, L1History};
pub(crate) use restore::is_half_restored;
pub use restore::{RestoreNodeError, Restored, restore};
pub(crate) use task::{Settler, SettlerEnd};
