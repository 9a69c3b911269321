//! A node that is killed after it has acknowledged payments: started again, it settles every one of
//! them, once, with a real proof on a real EVM.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use alloy::network::EthereumWallet;
use alloy::node_bindings::AnvilInstance;
use alloy::primitives::{Address, U256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::signers::local::PrivateKeySigner;
use farthing_client::dto::{WireAddress, WireBytes32, WirePublicKey};
use farthing_client::{Client, Signer};
use farthing_l1::abi::{DevToken, Rollup, Verifier};
use farthing_l1::{LEAST_DEPOSIT_UNITS, RollupConfig, deploy_rollup, launch_anvil};
use farthing_protocol::{
    AccountIdentity, Amount, Bytes32, Holder, HolderShares, LicenseId, Pay, Price, ShareTable,
    Shares, ShortDigest, SignedIntent, Stage, Uses,
};
use farthing_testkit::{identity, key};

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

const PAYMENTS: u64 = 5;
const PRICE_NANO: u64 = 1_000;
/// Base units deposited.
const FUNDS: u64 = 1_000_000;
/// Seconds for a proof and its way to L1, circuits built first and the machine busy.
const TIMEOUT: Duration = Duration::from_secs(1_200);

/// A chain with a rollup whose operator's account is `operator`.
struct L1 {
    anvil: AnvilInstance,
    provider: DynProvider,
    rollup: Rollup::RollupInstance<DynProvider>,
    operator: AccountIdentity,
}

impl L1 {
    async fn start() -> TestResult<Self> {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../l1-contracts");
        let anvil = launch_anvil(Some(&project))?;
        let deployer = PrivateKeySigner::from(anvil.keys()[0].clone());
        let provider = ProviderBuilder::new()
            .wallet(EthereumWallet::from(deployer))
            .connect_http(anvil.endpoint_url())
            .erased();
        let token = DevToken::deploy(provider.clone()).await?;
        let verifier = Verifier::deploy(provider.clone()).await?;
        let operator = identity(0);
        let config = RollupConfig {
            token: *token.address(),
            verifier: *verifier.address(),
            operator: anvil.addresses()[1],
            guardian: Address::ZERO,
            governor: anvil.addresses()[0],
            operator_account: operator,
            least_deposit: LEAST_DEPOSIT_UNITS,
        };
        let address = deploy_rollup(provider.clone(), config).await?;
        let funds = U256::from(FUNDS);
        token.mint(anvil.addresses()[0], funds).send().await?.get_receipt().await?;
        token.approve(address, funds).send().await?.get_receipt().await?;
        let rollup = Rollup::new(address, provider.clone());
        Ok(Self { anvil, provider, rollup, operator })
    }

    /// A block each second, for confirmations.
    fn mine_loop(&self) -> tokio::task::JoinHandle<()> {
        let provider = self.provider.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                // The test sees by itself when L1 is gone.
                let mined = provider.raw_request::<_, serde_json::Value>("evm_mine".into(), ());
                let _ = mined.await;
            }
        })
    }
}

/// A node process; killed if a test ends before it.
struct Node {
    child: Child,
    client: Client,
}

impl Drop for Node {
    fn drop(&mut self) {
        // One that is dead needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Node {
    fn start(folder: &Path, l1: &L1) -> TestResult<Self> {
        let owner = WireAddress::from(l1.operator.owner);
        let key = WirePublicKey::from(l1.operator.key);
        let mut child = Command::new(env!("CARGO_BIN_EXE_farthing"))
            .args(["node", "--listen", "127.0.0.1:0", "--class", "tiny", "--chain-id", "31337"])
            .args(["--contract", &l1.rollup.address().to_string().to_lowercase()])
            .args(["--l1-url", l1.anvil.endpoint().as_str(), "--deployed-at", "0"])
            .args(["--operator-owner", &owner.to_string(), "--operator-key", &key.to_string()])
            .args(["--config".as_ref(), folder.join("farthing.toml").as_os_str()])
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("its log")?).lines();
        let address = loop {
            let line = lines.next().ok_or("the node ended")??;
            if let Some((_, rest)) = line.split_once("address=") {
                break rest.split_whitespace().next().unwrap_or_default().to_owned();
            }
        };
        // A log that is not read fills the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let client = Client::new(&format!("http://{address}"))?;
        Ok(Self { child, client })
    }

    /// As a power cut does it.
    fn kill(mut self) -> TestResult {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

fn configure(folder: &Path, l1: &L1) -> TestResult {
    let operator = WireBytes32::from(Bytes32(l1.anvil.keys()[1].to_bytes().into()));
    std::fs::write(folder.join("l1.key"), operator.to_string())?;
    let text = "[node]\ndata = 'data'\nseal_seconds = 5\nblock_seconds = 5\n\
                [l1]\nconfirmations = 2\nkey = 'l1.key'\n";
    Ok(std::fs::write(folder.join("farthing.toml"), text)?)
}

/// A payer with a deposit, and a license of a creator.
async fn prepare(l1: &L1, client: &Client) -> TestResult<(Signer, LicenseId)> {
    let payer = client.open_account(&key(1), identity(1).owner).await?.id;
    let creator = client.open_account(&key(2), identity(2).owner).await?.id;
    let owner = Address::from(identity(1).owner.0);
    let words = identity(1).key.to_words();
    l1.rollup.deposit(owner, words, U256::from(FUNDS)).send().await?.get_receipt().await?;
    while client.account(payer).await?.spendable.0.get() == 0 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let all = HolderShares { holder: Holder::Account(creator), shares: Shares::MAX };
    let table = ShareTable::new(vec![all])?;
    let signer = client.signer(creator, key(2)).await?;
    let price = Price::new(PRICE_NANO)?;
    let registered =
        client.register_license(&signer, price, Shares::ZERO, Bytes32::default(), table).await?;
    let license = registered.registers.ok_or("the license")?;
    Ok((client.signer(payer, key(1)).await?, license))
}

fn payments(
    signer: &Signer,
    license: LicenseId,
    recipient: ShortDigest,
) -> TestResult<Vec<SignedIntent>> {
    let (amount, memo) = (Amount::new(PRICE_NANO)?, Bytes32::default());
    let pay = |_| signer.pay(Pay { license, uses: Uses::MIN, amount, recipient, memo });
    Ok((0..PAYMENTS).map(pay).collect::<Result<_, _>>()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_settles_after_a_kill() -> TestResult {
    let folder = tempfile::tempdir()?;
    let l1 = L1::start().await?;
    let mine_loop = l1.mine_loop();
    configure(folder.path(), &l1)?;
    let node = Node::start(folder.path(), &l1)?;
    let (signer, license) = prepare(&l1, &node.client).await?;
    let recipient = node.client.license(license).await?.recipient.0;
    let signed = payments(&signer, license, recipient)?;
    let mut ids = Vec::new();
    for answer in node.client.submit_all(&signed).await? {
        ids.push(answer?.id.0);
    }
    node.kill()?;

    let node = Node::start(folder.path(), &l1)?;
    for answer in node.client.submit_all(&signed).await? {
        assert!(answer?.repeated, "known from before the kill");
    }
    for id in ids {
        let status = node.client.wait(id, Stage::Finalized, TIMEOUT).await?;
        assert_eq!(status.status, Stage::Finalized);
    }
    let [payer, creator] = [identity(1), identity(2)];
    let balance = async |identity| -> TestResult<u64> {
        Ok(node.client.account_of(identity).await?.ok_or("the account")?.balance.0.get())
    };
    assert_eq!(balance(&payer).await?, FUNDS * 1_000 - PAYMENTS * PRICE_NANO);
    assert_eq!(balance(&creator).await?, PAYMENTS * PRICE_NANO);
    let block = node.client.blocks(None).await?.items.pop().ok_or("a block")?;
    let root = Bytes32(l1.rollup.stateRoot().call().await?.0);
    assert_eq!(root.0, block.statement.new_root.0.to_bytes());
    mine_loop.abort();
    Ok(())
}
