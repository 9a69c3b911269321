//! Proves one batch of the reference workload and says what it cost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use farthing_airs::{FriSettings, LeafClass, LeafError, LeafKey, SetupError, prove_leaf_under};
use serde::Serialize;
use thiserror::Error;
use tracing::Subscriber;
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::machine::{Machine, peak_memory_mib};
use crate::reference_ledger::{ReferenceError, Rounds};
use crate::workload::{Placement, Shape};

/// Spans of the prover whose time is a phase of its own.
const TRACES: [&str; 2] = ["signature traces", "state traces"];
const PERMUTATIONS: &str = "permutations";
const PROOF: &str = "batch proof";
const QUOTIENT: &str = "compute quotient";
const FRI: &str = "FRI prover";

/// A leaf could not be measured.
#[derive(Debug, Error)]
pub enum LeafBenchError {
    /// The workload did not run.
    #[error(transparent)]
    Workload(#[from] ReferenceError),
    /// The batch was not proven, or its proof refused.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// There is no key for the class.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// No class holds so many payments.
    #[error("no batch class holds {payments} payments")]
    TooMany {
        /// The number asked for.
        payments: usize,
    },
    /// The process measures already.
    #[error(transparent)]
    Measuring(#[from] tracing::subscriber::SetGlobalDefaultError),
    /// The proof could not be encoded.
    #[error("the proof could not be encoded: {0}")]
    Encode(#[from] postcard::Error),
}

/// What a table costs.
#[derive(Clone, Debug, Serialize)]
pub struct TableCost {
    /// Its name.
    pub table: &'static str,
    /// log₂ of its rows.
    pub log_rows: usize,
    /// Committed columns: its own, and two for each of the lookup argument's.
    pub columns: usize,
    /// Committed cells per payment.
    pub cells_per_payment: f64,
}

/// What a leaf proof cost.
#[derive(Clone, Debug, Serialize)]
pub struct LeafReport {
    /// The machine and the program.
    pub machine: Machine,
    /// The class proven.
    pub class: &'static str,
    /// FRI settings, and how tables are written.
    pub settings: String,
    /// Payments in the batch.
    pub payments: usize,
    /// Seconds to make the key of the class, once per process.
    pub setup_s: f64,
    /// Seconds to seal the batch into its witness.
    pub witness_s: f64,
    /// Seconds to generate the traces.
    pub trace_s: f64,
    /// Seconds to transform and commit to traces, lookups and quotients, and to evaluate them.
    pub commit_s: f64,
    /// Seconds to compute the quotients.
    pub quotient_s: f64,
    /// Seconds of FRI: folding and openings.
    pub open_s: f64,
    /// Seconds from witness to proof.
    pub prove_s: f64,
    /// Seconds to verify.
    pub verify_s: f64,
    /// Payments proven per second, from witness to proof.
    pub payments_per_s: f64,
    /// Bytes of the proof.
    pub proof_bytes: usize,
    /// Most memory the process held, in MiB.
    pub peak_memory_mib: u64,
    /// Bits of soundness in the proven regime.
    pub proven_bits: f64,
    /// Bits of soundness under the ethSTARK conjecture, disproved in its full strength.
    pub conjectured_bits: f64,
    /// Committed columns of all tables.
    pub columns: usize,
    /// Committed cells per payment.
    pub cells_per_payment: f64,
    /// Table by table.
    pub tables: Vec<TableCost>,
}

/// Proves `payments` payments of the reference workload in the smallest class that holds them.
/// Measures by spans of the whole process: once per process.
pub fn measure(payments: usize, settings: FriSettings) -> Result<LeafReport, LeafBenchError> {
    let class = LeafClass::ALL
        .into_iter()
        .skip(1)
        .find(|class| class.intents() >= payments)
        .ok_or(LeafBenchError::TooMany { payments })?;
    let shape = Shape::REFERENCE.with_accounts(0).placed(Placement::First);
    let population = Rounds::population(&shape);
    let mut rounds = Rounds::new(&shape, &population, class.batch)?;
    let sealing = rounds.pay(payments)?;
    let witness = rounds.last_batch()?;

    let setup = Instant::now();
    let key = LeafKey::new(class, settings)?;
    let setup = setup.elapsed();
    let spans = Spans::default();
    let subscriber = tracing_subscriber::registry().with(spans.clone());
    tracing::subscriber::set_global_default(subscriber)?;
    let proving = Instant::now();
    let proof = prove_leaf_under(&key, class, &witness)?;
    let proving = proving.elapsed();
    let verifying = Instant::now();
    key.verify(&witness.statement.elements(), &proof).map_err(LeafError::from)?;
    let verifying = verifying.elapsed();

    let security = key.security();
    let tables = table_costs(&key, payments);
    let trace = spans.total(PERMUTATIONS) + TRACES.iter().map(|name| spans.total(name)).sum();
    let (whole, quotient, fri) = (spans.total(PROOF), spans.total(QUOTIENT), spans.total(FRI));
    Ok(LeafReport {
        machine: Machine::this(),
        class: class.batch.name,
        settings: format!("{settings:?}"),
        payments,
        setup_s: setup.as_secs_f64(),
        witness_s: sealing.seal.as_secs_f64(),
        trace_s: trace.as_secs_f64(),
        commit_s: whole.saturating_sub(quotient + fri).as_secs_f64(),
        quotient_s: quotient.as_secs_f64(),
        open_s: fri.as_secs_f64(),
        prove_s: proving.as_secs_f64(),
        verify_s: verifying.as_secs_f64(),
        payments_per_s: payments as f64 / proving.as_secs_f64(),
        proof_bytes: postcard::to_stdvec(&proof)?.len(),
        peak_memory_mib: peak_memory_mib(),
        proven_bits: security.proven_bits(),
        conjectured_bits: security.conjectured_bits(),
        columns: tables.iter().map(|table| table.columns).sum(),
        cells_per_payment: tables.iter().map(|table| table.cells_per_payment).sum(),
        tables,
    })
}

fn table_costs(key: &LeafKey, payments: usize) -> Vec<TableCost> {
    let tables = key.tables().iter().zip(key.permutation_columns());
    tables
        .map(|(table, permutation)| {
            let columns = table.columns() + 2 * permutation;
            let cells = columns << table.log_height();
            TableCost {
                table: table.name(),
                log_rows: table.log_height(),
                columns,
                cells_per_payment: cells as f64 / payments as f64,
            }
        })
        .collect()
}

/// The time spent in spans, by their name.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<BTreeMap<&'static str, Duration>>>);

impl Spans {
    fn total(&self, name: &str) -> Duration {
        self.0.lock().ok().and_then(|totals| totals.get(name).copied()).unwrap_or_default()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Instant::now());
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let start = span.extensions().get::<Instant>().copied();
        if let (Some(start), Ok(mut totals)) = (start, self.0.lock()) {
            *totals.entry(span.name()).or_default() += start.elapsed();
        }
    }
}
