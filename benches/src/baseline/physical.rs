//! The physical floor of a leaf proof: transforming and hashing as many cells, in matrices of the
//! same heights and widths, as the proof commits to, and nothing else – no traces, no quotients, no
//! openings, no proof of work. The same library, the same hash, the same thread pool.

use std::hint::black_box;

use farthing_airs::{FriSettings, LOG_FINAL_POLY_LEN, LeafProof, trace_mmcs};
use farthing_protocol::Felt;
use p3_commit::Mmcs;
use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use serde::{Deserialize, Serialize};

use crate::machine::{SpanTime, timed};

/// Base-field elements of an element that challenges and folded codewords are made of.
const EXTENSION_DEGREE: usize = 2;
/// A multiplier and an increment of Knuth's: cells that are neither equal nor ordered.
const CELL_STEP: (u64, u64) = (6_364_136_223_846_793_005, 1_442_695_040_888_963_407);
/// Multiplicative shift of the extended domains, as p3 has it for Goldilocks.
const SHIFT: u64 = 7;

/// A committed matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    log_height: usize,
    width: usize,
}

impl Shape {
    fn cells(&self) -> usize {
        self.width << self.log_height
    }

    fn filled(&self) -> RowMajorMatrix<Felt> {
        let mut cell = self.cells() as u64;
        let mut next = || {
            cell = cell.wrapping_mul(CELL_STEP.0).wrapping_add(CELL_STEP.1);
            Felt::new(cell)
        };
        RowMajorMatrix::new((0..self.cells()).map(|_| next()).collect(), self.width)
    }
}

/// Matrices and codewords that the proof commits to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Committed {
    /// Commitments to matrices, each transformed before it is hashed.
    transformed: Vec<Vec<Shape>>,
    /// Commitments to codewords that folding gave, hashed as they are.
    folded: Vec<Shape>,
}

/// The floor of one proof.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Floor {
    /// Cells before extension.
    pub cells: usize,
    /// Cells hashed.
    pub hashed_cells: usize,
    /// Time of transforms.
    pub transform: SpanTime,
    /// Time of hashing.
    pub hash: SpanTime,
}

impl Floor {
    /// Time of both.
    pub fn both(&self) -> SpanTime {
        self.transform + self.hash
    }
}

/// Transforms and hashes as many cells as `proof` commits to.
pub fn measure(proof: &LeafProof, settings: &FriSettings) -> Floor {
    run(&committed(proof, settings), settings.log_blowup)
}

fn committed(proof: &LeafProof, settings: &FriSettings) -> Committed {
    let proof = proof.batch_proof();
    let tables = || proof.degree_bits.iter().zip(&proof.opened_values.instances);
    let main = tables().map(|(log_height, opened)| {
        let width = opened.base_opened_values.trace_local.len();
        Shape { log_height: *log_height, width }
    });
    let lookups = tables().map(|(log_height, opened)| {
        // Already one element of the base field each.
        Shape { log_height: *log_height, width: opened.permutation_local.len() }
    });
    let quotients = tables().flat_map(|(log_height, opened)| {
        let chunks = opened.base_opened_values.quotient_chunks.iter();
        chunks.map(|chunk| Shape { log_height: *log_height, width: chunk.len() })
    });
    let transformed: [Vec<Shape>; 3] = [main.collect(), lookups.collect(), quotients.collect()];
    let highest = proof.degree_bits.iter().max().copied().unwrap_or(LOG_FINAL_POLY_LEN);
    let mut log_length = highest + settings.log_blowup;
    let rounds = proof.opening_proof.commit_phase_openings.iter();
    let folded = rounds.map(|round| {
        let arity = round.sibling_values.first().map_or(1, |siblings| siblings.len() + 1);
        log_length = log_length.saturating_sub(arity.ilog2() as usize);
        Shape { log_height: log_length, width: arity * EXTENSION_DEGREE }
    });
    Committed {
        transformed: transformed
            .map(|all| all.into_iter().filter(|s| s.width > 0).collect())
            .into(),
        folded: folded.collect(),
    }
}

fn run(committed: &Committed, log_blowup: usize) -> Floor {
    let (dft, mmcs) = (Radix2DitParallel::<Felt>::default(), trace_mmcs());
    let (mut transforming, mut hashing) = (SpanTime::default(), SpanTime::default());
    for commitment in &committed.transformed {
        // Cells are made before the clock starts, one matrix at a time.
        let extended = commitment.iter().map(|shape| {
            let cells = shape.filled();
            timed(&mut transforming, || {
                let extended = dft.coset_lde_batch(cells, log_blowup, Felt::new(SHIFT));
                extended.bit_reverse_rows().to_row_major_matrix()
            })
        });
        let extended = extended.collect();
        black_box(timed(&mut hashing, || mmcs.commit(extended)));
    }
    for shape in &committed.folded {
        let cells = shape.filled();
        black_box(timed(&mut hashing, || mmcs.commit_matrix(cells)));
    }
    let cells = committed.transformed.iter().flatten().map(Shape::cells).sum();
    let folded: usize = committed.folded.iter().map(Shape::cells).sum();
    Floor {
        cells,
        hashed_cells: (cells << log_blowup) + folded,
        transform: transforming,
        hash: hashing,
    }
}
