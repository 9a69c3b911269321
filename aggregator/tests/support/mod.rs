//! A rollup on a temporary folder, with accounts whose keys the test knows and no L1.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::allow_attributes,
    reason = "each test file includes the module whole and uses its part of it"
)]

pub mod endpoint;
pub mod l1;
pub mod prover;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use farthing_aggregator::{
    AdmissionRules, Aggregator, Components, Config, OpeningError, OpeningQuota, SequencerConfig,
    SequencerError, StartError,
};
use farthing_ledger::Genesis;
use farthing_protocol::{
    AccountId, AccountIdentity, Address, Amount, BatchClass, Bytes32, Deposit, Digest, Domain, Fee,
    Holder, HolderShares, Intent, LicenseId, Lineage, Nonce, OpenedAccount, Operation, Pay, Price,
    QueueEntry, QueueIndex, RegisterLicense, SecretKey, ShareTable, Shares, SignedIntent, Transfer,
    UnixTime, Uses, Withdraw,
};

pub use farthing_testkit::TestResult;
pub use farthing_testkit::{account as holder, identity, key, license as parent, owner};

/// Nano that every funded account begins with.
pub const FUNDS: u64 = 1 << 40;
/// Nano per use of the license registered first.
pub const PRICE: u64 = 7;

pub fn genesis() -> Genesis {
    Genesis { domain: farthing_testkit::domain(), operator: identity(0) }
}

pub fn domain() -> Digest {
    genesis().domain.digest()
}

/// Batches are sealed when they are full, or by hand. Intents are valid for ever: other processes
/// make them again by nonce alone. Accounts are opened as fast as it goes.
pub fn config(path: &Path, class: BatchClass) -> Config {
    let mut config = Config::new(path.to_path_buf(), genesis(), class);
    config.sequencer = SequencerConfig {
        seal_age: Duration::from_secs(3600),
        rules: AdmissionRules { validity_max: Duration::MAX, ..AdmissionRules::default() },
        openings: OpeningQuota { per_minute: u32::MAX, burst: u32::MAX },
        ..SequencerConfig::default()
    };
    config
}

/// A node on a local L1, which accepts every proof. Batches and blocks are closed by hand.
pub fn start_by_hand(path: &Path, l1: &l1::LocalL1) -> TestResult<Aggregator> {
    let mut config = config(path, BatchClass::TINY);
    config.genesis = l1.genesis;
    config.blocks.age = Duration::from_secs(3600);
    let prover = Some(prover::Asked::default().source(Duration::ZERO));
    let parts = Components { prover, l1: Some(l1.config()), ..Components::default() };
    Ok(Aggregator::start(config, parts)?)
}

/// Waits until the node has opened an account.
pub async fn opened(node: &Aggregator, account: u32) -> TestResult<()> {
    let seen = async {
        while node.account(AccountId::from(account)).await?.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(60), seen).await?
}

/// Opens the account of these seeds, signed for by its key.
pub async fn open(
    node: &Aggregator,
    account: u32,
) -> Result<Result<OpenedAccount, OpeningError>, SequencerError> {
    let domain = node.info().domain_digest;
    let signature = AccountIdentity::sign_opening(&key(account), owner(account), &domain);
    node.open_account(identity(account), &signature).await
}

/// A node without prover whose batches are of the tiny class.
pub fn start(path: &Path) -> Result<Aggregator, StartError> {
    Aggregator::start(config(path, BatchClass::TINY), Components::default())
}

pub fn deposit(account: u32, nano: u64) -> TestResult<QueueEntry> {
    let identity = identity(account);
    Ok(QueueEntry::Deposit(Deposit::new(identity.owner, identity.key.to_words(), nano)?))
}

/// Opens accounts 1 to `accounts` and funds them; `from` deposits came before.
pub async fn fund(aggregator: &Aggregator, accounts: u32, from: u64) -> TestResult<()> {
    let mut entries = Vec::new();
    for account in 1..=accounts {
        let opened = open(aggregator, account).await??;
        assert_eq!(opened.id.get(), account);
        entries.push(deposit(account, FUNDS)?);
    }
    let next = aggregator.consume_queue(QueueIndex::new(from)?, entries).await?;
    assert_eq!(next.get(), from + u64::from(accounts));
    Ok(())
}

pub fn sign(account: u32, nonce: u64, operation: Operation) -> TestResult<SignedIntent> {
    sign_in(&domain(), account, nonce, operation)
}

/// The same for another deployment.
pub fn sign_in(
    domain: &Digest,
    account: u32,
    nonce: u64,
    operation: Operation,
) -> TestResult<SignedIntent> {
    let intent = Intent {
        account: AccountId::from(account),
        nonce: Nonce::new(nonce)?,
        fee: Fee::MIN,
        valid_until: UnixTime::MAX,
        operation,
    };
    Ok(intent.sign(&key(account), domain))
}

pub fn pay(account: u32, nonce: u64, license: u32, uses: u64) -> TestResult<SignedIntent> {
    sign(account, nonce, farthing_testkit::pay(license, uses, PRICE)?)
}

/// Names the recipients of an operation as the node knows them.
pub async fn address(node: &Aggregator, mut operation: Operation) -> TestResult<Operation> {
    let named: Vec<LicenseId> = match &operation {
        Operation::Pay(pay) => vec![pay.license],
        Operation::UpdateLicense(update) => vec![update.license],
        Operation::RegisterLicense(register) => {
            register.shares.parents().map(|(id, _)| id).collect()
        }
        Operation::Transfer(_) | Operation::Withdraw(_) => Vec::new(),
    };
    let mut licenses = BTreeMap::new();
    for license in named {
        licenses.insert(license, node.quote(license, Uses::new(1)?).await?.recipient);
    }
    let known = operation.address(|holder| match holder {
        Holder::Account(id) => Some(identity(id.get()).recipient()),
        Holder::License(id) => licenses.get(&id).copied(),
    });
    assert!(known);
    Ok(operation)
}

pub fn transfer(account: u32, nonce: u64, to: u32, amount: u64) -> TestResult<SignedIntent> {
    sign(account, nonce, farthing_testkit::transfer(to, amount)?)
}

pub fn withdraw(account: u32, nonce: u64, amount: u64) -> TestResult<SignedIntent> {
    sign(account, nonce, farthing_testkit::withdraw(amount)?)
}

/// A license of `account`; holders with their shares, ascending; the lineage is the caller's.
pub fn register(
    account: u32,
    nonce: u64,
    holders: &[(Holder, u64)],
    derivative_shares: u64,
    lineage: u32,
) -> TestResult<SignedIntent> {
    let register = farthing_testkit::register(PRICE, derivative_shares, lineage, holders)?;
    sign(account, nonce, register)
}
