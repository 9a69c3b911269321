//! Tests of the whole proof; `state_stub` stands in for the tables of the state.

mod attacks;
mod batches;
mod curve_cases;
mod documents;
mod fault_injection;
mod faults;
mod forgeries;
mod free_cells;
mod honest;
mod malformed;
mod measure;
mod rules;
mod shape;
pub(crate) mod state;
pub(crate) mod state_stub;
