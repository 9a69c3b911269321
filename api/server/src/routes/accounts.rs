//! Accounts.

use std::sync::Arc;

use farthing_aggregator::OpeningError;
use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{
    AccountBody, AccountOpened, AccountProofBody, OpenAccountBody, Page, WireAddress, WirePublicKey,
};
use farthing_ledger::OpenAccountError;
use farthing_protocol::{AccountId, AccountIdentity, Signature};
use warp::http::StatusCode;

use super::declaration::route;
use super::page::PageQuery;
use crate::app::App;
use crate::convert::{account, account_proof, from_opening, from_query, from_sequencer};
use crate::cursor::List;
use crate::examples;
use crate::http::{Answer, ApiError, Completion, Request};
use crate::idempotency::{BodyHash, Effect, Scope};
use crate::once::{Call, once};
use crate::router::Route;

pub(super) const OPEN: Route = route! {
    /// Opens an account, or finds the one with this key and owner. The key signs for it: see SPEC §9.
    post "/v1/accounts" => open in Opening,
    openapi(tag = "accounts", request_body = OpenAccountBody,
        responses((status = 201, description = "Opened", body = AccountOpened),
            (status = 200, description = "Had been opened before", body = AccountOpened))),
    problems: [InvalidKey, InvalidSignature, InvalidOwner, AccountQuota],
    request: examples::account_opening,
    links: ["get_accounts_id": "id" = "id"],
};

async fn open(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    request.query.finish()?;
    let OpenAccountBody { key, owner, signature } = request.json()?;
    let identity = AccountIdentity { key: key.0, owner: owner.0 };
    let call = Call {
        route: OPEN.template,
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
) -> Result<Answer, ApiError> {
    let opened =
        app.aggregator.open_account(identity, signature).await.map_err(|e| from_sequencer(&e))?;
    match opened {
        Ok(opened) => {
            let opened = AccountOpened { id: opened.id, existed: false };
            Ok(Answer::json(StatusCode::CREATED, &opened)?.with_completion(Completion::Done))
        }
        Err(OpeningError::Ledger(OpenAccountError::Exists { id })) => {
            Answer::ok(&AccountOpened { id, existed: true })
        }
        Err(error) => Err(from_opening(&error)),
    }
}

pub(super) const GET: Route = route! {
    /// An account.
    get "/v1/accounts/{id}" => get in Work,
    openapi(tag = "accounts",
        params(("id" = u32, Path, description = "The account's number")),
        responses((status = 200, description = "The account", body = AccountBody))),
    problems: [AccountNotFound],
    links: ["get_owners_address_payouts": "address" = "owner", "get_accounts_id_proof": "id" = "id"],
};

async fn get(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    let id = request.param::<u32>(0, "id")?.into();
    request.query.finish()?;
    let view = app.aggregator.account(id).await.map_err(from_query)?;
    let view = view.ok_or_else(|| ApiError::new(ProblemCode::AccountNotFound))?;
    Answer::ok(&account(&view))
}

pub(super) const PROOF: Route = route! {
    /// An account in the last state that is final on L1, as this node counts it, with its Merkle
    /// path: the arguments of the contract's `escape`, which pays it once the rollup is frozen.
    /// Neither the open batch nor blocks that a reorganisation could still remove are in that
    /// state.
    get "/v1/accounts/{id}/proof" => proof in AccountProof,
    openapi(tag = "accounts",
        params(("id" = u32, Path, description = "The account's number")),
        responses((status = 200, description = "The account and its path", body = AccountProofBody))),
    problems: [AccountNotFound, AccountNotFinal],
    answer: examples::account_proof,
};

async fn proof(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    let id = request.param::<u32>(0, "id")?.into();
    request.query.finish()?;
    if let Some(found) = app.aggregator.final_account(id).await.map_err(from_query)? {
        return Answer::ok(&account_proof(found, &app.aggregator.info())?);
    }
    match app.aggregator.account(id).await.map_err(from_query)? {
        Some(_) => Err(ApiError::new(ProblemCode::AccountNotFinal)),
        None => Err(ApiError::new(ProblemCode::AccountNotFound)),
    }
}

pub(super) const LIST: Route = route! {
    /// Settled accounts, ascending; or, with `key` and `owner`, the account of both, if there is one.
    get "/v1/accounts" => list in Work,
    openapi(tag = "accounts",
        params(("key" = Option<WirePublicKey>, Query, description = "With `owner`"),
            ("owner" = Option<WireAddress>, Query, description = "With `key`"),
            ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
        responses((status = 200, description = "A page of accounts", body = Page<AccountBody>))),
    problems: [InvalidCursor],
};

async fn list(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
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
            Err(ApiError::because(ProblemCode::InvalidQuery, detail))
        }
    }
}

async fn list_all(app: &App, page: PageQuery) -> Result<Answer, ApiError> {
    let from: AccountId = page.start()?;
    let found = app.aggregator.accounts(from, page.ask_for()).await.map_err(from_query)?;
    Answer::ok(&page.page(found, |view| (view.id.get().into(), 0), account))
}
