//! The report: everything measured on the machine at hand, written as HTML, Markdown and JSON, and
//! compared with an earlier one.
//!
//! `plan` says what is measured, `child` runs one measurement in a process of its own, `collect`
//! makes metrics of what the children print by `figures` and `ratios`, `sections` makes tables of the
//! metrics.

mod cells;
mod child;
mod collect;
mod compare;
mod curves;
mod figures;
mod gas;
mod goals;
mod headline;
mod html;
mod metric;
mod noise;
mod plan;
mod ratios;
mod readme;
mod sections;
mod summary;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use child::ChildError;
pub use compare::{Change, Comparison, Verdict};
pub use curves::{Curve, CurveError, Point};
pub use metric::{Better, Metric, Unit};
pub use noise::Noise;
pub use plan::Scale;
pub use readme::ReadmeError;
pub use summary::Summary;

use crate::machine::{Machine, available_memory_mib, versions};
use crate::prove::CircuitCost;
use crate::tables::{BatchTables, TablesReport};
use noise::Ticks;
use plan::Plan;
use readme::Markers;

/// Names of the files of a report.
const JSON: &str = "report.json";
const MARKDOWN: &str = "report.md";
const HTML: &str = "report.html";

/// Extent, inputs and outputs of a report.
#[derive(Clone, Debug)]
pub struct Options {
    /// Extent of the measurements.
    pub scale: Scale,
    /// Directory of the files written.
    pub out: PathBuf,
    /// An earlier report's JSON.
    pub compare: Option<PathBuf>,
    /// An inference trace, whose payments are proven, too.
    pub trace: Option<PathBuf>,
    /// A Markdown file whose marked part is replaced by the figures.
    pub readme: Option<PathBuf>,
    /// A Markdown file whose marked part is replaced by the tables.
    pub tables: Option<PathBuf>,
    /// Directory of the contracts' gas snapshots.
    pub snapshots: PathBuf,
}

/// There is no report.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The earlier report does not parse.
    #[error("{path} cannot be read as a report: {source}")]
    Earlier {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The report cannot be written as JSON.
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Nothing can be measured.
    #[error(transparent)]
    Child(#[from] ChildError),
    /// A curve cannot be drawn.
    #[error(transparent)]
    Curve(#[from] CurveError),
    /// The summary has no place.
    #[error(transparent)]
    Readme(#[from] ReadmeError),
}

/// A leaf that was measured, beside its metrics.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LeafDetail {
    /// Id of its case.
    pub id: String,
    /// Name of its case.
    pub name: String,
    /// Its batch class.
    pub class: String,
    /// Its settings.
    pub settings: String,
    /// Seconds in which a span of the prover was open: on the wall, and of all processors.
    pub spans: BTreeMap<String, [Summary; 2]>,
}

/// Everything measured, and on what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Extent of the measurements.
    pub scale: Scale,
    /// When it began, in unix seconds.
    pub began: u64,
    /// Seconds that it took.
    pub took_s: f64,
    /// The machine and the program.
    pub machine: Machine,
    /// Versions of the packages that figures depend on.
    pub versions: BTreeMap<String, String>,
    /// Every figure.
    pub metrics: Vec<Metric>,
    /// The leaves.
    pub leaves: Vec<LeafDetail>,
    /// Rows and cells of the tables of full batches.
    #[serde(default)]
    pub tables: Vec<BatchTables>,
    /// The circuits of each block.
    pub circuits: Vec<(String, CircuitCost)>,
    /// Curves of cost against numbers of the workload.
    pub curves: Vec<Curve>,
    /// Disturbances of the run.
    pub noise: Noise,
    /// Measurements that failed, with their reasons.
    pub failed: Vec<String>,
    /// Against an earlier run.
    pub comparison: Option<Comparison>,
}

impl Report {
    /// A figure by its id.
    pub fn metric(&self, id: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.id == id)
    }

    /// Why its figures should not be trusted, if so.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.noise.warnings();
        warnings.extend(self.failed.iter().cloned());
        warnings
    }
}

/// Measures everything and writes the files. Progress goes to standard error.
pub fn run(options: &Options) -> Result<Report, ReportError> {
    let earlier = options.compare.as_deref().map(read).transpose()?;
    let plan = Plan::new(options.scale, options.trace.as_deref(), available_memory_mib());
    let (began, ticks) = (SystemTime::now(), Ticks::now());
    let mut report = Report {
        scale: options.scale,
        began: began.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        machine: Machine::this(),
        versions: versions(),
        ..Report::default()
    };
    collect::measure(&plan, &mut report)?;
    gas::read(&options.snapshots, &mut report);
    report.noise = Noise::of(&ticks, &report.metrics);
    report.took_s = began.elapsed().map_or(0.0, |took| took.as_secs_f64());
    report.comparison = earlier.map(|earlier| Comparison::new(&earlier, &report));
    write(&report, options)?;
    Ok(report)
}

/// Compares two reports that were written before; the second half is the comparison in words.
pub fn compare(before: &Path, now: &Path) -> Result<(Comparison, String), ReportError> {
    let (before, mut now) = (read(before)?, read(now)?);
    let comparison = Comparison::new(&before, &now);
    now.comparison = Some(comparison.clone());
    Ok((comparison, sections::comparison(&now).to_markdown_section()))
}

/// Rows and cells of the leaf's tables as Markdown. With `readme`, the marked part of that file becomes
/// the same.
pub fn tables(
    counted: &TablesReport,
    command: &str,
    readme: Option<&Path>,
) -> Result<String, ReportError> {
    let text = cells::to_markdown(&counted.batches, command);
    if let Some(path) = readme {
        replace(path, readme::CELLS, &text)?;
    }
    Ok(text)
}

fn write(report: &Report, options: &Options) -> Result<(), ReportError> {
    let file = |path: &Path, source| ReportError::File { path: path.to_owned(), source };
    fs::create_dir_all(&options.out).map_err(|source| file(&options.out, source))?;
    let files = [
        (JSON, serde_json::to_string_pretty(report)?),
        (MARKDOWN, sections::to_markdown(report)),
        (HTML, html::page(report)?),
    ];
    for (name, text) in files {
        let path = options.out.join(name);
        fs::write(&path, text).map_err(|source| file(&path, source))?;
    }
    let parts = [
        (&options.readme, readme::FIGURES, sections::figures(report)),
        (&options.tables, readme::TABLES, sections::summary(report)),
    ];
    for (path, markers, part) in parts {
        if let Some(path) = path {
            replace(path, markers, &part)?;
        }
    }
    Ok(())
}

/// Replaces the marked part of a file.
fn replace(path: &Path, markers: Markers, part: &str) -> Result<(), ReportError> {
    let file = |source| ReportError::File { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(file)?;
    fs::write(path, markers.replaced(&text, part)?).map_err(file)
}

fn read(path: &Path) -> Result<Report, ReportError> {
    let text = fs::read_to_string(path);
    let text = text.map_err(|source| ReportError::File { path: path.to_owned(), source })?;
    let report = serde_json::from_str(&text);
    report.map_err(|source| ReportError::Earlier { path: path.to_owned(), source })
}
