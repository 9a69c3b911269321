//! The facilitator of x402: checks payments and makes them.

use std::sync::Arc;

use farthing_aggregator::Preview;
use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{
    SettleAnswer, SettleExtra, SupportedBody, VerifyAnswer, X402_VERSION, X402Request,
};
use farthing_ledger::Admission;
use farthing_protocol::AccountId;
use serde::Deserialize;

use super::declaration::route;
use super::intents::call_of;
use crate::app::{App, unix_now};
use crate::convert::{from_query, from_sequencer};
use crate::examples;
use crate::http::{Answer, ApiError, Completion, Request, parse_json};
use crate::once::once;
use crate::router::Route;
use crate::x402::{DUPLICATE, Payment, Refusal, network, supported, wrong_version};

pub(super) const SUPPORTED: Route = route! {
    /// The schemes, networks and extensions of x402 that this node takes.
    get "/x402/supported" => kinds in Work,
    openapi(tag = "x402",
        responses((status = 200, description = "One scheme on one network", body = SupportedBody))),
    problems: [],
};

async fn kinds(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    Answer::ok(&supported(&app.aggregator.info()))
}

pub(super) const VERIFY: Route = route! {
    /// Checks a payment as admission would, and compares it with its requirements. Nothing changes. A
    /// refusal is also answered with 200, and `isValid` is false.
    post "/x402/verify" => verify in Work,
    openapi(tag = "x402", request_body = X402Request,
        responses((status = 200, description = "Whether it would be accepted now",
            body = VerifyAnswer))),
    problems: [NotReady, ProofsBehind, ClockAhead, RollupLate, RollupFrozen],
    request: examples::x402,
};

async fn verify(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    Answer::ok(&match check(&app, &request).await? {
        Ok(payment) => VerifyAnswer {
            is_valid: true,
            invalid_reason: None,
            invalid_message: None,
            payer: Some(payer(payment.signed.intent.account)),
        },
        Err(refusal) => VerifyAnswer {
            is_valid: false,
            invalid_reason: Some(refusal.reason.to_owned()),
            invalid_message: Some(refusal.message),
            payer: refusal.payer.map(payer),
        },
    })
}

async fn check(app: &App, request: &Request) -> Result<Result<Payment, Refusal>, ApiError> {
    let payment = match read(app, request)? {
        Ok(payment) => payment,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let account = payment.signed.intent.account;
    let preview = app.aggregator.preview(payment.signed.clone()).await.map_err(from_query)?;
    Ok(match preview {
        Ok(Preview::Admitted(_)) if payment.may_repeat => Ok(payment),
        Ok(Preview::Admitted(_)) => Err(duplicate().with_payer(account)),
        Ok(Preview::New(_)) => {
            let now = unix_now().map_err(|error| ApiError::internal(&error))?;
            payment.check_slack(now).map(|()| payment)
        }
        Err(rejection) => Err(Refusal::from_rejection(&rejection)?.with_payer(account)),
    })
}

pub(super) const SETTLE: Route = route! {
    /// Makes a payment, as `/v1/intents` does: on `success` it is durable. Only the first call for a
    /// payment succeeds; see the section on x402 in `api/README.md` for repeats. A refusal is also
    /// answered with 200, and `success` is false.
    post "/x402/settle" => settle in Work,
    openapi(tag = "x402", request_body = X402Request,
        responses((status = 200, description = "Whether the resource may be released",
            body = SettleAnswer))),
    problems: [NotReady, ProofsBehind, ClockAhead, RollupLate, RollupFrozen],
    request: examples::x402,
};

async fn settle(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    match read(&app, &request)? {
        Ok(payment) => {
            let call = call_of(SETTLE.template, &app, &request, [&payment.signed]);
            once(&app, call, submit(&app, payment)).await
        }
        Err(refusal) => Answer::ok(&refused(&app, refusal)),
    }
}

async fn submit(app: &App, payment: Payment) -> Result<Answer, ApiError> {
    let signed = payment.signed.clone();
    let account = signed.intent.account;
    let answers = app.aggregator.submit(vec![signed]).await.map_err(|e| from_sequencer(&e))?;
    match answers.into_iter().next() {
        Some(Ok(admission)) if !admission.repeated => {
            Ok(Answer::ok(&settled(app, &payment, &admission))?.with_completion(Completion::Done))
        }
        Some(Ok(admission)) if payment.may_repeat => {
            Answer::ok(&settled(app, &payment, &admission))
        }
        Some(Ok(admission)) => {
            let refused = refused(app, duplicate().with_payer(account));
            Answer::ok(&SettleAnswer { transaction: named(&admission), ..refused })
        }
        Some(Err(rejection)) => {
            let refusal = Refusal::from_rejection(&rejection)?.with_payer(account);
            Answer::ok(&refused(app, refusal))
        }
        None => Err(ApiError::new(ProblemCode::NotReady)),
    }
}

/// Reads a request. Bodies of version 1 have other fields, so the version is looked at before them.
fn read(app: &App, request: &Request) -> Result<Result<Payment, Refusal>, ApiError> {
    #[derive(Deserialize)]
    struct Version {
        #[serde(rename = "x402Version")]
        x402_version: Option<u32>,
    }
    if let Ok(Version { x402_version: Some(version) }) = parse_json(&request.body)
        && version != X402_VERSION
    {
        return Ok(Err(wrong_version()));
    }
    let body: X402Request = request.json()?;
    Ok(Payment::read(body, &app.aggregator.info()))
}

fn duplicate() -> Refusal {
    Refusal::new(DUPLICATE, "the payment has been made: it releases one resource")
}

fn settled(app: &App, payment: &Payment, admission: &Admission) -> SettleAnswer {
    let Admission { id, batch, repeated, .. } = *admission;
    SettleAnswer {
        success: true,
        error_reason: None,
        error_message: None,
        payer: Some(payer(payment.signed.intent.account)),
        transaction: named(admission),
        network: network(&app.aggregator.info()),
        amount: Some(payment.pay.amount.to_string()),
        extra: Some(SettleExtra::accepted(id.into(), batch.into(), repeated)),
    }
}

fn refused(app: &App, refusal: Refusal) -> SettleAnswer {
    SettleAnswer {
        success: false,
        error_reason: Some(refusal.reason.to_owned()),
        error_message: Some(refusal.message),
        payer: refusal.payer.map(payer),
        transaction: String::new(),
        network: network(&app.aggregator.info()),
        amount: None,
        extra: None,
    }
}

fn payer(account: AccountId) -> String {
    format!("account:{account}")
}

fn named(admission: &Admission) -> String {
    farthing_api_types::dto::WireIntentId::from(admission.id).to_string()
}
