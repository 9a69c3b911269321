//! Many writers of one account over HTTP: a writer that comes too late signs again, and nothing is paid
//! twice.

mod support;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use farthing_client::{ClientError, ProblemCode, SignerError};
use farthing_protocol::{AccountId, Amount, Bytes32, LicenseId, Nonce};
use support::*;

const MEMO: Bytes32 = Bytes32([7; 32]);

fn micros_from_now(ahead: Duration) -> TestResult<Nonce> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)? + ahead;
    Ok(Nonce::new(u64::try_from(since.as_micros())?)?)
}

#[tokio::test]
async fn a_late_writer_signs_again() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(3, 0).await?;
    register_two(&node).await?;
    let client = node.client()?;
    let (early, late) = (signer(1), signer(1));
    // The clock of one writer is an hour ahead of the other's.
    early.learn_nonce(micros_from_now(Duration::from_secs(3_600))?);
    let to = AccountId::from(2);
    let first = client.transfer(&early, to, Amount::new(5)?, MEMO).await?;
    node.seal().await?;
    let settled = client.account(AccountId::from(1)).await?;
    assert_eq!((settled.nonce, settled.settled_nonce), (settled.nonce, settled.nonce));

    let stale = late.transfer(transfer_to(to, Amount::new(6)?, MEMO))?;
    let refused = client.submit(&stale).await.err().ok_or("too late")?;
    assert_eq!(refused.problem().map(|p| p.code), Some(ProblemCode::NonceTooLow));
    let unknown = client.intent(stale.intent.id(&domain_digest())).await;
    assert!(unknown.is_err(), "what is refused is not known");
    let paid = client.transfer(&late, to, Amount::new(6)?, MEMO).await?;
    let bought = client.pay(&late, LicenseId::from(0), uses(2)?, MEMO).await?;
    assert!(!paid.repeated && !bought.repeated);
    assert_ne!(paid.batch, first.batch);
    let table = shares(&[(1, 1_000_000)], &[])?;
    let price = farthing_protocol::Price::new(PRICE)?;
    let behind = signer(1);
    node.seal().await?;
    let registered = client
        .register_license(&behind, price, farthing_protocol::Shares::ZERO, MEMO, table)
        .await?;
    assert_eq!(registered.registers, Some(LicenseId::from(2)));
    let balance = client.account(AccountId::from(1)).await?.spendable.0.get();
    let own_part = 2 * PRICE * 600_000 / 1_000_000;
    assert_eq!(balance, FUNDS - 5 - 6 - 2 * PRICE + own_part);

    // What signing again does not mend is said at once, and what would be refused is not signed.
    let poor = client.transfer(&behind, to, Amount::new(FUNDS)?, MEMO).await.err();
    assert_eq!(
        poor.as_ref().and_then(ClientError::problem).map(|p| p.code),
        Some(ProblemCode::InsufficientFunds)
    );
    let far = micros_from_now(Duration::from_secs(25 * 3_600))?;
    behind.learn_nonce(far);
    assert_eq!(behind.check_nonce(), Err(SignerError::NonceTooHigh { last: far }));
    node.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_processes_share_an_account() -> TestResult {
    const WRITERS: u64 = 20;
    const PAYMENTS: u64 = 10;
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(2, 0).await?;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        // Each has a client and a signer of its own, and knows nothing of the others.
        let client = node.client()?;
        writers.spawn(async move {
            let signer = client.signer(AccountId::from(1), key(1)).await?;
            for _ in 0..PAYMENTS {
                client.transfer(&signer, AccountId::from(2), Amount::new(3)?, MEMO).await?;
            }
            TestResult::Ok(())
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer??;
    }
    let account = node.client()?.account(AccountId::from(2)).await?;
    assert_eq!(account.spendable.0.get(), FUNDS + 3 * WRITERS * PAYMENTS);
    let batches = node.aggregator.metrics().batches_sealed;
    assert!(batches >= WRITERS * PAYMENTS / 16 - 1, "{batches}");
    node.stop().await
}
