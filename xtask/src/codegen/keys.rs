//! Computes the keys of all circuits from source.
//!
//! `keys CACHE` builds every circuit of every profile, keeps them in the directory CACHE, and
//! writes the digests to `keys.json` beside this crate's manifest, and what the contract has of the
//! last circuit: its constants and, for tests, its key. `keys CACHE --check` writes nothing and
//! fails if they are not those there.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use farthing_airs::Profile;
use farthing_recursion::{BlockKeys, BlockProver, profile_name};

const CRATE: &str = env!("CARGO_MANIFEST_DIR");
/// The digests, beside the manifest.
const KEYS: &str = "keys.json";
/// The constants of the contract, seen from there.
const CONSTANTS: &str = "../../l1-contracts/src/verifier/Constants.sol";
/// The last circuit's key, for tests.
const FINAL_KEY: &str = "../../l1-contracts/test/data/final_key.bin";
/// Whose proofs the contract verifies.
const CONTRACT_PROFILE: Profile = Profile::Proven;

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

type Files = BTreeMap<&'static str, Vec<u8>>;

fn write(cache: &Path) -> Result<(), Box<dyn Error>> {
    for (name, bytes) in compute(cache)? {
        let path = Path::new(CRATE).join(name);
        fs::write(&path, bytes)?;
        println!("{}", path.display());
    }
    Ok(())
}

fn check(cache: &Path) -> Result<(), Box<dyn Error>> {
    for (name, bytes) in compute(cache)? {
        if fs::read(Path::new(CRATE).join(name))? != bytes {
            let error = format!("{name} is not of these circuits; `keys CACHE` writes it anew");
            return Err(error.into());
        }
    }
    Ok(())
}

fn compute(cache: &Path) -> Result<Files, Box<dyn Error>> {
    let mut files = Files::new();
    let mut keys: BTreeMap<String, BlockKeys> = BTreeMap::new();
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
        if profile == CONTRACT_PROFILE {
            let key = prover.final_key();
            files.insert(CONSTANTS, key.solidity()?.into_bytes());
            files.insert(FINAL_KEY, key.to_bytes().ok_or("the key cannot be written")?);
        }
    }
    files.insert(KEYS, (serde_json::to_string_pretty(&keys)? + "\n").into_bytes());
    Ok(files)
}
