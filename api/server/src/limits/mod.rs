//! How much one client, and all clients together, may ask for.

mod polls;
mod rate;

pub(crate) use polls::{PollShare, PollShares};
pub(crate) use rate::RateLimiter;
use rate::network_of;
