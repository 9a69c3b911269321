//! Errors of a log, each with the line of its record.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// The longest record: one of an inference has a few hundred letters.
pub(super) const RECORD_BYTES_MAX: usize = 1 << 16;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) path: PathBuf,
    /// From 1.
    pub(crate) line: usize,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.path.display(), self.line)
    }
}

/// A log cannot be read.
#[derive(Debug, Error)]
pub(crate) enum InferenceLogError {
    #[error("{path}: cannot be read")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{at}: the gzip stream is damaged or cut off")]
    Gzip {
        at: At,
        #[source]
        source: std::io::Error,
    },
    #[error("{at}: not UTF-8")]
    Encoding { at: At },
    #[error("{at}: a record of more than {RECORD_BYTES_MAX} bytes")]
    Long { at: At },
    #[error(
        "{at}: neither a header that names a column of generated tokens nor a line of time,context \
         tokens,generated tokens"
    )]
    NoHeader { at: At },
    #[error("{at}, column {column}: a second column of {name}")]
    Twice { at: At, column: usize, name: &'static str },
    #[error("{at}: no column of {name}, which {reason}")]
    NoColumn { at: At, name: &'static str, reason: &'static str },
    #[error("{at}: a quoted field does not end")]
    OpenQuote { at: At },
    #[error(
        "{at}, column {column}: a quoted field goes on after its end, or a quote stands in a field \
         without quotes"
    )]
    Quotes { at: At, column: usize },
    #[error("{at}: {got} columns, expected {expected}")]
    Columns { at: At, expected: usize, got: usize },
    #[error("{at}: not JSON")]
    Json {
        at: At,
        #[source]
        source: serde_json::Error,
    },
    #[error("{at}: expected an object with timestamp and output_length")]
    JsonForm { at: At },
    #[error("{at}: {name} is \"{got}\", expected {expected}")]
    Value { at: At, name: &'static str, got: String, expected: &'static str },
    #[error("{at}: an empty {name}")]
    Empty { at: At, name: &'static str },
    #[error("{at}: {tokens} tokens, expected at most 8388608, the uses of one payment")]
    TooMany { at: At, tokens: u64 },
    #[error("{at}: another row before has the same id and another content")]
    OtherContent { at: At },
    #[error("{path}: {got} inferences that generated tokens, {expected} are asked for")]
    Short { path: PathBuf, expected: usize, got: usize },
}
