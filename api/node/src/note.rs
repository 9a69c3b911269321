//! Messages for people, on standard error. A closed pipe or a full disk never ends a command.

use std::io::Write as _;

use crate::redact::scrub;

/// Writes a line to standard error, free of secrets. A standard error that is closed or full is
/// not an error of the command: nothing is left to report it on.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", scrub(text));
}
