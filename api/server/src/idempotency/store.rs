//! Lookups and changes of keys.

use std::path::Path;
use std::sync::Arc;

use rocksdb::{DB, Options};

use super::log::{Change, Content, IdempotencyError, Log, Record, StoredAnswer, key_of};
use super::writer::Writer;
use super::{BodyHash, Effect, KeyHash};
use crate::config::IdempotencyConfig;

/// The state of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// Nothing.
    Fresh,
    /// A request with the same body, which asks for this, was taken up and has no final answer.
    Claimed(Vec<Effect>),
    /// The same of another body.
    ClaimedByAnother(Vec<Effect>),
    /// The same body was answered so.
    Replay(StoredAnswer),
    /// Another body was answered.
    Conflict,
}

/// Answers to requests with an `Idempotency-Key`, and claims of those that have none yet.
#[derive(Debug)]
pub(crate) struct IdempotencyStore {
    db: Arc<DB>,
    writer: Writer,
    /// True if writes fail, as they do when the disk is full.
    #[cfg(test)]
    pub(crate) broken: std::sync::atomic::AtomicBool,
}

impl IdempotencyStore {
    /// Opens the store at `path`, or creates it.
    pub(crate) fn open(path: &Path, limits: &IdempotencyConfig) -> Result<Self, IdempotencyError> {
        let mut options = Options::default();
        options.create_if_missing(true);
        let db = Arc::new(DB::open(&options, path)?);
        let log = Log::open(db.clone(), limits.clone())?;
        Ok(Self {
            db,
            writer: Writer::start(log),
            #[cfg(test)]
            broken: false.into(),
        })
    }

    /// The state of a key at `now` (unix seconds).
    pub(crate) fn look_up(
        &self,
        key: KeyHash,
        body: BodyHash,
        now: u64,
    ) -> Result<Lookup, IdempotencyError> {
        let Some(bytes) = self.db.get_pinned(key_of(key))? else { return Ok(Lookup::Fresh) };
        let Record { body_hash, expires, content, .. } = postcard::from_bytes(&bytes)?;
        if expires <= now {
            return Ok(Lookup::Fresh);
        }
        Ok(match (content, body_hash == body.0) {
            (Content::Claim(effects), true) => Lookup::Claimed(effects),
            (Content::Claim(effects), false) => Lookup::ClaimedByAnother(effects),
            (Content::Answer(answer), true) => Lookup::Replay(answer),
            (Content::Answer(_), false) => Lookup::Conflict,
        })
    }

    /// Binds a key to what its body asks for; it is on disk on return.
    pub(crate) async fn claim(
        &self,
        key: KeyHash,
        body: BodyHash,
        effects: Vec<Effect>,
        now: u64,
    ) -> Result<(), IdempotencyError> {
        let content = Content::Claim(effects);
        self.write(Change::Put { key, body, now, content }).await
    }

    /// Stores an answer; it is on disk on return.
    pub(crate) async fn remember(
        &self,
        key: KeyHash,
        body: BodyHash,
        answer: StoredAnswer,
        now: u64,
    ) -> Result<(), IdempotencyError> {
        let content = Content::Answer(answer);
        self.write(Change::Put { key, body, now, content }).await
    }

    /// Frees a key.
    pub(crate) async fn forget(&self, key: KeyHash) -> Result<(), IdempotencyError> {
        self.write(Change::Remove { key }).await
    }

    async fn write(&self, change: Change) -> Result<(), IdempotencyError> {
        #[cfg(test)]
        if self.broken.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(IdempotencyError::Closed);
        }
        self.writer.write(change).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::log::ENTRY_BYTES;
    use super::*;

    const BODY: BodyHash = BodyHash([9; 32]);

    fn key(n: u8) -> KeyHash {
        KeyHash([n; 32])
    }

    fn answer(n: u8) -> StoredAnswer {
        StoredAnswer { status: 200, body: vec![n; 100] }
    }

    fn limits() -> IdempotencyConfig {
        IdempotencyConfig { keep_seconds: 10, entries_max: 3, bytes_max: 1 << 20 }
    }

    type Done = Result<(), Box<dyn std::error::Error>>;

    #[tokio::test]
    async fn an_answer_is_replayed_after_a_restart_until_it_expires() -> Done {
        let folder = tempfile::tempdir()?;
        let store = IdempotencyStore::open(folder.path(), &limits())?;
        assert_eq!(store.look_up(key(1), BODY, 100)?, Lookup::Fresh);
        store.remember(key(1), BODY, answer(1), 100).await?;
        drop(store);
        let store = IdempotencyStore::open(folder.path(), &limits())?;
        assert_eq!(store.look_up(key(1), BODY, 109)?, Lookup::Replay(answer(1)));
        assert_eq!(store.look_up(key(1), BodyHash([8; 32]), 109)?, Lookup::Conflict);
        assert_eq!(store.look_up(key(1), BODY, 110)?, Lookup::Fresh);
        Ok(())
    }

    #[tokio::test]
    async fn the_oldest_are_forgotten_beyond_the_limits() -> Done {
        let folder = tempfile::tempdir()?;
        let store = IdempotencyStore::open(folder.path(), &limits())?;
        for n in 1..=5 {
            store.remember(key(n), BODY, answer(n), 100).await?;
        }
        drop(store);
        let store = IdempotencyStore::open(folder.path(), &limits())?;
        store.remember(key(6), BODY, answer(6), 101).await?;
        for (n, kept) in [(1, false), (2, false), (3, false), (4, true), (5, true), (6, true)] {
            let found = store.look_up(key(n), BODY, 102)? != Lookup::Fresh;
            assert_eq!(found, kept, "key {n}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn bytes_are_limited_too() -> Done {
        let folder = tempfile::tempdir()?;
        let bytes_max = 2 * (100 + ENTRY_BYTES);
        let limits = IdempotencyConfig { bytes_max, entries_max: 100, ..limits() };
        let store = IdempotencyStore::open(folder.path(), &limits)?;
        for n in 1..=4 {
            store.remember(key(n), BODY, answer(n), 100).await?;
        }
        let kept = |n| store.look_up(key(n), BODY, 102).map(|found| found != Lookup::Fresh);
        assert_eq!([kept(1)?, kept(2)?, kept(3)?, kept(4)?], [false, false, true, true]);
        Ok(())
    }

    #[tokio::test]
    async fn a_claim_holds_a_key_until_it_is_answered_or_forgotten() -> Done {
        let folder = tempfile::tempdir()?;
        let effects =
            vec![Effect::Intent(farthing_protocol::IntentId(farthing_protocol::Digest::ZERO))];
        let other = BodyHash([8; 32]);
        let limits = IdempotencyConfig { entries_max: 4, ..limits() };
        let store = IdempotencyStore::open(folder.path(), &limits)?;
        store.claim(key(1), BODY, effects.clone(), 100).await?;
        drop(store);
        let store = IdempotencyStore::open(folder.path(), &limits)?;
        assert_eq!(store.look_up(key(1), BODY, 101)?, Lookup::Claimed(effects.clone()));
        assert_eq!(store.look_up(key(1), other, 101)?, Lookup::ClaimedByAnother(effects.clone()));
        assert_eq!(store.look_up(key(1), BODY, 110)?, Lookup::Fresh, "it expires like an answer");
        store.forget(key(1)).await?;
        assert_eq!(store.look_up(key(1), BODY, 101)?, Lookup::Fresh);
        store.claim(key(1), BODY, effects, 101).await?;
        store.remember(key(1), BODY, answer(1), 102).await?;
        assert_eq!(store.look_up(key(1), BODY, 103)?, Lookup::Replay(answer(1)));
        // Claims that became answers, or went, take no room: three records are kept.
        for n in 2..=3 {
            for _ in 0..9 {
                store.claim(key(n), BODY, Vec::new(), 103).await?;
            }
            store.remember(key(n), BODY, answer(n), 103).await?;
            store.claim(key(9), BODY, Vec::new(), 103).await?;
            store.forget(key(9)).await?;
        }
        drop(store);
        let store = IdempotencyStore::open(folder.path(), &limits)?;
        for n in 1..=3 {
            assert_eq!(store.look_up(key(n), BODY, 104)?, Lookup::Replay(answer(n)), "key {n}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_key_used_again_after_it_expired_is_kept() -> Done {
        let folder = tempfile::tempdir()?;
        let store = IdempotencyStore::open(folder.path(), &limits())?;
        store.remember(key(1), BODY, answer(1), 100).await?;
        store.remember(key(1), BODY, answer(2), 111).await?;
        store.remember(key(3), BODY, answer(3), 112).await?;
        assert_eq!(store.look_up(key(1), BODY, 113)?, Lookup::Replay(answer(2)));
        Ok(())
    }
}
