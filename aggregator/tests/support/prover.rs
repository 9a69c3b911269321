//! A prover whose proofs are lists of what they cover: the pipeline's order can be read off them.
//! Only here: nothing outside tests takes such proofs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use farthing_aggregator::{
    Cancel, ProofClaim, ProofJob, ProofRefused, ProverBackend, ProverError, ProverSource,
};
use farthing_protocol::{BatchNumber, Bytes32};

/// Steps that the prover was asked for, over all its lives.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub leaves: Arc<AtomicU32>,
    pub wraps: Arc<AtomicU32>,
    pub joins: Arc<AtomicU32>,
    pub finals: Arc<AtomicU32>,
    /// The number of steps that fail from now on.
    pub fail: Arc<AtomicU32>,
    /// The number of wraps that refuse their leaf.
    pub refuse: Arc<AtomicU32>,
}

impl Asked {
    pub fn counts(&self) -> [u32; 4] {
        [&self.leaves, &self.wraps, &self.joins, &self.finals].map(|n| n.load(Ordering::SeqCst))
    }

    /// A source of provers that count here and take `pace` for each step.
    pub fn source(&self, pace: Duration) -> ProverSource {
        let asked = self.clone();
        Box::new(move || Ok(Arc::new(ListProver { asked: asked.clone(), pace })))
    }
}

struct ListProver {
    asked: Asked,
    pace: Duration,
}

fn take_one(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
}

impl ListProver {
    fn step(&self, count: &AtomicU32, cancel: &Cancel) -> Result<(), ProverError> {
        std::thread::sleep(self.pace);
        if cancel.is_cancelled() {
            return Err(ProverError::Cancelled);
        }
        if take_one(&self.asked.fail) {
            return Err(ProverError::Prover("out of memory".into()));
        }
        count.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// The node that covers `batches` batches from `first` on.
fn node(first: BatchNumber, batches: u32) -> String {
    if batches == 1 {
        return first.to_string();
    }
    let left = 1 << (batches - 1).ilog2();
    let middle = (0..left).fold(first, |number, _| number.next());
    format!("({} {})", node(first, left), node(middle, batches - left))
}

impl ProverBackend for ListProver {
    fn prove(&self, job: &ProofJob, cancel: &Cancel) -> Result<Vec<u8>, ProverError> {
        match job {
            ProofJob::Leaf(witness) => {
                self.step(&self.asked.leaves, cancel)?;
                Ok(format!("leaf {}", witness.statement.header.number).into_bytes())
            }
            ProofJob::Wrap { leaf, statement } => {
                if take_one(&self.asked.refuse) {
                    return Err(ProverError::Input("no leaf".into()));
                }
                assert_eq!(leaf, format!("leaf {}", statement.header.number).as_bytes());
                self.step(&self.asked.wraps, cancel)?;
                Ok(format!("{}", statement.header.number).into_bytes())
            }
            ProofJob::Join { left, right, .. } => {
                self.step(&self.asked.joins, cancel)?;
                Ok([b"(", &left[..], b" ", right, b")"].concat())
            }
            ProofJob::Final { node, statement } => {
                self.step(&self.asked.finals, cancel)?;
                Ok([format!("{}: ", statement.batches).as_bytes(), node].concat())
            }
        }
    }

    fn verify(&self, claim: &ProofClaim, proof: &[u8]) -> Result<(), ProofRefused> {
        let expected = match claim {
            ProofClaim::Leaf(statement) => format!("leaf {}", statement.header.number),
            ProofClaim::Wrap(statement) => node(statement.header.number, 1),
            ProofClaim::Join(statement) => node(statement.first_batch, statement.batches),
            ProofClaim::Final(statement) => {
                format!("{}: {}", statement.batches, node(statement.first_batch, statement.batches))
            }
        };
        if proof == expected.as_bytes() { Ok(()) } else { Err(ProofRefused("another list".into())) }
    }

    fn key_set(&self) -> Bytes32 {
        Bytes32([7; 32])
    }
}
