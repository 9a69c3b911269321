//! The prover: leaf proofs by Plonky3, and the plonky2 circuits that verify them.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

use farthing_airs::{LeafClass, LeafError, LeafKey, LeafProof, Profile, prove_leaf_under};
use farthing_protocol::{BatchClass, BatchStatement, BatchWitness, BlockStatement};
use farthing_recursion::{
    BlockProof, BlockProver, Cancel, FinishError, JoinNodesError, NodeProofBytes, WrapLeafError,
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use thiserror::Error;

use super::backend::{ProverBackend, ProverError, ProverSource};

/// Proves with circuits that are kept on disk.
struct Circuits {
    /// Keys of the classes already proven, by the classes' numbers.
    leaves: BTreeMap<u8, (&'static LeafClass, LeafKey)>,
    blocks: BlockProver,
    /// The prover's own threads: a signature check on the sequencer's threads must not wait for a
    /// proof.
    threads: ThreadPool,
}

/// A batch is of a class that no circuit proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no circuits prove batches of class {got}")]
struct UnknownClass {
    got: u8,
}

/// The prover of a profile for batches of `classes`. Circuits that the folder `cache` lacks are
/// built and kept there, which takes minutes, once.
pub fn plonky2_backend(cache: PathBuf, profile: Profile, classes: Vec<BatchClass>) -> ProverSource {
    Box::new(move || {
        let threads = ThreadPoolBuilder::new().thread_name(|i| format!("prover {i}"));
        let threads = threads.build().map_err(failed)?;
        let blocks = threads.install(|| BlockProver::open(&cache, profile, &classes));
        let blocks = blocks.map_err(failed)?;
        Ok(Box::new(Circuits { leaves: BTreeMap::new(), blocks, threads }))
    })
}

impl Circuits {
    fn make_leaf_key(&mut self, id: u8) -> Result<(), ProverError> {
        if !self.leaves.contains_key(&id) {
            let class = LeafClass::ALL.into_iter().find(|class| class.batch.id == id);
            let class = class.ok_or_else(|| failed(UnknownClass { got: id }))?;
            let key = self.threads.install(|| self.blocks.leaf_key(class.batch)).map_err(failed)?;
            self.leaves.insert(id, (class, key));
        }
        Ok(())
    }

    fn leaf_key(&self, id: u8) -> Result<&(&'static LeafClass, LeafKey), ProverError> {
        self.leaves.get(&id).ok_or_else(|| failed(UnknownClass { got: id }))
    }
}

impl ProverBackend for Circuits {
    fn leaf(&mut self, witness: &BatchWitness, cancel: &Cancel) -> Result<Vec<u8>, ProverError> {
        self.make_leaf_key(witness.statement.header.class)?;
        let (class, key) = self.leaf_key(witness.statement.header.class)?;
        cancel.check().map_err(|_| ProverError::Cancelled)?;
        let proof = self.threads.install(|| prove_leaf_under(key, class, witness));
        let proof = proof.map_err(failed::<LeafError>)?;
        postcard::to_allocvec(&proof).map_err(failed)
    }

    fn wrap(
        &mut self,
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

    fn join(&mut self, left: &[u8], right: &[u8], cancel: &Cancel) -> Result<Vec<u8>, ProverError> {
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
        &mut self,
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
}

fn failed<E: Error + Send + Sync + 'static>(failure: E) -> ProverError {
    ProverError::Prover(Box::new(failure))
}

fn refused<E: Error + Send + Sync + 'static>(failure: E) -> ProverError {
    ProverError::Input(Box::new(failure))
}
