//! `farthing exit`: an owner takes everything out of a rollup with L1 alone, once from an operator who
//! serves the request, once from one who is gone. The verifier accepts every proof: what is tested is
//! the way out.

use std::path::{Path, PathBuf};
use std::process::Command;

use alloy::network::EthereumWallet;
use alloy::node_bindings::AnvilInstance;
use alloy::primitives::{Address, Bytes, U256, bytes};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::signers::local::PrivateKeySigner;
use farthing_l1::abi::{DevToken, Rollup};
use farthing_l1::{RollupConfig, commit_parts, deploy_rollup, launch_anvil, to_batch};
use farthing_ledger::{Durability, Genesis, Ledger};
use farthing_protocol::{
    AccountIdentity, BatchClass, Deposit, Domain, ForcedExit, QueueEntry, QueueIndex, SecretKey,
    UnixTime,
};
use serde_json::Value;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The deadline of an entry, and a minute: the blocks of a test are ahead of the clock.
const DEADLINE: u64 = 7 * 24 * 60 * 60 + 60;
/// The owner's account: the first that a deposit opens.
const ACCOUNT: &str = "1";

/// A rollup on a chain of its own, with the ledger of its operator.
struct L1 {
    anvil: AnvilInstance,
    /// Signs as the operator.
    provider: DynProvider,
    token: DevToken::DevTokenInstance<DynProvider>,
    rollup: Rollup::RollupInstance<DynProvider>,
    ledger: Ledger,
    /// Entries recorded and not consumed.
    waiting: Vec<QueueEntry>,
    folder: tempfile::TempDir,
}

fn identity(seed: u8, owner: Address) -> AccountIdentity {
    let key = *SecretKey::from_seed(&[seed; 32]).public_key();
    AccountIdentity { key, owner: farthing_protocol::Address(owner.into_array()) }
}

impl L1 {
    async fn start() -> TestResult<Self> {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../l1-contracts");
        let anvil = launch_anvil(Some(&project))?;
        let operator = PrivateKeySigner::from(anvil.keys()[0].clone());
        let provider = ProviderBuilder::new()
            .wallet(EthereumWallet::from(operator.clone()))
            .connect_http(anvil.endpoint_url())
            .erased();
        let token = DevToken::deploy(provider.clone()).await?;
        // PUSH1 1 PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN: the answer to every call is yes.
        let verifier = Address::repeat_byte(0x77);
        let always = bytes!("600160005260206000f3");
        provider.raw_request::<_, ()>("anvil_setCode".into(), (verifier, always)).await?;
        let operator_account = identity(0, operator.address());
        let config = RollupConfig {
            token: *token.address(),
            verifier,
            operator: operator.address(),
            guardian: Address::ZERO,
            governor: operator.address(),
            operator_account,
            least_deposit: 1,
        };
        let address = deploy_rollup(provider.clone(), config).await?;
        token.mint(operator.address(), U256::from(1u64 << 40)).send().await?.get_receipt().await?;
        token.approve(address, U256::MAX).send().await?.get_receipt().await?;
        let contract = farthing_protocol::Address(address.into_array());
        let domain = Domain { chain_id: provider.get_chain_id().await?, contract };
        let folder = tempfile::tempdir()?;
        let genesis = Genesis { domain, operator: operator_account };
        let path = folder.path().join("ledger");
        let ledger = Ledger::create(&path, genesis, BatchClass::TINY, Durability::Buffered)?;
        let rollup = Rollup::new(address, provider.clone());
        Ok(Self { anvil, provider, token, rollup, ledger, waiting: Vec::new(), folder })
    }

    fn wallet(&self, index: usize) -> Address {
        self.anvil.addresses()[index]
    }

    /// A file with the key of one of anvil's wallets.
    fn key_file(&self, index: usize) -> TestResult<PathBuf> {
        let path = self.folder.path().join(format!("wallet-{index}.key"));
        let key = PrivateKeySigner::from(self.anvil.keys()[index].clone()).to_bytes();
        std::fs::write(&path, format!("{key}\n"))?;
        Ok(path)
    }

    async fn deposit(&mut self, owner: Address, units: u64) -> TestResult {
        let identity = identity(9, owner);
        let words = identity.key.to_words();
        let call = self.rollup.deposit(owner, words, U256::from(units));
        call.send().await?.get_receipt().await?;
        let deposit = Deposit::new(identity.owner, words, units * 1_000)?;
        self.waiting.push(QueueEntry::Deposit(deposit));
        Ok(())
    }

    /// The operator consumes what waits, and L1 takes the batch as final.
    async fn settle(&mut self) -> TestResult {
        let block = self.provider.get_block_number().await?;
        let block = self.provider.get_block(block.into()).await?.ok_or("a block")?;
        let now = UnixTime::new(block.header.timestamp)?;
        let from: QueueIndex = self.ledger.queue_next();
        let waiting = std::mem::take(&mut self.waiting);
        let (consumed, refused) = self.ledger.consume(now, from, &waiting)?;
        assert_eq!((consumed, refused), (waiting.len(), None));
        let sealed = self.ledger.seal()?.ok_or("a batch")?;
        let data = &sealed.witness.public_data;
        let batch = to_batch(&sealed.witness.statement.header, data.keccak());
        for part in commit_parts(data, 4) {
            let call = self.rollup.commit(batch.clone(), part.first_limb, part.bytes);
            call.send().await?.get_receipt().await?;
        }
        self.rollup.prove(vec![batch], Bytes::new()).send().await?.get_receipt().await?;
        Ok(())
    }

    async fn pass(&self, seconds: u64) -> TestResult {
        self.provider.raw_request::<_, Value>("evm_increaseTime".into(), [seconds]).await?;
        self.provider.raw_request::<_, Value>("evm_mine".into(), ()).await?;
        Ok(())
    }

    async fn tokens_of(&self, owner: Address) -> TestResult<u64> {
        Ok(self.token.balanceOf(owner).call().await?.try_into()?)
    }

    /// `farthing exit`, its report, and what it said if it failed.
    fn exit(&self, arguments: &[&str], wallet: Option<usize>) -> TestResult<Result<Value, String>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_farthing"));
        command
            .args(["--json", "exit"])
            .args(arguments)
            .args(["--contract", &self.rollup.address().to_string()])
            .args(["--l1-url", &self.anvil.endpoint(), "--poll", "1"])
            .env("FARTHING_LOG", "off")
            .current_dir(self.folder.path());
        if let Some(wallet) = wallet {
            command.arg("--l1-key").arg(self.key_file(wallet)?);
        }
        let output = command.output()?;
        Ok(match output.status.success() {
            true => Ok(serde_json::from_slice(&output.stdout)?),
            false => {
                let said = [output.stdout, output.stderr].concat();
                Err(String::from_utf8(said)?)
            }
        })
    }
}

/// The steps that a report says were taken, with the base units that they paid.
fn steps(report: &Value) -> Vec<(&str, Option<u64>)> {
    let done = report["done"].as_array().map_or(&[][..], Vec::as_slice);
    let step = |done: &Value| done["base_units"].as_u64();
    done.iter().map(|done| (done["step"].as_str().unwrap_or("?"), step(done))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_gone() -> TestResult {
    let mut l1 = L1::start().await?;
    let (owner, stranger) = (2, 3);
    l1.deposit(l1.wallet(owner), 5_000_000).await?;
    l1.settle().await?;
    l1.deposit(l1.wallet(owner), 2_000_000).await?;
    l1.deposit(l1.wallet(stranger), 1_000_000).await?;

    let report = l1.exit(&[ACCOUNT, "--dry-run"], None)??;
    assert_eq!((&report["next"], &report["balance"]), (&"request".into(), &"5000000000".into()));
    let said = l1.exit(&[ACCOUNT], Some(stranger))?.expect_err("a stranger's request");
    assert!(said.contains("a forced exit counts only from the account's owner"), "{said}");
    assert_eq!(l1.rollup.queueLength().call().await?, 3, "nothing was sent");

    let report = l1.exit(&[ACCOUNT], Some(owner))??;
    assert_eq!(steps(&report), [("request", None)]);
    assert_eq!((&report["next"], &report["frozen"]), (&"wait".into(), &false.into()));
    let again = l1.exit(&[ACCOUNT], Some(owner))??;
    assert_eq!(steps(&again), [], "one request is enough");

    l1.pass(DEADLINE).await?;
    // Anyone may do the rest: it pays the owner.
    let report = l1.exit(&[ACCOUNT], Some(stranger))??;
    assert_eq!(
        steps(&report),
        [("freeze", None), ("refund", Some(2_000_000)), ("escape", Some(5_000_000))]
    );
    assert_eq!((&report["next"], &report["frozen"]), (&"done".into(), &true.into()));
    assert_eq!(l1.tokens_of(l1.wallet(owner)).await?, 7_000_000);
    assert_eq!(l1.tokens_of(l1.wallet(stranger)).await?, 0);
    let again = l1.exit(&[ACCOUNT], Some(stranger))??;
    assert_eq!(steps(&again), []);

    // The stranger's deposit opened no account: the owner is who asks.
    let report = l1.exit(&["7"], Some(stranger))??;
    assert_eq!(steps(&report), [("refund", Some(1_000_000))]);
    assert_eq!(l1.tokens_of(*l1.rollup.address()).await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_serves_the_request() -> TestResult {
    let mut l1 = L1::start().await?;
    let owner = 2;
    l1.deposit(l1.wallet(owner), 5_000_000).await?;
    l1.settle().await?;
    let report = l1.exit(&[ACCOUNT], Some(owner))??;
    assert_eq!(steps(&report), [("request", None)]);
    let requester = farthing_protocol::Address(l1.wallet(owner).into_array());
    let exit = ForcedExit { requester, account: 1_u32.into() };
    l1.waiting.push(QueueEntry::ForcedExit(exit));
    l1.settle().await?;
    // Without a wallet nothing is sent.
    let said = l1.exit(&[ACCOUNT], None)?.expect_err("no wallet");
    assert!(said.contains("--l1-key"), "{said}");
    let report = l1.exit(&[ACCOUNT, "--wait"], Some(owner))??;
    assert_eq!(steps(&report), [("claim", Some(5_000_000))]);
    assert_eq!(&report["next"], "done");
    assert_eq!(l1.tokens_of(l1.wallet(owner)).await?, 5_000_000);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said() -> TestResult {
    let l1 = L1::start().await?;
    let said = l1.exit(&["4"], None)?.expect_err("no owner");
    assert!(said.contains("no final state has account 4"), "{said}");
    let late = l1.provider.get_block_number().await?.to_string();
    let said = l1.exit(&["0", "--deployed-at", &late], None)?.expect_err("no deployment");
    assert!(said.contains("no log of the rollup's deployment"), "{said}");
    let said = l1.exit(&["0", "--chain-id", "5"], None)?.expect_err("another chain");
    assert!(said.contains("chain id"), "{said}");
    Ok(())
}
