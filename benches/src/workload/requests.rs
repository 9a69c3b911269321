//! Requests to a model: generated, or read from a trace of a production service.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use farthing_protocol::{UnixTime, Uses};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

/// When generated workloads begin: 2023-11-14T22:13:20Z.
const GENERATED_FROM: u64 = 1_700_000_000;
const REQUESTS_PER_SECOND: u64 = 100;
/// Tokens of a generated answer: 1 to this many.
const TOKENS_MAX: u64 = 500;

/// One inference: when it was, and how many tokens it generated, each a use of the license.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it was served.
    pub at: UnixTime,
    /// Uses to pay for: the generated tokens.
    pub uses: Uses,
}

/// Why a trace cannot be read.
#[derive(Debug, Error)]
pub enum TraceError {
    /// The file cannot be read.
    #[error("the trace cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// A line is not `YYYY-MM-DD hh:mm:ss…,context tokens,generated tokens`.
    #[error(
        "line {line} of the trace is not `YYYY-MM-DD hh:mm:ss,context tokens,generated tokens`"
    )]
    Line {
        /// Its number, the header being the first.
        line: usize,
    },
    /// Times do not ascend.
    #[error("line {line} of the trace is earlier than the line before")]
    NotAscending {
        /// Its number, the header being the first.
        line: usize,
    },
}

/// Requests for ever, 100 each second, of 1 to 500 tokens drawn evenly.
pub fn generated_requests(seed: u64) -> impl Iterator<Item = Request> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0_u64..).map(move |i| Request {
        at: UnixTime::new(GENERATED_FROM + i / REQUESTS_PER_SECOND).unwrap_or(UnixTime::MAX),
        uses: Uses::new(rng.random_range(1..=TOKENS_MAX)).unwrap_or(Uses::MIN),
    })
}

/// Reads a trace with the header `TIMESTAMP,ContextTokens,GeneratedTokens`. A request pays for the
/// tokens that it generated, for one if it generated none.
pub fn read_trace(path: &Path) -> Result<Vec<Request>, TraceError> {
    let mut requests: Vec<Request> = Vec::new();
    for (line, text) in (1..).zip(BufReader::new(File::open(path)?).lines()) {
        let text = text?;
        if line == 1 || text.trim().is_empty() {
            continue;
        }
        let request = read_line(&text).ok_or(TraceError::Line { line })?;
        if requests.last().is_some_and(|last| request.at < last.at) {
            return Err(TraceError::NotAscending { line });
        }
        requests.push(request);
    }
    Ok(requests)
}

fn read_line(text: &str) -> Option<Request> {
    let mut fields = text.trim().split(',');
    let at = read_time(fields.next()?)?;
    let _context: u64 = fields.next()?.trim().parse().ok()?;
    let generated: u64 = fields.next()?.trim().parse().ok()?;
    let uses = Uses::new(generated.max(1)).ok()?;
    fields.next().is_none().then_some(Request { at, uses })
}

/// `YYYY-MM-DD hh:mm:ss`, UTC; fractions of a second are dropped.
fn read_time(text: &str) -> Option<UnixTime> {
    let (date, time) = text.trim().split_once([' ', 'T'])?;
    let (seconds_text, _fraction) = time.split_once('.').unwrap_or((time, ""));
    let [year, month, day] = three(date, '-')?;
    let [hours, minutes, seconds] = three(seconds_text, ':')?;
    let valid = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hours < 24
        && minutes < 60
        && seconds <= 60;
    let days = days_since_1970(year, month, day);
    valid.then(|| UnixTime::new(((days * 24 + hours) * 60 + minutes) * 60 + seconds).ok())?
}

fn three(text: &str, separator: char) -> Option<[u64; 3]> {
    let mut parts = text.split(separator).map(|part| part.parse().ok());
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

/// Days in the proleptic Gregorian calendar, for years from 1970.
const fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    // The year begins in March, so that the leap day is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    const MARCH_0000_TO_1970: u64 = 719_469;
    365 * year + leap_days + (153 * month + 2) / 5 + day - MARCH_0000_TO_1970
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<u64> {
        read_time(text).map(UnixTime::get)
    }

    #[test]
    fn times_are_read() {
        assert_eq!(seconds("1970-01-01 00:00:00"), Some(0));
        assert_eq!(seconds("2000-02-29 00:00:00"), Some(951_782_400));
        assert_eq!(seconds("2023-11-16 18:15:46.6805900"), Some(1_700_158_546));
        assert_eq!(seconds("2023-13-16 18:15:46"), None);
        assert_eq!(seconds("2023-11-16"), None);
    }

    #[test]
    fn a_request_without_tokens_is_one_use() {
        let uses = |text| read_line(text).map(|request| request.uses.get());
        assert_eq!(uses("2023-11-16 18:15:46,374,44"), Some(44));
        assert_eq!(uses("2023-11-16 18:15:46,374,0"), Some(1));
        assert_eq!(uses("2023-11-16 18:15:46,374"), None);
        assert_eq!(uses("2023-11-16 18:15:46,374,44,1"), None);
    }
}
