//! A local chain with the rollup's contract and a verifier that accepts every proof.

use std::path::Path;

use alloy::network::EthereumWallet;
use alloy::node_bindings::AnvilInstance;
use alloy::primitives::{Address, Bytes, U64, U256, bytes, keccak256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::signers::local::PrivateKeySigner;
use farthing_aggregator::L1Config;
use farthing_l1::abi::{DevToken, Rollup};
use farthing_l1::{RollupConfig, deploy_rollup, launch_anvil};
use farthing_ledger::Genesis;
use farthing_protocol::{Bytes32, Domain};

use super::{TestResult, identity};

/// PUSH1 1 PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN: the answer to every call is yes.
const YES: Bytes = bytes!("600160005260206000f3");

/// The settler's configuration for that verifier.
pub fn yes_codehash() -> Bytes32 {
    Bytes32(keccak256(YES).0)
}

/// Ends with the test.
pub struct LocalL1 {
    pub anvil: AnvilInstance,
    pub provider: DynProvider,
    pub operator: PrivateKeySigner,
    /// The depositor; not the operator, whose nonces are the settler's.
    pub user: Address,
    pub rollup: Rollup::RollupInstance<DynProvider>,
    pub token: DevToken::DevTokenInstance<DynProvider>,
    pub genesis: Genesis,
}

impl LocalL1 {
    pub async fn start() -> TestResult<Self> {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../l1-contracts");
        let anvil = launch_anvil(Some(&project))?;
        let [deployer, operator] = [0, 1].map(|i| PrivateKeySigner::from(anvil.keys()[i].clone()));
        let user = deployer.address();
        // Nonces are asked for each time: a reorganisation takes them back.
        let provider = ProviderBuilder::new()
            .disable_recommended_fillers()
            .with_gas_estimation()
            .with_simple_nonce_management()
            .fetch_chain_id()
            .wallet(EthereumWallet::from(deployer))
            .connect_http(anvil.endpoint_url())
            .erased();
        let token = DevToken::deploy(provider.clone()).await?;
        let verifier = Address::repeat_byte(0x77);
        let code = (verifier, YES);
        provider.raw_request::<_, ()>("anvil_setCode".into(), code).await?;
        let config = RollupConfig {
            token: *token.address(),
            verifier,
            operator: operator.address(),
            guardian: Address::ZERO,
            governor: user,
            operator_account: identity(0),
            least_deposit: 1,
        };
        let address = deploy_rollup(provider.clone(), config).await?;
        let rollup = Rollup::new(address, provider.clone());
        token.mint(user, U256::from(1_000_000_000_000u64)).send().await?.get_receipt().await?;
        token.approve(address, U256::MAX).send().await?.get_receipt().await?;
        let chain_id = provider.get_chain_id().await?;
        let contract = farthing_protocol::Address(address.into_array());
        let domain = Domain { chain_id, contract };
        let genesis = Genesis { domain, operator: identity(0) };
        Ok(Self { anvil, provider, operator, user, rollup, token, genesis })
    }

    pub fn config(&self) -> L1Config {
        let contract = self.genesis.domain.contract;
        let mut config = L1Config::local(self.anvil.endpoint_url(), contract, 0);
        config.operator = Some(self.operator.clone());
        config.verifier = Some(yes_codehash());
        config.confirmations = 3;
        config.poll = std::time::Duration::from_millis(50);
        config
    }

    /// Deposits base units for an account; mined at once.
    pub async fn deposit(&self, account: u32, units: u64) -> TestResult<()> {
        let identity = identity(account);
        let owner = Address::from(identity.owner.0);
        let call = self.rollup.deposit(owner, identity.key.to_words(), U256::from(units));
        call.send().await?.get_receipt().await?;
        Ok(())
    }

    pub async fn mine(&self, blocks: u64) -> TestResult<()> {
        self.provider.raw_request::<_, ()>("anvil_mine".into(), [U64::from(blocks)]).await?;
        Ok(())
    }

    /// Takes `depth` blocks back and puts empty ones in their place.
    pub async fn reorg(&self, depth: u64) -> TestResult<()> {
        self.provider.raw_request::<_, ()>("anvil_rollback".into(), [depth]).await?;
        self.mine(depth).await
    }

    /// Makes an L1 block now and then, as time would; ends with the chain.
    pub fn ticks(&self) -> impl Future<Output = ()> + Send + 'static {
        let provider = self.provider.clone();
        async move {
            let mine = || provider.raw_request::<_, ()>("anvil_mine".into(), [U64::from(1)]);
            while mine().await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }

    /// True if a transaction is mined at once.
    pub async fn set_automine(&self, on: bool) -> TestResult<()> {
        Ok(self.provider.raw_request::<_, ()>("evm_setAutomine".into(), [on]).await?)
    }
}
