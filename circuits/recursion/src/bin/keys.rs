//! Computes the keys of all circuits from source.
//!
//! `keys CACHE` builds every circuit of every profile, keeps them in the directory CACHE, and
//! writes the digests to `keys.json` beside this crate's manifest. `keys CACHE --check` writes
//! nothing and fails if they are not those pinned.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use farthing_airs::Profile;
use farthing_recursion::{BlockKeys, BlockProver, profile_name};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/keys.json");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [cache] => write(Path::new(cache)),
        [cache, "--check"] => check(Path::new(cache)),
        _ => Err("usage: keys CACHE [--check]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(cache: &Path) -> Result<(), Box<dyn Error>> {
    let keys = compute(cache)?;
    std::fs::write(FILE, serde_json::to_string_pretty(&keys)? + "\n")?;
    println!("{FILE}");
    Ok(())
}

fn check(cache: &Path) -> Result<(), Box<dyn Error>> {
    if compute(cache)? == BlockKeys::all_pinned()? {
        Ok(())
    } else {
        Err("the circuits are not those pinned; `keys CACHE` writes their keys anew".into())
    }
}

fn compute(cache: &Path) -> Result<BTreeMap<String, BlockKeys>, Box<dyn Error>> {
    let mut keys = BTreeMap::new();
    for profile in [Profile::Proven, Profile::Conjectured] {
        let prover = BlockProver::open_unpinned(cache, profile)?;
        for circuit in prover.circuits() {
            let (used, log_all) = (circuit.rows.used, circuit.rows.log_all);
            println!(
                "{:<12} {:<10} {used:>6} rows of 2^{log_all}",
                profile_name(profile),
                circuit.name
            );
        }
        keys.insert(profile_name(profile).to_owned(), prover.keys());
    }
    Ok(keys)
}
