//! SOUNDNESS.md names functions and tests that exist.

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

const SOUNDNESS: &str = include_str!("../../../SOUNDNESS.md");

/// Files that a name's module may be: a file of the sources or of the tests, or a table's folder.
/// Both crates of circuits are looked at: one page says why both are sound.
fn files(module: &str) -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["signature", "state", "shared"].map(|part| format!("src/tables/{part}"));
    let folders = folders.iter().map(String::as_str);
    ["src", "src/tables", "src/gadgets", "../recursion/src"]
        .into_iter()
        .chain(folders)
        .flat_map(|sources| files_in(&own.join(sources), module))
        .collect()
}

fn files_in(sources: &Path, module: &str) -> Vec<PathBuf> {
    if module.ends_with(".rs") {
        return vec![sources.join(module), sources.join("tests").join(module)];
    }
    // A file's own tests are in the file.
    let module = module.strip_suffix("::tests").map_or_else(
        || module.to_owned(),
        |file| {
            let folder = sources.join(file.replace("::", "/"));
            if folder.is_dir() { module.to_owned() } else { file.to_owned() }
        },
    );
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
    ["fn ", "mod ", "enum ", "struct "].iter().any(|kind| {
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
