//! From signed intents to the traces of all tables.

use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;
use thiserror::Error;
use tracing::{info_span, instrument};

use farthing_protocol::{Digest, Felt};

use crate::buckets;
use crate::class::LeafClass;
use crate::intents;
use crate::poseidon2::{self, HashRequests, SBox};
use crate::range::RangeCounts;
use crate::table::Table;
use crate::weights::WeightSource;
use crate::witness::SignedBatch;
use crate::{bucket_reduction, carries, combine, receipts, signers, weights};

/// Why a batch has no trace in a class.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TraceError {
    /// Some tables have no trace.
    #[error("traces of {got} tables, expected {expected}")]
    Tables {
        /// Tables of the class.
        expected: usize,
        /// Traces given.
        got: usize,
    },
    /// More intents than the class has rows for.
    #[error("{got} intents, the class holds {most}")]
    Intents {
        /// Rows of the class.
        most: usize,
        /// Intents of the batch.
        got: usize,
    },
    /// More signers than the class has rows for.
    #[error("{got} signers, the class holds {most}")]
    Signers {
        /// Rows of the class.
        most: usize,
        /// Signers of the batch.
        got: usize,
    },
    /// The terms of the multi-scalar multiplication do not fit the bucket tables.
    #[error("the bucket tables are full")]
    Buckets,
    /// More permutations than the class has rows for.
    #[error("{got} permutations, the class holds {most}")]
    Permutations {
        /// Rows of the class.
        most: usize,
        /// Permutations of the batch.
        got: usize,
    },
    /// More rows than a table of the state has.
    #[error("{got} {table}, the class holds {most}")]
    State {
        /// What there is too much of.
        table: &'static str,
        /// Rows of the class.
        most: usize,
        /// Rows of the batch.
        got: usize,
    },
    /// The witness does not hold together: a license or an account is named and not touched.
    #[error("the witness names {what} {id} and does not touch it")]
    Untouched {
        /// Account or license.
        what: &'static str,
        /// Its number.
        id: u32,
    },
    /// A signature's R is no point.
    #[error("R of intent {row} is no point of the group")]
    Point {
        /// The intent's row.
        row: usize,
    },
    /// A key is no point.
    #[error("a key is no point of the group")]
    Key,
}

/// The traces of the signature half, permutations and range counts still open for the state's
/// tables.
#[derive(Debug)]
pub struct SignatureTraces {
    /// Root of the receipts tree.
    pub receipts_root: Digest,
    /// In the order of [`Table::of_class`] up to the combination.
    pub(crate) traces: Vec<RowMajorMatrix<Felt>>,
    /// The bucket tables.
    pub(crate) buckets: Vec<RowMajorMatrix<Felt>>,
    /// Permutations asked for so far.
    pub(crate) requests: HashRequests,
}

/// Builds the tables of the signature half.
pub fn signature_traces(
    class: &LeafClass,
    batch: &SignedBatch,
) -> Result<SignatureTraces, TraceError> {
    signature_traces_weighed(class, batch, |_| ())
}

/// The same for a prover who may `choose` other weights than the hash gives.
#[instrument(name = "signature traces", skip_all)]
pub(crate) fn signature_traces_weighed(
    class: &LeafClass,
    batch: &SignedBatch,
    choose: impl FnOnce(&mut [WeightSource]),
) -> Result<SignatureTraces, TraceError> {
    check_capacity(class, batch)?;
    let schedule = &class.schedule;
    let windows = schedule.windows();
    let (challenged, mut requests) = info_span!("challenges").in_scope(|| challenges(batch))?;
    let leaves: Vec<Digest> = challenged.iter().map(|intent| intent.challenge).collect();
    let (receipts_root, receipts, hashes) =
        receipts::trace(&leaves, class.intents(), class.log_receipts);
    requests.append(hashes);
    let (mut weights, weights_trace, hashes) =
        weights::trace(&receipts_root, leaves.len(), class.log_weights_height());
    requests.append(hashes);
    choose(&mut weights);
    let mut intents = info_span!("intents")
        .in_scope(|| {
            let log_height = class.log_intents_height();
            intents::trace(schedule, batch, &challenged, &weights, log_height)
        })
        .ok_or(TraceError::Key)?;
    let (signers, mut terms, chains) =
        signers::trace(schedule, &intents.signers, &intents.aggregate, class.log_signers);
    let carries = carries::trace(schedule, &chains, class.log_carries);
    terms.append(&mut intents.terms);
    let (buckets, sums) = info_span!("buckets")
        .in_scope(|| buckets::traces(&terms, &windows, class.log_buckets))
        .ok_or(TraceError::Buckets)?;
    let (window_sums, reduction) = info_span!("bucket reduction")
        .in_scope(|| bucket_reduction::trace(&sums, &windows, class.log_bucket_reduction_height()));
    let combine = combine::trace(&window_sums, &windows, combine::log_height(&windows));
    let traces = vec![intents.trace, receipts, weights_trace, signers, carries, reduction, combine];
    Ok(SignatureTraces { receipts_root, traces, buckets, requests })
}

/// Closes permutations and range counts: the traces of `tables`, which are the signature half's
/// and then `others`.
#[instrument(skip_all)]
pub fn close(
    class: &LeafClass,
    sbox: SBox,
    tables: &[Table],
    signature: SignatureTraces,
    others: Vec<RowMajorMatrix<Felt>>,
) -> Result<Vec<RowMajorMatrix<Felt>>, TraceError> {
    let most = class.log_poseidon2.iter().map(|log_height| 1 << log_height).sum();
    let got = signature.requests.len();
    if got > most {
        return Err(TraceError::Permutations { most, got });
    }
    let mut traces = signature.traces;
    traces.push(RangeCounts::new().into_trace());
    traces.extend(signature.buckets);
    traces.extend(
        info_span!("permutations")
            .in_scope(|| poseidon2::traces(&signature.requests, sbox, class.log_poseidon2)),
    );
    traces.extend(others);
    if traces.len() < tables.len() {
        return Err(TraceError::Tables { expected: tables.len(), got: traces.len() });
    }
    count_ranges(tables, &mut traces);
    Ok(traces)
}

/// Fills the range table in with the lookups that the other tables make.
pub(crate) fn count_ranges(tables: &[Table], traces: &mut [RowMajorMatrix<Felt>]) {
    let mut counts = RangeCounts::new();
    for (table, trace) in tables.iter().zip(traces.iter()) {
        counts.add(trace, &table.lookups());
    }
    if let Some(range) = tables.iter().position(|table| table.name() == "range") {
        traces[range] = counts.into_trace();
    }
}

fn check_capacity(class: &LeafClass, batch: &SignedBatch) -> Result<(), TraceError> {
    let (most, got) = (class.intents(), batch.rows.len());
    if got > most {
        return Err(TraceError::Intents { most, got });
    }
    let (most, got) = (class.signers(), intents::groups(&batch.rows).count());
    if got > most {
        return Err(TraceError::Signers { most, got });
    }
    Ok(())
}

fn challenges(batch: &SignedBatch) -> Result<(Vec<intents::Challenged>, HashRequests), TraceError> {
    let hashed: Vec<_> =
        batch.rows.par_iter().map(|row| intents::challenge(&batch.domain, row)).collect();
    let mut requests = HashRequests::default();
    let mut challenged = Vec::with_capacity(hashed.len());
    for (row, hashed) in hashed.into_iter().enumerate() {
        let (intent, hashes) = hashed.ok_or(TraceError::Point { row })?;
        challenged.push(intent);
        requests.append(hashes);
    }
    Ok((challenged, requests))
}
