//! SOUNDNESS.md names functions and tests that exist.

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

const SOUNDNESS: &str = include_str!("../../../SOUNDNESS.md");

/// The files that a name's module may be: a file of the sources or of the tests, or a table's folder.
fn files(module: &str) -> Vec<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    if module.ends_with(".rs") {
        return vec![sources.join(module), sources.join("tests").join(module)];
    }
    let module = module.replace("::", "/");
    let folder = read_dir(sources.join(&module)).into_iter().flatten().flatten();
    let file = format!("{module}.rs");
    [sources.join("tests").join(&file), sources.join(&file)]
        .into_iter()
        .chain(folder.map(|entry| entry.path()))
        .collect()
}

fn declares(file: &Path, name: &str) -> bool {
    let text = read_to_string(file).unwrap_or_default();
    ["fn ", "enum ", "struct "].iter().any(|kind| {
        text.match_indices(&format!("{kind}{name}")).any(|(at, found)| {
            !text[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    })
}

#[test]
fn soundness_names_what_exists() {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_:./".contains(c);
    let quoted = SOUNDNESS.split('`').skip(1).step_by(2);
    let names = quoted.filter(|name| name.chars().all(plain) && name != &"file::function");
    let mut found = 0;
    for (module, name) in names.filter_map(|name| name.rsplit_once("::")) {
        // Types and constants of the sources are not paths.
        if module.starts_with(|c: char| c.is_ascii_uppercase()) || name == "x" {
            continue;
        }
        let files = files(module);
        assert!(files.iter().any(|file| declares(file, name)), "{module}::{name}");
        found += 1;
    }
    assert!(found > 100, "{found} names");
}
