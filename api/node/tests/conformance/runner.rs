//! Variables, actors and steps.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use alloy::primitives::keccak256;
use farthing_client::dto::{WireAddress, WirePublicKey};
use farthing_client::{Client, ClientError, Signer};
use farthing_protocol::{AccountId, Address, SecretKey};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::TestResult;
use crate::expect::contains;

/// Between two tries of a step.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) format: u32,
    pub(crate) values: Map<String, Value>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) name: String,
    #[serde(rename = "do")]
    pub(crate) verb: String,
    #[serde(rename = "as")]
    pub(crate) signer: Option<String>,
    #[serde(default)]
    pub(crate) with: Value,
    expect: Option<Value>,
    refused: Option<Value>,
    #[serde(default)]
    save: BTreeMap<String, String>,
    #[serde(default)]
    within: u64,
}

/// Somebody with a key.
#[derive(Clone)]
pub(crate) struct Actor {
    seed: [u8; 32],
    pub(crate) owner: Address,
}

impl Actor {
    pub(crate) fn key(&self) -> SecretKey {
        SecretKey::from_seed(&self.seed)
    }
}

/// The end of a call that a step may expect.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The node, or the client, refused: code, author, and whether to try again.
    Expected { code: String, by: &'static str, retryable: bool },
    /// Something that no step expects.
    Failure(Box<dyn std::error::Error>),
}

impl Refusal {
    /// A refusal by the client, which sent nothing.
    pub(crate) fn client(code: &str) -> Self {
        Self::Expected { code: code.to_owned(), by: "client", retryable: false }
    }

    /// A failure with this text.
    pub(crate) fn failure(text: impl Into<String>) -> Self {
        Self::Failure(text.into().into())
    }
}

impl<E: std::error::Error + 'static> From<E> for Refusal {
    fn from(error: E) -> Self {
        let error: Box<dyn std::error::Error> = Box::new(error);
        match error.downcast::<ClientError>() {
            Ok(error) => match *error {
                ClientError::Problem(problem) => Self::Expected {
                    code: problem.code.to_string(),
                    by: "node",
                    retryable: problem.code.is_retryable(),
                },
                ClientError::RecipientChanged { .. } => Self::client("recipient_changed"),
                // The only range that a call can leave is that of price × uses.
                ClientError::OutOfRange(_) => Self::client("invalid_amount"),
                other => Self::Failure(Box::new(other)),
            },
            Err(other) => Self::Failure(other),
        }
    }
}

/// One run of a scenario.
pub(crate) struct Runner {
    pub(crate) client: Client,
    pub(crate) banner: Value,
    pub(crate) folder: PathBuf,
    run: String,
    values: Map<String, Value>,
    actors: HashMap<String, Actor>,
    signers: HashMap<String, Signer>,
}

impl Runner {
    pub(crate) fn new(
        banner: &Value,
        mut values: Map<String, Value>,
        folder: &Path,
    ) -> TestResult<Self> {
        for name in ["rest", "l1", "chain_id", "contract", "token"] {
            values.insert(name.to_owned(), banner[name].clone());
        }
        let mut actors = HashMap::new();
        for account in banner["accounts"].as_array().ok_or("accounts of the banner")? {
            let name = account["name"].as_str().ok_or("a name")?.to_owned();
            let seed: farthing_client::dto::WireBytes32 =
                serde_json::from_value(account["seed"].clone())?;
            let owner: WireAddress = serde_json::from_value(account["owner"].clone())?;
            values.insert(name.clone(), account["account"].clone());
            actors.insert(name, Actor { seed: seed.0.0, owner: owner.0 });
        }
        let client = Client::new(banner["rest"].as_str().ok_or("the node's URL")?)?;
        let run = format!("{:016x}", rand::random::<u64>());
        let (banner, folder, signers) = (banner.clone(), folder.to_owned(), HashMap::new());
        Ok(Self { client, banner, folder, run, values, actors, signers })
    }

    /// The actor of a name: that of the banner, or one of this run.
    pub(crate) fn actor(&self, name: &str) -> Actor {
        self.actors.get(name).cloned().unwrap_or_else(|| {
            let seed = keccak256(format!("farthing conformance: {} {name}", self.run)).0;
            let mut owner = Address::default();
            owner.0.copy_from_slice(&keccak256(seed)[12..]);
            Actor { seed, owner }
        })
    }

    /// The account of an actor.
    pub(crate) fn account(&self, name: &str) -> Result<AccountId, Refusal> {
        let account = self.values.get(name).and_then(Value::as_u64);
        let account = account.and_then(|id| AccountId::new(id).ok());
        account.ok_or_else(|| Refusal::failure(format!("{name} has no account yet")))
    }

    /// The signer of a step, the same each time.
    pub(crate) async fn signer(&mut self, step: &Step) -> Result<&Signer, Refusal> {
        let name = step.signer.clone().ok_or_else(|| Refusal::failure("the step has no signer"))?;
        if !self.signers.contains_key(&name) {
            let signer = self.client.signer(self.account(&name)?, self.actor(&name).key()).await?;
            self.signers.insert(name.clone(), signer);
        }
        self.signers.get(&name).ok_or_else(|| Refusal::failure("the signer is missing"))
    }

    /// A value with variables in place of their names.
    fn fill(&self, value: &Value) -> TestResult<Value> {
        Ok(match value {
            Value::String(text) => match text.strip_prefix('$') {
                Some(name) => self.variable(name)?,
                None => value.clone(),
            },
            Value::Array(items) => {
                items.iter().map(|item| self.fill(item)).collect::<TestResult<Vec<_>>>()?.into()
            }
            Value::Object(fields) => {
                let filled = fields.iter().map(|(name, item)| Ok((name.clone(), self.fill(item)?)));
                Value::Object(filled.collect::<TestResult<Map<_, _>>>()?)
            }
            _ => value.clone(),
        })
    }

    fn variable(&self, name: &str) -> TestResult<Value> {
        if let Some(actor) = name.strip_prefix("key:") {
            let key = *self.actor(actor).key().public_key();
            return Ok(serde_json::to_value(WirePublicKey::from(key))?);
        }
        if let Some(actor) = name.strip_prefix("owner:") {
            return Ok(serde_json::to_value(WireAddress::from(self.actor(actor).owner))?);
        }
        Ok(self.values.get(name).cloned().ok_or(format!("${name} has no value"))?)
    }

    /// Makes a step, and again as long as the step says.
    pub(crate) async fn step(&mut self, step: &Step) -> TestResult {
        let start = Instant::now();
        loop {
            let done = self.once(step).await;
            if done.is_ok() || start.elapsed() >= Duration::from_secs(step.within) {
                return done;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn once(&mut self, step: &Step) -> TestResult {
        let given = self.fill(&step.with)?;
        let result = match self.call(step, &given).await {
            Ok(result) => result,
            Err(Refusal::Failure(error)) => return Err(error),
            Err(Refusal::Expected { code, by, retryable }) => {
                let got = serde_json::json!({ "code": code, "by": by, "retryable": retryable });
                let expected = step.refused.as_ref().ok_or(format!("refused: {got}"))?;
                return Ok(contains(&got, expected, "refusal")?);
            }
        };
        if step.refused.is_some() {
            return Err(format!("expected a refusal, got {result}").into());
        }
        if let Some(expected) = &step.expect {
            contains(&result, &self.fill(expected)?, "result")?;
        }
        for (name, field) in &step.save {
            let path = field.split('.').filter(|part| !part.is_empty());
            let saved = path.fold(&result, |at, part| &at[part]);
            if saved.is_null() {
                return Err(format!("the result has no {field}").into());
            }
            self.values.insert(name.clone(), saved.clone());
        }
        Ok(())
    }
}
