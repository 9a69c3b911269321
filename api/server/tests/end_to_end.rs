//! A platform pays, creators are paid, and both can see it: the API from account to receipt,
//! by the SDK.

mod support;

use std::time::{Duration, Instant};

use farthing_client::dto::{HolderName, PayoutReasonName, ReceiptBody};
use farthing_client::{ClientError, Period, ProblemCode, ReceiptError, verify_receipt};
use farthing_protocol::{
    AccountId, Address, Amount, Bytes32, Digest, Domain, Holder, LicenseId, Nonce, Price, Shares,
    ShortDigest, Stage, Withdraw,
};
use support::*;

#[tokio::test]
async fn a_payment_is_quoted_made_stated_and_proven_to_be_settled() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(4, 0).await?;
    register_two(&node).await?;
    let client = node.client()?;
    let license = LicenseId::from(1);

    let quote = client.quote(license, uses(3)?).await?;
    assert_eq!(quote.amount.0.get(), 3 * PRICE);
    // 750: 562 to account 3, 187 to license 0, 1 stays; 187: 112 to account 1, 74 to account 2.
    let credits: Vec<(u32, u64)> =
        quote.credits.iter().map(|c| (c.account.get(), c.amount.0.get())).collect();
    assert_eq!(credits, [(1, 112), (2, 74), (3, 562)]);

    let payer = client.signer(AccountId::from(4), key(4)).await?;
    let paid = client.pay(&payer, license, uses(3)?, Bytes32([7; 32])).await?;
    let id = paid.id.0;
    let status = client.intent(id).await?;
    assert_eq!((status.status, status.account.get()), (Stage::Accepted, 4));
    let account = client.account(AccountId::from(4)).await?;
    assert_eq!(account.spendable.0.get(), FUNDS - 3 * PRICE);
    assert_eq!(account.nonce, status.nonce);

    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.wait(id, Stage::Sequenced, Duration::from_secs(20)).await }
    });
    node.seal().await?;
    assert_eq!(waiting.await??.status, Stage::Sequenced);

    let lines = client.earnings(license, &Period::default(), None).await?.items;
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].received.0.get(), lines[0].vault_after.0.get()), (3 * PRICE, 1));
    assert_eq!(lines[0].parts[0].holder, HolderName::Account(3));
    assert_eq!(client.account(AccountId::from(3)).await?.balance.0.get(), FUNDS + 562);

    let receipt = client.receipt(id).await?;
    let verified = verify_receipt(&receipt, Some(&domain()))?;
    assert!(verified.block.is_none());
    let block = node.aggregator.form_block().await?.ok_or("a block")?;
    let receipt = client.receipt(id).await?;
    let verified = verify_receipt(&receipt, Some(&domain()))?;
    assert_eq!(verified.signed.intent.id(&domain_digest()), id);
    assert_eq!(verified.block.ok_or("a block")?.batches, 1);
    let served = client.block(block).await?;
    assert_eq!(served.status, Stage::Sequenced, "without a prover nothing is proven");
    assert_eq!(Some(served.statement), receipt.block.map(|block| block.statement));
    node.stop().await
}

/// One change each, and the error that it must bring.
type Tamper = (&'static str, fn(&mut ReceiptBody), fn(&ReceiptError) -> bool);

const TAMPERS: [Tamper; 17] = [
    ("id", |r| r.id.0.0 = Digest::ZERO, |e| matches!(e, ReceiptError::Id { .. })),
    ("chain", |r| r.chain_id += 1, |e| matches!(e, ReceiptError::Id { .. })),
    ("contract", |r| r.contract.0.0[0] ^= 1, |e| matches!(e, ReceiptError::Id { .. })),
    ("nonce", |r| r.intent.nonce.0 = Nonce::MAX, |e| matches!(e, ReceiptError::Id { .. })),
    ("key", |r| r.key.0 = *key(9).public_key(), |e| matches!(e, ReceiptError::Signature(_))),
    (
        "path index",
        |r| r.receipt_path.index ^= 1,
        |e| matches!(e, ReceiptError::Root { .. } | ReceiptError::Index { .. }),
    ),
    (
        "path beyond the last",
        |r| r.receipt_path.index = r.batch.intents,
        |e| matches!(e, ReceiptError::Index { .. }),
    ),
    (
        "path length",
        |r| r.receipt_path.siblings.truncate(15),
        |e| matches!(e, ReceiptError::PathLength { .. }),
    ),
    (
        "sibling",
        |r| r.receipt_path.siblings[3].0 = Digest::ZERO,
        |e| matches!(e, ReceiptError::Root { .. }),
    ),
    (
        "receipts root",
        |r| r.batch.receipts_root.0 = Digest::ZERO,
        |e| matches!(e, ReceiptError::Root { what: "receipt path", .. }),
    ),
    (
        "batch domain",
        |r| r.batch.domain.0 = Digest::ZERO,
        |e| matches!(e, ReceiptError::Domain { what: "batch" }),
    ),
    (
        "batch time",
        |r| r.batch.timestamp = farthing_protocol::UnixTime::MAX,
        |e| matches!(e, ReceiptError::Expired { .. }),
    ),
    (
        "state root",
        |r| r.batch.new_root.0 = Digest::ZERO,
        |e| matches!(e, ReceiptError::Root { what: "batch path", .. }),
    ),
    (
        "block version",
        |r| r.block.iter_mut().for_each(|b| b.statement.version += 1),
        |e| matches!(e, ReceiptError::Version { .. }),
    ),
    (
        "block domain",
        |r| r.block.iter_mut().for_each(|b| b.statement.domain.0 = Digest::ZERO),
        |e| matches!(e, ReceiptError::Domain { what: "block" }),
    ),
    (
        "place",
        |r| r.block.iter_mut().for_each(|b| b.batch_path.index ^= 1),
        |e| matches!(e, ReceiptError::Place { .. }),
    ),
    (
        "batches root",
        |r| r.block.iter_mut().for_each(|b| b.statement.batches_root.0 = Digest::ZERO),
        |e| matches!(e, ReceiptError::Root { what: "batch path", .. }),
    ),
];

#[tokio::test]
async fn a_receipt_that_was_changed_shows_nothing() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(3, 0).await?;
    let client = node.client()?;
    let mut ids = Vec::new();
    for _ in 0..3 {
        for account in 1..=3 {
            let to = AccountId::from(2);
            let signed =
                signer(account).transfer(transfer_to(to, Amount::new(5)?, Bytes32::default()))?;
            ids.push(client.submit(&signed).await?.id.0);
        }
        node.seal().await?;
    }
    node.aggregator.form_block().await?.ok_or("a block")?;
    for id in &ids {
        let receipt = client.receipt(*id).await?;
        verify_receipt(&receipt, None)?;
        let other = Domain { chain_id: 1, contract: Address([0x11; 20]) };
        let refused = verify_receipt(&receipt, Some(&other));
        assert!(matches!(refused, Err(ReceiptError::Deployment { .. })));
        for (what, change, expected) in TAMPERS {
            let mut changed = receipt.clone();
            change(&mut changed);
            let error = verify_receipt(&changed, None).err().ok_or(what)?;
            assert!(expected(&error), "{what}: {error}");
        }
        // It survives being written to a file and read back.
        let text = serde_json::to_string_pretty(&receipt)?;
        assert_eq!(serde_json::from_str::<ReceiptBody>(&text)?, receipt);
    }
    node.stop().await
}

#[tokio::test]
async fn a_withdrawal_is_listed_for_its_owner() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(2, 0).await?;
    let client = node.client()?;
    let owner = identity(1).owner;
    for units in 1..=3 {
        let withdraw = Withdraw::new(Amount::new(1_000 * units)?, Bytes32::default())?;
        client.withdraw(&signer(1), withdraw).await?;
    }
    node.seal().await?;
    let page = client.payouts(owner, None).await?;
    let units: Vec<String> = page.items.iter().map(|item| item.base_units.to_string()).collect();
    assert_eq!(units, ["1", "2", "3"]);
    let first = &page.items[0];
    assert_eq!((first.reason, first.status), (PayoutReasonName::Withdrawal, Stage::Sequenced));
    assert!(first.claim.is_none(), "it cannot be claimed before it is final");
    assert!(client.payouts(identity(2).owner, None).await?.items.is_empty());
    node.stop().await
}

#[tokio::test]
async fn lists_come_in_pages_that_join() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(7, 0).await?;
    let client = node.client()?;
    for _ in 0..5 {
        client.transfer(&signer(1), AccountId::from(2), Amount::MIN, Bytes32::default()).await?;
        node.seal().await?;
    }
    let (mut numbers, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let url = format!("{}/v1/batches?limit=2{cursor}", node.url);
        let page: serde_json::Value = reqwest::get(url).await?.json().await?;
        let items = page["items"].as_array().ok_or("items")?;
        assert!(items.len() <= 2);
        numbers.extend(items.iter().map(|item| item["number"].to_string()));
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((numbers.len(), pages), (5, 3));
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted, numbers, "each once, ascending");

    let page: serde_json::Value =
        reqwest::get(format!("{}/v1/accounts?limit=3", node.url)).await?.json().await?;
    let cursor = page["next_cursor"].as_str().ok_or("more accounts")?;
    let other = reqwest::get(format!("{}/v1/batches?cursor={cursor}", node.url)).await?;
    assert_eq!(problem_of(other).await?.code, ProblemCode::InvalidCursor);
    assert_eq!(client.accounts(Some(cursor)).await?.items[0].id.get(), 3);
    let found = client.account_of(&identity(5)).await?.ok_or("account 5")?;
    assert_eq!(found.id.get(), 5);
    assert!(client.account_of(&identity(99)).await?.is_none());
    node.stop().await
}

/// The SDK signs for the recipient that it was told, and for no other that the node names.
#[tokio::test]
async fn the_sdk_signs_for_the_recipients_that_it_was_told() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(3, 0).await?;
    register_two(&node).await?;
    let client = node.client()?;
    let (signer, memo) = (signer(1), Bytes32::default());
    let (to, license) = (AccountId::from(2), LicenseId::from(1));
    let (account, origin) = (Holder::Account(to), client.license(license).await?.recipient.0);
    assert_eq!(client.account(to).await?.recipient.0, identity(2).recipient());
    let told = node.client()?.with_recipient(account, identity(2).recipient());
    let told = told.with_recipient(Holder::License(license), origin);
    told.transfer(&signer, to, Amount::MIN, memo).await?;
    told.pay(&signer, license, uses(1)?, memo).await?;

    let spendable = client.account(AccountId::from(1)).await?.spendable;
    let wrong = identity(3).recipient();
    let misled = node.client()?.with_recipient(account, wrong);
    let misled = misled.with_recipient(Holder::License(license), wrong);
    let refused = |result: Result<_, ClientError>, named: Holder, is: ShortDigest| match result {
        Err(ClientError::RecipientChanged { holder, expected, got }) => {
            assert_eq!((holder, expected, got), (named, wrong, is));
        }
        other => panic!("{other:?}"),
    };
    let transfer = misled.transfer(&signer, to, Amount::MIN, memo).await;
    refused(transfer, account, identity(2).recipient());
    refused(misled.pay(&signer, license, uses(1)?, memo).await, Holder::License(license), origin);
    let table = shares(&[(2, 1_000_000)], &[])?;
    let registered =
        misled.register_license(&signer, Price::new(PRICE)?, Shares::ZERO, memo, table);
    refused(registered.await, account, identity(2).recipient());
    assert_eq!(client.account(AccountId::from(1)).await?.spendable, spendable);
    node.stop().await
}

#[tokio::test]
async fn a_long_poll_ends_in_time_without_news() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(1, 0).await?;
    let client = node.client()?;
    let sent =
        client.transfer(&signer(1), AccountId::from(1), Amount::MIN, Bytes32::default()).await?;
    let start = Instant::now();
    let status = client.wait(sent.id.0, Stage::Sequenced, Duration::from_secs(1)).await?;
    assert_eq!(status.status, Stage::Accepted);
    assert!((900..60_000).contains(&start.elapsed().as_millis()));
    node.stop().await
}

#[tokio::test]
async fn the_node_describes_itself() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(1, 0).await?;
    let version = node.client()?.version().await?;
    assert_eq!((version.chain_id, version.domain.0), (31_337, domain_digest()));
    let text = |path: &str| {
        let url = format!("{}{path}", node.url);
        async move { reqwest::get(url).await?.error_for_status()?.text().await }
    };
    let metrics = text("/metrics").await?;
    for line in ["farthing_accounts_opened_total 1", "farthing_http_requests_total{", "# EOF"] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    let document: serde_json::Value = serde_json::from_str(&text("/openapi.json").await?)?;
    assert_eq!(document["openapi"], "3.1.0");
    assert!(text("/docs").await?.contains("insufficient_funds"));
    let head = reqwest::Client::new().head(format!("{}/livez", node.url)).send().await?;
    assert!(head.status().is_success());
    let named = reqwest::Client::new().get(format!("{}/livez", node.url));
    let named = named.header("x-request-id", "my-request").send().await?;
    assert_eq!(named.headers()["x-request-id"], "my-request");
    node.stop().await
}
