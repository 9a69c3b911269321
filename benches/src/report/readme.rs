//! The README's figures are the ones that a report wrote.

use thiserror::Error;

/// Between these lines stands the summary of a report.
const BEGIN: &str = "<!-- figures: begin, written by scripts/bench -->";
const END: &str = "<!-- figures: end -->";

/// There is no place for the summary.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ReadmeError {
    /// A marker is not there, or not once.
    #[error("the line `{marker}` is there {got} times, expected once")]
    Marker {
        /// The line.
        marker: &'static str,
        /// How often it is there.
        got: usize,
    },
    /// The end comes first.
    #[error("the figures end before they begin")]
    Order,
}

/// `text` with `summary` between the markers.
pub(super) fn replaced(text: &str, summary: &str) -> Result<String, ReadmeError> {
    for marker in [BEGIN, END] {
        match text.matches(marker).count() {
            1 => {}
            got => return Err(ReadmeError::Marker { marker, got }),
        }
    }
    let (before, rest) = text.split_once(BEGIN).ok_or(ReadmeError::Order)?;
    let (_, after) = rest.split_once(END).ok_or(ReadmeError::Order)?;
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", summary.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = |inner: &str| format!("# Title\n\n{BEGIN}{inner}{END}\n\nThe rest.\n");
        let written = replaced(&text("\nold\n"), "new\n").expect("both markers are there");
        assert_eq!(written, text("\n\nnew\n\n"));
        assert_eq!(replaced(&written, "new"), Ok(written.clone()), "nothing is added each time");
    }

    #[test]
    fn markers_must_be_there_once_and_in_order() {
        let missing = Err(ReadmeError::Marker { marker: END, got: 0 });
        assert_eq!(replaced(BEGIN, ""), missing);
        let twice = format!("{BEGIN}{BEGIN}{END}");
        assert_eq!(replaced(&twice, ""), Err(ReadmeError::Marker { marker: BEGIN, got: 2 }));
        assert_eq!(replaced(&format!("{END}{BEGIN}"), ""), Err(ReadmeError::Order));
    }
}
