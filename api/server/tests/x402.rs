//! The facilitator of x402: what it checks, in which words it refuses, and that one payment releases one
//! resource, also over a restart.

mod support;

use std::collections::BTreeMap;

use farthing_client::LicenseChanges;
use farthing_client::dto::{IntentBody, WireAddress, WireDigest};
use farthing_protocol::{
    AccountId, Address, Amount, BatchClass, Bytes32, Holder, LicenseId, LicenseStatus, Licensee,
    Operation, Pay, SignedIntent, UnixTime, license_origin,
};
use serde_json::{Value, json};
use sha3::{Digest as _, Keccak256};
use support::*;

const TOKEN: Address = Address([0x44; 20]);
const RESOURCE: &str = "https://shop.example/songs/7";
const ID: &str = "order-0123456789";

/// A node with funded accounts 1 to 3 and licenses 0 and 1.
struct Shop {
    node: Node,
    http: reqwest::Client,
}

impl Shop {
    async fn open(path: &std::path::Path) -> TestResult<Self> {
        let mut config = node_config(path, BatchClass::TINY);
        config.sequencer.rules.token = Some(TOKEN);
        let node = Node::start_with(config, generous()).await?;
        Ok(Self { node, http: reqwest::Client::builder().no_proxy().build()? })
    }

    async fn new(path: &std::path::Path) -> TestResult<Self> {
        let shop = Self::open(path).await?;
        shop.node.fund(3, 0).await?;
        register_two(&shop.node).await?;
        Ok(shop)
    }

    async fn post(&self, route: &str, body: &Value) -> TestResult<Value> {
        let url = format!("{}/x402/{route}", self.node.url);
        let answer = self.http.post(url).json(body).send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    async fn verify(&self, body: &Value) -> TestResult<Value> {
        self.post("verify", body).await
    }

    async fn settle(&self, body: &Value) -> TestResult<Value> {
        self.post("settle", body).await
    }
}

fn network() -> String {
    let digest = WireDigest::from(domain_digest()).to_string();
    format!("farthing:{}", &digest[2..34])
}

fn requirements(amount: u64) -> Value {
    json!({
        "scheme": "exact", "network": network(), "amount": amount.to_string(),
        "asset": WireAddress::from(TOKEN).to_string(), "payTo": "license:0",
        "maxTimeoutSeconds": 300, "extra": {},
    })
}

/// Requirements that bind a payment to a resource.
fn bound(repeats: bool) -> Value {
    let mut required = requirements(2 * PRICE);
    required["extra"] = json!({ "resource": RESOURCE });
    if repeats {
        required["extra"]["acceptsRepeats"] = json!(true);
    }
    required
}

/// The memo of a payment for a resource, as a client computes it.
fn memo(id: &str) -> Bytes32 {
    let text = format!("farthing x402\n{id}\n{RESOURCE}");
    Bytes32(Keccak256::digest(text.as_bytes()).into())
}

#[test]
fn the_memo_is_the_one_that_clients_compute() {
    // The same values are in the tests of the TypeScript and the Python package.
    let named = "69f0804e65f0eb73b17ba547bfb1ba379d7fb05885707db48169bc95aa373047";
    let unnamed = "a275ebcd088193fa8624c39afdec9c93d8f30acff8f483e92bed7dd47edff10d";
    for (id, expected) in [(ID, named), ("", unnamed)] {
        let memo = farthing_client::dto::WireBytes32::from(memo(id)).to_string();
        assert_eq!(memo, format!("0x{expected}"));
    }
}

fn pay(memo: Bytes32) -> TestResult<SignedIntent> {
    let amount = Amount::new(2 * PRICE)?;
    // License 0 as `register_two` registers it.
    let table = shares(&[(1, 600_000), (2, 400_000)], &[])?;
    let chain = table.holder_chain(|holder| match holder {
        Holder::Account(id) => Some(identity(id.get()).recipient()),
        Holder::License(_) => None,
    });
    let chain = chain.ok_or("accounts alone")?;
    let recipient = license_origin(identity(1).recipient(), &chain, &Bytes32([1; 32])).into();
    let pay = Pay { license: LicenseId::from(0), uses: uses(2)?, amount, recipient, memo };
    Ok(signer(2).pay(pay)?)
}

fn body(required: &Value, signed: &SignedIntent) -> Value {
    json!({
        "x402Version": 2,
        "paymentPayload": {
            "x402Version": 2,
            "resource": { "url": RESOURCE },
            "accepted": required,
            "payload": { "intent": IntentBody::from(signed) },
        },
        "paymentRequirements": required,
    })
}

fn with_id(mut body: Value, id: &str) -> Value {
    let extension = json!({ "info": { "required": true, "id": id }, "schema": {} });
    body["paymentPayload"]["extensions"] = json!({ "payment-identifier": extension });
    body
}

#[tokio::test]
async fn supported_names_the_deployment() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = Shop::open(dir.path()).await?;
    let answer = shop.http.get(format!("{}/x402/supported", shop.node.url)).send().await?;
    let answer: Value = answer.error_for_status()?.json().await?;
    let contract = WireAddress::from(domain().contract).to_string();
    let extra = json!({
        "asset": WireAddress::from(TOKEN).to_string(), "decimals": 9,
        "chainId": domain().chain_id, "contract": contract, "leastFee": "0",
    });
    let kind = json!({ "x402Version": 2, "scheme": "exact", "network": network(), "extra": extra });
    let expected = json!({
        "kinds": [kind], "extensions": ["payment-identifier"], "signers": { "farthing:*": [] },
    });
    assert_eq!(answer, expected);
    shop.node.stop().await
}

/// A private license is paid by its licensee alone, a paused one by no account.
#[tokio::test]
async fn a_license_that_the_buyer_may_not_pay_is_refused() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = Shop::new(dir.path()).await?;
    let (client, license) = (shop.node.client()?, LicenseId::from(0));
    let body = body(&requirements(2 * PRICE), &pay(Bytes32::default())?);
    let nothing = LicenseChanges::default();
    let private = LicenseChanges { licensee: Some(Licensee::new(3)?), ..nothing };
    let paused = LicenseChanges { status: Some(LicenseStatus::Paused), ..nothing };
    shop.node.seal().await?;
    for (changes, reason) in [
        (private, "invalid_exact_farthing_payload_licensee"),
        (paused, "invalid_exact_farthing_payload_license_paused"),
    ] {
        client.update_license(&signer(1), license, &changes).await?;
        shop.node.seal().await?;
        let verified = shop.verify(&body).await?;
        assert_eq!(
            (&verified["isValid"], &verified["invalidReason"]),
            (&json!(false), &json!(reason))
        );
        let settled = shop.settle(&body).await?;
        assert_eq!((&settled["success"], &settled["errorReason"]), (&json!(false), &json!(reason)));
    }
    let open = LicenseChanges {
        licensee: Some(Licensee::ANYBODY),
        status: Some(LicenseStatus::Active),
        ..nothing
    };
    client.update_license(&signer(1), license, &open).await?;
    shop.node.seal().await?;
    assert_eq!(shop.settle(&body).await?["success"], true);
    shop.node.stop().await
}

#[tokio::test]
async fn a_payment_is_verified_and_settles_once() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = Shop::new(dir.path()).await?;
    let signed = pay(Bytes32::default())?;
    let body = body(&requirements(2 * PRICE), &signed);
    let spendable = async || {
        let account = shop.node.aggregator.account(AccountId::from(2)).await?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(account.map(|a| a.pending.balance.get()))
    };
    let before = spendable().await?;
    for _ in 0..3 {
        let answer = shop.verify(&body).await?;
        assert_eq!(answer, json!({ "isValid": true, "payer": "account:2" }));
    }
    assert_eq!(spendable().await?, before, "nothing changes");
    let first = shop.settle(&body).await?;
    let id = first["transaction"].as_str().ok_or("an id")?.to_owned();
    let expected = json!({
        "success": true, "payer": "account:2", "transaction": id, "network": network(),
        "amount": "500",
        "extra": {
            "status": "accepted", "batch": first["extra"]["batch"], "repeated": false,
            "receipt": format!("/v1/intents/{id}/receipt"),
        },
    });
    assert_eq!(first, expected);
    assert_eq!(spendable().await?, before.map(|nano| nano - 2 * PRICE));
    for _ in 0..2 {
        let again = shop.settle(&body).await?;
        assert_eq!(again["success"], false);
        assert_eq!(again["errorReason"], "duplicate_settlement");
        assert_eq!(again["transaction"].as_str(), Some(&*id));
        let verified = shop.verify(&body).await?;
        assert_eq!(verified["isValid"], false);
        assert_eq!(verified["invalidReason"], "duplicate_settlement");
    }
    assert_eq!(spendable().await?, before.map(|nano| nano - 2 * PRICE));
    shop.node.stop().await
}

#[tokio::test]
async fn of_fifty_settlements_of_one_payment_one_succeeds() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = std::sync::Arc::new(Shop::new(dir.path()).await?);
    let body = body(&requirements(2 * PRICE), &pay(Bytes32::default())?);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (shop, body) = (shop.clone(), body.clone());
        calls.spawn(async move {
            let url = format!("{}/x402/settle", shop.node.url);
            shop.http.post(url).json(&body).send().await?.json::<Value>().await
        });
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(answer) = calls.join_next().await {
        let answer = answer??;
        let name = answer["errorReason"].as_str().unwrap_or("success").to_owned();
        assert_eq!(answer["success"] == true, name == "success");
        *counts.entry(name).or_default() += 1;
    }
    let expected = [("duplicate_settlement".to_owned(), 49), ("success".to_owned(), 1)];
    assert_eq!(counts, expected.into());
    let shop = std::sync::Arc::into_inner(shop).ok_or("calls that have ended")?;
    shop.node.stop().await
}

#[tokio::test]
async fn a_payment_sent_as_an_intent_releases_nothing_more() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = Shop::new(dir.path()).await?;
    let client = shop.node.client()?;
    // Without an identifier the node cannot know whether its resource was released.
    let signed = pay(Bytes32::default())?;
    let accepted = client.submit(&signed).await?;
    let answer = shop.settle(&body(&requirements(2 * PRICE), &signed)).await?;
    assert_eq!(answer["errorReason"], "duplicate_settlement");
    assert_eq!(answer["transaction"], json!(accepted.id));
    // With one, the memo says which purchase it is: it was paid, and is answered so.
    let signed = pay(memo(ID))?;
    client.submit(&signed).await?;
    let answer = shop.settle(&with_id(body(&bound(true), &signed), ID)).await?;
    assert_eq!((&answer["success"], &answer["extra"]["repeated"]), (&json!(true), &json!(true)));
    // The other way round, an intent that was settled is a repeat for `/v1/intents`.
    let signed = pay(memo(ID))?;
    shop.settle(&with_id(body(&bound(true), &signed), ID)).await?;
    assert!(client.submit(&signed).await?.repeated);
    shop.node.stop().await
}

#[tokio::test]
async fn a_repeat_succeeds_by_its_identifier_alone_also_after_a_restart() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = Shop::new(dir.path()).await?;
    let named = pay(memo(ID))?;
    let repeatable = with_id(body(&bound(true), &named), ID);
    let first = shop.settle(&repeatable).await?;
    assert_eq!((&first["success"], &first["extra"]["repeated"]), (&json!(true), &json!(false)));
    // The resource server did not declare the extension: a buyer that sends it gains nothing.
    let undeclared = pay(memo(ID))?;
    let once = with_id(body(&bound(false), &undeclared), ID);
    assert_eq!(shop.settle(&once).await?["success"], true);
    let plain = pay(memo(""))?;
    let unnamed = body(&bound(true), &plain);
    assert_eq!(shop.settle(&unnamed).await?["success"], true);
    shop.node.stop().await?;
    let shop = Shop::open(dir.path()).await?;
    for _ in 0..2 {
        let again = shop.settle(&repeatable).await?;
        assert_eq!((&again["success"], &again["extra"]["repeated"]), (&json!(true), &json!(true)));
        assert_eq!(again["transaction"], first["transaction"]);
        assert_eq!(shop.verify(&repeatable).await?["isValid"], true);
        for refused in [&once, &unnamed] {
            assert_eq!(shop.settle(refused).await?["errorReason"], "duplicate_settlement");
            assert_eq!(shop.verify(refused).await?["invalidReason"], "duplicate_settlement");
        }
        // Neither another identifier nor none takes the place of the one that was signed.
        for other in [with_id(body(&bound(true), &named), "order-9876543210"), {
            body(&bound(true), &named)
        }] {
            let reason = "invalid_exact_farthing_payload_memo_mismatch";
            assert_eq!(shop.settle(&other).await?["errorReason"], reason);
        }
    }
    shop.node.stop().await
}

#[tokio::test]
async fn an_idempotency_key_repeats_a_success() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = Shop::new(dir.path()).await?;
    let body = body(&requirements(2 * PRICE), &pay(Bytes32::default())?);
    let url = format!("{}/x402/settle", shop.node.url);
    let mut answers = Vec::new();
    for _ in 0..3 {
        let call = shop.http.post(&url).header("idempotency-key", "call-1").json(&body);
        answers.push(call.send().await?.error_for_status()?.json::<Value>().await?);
    }
    assert_eq!(answers[0]["success"], true);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(shop.settle(&body).await?["errorReason"], "duplicate_settlement");
    shop.node.stop().await
}

/// Each refusal has its word, is an answer, and changes nothing.
#[tokio::test]
async fn refusals() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = Shop::new(dir.path()).await?;
    let signed = pay(Bytes32::default())?;
    let good = body(&requirements(2 * PRICE), &signed);
    let required = |change: &dyn Fn(&mut Value)| {
        let mut required = requirements(2 * PRICE);
        change(&mut required);
        body(&required, &signed)
    };
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut body = good.clone();
        change(&mut body);
        body
    };
    let resigned = |account: u32, change: &dyn Fn(&mut farthing_protocol::Intent)| {
        let mut intent = signed.intent.clone();
        change(&mut intent);
        body(&requirements(2 * PRICE), &intent.sign(&key(account), &domain_digest()))
    };
    let past = UnixTime::new(1_000)?;
    let far = UnixTime::MAX;
    let transfer = Operation::Transfer(farthing_protocol::Transfer {
        to: AccountId::from(1),
        amount: Amount::new(2 * PRICE)?,
        recipient: identity(1).recipient(),
        memo: Bytes32::default(),
    });
    let payload = "invalid_exact_farthing_payload";
    let table: Vec<(Value, String)> = vec![
        (changed(&|body| body["x402Version"] = json!(1)), "invalid_x402_version".into()),
        (json!({ "x402Version": 1, "paymentPayload": {} }), "invalid_x402_version".into()),
        (
            changed(&|body| body["paymentPayload"]["x402Version"] = json!(3)),
            "invalid_x402_version".into(),
        ),
        (required(&|r| r["scheme"] = json!("upto")), "unsupported_scheme".into()),
        (required(&|r| r["network"] = json!("eip155:8453")), "invalid_network".into()),
        (required(&|r| r["asset"] = json!("USDC")), "invalid_payment_requirements".into()),
        (required(&|r| r["payTo"] = json!("license:00")), "invalid_payment_requirements".into()),
        (required(&|r| r["payTo"] = json!("account:1")), "invalid_payment_requirements".into()),
        (required(&|r| r["amount"] = json!("0.5")), "invalid_payment_requirements".into()),
        (
            changed(&|body| body["paymentPayload"]["accepted"]["amount"] = json!("1")),
            "invalid_payment_requirements".into(),
        ),
        (
            changed(&|body| body["paymentRequirements"]["extra"]["tier"] = json!(2)),
            "invalid_payment_requirements".into(),
        ),
        (changed(&|body| body["paymentPayload"]["payload"] = json!({})), "invalid_payload".into()),
        (
            changed(&|body| body["paymentPayload"]["payload"]["intent"]["more"] = json!(1)),
            "invalid_payload".into(),
        ),
        (with_id(good.clone(), "short"), "invalid_payload".into()),
        (resigned(2, &|intent| intent.operation = transfer.clone()), "invalid_payload".into()),
        (required(&|r| r["payTo"] = json!("license:1")), format!("{payload}_recipient_mismatch")),
        (required(&|r| r["amount"] = json!("501")), format!("{payload}_amount_mismatch")),
        (
            required(&|r| r["extra"]["resource"] = json!(RESOURCE)),
            format!("{payload}_memo_mismatch"),
        ),
        (resigned(3, &|_| {}), format!("{payload}_signature")),
        (resigned(2, &|intent| intent.account = AccountId::from(9)), format!("{payload}_account")),
        (resigned(2, &|intent| intent.valid_until = past), format!("{payload}_expired")),
        (resigned(2, &|intent| intent.valid_until = far), format!("{payload}_valid_too_long")),
        (resigned(2, &|intent| intent.nonce = farthing_protocol::Nonce::MIN), {
            format!("{payload}_nonce")
        }),
        (
            resigned(2, &|intent| {
                if let Operation::Pay(pay) = &mut intent.operation {
                    pay.uses = farthing_protocol::Uses::MAX;
                }
            }),
            format!("{payload}_amount_mismatch"),
        ),
    ];
    for (body, reason) in &table {
        let verified = shop.verify(body).await?;
        assert_eq!(
            (&verified["isValid"], &verified["invalidReason"]),
            (&json!(false), &json!(reason))
        );
        let settled = shop.settle(body).await?;
        assert_eq!((&settled["success"], &settled["errorReason"]), (&json!(false), &json!(reason)));
        assert_eq!((&settled["transaction"], &settled["network"]), (&json!(""), &json!(network())));
        assert!(
            settled["errorMessage"].as_str().is_some_and(|text| text.len() <= 512),
            "{settled}"
        );
    }
    assert_eq!(shop.verify(&good).await?["isValid"], true, "none of them changed anything");
    shop.node.stop().await
}

#[tokio::test]
async fn what_the_protocol_adds_is_taken_and_a_broken_body_is_a_problem() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = Shop::new(dir.path()).await?;
    let mut body = body(&requirements(2 * PRICE), &pay(Bytes32::default())?);
    body["future"] = json!({ "a": 1 });
    body["paymentPayload"]["future"] = json!(null);
    body["paymentPayload"]["resource"] = json!(null);
    body["paymentPayload"]["extensions"] = json!({ "other": { "info": {} } });
    body["paymentPayload"]["accepted"]["extra"]["own"] = json!("the buyer's");
    body["paymentRequirements"]["future"] = json!([]);
    assert_eq!(shop.verify(&body).await?["isValid"], true);
    body["paymentPayload"]["extensions"] = json!(null);
    body["paymentRequirements"]["extra"] = json!(null);
    assert_eq!(shop.verify(&body).await?["isValid"], true);
    for (text, status) in [("{", 400), ("[]", 422), ("{}", 422), (r#"{"x402Version":2}"#, 422)] {
        for route in ["verify", "settle"] {
            let url = format!("{}/x402/{route}", shop.node.url);
            let call = shop.http.post(url).header("content-type", "application/json").body(text);
            assert_eq!(problem_of(call.send().await?).await?.status, status, "{text}");
        }
    }
    shop.node.stop().await
}

#[tokio::test]
async fn what_is_spent_between_is_refused() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = Shop::new(dir.path()).await?;
    let client = shop.node.client()?;
    let body = body(&requirements(2 * PRICE), &pay(Bytes32::default())?);
    assert_eq!(shop.verify(&body).await?["isValid"], true);
    // All but one nano of the price.
    let left = Amount::new(FUNDS - (2 * PRICE - 1))?;
    client.transfer(&signer(2), AccountId::from(1), left, Bytes32::default()).await?;
    assert_eq!(shop.verify(&body).await?["invalidReason"], "insufficient_funds");
    let refused = shop.settle(&body).await?;
    assert_eq!(refused["errorReason"], "insufficient_funds");
    assert_eq!(refused["payer"], "account:2");
    // A refusal leaves the payment free: with funds it settles.
    client.transfer(&signer(1), AccountId::from(2), Amount::new(1)?, Bytes32::default()).await?;
    assert_eq!(shop.settle(&body).await?["success"], true);
    shop.node.stop().await
}

/// Verified payments leave the resource server time for its work; a settlement needs none.
#[tokio::test]
async fn a_payment_about_to_expire_is_not_verified_and_still_settles() -> TestResult {
    let dir = tempfile::tempdir()?;
    let shop = Shop::new(dir.path()).await?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let mut intent = pay(Bytes32::default())?.intent;
    intent.valid_until = UnixTime::new(now + 5)?;
    let body = body(&requirements(2 * PRICE), &intent.sign(&key(2), &domain_digest()));
    let reason = "invalid_exact_farthing_payload_expired";
    assert_eq!(shop.verify(&body).await?["invalidReason"], reason);
    assert_eq!(shop.settle(&body).await?["success"], true);
    shop.node.stop().await
}
