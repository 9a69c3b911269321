//! The prover for production: leaves by `farthing-airs`, all above by `farthing-recursion`.

use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use farthing_airs::{FriSettings, LeafClass, LeafKey, LeafProof, Profile, prove_leaf_under};
use farthing_ledger::BatchWitness;
use farthing_protocol::{BatchClass, BatchStatement, BlockStatement};
use farthing_recursion::{
    BlockProver, Cancel, FinishError, JoinNodesError, NodeBytes, OpenError, WrapLeafError,
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use thiserror::Error as ThisError;

use super::prove::{Prove, ProveFailure, ProverSource};

/// How to prove.
#[derive(Clone, Debug)]
pub struct ProverConfig {
    /// Where circuits are kept, for any number of nodes. Building them the first time takes
    /// minutes.
    pub cache: PathBuf,
    /// The security level; the contract's verifier is of one.
    pub profile: Profile,
    /// The class of the batches.
    pub class: BatchClass,
    /// Threads that prove; `None`: all cores. The sequencer has threads of its own, so the system
    /// shares the cores between both.
    pub threads: Option<NonZeroUsize>,
}

/// Why there is no prover.
#[derive(Debug, ThisError)]
enum SetupFailure {
    #[error("no circuits for batch class {0}")]
    Class(u8),
    #[error(transparent)]
    Threads(#[from] rayon::ThreadPoolBuildError),
    #[error(transparent)]
    Leaf(#[from] farthing_airs::SetupError),
    #[error(transparent)]
    Circuits(#[from] OpenError),
}

/// Leaf key and circuits of one class, and the threads to prove on.
struct ClassProver {
    class: &'static LeafClass,
    key: LeafKey,
    block: BlockProver,
    threads: ThreadPool,
}

/// A source of real provers.
pub fn block_prover(config: ProverConfig) -> ProverSource {
    Box::new(move || {
        let prover = ClassProver::open(&config).map_err(failed)?;
        Ok(Box::new(prover))
    })
}

impl ClassProver {
    fn open(config: &ProverConfig) -> Result<Self, SetupFailure> {
        let class = LeafClass::ALL.into_iter().find(|class| class.batch == config.class);
        let class = class.ok_or(SetupFailure::Class(config.class.id))?;
        let threads = ThreadPoolBuilder::new()
            .num_threads(config.threads.map_or(0, NonZeroUsize::get))
            .thread_name(|i| format!("prover {i}"))
            .build()?;
        let settings = FriSettings::of(config.profile);
        let (key, block) = threads.install(|| {
            let block = BlockProver::open(&config.cache, config.profile, &[config.class])?;
            Ok::<_, SetupFailure>((LeafKey::new(class, settings)?, block))
        })?;
        Ok(Self { class, key, block, threads })
    }
}

impl Prove for ClassProver {
    fn leaf(&mut self, witness: &BatchWitness, cancel: &Cancel) -> Result<Vec<u8>, ProveFailure> {
        cancel.check().map_err(|_| ProveFailure::Cancelled)?;
        let proof = self.threads.install(|| prove_leaf_under(&self.key, self.class, witness));
        postcard::to_stdvec(&proof.map_err(failed)?).map_err(failed)
    }

    fn wrap(
        &mut self,
        leaf: &[u8],
        statement: &BatchStatement,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, ProveFailure> {
        let leaf: LeafProof = postcard::from_bytes(leaf).map_err(refused)?;
        let node = self.threads.install(|| self.block.wrap(&leaf, statement, cancel));
        match node {
            Ok(node) => Ok(node.as_bytes().to_vec()),
            Err(WrapLeafError::Cancelled(_)) => Err(ProveFailure::Cancelled),
            Err(WrapLeafError::Wrap(failure)) => Err(refused(failure)),
            Err(failure) => Err(failed(failure)),
        }
    }

    fn join(
        &mut self,
        left: &[u8],
        right: &[u8],
        cancel: &Cancel,
    ) -> Result<Vec<u8>, ProveFailure> {
        let [left, right] = [left, right].map(|node| NodeBytes::from_bytes(node.to_vec()));
        match self.threads.install(|| self.block.join(&left, &right, cancel)) {
            Ok(node) => Ok(node.as_bytes().to_vec()),
            Err(JoinNodesError::Cancelled(_)) => Err(ProveFailure::Cancelled),
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
    ) -> Result<Vec<u8>, ProveFailure> {
        let node = NodeBytes::from_bytes(node.to_vec());
        match self.threads.install(|| self.block.finish(&node, cancel)) {
            Ok(proof) => {
                self.block.verify(statement, &proof).map_err(failed)?;
                Ok(proof.as_bytes().to_vec())
            }
            Err(FinishError::Cancelled(_)) => Err(ProveFailure::Cancelled),
            Err(failure @ FinishError::Node(_)) => Err(refused(failure)),
            Err(failure) => Err(failed(failure)),
        }
    }
}

fn failed(failure: impl Error + Send + Sync + 'static) -> ProveFailure {
    ProveFailure::Prover(Box::new(failure))
}

fn refused(failure: impl Error + Send + Sync + 'static) -> ProveFailure {
    ProveFailure::Input(Box::new(failure))
}
