//! A local chain for tests and demos.

use std::path::{Path, PathBuf};

use alloy::node_bindings::{Anvil, AnvilInstance, NodeError};
use thiserror::Error;

/// Why there is no local chain.
#[derive(Debug, Error)]
pub enum AnvilError {
    /// It did not start.
    #[error("anvil did not start; run scripts/setup, or put anvil into PATH")]
    Start(#[source] NodeError),
}

/// Path at which npm installs anvil, below the Foundry project.
const FROM_NPM: &str = "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil";

/// Starts anvil with today's rules on any free port: Osaka, and its limit on the gas of a
/// transaction, which anvil leaves off by default. `l1_contracts` is the Foundry project, whose npm
/// packages hold anvil; if it does not, `anvil` is looked for in PATH. Ends when dropped.
pub fn launch_anvil(l1_contracts: Option<&Path>) -> Result<AnvilInstance, AnvilError> {
    let binary = l1_contracts
        .map(|project| project.join(FROM_NPM))
        .filter(|binary| binary.is_file())
        .unwrap_or_else(|| PathBuf::from("anvil"));
    let anvil = Anvil::at(binary).args(["--hardfork", "osaka", "--enable-tx-gas-limit"]);
    anvil.try_spawn().map_err(AnvilError::Start)
}
