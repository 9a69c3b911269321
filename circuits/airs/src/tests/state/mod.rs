//! Tests of whole batches: what the ledger seals is proven, what it would not seal is refused.

pub(crate) mod test_ledger;

mod arrival;
mod attacks;
pub(crate) mod batches;
mod budget;
mod capacity;
pub(crate) mod changes;
mod data_attacks;
mod differential;
pub(crate) mod edges;
mod faults;
pub(crate) mod forgery;
mod honest;
mod intent_attacks;
mod queue_attacks;
mod random;
mod recipient_attacks;
mod registration_attacks;
mod split_attacks;
mod tree_attacks;
pub(crate) mod update_attacks;
