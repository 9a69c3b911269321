//! Tests of the whole proof; `sink` stands in for the tables of the state.

mod attacks;
mod batches;
mod curve_cases;
mod faults;
mod forgeries;
mod honest;
mod malformed;
mod measure;
mod shape;
pub(crate) mod sink;
