//! The prover of blocks: from leaf proofs to one proof, circuits kept on disk.
//!
//! A [`BlockProver`] takes leaf proofs in any order and gives proofs as bytes. It holds the circuits
//! of one class, the join's and no more: another class's are loaded in their place. Steps run one at
//! a time, each on all cores; a [`Cancel`] is looked at between them.

mod cache;
mod cancel;
mod compiled;
mod keys;
mod prove_block;
mod store;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::instrument;

use farthing_airs::{LeafClass, LeafKey, LeafProof, Profile};
use farthing_protocol::{BatchClass, BatchStatement, BlockStatement};

use crate::aggregate::{AggregateError, Join, NodeKeys, NodeProof, Rows};
use crate::batch_range::BatchRange;
use crate::final_layer::{FinalError, FinalKey, FinalProof};
use crate::wrap::WrapError;

#[cfg(test)]
pub(crate) use cache::LeafSettings;
pub use cache::OpenError;
pub(crate) use cache::Settings;
use cache::{CircuitCache, ClassCircuits};
pub use cancel::{Cancel, Cancelled};
use compiled::VerifierSet;
pub use keys::{BlockKeys, FinalKeyDigest, KeyDigest, profile_name};
pub use prove_block::{BLOCK_BATCHES_MAX, BlockError, BlockLeaf, BlockStep};
pub use store::StoreError;

/// Folds leaf proofs of batches into the proof of a block.
pub struct BlockProver {
    circuits: CircuitCache,
    verifiers: VerifierSet,
    nodes: NodeKeys,
    final_key: FinalKey,
    loaded: Mutex<LoadedCircuits>,
}

/// The circuits in memory.
#[derive(Default)]
struct LoadedCircuits {
    class: Option<(usize, ClassCircuits)>,
    join: Option<Join>,
}

/// A proof of consecutive batches, as bytes. What they are is for [`BlockProver`] to say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeProofBytes(Vec<u8>);

impl NodeProofBytes {
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

/// Reason why a leaf proof does not become a node.
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

/// Reason why two nodes do not become one.
#[derive(Debug, Error)]
pub enum JoinNodesError {
    /// It was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The circuits are not there.
    #[error(transparent)]
    Circuits(#[from] OpenError),
    /// The left node is not valid.
    #[error("the left proof is refused")]
    Left(#[source] AggregateError),
    /// The right node is not valid.
    #[error("the right proof is refused")]
    Right(#[source] AggregateError),
    /// They are not joined.
    #[error(transparent)]
    Join(AggregateError),
}

/// Reason why a node does not become a block's proof.
#[derive(Debug, Error)]
pub enum FinishError {
    /// It was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The circuits are not there.
    #[error(transparent)]
    Circuits(#[from] OpenError),
    /// The node is not valid.
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

    /// The same with keys computed from source, without regard to pins: every circuit is built.
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
        let mut circuits = CircuitCache::new(cache, settings, key_set, pinned)?;
        let verifiers = circuits.verifier_set(classes)?;
        if !pins_known {
            circuits.pin(circuits.keys(&verifiers));
        }
        let nodes = circuits.node_keys(&verifiers)?;
        let final_key = FinalKey { data: verifiers.final_circuit.verifier.clone() };
        Ok(Self { circuits, verifiers, nodes, final_key, loaded: Mutex::default() })
    }

    /// Key that verifies the blocks proven.
    pub const fn final_key(&self) -> &FinalKey {
        &self.final_key
    }

    /// The digests of the circuits opened.
    pub fn keys(&self) -> BlockKeys {
        self.circuits.keys(&self.verifiers)
    }

    /// The circuits opened.
    pub fn circuits(&self) -> Vec<CircuitInfo> {
        let info = |name: String, known: &compiled::VerifierData| CircuitInfo {
            name,
            rows: Rows { used: known.rows, log_all: known.verifier.common.degree_bits() },
            key: Some(KeyDigest(known.digest())),
        };
        let of_final = &self.verifiers.final_circuit;
        let final_circuit = CircuitInfo {
            name: "final".to_owned(),
            rows: Rows { used: of_final.rows, log_all: of_final.verifier.common.degree_bits() },
            key: None,
        };
        let kinds = [("wrap", &self.verifiers.wraps), ("lift", &self.verifiers.lifts)];
        let of_classes = kinds.into_iter().flat_map(|(kind, all)| {
            let named = all.iter().zip(self.circuits.classes());
            named.filter_map(move |(known, class)| {
                known.as_ref().map(|known| info(format!("{kind} {}", class.batch.name), known))
            })
        });
        let join = info("join".to_owned(), &self.verifiers.join);
        let shrink = info("shrink".to_owned(), &self.verifiers.shrink);
        of_classes.chain([join, shrink, final_circuit]).collect()
    }

    /// Key of the leaf proofs that [`Self::wrap`] takes.
    pub fn leaf_key(&self, class: BatchClass) -> Result<LeafKey, OpenError> {
        let got = class.id;
        Ok(self.circuits.leaf_key(self.circuits.index(got).ok_or(OpenError::Class { got })?)?)
    }

    /// Makes a leaf proof a node. The proof is verified first.
    #[instrument(name = "wrap leaf", skip_all, fields(batch = statement.header.number.get()))]
    pub fn wrap(
        &self,
        leaf: &LeafProof,
        statement: &BatchStatement,
        cancel: &Cancel,
    ) -> Result<NodeProofBytes, WrapLeafError> {
        let got = statement.header.class;
        let index = self.circuits.index(got).ok_or(OpenError::Class { got })?;
        let mut loaded = self.loaded();
        cancel.check()?;
        let circuits = loaded.class(index, self)?;
        cancel.check()?;
        let wrapped = circuits.wrap.prove(&circuits.key, &statement.elements(), leaf)?;
        cancel.check()?;
        let index = u8::try_from(index).map_err(|_| OpenError::Class { got })?;
        let node = circuits.lift.prove(index, &wrapped)?;
        Ok(NodeProofBytes(node.to_bytes()))
    }

    /// Folds two nodes, of which `right` follows `left`. Both are verified first.
    #[instrument(name = "join nodes", skip_all)]
    pub fn join(
        &self,
        left: &NodeProofBytes,
        right: &NodeProofBytes,
        cancel: &Cancel,
    ) -> Result<NodeProofBytes, JoinNodesError> {
        let (left, _) = self.decode(left).map_err(JoinNodesError::Left)?;
        let (right, _) = self.decode(right).map_err(JoinNodesError::Right)?;
        let mut loaded = self.loaded();
        cancel.check()?;
        let join = loaded.join(self)?;
        cancel.check()?;
        let node = join.prove([&left, &right], &self.nodes).map_err(JoinNodesError::Join)?;
        Ok(NodeProofBytes(node.to_bytes()))
    }

    /// The proof of a block from its last node, which is verified first.
    #[instrument(name = "finish block", skip_all)]
    pub fn finish(
        &self,
        node: &NodeProofBytes,
        cancel: &Cancel,
    ) -> Result<BlockProof, FinishError> {
        let (node, _) = self.decode(node).map_err(FinishError::Node)?;
        let mut loaded = self.loaded();
        cancel.check()?;
        // Each of the last circuits takes as much memory as all others together.
        *loaded = LoadedCircuits::default();
        let shrink = self.circuits.shrink_circuit(&self.nodes)?;
        cancel.check()?;
        let shrunk = shrink.prove(&self.nodes, &node)?;
        drop(shrink);
        cancel.check()?;
        let final_circuit = self.circuits.load_final_circuit(&self.verifiers)?;
        cancel.check()?;
        Ok(BlockProof(final_circuit.prove(&shrunk)?.into_bytes()))
    }

    /// Tells whether a proof shows a statement, as the contract decides it.
    pub fn verify(&self, statement: &BlockStatement, proof: &BlockProof) -> Result<(), FinalError> {
        self.final_key.verify(statement, &FinalProof::from_bytes(proof.0.clone()))
    }

    /// Batches that a node proves, if it is valid.
    pub fn batch_range(&self, node: &NodeProofBytes) -> Result<BatchRange, AggregateError> {
        self.decode(node).map(|(_, range)| range)
    }

    fn decode(&self, node: &NodeProofBytes) -> Result<(NodeProof, BatchRange), AggregateError> {
        let node = self.nodes.decode(&node.0)?;
        let range = self.nodes.verify(&node)?;
        Ok((node, range))
    }

    /// The circuits in memory; a step that panicked left them as they were.
    fn loaded(&self) -> MutexGuard<'_, LoadedCircuits> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LoadedCircuits {
    /// The circuits of a class, in place of another's.
    fn class(&mut self, index: usize, of: &BlockProver) -> Result<&ClassCircuits, OpenError> {
        let held = self.class.take().filter(|(held, _)| *held == index);
        let circuits = match held {
            Some((_, circuits)) => circuits,
            None => of.circuits.class_circuits(index, &of.verifiers)?,
        };
        Ok(&self.class.insert((index, circuits)).1)
    }

    fn join(&mut self, of: &BlockProver) -> Result<&Join, OpenError> {
        let join = match self.join.take() {
            Some(join) => join,
            None => of.circuits.join_circuit(&of.verifiers)?,
        };
        Ok(self.join.insert(join))
    }
}
