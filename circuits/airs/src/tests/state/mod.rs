//! Tests of whole batches: what the ledger seals is proven, what it would not seal is refused.

pub(crate) mod world;

mod batches;
mod capacity;
mod honest;
mod random;
