//! One request per key at a time: a repeat that arrives while the first is at work waits for its
//! answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use super::KeyHash;

/// Locks by key; as many as there are requests at work.
#[derive(Debug, Default)]
pub(crate) struct KeyLocks(Mutex<HashMap<KeyHash, Entry>>);

#[derive(Debug, Default)]
struct Entry {
    lock: Arc<tokio::sync::Mutex<()>>,
    users: usize,
}

/// The right to work on a key.
#[derive(Debug)]
pub(crate) struct KeyGuard {
    /// `None` only while it waits.
    held: Option<OwnedMutexGuard<()>>,
    key: KeyHash,
    locks: Arc<KeyLocks>,
}

impl KeyLocks {
    pub(crate) async fn lock(self: &Arc<Self>, key: KeyHash) -> KeyGuard {
        let lock = {
            let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = entries.entry(key).or_default();
            entry.users += 1;
            entry.lock.clone()
        };
        // From here on the guard's drop undoes the count, also if no request waits any more.
        let mut guard = KeyGuard { held: None, key, locks: self.clone() };
        guard.held = Some(lock.lock_owned().await);
        guard
    }
}

impl Drop for KeyGuard {
    fn drop(&mut self) {
        let mut entries = self.locks.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.held = None;
        if let Some(entry) = entries.get_mut(&self.key) {
            entry.users -= 1;
            if entry.users == 0 {
                entries.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_nothing_is_left() {
        let locks = Arc::new(KeyLocks::default());
        let (a, b) = (KeyHash([1; 32]), KeyHash([2; 32]));
        let held = locks.lock(a).await;
        let _other = locks.lock(b).await;
        let waiting = tokio::time::timeout(Duration::from_millis(10), locks.lock(a)).await;
        assert!(waiting.is_err(), "it is held");
        drop(held);
        drop(locks.lock(a).await);
        assert_eq!(locks.0.lock().map(|entries| entries.len()).ok(), Some(1));
    }
}
