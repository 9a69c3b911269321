//! Proves one batch of a workload and says what it cost.

mod spans;

use std::collections::BTreeMap;
use std::path::PathBuf;

use farthing_airs::{
    FriSettings, LeafClass, LeafError, LeafKey, Profile, SetupError, prove_leaf_under,
};
use farthing_ledger::ExecutionError;
use farthing_protocol::{BatchClass, LIMB_BYTES};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::baseline::native::Native;
use crate::baseline::physical::{self, Floor};
use crate::machine::{Machine, SpanTime, Stopwatch, peak_memory_mib};
use crate::reference_ledger::{Filled, ReferenceError, Rounds};
use crate::workload::{
    Placement, Population, Request, Shape, TraceError, WorkloadName, read_trace,
};
use spans::Spans;

/// Spans of the prover whose time is a phase of its own.
const TRACES: [&str; 2] = ["signature traces", "state traces"];
const PERMUTATIONS: &str = "permutations";
const PROOF: &str = "batch proof";
const QUOTIENT: &str = "compute quotient";
const FRI: &str = "FRI prover";

/// Settings of a leaf proof; all have the proven profile's security.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum SettingsName {
    /// Those of the class.
    #[default]
    Class,
    /// Blow-up 8, S-boxes of degree 7.
    Proven,
    /// Blow-up 8, no constraint above degree 3.
    DegreeThree,
    /// Blow-up 2, no constraint above degree 3.
    Fast,
}

impl SettingsName {
    /// The settings.
    pub const fn settings(self, class: &LeafClass) -> FriSettings {
        match self {
            Self::Class => FriSettings::of_class(class, Profile::Proven),
            Self::Proven => FriSettings::of(Profile::Proven),
            Self::DegreeThree => FriSettings::degree_three(),
            Self::Fast => FriSettings::low_blowup(),
        }
    }
}

/// Workload and settings of the leaf to prove.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The workload.
    pub workload: WorkloadName,
    /// The class; the smallest that holds the payments, if not given.
    pub class: Option<BatchClass>,
    /// Payments; as many as the class holds, if not given.
    pub payments: Option<usize>,
    /// Another number of payers than the workload's.
    pub payers: Option<usize>,
    /// Another number of licenses than the workload's.
    pub licenses: Option<usize>,
    /// Accounts in the tree, among which payers and holders have any places. If there are none
    /// beyond these they lie side by side.
    pub accounts: u32,
    /// Requests to pay for, generated if not given.
    pub trace: Option<PathBuf>,
    /// Settings of the proof.
    pub settings: SettingsName,
    /// Measures the physical floor of the same proof, too.
    pub floor: bool,
}

/// A leaf could not be measured.
#[derive(Debug, Error)]
pub enum LeafBenchError {
    /// The workload did not run.
    #[error(transparent)]
    Workload(#[from] ReferenceError),
    /// The batch cannot be executed again.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// The trace cannot be read.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The batch was not proven, or its proof refused.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// There is no key for the class.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// No class holds the payments.
    #[error("no batch class holds {payments} payments of this workload")]
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

/// Size of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableCost {
    /// Its name.
    pub table: String,
    /// log₂ of its rows.
    pub log_rows: usize,
    /// Committed columns: its own, and two for each of the lookup argument's.
    pub columns: usize,
    /// Committed cells per payment.
    pub cells_per_payment: f64,
}

/// Cost of a leaf proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeafReport {
    /// The machine and the program.
    pub machine: Machine,
    /// The class proven.
    pub class: String,
    /// FRI settings, and how tables are written.
    pub settings: String,
    /// Payments in the batch.
    pub payments: usize,
    /// Seconds to check the signatures of a payment and to admit it, durably.
    pub admit_per_payment_s: f64,
    /// To make the key of the class, once per process.
    pub setup: SpanTime,
    /// To settle the batch in memory: native execution.
    pub settle: SpanTime,
    /// To seal the batch into its witness: settlement, both trees, public data, a synced write.
    pub seal: SpanTime,
    /// To generate the traces.
    pub trace: SpanTime,
    /// To transform and commit to traces, lookups and quotients, and to evaluate them.
    pub commit: SpanTime,
    /// To compute the quotients.
    pub quotient: SpanTime,
    /// FRI: folding and openings.
    pub open: SpanTime,
    /// From witness to proof.
    pub prove: SpanTime,
    /// To verify.
    pub verify: SpanTime,
    /// Payments proven per second, from witness to proof.
    pub payments_per_s: f64,
    /// Bytes of the proof.
    pub proof_bytes: usize,
    /// Bytes of public data per payment.
    pub public_bytes_per_payment: f64,
    /// Most memory the process held while it sealed and proved, in MiB.
    pub peak_memory_mib: u64,
    /// Bits of soundness in the proven regime.
    pub proven_bits: f64,
    /// Bits of soundness under the ethSTARK conjecture, disproved in its full strength.
    pub conjectured_bits: f64,
    /// Committed columns of all tables.
    pub columns: usize,
    /// Committed cells per payment.
    pub cells_per_payment: f64,
    /// Cells of their codewords per payment: committed cells × blow-up, all of which are hashed.
    pub codeword_cells_per_payment: f64,
    /// Table by table.
    pub tables: Vec<TableCost>,
    /// Time during which a span of each name was open. Spans contain spans, and those of several
    /// tables overlap.
    pub spans: BTreeMap<String, SpanTime>,
    /// The physical floor of this proof, if it was measured.
    pub floor: Option<Floor>,
}

/// Proves a batch. Measures by spans of the whole process: once per process.
pub fn measure(options: &Options) -> Result<LeafReport, LeafBenchError> {
    let (class, filled) = seal(options)?;
    let Filled { witness, payments, timings, admitted } = filled;
    let settings = options.settings.settings(class);

    let watch = Stopwatch::start();
    let key = LeafKey::new(class, settings)?;
    let setup = watch.read();
    let spans = Spans::install()?;
    let watch = Stopwatch::start();
    let proof = prove_leaf_under(&key, class, &witness)?;
    let prove = watch.read();
    let by_name = spans.times();
    let watch = Stopwatch::start();
    key.verify(&witness.statement.elements(), &proof).map_err(LeafError::from)?;
    let verify = watch.read();
    let peak_memory_mib = peak_memory_mib();

    let security = key.security();
    let tables = table_costs(&key, payments);
    let cells_per_payment = tables.iter().map(|table| table.cells_per_payment).sum();
    let trace = spans.total(PERMUTATIONS) + TRACES.iter().map(|name| spans.total(name)).sum();
    let (whole, quotient, fri) = (spans.total(PROOF), spans.total(QUOTIENT), spans.total(FRI));
    let public_bytes = witness.statement.header.public_data_limbs as usize * LIMB_BYTES;
    Ok(LeafReport {
        machine: Machine::this(),
        class: class.batch.name.to_owned(),
        settings: format!("{settings:?}"),
        payments,
        admit_per_payment_s: (timings.check + timings.admit).wall_s / admitted as f64,
        setup,
        settle: Native::before(&witness).measure()?,
        seal: timings.seal,
        trace,
        commit: whole - (quotient + fri),
        quotient,
        open: fri,
        prove,
        verify,
        payments_per_s: payments as f64 / prove.wall_s,
        proof_bytes: postcard::to_stdvec(&proof)?.len(),
        public_bytes_per_payment: public_bytes as f64 / payments as f64,
        peak_memory_mib,
        proven_bits: security.proven_bits(),
        conjectured_bits: security.conjectured_bits(),
        columns: tables.iter().map(|table| table.columns).sum(),
        cells_per_payment,
        codeword_cells_per_payment: cells_per_payment * f64::from(1_u32 << settings.log_blowup),
        tables,
        spans: by_name,
        floor: options.floor.then(|| physical::measure(&proof, &settings)),
    })
}

/// Seals a batch of the workload.
pub fn seal(options: &Options) -> Result<(&'static LeafClass, Filled), LeafBenchError> {
    let wanted = options.payments.unwrap_or(usize::MAX);
    let fits = |class: &&'static LeafClass| match (options.class, options.payments) {
        (Some(wanted), _) => class.batch == wanted,
        (None, payments) => {
            class.batch != BatchClass::TINY && class.intents() >= payments.unwrap_or(1)
        }
    };
    for class in LeafClass::ALL.into_iter().filter(fits) {
        let shape = shape(options, class);
        let population = Rounds::population(&shape);
        let mut rounds = rounds(options, &shape, &population, class.batch)?;
        let filled = rounds.fill(wanted.min(class.intents()))?;
        if options.payments.is_none_or(|payments| filled.payments == payments) {
            return Ok((class, filled));
        }
    }
    Err(LeafBenchError::TooMany { payments: wanted })
}

fn rounds<'a>(
    options: &Options,
    shape: &Shape,
    population: &'a Population,
    class: BatchClass,
) -> Result<Rounds<'a>, LeafBenchError> {
    Ok(match &options.trace {
        None => Rounds::new(shape, population, class)?,
        Some(path) => {
            let requests: Box<dyn Iterator<Item = Request>> =
                Box::new(read_trace(path)?.into_iter());
            Rounds::of_requests(shape, population, class, requests)?
        }
    })
}

fn shape(options: &Options, class: &LeafClass) -> Shape {
    let capacity = class.batch.capacity;
    let mut shape = match options.workload {
        WorkloadName::Reference => Shape::REFERENCE,
        WorkloadName::Best => Shape::BEST,
        WorkloadName::Worst => {
            // Every payment has its own payer and license, so their capacities bound the payments.
            let most = (class.signers() as u32).min(capacity.signers).min(capacity.licenses);
            Shape::worst(options.payments.unwrap_or(usize::MAX).min(most as usize))
        }
    };
    shape.payers = options.payers.unwrap_or(shape.payers);
    shape.licenses = options.licenses.unwrap_or(shape.licenses);
    let placement = if options.accounts == 0 { Placement::First } else { Placement::Scattered };
    shape.with_accounts(options.accounts).placed(placement)
}

fn table_costs(key: &LeafKey, payments: usize) -> Vec<TableCost> {
    let tables = key.tables().iter().zip(key.permutation_columns());
    tables
        .map(|(table, permutation)| {
            let columns = table.columns() + 2 * permutation;
            let cells = columns << table.log_height();
            TableCost {
                table: table.name().to_owned(),
                log_rows: table.log_height(),
                columns,
                cells_per_payment: cells as f64 / payments as f64,
            }
        })
        .collect()
}
