//! The prover: leaf proofs by Plonky3, and the plonky2 circuits that verify them.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::keccak256;
use farthing_airs::{LeafClass, LeafError, LeafKey, LeafProof, Profile, prove_leaf_under};
use farthing_protocol::{BatchClass, BatchStatement, BatchWitness, BlockStatement, Bytes32};
use farthing_recursion::{
    BlockProof, BlockProver, Cancel, FinishError, JoinNodesError, NodeProofBytes, WrapLeafError,
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use thiserror::Error;

use super::backend::{ProofRefused, ProverBackend, ProverError, ProverSource};
use super::job::{ProofClaim, ProofJob};

/// Proves with circuits that are kept on disk.
struct Circuits {
    /// Keys of the classes already seen, by the classes' numbers.
    leaves: Mutex<BTreeMap<u8, Arc<LeafCircuits>>>,
    blocks: BlockProver,
    /// The prover's own threads: a signature check on the sequencer's threads must not wait for a
    /// proof.
    threads: ThreadPool,
    key_set: Bytes32,
}

/// The circuits that prove and verify the leaves of a class.
struct LeafCircuits {
    class: &'static LeafClass,
    key: LeafKey,
}

/// A batch is of a class that no circuit proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no circuits prove batches of class {got}")]
struct UnknownClass {
    got: u8,
}

/// A valid node shows other batches than it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the node shows other batches")]
struct OtherBatches;

/// The prover of a profile for batches of `classes`. Circuits that the folder `cache` lacks are
/// built and kept there, which takes minutes, once.
pub fn plonky2_backend(cache: PathBuf, profile: Profile, classes: Vec<BatchClass>) -> ProverSource {
    Box::new(move || {
        let threads = ThreadPoolBuilder::new().thread_name(|i| format!("prover {i}"));
        let threads = threads.build().map_err(failed)?;
        let blocks = threads.install(|| BlockProver::open(&cache, profile, &classes));
        let blocks = blocks.map_err(failed)?;
        let keys = blocks.keys();
        // The join's key depends on those of all classes, and the final one on the join's.
        let keys = postcard::to_allocvec(&(keys.join, keys.shrink, keys.final_circuit));
        let key_set = Bytes32(keccak256(keys.map_err(failed)?).0);
        Ok(Arc::new(Circuits { leaves: Mutex::default(), blocks, threads, key_set }))
    })
}

impl Circuits {
    fn leaf_circuits(&self, id: u8) -> Result<Arc<LeafCircuits>, Box<dyn Error + Send + Sync>> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = leaves.get(&id) {
            return Ok(Arc::clone(known));
        }
        let class = LeafClass::ALL.into_iter().find(|class| class.batch.id == id);
        let class = class.ok_or(UnknownClass { got: id })?;
        let key = self.threads.install(|| self.blocks.leaf_key(class.batch))?;
        let made = Arc::new(LeafCircuits { class, key });
        leaves.insert(id, Arc::clone(&made));
        Ok(made)
    }

    fn leaf(&self, witness: &BatchWitness, cancel: &Cancel) -> Result<Vec<u8>, ProverError> {
        let circuits =
            self.leaf_circuits(witness.statement.header.class).map_err(ProverError::Prover)?;
        cancel.check().map_err(|_| ProverError::Cancelled)?;
        let proof =
            self.threads.install(|| prove_leaf_under(&circuits.key, circuits.class, witness));
        let proof = proof.map_err(failed::<LeafError>)?;
        postcard::to_allocvec(&proof).map_err(failed)
    }

    fn wrap(
        &self,
        leaf: &[u8],
        statement: &BatchStatement,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, ProverError> {
        let leaf: LeafProof = postcard::from_bytes(leaf).map_err(refused)?;
        match self.threads.install(|| self.blocks.wrap(&leaf, statement, cancel)) {
            Ok(node) => Ok(node.as_bytes().to_vec()),
            Err(WrapLeafError::Cancelled(_)) => Err(ProverError::Cancelled),
            Err(failure @ WrapLeafError::Wrap(_)) => Err(refused(failure)),
            Err(failure) => Err(failed(failure)),
        }
    }

    fn join(&self, left: &[u8], right: &[u8], cancel: &Cancel) -> Result<Vec<u8>, ProverError> {
        let [left, right] = [left, right].map(|node| NodeProofBytes::from_bytes(node.to_vec()));
        match self.threads.install(|| self.blocks.join(&left, &right, cancel)) {
            Ok(node) => Ok(node.as_bytes().to_vec()),
            Err(JoinNodesError::Cancelled(_)) => Err(ProverError::Cancelled),
            Err(failure @ (JoinNodesError::Left(_) | JoinNodesError::Right(_))) => {
                Err(refused(failure))
            }
            Err(failure) => Err(failed(failure)),
        }
    }

    fn finish(
        &self,
        node: &[u8],
        statement: &BlockStatement,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, ProverError> {
        let node = NodeProofBytes::from_bytes(node.to_vec());
        let proof: BlockProof = match self.threads.install(|| self.blocks.finish(&node, cancel)) {
            Ok(proof) => proof,
            Err(FinishError::Cancelled(_)) => return Err(ProverError::Cancelled),
            Err(failure @ FinishError::Node(_)) => return Err(refused(failure)),
            Err(failure) => return Err(failed(failure)),
        };
        // What is sent to L1 costs gas even if it is refused there.
        self.blocks.verify(statement, &proof).map_err(failed)?;
        Ok(proof.as_bytes().to_vec())
    }

    fn verify_leaf(
        &self,
        statement: &BatchStatement,
        proof: &[u8],
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let circuits = self.leaf_circuits(statement.header.class)?;
        let proof: LeafProof = postcard::from_bytes(proof)?;
        Ok(circuits.key.verify(&statement.elements(), &proof)?)
    }

    fn verify_node(
        &self,
        statement: &BlockStatement,
        proof: &[u8],
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let range = self.blocks.batch_range(&NodeProofBytes::from_bytes(proof.to_vec()))?;
        if range.block_statement() == Some(*statement) { Ok(()) } else { Err(OtherBatches.into()) }
    }
}

impl ProverBackend for Circuits {
    fn prove(&self, job: &ProofJob, cancel: &Cancel) -> Result<Vec<u8>, ProverError> {
        match job {
            ProofJob::Leaf(witness) => self.leaf(witness, cancel),
            ProofJob::Wrap { leaf, statement } => self.wrap(leaf, statement, cancel),
            ProofJob::Join { left, right, .. } => self.join(left, right, cancel),
            ProofJob::Final { node, statement } => self.finish(node, statement, cancel),
        }
    }

    fn verify(&self, claim: &ProofClaim, proof: &[u8]) -> Result<(), ProofRefused> {
        let verified = match claim {
            ProofClaim::Leaf(statement) => self.verify_leaf(statement, proof),
            ProofClaim::Wrap(statement) => BlockStatement::join(&[*statement])
                .map_err(Box::<dyn Error + Send + Sync>::from)
                .and_then(|statement| self.verify_node(&statement, proof)),
            ProofClaim::Join(statement) => self.verify_node(statement, proof),
            ProofClaim::Final(statement) => self
                .blocks
                .verify(statement, &BlockProof::from_bytes(proof.to_vec()))
                .map_err(Into::into),
        };
        verified.map_err(ProofRefused)
    }

    fn key_set(&self) -> Bytes32 {
        self.key_set
    }
}

fn failed<E: Error + Send + Sync + 'static>(failure: E) -> ProverError {
    ProverError::Prover(Box::new(failure))
}

fn refused<E: Error + Send + Sync + 'static>(failure: E) -> ProverError {
    ProverError::Input(Box::new(failure))
}
