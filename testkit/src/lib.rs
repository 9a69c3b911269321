//! Accounts with known keys, operations on them and the mark of slow tests, for the tests of every crate.
//!
//! Test account n has number n, a key from a known seed and an owner address of its own. Values out of
//! range are errors, so that a test can use `?`.

mod accounts;
mod extent;
mod operations;

pub use accounts::{domain, identity, key, owner, seed};
pub use extent::full;
pub use operations::{
    account, license, memo, pay, register, shares, time, transfer, update, version, withdraw,
};

/// The result of a test or of a step of one.
pub type TestResult<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
