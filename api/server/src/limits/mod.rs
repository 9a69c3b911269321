//! How much one client, and all clients together, may ask for.

mod rate;

pub(crate) use rate::RateLimiter;
