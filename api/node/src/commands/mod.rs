//! One file for each command.

pub(crate) mod account;
pub(crate) mod claim;
mod context;
mod earnings;
pub(crate) mod exit;
mod holders;
pub(crate) mod intent;
pub(crate) mod keys;
mod l1;
pub(crate) mod license;
pub(crate) mod manifest;
mod nats;
pub(crate) mod node;
mod pages;
pub(crate) mod pay;
pub(crate) mod prover;
pub(crate) mod receipt;
pub(crate) mod restore;
pub(crate) mod simulate;
pub(crate) mod statement;
pub(crate) mod status;
mod submit;
pub(crate) mod webhooks;
pub(crate) mod withdraw;

pub(crate) use context::Context;
pub(crate) use l1::succeeded;
pub(crate) use node::Signals;
pub(crate) use pages::all_pages;
pub(crate) use simulate::{Payer, PayersFile, SimulationReport};
