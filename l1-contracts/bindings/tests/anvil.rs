//! Deployment on a real node.

use std::path::Path;

use alloy::network::EthereumWallet;
use alloy::primitives::{Address, U256};
use alloy::providers::{Provider, ProviderBuilder};
use alloy::signers::local::PrivateKeySigner;
use farthing_l1::abi::{DevToken, Rollup, RollupTimelock};
use farthing_l1::{LEAST_DEPOSIT_UNITS, RollupConfig, deploy_rollup, launch_anvil, queued_deposit};
use farthing_protocol::{AccountIdentity, Address as Owner, Domain, SecretKey};

type TestResult<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::test]
async fn a_rollup_is_deployed() -> TestResult<()> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let anvil = launch_anvil(Some(&project))?;
    let signer: PrivateKeySigner = anvil.keys()[0].clone().into();
    let me = signer.address();
    let provider = ProviderBuilder::new()
        .wallet(EthereumWallet::from(signer))
        .connect_http(anvil.endpoint_url());
    let token = DevToken::deploy(&provider).await?;
    let operator_account = AccountIdentity {
        key: *SecretKey::from_seed(&[1; 32]).public_key(),
        owner: Owner(me.into_array()),
    };
    let config = RollupConfig {
        token: *token.address(),
        // Any contract; this test proves nothing.
        verifier: *token.address(),
        operator: me,
        guardian: Address::ZERO,
        governor: me,
        operator_account,
        least_deposit: LEAST_DEPOSIT_UNITS,
    };
    let address = deploy_rollup(&provider, config).await?;
    let rollup = Rollup::new(address, &provider);

    let domain =
        Domain { chain_id: provider.get_chain_id().await?, contract: Owner(address.into_array()) };
    assert_eq!(rollup.domain().call().await?.0, domain.digest().to_bytes());
    let timelock = RollupTimelock::new(rollup.timelock().call().await?, &provider);
    assert_eq!(timelock.getMinDelay().call().await?, U256::from(17 * 86_400));

    token.mint(me, U256::from(LEAST_DEPOSIT_UNITS)).send().await?.get_receipt().await?;
    token.approve(address, U256::MAX).send().await?.get_receipt().await?;
    let deposit =
        rollup.deposit(me, operator_account.key.to_words(), U256::from(LEAST_DEPOSIT_UNITS));
    let receipt = deposit.send().await?.get_receipt().await?;
    let log = receipt.decoded_log::<Rollup::Deposited>().ok_or("a log")?;
    let queued = queued_deposit(&log.data)?;
    assert_eq!(queued.chain, queued.entry.chain(&farthing_protocol::Bytes32([0; 32])));
    assert_eq!(rollup.queueChain(1).call().await?.0, queued.chain.0);
    Ok(())
}
