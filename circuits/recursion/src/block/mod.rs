//! The prover of blocks: from leaf proofs to one proof, circuits kept on disk.
//!
//! A [`BlockProver`] takes leaf proofs in any order and gives proofs as bytes. It holds the circuits
//! of one class, the join's and no more: another class's are loaded in their place. Steps run one at
//! a time, each on all cores; a [`Cancel`] is looked at between them.

mod built;
mod cancel;
#[cfg(test)]
mod fixtures;
mod keys;
#[cfg(test)]
mod mixed;
mod store;
#[cfg(test)]
mod tests;
mod whole;
mod workshop;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::instrument;

use farthing_airs::{LeafClass, LeafKey, LeafProof, Profile};
use farthing_protocol::{BatchClass, BatchStatement, BlockStatement};

use crate::aggregate::{AggregateError, Join, NodeKeys, NodeProof, Rows};
use crate::final_layer::{FinalError, FinalKey, FinalProof};
use crate::span::Span;
use crate::wrap::WrapError;

use built::KnownSet;
pub use cancel::{Cancel, Cancelled};
pub use keys::{BlockKeys, KeyDigest, LastKey, profile_name};
pub use store::StoreError;
pub use whole::{BLOCK_BATCHES_MAX, BlockError, BlockLeaf, BlockStep};
#[cfg(test)]
pub(crate) use workshop::LeafSettings;
pub use workshop::OpenError;
pub(crate) use workshop::Settings;
use workshop::{ClassCircuits, Workshop};

/// Folds leaf proofs of batches into the proof of a block.
pub struct BlockProver {
    workshop: Workshop,
    known: KnownSet,
    nodes: NodeKeys,
    last: FinalKey,
    desk: Mutex<Desk>,
}

/// The circuits in memory.
#[derive(Default)]
struct Desk {
    class: Option<(usize, ClassCircuits)>,
    join: Option<Join>,
}

/// A proof of consecutive batches, as bytes. What they are is for [`BlockProver`] to say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeBytes(Vec<u8>);

impl NodeBytes {
    /// Any bytes.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The proof of a block as the contract takes it, its statement apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlockProof(Vec<u8>);

impl BlockProof {
    /// Any bytes.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why a leaf proof does not become a node.
#[derive(Debug, Error)]
pub enum WrapLeafError {
    /// It was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The circuits are not there.
    #[error(transparent)]
    Circuits(#[from] OpenError),
    /// The leaf proof is not of the statement, or of another class or settings.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// The wrapped leaf is not lifted.
    #[error(transparent)]
    Lift(#[from] AggregateError),
}

/// Why two nodes do not become one.
#[derive(Debug, Error)]
pub enum JoinNodesError {
    /// It was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The circuits are not there.
    #[error(transparent)]
    Circuits(#[from] OpenError),
    /// The left node is no valid one.
    #[error("the left proof is refused")]
    Left(#[source] AggregateError),
    /// The right node is no valid one.
    #[error("the right proof is refused")]
    Right(#[source] AggregateError),
    /// They are not joined.
    #[error(transparent)]
    Join(AggregateError),
}

/// Why a node does not become a block's proof.
#[derive(Debug, Error)]
pub enum FinishError {
    /// It was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The circuits are not there.
    #[error(transparent)]
    Circuits(#[from] OpenError),
    /// The node is no valid one.
    #[error("the proof is refused")]
    Node(#[source] AggregateError),
    /// The last circuits refuse it.
    #[error(transparent)]
    Final(#[from] FinalError),
}

/// A circuit of the key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircuitInfo {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: Rows,
    /// The digest that stands for it; the last one's is in [`BlockKeys`].
    pub key: Option<KeyDigest>,
}

impl BlockProver {
    /// The prover of a profile for batches of `classes`. All classes belong to its keys; those
    /// named here can be proven. Circuits that `cache` lacks are built and kept there, which takes
    /// minutes and one circuit's memory at a time; then they are loaded as they are needed.
    #[instrument(name = "block prover", skip(cache))]
    pub fn open(cache: &Path, profile: Profile, classes: &[BatchClass]) -> Result<Self, OpenError> {
        let pinned = BlockKeys::pinned(profile).map_err(OpenError::Pins)?;
        Self::of(cache, Settings::of(profile), LeafClass::ALL.to_vec(), pinned, classes)
    }

    /// The same with keys computed from source, whatever is pinned: every circuit is built.
    pub fn open_unpinned(cache: &Path, profile: Profile) -> Result<Self, OpenError> {
        Self::of(cache, Settings::of(profile), LeafClass::ALL.to_vec(), None, &[])
    }

    pub(crate) fn of(
        cache: &Path,
        settings: Settings,
        key_set: Vec<&'static LeafClass>,
        pinned: Option<BlockKeys>,
        classes: &[BatchClass],
    ) -> Result<Self, OpenError> {
        let pins_known = pinned.is_some();
        let mut workshop = Workshop::new(cache, settings, key_set, pinned)?;
        let known = workshop.known(classes)?;
        if !pins_known {
            workshop.pin(workshop.keys(&known));
        }
        let nodes = workshop.node_keys(&known)?;
        let last = FinalKey { data: known.last.verifier.clone() };
        Ok(Self { workshop, known, nodes, last, desk: Mutex::default() })
    }

    /// What verifies the blocks proven.
    pub const fn final_key(&self) -> &FinalKey {
        &self.last
    }

    /// The digests of the circuits opened.
    pub fn keys(&self) -> BlockKeys {
        self.workshop.keys(&self.known)
    }

    /// The circuits opened.
    pub fn circuits(&self) -> Vec<CircuitInfo> {
        let info = |name: String, known: &built::Known| CircuitInfo {
            name,
            rows: Rows { used: known.rows, log_all: known.verifier.common.degree_bits() },
            key: Some(KeyDigest(known.digest())),
        };
        let last = &self.known.last;
        let last = CircuitInfo {
            name: "final".to_owned(),
            rows: Rows { used: last.rows, log_all: last.verifier.common.degree_bits() },
            key: None,
        };
        let kinds = [("wrap", &self.known.wraps), ("lift", &self.known.lifts)];
        let of_classes = kinds.into_iter().flat_map(|(kind, all)| {
            let named = all.iter().zip(self.workshop.classes());
            named.filter_map(move |(known, class)| {
                known.as_ref().map(|known| info(format!("{kind} {}", class.batch.name), known))
            })
        });
        let join = info("join".to_owned(), &self.known.join);
        let shrink = info("shrink".to_owned(), &self.known.shrink);
        of_classes.chain([join, shrink, last]).collect()
    }

    /// What the leaf proofs are made under that [`Self::wrap`] takes.
    pub fn leaf_key(&self, class: BatchClass) -> Result<LeafKey, OpenError> {
        let got = class.id;
        Ok(self.workshop.leaf_key(self.workshop.place(got).ok_or(OpenError::Class { got })?)?)
    }

    /// Makes a leaf proof a node. The proof is verified first.
    #[instrument(name = "wrap leaf", skip_all, fields(batch = statement.header.number.get()))]
    pub fn wrap(
        &self,
        leaf: &LeafProof,
        statement: &BatchStatement,
        cancel: &Cancel,
    ) -> Result<NodeBytes, WrapLeafError> {
        let got = statement.header.class;
        let place = self.workshop.place(got).ok_or(OpenError::Class { got })?;
        let mut desk = self.desk();
        cancel.check()?;
        let circuits = desk.class(place, self)?;
        cancel.check()?;
        let wrapped = circuits.wrap.prove(&circuits.key, &statement.elements(), leaf)?;
        cancel.check()?;
        let place = u8::try_from(place).map_err(|_| OpenError::Class { got })?;
        let node = circuits.lift.prove(place, &wrapped)?;
        Ok(NodeBytes(node.to_bytes()))
    }

    /// Folds two nodes, of which `right` follows `left`. Both are verified first.
    #[instrument(name = "join nodes", skip_all)]
    pub fn join(
        &self,
        left: &NodeBytes,
        right: &NodeBytes,
        cancel: &Cancel,
    ) -> Result<NodeBytes, JoinNodesError> {
        let (left, _) = self.decode(left).map_err(JoinNodesError::Left)?;
        let (right, _) = self.decode(right).map_err(JoinNodesError::Right)?;
        let mut desk = self.desk();
        cancel.check()?;
        let join = desk.join(self)?;
        cancel.check()?;
        let node = join.prove([&left, &right], &self.nodes).map_err(JoinNodesError::Join)?;
        Ok(NodeBytes(node.to_bytes()))
    }

    /// The proof of a block from its last node, which is verified first.
    #[instrument(name = "finish block", skip_all)]
    pub fn finish(&self, node: &NodeBytes, cancel: &Cancel) -> Result<BlockProof, FinishError> {
        let (node, _) = self.decode(node).map_err(FinishError::Node)?;
        let mut desk = self.desk();
        cancel.check()?;
        // Each of the last circuits takes as much memory as all others together.
        *desk = Desk::default();
        let shrink = self.workshop.shrink_circuit(&self.nodes)?;
        cancel.check()?;
        let shrunk = shrink.prove(&self.nodes, &node)?;
        drop(shrink);
        cancel.check()?;
        let last = self.workshop.last_circuit(&self.known)?;
        cancel.check()?;
        Ok(BlockProof(last.prove(&shrunk)?.into_bytes()))
    }

    /// Whether a proof shows a statement, as the contract decides it.
    pub fn verify(&self, statement: &BlockStatement, proof: &BlockProof) -> Result<(), FinalError> {
        self.last.verify(statement, &FinalProof::from_bytes(proof.0.clone()))
    }

    /// What a node says, if it is valid.
    pub fn span(&self, node: &NodeBytes) -> Result<Span, AggregateError> {
        self.decode(node).map(|(_, span)| span)
    }

    fn decode(&self, node: &NodeBytes) -> Result<(NodeProof, Span), AggregateError> {
        let node = self.nodes.decode(&node.0)?;
        let span = self.nodes.verify(&node)?;
        Ok((node, span))
    }

    /// The circuits in memory; a step that panicked left them as they were.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// The circuits of a class, in place of another's.
    fn class(&mut self, place: usize, of: &BlockProver) -> Result<&ClassCircuits, OpenError> {
        let held = self.class.take().filter(|(held, _)| *held == place);
        let circuits = match held {
            Some((_, circuits)) => circuits,
            None => of.workshop.class_circuits(place, &of.known)?,
        };
        Ok(&self.class.insert((place, circuits)).1)
    }

    fn join(&mut self, of: &BlockProver) -> Result<&Join, OpenError> {
        let join = match self.join.take() {
            Some(join) => join,
            None => of.workshop.join_circuit(&of.known)?,
        };
        Ok(self.join.insert(join))
    }
}
