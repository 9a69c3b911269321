//! Hashes what circuits are made from, so that no circuit on disk outlives a change of its source.
//!
//! Hashed are the modules of the crates below, as the compiler finds them from `lib.rs`, and the versions
//! of the proof systems. Left out is what no circuit depends on: tests and whole lines of comment.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use sha3::{Digest, Keccak256};

/// Crates whose sources determine circuits.
const CRATES: [&str; 4] = [".", "../plonky2", "../airs", "../../state/protocol"];
const LOCK: &str = "../../Cargo.lock";
/// Packages whose versions determine circuits, by how their names begin.
const PACKAGES: [&str; 2] = ["p3-", "plonky2"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut hash = Keccak256::new();
    for folder in CRATES {
        println!("cargo:rerun-if-changed={folder}/src");
        let mut files = Vec::new();
        collect(&Path::new(folder).join("src/lib.rs"), &Path::new(folder).join("src"), &mut files)?;
        files.sort();
        for file in files {
            let source = significant(&fs::read_to_string(&file)?);
            part(&mut hash, file.to_str().ok_or("a path that is not text")?);
            part(&mut hash, &source);
        }
    }
    println!("cargo:rerun-if-changed={LOCK}");
    println!("cargo:rerun-if-changed=build.rs");
    let lock = fs::read_to_string(LOCK)?;
    for package in lock.split("[[package]]\n").skip(1).filter(|package| is_proof_system(package)) {
        part(&mut hash, package);
    }
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo:rustc-env=FARTHING_CIRCUIT_SOURCES={hash}");
    Ok(())
}

fn part(hash: &mut Keccak256, text: &str) {
    hash.update((text.len() as u64).to_be_bytes());
    hash.update(text);
}

fn is_proof_system(package: &str) -> bool {
    let name = package.lines().find_map(|line| line.strip_prefix("name = \""));
    name.is_some_and(|name| PACKAGES.iter().any(|prefix| name.starts_with(prefix)))
}

/// The file of a module and, by its declarations, of those below it in `folder`, tests apart.
fn collect(file: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    let source = fs::read_to_string(file)?;
    files.push(file.to_owned());
    let mut of_tests = false;
    for line in source.lines().map(str::trim) {
        if let Some(name) = declared(line)
            && !of_tests
        {
            let below = folder.join(name);
            let beside = folder.join(format!("{name}.rs"));
            let file = if beside.is_file() { beside } else { below.join("mod.rs") };
            collect(&file, &below, files)?;
        }
        of_tests = line == "#[cfg(test)]" || (of_tests && line.starts_with("#["));
    }
    Ok(())
}

/// The name in `mod name;`, of any visibility.
fn declared(line: &str) -> Option<&str> {
    let (before, name) = line.strip_suffix(';')?.split_once("mod ")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let visible = before.is_empty() || before.starts_with("pub");
    (visible && name.chars().all(plain)).then_some(name)
}

/// A source without lines of comment and without the module of tests that it ends with.
fn significant(source: &str) -> String {
    let lines: Vec<&str> = source.lines().collect();
    let tests = lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].ends_with("mod tests {"));
    let ends = tests.filter(|start| {
        // Nothing follows the module: its closing brace alone is not indented.
        let closing = lines[start + 2..].iter().position(|line| line.starts_with('}'));
        closing.is_some_and(|closing| start + 2 + closing + 1 == lines.len())
    });
    let kept = &lines[..ends.unwrap_or(lines.len())];
    let code = kept.iter().filter(|line| !line.trim_start().starts_with("//"));
    code.copied().collect::<Vec<_>>().join("\n")
}
