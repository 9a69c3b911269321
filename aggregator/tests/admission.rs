//! Admission of intents and openings: rules, quotas, proofs that fall behind, a clock that is wrong,
//! and many writers of one account.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use farthing_aggregator::{
    AdmissionRules, Aggregator, Clock, Closed, Components, OpeningError, OpeningQuota, OwnerError,
    Rejection, RuleError, StartError,
};
use farthing_ledger::{AdmitError, CheckError, OpenAccountError};
use farthing_protocol::{
    AccountId, AccountIdentity, Address, BatchClass, Fee, Intent, Nonce, SignatureError,
    SignedIntent, Stage, UnixTime,
};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(30);
const NOW: u64 = 1_800_000_000;

/// A clock that a test sets.
struct Hands(AtomicU64);

impl Clock for Hands {
    fn now(&self) -> UnixTime {
        UnixTime::new(self.0.load(Ordering::Relaxed)).unwrap_or(UnixTime::MAX)
    }
}

fn at(seconds: u64) -> Components {
    Components { clock: Arc::new(Hands(AtomicU64::new(seconds))), ..Components::default() }
}

/// A transfer of account 1 with another head.
fn with(change: impl FnOnce(&mut Intent)) -> TestResult<SignedIntent> {
    let mut intent = transfer(1, 1, 2, 5)?.intent;
    intent.valid_until = UnixTime::new(NOW + 60)?;
    change(&mut intent);
    Ok(intent.sign(&key(1), &domain()))
}

#[tokio::test]
async fn a_clock_before_1970_starts_nothing() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let refused = Aggregator::start(config(dir.path(), BatchClass::TINY), at(0));
    assert!(matches!(refused.err(), Some(StartError::Clock)));
    assert!(dir.path().read_dir()?.next().is_none(), "nothing is made");
    Ok(())
}

#[tokio::test]
async fn what_the_operator_asks_for_is_checked_and_published() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let mut config = config(dir.path(), BatchClass::TINY);
    config.sequencer.rules = AdmissionRules::default();
    config.sequencer.rules.least_fees.transfer = Fee::new(3)?;
    let rules = config.sequencer.rules;
    let node = Aggregator::start(config, at(NOW))?;
    fund(&node, 2, 0).await?;
    assert_eq!(node.info().rules, rules);
    let (day, week) = ((NOW + 86_400) * 1_000_000, NOW + 7 * 86_400);
    let nonce = Nonce::new(day + 1)?;
    let refused = [
        (with(|i| i.nonce = nonce)?, RuleError::NonceTooHigh { max: Nonce::new(day)?, got: nonce }),
        (
            with(|i| i.valid_until = UnixTime::MAX)?,
            RuleError::ValidTooLong { max: UnixTime::new(week)?, got: UnixTime::MAX },
        ),
        (with(|_| {})?, RuleError::FeeTooLow { least: Fee::new(3)?, got: Fee::MIN }),
    ];
    for (intent, expected) in refused {
        let answer = node.submit(vec![intent]).await?.remove(0);
        assert_eq!(answer, Err(Rejection::Rule(expected)));
    }
    assert_eq!(node.seal().await?.map(|batch| batch.get()), Some(0), "the accounts alone");
    let (fee, nonce, valid_until) = (Fee::new(3)?, Nonce::new(day)?, UnixTime::new(week)?);
    let good = with(|i| (i.fee, i.nonce, i.valid_until) = (fee, nonce, valid_until))?;
    assert!(!node.submit(vec![good]).await?.remove(0)?.repeated);
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn who_opens_an_account_has_its_key_and_an_owner_that_can_be_paid() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let mut config = config(dir.path(), BatchClass::TINY);
    let token = Address([0x77; 20]);
    config.sequencer.rules.token = Some(token);
    let node = Aggregator::start(config, Components::default())?;
    let open_for = async |owner: Address, signer: u32| {
        let key_of = key(1);
        let identity = AccountIdentity { key: *key_of.public_key(), owner };
        let signature = AccountIdentity::sign_opening(&key(signer), owner, &domain());
        node.open_account(identity, &signature).await
    };
    let good = owner(1);
    assert_eq!(
        open_for(good, 2).await?,
        Err(OpeningError::Signature(SignatureError::Mismatch)),
        "signed by somebody else"
    );
    let elsewhere = AccountIdentity::sign_opening(&key(1), good, &farthing_protocol::Digest::ZERO);
    assert!(matches!(
        node.open_account(identity(1), &elsewhere).await?,
        Err(OpeningError::Signature(_))
    ));
    for (owner, expected) in [
        (Address::default(), OwnerError::Zero),
        (genesis().domain.contract, OwnerError::Rollup),
        (token, OwnerError::Token),
    ] {
        assert_eq!(open_for(owner, 1).await?, Err(expected.into()));
    }
    assert!(node.seal().await?.is_none(), "nothing has changed");
    assert_eq!(open_for(good, 1).await??.id.get(), 1);
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn accounts_at_no_cost_are_bounded_and_deposits_are_not() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let mut config = config(dir.path(), BatchClass::TINY);
    config.sequencer.openings = OpeningQuota { per_minute: 1, burst: 3 };
    let node = Aggregator::start(config, Components::default())?;
    for account in 1..=3 {
        open(&node, account).await??;
    }
    let refused = open(&node, 4).await?;
    let Err(OpeningError::Quota { retry_after }) = refused else {
        return Err(format!("{refused:?}").into());
    };
    assert!(retry_after > Duration::from_secs(1) && retry_after <= Duration::from_secs(60));
    let exists = open(&node, 2).await?;
    assert_eq!(exists, Err(OpenAccountError::Exists { id: AccountId::from(2) }.into()));
    let next = node.consume_queue(farthing_protocol::QueueIndex::MIN, vec![deposit(4, 9)?]).await?;
    assert_eq!(next.get(), 1);
    assert_eq!(node.account_of(identity(4)).await?.ok_or("opened")?.id.get(), 4);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_new_is_acknowledged_while_proofs_are_behind() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let mut config = config(dir.path(), BatchClass::TINY);
    config.sequencer.unproven_batches_max = 2;
    config.blocks.age = Duration::from_secs(3_600);
    config.blocks.batches_max = 4;
    let prover = Some(Asked::default().source(Duration::ZERO));
    let node = Aggregator::start(config, Components { prover, ..Components::default() })?;
    assert_eq!(node.info().unproven_batches_max, Some(2));
    fund(&node, 2, 0).await?;
    let first = transfer(1, 10, 2, 1)?;
    node.submit(vec![first.clone()]).await?.remove(0)?;
    node.seal().await?;
    assert!(node.readiness().is_ready());
    node.submit(vec![transfer(1, 11, 2, 1)?]).await?.remove(0)?;
    node.seal().await?;

    let closed = Closed::Unproven { got: 2, max: 2 };
    assert_eq!(node.readiness().closed, Some(closed));
    assert!(!node.readiness().is_ready());
    // What was acknowledged is answered as ever, and so is an account that exists.
    let new = transfer(1, 12, 2, 1)?;
    let mut forged = transfer(1, 13, 2, 1)?;
    forged.intent.fee = Fee::new(1)?;
    let nobody = transfer(77, 1, 2, 1)?;
    let answers = node.submit(vec![new.clone(), first, forged, nobody]).await?;
    assert_eq!(answers[0], Err(Rejection::Closed(closed)));
    assert!(answers[1]?.repeated);
    // So is what no time would make right.
    assert_eq!(answers[2], Err(CheckError::Signature(SignatureError::Mismatch).into()));
    let account = AccountId::from(77);
    assert_eq!(answers[3], Err(CheckError::UnknownAccount { account }.into()));
    assert_eq!(open(&node, 3).await?, Err(closed.into()));
    let exists = open(&node, 2).await?;
    assert!(matches!(exists, Err(OpeningError::Ledger(OpenAccountError::Exists { .. }))));
    assert_eq!(node.metrics().intents_closed, 1);
    // The queue goes on: it must be consumed in time.
    let next = farthing_protocol::QueueIndex::new(2)?;
    assert_eq!(node.consume_queue(next, vec![deposit(1, 1)?]).await?.get(), 3);

    node.form_block().await?.ok_or("a block")?;
    let mut progress = node.progress();
    tokio::time::timeout(TIMEOUT, progress.wait_for(|p| p.unproven() < 2)).await??;
    assert_eq!(node.readiness().closed, None);
    assert!(!node.submit(vec![new]).await?.remove(0)?.repeated);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_group_does_not_pass_the_bound() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let mut config = config(dir.path(), BatchClass::TINY);
    config.sequencer.unproven_batches_max = 3;
    config.blocks.age = Duration::from_secs(3_600);
    let asked = Asked::default();
    let prover = Some(asked.source(Duration::from_secs(1)));
    let node = Aggregator::start(config, Components { prover, ..Components::default() })?;
    fund(&node, 2, 0).await?;
    let many = (1..=200).map(|n| transfer(1, n, 2, 1)).collect::<TestResult<Vec<_>>>()?;
    let answers = node.submit(many.clone()).await?;
    let taken = answers.iter().take_while(|answer| answer.is_ok()).count();
    // 16 intents fill a batch; the last one taken may still be being sealed.
    assert!((48..=80).contains(&taken), "{taken}");
    let closed = |answer: &Result<_, _>| {
        matches!(answer, Err(Rejection::Closed(Closed::Unproven { max: 3, .. })))
    };
    assert!(answers[taken..].iter().all(closed));
    let again = node.submit(many).await?;
    assert!(again[..taken].iter().all(|answer| answer.is_ok_and(|ok| ok.repeated)));
    assert_eq!(node.metrics().intents_accepted, taken as u64);
    node.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sequenced_can_be_read() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = start(dir.path())?;
    fund(&node, 2, 0).await?;
    for nonce in 1..=40 {
        let admission = node.submit(vec![transfer(1, nonce, 2, 1)?]).await?.remove(0)?;
        let waiting = tokio::spawn({
            let node = node.clone();
            async move {
                node.wait(admission.id, Stage::Sequenced, TIMEOUT).await?;
                let status = node.intent(admission.id).await?;
                let batch = node.batch(admission.batch).await?;
                TestResult::Ok((status.map(|view| view.stage), batch.is_some()))
            }
        });
        node.seal().await?;
        assert_eq!(waiting.await??, (Some(Stage::Sequenced), true), "batch {}", admission.batch);
        assert!(node.receipt(admission.id).await?.is_some());
    }
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn nonces_that_come_together_come_in_any_order() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let node = start(dir.path())?;
    fund(&node, 2, 0).await?;
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    // Six batches of 16, of two accounts, and the answers stand where the intents did.
    let mut intents = (1..=96)
        .map(|n| transfer(1 + u32::from(n % 3 == 0), n, 2 - u32::from(n % 3 == 0), n))
        .collect::<TestResult<Vec<_>>>()?;
    intents.shuffle(&mut rng);
    let answers = node.submit(intents.clone()).await?;
    for (intent, answer) in intents.iter().zip(answers) {
        let admission = answer?;
        assert_eq!((admission.id, admission.repeated), (intent.intent.id(&domain()), false));
    }
    // Of two with one nonce the first that came wins.
    let answers = node
        .submit(vec![transfer(1, 203, 2, 1)?, transfer(1, 201, 2, 1)?, transfer(1, 203, 2, 2)?])
        .await?;
    let first = transfer(1, 203, 2, 1)?.intent.id(&domain());
    assert!(answers[0].is_ok() && answers[1].is_ok());
    let used = matches!(answers[2],
        Err(Rejection::Admit(AdmitError::NonceUsed { by, .. })) if by == first);
    assert!(used, "{:?}", answers[2]);
    node.stop().await;
    Ok(())
}

/// Twenty writers of one account, each on its own: nonces are microseconds, what comes too late is
/// signed again. Nothing is lost and nothing is paid twice, with a batch sealed every 16 intents.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_writers_share_an_account() -> TestResult<()> {
    const WRITERS: u64 = 20;
    const PAYMENTS: u64 = 25;
    let dir = tempfile::tempdir()?;
    let node = start(dir.path())?;
    fund(&node, 2, 0).await?;
    let start = std::time::Instant::now();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let node = node.clone();
        writers.spawn(async move {
            let mut rng = ChaCha8Rng::seed_from_u64(writer);
            let mut again = 0u64;
            for _ in 0..PAYMENTS {
                loop {
                    let nonce = 1 + u64::try_from(start.elapsed().as_micros())?;
                    // Each writer pays its own amount: two that sign in the same microsecond then have
                    // different intents of one nonce, not one intent that the node would know already.
                    let intent = transfer(1, nonce, 2, 1 + writer)?;
                    // The way to the node.
                    let way = Duration::from_micros(rng.random_range(0..3_000));
                    tokio::time::sleep(way).await;
                    match node.submit(vec![intent]).await?.remove(0) {
                        Ok(admission) => {
                            assert!(!admission.repeated);
                            break;
                        }
                        Err(Rejection::Admit(
                            AdmitError::NonceTooLow { .. } | AdmitError::NonceUsed { .. },
                        )) => again += 1,
                        Err(other) => return Err(other.into()),
                    }
                }
            }
            TestResult::Ok(again)
        });
    }
    let mut again = 0;
    while let Some(writer) = writers.join_next().await {
        again += writer??;
    }
    node.seal().await?;
    let account = node.account(AccountId::from(2)).await?.ok_or("account 2")?;
    let paid: u64 = (1..=WRITERS).map(|amount| amount * PAYMENTS).sum();
    assert_eq!(account.pending.balance.get(), FUNDS + paid);
    println!("{again} of {} signed again", WRITERS * PAYMENTS);
    node.stop().await;
    Ok(())
}
