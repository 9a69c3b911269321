//! Tests of the whole proof; `sink` stands in for the tables of the state.

mod attacks;
mod batches;
mod campaign;
mod curve_cases;
mod documents;
mod faults;
mod forgeries;
mod free_cells;
mod honest;
mod malformed;
mod measure;
mod rules;
mod shape;
pub(crate) mod sink;
pub(crate) mod state;
