//! Limits of one client, and of all clients together.

mod rate;
mod shares;

pub(crate) use rate::RateLimiter;
use rate::network_of;
pub(crate) use shares::{ClientShare, ClientShares};
