//! Webhooks of an account, which signs every request about them.

use std::sync::Arc;

use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{
    DeliveryBody, Page, RegisterWebhookBody, ResendBody, RotateSecretBody, TestWebhookBody,
    WebhookBody, WebhookList, WebhookSecretBody, WireBytes32,
};
use farthing_protocol::{Bytes32, UnixTime};
use sha3::{Digest as _, Keccak256};
use warp::http::StatusCode;

use super::declaration::route;
use super::page::PageQuery;
use crate::app::App;
use crate::cursor::{List, subject_of};
use crate::http::{Answer, ApiError, Request};
use crate::router::Route;
use crate::signed::{SignedBy, signed_by};
use crate::wanted::event_filter;
use crate::webhooks::{
    ChangeError, Delivery, DeliveryKey, NewDelivery, UsedRequest, Webhook, WebhookStore,
    WebhookStoreError, check_target, parse_target,
};

/// The seconds for which the old secret signs too, unless the request says.
const KEEP_SECONDS_DEFAULT: u32 = 24 * 3_600;
/// The most: a week.
const KEEP_SECONDS_MAX: u32 = 7 * 24 * 3_600;
/// The most types of a filter: it is kept, and read each time that the queue is looked at.
const TYPES_MAX: usize = 16;
/// The type of an event that is made for a test.
const TEST_TYPE: &str = "webhook.test";

pub(super) const REGISTER: Route = route! {
    /// Registers a webhook. From now on the node posts events that match the filter to the URL. It repeats
    /// each post until the URL answers 2xx, for three days. The secret that signs the posts is in this
    /// answer only.
    post "/v1/webhooks" => register in Signed,
    openapi(tag = "webhooks", request_body = RegisterWebhookBody,
        responses((status = 201, description = "Registered", body = WebhookSecretBody))),
    problems: [InvalidWebhookUrl, TooManyWebhooks, AccountNotFound, LicenseNotFound],
};

async fn register(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let by = signed_by(&app, &request).await?;
    let RegisterWebhookBody { url, filter } = request.json()?;
    if filter.types.len() > TYPES_MAX {
        let detail = format_args!("filter.types: expected at most {TYPES_MAX}");
        return Err(ApiError::because(ProblemCode::InvalidBody, detail));
    }
    let private = app.config.webhooks.private_addresses;
    let refused = |error| ApiError::because(ProblemCode::InvalidWebhookUrl, error);
    let target = parse_target(&url, private).map_err(refused)?;
    let wanted = event_filter(&app, &filter).await?;
    check_target(&target, private).await.map_err(refused)?;
    let position = app.aggregator.events_end().await.map_err(crate::convert::from_query)?;
    let webhook = Webhook::new((by.account, by.key), url, (filter, &wanted), by.now);
    let id = name(b"farthing webhook ", &by.used);
    let config = &app.config.webhooks;
    let limits = (app.webhooks.times(by.now), config.webhooks_max, config.webhooks_per_account_max);
    let stored = webhook.clone();
    change(&app, move |store| store.register(id, &stored, &position, by.used, limits)).await?;
    Answer::json(StatusCode::CREATED, &secret_body(id, &webhook, by.now))
}

pub(super) const LIST: Route = route! {
    /// The webhooks of the account that signs.
    get "/v1/webhooks" => list in Signed,
    openapi(tag = "webhooks",
        responses((status = 200, description = "The webhooks", body = WebhookList))),
    problems: [],
};

async fn list(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let by = signed_by(&app, &request).await?;
    let most = app.config.webhooks.pending_max;
    let items = read(&app, move |store| {
        let own = store.webhooks()?.into_iter();
        let own = own.filter(|(_, webhook)| webhook.is_of(by.account, &by.key));
        own.map(|(id, webhook)| Ok((id, webhook, store.pending(id, most)?))).collect()
    });
    let items: Vec<(WireBytes32, Webhook, usize)> = items.await?;
    let items = items.iter().map(|(id, webhook, pending)| body(*id, webhook, *pending, by.now));
    Answer::ok(&WebhookList { items: items.collect() })
}

pub(super) const GET: Route = route! {
    /// A webhook.
    get "/v1/webhooks/{id}" => get in Signed,
    openapi(tag = "webhooks",
        params(("id" = WireBytes32, Path, description = "The webhook's id")),
        responses((status = 200, description = "The webhook", body = WebhookBody))),
    problems: [WebhookNotFound],
};

async fn get(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let (id, webhook, by) = own(&app, &request).await?;
    let most = app.config.webhooks.pending_max;
    let pending = read(&app, move |store| store.pending(id, most)).await?;
    Answer::ok(&body(id, &webhook, pending, by.now))
}

pub(super) const DELETE: Route = route! {
    /// Deletes a webhook and its pending deliveries.
    delete "/v1/webhooks/{id}" => delete in Signed,
    openapi(tag = "webhooks",
        params(("id" = WireBytes32, Path, description = "The webhook's id")),
        responses((status = 200, description = "The deleted webhook", body = WebhookBody))),
    problems: [WebhookNotFound],
};

async fn delete(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let (id, _, by) = own(&app, &request).await?;
    let times = app.webhooks.times(by.now);
    let webhook = change(&app, move |store| store.delete(id, by.used, times)).await?;
    Answer::ok(&body(id, &webhook, 0, by.now))
}

pub(super) const ROTATE: Route = route! {
    /// Makes a new secret. The old one signs too for a while, so that receivers can change over.
    post "/v1/webhooks/{id}/rotate" => rotate in Signed,
    openapi(tag = "webhooks", request_body = RotateSecretBody,
        params(("id" = WireBytes32, Path, description = "The webhook's id")),
        responses((status = 200, description = "The new secret", body = WebhookSecretBody))),
    problems: [WebhookNotFound],
};

async fn rotate(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let (id, _, by) = own(&app, &request).await?;
    let RotateSecretBody { keep_seconds } = request.json()?;
    let keep = keep_seconds.unwrap_or(KEEP_SECONDS_DEFAULT);
    if keep > KEEP_SECONDS_MAX {
        let detail = format_args!("keep_seconds: expected 0 to {KEEP_SECONDS_MAX}");
        return Err(ApiError::because(ProblemCode::InvalidBody, detail));
    }
    let until = by.now.saturating_add(keep.into());
    let times = app.webhooks.times(by.now);
    let rotated = move |store: &WebhookStore| {
        store.change(id, by.used, times, |webhook| webhook.rotate(until))
    };
    let webhook = change(&app, rotated).await?;
    Answer::ok(&secret_body(id, &webhook, by.now))
}

pub(super) const TEST: Route = route! {
    /// Posts an event of type `webhook.test` to a webhook.
    post "/v1/webhooks/{id}/test" => test in Signed,
    openapi(tag = "webhooks", request_body = TestWebhookBody,
        params(("id" = WireBytes32, Path, description = "The webhook's id")),
        responses((status = 202, description = "The event, queued", body = DeliveryBody))),
    problems: [WebhookNotFound],
};

async fn test(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let (id, _, by) = own(&app, &request).await?;
    let TestWebhookBody {} = request.json()?;
    let event = name(b"farthing webhook test ", &by.used);
    let posted = serde_json::json!({ "id": event, "type": TEST_TYPE, "data": {} });
    let posted = serde_json::to_vec(&posted).map_err(|error| ApiError::internal(&error))?;
    let times = app.webhooks.times(by.now);
    let new = NewDelivery { event, kind: TEST_TYPE.to_owned(), body: posted };
    change(&app, move |store| store.queue_one(id, new, by.used, times)).await?;
    let key = DeliveryKey { webhook: id, queued: by.now, event };
    let found = read(&app, move |store| store.delivery(key)).await?;
    let delivery = found.ok_or_else(|| ApiError::new(ProblemCode::EventNotFound))?;
    Answer::json(StatusCode::ACCEPTED, &delivery_body(event, &delivery))
}

pub(super) const DELIVERIES: Route = route! {
    /// Events queued for a webhook, the newest first: pending, delivered or given up. Ended deliveries are
    /// kept for three days.
    get "/v1/webhooks/{id}/deliveries" => deliveries in Signed,
    openapi(tag = "webhooks",
        params(("id" = WireBytes32, Path, description = "The webhook's id"),
            ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
        responses((status = 200, description = "A page of deliveries", body = Page<DeliveryBody>))),
    problems: [WebhookNotFound, InvalidCursor],
};

async fn deliveries(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let (id, ..) = own(&app, &request).await?;
    let page =
        PageQuery::take(&mut request.query, List::Deliveries, subject_of(&id.0.0), u64::MAX)?;
    request.query.finish()?;
    let (from, ask_for) = ((page.number, page.index), page.ask_for());
    let found = read(&app, move |store| store.deliveries(id, from, ask_for)).await?;
    let position = |(key, _): &(DeliveryKey, Delivery)| key.position();
    Answer::ok(&page.page(found, position, |(key, delivery)| delivery_body(key.event, delivery)))
}

pub(super) const RESEND: Route = route! {
    /// Posts an event again that was queued before, delivered or not, for three days from now.
    post "/v1/webhooks/{id}/resend" => resend in Signed,
    openapi(tag = "webhooks", request_body = ResendBody,
        params(("id" = WireBytes32, Path, description = "The webhook's id")),
        responses((status = 202, description = "The event, queued", body = DeliveryBody))),
    problems: [WebhookNotFound, EventNotFound],
};

async fn resend(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let (id, _, by) = own(&app, &request).await?;
    let ResendBody { event } = request.json()?;
    let times = app.webhooks.times(by.now);
    let delivery = change(&app, move |store| store.resend(id, event, by.used, times)).await?;
    Answer::json(StatusCode::ACCEPTED, &delivery_body(event, &delivery))
}

/// The webhook of the path, if it is of the account that signs.
async fn own(
    app: &Arc<App>,
    request: &Request,
) -> Result<(WireBytes32, Webhook, SignedBy), ApiError> {
    let id: WireBytes32 = request.param(0, "id")?;
    let by = signed_by(app, request).await?;
    let webhook = read(app, move |store| store.webhook(id)).await?;
    let webhook = webhook.filter(|webhook| webhook.is_of(by.account, &by.key));
    let webhook = webhook.ok_or_else(|| ApiError::new(ProblemCode::WebhookNotFound))?;
    Ok((id, webhook, by))
}

/// A name that follows from a signed request, which is done once.
fn name(what: &[u8], request: &UsedRequest) -> WireBytes32 {
    let mut hasher = Keccak256::new_with_prefix(what);
    hasher.update(request.signing_domain.to_bytes());
    Bytes32(hasher.finalize().into()).into()
}

async fn read<T: Send + 'static>(
    app: &App,
    ask: impl FnOnce(&WebhookStore) -> Result<T, WebhookStoreError> + Send + 'static,
) -> Result<T, ApiError> {
    let store = app.webhooks.store.clone();
    let answer = tokio::task::spawn_blocking(move || ask(&store)).await;
    answer.unwrap_or(Err(WebhookStoreError::Closed)).map_err(|error| ApiError::internal(&error))
}

/// Makes a change, and tells the task that posts.
async fn change<T: Send + 'static>(
    app: &App,
    ask: impl FnOnce(&WebhookStore) -> Result<T, ChangeError> + Send + 'static,
) -> Result<T, ApiError> {
    let store = app.webhooks.store.clone();
    let answer = tokio::task::spawn_blocking(move || ask(&store)).await;
    let answer = answer.unwrap_or(Err(ChangeError::Store(WebhookStoreError::Closed)));
    app.webhooks.changed.notify_one();
    answer.map_err(|error| match error {
        ChangeError::Store(error) => ApiError::internal(&error),
        ChangeError::Repeated => ApiError::new(ProblemCode::RequestRepeated),
        ChangeError::NoWebhook => ApiError::new(ProblemCode::WebhookNotFound),
        ChangeError::NoEvent => ApiError::new(ProblemCode::EventNotFound),
        ChangeError::TooMany(_) => ApiError::because(ProblemCode::TooManyWebhooks, error),
    })
}

fn body(id: WireBytes32, webhook: &Webhook, pending: usize, now: u64) -> WebhookBody {
    WebhookBody {
        id,
        account: webhook.account,
        url: webhook.url.clone(),
        filter: webhook.filter.clone(),
        created: time(webhook.created),
        secrets: u32::try_from(webhook.secrets(now).len()).unwrap_or(u32::MAX),
        pending: pending as u64,
    }
}

fn secret_body(id: WireBytes32, webhook: &Webhook, now: u64) -> WebhookSecretBody {
    WebhookSecretBody { webhook: body(id, webhook, 0, now), secret: webhook.secret() }
}

fn delivery_body(event: WireBytes32, delivery: &Delivery) -> DeliveryBody {
    DeliveryBody {
        event,
        kind: delivery.kind.clone(),
        state: delivery.state,
        attempts: delivery.attempts,
        attempted: delivery.attempted.map(time),
        next_attempt: delivery.due.map(time),
        status: delivery.status,
        fault: delivery.fault,
    }
}

/// Unix seconds of the node's own clock: far below the type's end.
fn time(seconds: u64) -> UnixTime {
    UnixTime::new(seconds).unwrap_or(UnixTime::MAX)
}
