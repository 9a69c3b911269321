//! Results of commands, on standard output. A closed pipe or a full disk is an error, never a panic.

use std::io::Write as _;

use crate::error::CliError;

/// Writes a result to standard output, with a line feed, and flushes it.
pub(crate) fn result(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    written.map_err(CliError::Output)
}
