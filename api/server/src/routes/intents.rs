//! Intents: submitted one by one or many together, and followed through their stages.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use farthing_api_types::dto::{
    BATCH_INTENTS_MAX, IntentAccepted, IntentAnswer, IntentBatch, IntentBatchAnswer, IntentBody,
    IntentStatus, WireIntentId,
};
use farthing_api_types::{Problem, ProblemCode};
use farthing_protocol::{SignedIntent, Stage};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use warp::http::StatusCode;

use super::declaration::route;
use crate::app::App;
use crate::convert::{
    accepted, from_query, from_rejection, from_sequencer, rejection_problem, status,
};
use crate::examples;
use crate::http::{Answer, ApiError, Completion, Request, parse_json};
use crate::idempotency::{BodyHash, Effect, Scope};
use crate::once::{Call, once};
use crate::router::Route;

pub(super) const SUBMIT: Route = route! {
    /// Sends a signed intent. On 201 it is durable and will be settled; a repeat of an intent answers
    /// 200 with `repeated`.
    post "/v1/intents" => submit in Work,
    openapi(tag = "intents", request_body = IntentBody,
        responses((status = 201, description = "Accepted", body = IntentAccepted),
            (status = 200, description = "Had been accepted before", body = IntentAccepted))),
    problems: [InvalidSignature, NonceUsed, InsufficientFunds],
    request: examples::intent,
    links: ["get_intents_id": "id" = "id", "get_intents_id_receipt": "id" = "id"],
};

async fn submit(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let signed = parse_intent(&request.body)?;
    let call = call_of(SUBMIT.template, &app, &request, [&signed]);
    once(&app, call, submit_one(&app, signed)).await
}

/// The call of a request with these intents.
pub(super) fn call_of<'i>(
    route: &'static str,
    app: &App,
    request: &Request,
    intents: impl IntoIterator<Item = &'i SignedIntent> + Clone,
) -> Call {
    let signers = intents.clone().into_iter().map(|signed| signed.intent.account);
    let (domain, key) = (app.aggregator.info().domain_digest, request.key.clone());
    let effect = |signed: &SignedIntent| Effect::Intent(signed.intent.id(&domain));
    let named = key.is_some().then(|| intents.into_iter().map(effect).collect());
    Call {
        route,
        scope: Scope::Accounts(signers.collect()),
        effects: named.unwrap_or_default(),
        body: BodyHash::of(&request.body),
        key,
    }
}

/// Submits one intent that has been read.
async fn submit_one(app: &App, signed: SignedIntent) -> Result<Answer, ApiError> {
    let results = app.aggregator.submit(vec![signed]).await.map_err(|e| from_sequencer(&e))?;
    match results.into_iter().next() {
        Some(Ok(admission)) => {
            let (status, completion) = match admission.repeated {
                true => (StatusCode::OK, Completion::Unchanged),
                false => (StatusCode::CREATED, Completion::Done),
            };
            Ok(Answer::json(status, &accepted(&admission))?.with_completion(completion))
        }
        Some(Err(rejection)) => Err(from_rejection(&rejection)),
        None => Err(ApiError::new(ProblemCode::NotReady)),
    }
}

fn parse_intent(json: &[u8]) -> Result<SignedIntent, ApiError> {
    let body: IntentBody = parse_json(json)?;
    body.try_into().map_err(|error| ApiError::because(ProblemCode::InvalidBody, error))
}

/// Intents of a batch request, not read: one that is wrong does not spoil the others.
struct RawBatch<'a> {
    intents: Vec<&'a RawValue>,
}

impl<'de> Deserialize<'de> for RawBatch<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Reads an object; an array in its place is refused, as everywhere in this API.
        struct Object;

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields<'a> {
            #[serde(borrow)]
            intents: Vec<&'a RawValue>,
        }

        impl<'de> Visitor<'de> for Object {
            type Value = RawBatch<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object (IntentBatch)")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawBatch<'de>, A::Error> {
                let Fields { intents } = Fields::deserialize(MapAccessDeserializer::new(map))?;
                Ok(RawBatch { intents })
            }
        }

        deserializer.deserialize_map(Object)
    }
}

pub(super) const SUBMIT_BATCH: Route = route! {
    /// Sends up to 2,048 signed intents, which the node processes in order. The results have the same
    /// order; each says whether its intent was accepted.
    post "/v1/intents/batch" => submit_batch in Work,
    openapi(tag = "intents", request_body = IntentBatch,
        responses((status = 200, description = "One result for each intent", body = IntentBatchAnswer))),
    problems: [TooManyItems],
    request: examples::intent_batch,
};

async fn submit_batch(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let (call, read) = blocking({
        let app = app.clone();
        move || {
            let read = read_batch(&request.body)?;
            let intents = read.iter().filter_map(|item| item.as_ref().ok());
            Ok::<_, ApiError>((call_of(SUBMIT_BATCH.template, &app, &request, intents), read))
        }
    })
    .await??;
    once(&app, call, submit_read(&app, read)).await
}

/// Submits what could be read of a batch.
async fn submit_read(
    app: &App,
    read: Vec<Result<SignedIntent, Problem>>,
) -> Result<Answer, ApiError> {
    let intents: Vec<SignedIntent> =
        read.iter().filter_map(|item| item.as_ref().ok().cloned()).collect();
    let answers = match intents.is_empty() {
        true => Vec::new(),
        false => app.aggregator.submit(intents).await.map_err(|error| from_sequencer(&error))?,
    };
    blocking(move || {
        let mut answers = answers.into_iter();
        let results = read.into_iter().map(|item| match item {
            Err(problem) => IntentAnswer::Rejected(problem),
            Ok(_) => match answers.next() {
                Some(Ok(admission)) => IntentAnswer::Accepted(accepted(&admission)),
                Some(Err(rejection)) => IntentAnswer::Rejected(rejection_problem(&rejection)),
                None => IntentAnswer::Rejected(Problem::new(ProblemCode::NotReady)),
            },
        });
        let body = IntentBatchAnswer { results: results.collect() };
        Ok(Answer::ok(&body)?.with_completion(completion_of(&body)))
    })
    .await?
}

fn completion_of(body: &IntentBatchAnswer) -> Completion {
    let results = || body.results.iter();
    let again = |result: &IntentAnswer| match result {
        IntentAnswer::Accepted(_) => false,
        IntentAnswer::Rejected(problem) => problem.code.is_retryable(),
    };
    let new = |result: &IntentAnswer| match result {
        IntentAnswer::Accepted(accepted) => !accepted.repeated,
        IntentAnswer::Rejected(_) => false,
    };
    if results().any(again) {
        Completion::Open
    } else if results().any(new) {
        Completion::Done
    } else {
        Completion::Unchanged
    }
}

fn read_batch(body: &[u8]) -> Result<Vec<Result<SignedIntent, Problem>>, ApiError> {
    let batch: RawBatch<'_> = parse_json(body)?;
    let got = batch.intents.len();
    if got > BATCH_INTENTS_MAX {
        let detail = format_args!("{got} intents, at most {BATCH_INTENTS_MAX} in one request");
        return Err(ApiError::because(ProblemCode::TooManyItems, detail));
    }
    let read = |raw: &&RawValue| parse_intent(raw.get().as_bytes()).map_err(|f| *f.problem);
    Ok(batch.intents.iter().map(read).collect())
}

/// Reading and writing megabytes of JSON would keep other requests of this thread waiting.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ApiError::internal(&error))
}

pub(super) const GET: Route = route! {
    /// The stage of an intent. With `wait`, the answer comes when the intent reaches `until`, or after
    /// that many seconds with the current stage.
    get "/v1/intents/{id}" => get in LongPoll,
    openapi(tag = "intents",
        params(("id" = WireIntentId, Path, description = "The intent's id"),
            ("wait" = Option<u64>, Query, description = "Seconds, at most 30"),
            ("until" = Option<String>, Query,
                description = "The stage to wait for; the next one if absent")),
        responses((status = 200, description = "The intent's stage", body = IntentStatus))),
    problems: [IntentNotFound, IntentHistoryUnavailable],
    links: [
        "get_intents_id_receipt": "id" = "id",
        "get_batches_number": "number" = "batch",
        "get_accounts_id": "id" = "account",
    ],
};

async fn get(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let id: WireIntentId = request.param(0, "id")?;
    let wait: Option<u64> = request.query.take("wait")?;
    let until: Option<Stage> = request.query.take("until")?;
    request.query.finish()?;
    let wait_max = app.config.wait_seconds_max;
    if wait.is_some_and(|seconds| seconds > wait_max) {
        let detail = format_args!("wait: at most {wait_max} seconds");
        return Err(ApiError::because(ProblemCode::InvalidQuery, detail));
    }
    let Some(mut view) = app.aggregator.intent(id.0).await.map_err(from_query)? else {
        return Err(unknown_intent(&app).await);
    };
    if let Some(seconds) = wait.filter(|seconds| *seconds > 0) {
        let stage = until.unwrap_or_else(|| view.stage.next());
        let waited = app.aggregator.wait(id.0, stage, Duration::from_secs(seconds)).await;
        view = waited.map_err(from_query)?.unwrap_or(view);
    }
    Answer::ok(&status(&view))
}

/// No intent of this name is known: because there is none, or because the node was rebuilt from
/// L1 and cannot know.
pub(super) async fn unknown_intent(app: &App) -> ApiError {
    match app.aggregator.restored().await {
        Ok(None) => ApiError::new(ProblemCode::IntentNotFound),
        Ok(Some(first)) => {
            let detail = format_args!(
                "rebuilt from L1: intents and receipts of batches before {first} are not known"
            );
            ApiError::because(ProblemCode::IntentHistoryUnavailable, detail)
        }
        Err(error) => from_query(error),
    }
}
