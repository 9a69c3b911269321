//! Limits of one client, and of all clients together.

mod polls;
mod rate;

pub(crate) use polls::{PollShare, PollShares};
pub(crate) use rate::RateLimiter;
use rate::network_of;
