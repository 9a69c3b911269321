//! A request with an `Idempotency-Key`, worked on once.
//!
//! Before the work the key is *claimed* on disk, for a body and the effects that the body asks for.
//! After the work the claim becomes the answer if something happened, and is removed otherwise. A
//! crash in between leaves the claim. Its effects can be looked up, so it is known whether the key
//! is bound.

use std::sync::Arc;

use farthing_aggregator::QueryError;
use farthing_api_types::ProblemCode;
use warp::http::StatusCode;

use crate::app::{App, unix_now};
use crate::convert::from_query;
use crate::http::{Answer, ApiError, Completion, Key};
use crate::idempotency::{
    BodyHash, Effect, IdempotencyError, KeyHash, Lookup, Scope, StoredAnswer,
};

/// A request that changes something.
pub(crate) struct Call {
    pub(crate) route: &'static str,
    pub(crate) key: Option<Key>,
    pub(crate) scope: Scope,
    pub(crate) body: BodyHash,
    /// The effects that it asks for.
    pub(crate) effects: Vec<Effect>,
}

/// Does `work` unless the call's key has its answer already, and keeps the answer under the key if
/// something happened.
pub(crate) async fn once(
    app: &Arc<App>,
    call: Call,
    work: impl Future<Output = Result<Answer, ApiError>>,
) -> Result<Answer, ApiError> {
    let Call { route, key, scope, body, effects } = call;
    let Some(key) = key else { return work.await };
    let key = KeyHash::of(route, &scope, &key);
    let _guard = app.locks.lock(key).await;
    let conflict = || Err(ApiError::new(ProblemCode::IdempotencyConflict));
    let now = unix_now().map_err(unavailable)?;
    let claimed = match app.idempotency.look_up(key, body, now).map_err(unavailable)? {
        Lookup::Replay(stored) => return replay(stored),
        Lookup::Conflict => return conflict(),
        Lookup::Claimed(effects) => Some(effects),
        Lookup::ClaimedByAnother(effects) => match happened(app, &effects).await? {
            true => return conflict(),
            false => None,
        },
        Lookup::Fresh => None,
    };
    if claimed.is_none() {
        // What has happened before is not what this request does: a copy of another's signed
        // intent, sent with a guessed key, binds nothing.
        let news = still_to_happen(app, effects).await?;
        if news.is_empty() {
            return work.await;
        }
        let now = unix_now().map_err(unavailable)?;
        app.idempotency.claim(key, body, news, now).await.map_err(unavailable)?;
    }
    let answer = work.await;
    match what_to_keep(app, &answer, claimed).await {
        Keep::Claim => {}
        Keep::Answer(stored) => {
            // The work is done and the claim stays: the key is bound, and a repeat finds what it
            // asks for known. The client is told of the success, not of the store.
            if let Err(error) = remember(app, key, body, stored).await {
                tracing::error!(%error, "an answer could not be stored for repeats");
            }
        }
        Keep::Nothing => {
            // A claim that stays names nothing that has happened: it binds nothing.
            if let Err(error) = app.idempotency.forget(key).await {
                tracing::error!(%error, "the claim of a refused request could not be removed");
            }
        }
    }
    answer
}

/// The record that is kept under a key after the work.
enum Keep {
    /// The answer, for good.
    Answer(StoredAnswer),
    /// That the key is in use; what for is to be looked up.
    Claim,
    /// Nothing: the key is free.
    Nothing,
}

/// `claimed`: what an earlier request with the same key and body asked for, if it was not answered.
async fn what_to_keep(
    app: &App,
    answer: &Result<Answer, ApiError>,
    claimed: Option<Vec<Effect>>,
) -> Keep {
    let completion = match answer {
        Ok(answer) => answer.completion,
        Err(failure) => failure.completion(),
    };
    let done = match completion {
        Completion::Open => return Keep::Claim,
        Completion::Done => true,
        // The earlier request may have done it.
        Completion::Unchanged => match claimed {
            None => false,
            Some(effects) => match happened(app, &effects).await {
                Ok(happened) => happened,
                Err(_) => return Keep::Claim,
            },
        },
    };
    match answer {
        Ok(answer) if done => {
            let (status, body) = (answer.status.as_u16(), answer.body.clone());
            Keep::Answer(StoredAnswer { status, body })
        }
        Err(_) if done => Keep::Claim,
        _ => Keep::Nothing,
    }
}

fn unavailable(error: IdempotencyError) -> ApiError {
    tracing::error!(%error, "the store of idempotency keys does not work: restart the node");
    ApiError::new(ProblemCode::IdempotencyUnavailable)
}

async fn remember(
    app: &App,
    key: KeyHash,
    body: BodyHash,
    stored: StoredAnswer,
) -> Result<(), IdempotencyError> {
    app.idempotency.remember(key, body, stored, unix_now()?).await
}

fn replay(stored: StoredAnswer) -> Result<Answer, ApiError> {
    let status = StatusCode::from_u16(stored.status).map_err(|error| ApiError::internal(&error))?;
    Ok(Answer::raw_json(status, stored.body).replayed())
}

/// True if any of this has happened.
async fn happened(app: &App, effects: &[Effect]) -> Result<bool, ApiError> {
    let left = still_to_happen(app, effects.to_vec()).await?;
    Ok(left.len() < effects.len())
}

/// The part that has not happened yet.
async fn still_to_happen(app: &App, effects: Vec<Effect>) -> Result<Vec<Effect>, ApiError> {
    let mut left = Vec::new();
    let mut intents = Vec::new();
    for effect in effects {
        match effect {
            Effect::Intent(id) => intents.push(id),
            Effect::Account(identity) => {
                let found: Result<_, QueryError> = app.aggregator.account_of(identity).await;
                if found.map_err(from_query)?.is_none() {
                    left.push(effect);
                }
            }
        }
    }
    let unknown = app.aggregator.unknown_intents(intents).await.map_err(from_query)?;
    left.extend(unknown.into_iter().map(Effect::Intent));
    Ok(left)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::Ordering;

    use farthing_aggregator::{Aggregator, Components, Config};
    use farthing_ledger::Genesis;
    use farthing_protocol::{AccountId, AccountIdentity, Address, BatchClass, Domain};
    use farthing_testkit::{identity, key};

    use super::*;
    use crate::app::Documents;
    use crate::config::ServerConfig;

    type Done = Result<(), Box<dyn std::error::Error>>;

    fn app(dir: &Path) -> Result<Arc<App>, Box<dyn std::error::Error>> {
        let domain = Domain { chain_id: 1, contract: Address::default() };
        let genesis = Genesis { domain, operator: AccountIdentity::default() };
        let config = Config::new(dir.join("node"), genesis, BatchClass::TINY);
        let aggregator = Aggregator::start(config, Components::default())?;
        let config = ServerConfig::default();
        let origins = config.origins()?;
        let documents = Documents::default();
        Ok(Arc::new(App::open(aggregator, config, origins, &dir.join("keys"), documents)?))
    }

    /// A request of account 1 with one key, which asks for an account.
    fn call(body: &str, opens: u32) -> Call {
        Call {
            route: "/v1/test",
            key: Some(Key::new(b"order-17")),
            scope: Scope::Accounts([AccountId::from(1)].into()),
            body: BodyHash::of(body.as_bytes()),
            effects: vec![Effect::Account(identity(opens))],
        }
    }

    async fn open(app: &Arc<App>, seed: u32) -> Result<Answer, ApiError> {
        let domain = app.aggregator.info().domain_digest;
        let (secret, identity) = (key(seed), identity(seed));
        let signature = AccountIdentity::sign_opening(&secret, identity.owner, &domain);
        let opened = app.aggregator.open_account(identity, &signature).await;
        match opened.map_err(|_| ApiError::new(ProblemCode::NotReady))? {
            Ok(_) => Ok(Answer::ok(&"opened")?.with_completion(Completion::Done)),
            Err(_) => Answer::ok(&"there"),
        }
    }

    async fn crashing(app: &Arc<App>, effect: Option<u32>) -> Result<Answer, ApiError> {
        if let Some(seed) = effect {
            open(app, seed).await?;
        }
        panic!("a crash")
    }

    async fn exists(app: &Arc<App>, seed: u32) -> bool {
        app.aggregator.account_of(identity(seed)).await.is_ok_and(|account| account.is_some())
    }

    fn code(answer: Result<Answer, ApiError>) -> Result<Vec<u8>, ProblemCode> {
        answer.map(|answer| answer.body).map_err(|failure| failure.problem.code)
    }

    #[tokio::test]
    async fn without_a_store_nothing_is_done() -> Done {
        let dir = tempfile::tempdir()?;
        let app = app(dir.path())?;
        app.idempotency.broken.store(true, Ordering::SeqCst);
        let answer = once(&app, call("a", 2), open(&app, 2)).await;
        assert_eq!(code(answer), Err(ProblemCode::IdempotencyUnavailable));
        assert!(!exists(&app, 2).await);
        app.idempotency.broken.store(false, Ordering::SeqCst);
        let answer = once(&app, call("b", 2), open(&app, 2)).await;
        assert_eq!(code(answer), Ok(b"\"opened\"".to_vec()), "another body: the key was free");
        Ok(())
    }

    #[tokio::test]
    async fn a_store_that_fails_after_the_effect_hides_it_from_nobody() -> Done {
        let dir = tempfile::tempdir()?;
        let app = app(dir.path())?;
        let work = async {
            let answer = open(&app, 2).await;
            app.idempotency.broken.store(true, Ordering::SeqCst);
            answer
        };
        let answer = once(&app, call("a", 2), work).await;
        assert_eq!(code(answer), Ok(b"\"opened\"".to_vec()), "the success is told");
        app.idempotency.broken.store(false, Ordering::SeqCst);
        let conflict = once(&app, call("b", 3), open(&app, 3)).await;
        assert_eq!(code(conflict), Err(ProblemCode::IdempotencyConflict), "the key is bound");
        assert!(!exists(&app, 3).await);
        let again = once(&app, call("a", 2), open(&app, 2)).await;
        assert_eq!(code(again), Ok(b"\"there\"".to_vec()), "a repeat finds it done");
        let again = once(&app, call("a", 2), async { Answer::ok(&"not asked") }).await;
        assert_eq!(code(again), Ok(b"\"there\"".to_vec()), "and is kept from then on");
        Ok(())
    }

    #[tokio::test]
    async fn a_crash_leaves_a_key_bound_to_what_happened_alone() -> Done {
        let dir = tempfile::tempdir()?;
        let app = app(dir.path())?;
        // A panic is to the claim what a crash is.
        let crash = |call: Call, effect: Option<u32>| {
            let app = app.clone();
            tokio::spawn(async move { once(&app, call, crashing(&app, effect)).await })
        };
        assert!(crash(call("a", 2), None).await.is_err());
        let answer = once(&app, call("b", 3), open(&app, 3)).await;
        assert_eq!(code(answer), Ok(b"\"opened\"".to_vec()), "nothing had happened");
        let scope = Scope::Accounts([AccountId::from(9)].into());
        let other = |body: &str, seed: u32| Call { scope: scope.clone(), ..call(body, seed) };
        assert!(crash(other("a", 4), Some(4)).await.is_err());
        let conflict = once(&app, other("b", 5), open(&app, 5)).await;
        assert_eq!(code(conflict), Err(ProblemCode::IdempotencyConflict), "4 was opened");
        let again = once(&app, other("a", 4), open(&app, 4)).await;
        assert_eq!(code(again), Ok(b"\"there\"".to_vec()));
        Ok(())
    }

    #[tokio::test]
    async fn what_had_happened_before_binds_no_key() -> Done {
        let dir = tempfile::tempdir()?;
        let app = app(dir.path())?;
        open(&app, 2).await.map_err(|failure| failure.problem)?;
        let copied = once(&app, call("a", 2), open(&app, 2)).await;
        assert_eq!(code(copied), Ok(b"\"there\"".to_vec()));
        let own = once(&app, call("b", 3), open(&app, 3)).await;
        assert_eq!(code(own), Ok(b"\"opened\"".to_vec()));
        Ok(())
    }

    #[tokio::test]
    async fn what_is_done_in_part_may_be_sent_again() -> Done {
        let dir = tempfile::tempdir()?;
        let app = app(dir.path())?;
        let both = |body: &str| {
            let effects = [2, 3].map(|seed| Effect::Account(identity(seed)));
            Call { effects: effects.into(), ..call(body, 2) }
        };
        let part =
            async { open(&app, 2).await.map(|answer| answer.with_completion(Completion::Open)) };
        assert!(once(&app, both("a"), part).await.is_ok());
        let conflict = once(&app, both("b"), open(&app, 3)).await;
        assert_eq!(code(conflict), Err(ProblemCode::IdempotencyConflict));
        let rest = once(&app, both("a"), open(&app, 3)).await;
        assert_eq!(code(rest), Ok(b"\"opened\"".to_vec()), "the same body goes on");
        let replayed = once(&app, both("a"), async { Answer::ok(&"not asked") }).await;
        assert_eq!(code(replayed), Ok(b"\"opened\"".to_vec()));
        Ok(())
    }
}
