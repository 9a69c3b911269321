//! Intents from submission to a sealed batch, and every answer about them.

mod support;

use std::time::Duration;

use farthing_aggregator::{
    Aggregator, Components, EarningsRange, OpeningError, Receipt, Rejection, SUBMIT_MAX,
    SequencerError,
};
use farthing_ledger::{AdmitError, CheckError, OpenAccountError};
use farthing_protocol::{
    AccountId, BatchClass, BatchNumber, Digest, Holder, LicenseId, Nano, QueueIndex, Stage, Uses,
    challenge,
};
use support::*;

#[tokio::test]
async fn an_intent_climbs_from_accepted_to_sequenced() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = start(dir.path())?;
    fund(&node, 3, 0).await?;
    let intent = transfer(1, 5, 2, 1_000)?;
    let admission = node.submit(vec![intent.clone()]).await?.remove(0)?;
    assert!(!admission.repeated);
    let again = node.submit(vec![intent.clone()]).await?.remove(0)?;
    assert!(again.repeated);
    assert_eq!(again.id, intent.intent.id(&domain()));

    let view = node.intent(admission.id).await?.ok_or("acknowledged")?;
    assert_eq!((view.stage, view.account.get(), view.nonce.get()), (Stage::Accepted, 1, 5));
    assert!(node.receipt(admission.id).await?.is_none());
    let early = node.wait(admission.id, Stage::Sequenced, Duration::from_millis(20)).await?;
    assert_eq!(early.ok_or("known")?.stage, Stage::Accepted);

    let waiting = tokio::spawn({
        let node = node.clone();
        async move { node.wait(admission.id, Stage::Sequenced, Duration::from_secs(30)).await }
    });
    assert_eq!(node.seal().await?, Some(admission.batch));
    let view = waiting.await??.ok_or("known")?;
    assert_eq!((view.stage, view.batch), (Stage::Sequenced, admission.batch));
    assert_eq!(node.seal().await?, None);
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn every_answer_stands_at_its_place() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = start(dir.path())?;
    fund(&node, 2, 0).await?;
    let good = transfer(1, 10, 2, 5)?;
    let mut forged = transfer(1, 11, 2, 5)?;
    forged.signature = good.signature;
    let intents = vec![
        good.clone(),
        forged,
        transfer(77, 1, 2, 5)?,
        transfer(2, 1, 1, FUNDS + 6)?,
        transfer(1, 10, 2, 6)?,
        transfer(1, 9, 2, 5)?,
        good,
        transfer(2, 1, 1, FUNDS)?,
    ];
    let answers = node.submit(intents).await?;
    assert!(matches!(answers[0], Ok(ok) if !ok.repeated));
    assert!(matches!(answers[1], Err(Rejection::Check(CheckError::Signature(_)))));
    assert!(matches!(answers[2], Err(Rejection::Check(CheckError::UnknownAccount { .. }))));
    assert!(matches!(answers[3], Err(Rejection::Admit(AdmitError::InsufficientFunds { .. }))));
    assert!(matches!(answers[4], Err(Rejection::Admit(AdmitError::NonceUsed { .. }))));
    assert!(matches!(answers[5], Ok(ok) if !ok.repeated), "a batch is a set");
    assert!(matches!(answers[6], Ok(ok) if ok.repeated));
    // What account 1 just sent is there to be spent, and a refusal uses no nonce.
    assert!(matches!(answers[7], Ok(ok) if !ok.repeated));
    let many = vec![transfer(1, 20, 2, 1)?; SUBMIT_MAX + 1];
    assert!(matches!(node.submit(many).await, Err(SequencerError::TooMany { .. })));
    let exists = open(&node, 2).await?;
    let exists = exists.map_err(|error| matches!(error, OpeningError::Ledger(OpenAccountError::Exists { id }) if id.get() == 2));
    assert_eq!(exists, Err(true));
    assert_eq!(node.metrics().intents_accepted, 3);
    node.seal().await?;
    let late = node.submit(vec![transfer(1, 8, 2, 5)?]).await?.remove(0);
    assert!(matches!(late, Err(Rejection::Admit(AdmitError::NonceTooLow { .. }))));
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn full_batches_are_sealed_on_the_way() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = start(dir.path())?;
    fund(&node, 2, 0).await?;
    let intents = (1..=100).map(|n| transfer(1, n, 2, n)).collect::<TestResult<Vec<_>>>()?;
    let answers = node.submit(intents).await?;
    for (index, answer) in answers.iter().enumerate() {
        let admission = (*answer)?;
        assert_eq!(admission.batch.get() as usize, index / 16, "16 intents make a batch");
    }
    let last = answers[99]?;
    assert_eq!(node.seal().await?, Some(last.batch));
    let account = node.account(AccountId::from(2)).await?.ok_or("account")?;
    assert_eq!(account.pending.balance.get(), FUNDS + 5_050);
    assert_eq!(account.settled, Some(account.pending));
    // The index follows in its own time.
    let mut progress = node.progress();
    progress.wait_for(|p| p.indexed > last.batch).await?;
    let batches = node.batches(BatchNumber::MIN, 100).await?;
    assert_eq!(batches.len(), 7);
    assert_eq!(batches.iter().map(|b| b.summary.statement.header.intents).sum::<u32>(), 100);
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_batch_is_sealed_by_age() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let mut config = config(dir.path(), BatchClass::TINY);
    config.sequencer.seal_age = Duration::from_millis(200);
    let node = Aggregator::start(config, Components::default())?;
    fund(&node, 2, 0).await?;
    let admission = node.submit(vec![transfer(1, 1, 2, 1)?]).await?.remove(0)?;
    let view = node.wait(admission.id, Stage::Sequenced, Duration::from_secs(20)).await?;
    assert_eq!(view.ok_or("known")?.stage, Stage::Sequenced);
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_payment_reaches_every_holder_as_quoted_and_stated() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = start(dir.path())?;
    fund(&node, 4, 0).await?;
    let root = register(1, 1, &[(holder(1), 600_000), (holder(2), 400_000)], 250_000, 1)?;
    let child = register(3, 1, &[(holder(3), 750_000), (parent(0), 250_000)], 0, 2)?;
    for signed in [root, child] {
        let operation = address(&node, signed.intent.operation).await?;
        let (account, nonce) = (signed.intent.account.get(), signed.intent.nonce.get());
        node.submit(vec![sign(account, nonce, operation)?]).await?.remove(0)?;
    }
    let child = LicenseId::from(1);
    let pending = node.license(child).await?.ok_or("registered")?;
    assert!(pending.settled.is_none());

    let quote = node.quote(child, Uses::new(10)?).await?;
    assert_eq!(quote.amount.get(), 70);
    // 70: 52 to account 3, 17 to license 0, 1 stays; 17: 10 to account 1, 6 to account 2.
    let credits: Vec<_> = quote.credits.iter().map(|(id, n)| (id.get(), n.get())).collect();
    assert_eq!(credits, [(1, 10), (2, 6), (3, 52)]);

    let paid = address(&node, farthing_testkit::pay(1, 10, PRICE)?).await?;
    let admission = node.submit(vec![sign(4, 1, paid)?]).await?.remove(0)?;
    node.seal().await?;
    node.progress().wait_for(|p| p.indexed > admission.batch).await?;
    let earnings = node.license_earnings(child, EarningsRange::ALL).await?;
    assert_eq!(earnings.lines.len(), 1);
    let split = &earnings.lines[0].split;
    assert_eq!((split.received.get(), split.vault_after.get()), (70, 1));
    let expected = [(holder(3), 52), (parent(0), 17)];
    for ((to, part), (holder, nano)) in split.parts.iter().zip(expected) {
        assert_eq!((*to, part.get()), (holder, nano));
    }
    let root = node.license_earnings(LicenseId::from(0), EarningsRange::ALL).await?.lines.pop();
    let parent = root.ok_or("the parent has a line")?.split;
    assert_eq!(parent.received, Nano::from(17));
    assert!(
        matches!(parent.parts[0], (Holder::Account(id), part) if id.get() == 1 && part.get() == 10)
    );
    let unknown = node.quote(LicenseId::from(9), Uses::new(1)?).await;
    assert!(unknown.is_err());
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_receipt_leads_from_the_signature_to_the_batch() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = start(dir.path())?;
    fund(&node, 3, 0).await?;
    let intents: Vec<_> =
        (1..=15).map(|n| transfer(1 + (n % 3) as u32, n, 2, n)).collect::<TestResult<_>>()?;
    let answers = node.submit(intents.clone()).await?;
    node.seal().await?;
    for (intent, answer) in intents.iter().zip(answers) {
        let receipt = node.receipt(answer?.id).await?.ok_or("receipt")?;
        assert_eq!(receipt.signed, *intent);
        let Receipt { signed, key, .. } = &receipt;
        let e = challenge(&domain(), &signed.signature.r, key, &signed.intent.message());
        let leaf = Digest::new(e.elements());
        assert_eq!(receipt.path.root(&leaf), receipt.statement.header.receipts_root);
        assert!(receipt.block.is_none());
    }
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let intents = (1..=20).map(|n| transfer(1, n, 2, n)).collect::<TestResult<Vec<_>>>()?;
    {
        let node = start(dir.path())?;
        fund(&node, 2, 0).await?;
        for answer in node.submit(intents.clone()).await? {
            answer?;
        }
        node.stop().await;
        node.stopped().await;
        assert!(!node.readiness().is_ready());
        assert_eq!(node.submit(intents.clone()).await, Err(SequencerError::Stopped));
    }
    let node = start(dir.path())?;
    for answer in node.submit(intents).await? {
        assert!(answer?.repeated);
    }
    // Entries consumed before are passed over.
    let next = node.consume_queue(QueueIndex::MIN, vec![deposit(1, FUNDS)?]).await?;
    assert_eq!(next.get(), 2);
    let account = node.account(AccountId::from(2)).await?.ok_or("account")?;
    assert_eq!(account.pending.balance.get(), FUNDS + 210);
    let found = node.account_of(identity(2)).await?.ok_or("by identity")?;
    assert_eq!(found, account);
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_folder_of_another_rollup_is_refused() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = start(dir.path())?;
    node.stop().await;
    drop(node);
    let mut other = config(dir.path(), BatchClass::TINY);
    other.genesis.domain.chain_id = 1;
    assert!(matches!(
        Aggregator::start(other, Components::default()),
        Err(farthing_aggregator::StartError::OtherGenesis)
    ));
    Ok(())
}
