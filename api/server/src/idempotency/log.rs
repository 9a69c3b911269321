//! Records of keys on disk: by key, and in the order in which they were stored.

use std::collections::HashSet;
use std::sync::Arc;

use rocksdb::{DB, Direction, IteratorMode, WriteBatch, WriteOptions};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{BodyHash, Effect, KeyHash};
use crate::config::IdempotencyConfig;

/// A record by its key: `k` and the key's hash.
const BY_KEY: u8 = b'k';
/// A key by the order of its record: `s` and the sequence number.
const BY_SEQUENCE: u8 = b's';
/// Bytes of a record beyond its answer or effects: both keys and the record's head.
pub(super) const ENTRY_BYTES: u64 = 160;
/// Bytes of an effect: an identity is the larger kind.
const EFFECT_BYTES: u64 = 64;
/// Forgotten with one write at most: more than one write can add, so that the store shrinks.
const FORGET_MAX: usize = 4_096;

/// The store of idempotency keys failed.
#[derive(Debug, Error)]
pub enum IdempotencyError {
    /// The database failed.
    #[error("the store of idempotency keys failed: {0}")]
    Database(#[from] rocksdb::Error),
    /// A record is not readable: the files are damaged.
    #[error("a stored answer is not readable: {0}")]
    Record(#[from] postcard::Error),
    /// A stored key does not have the form of a key: the files are damaged.
    #[error("a key of the store is not readable")]
    Key,
    /// Records are dated, and the clock has no valid date.
    #[error("the clock of this machine is before 1970, and keys are dated by it: set it")]
    Clock,
    /// The writer has ended after an earlier failure.
    #[error("the store of idempotency keys is closed after a failure")]
    Closed,
}

/// An answer as it was given: a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredAnswer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// A record of the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) body_hash: [u8; 32],
    sequence: u64,
    /// Unix seconds.
    pub(super) expires: u64,
    pub(super) content: Content,
}

/// The binding of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Content {
    /// The effects that the request asks for; whether they have happened is to be looked up.
    Claim(Vec<Effect>),
    /// The answer that was given when it had happened.
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
    pub(super) fn open(db: Arc<DB>, limits: IdempotencyConfig) -> Result<Self, IdempotencyError> {
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
        let (stored, value) = item?;
        let sequence = stored.get(1..).and_then(|bytes| bytes.try_into().ok());
        let sequence = u64::from_be_bytes(sequence.ok_or(IdempotencyError::Key)?);
        let (key, expires, size): ([u8; 32], u64, u64) = postcard::from_bytes(&value)?;
        Ok(Entry { sequence, key: KeyHash(key), expires, size })
    };
    items
        .take_while(|item| {
            item.as_ref().map_or(true, |(stored, _)| stored.first() == Some(&BY_SEQUENCE))
        })
        .map(read)
}

pub(super) fn key_of(key: KeyHash) -> [u8; 33] {
    let mut bytes = [BY_KEY; 33];
    bytes[1..].copy_from_slice(&key.0);
    bytes
}

fn sequence_of(sequence: u64) -> [u8; 9] {
    let mut bytes = [BY_SEQUENCE; 9];
    bytes[1..].copy_from_slice(&sequence.to_be_bytes());
    bytes
}
