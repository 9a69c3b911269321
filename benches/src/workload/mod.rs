//! The workloads that everything is measured on, each a function of its seed.
//!
//! A [`Population`] says who has an account and which licenses exist; [`Payments`] turn
//! [`Request`]s to a model, generated or read from a trace, into payments. Nothing here measures.
//!
//! **The reference workload**: 200 payers; 2,000 licenses with three holders each, an artist of
//! its own, one of 50 data sets and one of 20 model developers; a quarter of the licenses are
//! derivatives of an earlier one, drawn evenly, which stands in place of the data set. A payment
//! is by a payer drawn evenly to a license drawn by Zipf's law (s = 1), whose ranks are shuffled
//! over the license numbers. The accounts tree holds 2²⁰ accounts.

mod payments;
mod population;
mod requests;
mod shape;
mod zipf;

pub use payments::{Payment, Payments, sign_all};
pub use population::{Creator, CreatorRole, Opening, Payer, PlannedLicense, Population};
pub use requests::{Request, TraceError, generated_requests, read_trace};
pub use shape::{Holders, Pattern, Placement, Shape, WorkloadName};
pub use zipf::Zipf;
