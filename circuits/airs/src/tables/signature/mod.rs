//! Tables of intents and signatures, from signed intents to traces.

pub(crate) mod bucket_reduction;
pub(crate) mod buckets;
pub(crate) mod carries;
pub(crate) mod combine;
pub(crate) mod intents;
pub(crate) mod receipts;
pub(crate) mod signers;
pub(crate) mod weights;

use rayon::prelude::*;
use tracing::{info_span, instrument};

use farthing_protocol::Digest;

use crate::class::LeafClass;
use crate::tables::LeafTable;
use crate::tables::shared::poseidon2::HashRequests;
use crate::tables::traces::{TraceError, Traces};
use crate::witness::SignedBatch;

use self::bucket_reduction::ReductionTable;
use self::buckets::BucketTable;
use self::carries::CarryTable;
use self::combine::CombineTable;
use self::intents::IntentTable;
use self::receipts::ReceiptTable;
use self::signers::SignerTable;
use self::weights::{WeightSource, WeightTable};

/// The traces of the signature half.
#[derive(Debug)]
pub struct SignatureTraces {
    /// Root of the receipts tree.
    pub receipts_root: Digest,
    /// The traces; permutations and ranges are still open.
    pub traces: Traces,
}

/// Builds the tables of the signature half.
pub fn signature_traces(
    class: &LeafClass,
    batch: &SignedBatch,
) -> Result<SignatureTraces, TraceError> {
    signature_traces_with_weights(class, batch, |_| ())
}

/// The same for a prover who may override the weights that the hash gives.
#[instrument(name = "signature traces", skip_all)]
pub(crate) fn signature_traces_with_weights(
    class: &LeafClass,
    batch: &SignedBatch,
    override_weights: impl FnOnce(&mut [WeightSource]),
) -> Result<SignatureTraces, TraceError> {
    check_capacity(class, batch)?;
    let schedule = &class.schedule;
    let windows = schedule.windows();
    let mut traces = Traces::default();
    let (challenged, hashes) = info_span!("challenges").in_scope(|| challenges(batch))?;
    traces.requests.append(hashes);
    let leaves: Vec<Digest> = challenged.iter().map(|intent| intent.challenge).collect();
    let (receipts_root, receipts, hashes) =
        receipts::trace(&leaves, class.intents(), ReceiptTable::log_height(class));
    traces.put::<ReceiptTable>(receipts);
    traces.requests.append(hashes);
    let (mut weights, trace, hashes) =
        weights::trace(&receipts_root, leaves.len(), WeightTable::log_height(class));
    traces.put::<WeightTable>(trace);
    traces.requests.append(hashes);
    override_weights(&mut weights);
    let mut intents = info_span!("intents")
        .in_scope(|| {
            let log_height = IntentTable::log_height(class);
            intents::trace(schedule, batch, &challenged, &weights, log_height)
        })
        .ok_or(TraceError::Key)?;
    traces.put::<IntentTable>(intents.trace);
    let log_height = SignerTable::log_height(class);
    let (signers, mut terms, chains) =
        signers::trace(schedule, &intents.signers, &intents.aggregate, log_height);
    traces.put::<SignerTable>(signers);
    traces.put::<CarryTable>(carries::trace(schedule, &chains, CarryTable::log_height(class)));
    terms.append(&mut intents.terms);
    let (buckets, sums) = info_span!("buckets")
        .in_scope(|| buckets::traces(&terms, &windows, &BucketTable::log_heights(class)))
        .ok_or(TraceError::Buckets)?;
    buckets.into_iter().for_each(|trace| traces.put::<BucketTable>(trace));
    let (window_sums, reduction) = info_span!("bucket reduction")
        .in_scope(|| bucket_reduction::trace(&sums, &windows, ReductionTable::log_height(class)));
    traces.put::<ReductionTable>(reduction);
    let combine = combine::trace(&window_sums, &windows, CombineTable::log_height(class));
    traces.put::<CombineTable>(combine);
    Ok(SignatureTraces { receipts_root, traces })
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
