//! Deployment of a rollup.

use alloy::contract::Error as ContractError;
use alloy::primitives::{Address, B256, keccak256};
use alloy::providers::Provider;
use farthing_protocol::AccountIdentity;
use thiserror::Error;

use crate::abi::{Rollup, Verifier};

/// Why a rollup was not deployed.
#[derive(Debug, Error)]
pub enum DeployError {
    /// The deployment failed, or could not be sent.
    #[error(transparent)]
    Contract(#[from] ContractError),
}

/// The least deposit of a rollup if nothing else is wanted, in base units: a hundredth of a token.
pub const LEAST_DEPOSIT_UNITS: u64 = 10_000;

/// Addresses and settings with which a rollup is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollupConfig {
    /// The settlement token, of 6 decimals.
    pub token: Address,
    /// The verifier of block proofs.
    pub verifier: Address,
    /// The address that commits and proves batches.
    pub operator: Address,
    /// The address that may pause the rollup; zero if none may.
    pub guardian: Address,
    /// The address that proposes changes to the timelock.
    pub governor: Address,
    /// Key and owner of account 0: the contract computes the first state root from them, so they
    /// must be those of the ledger's genesis. The contract refuses zero, itself and the token as the
    /// owner.
    pub operator_account: AccountIdentity,
    /// The least deposit, in base units, at least 1.
    pub least_deposit: u64,
}

impl From<RollupConfig> for Rollup::Config {
    fn from(config: RollupConfig) -> Self {
        Self {
            token: config.token,
            verifier: config.verifier,
            operator: config.operator,
            guardian: config.guardian,
            governor: config.governor,
            operatorKey: config.operator_account.key.to_words(),
            operatorOwner: Address::from(config.operator_account.owner.0),
            leastDeposit: config.least_deposit,
        }
    }
}

/// The hash of the code of the verifier in the committed artifact, as `verifierCodehash` of a rollup
/// with that verifier says it.
pub fn verifier_codehash() -> B256 {
    keccak256(&*Verifier::DEPLOYED_BYTECODE)
}

/// Deploys a rollup from the provider's wallet and waits until it is there.
pub async fn deploy_rollup<P: Provider>(
    provider: P,
    config: RollupConfig,
) -> Result<Address, DeployError> {
    Ok(*Rollup::deploy(provider, config.into()).await?.address())
}
