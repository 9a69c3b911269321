//! Output of commands: results on standard output, everything else on standard error. Neither panics
//! when the other end is closed or the disk is full.

use std::io::Write as _;

use crate::error::CliError;
use crate::redact::scrub;

/// Writes a result to standard output, with a line feed, and flushes it.
pub(crate) fn result(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    written.map_err(CliError::Output)
}

/// Writes a line to standard error, free of secrets. A standard error that is closed or full is
/// not an error of the command: nothing is left to report it on.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", scrub(text));
}
