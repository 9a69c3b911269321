//! Farthing's workloads and what is measured on them.

pub mod baseline;
pub mod bench_ledger;
pub mod http;
pub mod leaf;
pub mod machine;
pub mod processor;
pub mod prove;
pub mod reference_ledger;
pub mod report;
pub mod scale;
pub mod signatures;
pub mod tables;
pub mod text;
pub mod workload;
