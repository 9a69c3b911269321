//! Keys of all circuits, computed from source.

use std::collections::BTreeMap;
use std::error::Error;

use farthing_airs::Profile;
use farthing_recursion::{BlockKeys, BlockProver, profile_name};

use super::constants;
use crate::workspace::{Mode, TaskError, circuits, put};

/// Name of the part.
const PART: &str = "keys";
/// Digests of every circuit.
const KEYS: &str = "circuits/recursion/keys.json";
/// Profile of the proofs that the contract verifies.
const CONTRACT_PROFILE: Profile = Profile::Proven;

type Files = BTreeMap<&'static str, Vec<u8>>;

/// Writes or compares digests, the contract's constants and its test key.
pub(super) fn run(mode: Mode) -> Result<(), TaskError> {
    let files = compute()
        .map_err(|source| TaskError::Circuits { what: "cannot compute the keys", source })?;
    files.iter().try_for_each(|(path, bytes)| put(mode, PART, path, bytes))
}

fn compute() -> Result<Files, Box<dyn Error>> {
    let mut files = Files::new();
    let mut keys: BTreeMap<String, BlockKeys> = BTreeMap::new();
    for profile in [Profile::Proven, Profile::Conjectured] {
        let prover = BlockProver::open_unpinned(&circuits(), profile)?;
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
            files.insert(constants::FILE, constants::solidity(key)?.into_bytes());
            files.insert(
                constants::FINAL_KEY,
                key.to_bytes().ok_or("the final key cannot be written")?,
            );
        }
    }
    files.insert(KEYS, (serde_json::to_string_pretty(&keys)? + "\n").into_bytes());
    Ok(files)
}
