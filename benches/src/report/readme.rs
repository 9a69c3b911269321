//! The parts of Markdown files that a report writes.

use thiserror::Error;

/// The lines around a part that a report writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Markers {
    begin: &'static str,
    end: &'static str,
}

/// The figures of the README at the root.
pub(super) const FIGURES: Markers = Markers {
    begin: "<!-- figures: begin, written by scripts/bench -->",
    end: "<!-- figures: end -->",
};
/// The tables of `benches/README.md`.
pub(super) const TABLES: Markers = Markers {
    begin: "<!-- tables: begin, written by scripts/bench -->",
    end: "<!-- tables: end -->",
};

/// Rows and cells of the leaf's tables in `benches/README.md`.
pub(super) const CELLS: Markers = Markers {
    begin: "<!-- cells: begin, written by farthing-benches tables -->",
    end: "<!-- cells: end -->",
};

/// Reasons why a file cannot take its part of a report.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ReadmeError {
    /// A marker is missing or repeated.
    #[error("the line `{marker}` is there {got} times, expected once")]
    Marker {
        /// The line.
        marker: &'static str,
        /// Times that the file has it.
        got: usize,
    },
    /// The end comes before the beginning.
    #[error("the line `{end}` comes before `{begin}`, expected after it")]
    Order {
        /// The line that should come first.
        begin: &'static str,
        /// The line that should come second.
        end: &'static str,
    },
}

impl Markers {
    /// `text` with `part` between the markers.
    pub(super) fn replaced(self, text: &str, part: &str) -> Result<String, ReadmeError> {
        let Self { begin, end } = self;
        for marker in [begin, end] {
            match text.matches(marker).count() {
                1 => {}
                got => return Err(ReadmeError::Marker { marker, got }),
            }
        }
        let order = ReadmeError::Order { begin, end };
        let Some((before, rest)) = text.split_once(begin) else { return Err(order) };
        let Some((_, after)) = rest.split_once(end) else { return Err(order) };
        Ok(format!("{before}{begin}\n\n{}\n\n{end}{after}", part.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_text_between_the_markers_changes() {
        for markers in [FIGURES, TABLES, CELLS] {
            let Markers { begin, end } = markers;
            let text = |inner: &str| format!("# Title\n\n{begin}{inner}{end}\n\nThe rest.\n");
            let written = markers.replaced(&text("\nold\n"), "new\n").expect("both markers");
            assert_eq!(written, text("\n\nnew\n\n"));
            assert_eq!(markers.replaced(&written, "new"), Ok(written.clone()), "it stays the same");
        }
    }

    #[test]
    fn markers_occur_once_and_in_order() {
        let Markers { begin, end } = FIGURES;
        let missing = Err(ReadmeError::Marker { marker: end, got: 0 });
        assert_eq!(FIGURES.replaced(begin, ""), missing);
        let twice = format!("{begin}{begin}{end}");
        let repeated = Err(ReadmeError::Marker { marker: begin, got: 2 });
        assert_eq!(FIGURES.replaced(&twice, ""), repeated);
        let reversed = FIGURES.replaced(&format!("{end}{begin}"), "");
        assert_eq!(reversed, Err(ReadmeError::Order { begin, end }));
    }

    /// The files in the repository have the markers that the report looks for.
    #[test]
    fn the_files_of_the_repository_take_a_report() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let files =
            [("README.md", FIGURES), ("benches/README.md", TABLES), ("benches/README.md", CELLS)];
        for (file, markers) in files {
            let text = std::fs::read_to_string(root.join(file)).expect(file);
            assert!(markers.replaced(&text, "new").is_ok(), "{file}");
        }
    }
}
