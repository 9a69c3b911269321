//! Inference logs: the requests that a model served, row by row. `api/conformance/metering.md`
//! defines such files of usage for every SDK.
//!
//! A log is CSV in UTF-8, or JSON Lines in the form of Mooncake; each can be compressed by gzip.
//! Columns are found by their names in the header, in any order and among others. Without a header,
//! a row has time, context tokens and generated tokens. A row that cannot be read is an error with
//! its line.

mod csv;
mod error;
mod records;
mod rows;

use std::collections::HashMap;
use std::path::Path;

use farthing_protocol::{Bytes32, Uses};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest as _, Sha256};

pub(crate) use error::InferenceLogError;

use records::Records;
use rows::{RequiredColumns, Rows};

/// Tokens of a generated answer are up to this many, small answers more often than large ones.
const TOKENS_MAX: f64 = 1_000.0;
/// A generated log is the same on every machine.
const SEED: u64 = 0x6661_7274_6869_6e67;
/// The name of a generated log in ids.
const GENERATED: &str = "generated";

/// One inference that is paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inference {
    /// Its own id, or `SOURCE:LINE`: an inference is paid for once under it.
    pub(crate) id: String,
    /// Tokens, each a use of the license.
    pub(crate) uses: Uses,
    /// The commitment to what is paid for: the record stands for the model's own.
    pub(crate) provenance: Bytes32,
}

/// Inferences to pay for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InferenceLog {
    pub(crate) inferences: Vec<Inference>,
    /// Failed calls between them: they generated nothing, or ended in an error, and are not paid for.
    pub(crate) free: usize,
}

/// The tokens that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Tokens {
    /// Generated tokens.
    #[default]
    Generated,
    /// Context and generated tokens.
    Total,
}

/// The part of a log that is read, and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogOptions {
    /// Number of inferences to pay for, from the first; all if `None`.
    pub(crate) count: Option<usize>,
    pub(crate) tokens: Tokens,
    /// The name of the log in ids, in place of the file's.
    pub(crate) source: Option<String>,
}

/// The inferences of a file that are paid for.
pub(crate) fn read_log(
    path: &Path,
    options: &LogOptions,
) -> Result<InferenceLog, InferenceLogError> {
    let source = options.source.clone().unwrap_or_else(|| source_of(path));
    let wanted = RequiredColumns { context: options.tokens == Tokens::Total, models: false };
    let mut rows = Rows::new(Records::open(path)?, source, wanted);
    let mut log = InferenceLog::default();
    let mut seen: HashMap<String, usize> = HashMap::new();
    while options.count.is_none_or(|count| log.inferences.len() < count) {
        let Some(row) = rows.next()? else { break };
        let Some(tokens) = row.tokens(options.tokens) else {
            log.free += 1;
            continue;
        };
        let uses = Uses::new(tokens)
            .map_err(|_| InferenceLogError::TooMany { at: row.at.clone(), tokens })?;
        let inference = Inference { id: row.id, uses, provenance: row.provenance };
        match seen.get(&inference.id).and_then(|at| log.inferences.get(*at)) {
            // The same row again, as where two exports overlap: it is paid for once.
            Some(before) if *before == inference => {}
            Some(_) => return Err(InferenceLogError::OtherContent { at: row.at }),
            None => {
                seen.insert(inference.id.clone(), log.inferences.len());
                log.inferences.push(inference);
            }
        }
    }
    let got = log.inferences.len();
    match options.count {
        Some(expected) if got < expected => {
            Err(InferenceLogError::Short { path: path.to_owned(), expected, got })
        }
        _ => Ok(log),
    }
}

/// The file's name without folder and `.gz`.
fn source_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".gz").unwrap_or(&name).to_owned()
}

/// SHA-256 of a record's text.
fn provenance(text: &str) -> Bytes32 {
    Bytes32(Sha256::digest(text.as_bytes()).into())
}

/// A generated log: ten inferences a second.
pub(crate) fn generated_log(count: usize) -> InferenceLog {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let inference = |index: usize| {
        let (uses, line) = generated_row(&mut rng, index);
        let id = format!("{GENERATED}:{}", index + 1);
        Inference { id, uses, provenance: provenance(&line) }
    };
    InferenceLog { inferences: (0..count).map(inference).collect(), free: 0 }
}

/// The uses and the text of a generated row.
fn generated_row(rng: &mut ChaCha8Rng, index: usize) -> (Uses, String) {
    let context: u32 = rng.random_range(20..4_000);
    let generated = TOKENS_MAX.powf(rng.random::<f64>()) as u64;
    // From 1 to the largest: a number of uses.
    let uses = Uses::new(generated).unwrap_or(Uses::MIN);
    (uses, format!("{}.{},{context},{uses}", index / 10, index % 10))
}

#[cfg(test)]
mod tests;
