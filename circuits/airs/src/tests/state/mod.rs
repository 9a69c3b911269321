//! Tests of whole batches: what the ledger seals is proven, what it would not seal is refused.

pub(crate) mod world;

mod attacks;
mod batches;
mod budget;
mod capacity;
mod faults;
mod forge;
mod honest;
mod lies;
mod queue_attacks;
mod random;
