//! The verbs of a scenario, by the client's own.

use std::process::Command;
use std::time::Duration;

use alloy::primitives::U256;
use alloy::providers::{Provider as _, ProviderBuilder};
use alloy::transports::http::reqwest;
use farthing_client::dto::{
    EventFilterBody, EventType, HolderBody, IntentAnswer, IntentBody, LicenseStatusName,
    OperationBody, ReceiptBody, WireAddress, WireAmount, WireBytes32, WireFee, WireIntentId,
    WireNonce, WirePrice, WireRecipient, licensee,
};
use farthing_client::{Client, LicenseChanges, Period, Problem, verify_receipt};
use farthing_l1::abi::{DevToken, Rollup};
use farthing_protocol::{
    AccountId, BlockNumber, Domain, Holder, Intent, LicenseId, Operation, ShareTable, Shares,
    SignedIntent, Stage, UnixTime, Uses, Withdraw,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::runner::{Refusal, Runner, Step};

/// Seconds that a step waits for a stage unless it names another number.
const STATUS_SECONDS: u64 = 600;
/// The longest wait for the events of a step.
const EVENTS_TIMEOUT: Duration = Duration::from_secs(60);

/// An argument of its type.
fn argument<T: DeserializeOwned>(given: &Value, name: &str) -> Result<T, Refusal> {
    let value = given[name].clone();
    serde_json::from_value(value).map_err(|error| Refusal::failure(format!("{name}: {error}")))
}

/// Money: anything but a decimal string of an amount in range is refused.
fn money<T: DeserializeOwned>(given: &Value, name: &str) -> Result<T, Refusal> {
    argument(given, name).map_err(|_| Refusal::client("invalid_amount"))
}

fn shown(result: impl Serialize) -> Result<Value, Refusal> {
    Ok(serde_json::to_value(result)?)
}

/// A client that was told the recipient of a step, if the step says one.
fn told(client: &Client, given: &Value) -> Result<Client, Refusal> {
    if given["recipient"].is_null() {
        return Ok(client.clone());
    }
    let holder = match given["license"].is_null() {
        true => Holder::Account(argument(given, "to")?),
        false => Holder::License(argument(given, "license")?),
    };
    let recipient: WireRecipient = argument(given, "recipient")?;
    // A client of its own: what the step was told says nothing about the next one.
    Ok(Client::new(client.base_url())?.with_recipient(holder, recipient.0))
}

impl Runner {
    /// Makes the call of a step.
    pub(crate) async fn call(&mut self, step: &Step, given: &Value) -> Result<Value, Refusal> {
        let client = told(&self.client, given)?;
        match step.verb.as_str() {
            "version" => shown(client.version().await?),
            "open_account" => {
                let actor = |name: &str| self.actor(given[name].as_str().unwrap_or_default());
                shown(client.open_account(&actor("key").key(), actor("owner").owner).await?)
            }
            "deposit" => self.deposit(given).await,
            "account" => shown(client.account(argument(given, "id")?).await?),
            "license" => shown(client.license(argument(given, "id")?).await?),
            "register_license" => self.register_license(step, given).await,
            "license_versions" => self.license_versions(given).await,
            "update_license" => self.update_license(step, given).await,
            "quote" => {
                let (license, uses) = (argument(given, "license")?, argument(given, "uses")?);
                shown(client.quote(license, uses).await?)
            }
            "pay" => {
                let memo: WireBytes32 = argument(given, "memo")?;
                let (license, uses) = (argument(given, "license")?, argument(given, "uses")?);
                let signer = self.signer(step).await?;
                shown(client.pay(signer, license, uses, memo.0).await?)
            }
            "pay_many" => self.pay_many(step, given).await,
            "transfer" => {
                let (to, amount) = (argument(given, "to")?, money::<WireAmount>(given, "amount")?);
                let memo: WireBytes32 = argument(given, "memo")?;
                let signer = self.signer(step).await?;
                shown(client.transfer(signer, to, amount.0, memo.0).await?)
            }
            "withdraw" => {
                let memo: WireBytes32 = argument(given, "memo")?;
                let withdraw = Withdraw::new(money::<WireAmount>(given, "amount")?.0, memo.0);
                let withdraw = withdraw.map_err(|_| Refusal::client("invalid_amount"))?;
                shown(client.withdraw(self.signer(step).await?, withdraw).await?)
            }
            "sign" => self.sign(step, given).await,
            "submit" => {
                let body: IntentBody = argument(given, "intent")?;
                let signed = SignedIntent::try_from(body)?;
                shown(client.submit_under(&signed, given["idempotency_key"].as_str()).await?)
            }
            "status" => self.status(given).await,
            "receipt" => {
                let id: WireIntentId = argument(given, "intent")?;
                shown(client.receipt(id.0).await?)
            }
            "verify_receipt" => self.verify_receipt(given),
            "earnings" => self.earnings(given).await,
            "payouts" => {
                let owner = self.actor(given["owner"].as_str().unwrap_or_default()).owner;
                shown(client.payouts(owner, None).await?.items)
            }
            "webhooks"
            | "webhook"
            | "register_webhook"
            | "delete_webhook"
            | "test_webhook"
            | "rotate_webhook_secret"
            | "webhook_deliveries"
            | "resend_event" => self.webhooks(step, given).await,
            "events" => self.events(given).await,
            "request" => self.request(given).await,
            other => Err(Refusal::failure(format!("the verb {other} has no runner"))),
        }
    }

    /// Makes tokens and deposits them for an actor, by the L1's first account.
    async fn deposit(&self, given: &Value) -> Result<Value, Refusal> {
        let actor = self.actor(given["key"].as_str().unwrap_or_default());
        let url: reqwest::Url = argument(&self.banner, "l1")?;
        let provider = ProviderBuilder::new().connect_http(url);
        let faucet = provider.get_accounts().await?;
        let faucet = *faucet.first().ok_or_else(|| Refusal::failure("L1 has no accounts"))?;
        let address = |name| argument::<WireAddress>(&self.banner, name).map(|at| at.0.0.into());
        let token = DevToken::new(address("token")?, provider.clone());
        let rollup = Rollup::new(address("contract")?, provider.clone());
        let units: U256 = argument(given, "base_units")?;
        token.mint(faucet, units).from(faucet).send().await?.get_receipt().await?;
        let words = actor.key().public_key().to_words();
        let call = rollup.deposit(actor.owner.0.into(), words, units).from(faucet);
        let receipt = call.send().await?.get_receipt().await?;
        if !receipt.status() {
            return Err(Refusal::failure("the deposit failed on L1"));
        }
        Ok(Value::Null)
    }

    async fn register_license(&mut self, step: &Step, given: &Value) -> Result<Value, Refusal> {
        let price = money::<WirePrice>(given, "price")?.0;
        let shares: Shares = argument(given, "derivative_shares")?;
        let provenance: WireBytes32 = argument(given, "provenance")?;
        let holders: Vec<HolderBody> = argument(given, "holders")?;
        let table = ShareTable::new(holders.into_iter().map(Into::into).collect());
        let table = table.map_err(|_| Refusal::client("invalid_holders"))?;
        let client = self.client.clone();
        let signer = self.signer(step).await?;
        shown(client.register_license(signer, price, shares, provenance.0, table).await?)
    }

    /// Sets the fields that the step gives; `none` in place of a licensee stands for every account.
    async fn update_license(&mut self, step: &Step, given: &Value) -> Result<Value, Refusal> {
        let price = given.get("price").map(|_| money::<WirePrice>(given, "price")).transpose()?;
        let account = match given["licensee"].as_str() {
            Some("none") => Some(None),
            _ => argument::<Option<AccountId>>(given, "licensee")?.map(Some),
        };
        let licensee = account.map(licensee).transpose();
        let provenance: Option<WireBytes32> = argument(given, "provenance")?;
        let status: Option<LicenseStatusName> = argument(given, "status")?;
        let changes = LicenseChanges {
            price: price.map(|price| price.0),
            derivative_shares: argument(given, "derivative_shares")?,
            status: status.map(Into::into),
            licensee: licensee.map_err(|_| Refusal::client("invalid_argument"))?,
            provenance: provenance.map(|bytes| bytes.0),
        };
        let license: LicenseId = argument(given, "license")?;
        let client = told(&self.client, given)?;
        shown(client.update_license(self.signer(step).await?, license, &changes).await?)
    }

    /// All versions of a license, in pages of the node's size.
    async fn license_versions(&self, given: &Value) -> Result<Value, Refusal> {
        let license: LicenseId = argument(given, "license")?;
        let (mut versions, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = self.client.license_versions(license, cursor.as_deref()).await?;
            versions.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return shown(versions);
            }
        }
    }

    async fn pay_many(&mut self, step: &Step, given: &Value) -> Result<Value, Refusal> {
        let mut payments: Vec<(LicenseId, Uses, _)> = Vec::new();
        for payment in given["payments"].as_array().into_iter().flatten() {
            let memo: WireBytes32 = argument(payment, "memo")?;
            payments.push((argument(payment, "license")?, argument(payment, "uses")?, memo.0));
        }
        let client = self.client.clone();
        let results = client.pay_many(self.signer(step).await?, &payments).await?;
        let answers = results.into_iter().map(|result| match result {
            Ok(accepted) => IntentAnswer::Accepted(accepted),
            Err(problem) => IntentAnswer::Rejected(problem),
        });
        shown(answers.collect::<Vec<_>>())
    }

    /// Signs an operation, with the fields that the step gives in place of the signer's own.
    async fn sign(&mut self, step: &Step, given: &Value) -> Result<Value, Refusal> {
        let operation = Operation::try_from(argument::<OperationBody>(given, "operation")?)?;
        let key = given["key"].as_str().or(step.signer.as_deref()).unwrap_or_default();
        let key = self.actor(key).key();
        let signer = self.signer(step).await?;
        let domain = signer.domain();
        let Intent { account, nonce, fee, valid_until, operation } = signer.sign(operation)?.intent;
        let until: Option<UnixTime> = argument(given, "valid_until")?;
        let intent = Intent {
            account: argument::<Option<AccountId>>(given, "account")?.unwrap_or(account),
            nonce: argument::<Option<WireNonce>>(given, "nonce")?.map_or(nonce, |given| given.0),
            fee: argument::<Option<WireFee>>(given, "fee")?.map_or(fee, |given| given.0),
            valid_until: until.unwrap_or(valid_until),
            operation,
        };
        let signed = intent.sign(&key, &domain);
        let id = WireIntentId::from(signed.intent.id(&domain));
        Ok(json!({ "id": id, "intent": IntentBody::from(&signed) }))
    }

    async fn status(&self, given: &Value) -> Result<Value, Refusal> {
        let id: WireIntentId = argument(given, "intent")?;
        let Some(until) = given["until"].as_str() else {
            return shown(self.client.intent(id.0).await?);
        };
        let stage: Stage = until.parse()?;
        let timeout = given["timeout"].as_u64().unwrap_or(STATUS_SECONDS);
        shown(self.client.wait(id.0, stage, Duration::from_secs(timeout)).await?)
    }

    /// Checks a receipt with the client; against L1 with `farthing receipt verify`, whose part that is.
    fn verify_receipt(&self, given: &Value) -> Result<Value, Refusal> {
        let mut receipt = given["receipt"].clone();
        for (pointer, value) in given["change"].as_object().into_iter().flatten() {
            let place = receipt.pointer_mut(pointer);
            *place.ok_or_else(|| Refusal::failure(format!("no {pointer} in the receipt")))? =
                value.clone();
        }
        let body: ReceiptBody = serde_json::from_value(receipt.clone())
            .map_err(|_| Refusal::client("invalid_receipt"))?;
        let l1 = given["l1"].as_str();
        let deployment = match (given["deployment"].is_object(), l1) {
            (true, _) => Some(domain(&given["deployment"])?),
            (false, Some(_)) => {
                let chain_id = &self.banner["chain_id"];
                let contract = &given["contract"];
                Some(domain(&json!({ "chain_id": chain_id, "contract": contract }))?)
            }
            (false, None) => None,
        };
        let verified = verify_receipt(&body, deployment.as_ref())
            .map_err(|_| Refusal::client("invalid_receipt"))?;
        if let Some(url) = l1 {
            let path = self.folder.join("receipt.json");
            std::fs::write(&path, receipt.to_string())?;
            let contract = given["contract"].as_str().unwrap_or_default();
            let output = Command::new(crate::BINARY)
                .args(["receipt", "verify"])
                .arg(&path)
                .args(["--l1-url", url, "--contract", contract])
                .output()?;
            if !output.status.success() {
                return Err(Refusal::client("not_settled"));
            }
        }
        Ok(json!({
            "id": body.id,
            "account": verified.signed.intent.account,
            "batch": body.batch.number,
            "settled": l1.is_some(),
        }))
    }

    async fn earnings(&self, given: &Value) -> Result<Value, Refusal> {
        let license: LicenseId = argument(given, "license")?;
        let holders = self.client.license(license).await?.holders;
        let mut parts = vec![0_u64; holders.len()];
        let (mut received, mut cursor) = (0_u64, None::<String>);
        loop {
            let page = self.client.earnings(license, &Period::default(), cursor.as_deref()).await?;
            for line in page.items {
                received += line.received.0.get();
                for part in line.parts {
                    let index = holders.iter().position(|line| line.holder == part.holder);
                    let index =
                        index.ok_or_else(|| Refusal::failure("a part of another holder"))?;
                    parts[index] += part.amount.0.get();
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let parts: Vec<String> = parts.iter().map(u64::to_string).collect();
        Ok(json!({ "received": received.to_string(), "parts": parts }))
    }

    /// The calls about webhooks, which the account of the step signs.
    async fn webhooks(&mut self, step: &Step, given: &Value) -> Result<Value, Refusal> {
        let client = self.client.clone();
        let signer = self.signer(step).await?;
        let webhook = || argument::<WireBytes32>(given, "webhook");
        match step.verb.as_str() {
            "register_webhook" => {
                let (url, filter) = (argument::<String>(given, "url")?, filter(given)?);
                shown(client.register_webhook(signer, &url, filter).await?)
            }
            "webhooks" => shown(client.webhooks(signer).await?),
            "webhook" => shown(client.webhook(signer, webhook()?).await?),
            "delete_webhook" => shown(client.delete_webhook(signer, webhook()?).await?),
            "rotate_webhook_secret" => {
                let keep = Duration::from_secs(argument(given, "keep_seconds")?);
                shown(client.rotate_webhook_secret(signer, webhook()?, Some(keep)).await?)
            }
            "test_webhook" => shown(client.test_webhook(signer, webhook()?).await?),
            "webhook_deliveries" => {
                let (mut items, mut cursor) = (Vec::new(), None::<String>);
                loop {
                    let cursor_now = cursor.as_deref();
                    let page = client.webhook_deliveries(signer, webhook()?, cursor_now).await?;
                    items.extend(page.items);
                    cursor = page.next_cursor;
                    if cursor.is_none() {
                        return shown(items);
                    }
                }
            }
            _ => {
                let event: WireBytes32 = argument(given, "event")?;
                shown(client.resend_event(signer, webhook()?, event).await?)
            }
        }
    }

    /// The next events of a stream, read without the client, which has no streams.
    async fn events(&self, given: &Value) -> Result<Value, Refusal> {
        let EventFilterBody { types, account, license, block } = filter(given)?;
        let types: Vec<&str> = types.iter().map(|kind| kind.as_str()).collect();
        let mut query: Vec<(&str, String)> = Vec::new();
        query.extend(Some(("types", types.join(","))).filter(|(_, types)| !types.is_empty()));
        query.extend(account.map(|account| ("account", account.to_string())));
        query.extend(license.map(|license| ("license", license.to_string())));
        query.extend(block.map(|block| ("block", block.0.to_string())));
        query.push(("after", argument(given, "after")?));
        let url = format!("{}/v1/events", self.client.base_url());
        let url = reqwest::Url::parse_with_params(&url, query)?;
        let mut answer = reqwest::Client::new().get(url).timeout(EVENTS_TIMEOUT).send().await?;
        if !answer.status().is_success() {
            return Err(problem(&answer.bytes().await?)?);
        }
        let count: usize = argument(given, "count")?;
        let (mut text, mut place, mut events) = (String::new(), Value::Null, Vec::<Value>::new());
        while events.len() < count {
            let Some((block, rest)) = text.split_once("\n\n") else {
                let chunk = answer.chunk().await?;
                let chunk = chunk.ok_or_else(|| Refusal::failure("the stream has ended"))?;
                text.push_str(std::str::from_utf8(&chunk)?);
                continue;
            };
            for line in block.lines() {
                match line.split_once(':') {
                    Some(("id", id)) => place = id.trim_start().into(),
                    Some(("data", data)) => events.push(serde_json::from_str(data)?),
                    _ => {}
                }
            }
            text = rest.to_owned();
        }
        Ok(json!({ "events": events, "place": place }))
    }

    /// A request without the client.
    async fn request(&self, given: &Value) -> Result<Value, Refusal> {
        let method = given["method"].as_str().unwrap_or_default();
        let path = given["path"].as_str().unwrap_or_default();
        let method = reqwest::Method::from_bytes(method.as_bytes())?;
        let url = format!("{}{path}", self.client.base_url());
        let mut request = reqwest::Client::new().request(method, url);
        if let Some(text) = given["text"].as_str() {
            request = request.body(text.to_owned());
        } else if !given["json"].is_null() {
            let json = given["json"].to_string();
            request = request.header("Content-Type", "application/json").body(json);
        }
        for (name, value) in given["headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        let answer = request.send().await?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        if status.is_success() {
            let body: Value = serde_json::from_slice(&bytes)?;
            return Ok(json!({ "status": status.as_u16(), "body": body }));
        }
        Err(problem(&bytes)?)
    }
}

/// The refusal that a problem of the node is.
fn problem(body: &[u8]) -> Result<Refusal, Refusal> {
    let problem: Problem = serde_json::from_slice(body)?;
    let (code, retryable) = (problem.code.to_string(), problem.code.is_retryable());
    Ok(Refusal::Expected { code, by: "node", retryable })
}

/// The conditions on events of a step.
fn filter(given: &Value) -> Result<EventFilterBody, Refusal> {
    let types: Option<Vec<EventType>> = argument(given, "types")?;
    let block: Option<u64> = argument(given, "block")?;
    Ok(EventFilterBody {
        types: types.unwrap_or_default(),
        account: argument(given, "account")?,
        license: argument(given, "license")?,
        block: block.map(BlockNumber::new).transpose()?.map(Into::into),
    })
}

fn domain(given: &Value) -> Result<Domain, Refusal> {
    let contract: WireAddress = argument(given, "contract")?;
    Ok(Domain { chain_id: argument(given, "chain_id")?, contract: contract.0 })
}
