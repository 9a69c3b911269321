//! Inference traces: what a model served, line by line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use farthing_protocol::{Bytes32, Uses};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

/// Tokens of a generated answer are up to this many, small answers more often than large ones.
const TOKENS_MAX: f64 = 1_000.0;
/// A generated trace is the same on every machine.
const SEED: u64 = 0x6661_7274_6869_6e67;

/// One inference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inference {
    /// What the trace says of it.
    pub(crate) line: String,
    /// Tokens generated, each a use of the license; one if there were none.
    pub(crate) uses: Uses,
}

/// Why a trace cannot be read.
#[derive(Debug, Error)]
pub(crate) enum TraceError {
    #[error("{path}: cannot be read")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{path}, line {line}: expected time,context tokens,generated tokens")]
    Line { path: PathBuf, line: usize },
    #[error("{path}: {got} inferences, {expected} are asked for")]
    Short { path: PathBuf, expected: usize, got: usize },
}

impl Inference {
    /// A commitment to what is paid for: the trace's line stands for the model's own record.
    pub(crate) fn provenance(&self) -> Bytes32 {
        Bytes32(alloy::primitives::keccak256(self.line.as_bytes()).0)
    }
}

/// The first `count` inferences of a CSV file of time, context tokens, generated tokens, with or
/// without a header.
pub(crate) fn read_trace(path: &Path, count: usize) -> Result<Vec<Inference>, TraceError> {
    let failed = |source| TraceError::File { path: path.to_owned(), source };
    let mut trace = Vec::with_capacity(count);
    let lines = BufReader::new(File::open(path).map_err(failed)?).lines();
    for (place, line) in lines.enumerate() {
        if trace.len() == count {
            break;
        }
        let line = line.map_err(failed)?.trim().to_owned();
        match parse(&line) {
            Some(uses) => trace.push(Inference { uses, line }),
            None if place == 0 || line.is_empty() => {}
            None => return Err(TraceError::Line { path: path.to_owned(), line: place + 1 }),
        }
    }
    match trace.len() {
        got if got < count => {
            Err(TraceError::Short { path: path.to_owned(), expected: count, got })
        }
        _ => Ok(trace),
    }
}

fn parse(line: &str) -> Option<Uses> {
    let mut fields = line.split(',');
    let (_, context, generated) = (fields.next()?, fields.next()?, fields.next()?);
    context.trim().parse::<u64>().ok()?;
    let generated: u64 = generated.trim().parse().ok()?;
    Uses::new(generated.max(1)).ok().filter(|_| fields.next().is_none())
}

/// A trace made up: ten inferences a second.
pub(crate) fn generated_trace(count: usize) -> Vec<Inference> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let inference = |place: usize| {
        let context: u32 = rng.random_range(20..4_000);
        let generated = TOKENS_MAX.powf(rng.random::<f64>()) as u64;
        let uses = Uses::new(generated).unwrap_or(Uses::MIN);
        let line = format!("{}.{},{context},{uses}", place / 10, place % 10);
        Inference { line, uses }
    };
    (0..count).map(inference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_read_strictly() -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("trace.csv");
        std::fs::write(&path, "TIMESTAMP,Context,Generated\n2023-11-16 18:15:46,374,44\nb,1,0\n")?;
        let trace = read_trace(&path, 2)?;
        assert_eq!(trace.iter().map(|line| line.uses.get()).collect::<Vec<_>>(), [44, 1]);
        assert_ne!(trace[0].provenance(), trace[1].provenance());
        assert_eq!(read_trace(&path, 1)?.len(), 1);
        assert!(matches!(read_trace(&path, 3), Err(TraceError::Short { got: 2, .. })));
        for bad in ["a,1,2\nb,1\n", "a,1,2\nb,x,2\n", "a,1,2\nb,1,2,3\n", "a,1,2\nb,1,-2\n"] {
            std::fs::write(&path, bad)?;
            assert!(matches!(read_trace(&path, 2), Err(TraceError::Line { line: 2, .. })), "{bad}");
        }
        Ok(())
    }

    #[test]
    fn a_generated_trace_is_always_the_same() {
        let trace = generated_trace(500);
        assert_eq!(trace, generated_trace(500));
        assert!(trace.iter().all(|line| parse(&line.line) == Some(line.uses)));
    }
}
