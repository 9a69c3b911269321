//! Rust bindings of Farthing's L1 contracts.
