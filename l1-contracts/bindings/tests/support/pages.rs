//! Tables of pages that tests write.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::TestResult;

/// Returns true if tests write what they compare: `cargo xtask codegen gas`.
pub fn regenerates() -> bool {
    std::env::var_os("FARTHING_REGENERATE").is_some()
}

/// A file of `l1-contracts`, from each crate that has this module.
pub fn contracts() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = here.join("../l1-contracts");
    if beside.is_dir() { beside } else { here.join("..") }
}

/// The path of a gas snapshot.
pub fn snapshot(name: &str) -> PathBuf {
    contracts().join("snapshots").join(name)
}

/// Compares or writes the text between the marks of `name` in a page: `README.md` seen from
/// `l1-contracts`.
pub fn assert_kept(page: &str, name: &str, text: &str) -> TestResult<()> {
    let path = contracts().join(page);
    let stored = std::fs::read_to_string(&path)?;
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let (before, rest) = stored.split_once(&begin).ok_or_else(|| format!("{page}: no {begin}"))?;
    let (kept, after) = rest.split_once(&end).ok_or_else(|| format!("{page}: no {end}"))?;
    // A list item has its marks and its text indented.
    let (kept, indent) = match kept.rsplit_once('\n') {
        Some((kept, indent)) => (format!("{kept}\n"), indent),
        None => (kept.to_owned(), ""),
    };
    if regenerates() {
        std::fs::write(&path, format!("{before}{begin}{text}{indent}{end}{after}"))?;
    } else {
        assert_eq!(kept, text, "{page}, {name}: write it with `cargo xtask codegen gas`");
    }
    Ok(())
}

/// A Markdown table: the first column is text, the others are numbers.
pub fn table(names: &[&str], rows: &[Vec<String>]) -> String {
    let mut text =
        format!("\n| {} |\n| --- |{}\n", names.join(" | "), " ---: |".repeat(names.len() - 1));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text.push('\n');
    text
}

/// A number with commas between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
