//! Updates of a license over HTTP: the client's verb, what quotes and licenses say around it, the history by
//! pages, events.

mod support;

use farthing_client::{ClientError, LicenseChanges, ProblemCode, Retry};
use farthing_protocol::{Bytes32, LicenseId, LicenseStatus, Licensee, Price, Stage};
use serde_json::{Value, json};
use support::*;

const LICENSE: LicenseId = LicenseId::MIN;
const NEW: Bytes32 = Bytes32([8; 32]);

fn price(nano: u64) -> TestResult<LicenseChanges> {
    Ok(LicenseChanges { price: Some(Price::new(nano)?), ..LicenseChanges::default() })
}

/// A node whose license 0 of account 1 is sealed in batch 0.
async fn node(path: &std::path::Path) -> TestResult<Node> {
    let node = Node::start(path).await?;
    node.fund(3, 0).await?;
    register_two(&node).await?;
    node.seal().await?;
    Ok(node)
}

#[tokio::test]
async fn a_price_is_paid_before_and_another_after() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = node(dir.path()).await?;
    let (client, licensor, payer) = (node.client()?, signer(1), signer(2));
    let changes = LicenseChanges { provenance: Some(NEW), ..price(PRICE + 2)? };
    client.update_license(&licensor, LICENSE, &changes).await?;
    let quote = client.quote(LICENSE, uses(1)?).await?;
    assert_eq!((quote.price.0.get(), quote.amount.0.get()), (PRICE, PRICE));
    assert_eq!(quote.next.ok_or("the next version")?.price.0.get(), PRICE + 2);
    let license = client.license(LICENSE).await?;
    assert_eq!(license.next.ok_or("the next version")?.provenance.0, NEW);
    assert_eq!(license.provenance, license.registered_provenance);
    client.pay(&payer, LICENSE, uses(1)?, Bytes32::default()).await?;
    node.seal().await?;
    client.pay(&payer, LICENSE, uses(1)?, Bytes32::default()).await?;
    node.seal().await?;
    let license = client.license(LICENSE).await?;
    assert_eq!(license.received.0.get(), PRICE + PRICE + 2);
    assert_eq!((license.price.0.get(), license.next), (PRICE + 2, None));
    assert_eq!((license.provenance.0, license.registered_provenance.0), (NEW, Bytes32([1; 32])));
    let kept = license.derivative_shares;
    assert_eq!(kept.get(), 250_000, "what was not given stays as it was");
    node.stop().await
}

#[tokio::test]
async fn versions_come_by_pages_newest_first() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = node(dir.path()).await?;
    let client = node.client()?;
    let private = LicenseChanges { licensee: Some(Licensee::new(3)?), ..LicenseChanges::default() };
    for changes in [price(9)?, private] {
        client.update_license(&signer(1), LICENSE, &changes).await?;
        node.seal().await?;
    }
    let all = client.license_versions(LICENSE, None).await?;
    assert_eq!(all.next_cursor, None);
    let batches: Vec<u64> = all.items.iter().map(|line| line.batch.0.get()).collect();
    assert_eq!(batches, [2, 1, 0]);
    assert!(all.items.iter().all(|line| line.stage == Stage::Sequenced));
    let text = serde_json::to_value(&all.items)?;
    let provenance = format!("0x{}", "01".repeat(32));
    assert_eq!(
        text[0],
        json!({
            "batch": "2", "stage": "sequenced", "price": "9", "derivative_shares": 250_000,
            "status": "active", "licensee": 3, "provenance": provenance,
        })
    );
    assert_eq!(
        (&text[1]["licensee"], &text[2]["price"]),
        (&Value::Null, &json!(PRICE.to_string()))
    );
    let http = reqwest::Client::builder().no_proxy().build()?;
    let page = async |query: &str| -> TestResult<Value> {
        let url = format!("{}/v1/licenses/0/versions?limit=2{query}", node.url);
        Ok(http.get(url).send().await?.error_for_status()?.json().await?)
    };
    let first = page("").await?;
    assert_eq!(first["items"], json!([text[0], text[1]]));
    let cursor = first["next_cursor"].as_str().ok_or("a cursor")?;
    let second = page(&format!("&cursor={cursor}")).await?;
    assert_eq!(second["items"], json!([text[2]]));
    assert!(second.get("next_cursor").is_none());
    let missing = http.get(format!("{}/v1/licenses/9/versions", node.url)).send().await?;
    assert_eq!(problem_of(missing).await?.code, ProblemCode::LicenseNotFound);
    node.stop().await
}

/// While the open batch updates the license, the client's verb waits; it changes the version that the other
/// update leaves.
#[tokio::test]
async fn a_second_update_waits_for_the_next_batch() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = node(dir.path()).await?;
    let client = node.client()?;
    client.update_license(&signer(1), LICENSE, &price(9)?).await?;
    let hasty = client.clone().with_retry(Retry::NEVER);
    let pause = LicenseChanges { status: Some(LicenseStatus::Paused), ..Default::default() };
    match hasty.update_license(&signer(1), LICENSE, &pause).await {
        Err(ClientError::Problem(problem)) => {
            assert_eq!(problem.code, ProblemCode::LicenseUpdating);
        }
        other => return Err(format!("{other:?}").into()),
    }
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.update_license(&signer(1), LICENSE, &pause).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    node.seal().await?;
    assert_eq!(waiting.await??.batch.0.get(), 2);
    node.seal().await?;
    let license = client.license(LICENSE).await?;
    assert_eq!((license.price.0.get(), license.status.as_str()), (9, "paused"));
    node.stop().await
}

#[tokio::test]
async fn an_update_is_told_as_an_event() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = node(dir.path()).await?;
    let client = node.client()?;
    client.update_license(&signer(1), LICENSE, &price(9)?).await?;
    node.seal().await?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{}/v1/events?after=start&types=license.updated&license=0", node.url);
    let mut stream = http.get(url).send().await?.error_for_status()?;
    let mut text = String::new();
    while !text.contains("data:") {
        let chunk = stream.chunk().await?.ok_or("an event")?;
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    let data = text.lines().find_map(|line| line.strip_prefix("data:")).ok_or("data")?;
    let event: Value = serde_json::from_str(data)?;
    assert_eq!(event["type"], "license.updated");
    let data = &event["data"];
    assert_eq!((&data["license"], &data["batch"]), (&json!(0), &json!("1")));
    assert_eq!(
        (&data["old"]["price"], &data["new"]["price"]),
        (&json!(PRICE.to_string()), &json!("9"))
    );
    drop(stream);
    node.stop().await
}
