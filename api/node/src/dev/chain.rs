//! A local L1 with the contracts deployed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy::network::EthereumWallet;
use alloy::node_bindings::AnvilInstance;
use alloy::primitives::{Address, U256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::signers::local::PrivateKeySigner;
use alloy::transports::http::reqwest::Url;
use farthing_aggregator::L1Config;
use farthing_l1::abi::{DevToken, Rollup, Verifier};
use farthing_l1::{LEAST_DEPOSIT_UNITS, RollupConfig, deploy_rollup, launch_anvil};
use farthing_protocol::{AccountIdentity, Domain};

use super::account::DevAccount;
use super::guard::Guard;
use crate::commands::succeeded;
use crate::error::CliError;

/// A block each second, transactions or not: what waits for confirmations does not wait for long.
const BLOCK_TIME: Duration = Duration::from_secs(1);
/// The Foundry project, looked for from the working folder upwards.
const PROJECT: &str = "l1-contracts";
/// The fewest polls for receipts that do not slow a local chain down.
const RECEIPT_POLL: Duration = Duration::from_millis(50);

/// Anvil, the token, the verifier and the rollup. Ends when dropped.
pub(crate) struct LocalChain {
    anvil: AnvilInstance,
    /// Ends anvil if this process cannot. After anvil, so that it is dropped after it.
    _guard: Guard,
    heartbeat: tokio::task::JoinHandle<()>,
    operator: PrivateKeySigner,
    /// The L1 block that holds the rollup's deployment, whose log tells the first state.
    deployed_at: u64,
    /// Signs as the faucet, which deployed everything.
    pub(crate) provider: DynProvider,
    pub(crate) token: DevToken::DevTokenInstance<DynProvider>,
    pub(crate) rollup: Rollup::RollupInstance<DynProvider>,
    pub(crate) domain: Domain,
}

impl LocalChain {
    /// Starts a chain with no history and deploys a rollup whose account 0 is `operator`. If this
    /// process is killed, the chain and `temporary` are removed.
    pub(crate) async fn start(
        l1_contracts: Option<PathBuf>,
        operator: AccountIdentity,
        temporary: Option<&Path>,
    ) -> Result<Self, CliError> {
        let anvil = launch_anvil(l1_contracts.or_else(project).as_deref())?;
        let guard = Guard::start(anvil.child().id(), temporary)?;
        let [faucet, settler] = [0, 1].map(|i| PrivateKeySigner::from(anvil.keys()[i].clone()));
        let deployer = faucet.address();
        let provider = connect(anvil.endpoint_url(), faucet);
        let token = DevToken::deploy(provider.clone()).await?;
        let verifier = Verifier::deploy(provider.clone()).await?;
        let config = RollupConfig {
            token: *token.address(),
            verifier: *verifier.address(),
            operator: settler.address(),
            guardian: Address::ZERO,
            governor: deployer,
            operator_account: operator,
            least_deposit: LEAST_DEPOSIT_UNITS,
        };
        let address = deploy_rollup(provider.clone(), config).await?;
        let deployed_at = provider.get_block_number().await?;
        let rollup = Rollup::new(address, provider.clone());
        succeeded(&token.approve(address, U256::MAX).send().await?.get_receipt().await?)?;
        let chain_id = provider.get_chain_id().await?;
        let contract = farthing_protocol::Address(address.into_array());
        let heartbeat = tokio::spawn(mine_loop(provider.clone()));
        let domain = Domain { chain_id, contract };
        let operator = settler;
        Ok(Self {
            anvil,
            _guard: guard,
            heartbeat,
            operator,
            deployed_at,
            provider,
            token,
            rollup,
            domain,
        })
    }

    /// Its JSON-RPC endpoint.
    pub(crate) fn url(&self) -> Url {
        self.anvil.endpoint_url()
    }

    /// The settler's configuration.
    pub(crate) fn l1_config(&self) -> L1Config {
        let mut config = L1Config::local(self.url(), self.domain.contract, self.deployed_at);
        config.operator = Some(self.operator.clone());
        config
    }

    /// Makes tokens and deposits as many base units for each of `accounts`.
    pub(crate) async fn deposit(
        &self,
        accounts: &[DevAccount],
        units: u64,
    ) -> Result<(), CliError> {
        let all = U256::from(units) * U256::from(accounts.len());
        let faucet = self.anvil.addresses()[0];
        succeeded(&self.token.mint(faucet, all).send().await?.get_receipt().await?)?;
        let mut sent = Vec::with_capacity(accounts.len());
        for account in accounts {
            let key = account.identity().key.to_words();
            let call = self.rollup.deposit(account.l1_address(), key, U256::from(units));
            sent.push(call.send().await?);
        }
        for pending in sent {
            succeeded(&pending.get_receipt().await?)?;
        }
        Ok(())
    }

    /// Gives `account` an ether for gas and base units of the token, on L1.
    pub(crate) async fn fund_l1(&self, account: &DevAccount, units: u64) -> Result<(), CliError> {
        let ether = U256::from(10).pow(U256::from(18));
        let funded = ("anvil_setBalance".into(), (account.l1_address(), ether));
        self.provider.raw_request::<_, ()>(funded.0, funded.1).await?;
        if units > 0 {
            let minted = self.token.mint(account.l1_address(), U256::from(units));
            succeeded(&minted.send().await?.get_receipt().await?)?;
        }
        Ok(())
    }

    /// A provider that signs as `account`, who is given ether for its gas.
    pub(crate) async fn provider_of(&self, account: &DevAccount) -> Result<DynProvider, CliError> {
        self.fund_l1(account, 0).await?;
        Ok(connect(self.url(), account.wallet()?))
    }
}

impl Drop for LocalChain {
    fn drop(&mut self) {
        self.heartbeat.abort();
    }
}

fn connect(url: Url, wallet: PrivateKeySigner) -> DynProvider {
    let provider = ProviderBuilder::new().wallet(EthereumWallet::from(wallet)).connect_http(url);
    provider.client().set_poll_interval(RECEIPT_POLL);
    provider.erased()
}

async fn mine_loop(provider: DynProvider) {
    loop {
        tokio::time::sleep(BLOCK_TIME).await;
        // A chain that does not answer is seen by the callers that need it.
        let _ = provider.raw_request::<_, serde_json::Value>("evm_mine".into(), ()).await;
    }
}

/// The Foundry project in or above the working folder, whose npm packages hold anvil.
fn project() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let mut projects = here.ancestors().map(|folder| folder.join(PROJECT));
    projects.find(|project| Path::is_dir(project))
}
