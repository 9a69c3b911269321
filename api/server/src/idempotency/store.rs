//! What is known of keys, on disk: by key, and in the order in which it was stored.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use rocksdb::{DB, Direction, IteratorMode, Options, WriteBatch, WriteOptions};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::writer::Writer;
use super::{BodyHash, Effect, KeyHash};
use crate::config::IdempotencyConfig;

/// A record by its key: `k` and the key's hash.
const BY_KEY: u8 = b'k';
/// A key by the order of its record: `s` and the sequence number.
const BY_SEQUENCE: u8 = b's';
/// What a record costs beyond its answer or effects: both keys and the record's head.
const ENTRY_BYTES: u64 = 160;
/// What an effect costs: an identity is the larger kind.
const EFFECT_BYTES: u64 = 64;
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
    /// Records are dated, and the clock says no date.
    #[error("the clock of this machine is before 1970, and keys are dated by it: set it")]
    Clock,
    /// The writer has ended after a failure before.
    #[error("the store of idempotency keys is closed after a failure")]
    Closed,
}

/// An answer as it was given: a success.
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
    /// A request with the same body, which asks for this, was taken up and has no final answer.
    Claimed(Vec<Effect>),
    /// The same of another body.
    ClaimedByAnother(Vec<Effect>),
    /// The same body was answered so.
    Replay(StoredAnswer),
    /// Another body was answered.
    Conflict,
}

/// A record of the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    body_hash: [u8; 32],
    sequence: u64,
    /// Unix seconds.
    expires: u64,
    content: Content,
}

/// What a key is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Content {
    /// What the request asks for; whether it has happened is to be looked up.
    Claim(Vec<Effect>),
    /// What was answered when it had happened.
    Answer(StoredAnswer),
}

/// A change on its way to the disk. At most one at a time is on its way for a key.
#[derive(Debug)]
pub(super) enum Change {
    Put { key: KeyHash, body: BodyHash, now: u64, content: Content },
    Remove { key: KeyHash },
}

impl Content {
    fn size(&self) -> u64 {
        ENTRY_BYTES
            + match self {
                Self::Claim(effects) => effects.len() as u64 * EFFECT_BYTES,
                Self::Answer(answer) => answer.body.len() as u64,
            }
    }
}

/// Answers to requests with an `Idempotency-Key`, and claims of those that have none yet.
#[derive(Debug)]
pub(crate) struct IdempotencyStore {
    db: Arc<DB>,
    writer: Writer,
    /// Whether writes fail, as they do when the disk is full.
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

    /// What is known of a key at `now` (unix seconds).
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

/// The order of records, and how many there are: owned by the writer.
#[derive(Debug)]
pub(super) struct Log {
    db: Arc<DB>,
    limits: IdempotencyConfig,
    /// No record has a smaller sequence number.
    oldest: u64,
    next: u64,
    count: u64,
    bytes: u64,
}

impl Log {
    fn open(db: Arc<DB>, limits: IdempotencyConfig) -> Result<Self, IdempotencyError> {
        let mut log = Self { db: db.clone(), limits, oldest: 0, next: 0, count: 0, bytes: 0 };
        let mut first = None;
        for entry in entries(&db, 0) {
            let entry = entry?;
            first.get_or_insert(entry.sequence);
            log.next = entry.sequence + 1;
            log.count += 1;
            log.bytes += entry.size;
        }
        log.oldest = first.unwrap_or(log.next);
        Ok(log)
    }

    /// Makes changes, and forgets the oldest records as far as limits ask for it, in one synced
    /// write.
    pub(super) fn apply(&mut self, changes: Vec<Change>) -> Result<(), IdempotencyError> {
        let mut batch = WriteBatch::default();
        let (mut latest, mut changed) = (0, HashSet::new());
        for change in &changes {
            let (Change::Put { key, .. } | Change::Remove { key }) = change;
            self.remove(&mut batch, *key)?;
            changed.insert(*key);
            if let Change::Put { now, content, .. } = change {
                latest = latest.max(*now);
                self.count += 1;
                self.bytes += content.size();
            }
        }
        self.forget(&mut batch, latest, &changed)?;
        for change in changes {
            let Change::Put { key, body, now, content } = change else { continue };
            let (sequence, expires) = (self.next, now.saturating_add(self.limits.keep_seconds));
            self.next += 1;
            let entry = (key.0, expires, content.size());
            batch.put(sequence_of(sequence), postcard::to_stdvec(&entry)?);
            let record = Record { body_hash: body.0, sequence, expires, content };
            batch.put(key_of(key), postcard::to_stdvec(&record)?);
        }
        let mut options = WriteOptions::default();
        options.set_sync(true);
        Ok(self.db.write_opt(batch, &options)?)
    }

    /// Removes the record of a key, if there is one.
    fn remove(&mut self, batch: &mut WriteBatch, key: KeyHash) -> Result<(), IdempotencyError> {
        let Some(bytes) = self.db.get_pinned(key_of(key))? else { return Ok(()) };
        let record: Record = postcard::from_bytes(&bytes)?;
        batch.delete(key_of(key));
        batch.delete(sequence_of(record.sequence));
        self.count = self.count.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(record.content.size());
        Ok(())
    }

    /// Forgets what is too old at `now`, and the oldest beyond the limits. The records of `changed`
    /// keys are gone already.
    fn forget(
        &mut self,
        batch: &mut WriteBatch,
        now: u64,
        changed: &HashSet<KeyHash>,
    ) -> Result<(), IdempotencyError> {
        let db = self.db.clone();
        for entry in entries(&db, self.oldest).take(FORGET_MAX) {
            let Entry { sequence, key, expires, size } = entry?;
            if !changed.contains(&key) {
                let too_many = self.count > self.limits.entries_max;
                if expires > now && !too_many && self.bytes <= self.limits.bytes_max {
                    return Ok(());
                }
                batch.delete(key_of(key));
                batch.delete(sequence_of(sequence));
                self.count = self.count.saturating_sub(1);
                self.bytes = self.bytes.saturating_sub(size);
            }
            self.oldest = sequence + 1;
        }
        Ok(())
    }
}

/// An entry of the database.
type KeyAndValue = (Box<[u8]>, Box<[u8]>);

/// A record in the order in which records were stored.
struct Entry {
    sequence: u64,
    key: KeyHash,
    expires: u64,
    size: u64,
}

/// Records from a sequence number on.
fn entries(db: &DB, from: u64) -> impl Iterator<Item = Result<Entry, IdempotencyError>> + '_ {
    let start = sequence_of(from);
    let items = db.iterator(IteratorMode::From(&start, Direction::Forward));
    let read = |item: Result<KeyAndValue, rocksdb::Error>| {
        let (place, value) = item?;
        let sequence = place.get(1..).and_then(|bytes| bytes.try_into().ok());
        let sequence = u64::from_be_bytes(sequence.ok_or(IdempotencyError::Key)?);
        let (key, expires, size): ([u8; 32], u64, u64) = postcard::from_bytes(&value)?;
        Ok(Entry { sequence, key: KeyHash(key), expires, size })
    };
    items
        .take_while(|item| {
            item.as_ref().map_or(true, |(place, _)| place.first() == Some(&BY_SEQUENCE))
        })
        .map(read)
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
