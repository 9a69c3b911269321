//! Earnings over HTTP: pages and periods as JSON and as CSV, whose amounts sum to what a license
//! received and to the change of a balance, to the last nano-unit.

mod support;

use farthing_client::{Client, Period, ProblemCode};
use farthing_protocol::{AccountId, Amount, Bytes32, LicenseId, UnixTime};
use serde_json::Value;
use support::*;

const MEMO: Bytes32 = Bytes32([0; 32]);

/// Two licenses, of which account 2 holds a part, and three batches of payments and a transfer.
async fn node(path: &std::path::Path) -> TestResult<Node> {
    let node = Node::start(path).await?;
    node.fund(3, 0).await?;
    register_two(&node).await?;
    node.seal().await?;
    let (client, payer) = (node.client()?, signer(3));
    for batch in 1..=3 {
        for license in [0, 1] {
            client.pay(&payer, LicenseId::from(license), uses(batch)?, MEMO).await?;
        }
        let two = AccountId::from(2);
        let transfer = transfer_to(two, Amount::new(batch)?, MEMO);
        client.sign_and_submit(&payer, transfer.into()).await?;
        node.seal().await?;
    }
    Ok(node)
}

/// The amounts of a table, in nano-units, and the URL of its next page.
async fn table(url: &str) -> TestResult<(Vec<i128>, Option<String>)> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let answer = http.get(url).send().await?.error_for_status()?;
    let media_type = answer.headers().get("content-type").ok_or("a type")?.to_str()?.to_owned();
    assert_eq!(media_type, "text/csv; charset=utf-8; header=present");
    let next = match answer.headers().get("link") {
        None => None,
        Some(link) => {
            let link = link.to_str()?.strip_prefix('<').ok_or("a URL")?;
            let relative = link.strip_suffix(">; rel=\"next\"").ok_or("the next page")?;
            Some(reqwest::Url::parse(url)?.join(relative)?.to_string())
        }
    };
    let text = answer.text().await?;
    let mut lines = text.split_terminator("\r\n");
    assert!(lines.next().is_some_and(|header| header.starts_with("batch,batch_time_utc,")));
    let amount = |line: &str| -> TestResult<i128> {
        let (_, amount) = line.rsplit_once(',').ok_or("an amount")?;
        let (_, decimals) = amount.split_once('.').ok_or("decimals")?;
        assert_eq!(decimals.len(), 9);
        Ok(amount.replace('.', "").parse()?)
    };
    Ok((lines.map(amount).collect::<TestResult<_>>()?, next))
}

/// The amounts of all pages.
async fn amounts(url: String) -> TestResult<(Vec<i128>, usize)> {
    let (mut all, mut pages, mut next) = (Vec::new(), 0, Some(url));
    while let Some(url) = next {
        let (amounts, following) = table(&url).await?;
        all.extend(amounts);
        pages += 1;
        next = following;
    }
    Ok((all, pages))
}

#[tokio::test]
async fn the_amounts_of_an_account_sum_to_its_balance() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = node(dir.path()).await?;
    let client = node.client()?;
    for id in 0..=3 {
        let balance = client.account(AccountId::from(id)).await?.balance.0.get();
        let url = format!("{}/v1/accounts/{id}/earnings?format=csv", node.url);
        let (all, pages) = amounts(url.clone()).await?;
        assert_eq!((all.iter().sum::<i128>(), pages), (balance.into(), 1), "account {id}");
        let (paged, _) = amounts(format!("{url}&limit=1")).await?;
        assert_eq!(paged, all, "pages have all lines once, account {id}");
    }
    node.stop().await
}

#[tokio::test]
async fn the_amounts_of_a_license_sum_to_what_it_received() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = node(dir.path()).await?;
    let client = node.client()?;
    for id in [0, 1] {
        let received = client.license(LicenseId::from(id)).await?.received.0.get();
        assert!(received > 0);
        let url = format!("{}/v1/licenses/{id}/earnings?limit=2&format=csv", node.url);
        let (all, pages) = amounts(url).await?;
        assert_eq!((all.iter().sum::<i128>(), pages), (received.into(), 2), "license {id}");
        let page = client.earnings(LicenseId::from(id), &Period::default(), None).await?;
        for line in page.items {
            let payers = line.payers.iter().map(|payer| payer.amount.0.get());
            let derivatives = line.derivatives.iter().map(|one| one.amount.0.get());
            assert_eq!(payers.chain(derivatives).sum::<u64>(), line.received.0.get());
        }
    }
    node.stop().await
}

#[tokio::test]
async fn a_period_and_a_form_are_chosen_by_the_request() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = node(dir.path()).await?;
    let client: Client = node.client()?;
    let (account, all) = (AccountId::from(2), Period::default());
    let lines = client.account_earnings(account, &all, None).await?.items;
    let last = lines.last().ok_or("lines")?.time;
    let after = Period { from: Some(UnixTime::new(last.get() + 1)?), to: None };
    assert_eq!(client.account_earnings(account, &after, None).await?.items, []);
    let before = Period { from: None, to: Some(UnixTime::new(last.get() + 1)?) };
    assert_eq!(client.account_earnings(account, &before, None).await?.items, lines);

    let http = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{}/v1/accounts/2/earnings", node.url);
    let media_type = async |query: &str, accept: &str| -> TestResult<String> {
        let answer = http.get(format!("{url}{query}")).header("accept", accept).send().await?;
        Ok(answer.headers().get("content-type").ok_or("a type")?.to_str()?.to_owned())
    };
    assert!(media_type("", "text/csv").await?.starts_with("text/csv"));
    assert_eq!(media_type("?format=json", "text/csv").await?, "application/json");
    assert_eq!(media_type("", "*/*").await?, "application/json");
    let refused = async |query: &str| -> TestResult<String> {
        let problem: Value = http.get(format!("{url}{query}")).send().await?.json().await?;
        Ok(problem["code"].as_str().ok_or("a code")?.to_owned())
    };
    let invalid = ProblemCode::InvalidQuery.as_str();
    for query in ["?format=xlsx", "?from=x", "?to=18446744073709551615", "?since=1"] {
        assert_eq!(refused(query).await?, invalid, "{query}");
    }
    assert_eq!(refused("?cursor=00").await?, ProblemCode::InvalidCursor.as_str());
    node.stop().await
}
