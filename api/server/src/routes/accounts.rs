//! Accounts.

use std::sync::Arc;

use farthing_aggregator::OpeningError;
use farthing_client::ProblemCode;
use farthing_client::dto::{
    AccountBody, AccountOpened, AccountProofBody, OpenAccountBody, Page, WireAddress, WirePublicKey,
};
use farthing_ledger::OpenAccountError;
use farthing_protocol::{AccountId, AccountIdentity, Signature};
use warp::http::StatusCode;

use super::page::PageQuery;
use crate::app::App;
use crate::cursor::List;
use crate::http::{Answer, Failure, Outcome, Request};
use crate::idempotency::{BodyHash, Effect, Scope};
use crate::mapping::{account, account_proof, from_opening, from_query, from_sequencer};
use crate::once::{Call, once};

/// Opens an account, or finds the one with this key and owner. The key signs for it: see SPEC §9.
#[utoipa::path(post, path = "/v1/accounts", tag = "accounts", request_body = OpenAccountBody,
    responses((status = 201, description = "Opened", body = AccountOpened),
        (status = 200, description = "Had been opened before", body = AccountOpened)))]
pub(super) async fn open(app: Arc<App>, request: Request) -> Result<Answer, Failure> {
    request.query.finish()?;
    let OpenAccountBody { key, owner, signature } = request.json()?;
    let identity = AccountIdentity { key: key.0, owner: owner.0 };
    let call = Call {
        route: "/v1/accounts",
        scope: Scope::Identity(identity),
        effects: vec![Effect::Account(identity)],
        body: BodyHash::of(&request.body),
        key: request.key,
    };
    once(&app, call, open_now(&app, identity, &signature.0)).await
}

async fn open_now(
    app: &App,
    identity: AccountIdentity,
    signature: &Signature,
) -> Result<Answer, Failure> {
    let opened =
        app.aggregator.open_account(identity, signature).await.map_err(|e| from_sequencer(&e))?;
    match opened {
        Ok(opened) => {
            let opened = AccountOpened { id: opened.id, existed: false };
            Ok(Answer::json(StatusCode::CREATED, &opened)?.with_outcome(Outcome::Done))
        }
        Err(OpeningError::Ledger(OpenAccountError::Exists { id })) => {
            Answer::ok(&AccountOpened { id, existed: true })
        }
        Err(error) => Err(from_opening(&error)),
    }
}

/// An account.
#[utoipa::path(get, path = "/v1/accounts/{id}", tag = "accounts",
    params(("id" = u32, Path, description = "The account's number")),
    responses((status = 200, description = "The account", body = AccountBody)))]
pub(super) async fn get(app: Arc<App>, request: Request) -> Result<Answer, Failure> {
    let id = request.param::<u32>(0, "id")?.into();
    request.query.finish()?;
    let view = app.aggregator.account(id).await.map_err(from_query)?;
    let view = view.ok_or_else(|| Failure::new(ProblemCode::AccountNotFound))?;
    Answer::ok(&account(&view))
}

/// An account in the last state that is final on L1, as this node counts it, with its Merkle path: the
/// arguments of the contract's `escape`, which pays it once the rollup is frozen. Neither the open batch
/// nor blocks that a reorganisation could still remove are in that state.
#[utoipa::path(get, path = "/v1/accounts/{id}/proof", tag = "accounts",
    params(("id" = u32, Path, description = "The account's number")),
    responses((status = 200, description = "The account and its path", body = AccountProofBody)))]
pub(super) async fn proof(app: Arc<App>, request: Request) -> Result<Answer, Failure> {
    let id = request.param::<u32>(0, "id")?.into();
    request.query.finish()?;
    if let Some(found) = app.aggregator.final_account(id).await.map_err(from_query)? {
        return Answer::ok(&account_proof(found, &app.aggregator.info())?);
    }
    match app.aggregator.account(id).await.map_err(from_query)? {
        Some(_) => Err(Failure::new(ProblemCode::AccountNotFinal)),
        None => Err(Failure::new(ProblemCode::AccountNotFound)),
    }
}

/// Settled accounts, ascending; or, with `key` and `owner`, the account of both, if there is one.
#[utoipa::path(get, path = "/v1/accounts", tag = "accounts",
    params(("key" = Option<WirePublicKey>, Query, description = "With `owner`"),
        ("owner" = Option<WireAddress>, Query, description = "With `key`"),
        ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, description = "A page of accounts", body = Page<AccountBody>)))]
pub(super) async fn list(app: Arc<App>, mut request: Request) -> Result<Answer, Failure> {
    let key: Option<WirePublicKey> = request.query.take("key")?;
    let owner: Option<WireAddress> = request.query.take("owner")?;
    let page = PageQuery::take(&mut request.query, List::Accounts, 0, 0)?;
    request.query.finish()?;
    match (key, owner) {
        (None, None) => list_all(&app, page).await,
        (Some(key), Some(owner)) => {
            let identity = AccountIdentity { key: key.0, owner: owner.0 };
            let found = app.aggregator.account_of(identity).await.map_err(from_query)?;
            // It is one account at most: a page behind it is empty.
            let found = found.filter(|view| u64::from(view.id.get()) >= page.number);
            let items: Vec<AccountBody> = found.iter().map(account).collect();
            Answer::ok(&Page { items, next_cursor: None })
        }
        _ => {
            let detail = "key and owner are given together";
            Err(Failure::because(ProblemCode::InvalidQuery, detail))
        }
    }
}

async fn list_all(app: &App, page: PageQuery) -> Result<Answer, Failure> {
    let from: AccountId = page.start()?;
    let found = app.aggregator.accounts(from, page.ask_for()).await.map_err(from_query)?;
    Answer::ok(&page.page(found, |view| (view.id.get().into(), 0), account))
}
