//! Shares of client addresses in a limited resource, such as long polls or streams: one client must
//! not hold all of it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::network_of;

/// Counts by client address: as many as there are shares taken.
#[derive(Debug)]
pub(crate) struct ClientShares {
    per_address: usize,
    by_client: Mutex<HashMap<IpAddr, usize>>,
}

/// A share, counted for its client until it is dropped.
#[derive(Debug)]
pub(crate) struct ClientShare {
    shares: Arc<ClientShares>,
    client: IpAddr,
}

impl ClientShares {
    pub(crate) fn new(per_address: usize) -> Self {
        Self { per_address, by_client: Mutex::default() }
    }

    /// Counts one for `client`; `None` if it has all that it may have.
    pub(crate) fn take(self: &Arc<Self>, client: IpAddr) -> Option<ClientShare> {
        let client = network_of(client);
        let mut by_client = self.by_client.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_client.entry(client).or_default();
        if *count >= self.per_address {
            return None;
        }
        *count += 1;
        drop(by_client);
        Some(ClientShare { shares: self.clone(), client })
    }
}

impl Drop for ClientShare {
    fn drop(&mut self) {
        let mut by_client = self.shares.by_client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_client.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                by_client.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_its_share_and_no_more() {
        let shares = Arc::new(ClientShares::new(2));
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = shares.take(one);
        let second = shares.take(one);
        assert!(first.is_some() && second.is_some());
        assert!(shares.take(one).is_none(), "that was its share");
        let others = shares.take(other);
        assert!(others.is_some(), "another client has its own");
        drop(first);
        assert!(shares.take(one).is_some());
        drop((second, others));
        let left = shares.by_client.lock().map(|by_client| by_client.len());
        assert_eq!(left.ok(), Some(0), "nothing is left of clients that have gone");
    }
}
