//! Events: which there are, in which order, and that a reader who comes back at any position gets
//! exactly the rest. Proofs are lists and the verifier takes all.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use farthing_aggregator::{Aggregator, Components, Event, EventFilter, EventKind, EventPosition};
use farthing_protocol::{
    AccountId, BatchClass, BlockNumber, LicenseId, Operation, SignedIntent, Stage,
};
use support::l1::LocalL1;
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(60);

fn start_on(path: &Path, l1: &LocalL1) -> TestResult<Aggregator> {
    let mut config = config(path, BatchClass::TINY);
    config.genesis = l1.genesis;
    config.blocks.age = Duration::from_secs(3600);
    let prover = Some(Asked::default().source(Duration::ZERO));
    let parts = Components { prover, l1: Some(l1.config()), ..Components::default() };
    Ok(Aggregator::start(config, parts)?)
}

/// All events from a position on, read two at a time, each with the position after it.
async fn read(
    node: &Aggregator,
    from: EventPosition,
    filter: &EventFilter,
) -> TestResult<Vec<(Event, EventPosition)>> {
    let (mut all, mut position) = (Vec::new(), from);
    loop {
        let page = node.events(position, filter.clone(), 2).await?;
        assert!(page.events.len() <= 2);
        all.extend(page.events);
        position = page.next;
        if !page.more {
            return Ok(all);
        }
    }
}

fn told(events: &[(Event, EventPosition)]) -> Vec<String> {
    let told = events.iter().map(|(event, _)| match event {
        Event::BatchSealed(summary) => format!("sealed {}", summary.statement.header.number),
        Event::LicensePaid { number, license, split, .. } => {
            format!("paid {license} {} in {number}", split.received)
        }
        Event::LicenseUpdated { number, license, new, .. } => {
            format!("updated {license} to {} in {number}", new.price)
        }
        Event::BlockProven(block) => format!("proven {}", block.number),
        Event::BlockFinalized(block, _) => format!("final {}", block.number),
        Event::PayoutClaimable { block, payout, .. } => {
            format!("claimable {}/{} of {block}", payout.batch, payout.index)
        }
    });
    told.collect()
}

/// Submits intents of an account from a nonce on, and seals them.
async fn seal(
    node: &Aggregator,
    l1: &LocalL1,
    (account, first): (u32, u64),
    operations: Vec<Operation>,
) -> TestResult<SignedIntent> {
    let domain = l1.genesis.domain.digest();
    let mut last = None;
    for (nonce, operation) in (first..).zip(operations) {
        let signed = sign_in(&domain, account, nonce, address(node, operation).await?)?;
        node.submit(vec![signed.clone()]).await?.remove(0)?;
        last = Some(signed);
    }
    let batch = node.seal().await?.ok_or("a batch")?;
    node.progress().wait_for(|progress| progress.indexed > batch).await?;
    Ok(last.ok_or("an intent")?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_gets_every_event_once_and_the_rest_after_any_place() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let node = start_on(dir.path(), &l1)?;
    for account in 1..=3 {
        l1.deposit(account, 5_000).await?;
    }
    l1.mine(3).await?;
    while node.account(AccountId::from(3)).await?.is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let began = node.events_end().await?;
    assert_eq!(began, EventPosition::START);
    let register = |holders: &[_], lineage| {
        farthing_testkit::register(PRICE, if lineage == 1 { 250_000 } else { 0 }, lineage, holders)
    };
    let original = register(&[(holder(2), 1_000_000)], 1)?;
    let derived = register(&[(holder(3), 750_000), (parent(0), 250_000)], 2)?;
    seal(&node, &l1, (1, 1), vec![original, derived]).await?;
    let withdraw = farthing_testkit::withdraw(1_000_000)?;
    let pay = |license, uses| farthing_testkit::pay(license, uses, PRICE);
    let last = seal(&node, &l1, (1, 3), vec![pay(1, 4)?, pay(1, 8)?, withdraw]).await?;
    let middle = node.events_end().await?;
    let open = EventFilter::default();
    let sealed = ["sealed 0", "sealed 1", "paid 0 21 in 1", "paid 1 84 in 1"];
    assert_eq!(told(&read(&node, EventPosition::START, &open).await?), sealed);
    assert_eq!(read(&node, middle, &open).await?, []);

    node.form_block().await?.ok_or("a block")?;
    let ticks = tokio::spawn(l1.ticks());
    node.wait(last.intent.id(&l1.genesis.domain.digest()), Stage::Finalized, TIMEOUT).await?;
    ticks.abort();
    seal(&node, &l1, (1, 6), vec![pay(0, 1)?]).await?;
    let settled = ["proven 1", "final 1", "claimable 1/0 of 1"];
    let all: Vec<&str> =
        sealed.into_iter().chain(settled).chain(["sealed 2", "paid 0 7 in 2"]).collect();
    let events = read(&node, EventPosition::START, &open).await?;
    assert_eq!(told(&events), all);
    assert_eq!(told(&read(&node, middle, &open).await?), all[4..]);
    let end = events.last().ok_or("an event")?.1;
    let page = node.events(end, open.clone(), 2).await?;
    assert_eq!((page.events.len(), page.next, page.more), (0, node.events_end().await?, false));

    let only =
        |kinds: &[EventKind], account: Option<u32>, license: Option<u32>, block| EventFilter {
            kinds: kinds.iter().copied().collect::<BTreeSet<_>>(),
            account: account.map(|id| (AccountId::from(id), owner(id))),
            license: license.map(LicenseId::from),
            block,
        };
    let first = Some(BlockNumber::FIRST);
    for (filter, expected) in [
        (only(&[], Some(1), None, None), &["claimable 1/0 of 1"][..]),
        (only(&[], Some(2), None, None), &["paid 0 21 in 1", "paid 0 7 in 2"]),
        (only(&[], Some(3), None, None), &["paid 1 84 in 1"]),
        (only(&[], None, Some(1), None), &["paid 1 84 in 1"]),
        (only(&[], None, None, first), &settled),
        (only(&[], Some(2), None, first), &[]),
        (only(&[EventKind::BatchSealed], None, None, None), &["sealed 0", "sealed 1", "sealed 2"]),
    ] {
        assert_eq!(
            told(&read(&node, EventPosition::START, &filter).await?),
            expected,
            "{filter:?}"
        );
    }

    // A position in the second block that names a payout of the first: that is not told again.
    let last = seal(&node, &l1, (1, 7), vec![pay(0, 1)?]).await?;
    node.form_block().await?.ok_or("a block")?;
    let ticks = tokio::spawn(l1.ticks());
    node.wait(last.intent.id(&l1.genesis.domain.digest()), Stage::Finalized, TIMEOUT).await?;
    ticks.abort();
    let events = read(&node, EventPosition::START, &open).await?;
    let (_, position) = events.last().ok_or("an event")?;
    assert_eq!(told(&events[events.len() - 2..]), ["proven 2", "final 2"]);
    let (positions, _): ([u64; 6], Option<(u64, u32)>) =
        postcard::from_bytes(&postcard::to_stdvec(position)?)?;
    let forged = postcard::to_stdvec(&(positions, Some((0_u64, 0_u32))))?;
    assert_eq!(read(&node, postcard::from_bytes(&forged)?, &open).await?, []);

    node.stop().await;
    drop(node);
    let node = start_on(dir.path(), &l1)?;
    for (seen, (_, position)) in (1..).zip(&events) {
        assert_eq!(read(&node, *position, &open).await?, events[seen..], "after {seen}");
    }
    node.stop().await;
    Ok(())
}

/// A position may come from a node with more history, from another rollup, or from nowhere.
#[tokio::test]
async fn a_place_that_this_node_never_gave_leads_to_its_own_events() -> TestResult<()> {
    let (ours, theirs) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let node = start(ours.path())?;
    fund(&node, 2, 0).await?;
    node.seal().await?.ok_or("a batch")?;
    let other = start(theirs.path())?;
    fund(&other, 1, 0).await?;
    for nonce in 1..=3 {
        other.seal().await?;
        other.submit(vec![transfer(1, nonce, 0, 5)?]).await?.remove(0)?;
    }
    for node in [&node, &other] {
        let sealed = node.progress().borrow().sequenced;
        node.progress().wait_for(|progress| progress.indexed == sealed).await?;
    }
    let open = EventFilter::default();
    let own = read(&node, EventPosition::START, &open).await?;
    assert_eq!(told(&own), ["sealed 0"]);
    let foreign = other.events_end().await?;
    assert_eq!(read(&node, foreign, &open).await?, own, "other digests: from the last final block");
    assert_eq!(told(&read(&other, own[0].1, &open).await?), ["sealed 0", "sealed 1", "sealed 2"]);
    node.stop().await;
    other.stop().await;
    Ok(())
}
