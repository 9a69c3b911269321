//! Stored answers, on disk: by key, and in the order in which they were stored.

use std::path::Path;
use std::sync::Arc;

use rocksdb::{DB, IteratorMode, Options, WriteBatch, WriteOptions};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::writer::Writer;
use super::{BodyHash, KeyHash};
use crate::config::IdempotencyConfig;

/// An answer by its key: `k` and the key's hash.
const BY_KEY: u8 = b'k';
/// A key by the order of its answer: `s` and the sequence number.
const BY_SEQUENCE: u8 = b's';
/// What an answer costs beyond its body: both keys and the record's head.
const ENTRY_BYTES: u64 = 160;
/// Forgotten with one write at most: more than one write can add, so that the store shrinks.
const FORGET_MAX: usize = 4_096;

/// The store of idempotency keys failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IdempotencyError {
    /// The database failed.
    #[error("the store of idempotency keys failed: {0}")]
    Database(#[from] rocksdb::Error),
    /// A record is not readable: the files are damaged.
    #[error("a stored answer is not readable: {0}")]
    Record(#[from] postcard::Error),
    /// A key is not one of ours: the files are damaged.
    #[error("a key of the store is not readable")]
    Key,
    /// The writer has ended after a failure before.
    #[error("the store of idempotency keys is closed after a failure")]
    Closed,
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredAnswer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// Nothing.
    Fresh,
    /// The same body was answered so.
    Replay(StoredAnswer),
    /// It was used with another body.
    Conflict,
}

/// A record of the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) body_hash: [u8; 32],
    pub(super) sequence: u64,
    /// Unix seconds.
    pub(super) expires: u64,
    pub(super) answer: StoredAnswer,
}

/// An answer on its way to the disk.
#[derive(Debug)]
pub(super) struct NewAnswer {
    pub(super) key: KeyHash,
    pub(super) body: BodyHash,
    pub(super) now: u64,
    pub(super) answer: StoredAnswer,
}

impl NewAnswer {
    fn size(&self) -> u64 {
        self.answer.body.len() as u64 + ENTRY_BYTES
    }
}

/// Answers to requests with an `Idempotency-Key`.
#[derive(Debug)]
pub(crate) struct IdempotencyStore {
    db: Arc<DB>,
    writer: Writer,
}

impl IdempotencyStore {
    /// Opens the store at `path`, or creates it.
    pub(crate) fn open(path: &Path, limits: &IdempotencyConfig) -> Result<Self, IdempotencyError> {
        let mut options = Options::default();
        options.create_if_missing(true);
        let db = Arc::new(DB::open(&options, path)?);
        let log = Log::open(db.clone(), limits.clone())?;
        Ok(Self { db, writer: Writer::start(log) })
    }

    /// What is known of a key at `now` (unix seconds).
    pub(crate) fn look_up(
        &self,
        key: KeyHash,
        body: BodyHash,
        now: u64,
    ) -> Result<Lookup, IdempotencyError> {
        let Some(bytes) = self.db.get_pinned(key_of(key))? else { return Ok(Lookup::Fresh) };
        let record: Record = postcard::from_bytes(&bytes)?;
        Ok(match record {
            Record { expires, .. } if expires <= now => Lookup::Fresh,
            Record { body_hash, answer, .. } if body_hash == body.0 => Lookup::Replay(answer),
            _ => Lookup::Conflict,
        })
    }

    /// Stores an answer; it is on disk on return.
    pub(crate) async fn remember(
        &self,
        key: KeyHash,
        body: BodyHash,
        answer: StoredAnswer,
        now: u64,
    ) -> Result<(), IdempotencyError> {
        self.writer.write(NewAnswer { key, body, now, answer }).await
    }
}

/// The order of stored answers, and how many there are: owned by the writer.
#[derive(Debug)]
pub(super) struct Log {
    db: Arc<DB>,
    limits: IdempotencyConfig,
    oldest: u64,
    next: u64,
    bytes: u64,
}

impl Log {
    fn open(db: Arc<DB>, limits: IdempotencyConfig) -> Result<Self, IdempotencyError> {
        let mut log = Self { db: db.clone(), limits, oldest: 0, next: 0, bytes: 0 };
        let start = [BY_SEQUENCE];
        let mut first = None;
        for item in db.iterator(IteratorMode::From(&start, rocksdb::Direction::Forward)) {
            let (key, value) = item?;
            let Some((&BY_SEQUENCE, sequence)) = key.split_first() else { break };
            let sequence: [u8; 8] = sequence.try_into().map_err(|_| IdempotencyError::Key)?;
            let sequence = u64::from_be_bytes(sequence);
            first.get_or_insert(sequence);
            log.next = sequence + 1;
            log.bytes += size_of_entry(&value)?;
        }
        log.oldest = first.unwrap_or(log.next);
        Ok(log)
    }

    /// Writes answers, and forgets the oldest as far as limits ask for it, in one synced write.
    pub(super) fn append(&mut self, answers: &[NewAnswer]) -> Result<(), IdempotencyError> {
        let first = self.next;
        self.next += answers.len() as u64;
        self.bytes += answers.iter().map(NewAnswer::size).sum::<u64>();
        let now = answers.iter().map(|answer| answer.now).max().unwrap_or_default();
        let mut batch = WriteBatch::default();
        // First: a key that is forgotten may be among those that are used again.
        self.forget(&mut batch, now)?;
        for (sequence, new) in (first..).zip(answers) {
            let expires = new.now + self.limits.keep_seconds;
            let (body_hash, answer) = (new.body.0, new.answer.clone());
            let record = Record { body_hash, sequence, expires, answer };
            batch.put(key_of(new.key), postcard::to_stdvec(&record)?);
            let entry = (new.key.0, expires, new.size());
            batch.put(sequence_of(sequence), postcard::to_stdvec(&entry)?);
        }
        let mut options = WriteOptions::default();
        options.set_sync(true);
        Ok(self.db.write_opt(batch, &options)?)
    }

    fn forget(&mut self, batch: &mut WriteBatch, now: u64) -> Result<(), IdempotencyError> {
        for _ in 0..FORGET_MAX {
            let Some(bytes) = self.db.get(sequence_of(self.oldest))? else { return Ok(()) };
            let (key, expires, size): ([u8; 32], u64, u64) = postcard::from_bytes(&bytes)?;
            let too_many = self.next - self.oldest > self.limits.entries_max;
            if expires > now && !too_many && self.bytes <= self.limits.bytes_max {
                return Ok(());
            }
            batch.delete(sequence_of(self.oldest));
            // The key may have been used again since it expired.
            let stored = self.db.get(key_of(KeyHash(key)))?;
            let record: Option<Record> =
                stored.map(|bytes| postcard::from_bytes(&bytes)).transpose()?;
            if record.is_some_and(|record| record.sequence == self.oldest) {
                batch.delete(key_of(KeyHash(key)));
            }
            self.oldest += 1;
            self.bytes -= size.min(self.bytes);
        }
        Ok(())
    }
}

fn size_of_entry(value: &[u8]) -> Result<u64, IdempotencyError> {
    let (_, _, size): ([u8; 32], u64, u64) = postcard::from_bytes(value)?;
    Ok(size)
}

fn key_of(key: KeyHash) -> [u8; 33] {
    let mut bytes = [BY_KEY; 33];
    bytes[1..].copy_from_slice(&key.0);
    bytes
}

fn sequence_of(sequence: u64) -> [u8; 9] {
    let mut bytes = [BY_SEQUENCE; 9];
    bytes[1..].copy_from_slice(&sequence.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
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
