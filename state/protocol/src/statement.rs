//! Statements: what the proof of a batch, and the proof of a block, says.

use p3_field::extension::BinomialExtensionField;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use serde::{Deserialize, Serialize};
use sha3::{Digest as _, Keccak256};
use thiserror::Error;

use crate::felt::{FELT_BYTES, Felt, canonical, felts_from_bytes, felts_to_bytes};
use crate::hash::{Digest, Tag, compress, hash};
use crate::limits::{CHUNK_LIMBS, LIMB_BYTES, PROTOCOL_VERSION};
use crate::quantity::{BatchNumber, OutOfRange, QueueIndex, UnixTime};

/// GF(p²) = GF(p)\[X\]/(X² − 7), where public data is evaluated.
pub type QuadraticFelt = BinomialExtensionField<Felt, 2>;

/// Elements of a batch statement.
pub const STATEMENT_ELEMENTS: usize = 32;

/// Elements of a block statement.
pub const BLOCK_STATEMENT_ELEMENTS: usize = 22;

/// Bytes of a block statement.
pub const BLOCK_STATEMENT_BYTES: usize = BLOCK_STATEMENT_ELEMENTS * FELT_BYTES;

/// The index of each field among the elements of a batch statement: the public inputs of a leaf
/// proof, in circuits and on L1.
pub mod position {
    use core::ops::Range;

    use super::STATEMENT_ELEMENTS;

    /// [`crate::PROTOCOL_VERSION`].
    pub const VERSION: usize = 0;
    /// [`crate::Domain::digest`].
    pub const DOMAIN: Range<usize> = 1..5;
    /// The batch class.
    pub const CLASS: usize = 5;
    /// The batch number.
    pub const NUMBER: usize = 6;
    /// Unix seconds.
    pub const TIMESTAMP: usize = 7;
    /// The state root before.
    pub const OLD_ROOT: Range<usize> = 8..12;
    /// The state root after.
    pub const NEW_ROOT: Range<usize> = 12..16;
    /// The root of the receipts tree.
    pub const RECEIPTS_ROOT: Range<usize> = 16..20;
    /// The number of intents.
    pub const INTENTS: usize = 20;
    /// The first queue entry consumed.
    pub const QUEUE_FROM: usize = 21;
    /// The first queue entry not consumed.
    pub const QUEUE_TO: usize = 22;
    /// The circuit's commitment to the public data.
    pub const PUBLIC_DATA: Range<usize> = 23..27;
    /// Limbs of public data.
    pub const PUBLIC_DATA_LIMBS: usize = 27;
    /// The point at which the public data is evaluated.
    pub const CHALLENGE: Range<usize> = 28..30;
    /// The value of the public data at that point.
    pub const EVALUATION: Range<usize> = 30..32;

    const _: () = assert!(EVALUATION.end == STATEMENT_ELEMENTS);
}

/// A batch statement before its public-data challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchHeader {
    /// The deployment: [`crate::Domain::digest`].
    pub domain: Digest,
    /// The batch class, which fixes the circuit.
    pub class: u8,
    /// One more than that of the batch before.
    pub number: BatchNumber,
    /// Not less than that of the batch before; every intent is valid at it.
    pub timestamp: UnixTime,
    /// The state root before.
    pub old_root: Digest,
    /// The state root after.
    pub new_root: Digest,
    /// The root of the receipts tree.
    pub receipts_root: Digest,
    /// The number of intents.
    pub intents: u32,
    /// The first queue entry consumed.
    pub queue_from: QueueIndex,
    /// The first queue entry not consumed.
    pub queue_to: QueueIndex,
    /// [`crate::PublicData::commitment`].
    pub public_data: Digest,
    /// The number of limbs of public data.
    pub public_data_limbs: u32,
}

/// The public inputs of a leaf proof: [`BatchHeader`], and that the committed public data evaluates to
/// `evaluation` at `challenge`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchStatement {
    /// All that the challenge depends on, the public data's keccak hash apart.
    pub header: BatchHeader,
    /// r, from both commitments to the public data and the rest of the header.
    pub challenge: [Felt; 2],
    /// y = Σ limbᵢ · rⁿ⁻¹⁻ⁱ.
    pub evaluation: [Felt; 2],
}

impl BatchHeader {
    /// Elements before the challenge.
    pub const ELEMENTS: usize = position::CHALLENGE.start;

    /// The elements of a statement up to the challenge, in the order of [`position`].
    pub fn elements(&self) -> [Felt; Self::ELEMENTS] {
        let mut e = [Felt::ZERO; Self::ELEMENTS];
        e[position::VERSION] = Felt::from_u32(PROTOCOL_VERSION);
        e[position::DOMAIN].copy_from_slice(&self.domain.elements());
        e[position::CLASS] = Felt::from_u8(self.class);
        e[position::NUMBER] = self.number.felt();
        e[position::TIMESTAMP] = self.timestamp.felt();
        e[position::OLD_ROOT].copy_from_slice(&self.old_root.elements());
        e[position::NEW_ROOT].copy_from_slice(&self.new_root.elements());
        e[position::RECEIPTS_ROOT].copy_from_slice(&self.receipts_root.elements());
        e[position::INTENTS] = Felt::from_u32(self.intents);
        e[position::QUEUE_FROM] = self.queue_from.felt();
        e[position::QUEUE_TO] = self.queue_to.felt();
        e[position::PUBLIC_DATA].copy_from_slice(&self.public_data.elements());
        e[position::PUBLIC_DATA_LIMBS] = Felt::from_u32(self.public_data_limbs);
        e
    }

    /// r: with d = `keccak256(limbs_keccak(public data) ‖ header elements of 8 bytes)`, the first
    /// sixteen bytes of d modulo p and the last sixteen modulo p. Both commitments to the public
    /// data and its length are in it, so that neither side can choose limbs after r.
    pub fn challenge(&self, public_data_keccak: &[u8; 32]) -> [Felt; 2] {
        let mut keccak = Keccak256::new();
        keccak.update(public_data_keccak);
        for element in self.elements() {
            keccak.update(canonical(element).to_be_bytes());
        }
        let digest: [u8; 32] = keccak.finalize().into();
        [reduce_wide(&digest[..16]), reduce_wide(&digest[16..])]
    }
}

/// A big-endian integer of sixteen bytes modulo p: within 2⁻⁶⁴ of uniform.
fn reduce_wide(bytes: &[u8]) -> Felt {
    let two_64 = Felt::from_u64(1 << 32).square();
    bytes.chunks(FELT_BYTES).fold(Felt::ZERO, |value, chunk| {
        let word = chunk.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte));
        value * two_64 + Felt::from_u64(word)
    })
}

/// Σ limbᵢ · rⁿ⁻¹⁻ⁱ, by Horner's rule from the first limb.
pub fn evaluate_limbs(limbs: &[u64], challenge: [Felt; 2]) -> [Felt; 2] {
    let [r0, r1] = challenge;
    let r = QuadraticFelt::from_basis_coefficients_fn(|i| if i == 0 { r0 } else { r1 });
    let y = limbs.iter().fold(QuadraticFelt::ZERO, |y, limb| y * r + Felt::from_u64(*limb));
    let coefficients: &[Felt] = y.as_basis_coefficients_slice();
    [coefficients[0], coefficients[1]]
}

impl BatchStatement {
    /// The statement of a header whose public data is `limbs`.
    pub fn new(header: BatchHeader, limbs: &[u64]) -> Self {
        let challenge = header.challenge(&limbs_keccak(limbs));
        Self { header, challenge, evaluation: evaluate_limbs(limbs, challenge) }
    }

    /// The elements, in the order of [`position`].
    pub fn elements(&self) -> [Felt; STATEMENT_ELEMENTS] {
        let mut e = [Felt::ZERO; STATEMENT_ELEMENTS];
        e[..BatchHeader::ELEMENTS].copy_from_slice(&self.header.elements());
        e[position::CHALLENGE].copy_from_slice(&self.challenge);
        e[position::EVALUATION].copy_from_slice(&self.evaluation);
        e
    }

    /// `hash(BatchStatement; elements)`: a leaf of the block statement.
    pub fn digest(&self) -> Digest {
        hash(Tag::BatchStatement, &self.elements())
    }
}

/// h: the keccak256 chain over chunks of [`CHUNK_LIMBS`] limbs, seven big-endian bytes each. The
/// first chunk is hashed alone; every other is appended to the hash of those before and hashed.
/// So L1 can take the chunks one by one, and data that fit one chunk, empty data included, have
/// the hash of their bytes. The number of limbs in the header gives the number of chunks.
pub fn limbs_keccak(limbs: &[u64]) -> [u8; 32] {
    let (first, rest) = limbs.split_at(limbs.len().min(CHUNK_LIMBS));
    rest.chunks(CHUNK_LIMBS)
        .fold(chunk_keccak(None, first), |hash, chunk| chunk_keccak(Some(hash), chunk))
}

fn chunk_keccak(before: Option<[u8; 32]>, chunk: &[u64]) -> [u8; 32] {
    let mut keccak = Keccak256::new();
    if let Some(hash) = before {
        keccak.update(hash);
    }
    for limb in chunk {
        keccak.update(&limb.to_be_bytes()[8 - LIMB_BYTES..]);
    }
    keccak.finalize().into()
}

/// Reasons why batches do not make a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JoinError {
    /// A block needs a batch.
    #[error("a block has at least one batch")]
    Empty,
    /// Batch `index` is for another deployment than the one before it.
    #[error("batch {index} is of another domain")]
    Domain {
        /// Its index in the block.
        index: usize,
    },
    /// Batch `index` does not follow in number.
    #[error("batch {index} has number {got}, expected {expected}")]
    Number {
        /// Its index in the block.
        index: usize,
        /// One more than the batch before.
        expected: BatchNumber,
        /// Its number.
        got: BatchNumber,
    },
    /// Batch `index` does not start from the root that the one before reached.
    #[error("batch {index} starts from root {got}, expected {expected}")]
    Root {
        /// Its index in the block.
        index: usize,
        /// The root reached.
        expected: Digest,
        /// The root it starts from.
        got: Digest,
    },
    /// Batch `index` leaves out queue entries, or repeats them.
    #[error("batch {index} consumes from queue entry {got}, expected {expected}")]
    Queue {
        /// Its index in the block.
        index: usize,
        /// The first entry not consumed before.
        expected: QueueIndex,
        /// The first entry it consumes.
        got: QueueIndex,
    },
    /// Batch `index` is older than the one before it.
    #[error("batch {index} is of time {got}, before {previous}")]
    Time {
        /// Its index in the block.
        index: usize,
        /// The time of the batch before.
        previous: UnixTime,
        /// Its time.
        got: UnixTime,
    },
}

/// The public inputs of the proof of a block: consecutive batches, from one root to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockStatement {
    /// The deployment.
    pub domain: Digest,
    /// The number of the first batch.
    pub first_batch: BatchNumber,
    /// The number of batches.
    pub batches: u32,
    /// The time of the last batch.
    pub timestamp: UnixTime,
    /// The state root before.
    pub old_root: Digest,
    /// The state root after.
    pub new_root: Digest,
    /// The first queue entry consumed.
    pub queue_from: QueueIndex,
    /// The first queue entry not consumed.
    pub queue_to: QueueIndex,
    /// [`batches_root`] of the batch statements' digests.
    pub batches_root: Digest,
}

/// Reasons why bytes are not a block statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BlockStatementError {
    /// An element is not below the modulus.
    #[error("an element is not reduced")]
    NotReduced,
    /// It is of another protocol version.
    #[error("version {got}, expected {PROTOCOL_VERSION}")]
    Version {
        /// The version.
        got: u64,
    },
    /// The number of batches is out of range.
    #[error("{got} batches")]
    Batches {
        /// The number of bytes.
        got: u64,
    },
    /// Another number is out of range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

impl BlockStatement {
    /// Joins consecutive batches. Errors win batch by batch, in the order domain, number, root,
    /// queue, time.
    pub fn join(batches: &[BatchStatement]) -> Result<Self, JoinError> {
        let (Some(first), Some(last)) = (batches.first(), batches.last()) else {
            return Err(JoinError::Empty);
        };
        for (i, pair) in batches.windows(2).enumerate() {
            check_neighbours(i + 1, &pair[0].header, &pair[1].header)?;
        }
        let digests: Vec<Digest> = batches.iter().map(BatchStatement::digest).collect();
        Ok(Self {
            domain: first.header.domain,
            first_batch: first.header.number,
            batches: batches.len() as u32,
            timestamp: last.header.timestamp,
            old_root: first.header.old_root,
            new_root: last.header.new_root,
            queue_from: first.header.queue_from,
            queue_to: last.header.queue_to,
            batches_root: batches_root(&digests),
        })
    }

    /// The elements, in the order of the specification: the public inputs of the last proof.
    pub fn elements(&self) -> [Felt; BLOCK_STATEMENT_ELEMENTS] {
        let numbers =
            [self.first_batch.felt(), Felt::from_u32(self.batches), self.timestamp.felt()];
        let queue = [self.queue_from.felt(), self.queue_to.felt()];
        let mut all = [Felt::from_u32(PROTOCOL_VERSION)]
            .into_iter()
            .chain(self.domain.elements())
            .chain(numbers)
            .chain(self.old_root.elements())
            .chain(self.new_root.elements())
            .chain(queue)
            .chain(self.batches_root.elements());
        core::array::from_fn(|_| all.next().unwrap_or(Felt::ZERO))
    }

    /// The elements as the contract takes them: eight big-endian bytes each.
    pub fn to_bytes(&self) -> [u8; BLOCK_STATEMENT_BYTES] {
        felts_to_bytes(&self.elements())
    }

    /// Decodes [`Self::to_bytes`].
    pub fn from_bytes(bytes: &[u8; BLOCK_STATEMENT_BYTES]) -> Result<Self, BlockStatementError> {
        let elements: [Felt; BLOCK_STATEMENT_ELEMENTS] =
            felts_from_bytes(bytes).ok_or(BlockStatementError::NotReduced)?;
        let digest = |first: usize| Digest::new(core::array::from_fn(|i| elements[first + i]));
        let number = |index: usize| canonical(elements[index]);
        if number(0) != u64::from(PROTOCOL_VERSION) {
            return Err(BlockStatementError::Version { got: number(0) });
        }
        Ok(Self {
            domain: digest(1),
            first_batch: BatchNumber::new(number(5))?,
            batches: u32::try_from(number(6))
                .map_err(|_| BlockStatementError::Batches { got: number(6) })?,
            timestamp: UnixTime::new(number(7))?,
            old_root: digest(8),
            new_root: digest(12),
            queue_from: QueueIndex::new(number(16))?,
            queue_to: QueueIndex::new(number(17))?,
            batches_root: digest(18),
        })
    }

    /// `hash(BlockStatement; elements)`.
    pub fn digest(&self) -> Digest {
        hash(Tag::BlockStatement, &self.elements())
    }
}

fn check_neighbours(index: usize, a: &BatchHeader, b: &BatchHeader) -> Result<(), JoinError> {
    if a.domain != b.domain {
        return Err(JoinError::Domain { index });
    }
    if a.number.next() != b.number {
        return Err(JoinError::Number { index, expected: a.number.next(), got: b.number });
    }
    if a.new_root != b.old_root {
        return Err(JoinError::Root { index, expected: a.new_root, got: b.old_root });
    }
    if a.queue_to != b.queue_from {
        return Err(JoinError::Queue { index, expected: a.queue_to, got: b.queue_from });
    }
    if a.timestamp > b.timestamp {
        return Err(JoinError::Time { index, previous: a.timestamp, got: b.timestamp });
    }
    Ok(())
}

/// The root of the binary tree over digests, filled up with zero digests to a power of two.
pub fn batches_root(digests: &[Digest]) -> Digest {
    let mut level = digests.to_vec();
    level.resize(digests.len().next_power_of_two(), Digest::ZERO);
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| compress(&pair[0], &pair[1])).collect();
    }
    level[0]
}
