//! Farthing's workloads and what is measured on them.

pub mod baseline;
pub mod chain;
pub mod figures;
pub mod http;
pub mod leaf;
pub mod ledger_run;
pub mod machine;
pub mod prove;
pub mod reference_ledger;
pub mod report;
pub mod samples;
pub mod text;
pub mod workload;
