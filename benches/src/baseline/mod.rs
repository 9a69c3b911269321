//! Baselines for Farthing's proofs, measured in the same run: the conventional design, the physical
//! floor of a leaf proof, and native execution.

pub mod conventional;
pub mod native;
pub mod physical;
