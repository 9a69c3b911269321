//! Provers on other machines, over NATS JetStream.
//!
//! A node's [`Dispatcher`] leases the steps of its blocks out and verifies what comes back; [`run_prover`]
//! takes steps on any number of machines. The node's store alone says which steps are wanted. The queue
//! holds a step at most once, and a proof that comes twice, late or forged changes nothing.

mod connection;
mod dispatcher;
mod message;
mod objects;
mod prover;
mod queue;

pub use connection::{ConnectError, NatsConfig};
pub use dispatcher::{Dispatcher, FleetError};
pub use message::job_id;
pub use prover::{ProverConfig, ProverRunError, run_prover};
pub use queue::{JOBS_STREAM, Queue};
