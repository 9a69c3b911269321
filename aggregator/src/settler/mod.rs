//! The settler, where the rollup meets L1: reads its queue once confirmed, commits and proves
//! blocks, and calls a block final when its inclusion is as deep as configured.
//!
//! Each turn compares what is on disk with what L1 says now and does the next thing that is missing.
//! Nothing about sent transactions is remembered: after a crash or a reorganisation the next turn
//! sees what L1 has, and a transaction sent again takes the place of its copy, which has its nonce.

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
