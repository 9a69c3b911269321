//! Somebody else's batches are final on L1: the node takes them, puts what it acknowledged on top,
//! and names what that makes impossible. It is not restarted for that.

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use alloy::primitives::{Address, B256};
use alloy::providers::Provider;
use alloy::signers::local::PrivateKeySigner;
use farthing_aggregator::{
    Aggregator, BlockProofView, Closed, Components, Config, Event, EventFilter, EventPosition,
    L1Config, OpeningError, OpeningQuota, Progress, Rejection, SequencerConfig,
};
use farthing_ledger::{CheckError, DropReason, Genesis};
use farthing_protocol::{
    AccountId, Amount, BatchClass, BatchNumber, BlockNumber, Bytes32, Domain, IntentId, LicenseId,
    Operation, SignedIntent, Stage, Transfer,
};
use support::l1::{LocalL1, yes_codehash};
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(60);

fn node_config(path: &Path, genesis: Genesis) -> Config {
    let mut config = config(path, BatchClass::TINY);
    config.genesis = genesis;
    config.blocks.age = Duration::from_secs(3600);
    config.blocks.batches_max = 64;
    config
}

fn parts(l1: L1Config) -> Components {
    let prover = Some(Asked::default().source(Duration::ZERO));
    Components { prover, l1: Some(l1), ..Components::default() }
}

fn start(path: &Path, l1: &LocalL1) -> TestResult<Aggregator> {
    start_as(path, l1, |_| ())
}

/// The same with other settings of the sequencer.
fn start_as(
    path: &Path,
    l1: &LocalL1,
    change: impl FnOnce(&mut SequencerConfig),
) -> TestResult<Aggregator> {
    let mut config = node_config(path, l1.genesis);
    change(&mut config.sequencer);
    Ok(Aggregator::start(config, parts(l1.config()))?)
}

fn send(l1: &LocalL1, from: u32, nonce: u64, to: u32, amount: u64) -> TestResult<SignedIntent> {
    let (to, amount) = (AccountId::from(to), Amount::new(amount)?);
    let transfer =
        Transfer { to, amount, recipient: identity(to.get()).recipient(), memo: Bytes32([1; 32]) };
    sign_in(&l1.genesis.domain.digest(), from, nonce, Operation::Transfer(transfer))
}

async fn submit(node: &Aggregator, signed: SignedIntent) -> TestResult<IntentId> {
    Ok(node.submit(vec![signed]).await?.remove(0)?.id)
}

async fn reaches(node: &Aggregator, come: impl Fn(&Progress) -> bool) -> TestResult<()> {
    let mut progress = node.progress();
    let reached = async { progress.wait_for(|progress| come(progress)).await.map(|_| ()) };
    Ok(tokio::time::timeout(TIMEOUT, reached).await??)
}

async fn form_all(node: &Aggregator) -> TestResult<()> {
    while node.form_block().await?.is_some() {}
    Ok(())
}

/// All that is sealed becomes final.
async fn settle_all(node: &Aggregator, l1: &LocalL1) -> TestResult<()> {
    node.seal().await?;
    form_all(node).await?;
    let ticks = tokio::spawn(l1.ticks());
    let end = node.progress().borrow().sequenced;
    reaches(node, |progress| progress.finalized == end).await?;
    ticks.abort();
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> TestResult<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &target)?,
            false => {
                std::fs::copy(entry.path(), target)?;
            }
        }
    }
    Ok(())
}

/// Two nodes with one final batch; ours is `ours`, and `theirs` a copy of it.
async fn two_folders(l1: &LocalL1, dir: &Path) -> TestResult<()> {
    two_folders_with(l1, dir, send(l1, 1, 1, 2, 1)?).await
}

/// The same with this intent in the final batch.
async fn two_folders_with(l1: &LocalL1, dir: &Path, signed: SignedIntent) -> TestResult<()> {
    let ours = dir.join("ours");
    for account in 1..=3 {
        l1.deposit(account, 5_000).await?;
    }
    l1.mine(3).await?;
    let node = start(&ours, l1)?;
    opened(&node, 3).await?;
    submit(&node, signed).await?;
    settle_all(&node, l1).await?;
    node.stop().await;
    drop(node);
    copy_folder(&ours, &dir.join("theirs"))
}

/// The other prover puts what `act` does into batch 1 on L1, and leaves it without confirmations.
async fn somebody_else<F: Future<Output = TestResult<()>>>(
    l1: &LocalL1,
    dir: &Path,
    act: impl FnOnce(Aggregator) -> F,
) -> TestResult<()> {
    let node = start(&dir.join("theirs"), l1)?;
    assert!(node.checked(TIMEOUT).await?);
    act(node.clone()).await?;
    node.seal().await?.ok_or("a batch")?;
    form_all(&node).await?;
    let included = async {
        while l1.rollup.nextBatch().call().await? < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, included).await??;
    node.stop().await;
    Ok(())
}

/// Our node acknowledges transfers of account 1 with nonces 2 to 6: in batches 1 and 2, and one in
/// the open batch.
async fn acknowledge(node: &Aggregator, l1: &LocalL1) -> TestResult<Vec<IntentId>> {
    let mut ids = Vec::new();
    for nonce in 2..=6 {
        ids.push(submit(node, send(l1, 1, nonce, 2, nonce)?).await?);
        if nonce == 3 || nonce == 5 {
            node.seal().await?.ok_or("a batch")?;
        }
    }
    Ok(ids)
}

/// A node that watches does not send: what the other prover sends is not overtaken.
fn watch(path: &Path, l1: &LocalL1) -> TestResult<Aggregator> {
    start(path, l1)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_goes_on_top_of_a_foreign_batch() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    two_folders(&l1, dir.path()).await?;
    // Ours has no block formed, so it sends nothing while the other proves.
    let node = watch(&dir.path().join("ours"), &l1)?;
    let ids = acknowledge(&node, &l1).await?;
    reaches(&node, |progress| progress.indexed.get() == 3).await?;
    let ours = events_from(&node, EventPosition::START).await?;
    let position = node.events_end().await?;
    let waiting = tokio::spawn({
        let (node, id) = (node.clone(), ids[0]);
        async move { node.wait(id, Stage::Finalized, TIMEOUT).await }
    });
    let other = l1.deposit(7, 9);
    somebody_else(&l1, dir.path(), |node| async move {
        other.await?;
        open(&node, 30).await??;
        Ok(())
    })
    .await?;
    assert_eq!(node.progress().borrow().runs, 1, "it may still leave L1");
    l1.mine(3).await?;
    reaches(&node, |progress| progress.runs == 2).await?;
    assert!(node.readiness().is_ready());
    let metrics = node.metrics();
    assert_eq!((metrics.rebases, metrics.intents_dropped), (1, 0));
    // The new run takes intents at once, and settles all of it, with no hand on it.
    let late = submit(&node, send(&l1, 1, 9, 2, 1)?).await?;
    opened(&node, 5).await?;
    settle_all(&node, &l1).await?;
    for (id, batch) in ids.iter().chain([&late]).zip([2, 2, 3, 3, 4, 4]) {
        let view = node.intent(*id).await?.ok_or("an acknowledged intent is gone")?;
        assert_eq!((view.stage, view.batch.get(), view.dropped), (Stage::Finalized, batch, None));
        assert!(node.receipt(*id).await?.ok_or("a receipt")?.block.is_some());
    }
    assert_eq!(waiting.await??.ok_or("known")?.stage, Stage::Finalized, "who waited is answered");
    // Account 4 is the stranger's; our deposit for identity 7 came after it.
    let four = node.account(AccountId::from(4)).await?.ok_or("account 4")?;
    assert_eq!(four.identity, identity(30));
    assert_eq!(node.account_of(identity(7)).await?.ok_or("account")?.pending.balance.get(), 9_000);
    assert_eq!(l1.rollup.nextBatch().call().await?, 5);
    let proof = node.block_proof(BlockNumber::new(2)?).await?;
    assert!(matches!(proof, BlockProofView::OnL1(_)), "the stranger's proof is on L1");
    let batch = node.batch(BatchNumber::new(1)?).await?.ok_or("their batch")?;
    assert_eq!((batch.summary.opened, batch.stage), (1, Stage::Finalized));
    // A reader that had seen our batches 1 and 2 is told of those that took their position.
    let theirs = events_from(&node, position).await?;
    assert!(theirs.iter().all(|event| !ours.contains(event)), "what is final is not told again");
    assert_eq!(numbers(&theirs), [1, 2, 3, 4], "each batch once");
    assert_eq!(numbers(&ours), [0, 1, 2]);
    node.stop().await;
    Ok(())
}

async fn events_from(node: &Aggregator, position: EventPosition) -> TestResult<Vec<Event>> {
    let page = node.events(position, EventFilter::default(), 100).await?;
    assert!(!page.more);
    Ok(page.events.into_iter().map(|(event, _)| event).collect())
}

/// The batches that events say are sealed.
fn numbers(events: &[Event]) -> Vec<u64> {
    let sealed = events.iter().filter_map(|event| match event {
        Event::BatchSealed(summary) => Some(summary.statement.header.number.get()),
        _ => None,
    });
    sealed.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_foreign_batch_makes_impossible_is_named_for_good() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    two_folders(&l1, dir.path()).await?;
    let one_unproven = |config: &mut SequencerConfig| config.unproven_batches_max = 1;
    let node = start_as(&dir.path().join("ours"), &l1, one_unproven)?;
    // Number 4 is given to identity 30 here, and to identity 31 on L1.
    assert_eq!(open(&node, 30).await??.id.get(), 4);
    let mut sent = farthing_testkit::transfer(4, 10)?;
    assert!(sent.address(|_| Some(identity(30).recipient())));
    let signed = sign_in(&l1.genesis.domain.digest(), 1, 2, sent)?;
    let lost = submit(&node, signed.clone()).await?;
    let kept = submit(&node, send(&l1, 1, 3, 3, 10)?).await?;
    node.seal().await?.ok_or("a batch")?;
    somebody_else(&l1, dir.path(), |node| async move {
        assert_eq!(open(&node, 31).await??.id.get(), 4);
        Ok(())
    })
    .await?;
    let waiting = tokio::spawn({
        let node = node.clone();
        async move { node.wait(lost, Stage::Finalized, TIMEOUT).await }
    });
    l1.mine(3).await?;
    let view = waiting.await??.ok_or("known")?;
    assert_eq!(view.dropped, Some(DropReason::NamesChanged), "who waits is told");
    assert_eq!((view.account.get(), view.nonce.get()), (1, 2));
    reaches(&node, |progress| progress.runs == 2).await?;
    assert_eq!(node.metrics().intents_dropped, 1);
    // Nothing new is acknowledged; what is refused for good is not told to come again.
    let closed = Closed::Unproven { got: 1, max: 1 };
    let answers = node.submit(vec![signed, send(&l1, 1, 8, 3, 1)?]).await?;
    assert_eq!(answers[0], Err(CheckError::Dropped(DropReason::NamesChanged).into()));
    assert_eq!(answers[1], Err(Rejection::Closed(closed)));
    settle_all(&node, &l1).await?;
    assert_eq!(node.intent(kept).await?.ok_or("known")?.stage, Stage::Finalized);
    assert_eq!(node.account_of(identity(30)).await?.ok_or("account")?.id.get(), 5);
    let four = node.account(AccountId::from(4)).await?.ok_or("account 4")?;
    assert_eq!(four.pending.balance.get(), 0, "nobody else was paid");
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_batch_that_l1_takes_back_changes_nothing() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    two_folders(&l1, dir.path()).await?;
    let node = watch(&dir.path().join("ours"), &l1)?;
    let ids = acknowledge(&node, &l1).await?;
    somebody_else(&l1, dir.path(), |node| async move {
        open(&node, 31).await??;
        Ok(())
    })
    .await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    l1.reorg(1).await?;
    assert_eq!(l1.rollup.nextBatch().call().await?, 1);
    l1.mine(3).await?;
    settle_all(&node, &l1).await?;
    assert_eq!(node.progress().borrow().runs, 1);
    for (id, batch) in ids.iter().zip([1, 1, 2, 2, 3]) {
        assert_eq!(node.intent(*id).await?.ok_or("known")?.batch.get(), batch);
    }
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_away_meanwhile_does_the_same() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    two_folders(&l1, dir.path()).await?;
    let node = watch(&dir.path().join("ours"), &l1)?;
    let ids = acknowledge(&node, &l1).await?;
    form_all(&node).await?;
    node.stop().await;
    drop(node);
    // A block that ours had sent by then is overtaken, or was first.
    if l1.rollup.nextBatch().call().await? > 1 {
        return Err("our node was to be stopped before it proved".into());
    }
    somebody_else(&l1, dir.path(), |node| async move {
        open(&node, 31).await??;
        Ok(())
    })
    .await?;
    l1.mine(3).await?;
    let node = start(&dir.path().join("ours"), &l1)?;
    reaches(&node, |progress| progress.runs == 2).await?;
    settle_all(&node, &l1).await?;
    for (id, batch) in ids.iter().zip([2, 2, 3, 3, 4]) {
        let view = node.intent(*id).await?.ok_or("known")?;
        assert_eq!((view.stage, view.batch.get()), (Stage::Finalized, batch));
    }
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_are_too_old_for_l1_are_dated_anew() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    two_folders(&l1, dir.path()).await?;
    let one = OpeningQuota { per_minute: 0, burst: 1 };
    let node = start_as(&dir.path().join("ours"), &l1, |config| config.openings = one)?;
    let ids = acknowledge(&node, &l1).await?;
    open(&node, 20).await??;
    assert!(matches!(open(&node, 21).await?, Err(OpeningError::Quota { .. })));
    let days = 4 * 86_400u64;
    l1.provider.raw_request::<_, u64>("evm_increaseTime".into(), [days]).await?;
    l1.mine(1).await?;
    reaches(&node, |progress| progress.runs == 2).await?;
    let refused = open(&node, 21).await?;
    assert!(matches!(refused, Err(OpeningError::Quota { .. })), "no quota is refilled by it");
    settle_all(&node, &l1).await?;
    let now = node.l1().borrow().time.ok_or("a time")?.get();
    for (id, batch) in ids.iter().zip([1, 1, 2, 2, 3]) {
        let view = node.intent(*id).await?.ok_or("known")?;
        assert_eq!((view.stage, view.batch.get()), (Stage::Finalized, batch));
        let batch = node.batch(view.batch).await?.ok_or("a batch")?;
        let age = now.saturating_sub(batch.summary.statement.header.timestamp.get());
        assert!(age < 3 * 86_400, "{age} s old");
    }
    assert_eq!(node.progress().borrow().runs, 2, "once was enough");
    node.stop().await;
    Ok(())
}

const FOLDER: &str = "FARTHING_REBASE_FOLDER";
const FAULT: &str = "FARTHING_REBASE_FAULT";
const URL: &str = "FARTHING_REBASE_URL";
const CONTRACT: &str = "FARTHING_REBASE_CONTRACT";
const OPERATOR: &str = "FARTHING_REBASE_OPERATOR";

/// The child: not a test of its own, it returns at once unless a parent gave it a folder.
#[tokio::test(flavor = "multi_thread")]
async fn child() -> TestResult<()> {
    let Ok(folder) = std::env::var(FOLDER) else { return Ok(()) };
    let contract: Address = std::env::var(CONTRACT)?.parse()?;
    let contract = farthing_protocol::Address(contract.into_array());
    let genesis = Genesis { domain: Domain { chain_id: 31_337, contract }, operator: identity(0) };
    let mut config = node_config(Path::new(&folder), genesis);
    config.faults = std::env::var(FAULT)?.parse()?;
    let mut l1 = L1Config::local(std::env::var(URL)?.parse()?, contract, 0);
    let key: B256 = std::env::var(OPERATOR)?.parse()?;
    l1.operator = Some(PrivateKeySigner::from_bytes(&key)?);
    l1.poll = Duration::from_millis(50);
    l1.verifier = Some(yes_codehash());
    let node = Aggregator::start(config, parts(l1))?;
    tokio::time::sleep(TIMEOUT).await;
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_in_the_middle_of_it_loses_nothing() -> TestResult<()> {
    for fault in ["rebase_planned", "ledger_rebased"] {
        let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
        two_folders(&l1, dir.path()).await?;
        let ours = dir.path().join("ours");
        let node = watch(&ours, &l1)?;
        let ids = acknowledge(&node, &l1).await?;
        node.stop().await;
        drop(node);
        somebody_else(&l1, dir.path(), |node| async move {
            open(&node, 31).await??;
            Ok(())
        })
        .await?;
        l1.mine(3).await?;
        let status = Command::new(std::env::current_exe()?)
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(FOLDER, &ours)
            .env(FAULT, fault)
            .env(URL, l1.anvil.endpoint())
            .env(CONTRACT, l1.rollup.address().to_string())
            .env(OPERATOR, l1.operator.to_bytes().to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        assert!(!status.success(), "{fault} was not reached");
        // The start itself ends the rebase, with L1 away.
        let blind = Aggregator::start(node_config(&ours, l1.genesis), Components::default())?;
        for (id, batch) in ids.iter().zip([2, 2, 3, 3, 4]) {
            let view = blind.intent(*id).await?.ok_or("an acknowledged intent is gone")?;
            assert_eq!((view.batch.get(), view.dropped), (batch, None), "{fault}");
        }
        blind.stop().await;
        drop(blind);
        let node = start(&ours, &l1)?;
        settle_all(&node, &l1).await?;
        for id in &ids {
            let view = node.intent(*id).await?.ok_or("known")?;
            assert_eq!(view.stage, Stage::Finalized, "{fault}");
        }
        node.stop().await;
    }
    Ok(())
}

/// Batches and the prices that they set, newest first, of license 0.
async fn prices(node: &Aggregator) -> TestResult<Vec<(u64, u64)>> {
    let versions = node.license_versions(LicenseId::MIN, BatchNumber::MAX, 9).await?;
    Ok(versions.iter().map(|view| (view.batch.get(), view.version.price.get())).collect())
}

/// The updates that events tell of: batch, price before, price after.
fn updates(events: &[Event]) -> Vec<(u64, u64, u64)> {
    let updates = events.iter().filter_map(|event| match event {
        Event::LicenseUpdated { number, old, new, .. } => {
            Some((number.get(), old.price.get(), new.price.get()))
        }
        _ => None,
    });
    updates.collect()
}

/// Our update of a license was in batch 1. The other prover's batch 1 updates nothing, or the same license:
/// then ours used a nonce that L1 has settled.
#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_license_follows_a_rebase_and_a_restore() -> TestResult<()> {
    for they_update in [false, true] {
        let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
        let domain = l1.genesis.domain.digest();
        let mut register = farthing_testkit::register(PRICE, 0, 1, &[(holder(1), 1_000_000)])?;
        assert!(register.address(|_| Some(identity(1).recipient())));
        two_folders_with(&l1, dir.path(), sign_in(&domain, 1, 1, register)?).await?;
        let node = watch(&dir.path().join("ours"), &l1)?;
        let update = |price| -> TestResult<Operation> {
            Ok(farthing_testkit::update(0, farthing_testkit::version(price)?))
        };
        let ours = sign_in(&domain, 1, 2, address(&node, update(9)?).await?)?;
        submit(&node, ours).await?;
        node.seal().await?.ok_or("a batch")?;
        let pay = address(&node, farthing_testkit::pay(0, 1, 9)?).await?;
        let paid = submit(&node, sign_in(&domain, 2, 1, pay)?).await?;
        reaches(&node, |progress| progress.indexed.get() == 2).await?;
        assert_eq!(prices(&node).await?, [(1, 9), (0, PRICE)]);
        let told = events_from(&node, EventPosition::START).await?;
        assert_eq!(updates(&told), [(1, PRICE, 9)]);

        let theirs = update(8)?;
        somebody_else(&l1, dir.path(), |node| async move {
            open(&node, 30).await??;
            if they_update {
                let theirs = address(&node, theirs).await?;
                submit(&node, sign_in(&domain, 1, 3, theirs)?).await?;
            }
            Ok(())
        })
        .await?;
        l1.mine(3).await?;
        reaches(&node, |progress| progress.runs == 2).await?;
        settle_all(&node, &l1).await?;
        let (expected, dropped) = match they_update {
            false => ((2, 9), None),
            true => ((1, 8), Some(DropReason::Refused)),
        };
        assert_eq!(node.intent(paid).await?.ok_or("known")?.dropped, dropped);
        assert_eq!(prices(&node).await?, [expected, (0, PRICE)]);
        let told = events_from(&node, EventPosition::START).await?;
        assert_eq!(updates(&told), [(expected.0, PRICE, expected.1)]);
        let license = node.license(LicenseId::MIN).await?.ok_or("license 0")?;
        assert_eq!(license.version.price.get(), expected.1);
        assert_ne!(license.registered_provenance, license.version.provenance);
        node.stop().await;

        let folder = dir.path().join("restored");
        let (domain, config) = (l1.genesis.domain, l1.config());
        farthing_aggregator::restore(&folder, domain, None, BatchClass::TINY, &config).await?;
        let restored = start(&folder, &l1)?;
        assert_eq!(prices(&restored).await?, [expected, (0, PRICE)]);
        let found = restored.license(LicenseId::MIN).await?.ok_or("license 0")?;
        assert_eq!(found.version, license.version);
        assert_eq!(found.registered_provenance, license.registered_provenance);
        restored.stop().await;
    }
    Ok(())
}
