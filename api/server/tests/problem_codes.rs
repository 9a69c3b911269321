//! Every problem code over HTTP: what brings it about, and that it changes nothing.

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use farthing_aggregator::OpeningQuota;
use farthing_client::dto::{IntentBody, OpenAccountBody, WireIntentId};
use farthing_client::{Client, LicenseChanges, ProblemCode};
use farthing_protocol::{
    AccountId, AccountIdentity, Address, Amount, BatchClass, Bytes32, Digest, Fee, IntentId,
    LicenseId, LicenseStatus, Licensee, Operation, Pay, Price, RegisterLicense, Shares,
    ShortDigest, SignedIntent,
};
use farthing_server::ServerConfig;
use reqwest::Method;
use serde_json::{Value, json};
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Those that no request can bring about here: they are tested where errors are mapped
/// (`convert/failures.rs`), where handlers are run (`dispatch.rs`) and kept (`idempotency/once.rs`),
/// on a node that was rebuilt from L1 (`cli_e2e.rs` of the binary), and where L1 has batches of
/// others (`rebase.rs` of the aggregator). Those of webhooks are in `webhooks.rs`,
/// those of manifests in `manifests.rs`.
const ELSEWHERE: [ProblemCode; 25] = [
    ProblemCode::ClockAhead,
    ProblemCode::ProofsBehind,
    ProblemCode::RollupFrozen,
    ProblemCode::RollupLate,
    ProblemCode::IntentHistoryUnavailable,
    ProblemCode::NonceUndecided,
    ProblemCode::EffectUnknown,
    ProblemCode::IdempotencyUnavailable,
    ProblemCode::ProofNotKept,
    ProblemCode::IntentDropped,
    ProblemCode::DeadlineExceeded,
    ProblemCode::Internal,
    ProblemCode::DepositCapReached,
    ProblemCode::IntentTooLarge,
    ProblemCode::IdSpaceExhausted,
    ProblemCode::RequestNotSigned,
    ProblemCode::RequestStale,
    ProblemCode::RequestRepeated,
    ProblemCode::InvalidWebhookUrl,
    ProblemCode::TooManyWebhooks,
    ProblemCode::WebhookNotFound,
    ProblemCode::EventNotFound,
    ProblemCode::InvalidManifest,
    ProblemCode::TooManyManifests,
    ProblemCode::ManifestNotFound,
];

/// Requests by hand, and the codes seen.
struct Probe {
    http: reqwest::Client,
    url: String,
    seen: BTreeSet<ProblemCode>,
}

impl Probe {
    fn new(url: &str) -> TestResult<Self> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { http, url: url.to_owned(), seen: BTreeSet::new() })
    }

    async fn saw(&mut self, response: reqwest::Response, expected: ProblemCode) -> TestResult {
        let problem = problem_of(response).await?;
        assert_eq!(problem.code, expected, "{problem}");
        self.seen.insert(expected);
        Ok(())
    }

    async fn get(&mut self, path: &str, expected: ProblemCode) -> TestResult {
        let response = self.http.get(format!("{}{path}", self.url)).send().await?;
        self.saw(response, expected).await
    }

    async fn post(&mut self, path: &str, body: impl ToString, expected: ProblemCode) -> TestResult {
        let request = self.http.post(format!("{}{path}", self.url)).body(body.to_string());
        let response = request.header("content-type", "application/json").send().await?;
        self.saw(response, expected).await
    }

    async fn intent(&mut self, signed: &SignedIntent, expected: ProblemCode) -> TestResult {
        let body = serde_json::to_string(&IntentBody::from(signed))?;
        self.post("/v1/intents", body, expected).await
    }
}

#[tokio::test]
async fn every_code_has_a_request_that_brings_it_about() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(3, 0).await?;
    register_two(&node).await?;
    node.seal().await?;
    let root = node.client()?.batches(None).await?.items.pop().ok_or("sealed")?.statement.new_root;
    let mut probe = Probe::new(&node.url)?;
    routes_and_bodies(&mut probe).await?;
    lookups(&mut probe, &node).await?;
    intents(&mut probe).await?;
    registrations(&mut probe).await?;
    assert!(node.aggregator.seal().await?.is_none_or(|batch| batch.get() == 1));
    let batches = node.client()?.batches(None).await?.items;
    assert_eq!(batches[0].statement.new_root, root, "what was refused changed nothing");
    let mut seen = probe.seen;
    node.stop().await?;
    seen.extend(license_updates().await?);
    seen.extend(limits().await?);
    seen.extend(raw_connections().await?);
    seen.extend(stopped().await?);
    let expected: BTreeSet<ProblemCode> = ProblemCode::ALL.iter().copied().collect();
    let all: BTreeSet<ProblemCode> = seen.iter().copied().chain(ELSEWHERE).collect();
    assert_eq!(expected, all);
    Ok(())
}

async fn routes_and_bodies(probe: &mut Probe) -> TestResult {
    use ProblemCode::*;
    for path in ["/v1", "/v1/intents/", "/v2/intents", "/v1/accounts/1/2", "/livez/"] {
        probe.get(path, RouteNotFound).await?;
    }
    let url = format!("{}/v1/intents", probe.url);
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::TRACE] {
        let response = probe.http.request(method, &url).send().await?;
        let allow = response.headers().get("allow").and_then(|value| value.to_str().ok());
        assert_eq!(allow, Some("POST, OPTIONS"));
        probe.saw(response, MethodNotAllowed).await?;
    }
    let response = probe.http.post(&url).body("{}").send().await?;
    probe.saw(response, UnsupportedMediaType).await?;
    let response = probe.http.post(&url).header("content-type", "text/json").body("{}");
    probe.saw(response.send().await?, UnsupportedMediaType).await?;
    for broken in ["", "{", "{\"account\":1,", "\u{0}"] {
        probe.post("/v1/intents", broken, MalformedJson).await?;
    }
    for other in [json!({}), json!([]), json!(null), json!({"intents": []}), json!("x")] {
        probe.post("/v1/intents", other, InvalidBody).await?;
    }
    let deep = "[".repeat(100_000);
    probe.post("/v1/intents", &deep, MalformedJson).await?;
    probe.post("/v1/intents", format!("{deep}{}", "]".repeat(100_000)), InvalidBody).await?;
    probe.post("/v1/intents/batch", format!("{{\"intents\":{deep}"), MalformedJson).await?;
    probe.post("/v1/intents/batch", json!({"intents": [], "more": 1}), InvalidBody).await?;
    let many = json!({ "intents": vec![0; 2_049] });
    probe.post("/v1/intents/batch", many, TooManyItems).await?;
    let owner = format!("0x{}", "11".repeat(20));
    let signature = opening(1, identity(1).owner).signature;
    let with_key = |byte: &str| {
        let key = format!("0x{}", byte.repeat(40));
        json!({ "key": key, "owner": owner, "signature": signature })
    };
    probe.post("/v1/accounts", with_key("00"), InvalidKey).await?;
    probe.post("/v1/accounts", with_key("ff"), InvalidBody).await?;
    let mut unsigned = serde_json::to_value(opening(1, identity(1).owner))?;
    unsigned.as_object_mut().ok_or("an object")?.remove("signature");
    probe.post("/v1/accounts", unsigned, InvalidBody).await?;
    let mut forged = opening(1, identity(1).owner);
    forged.owner = identity(2).owner.into();
    probe.post("/v1/accounts", serde_json::to_string(&forged)?, InvalidSignature).await?;
    for owner in [Address::default(), domain().contract] {
        let body = serde_json::to_string(&opening(9, owner))?;
        probe.post("/v1/accounts", body, InvalidOwner).await?;
    }
    let bad = probe.http.post(format!("{}/v1/accounts", probe.url)).body("{}");
    let bad = bad.header("content-type", "application/json").header("idempotency-key", "two words");
    probe.saw(bad.send().await?, InvalidIdempotencyKey).await?;
    let bad = probe.http.get(format!("{}/livez", probe.url)).header("x-request-id", "two words");
    probe.saw(bad.send().await?, InvalidRequestId).await?;
    Ok(())
}

async fn lookups(probe: &mut Probe, node: &Node) -> TestResult {
    use ProblemCode::*;
    let unknown = WireIntentId::from(IntentId(Digest::ZERO));
    probe.get("/v1/accounts/x", InvalidPath).await?;
    probe.get("/v1/accounts/4294967296", InvalidPath).await?;
    probe.get("/v1/intents/0x12", InvalidPath).await?;
    probe.get("/v1/owners/alice/payouts", InvalidPath).await?;
    probe.get("/v1/accounts/1?more=1", InvalidQuery).await?;
    probe.get("/v1/accounts?owner=0x00", InvalidQuery).await?;
    probe.get("/v1/batches?limit=0", InvalidQuery).await?;
    probe.get("/v1/batches?limit=501", InvalidQuery).await?;
    probe.get("/v1/batches?limit=5&limit=6", InvalidQuery).await?;
    probe.get("/v1/licenses/0/quote", InvalidQuery).await?;
    probe.get("/v1/licenses/0/quote?uses=0", InvalidQuery).await?;
    probe.get(&format!("/v1/intents/{unknown}?wait=31"), InvalidQuery).await?;
    probe.get(&format!("/v1/intents/{unknown}?wait=1&until=later"), InvalidQuery).await?;
    probe.get("/v1/batches?cursor=00", InvalidCursor).await?;
    probe.get("/v1/accounts/77", AccountNotFound).await?;
    probe.get("/v1/accounts/x/proof", InvalidPath).await?;
    probe.get("/v1/accounts/4294967296/proof", InvalidPath).await?;
    probe.get("/v1/accounts/1/proof?more=1", InvalidQuery).await?;
    probe.get("/v1/accounts/77/proof", AccountNotFound).await?;
    probe.get("/v1/accounts/1/proof", AccountNotFinal).await?;
    probe.get("/v1/licenses/77", LicenseNotFound).await?;
    probe.get("/v1/licenses/77/earnings", LicenseNotFound).await?;
    probe.get("/v1/licenses/77/quote?uses=1", LicenseNotFound).await?;
    probe.get(&format!("/v1/intents/{unknown}"), IntentNotFound).await?;
    probe.get(&format!("/v1/intents/{unknown}/receipt"), IntentNotFound).await?;
    probe.get("/v1/batches/77", BatchNotFound).await?;
    probe.get(&format!("/v1/batches/{}", u64::MAX), BatchNotFound).await?;
    probe.get("/v1/blocks/77", BlockNotFound).await?;
    probe.get("/v1/blocks/77/proof", BlockNotFound).await?;
    let block = node.aggregator.form_block().await?.ok_or("a block")?;
    probe.get(&format!("/v1/blocks/{block}/proof"), ProofNotReady).await?;
    Ok(())
}

async fn intents(probe: &mut Probe) -> TestResult {
    use ProblemCode::*;
    let memo = Bytes32::default();
    let to = |account: u32, amount: u64| -> TestResult<Operation> {
        let signed = signer(1).transfer(transfer_to(
            AccountId::from(account),
            Amount::new(amount)?,
            memo,
        ))?;
        Ok(signed.intent.operation)
    };
    let known = Client::new(&probe.url)?;
    let pay = async |license: u32, uses: u64, amount: u64| -> TestResult<Operation> {
        let license = LicenseId::from(license);
        let recipient = known.license(license).await.map(|license| license.recipient.0);
        Ok(Operation::Pay(Pay {
            license,
            recipient: recipient.unwrap_or_default(),
            uses: support::uses(uses)?,
            amount: Amount::new(amount)?,
            memo,
        }))
    };
    probe.intent(&signer(77).sign(to(1, 5)?)?, UnknownAccount).await?;
    let mut forged = signer(1).sign(to(2, 5)?)?;
    forged.signature = signer(2).sign(to(2, 5)?)?.signature;
    probe.intent(&forged, InvalidSignature).await?;
    probe.intent(&signer(1).sign(to(77, 5)?)?, UnknownRecipient).await?;
    probe.intent(&signer(1).sign(pay(77, 1, PRICE).await?)?, UnknownLicense).await?;
    probe.intent(&signer(1).sign(pay(0, 2, PRICE).await?)?, AmountMismatch).await?;
    let mut other = pay(0, 1, PRICE).await?;
    assert!(other.address(|_| Some(identity(3).recipient())));
    probe.intent(&signer(1).sign(other)?, RecipientChanged).await?;
    let mut other = to(2, 5)?;
    assert!(other.address(|_| Some(identity(3).recipient())));
    probe.intent(&signer(1).sign(other)?, RecipientChanged).await?;
    probe.intent(&signer(1).sign(to(2, FUNDS + 1)?)?, InsufficientFunds).await?;
    let late = signer(1).sign(to(2, 5)?)?.intent;
    let late = farthing_protocol::Intent {
        valid_until: farthing_protocol::UnixTime::new(1_600_000_000)?,
        ..late
    };
    probe.intent(&late.sign(&key(1), &domain_digest()), Expired).await?;
    let with = |change: &dyn Fn(&mut farthing_protocol::Intent)| -> TestResult<SignedIntent> {
        let mut intent = signer(1).sign(to(2, 5)?)?.intent;
        change(&mut intent);
        Ok(intent.sign(&key(1), &domain_digest()))
    };
    let ahead = with(&|intent| intent.nonce = farthing_protocol::Nonce::MAX)?;
    probe.intent(&ahead, NonceTooHigh).await?;
    let lasting = with(&|intent| intent.valid_until = farthing_protocol::UnixTime::MAX)?;
    probe.intent(&lasting, ValidTooLong).await?;
    // Account 1 has registered a license: its nonce is used, those below are too low.
    let used = 1;
    let low = signer(1).sign(to(2, 5)?)?.intent;
    let low = farthing_protocol::Intent { nonce: farthing_protocol::Nonce::new(used)?, ..low };
    probe.intent(&low.sign(&key(1), &domain_digest()), NonceTooLow).await?;
    let status: Value =
        probe.http.get(format!("{}/v1/accounts/1", probe.url)).send().await?.json().await?;
    let nonce: u64 = status["nonce"].as_str().ok_or("a nonce")?.parse()?;
    let other = signer(1).sign(to(2, 5)?)?.intent;
    let other = farthing_protocol::Intent { nonce: farthing_protocol::Nonce::new(nonce)?, ..other };
    probe.intent(&other.sign(&key(1), &domain_digest()), NonceUsed).await?;
    Ok(())
}

async fn registrations(probe: &mut Probe) -> TestResult {
    use ProblemCode::*;
    let register = |shares, lineage: u32| -> TestResult<SignedIntent> {
        Ok(signer(1).register_license(RegisterLicense {
            price: Price::MAX,
            derivative_shares: Shares::ZERO,
            lineage: farthing_protocol::Lineage::new(lineage)?,
            provenance: Bytes32::default(),
            shares,
            recipient: ShortDigest::default(),
        })?)
    };
    let million = |account| shares(&[(account, 1_000_000)], &[]);
    probe.intent(&register(million(77)?, 1)?, UnknownHolder).await?;
    probe.intent(&register(million(1)?, 2)?, WrongLineage).await?;
    probe.intent(&register(million(1)?, 1)?, RecipientChanged).await?;
    probe.intent(&register(shares(&[], &[(77, 1_000_000)])?, 2)?, UnknownParent).await?;
    let little = shares(&[(1, 900_000)], &[(0, 100_000)])?;
    probe.intent(&register(little, 2)?, ParentShareTooSmall).await?;
    let transfer =
        signer(1).transfer(transfer_to(AccountId::from(2), Amount::MIN, Bytes32::default()))?;
    let body = serde_json::to_string(&IntentBody::from(&transfer))?;
    // Every operation is sent to /v1/intents.
    probe.post("/v1/licenses", body, MethodNotAllowed).await?;
    Ok(())
}

/// A license of account 1 that is private, then paused, then retired.
async fn license_updates() -> TestResult<BTreeSet<ProblemCode>> {
    use ProblemCode::*;
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(3, 0).await?;
    register_two(&node).await?;
    let (client, license) = (node.client()?, LicenseId::from(0));
    let mut probe = Probe::new(&node.url)?;
    let of = async |account: u32, changes: LicenseChanges| -> TestResult<SignedIntent> {
        Ok(client.sign_update_license(&signer(account), license, &changes).await?)
    };
    let nothing = LicenseChanges::default();
    probe.intent(&of(1, nothing).await?, LicenseUpdating).await?;
    node.seal().await?;
    probe.intent(&of(2, nothing).await?, NotLicensor).await?;
    let private = LicenseChanges { licensee: Some(Licensee::new(3)?), ..nothing };
    client.submit(&of(1, private).await?).await?;
    probe.intent(&of(1, private).await?, LicenseUpdating).await?;
    node.seal().await?;
    let pay = client.sign_pay(&signer(2), license, uses(1)?, Bytes32::default()).await?;
    probe.intent(&pay, NotLicensee).await?;
    let status = |status| LicenseChanges { status: Some(status), ..nothing };
    client.update_license(&signer(1), license, &status(LicenseStatus::Paused)).await?;
    node.seal().await?;
    let pay = client.sign_pay(&signer(3), license, uses(1)?, Bytes32::default()).await?;
    probe.intent(&pay, LicensePaused).await?;
    let retired = status(LicenseStatus::Retired);
    let asking = LicenseChanges { derivative_shares: Some(Shares::MAX), ..retired };
    probe.intent(&of(1, asking).await?, LicenseRetired).await?;
    client.update_license(&signer(1), license, &retired).await?;
    node.seal().await?;
    probe.intent(&of(1, status(LicenseStatus::Active)).await?, LicenseRetired).await?;
    node.stop().await?;
    Ok(probe.seen)
}

/// A price so high that eight million uses exceed an amount, a lineage beyond 64, and receipts of
/// what is not sealed; and limits that are set low.
async fn limits() -> TestResult<BTreeSet<ProblemCode>> {
    use ProblemCode::*;
    let dir = tempfile::tempdir()?;
    let mut config = generous();
    config.body_bytes_max = 4_096;
    let node = Node::start_with(node_config(dir.path(), BatchClass::SMALL), config).await?;
    node.fund(1, 0).await?;
    let (client, signer) = (node.client()?, signer(1));
    let dear = shares(&[(1, 1_000_000)], &[])?;
    client.register_license(&signer, Price::MAX, Shares::ZERO, Bytes32::default(), dear).await?;
    let mut probe = Probe::new(&node.url)?;
    probe.get("/v1/licenses/0/quote?uses=8388608", AmountTooLarge).await?;
    let pay = Pay {
        license: LicenseId::from(0),
        uses: uses(8_388_608)?,
        amount: Amount::MIN,
        recipient: client.license(LicenseId::from(0)).await?.recipient.0,
        memo: Bytes32::default(),
    };
    probe.intent(&signer.pay(pay)?, AmountTooLarge).await?;
    // Each license derives from all before it: lineages 1, 2, 4, … 64.
    for count in 1..=6u32 {
        let parents: Vec<(u32, u64)> = (0..count).map(|id| (id, 1)).collect();
        let table = shares(&[(1, 1_000_000 - u64::from(count))], &parents)?;
        let price = Price::new(PRICE)?;
        client.register_license(&signer, price, Shares::ZERO, Bytes32::default(), table).await?;
    }
    let table = shares(&[], &[(6, 1_000_000)])?;
    let too_deep = signer.register_license(RegisterLicense {
        price: Price::MIN,
        derivative_shares: Shares::ZERO,
        lineage: farthing_protocol::Lineage::new(64)?,
        provenance: Bytes32::default(),
        shares: table,
        recipient: ShortDigest::default(),
    })?;
    probe.intent(&too_deep, TooManyAncestors).await?;
    let sent =
        client.transfer(&signer, AccountId::from(1), Amount::MIN, Bytes32::default()).await?;
    probe.get(&format!("/v1/intents/{}/receipt", sent.id), ReceiptNotReady).await?;
    probe.post("/v1/intents", "x".repeat(4_097), BodyTooLarge).await?;
    let keyed = |amount: u64| -> TestResult<reqwest::RequestBuilder> {
        let signed = signer.transfer(transfer_to(
            AccountId::from(1),
            Amount::new(amount)?,
            Bytes32::default(),
        ))?;
        let request = probe.http.post(format!("{}/v1/intents", node.url));
        Ok(request.header("idempotency-key", "k").json(&IntentBody::from(&signed)))
    };
    assert_eq!(keyed(1)?.send().await?.status().as_u16(), 201);
    let conflict = keyed(2)?.send().await?;
    probe.saw(conflict, IdempotencyConflict).await?;
    node.stop().await?;

    let busy = overload().await?;

    let dir = tempfile::tempdir()?;
    let mut config = generous();
    (config.requests_per_second, config.requests_burst) = (1, 2);
    let node = Node::start_with(node_config(dir.path(), BatchClass::TINY), config).await?;
    let mut fast = Probe::new(&node.url)?;
    // On a slow machine another token may come in between.
    let version = || fast.http.get(format!("{}/version", node.url)).send();
    let mut served = 0;
    let refused = loop {
        let answer = version().await?;
        if !answer.status().is_success() {
            break answer;
        }
        served += 1;
        assert!(served < 100, "no limit");
    };
    assert!(served >= 2, "the burst is served");
    fast.saw(refused, RateLimited).await?;
    let ready = fast.http.get(format!("{}/readyz", node.url)).send().await?;
    assert!(ready.status().is_success(), "probes are not limited");
    node.stop().await?;

    let asking = operators_rules().await?;
    let seen = [probe.seen, busy, fast.seen, asking];
    Ok(seen.into_iter().flatten().collect())
}

/// A fee that the operator asks for, and accounts opened as fast as it goes.
async fn operators_rules() -> TestResult<BTreeSet<ProblemCode>> {
    use ProblemCode::*;
    let dir = tempfile::tempdir()?;
    let mut config = node_config(dir.path(), BatchClass::TINY);
    config.sequencer.rules.least_fees.transfer = Fee::new(7)?;
    config.sequencer.openings = OpeningQuota { per_minute: 1, burst: 2 };
    let node = Node::start_with(config, generous()).await?;
    node.fund(2, 0).await?;
    let mut probe = Probe::new(&node.url)?;
    let cheap = signer(1).with_fee(Fee::new(6)?);
    let transfer =
        cheap.transfer(transfer_to(AccountId::from(2), Amount::MIN, Bytes32::default()))?;
    probe.intent(&transfer, FeeTooLow).await?;
    let least = node.client()?.version().await?.admission.least_fees;
    assert_eq!((least.transfer.0.get(), least.pay.0.get()), (7, 0));
    let body = serde_json::to_string(&opening(3, identity(3).owner))?;
    probe.post("/v1/accounts", body, AccountQuota).await?;
    let again = node.client()?.open_account(&key(2), identity(2).owner).await?;
    assert!(again.existed, "one that exists takes no place");
    node.stop().await?;

    // The same for one client address.
    let dir = tempfile::tempdir()?;
    let limits = ServerConfig { accounts_per_minute: 1, accounts_burst: 1, ..generous() };
    let node = Node::start_with(node_config(dir.path(), BatchClass::TINY), limits).await?;
    let opened = node.client()?.open_account(&key(1), identity(1).owner).await?;
    assert!(!opened.existed);
    let mut second = Probe::new(&node.url)?;
    let body = serde_json::to_string(&opening(2, identity(2).owner))?;
    second.post("/v1/accounts", body, AccountQuota).await?;
    second.get("/v1/accounts/77", AccountNotFound).await?;
    node.stop().await?;
    Ok(probe.seen.into_iter().chain(second.seen).collect())
}

/// A request for an account of `account`'s key.
fn opening(account: u32, owner: Address) -> OpenAccountBody {
    let signature = AccountIdentity::sign_opening(&key(account), owner, &domain_digest());
    let key = (*key(account).public_key()).into();
    OpenAccountBody { key, owner: owner.into(), signature: signature.into() }
}

/// One permit for work, and one for a long poll: the second client is told to try again.
async fn overload() -> TestResult<BTreeSet<ProblemCode>> {
    let dir = tempfile::tempdir()?;
    let mut config = generous();
    (config.requests_max, config.long_polls_max) = (1, 1);
    let node = Node::start_with(node_config(dir.path(), BatchClass::TINY), config).await?;
    node.fund(1, 0).await?;
    let mut busy = Probe::new(&node.url)?;
    let (client, payer) = (node.client()?, signer(1));
    let sent = client.transfer(&payer, AccountId::from(1), Amount::MIN, Bytes32::default()).await?;
    let poll = format!("{}/v1/intents/{}?wait=", node.url, sent.id);
    let held = tokio::spawn(busy.http.get(format!("{poll}30")).send());
    let refused = until_refused(|| busy.http.get(format!("{poll}1")).send()).await?;
    busy.saw(refused, ProblemCode::Overloaded).await?;
    // A request whose body does not come holds the place for work.
    let mut slow = TcpStream::connect(node.address).await?;
    let head = "POST /v1/intents HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    slow.write_all(format!("{head}content-length: 9\r\n\r\n{{").as_bytes()).await?;
    let refused = until_refused(|| busy.http.get(format!("{}/version", node.url)).send()).await?;
    busy.saw(refused, ProblemCode::Overloaded).await?;
    let live = busy.http.get(format!("{}/livez", node.url)).send().await?;
    assert!(live.status().is_success(), "probes are answered even so");
    drop(slow);
    node.seal().await?;
    assert!(held.await??.status().is_success());
    node.stop().await?;
    Ok(busy.seen)
}

/// Asks until the answer is an error: the request that takes the permit may need a moment to arrive.
async fn until_refused<F>(ask: impl Fn() -> F) -> TestResult<reqwest::Response>
where
    F: Future<Output = Result<reqwest::Response, reqwest::Error>>,
{
    for _ in 0..60 {
        let answer = ask().await?;
        if !answer.status().is_success() {
            return Ok(answer);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("never refused".into())
}

/// Requests that no HTTP library sends.
async fn raw_connections() -> TestResult<BTreeSet<ProblemCode>> {
    let dir = tempfile::tempdir()?;
    let mut config = generous();
    config.receive_seconds_max = 1;
    let node = Node::start_with(node_config(dir.path(), BatchClass::TINY), config).await?;
    let head = "POST /v1/intents HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let slow = exchange(&node, &format!("{head}content-length: 9\r\n\r\n{{")).await?;
    assert!(slow.contains("408 Request Timeout") && slow.contains("request_timeout"), "{slow}");
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\nzz\r\n");
    let broken = exchange(&node, &chunked).await?;
    assert!(broken.contains("body_unreadable"), "{broken}");
    for hosts in ["", "host: x\r\nhost: y\r\n"] {
        let answer = exchange(&node, &format!("GET /livez HTTP/1.1\r\n{hosts}\r\n")).await?;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("invalid_host"), "{answer}");
        assert!(answer.contains("x-request-id"), "{answer}");
    }
    let old = exchange(&node, "GET /livez HTTP/1.0\r\n\r\n").await?;
    assert!(old.contains("200 OK"), "HTTP/1.0 need not name a host: {old}");
    // Input that the parser refuses is not a request yet: a status, and the end of the connection.
    let large = format!("GET /livez HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(200 << 10));
    for (bytes, status) in
        [("GET /livez HTTP/1.1\r\nhost: x\r\nno header\r\n\r\n", 400), (large.as_str(), 431)]
    {
        let answer = exchange(&node, bytes).await?;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("content-length: 0") && answer.ends_with("\r\n\r\n"), "{answer}");
    }
    let idle = exchange(&node, "GET /livez HTTP/1.1\r\nhost").await?;
    assert!(!idle.contains("200 OK"), "{idle}");
    node.stop().await?;
    let seen = [ProblemCode::RequestTimeout, ProblemCode::BodyUnreadable, ProblemCode::InvalidHost];
    Ok(BTreeSet::from(seen))
}

/// Sends bytes as they are, and reads until the server closes or has answered.
async fn exchange(node: &Node, bytes: &str) -> TestResult<String> {
    let mut stream = TcpStream::connect(node.address).await?;
    stream.write_all(bytes.as_bytes()).await?;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    // A connection that the server keeps open after its answer is answered all the same.
    let _ = tokio::time::timeout(Duration::from_secs(20), read).await;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// A node that has stopped is not ready, and says so.
async fn stopped() -> TestResult<BTreeSet<ProblemCode>> {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.aggregator.stop().await;
    let mut probe = Probe::new(&node.url)?;
    probe.get("/readyz", ProblemCode::NotReady).await?;
    let transfer =
        signer(1).transfer(transfer_to(AccountId::from(2), Amount::MIN, Bytes32::default()))?;
    probe.intent(&transfer, ProblemCode::NotReady).await?;
    node.stop().await?;
    Ok(probe.seen)
}
