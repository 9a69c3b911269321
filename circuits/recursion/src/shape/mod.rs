//! Shape of the proofs that a verifying circuit accepts.
//!
//! Everything but the tables' heights follows from tables, common data and parameters already in
//! p3; a circuit fixes the heights too. So widths, chunks, the folding schedule and the seeds of
//! the three nested transcripts are constants, nothing of them is read from a proof, and what p3's
//! verifier checks of them per proof is checked here, once, when the circuit is made.

mod error;
mod instance;
mod seeds;
#[cfg(test)]
mod tests;

use p3_air::Air;
use p3_batch_stark::CommonData;
use p3_field::TwoAdicField;
use p3_fri::fold_schedule;
use p3_lookup::{InteractionSymbolicBuilder, check_multiplicity_height_bound};

use farthing_airs::{
    CAP_HEIGHT, Challenge, FriSettings, LOG_ARITY, LOG_FINAL_POLY_LEN, LeafConfig,
};
use farthing_plonky2::{D, F, from_felt};
use farthing_protocol::{DIGEST_ELEMENTS, Felt};

pub use error::ShapeError;
pub(crate) use instance::InstanceShape;
use instance::{Buses, instance};
pub(crate) use seeds::{batch_shape, fri_shape};

/// Most bits of a query index or of a proof of work: half of a canonical element.
pub(crate) const SAMPLE_BITS_MAX: usize = 32;
/// log₂ of the largest folding arity that one interpolation row serves.
const LOG_ARITY_MAX: usize = 3;

/// Tables and all that a verifier knows of them before it sees a proof.
pub(crate) struct System<'a, A> {
    /// The tables.
    pub(crate) tables: &'a [A],
    /// log₂ of their rows.
    pub(crate) log_heights: &'a [usize],
    /// Preprocessed commitment and lookups.
    pub(crate) common: &'a CommonData<LeafConfig>,
    /// The parameters.
    pub(crate) settings: FriSettings,
}

/// Matrices of one Merkle tree, in the order in which openings are batched. The
/// transcript has another order: preprocessed and permutation columns before the quotient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    Main,
    Quotient,
    Preprocessed,
    Permutation,
}

/// One committed matrix.
#[derive(Clone, Debug)]
pub(crate) struct MatrixShape {
    /// Instance that it belongs to.
    pub(crate) instance: usize,
    /// Columns over the base field.
    pub(crate) width: usize,
    /// log₂ of its table's rows.
    pub(crate) log_height: usize,
    /// 1: opened at the out-of-domain point; 2: also at the next row's.
    pub(crate) points: usize,
}

/// One Merkle tree.
#[derive(Clone, Debug)]
pub(crate) struct RoundShape {
    pub(crate) round: Round,
    pub(crate) matrices: Vec<MatrixShape>,
}

/// The shape of a proof.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) settings: FriSettings,
    pub(crate) instances: Vec<InstanceShape>,
    /// Elements of the longest message: the power of beta that carries a bus's number.
    pub(crate) longest_message: usize,
    /// Distinct buses.
    pub(crate) buses: usize,
    /// The commitment to the preprocessed columns.
    pub(crate) preprocessed_cap: Option<Vec<[F; DIGEST_ELEMENTS]>>,
    pub(crate) rounds: Vec<RoundShape>,
    /// log₂ of the tallest codeword.
    pub(crate) log_top: usize,
    /// log₂ of the arity of each fold.
    pub(crate) log_arities: Vec<usize>,
    /// Values that the three transcripts absorb when they start.
    pub(crate) seeds: Seeds,
}

/// Values that the nested transcripts absorb when they start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seeds {
    pub(crate) batch: Vec<F>,
    pub(crate) openings: Vec<F>,
    pub(crate) folding: Vec<F>,
}

impl Shape {
    /// The shape of every proof of a system.
    pub(crate) fn new<A>(system: &System<'_, A>) -> Result<Self, ShapeError>
    where
        A: Air<InteractionSymbolicBuilder<Felt, Challenge>>,
    {
        check_parameters(&system.settings)?;
        check_counts(system)?;
        let heights: Vec<usize> = system.log_heights.iter().map(|log| 1 << log).collect();
        check_multiplicity_height_bound(&system.common.lookups, &heights)
            .map_err(ShapeError::Multiplicity)?;
        let (log_top, log_arities) = schedule(system)?;
        let mut buses = Buses::default();
        let instances = (0..system.tables.len())
            .map(|table| instance(system, table, &mut buses))
            .collect::<Result<Vec<_>, _>>()?;
        let settings = system.settings;
        let preprocessed = system.common.preprocessed.as_ref();
        let order: Option<&[usize]> = preprocessed.map(|global| &global.matrix_to_instance[..]);
        let mut shape = Self {
            settings,
            rounds: rounds(&instances, order),
            instances,
            longest_message: buses.longest_message(),
            buses: buses.len(),
            preprocessed_cap: preprocessed
                .map(|global| global.commitment.roots().iter().map(|d| d.map(from_felt)).collect()),
            log_top,
            log_arities,
            seeds: Seeds::default(),
        };
        shape.seeds = seeds::seeds(&shape);
        Ok(shape)
    }

    /// Tells whether any table has lookups.
    pub(crate) fn has_lookups(&self) -> bool {
        self.instances.iter().any(|instance| instance.lookups() > 0)
    }

    /// The codewords' heights in a round, log₂.
    pub(crate) fn log_codewords(&self, round: &RoundShape) -> Vec<usize> {
        let log_blowup = self.settings.log_blowup;
        round.matrices.iter().map(|matrix| matrix.log_height + log_blowup).collect()
    }

    /// log₂ of the leaves of a round's tree.
    pub(crate) fn log_leaves(&self, round: &RoundShape) -> usize {
        self.log_codewords(round).into_iter().max().unwrap_or(0)
    }

    /// log₂ of the leaves of each fold's tree.
    pub(crate) fn log_fold_leaves(&self) -> Vec<usize> {
        let folded = |log: &mut usize, arity: &usize| {
            *log -= arity;
            Some(*log)
        };
        self.log_arities.iter().scan(self.log_top, folded).collect()
    }

    /// log₂ of the length of the codeword that the final polynomial stands for.
    pub(crate) fn log_final(&self) -> usize {
        self.settings.log_blowup + LOG_FINAL_POLY_LEN
    }
}

/// Nodes of the cap of a tree with 2^`log_leaves` leaves.
pub(crate) fn cap_len(log_leaves: usize) -> usize {
    1 << CAP_HEIGHT.min(log_leaves)
}

/// Siblings on a path in it.
pub(crate) fn path_len(log_leaves: usize) -> usize {
    log_leaves.saturating_sub(CAP_HEIGHT)
}

fn check_parameters(settings: &FriSettings) -> Result<(), ShapeError> {
    let work = [
        settings.query_pow,
        settings.batch_pow,
        settings.commit_pow,
        settings.point_pow,
        settings.lookup_pow,
    ];
    let parameters = [
        ("the number of queries", settings.queries, settings.queries > 0),
        ("log2 of the blow-up", settings.log_blowup, settings.log_blowup > 0),
        ("log2 of the arity", LOG_ARITY, (1..=LOG_ARITY_MAX).contains(&LOG_ARITY)),
    ];
    let work =
        work.into_iter().map(|bits| ("bits of a proof of work", bits, bits <= SAMPLE_BITS_MAX));
    for (what, got, allowed) in parameters.into_iter().chain(work) {
        if !allowed {
            return Err(ShapeError::Parameter { what, got });
        }
    }
    Ok(())
}

fn check_counts<A>(system: &System<'_, A>) -> Result<(), ShapeError> {
    let tables = system.tables.len();
    if tables == 0 {
        return Err(ShapeError::Empty);
    }
    let preprocessed = system.common.preprocessed.as_ref();
    let metadata = preprocessed.map_or(tables, |all| all.instances.len());
    let counts = [
        ("heights", system.log_heights.len()),
        ("sets of lookups", system.common.lookups.len()),
        ("sets of preprocessed metadata", metadata),
    ];
    for (what, got) in counts {
        if got != tables {
            return Err(ShapeError::Count { what, tables, got });
        }
    }
    if let Some(all) = preprocessed {
        let (tables, got) = (all.instances.iter().flatten().count(), all.matrix_to_instance.len());
        if tables != got {
            return Err(ShapeError::Count { what: "preprocessed matrices", tables, got });
        }
    }
    Ok(())
}

/// The tallest codeword and how it is folded.
fn schedule<A>(system: &System<'_, A>) -> Result<(usize, Vec<usize>), ShapeError> {
    let log_blowup = system.settings.log_blowup;
    // A table as short as the final polynomial would not be folded into it.
    let expected = (LOG_FINAL_POLY_LEN + 1).max(CAP_HEIGHT.saturating_sub(log_blowup));
    for (table, got) in system.log_heights.iter().copied().enumerate() {
        if got < expected {
            return Err(ShapeError::Short { table, expected, got });
        }
    }
    let mut logs: Vec<usize> = system.log_heights.iter().map(|log| log + log_blowup).collect();
    logs.sort_unstable_by(|a, b| b.cmp(a));
    logs.dedup();
    let log_top = logs[0];
    let most = Felt::TWO_ADICITY.min(SAMPLE_BITS_MAX);
    if log_top > most {
        return Err(ShapeError::Tall { most, got: log_top });
    }
    Ok((log_top, fold_schedule(&logs, log_blowup + LOG_FINAL_POLY_LEN, LOG_ARITY)))
}

/// The committed matrices, as `p3_batch_stark::verifier::commitments_with_opening_points` lists
/// them.
fn rounds(instances: &[InstanceShape], preprocessed: Option<&[usize]>) -> Vec<RoundShape> {
    let matrix = |instance: usize, width, points| {
        let log_height = instances[instance].log_height;
        MatrixShape { instance, width, log_height, points }
    };
    let all = || instances.iter().enumerate();
    let main = all().map(|(i, shape)| matrix(i, shape.layout.main_width, shape.main_points));
    let quotient = all().flat_map(|(i, shape)| {
        core::iter::repeat_with(move || matrix(i, D, 1)).take(shape.chunks())
    });
    let mut rounds = vec![
        RoundShape { round: Round::Main, matrices: main.collect() },
        RoundShape { round: Round::Quotient, matrices: quotient.collect() },
    ];
    if let Some(order) = preprocessed {
        let of = |i: &usize| {
            matrix(*i, instances[*i].layout.preprocessed_width, instances[*i].preprocessed_points)
        };
        let matrices = order.iter().map(of).collect();
        rounds.push(RoundShape { round: Round::Preprocessed, matrices });
    }
    let permutation: Vec<_> = all()
        .filter(|(_, shape)| shape.lookups() > 0)
        .map(|(i, shape)| matrix(i, shape.permutation_columns() * D, 2))
        .collect();
    if !permutation.is_empty() {
        rounds.push(RoundShape { round: Round::Permutation, matrices: permutation });
    }
    rounds
}
