//! Inference logs: the requests that a model served, line by line.
//!
//! A log is CSV in UTF-8, one inference a line. Of a header the names count, in any order and among
//! others; without a header a line is time, context tokens, generated tokens. Blank lines are passed
//! over, and so are the mark of UTF-8 at the start and carriage returns at the end of lines. What else
//! cannot be read is an error with its line and column.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use farthing_protocol::{Bytes32, Uses};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

use crate::log_time::is_time;
use crate::redact::redact;

/// Tokens of a generated answer are up to this many, small answers more often than large ones.
const TOKENS_MAX: f64 = 1_000.0;
/// A generated log is the same on every machine.
const SEED: u64 = 0x6661_7274_6869_6e67;
/// Letters of a value that an error repeats.
const SHOWN_LETTERS: usize = 40;
/// The longest line: a record of an inference has a few dozen letters.
const LINE_BYTES_MAX: usize = 1 << 16;

/// One inference that is paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inference {
    /// The line of the log.
    pub(crate) line: String,
    /// Tokens generated, each a use of the license.
    pub(crate) uses: Uses,
}

/// Inferences to pay for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InferenceLog {
    pub(crate) inferences: Vec<Inference>,
    /// Inferences between them that generated no token: they used nothing, and are not paid for.
    pub(crate) free: usize,
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
    #[error("{path}, line {line}: not UTF-8")]
    Encoding { path: PathBuf, line: usize },
    #[error("{path}, line {line}: more than {LINE_BYTES_MAX} bytes")]
    Long { path: PathBuf, line: usize },
    #[error(
        "{path}, line {line}: neither a header that names a column of generated tokens nor a line of \
         time,context tokens,generated tokens"
    )]
    NoHeader { path: PathBuf, line: usize },
    #[error("{path}, line {line}, column {column}: a second column of {name}")]
    Twice { path: PathBuf, line: usize, column: usize, name: &'static str },
    #[error(
        "{path}, line {line}, column {column}: a quoted field does not end, or goes on after its end"
    )]
    Quotes { path: PathBuf, line: usize, column: usize },
    #[error("{path}, line {line}: {got} columns, expected {expected}")]
    Columns { path: PathBuf, line: usize, expected: usize, got: usize },
    #[error("{path}, line {line}, column {column} ({name}): \"{got}\", expected {expected}")]
    Value {
        path: PathBuf,
        line: usize,
        column: usize,
        name: &'static str,
        got: String,
        expected: &'static str,
    },
    #[error("{path}: {got} inferences that generated tokens, {expected} are asked for")]
    Short { path: PathBuf, expected: usize, got: usize },
}

impl Inference {
    /// A commitment to what is paid for: the log's line stands for the model's own record.
    pub(crate) fn provenance(&self) -> Bytes32 {
        Bytes32(alloy::primitives::keccak256(self.line.as_bytes()).0)
    }
}

/// The content of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Time,
    Context,
    Generated,
}

impl Column {
    const ALL: [Self; 3] = [Self::Time, Self::Context, Self::Generated];

    const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Context => "context tokens",
            Self::Generated => "generated tokens",
        }
    }

    /// The column of this name; capitals, spaces, `-` and `_` do not matter.
    fn named(name: &str) -> Option<Self> {
        let letters = name.chars().filter(|c| !matches!(c, ' ' | '_' | '-'));
        match letters.flat_map(char::to_lowercase).collect::<String>().as_str() {
            "timestamp" | "time" | "date" | "datetime" | "arrivaltime" => Some(Self::Time),
            "context" | "contexttokens" | "prompttokens" | "requesttokens" | "inputtokens"
            | "numprefilltokens" => Some(Self::Context),
            "generated" | "generatedtokens" | "completiontokens" | "responsetokens"
            | "outputtokens" | "numdecodetokens" => Some(Self::Generated),
            _ => None,
        }
    }
}

/// The columns of a line by position, and their number.
#[derive(Clone, Debug)]
struct Layout {
    columns: Vec<(usize, Column)>,
    count: usize,
}

/// A line of a file, for errors.
#[derive(Clone, Copy)]
struct Line<'a> {
    path: &'a Path,
    line: usize,
}

/// The first `count` inferences of a CSV file that generated tokens.
pub(crate) fn read_log(path: &Path, count: usize) -> Result<InferenceLog, InferenceLogError> {
    let failed = |source| InferenceLogError::File { path: path.to_owned(), source };
    let mut reader = BufReader::new(File::open(path).map_err(failed)?);
    let (mut log, mut layout) = (InferenceLog::default(), None);
    for line in 1.. {
        if log.inferences.len() == count {
            return Ok(log);
        }
        let at = Line { path, line };
        let Some(text) = at.next_line(&mut reader)? else { break };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let fields = at.fields(text)?;
        let layout = match &layout {
            Some(layout) => layout,
            None => {
                let (found, is_header) = at.layout(&fields)?;
                let found = layout.insert(found);
                if is_header {
                    continue;
                }
                found
            }
        };
        match at.uses(layout, &fields)? {
            None => log.free += 1,
            Some(uses) => log.inferences.push(Inference { line: text.to_owned(), uses }),
        }
    }
    match log.inferences.len() {
        got if got < count => {
            Err(InferenceLogError::Short { path: path.to_owned(), expected: count, got })
        }
        _ => Ok(log),
    }
}

impl Line<'_> {
    fn path(&self) -> PathBuf {
        self.path.to_owned()
    }

    fn next_line(&self, reader: &mut impl BufRead) -> Result<Option<String>, InferenceLogError> {
        let failed = |source| InferenceLogError::File { path: self.path(), source };
        let mut bytes = Vec::new();
        let mut limited = std::io::Read::take(reader, LINE_BYTES_MAX as u64 + 1);
        if limited.read_until(b'\n', &mut bytes).map_err(failed)? == 0 {
            return Ok(None);
        }
        if bytes.len() > LINE_BYTES_MAX {
            return Err(InferenceLogError::Long { path: self.path(), line: self.line });
        }
        let encoding = || InferenceLogError::Encoding { path: self.path(), line: self.line };
        let text = String::from_utf8(bytes).map_err(|_| encoding())?;
        if text.contains('\0') {
            // UTF-16 without its mark, or no text at all.
            return Err(encoding());
        }
        let marked = text.strip_prefix('\u{feff}').filter(|_| self.line == 1);
        Ok(Some(marked.map_or_else(|| text.clone(), str::to_owned)))
    }

    /// The fields of a line, free of quotes and of white space around them (RFC 4180). A quote opens a
    /// field at its start and closes it at its end; inside it is doubled. Anything else could be read
    /// in two ways, and is refused.
    fn fields(&self, text: &str) -> Result<Vec<String>, InferenceLogError> {
        let (mut fields, mut rest) = (Vec::new(), text);
        loop {
            let column = fields.len() + 1;
            let error = || InferenceLogError::Quotes { path: self.path(), line: self.line, column };
            let (field, behind) = match rest.strip_prefix('"') {
                Some(quoted) => quoted_field(quoted).ok_or_else(error)?,
                None => {
                    let (field, behind) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                    (field.to_owned(), behind)
                }
            };
            if field.contains('"') && !rest.starts_with('"') {
                return Err(error());
            }
            fields.push(field.trim().to_owned());
            rest = match behind.strip_prefix(',') {
                Some(next) => next,
                None if behind.is_empty() => return Ok(fields),
                None => return Err(error()),
            };
        }
    }

    /// The layout that the first line gives, and whether it is a header.
    fn layout(&self, fields: &[String]) -> Result<(Layout, bool), InferenceLogError> {
        let positional = Layout {
            columns: Column::ALL.into_iter().enumerate().collect(),
            count: Column::ALL.len(),
        };
        let named = fields.iter().enumerate();
        let columns: Vec<_> =
            named.filter_map(|(at, name)| Some((at, Column::named(name)?))).collect();
        if !columns.iter().any(|(_, column)| *column == Column::Generated) {
            let is_data = fields.len() == positional.count && is_time(&fields[0]);
            let error = InferenceLogError::NoHeader { path: self.path(), line: self.line };
            return if is_data { Ok((positional, false)) } else { Err(error) };
        }
        for (place, (at, column)) in columns.iter().enumerate() {
            if columns[..place].iter().any(|(_, before)| before == column) {
                let (line, name) = (self.line, column.name());
                return Err(InferenceLogError::Twice {
                    path: self.path(),
                    line,
                    column: at + 1,
                    name,
                });
            }
        }
        Ok((Layout { columns, count: fields.len() }, true))
    }

    /// The uses that a line is paid for; `None` if it generated nothing.
    fn uses(&self, layout: &Layout, fields: &[String]) -> Result<Option<Uses>, InferenceLogError> {
        let (expected, got) = (layout.count, fields.len());
        if got != expected {
            return Err(InferenceLogError::Columns {
                path: self.path(),
                line: self.line,
                expected,
                got,
            });
        }
        let mut uses = None;
        for (at, column) in &layout.columns {
            let field = &fields[*at];
            let error = |expected| InferenceLogError::Value {
                path: self.path(),
                line: self.line,
                column: at + 1,
                name: column.name(),
                got: redact(&field.chars().take(SHOWN_LETTERS).collect::<String>()),
                expected,
            };
            if *column == Column::Time {
                let expected = "seconds, or a date and a time such as 2023-11-16 18:15:46.68";
                is_time(field).then_some(()).ok_or_else(|| error(expected))?;
                continue;
            }
            let tokens = whole_number(field).ok_or_else(|| error("a whole number of tokens"))?;
            if *column == Column::Generated && tokens > 0 {
                let too_many = |_| error("at most 8388608 tokens, the uses of one payment");
                uses = Some(Uses::new(tokens).map_err(too_many)?);
            }
        }
        Ok(uses)
    }
}

/// A field whose opening quote was taken, and what follows its closing quote.
fn quoted_field(quoted: &str) -> Option<(String, &str)> {
    let (mut field, mut rest) = (String::new(), quoted);
    loop {
        let (part, behind) = rest.split_once('"')?;
        field.push_str(part);
        let Some(more) = behind.strip_prefix('"') else { return Some((field, behind)) };
        field.push('"');
        rest = more;
    }
}

/// Decimal digits alone.
fn whole_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// A generated log: ten inferences a second.
pub(crate) fn generated_log(count: usize) -> InferenceLog {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let inference = |place: usize| {
        let context: u32 = rng.random_range(20..4_000);
        let generated = TOKENS_MAX.powf(rng.random::<f64>()) as u64;
        // From 1 to the largest: a number of uses.
        let uses = Uses::new(generated).unwrap_or(Uses::MIN);
        let line = format!("{}.{},{context},{uses}", place / 10, place % 10);
        Inference { line, uses }
    };
    InferenceLog { inferences: (0..count).map(inference).collect(), free: 0 }
}

#[cfg(test)]
mod tests;
