//! The server: bound to an address, run until it is told to end.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use farthing_aggregator::Aggregator;
use futures_util::FutureExt as _;
use tokio::net::TcpListener;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, Method, Version};
use warp::path::FullPath;

use crate::app::{App, Documents};
use crate::config::{ServerConfig, ServerConfigError};
use crate::dispatch::{Incoming, respond};
use crate::docs::docs_page;
use crate::error::ServerError;
use crate::http::{ConnectionLimits, HttpVersion, accept_connections};
use crate::openapi::openapi_document;
use crate::posting::run_webhooks;
use crate::routes::ROUTES;

/// The folder of keys of versions that did not tell them apart by signer: nothing in it can be looked
/// up.
const FORMER_IDEMPOTENCY_FOLDER: &str = "idempotency";

/// An aggregator behind HTTP.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens at the address of `config`. The stores of idempotency keys and webhooks are in the
    /// folder `data`.
    pub async fn bind(
        aggregator: Aggregator,
        config: ServerConfig,
        data: &Path,
    ) -> Result<Self, ServerError> {
        config.check()?;
        let former = data.join(FORMER_IDEMPOTENCY_FOLDER);
        if former.exists() {
            std::fs::remove_dir_all(&former).map_err(ServerError::Folder)?;
        }
        std::fs::create_dir_all(data).map_err(ServerError::Folder)?;
        let failed = |source| ServerError::Bind { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let origins = config.origins().map_err(ServerConfigError::from)?;
        let openapi = openapi_document(config.wait_seconds_max);
        let documents = Documents {
            docs: docs_page(&openapi),
            openapi: openapi.to_pretty_json().map_err(ServerError::Document)?,
        };
        let app = Arc::new(App::open(aggregator, config, origins, data, documents)?);
        Ok(Self { app, listener, address })
    }

    /// The address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `end` resolves, then finishes the requests in work.
    pub async fn run(self, end: impl Future<Output = ()>) {
        let limits = ConnectionLimits {
            connections_max: self.app.config.connections_max,
            header_timeout: self.app.config.receive_timeout(),
            write_timeout: self.app.config.answer_timeout(),
        };
        let app = self.app;
        let end = async {
            end.await;
            app.ending.send_replace(true);
        };
        let webhooks = tokio::spawn(run_webhooks(app.clone()));
        accept_connections(self.listener, limits, |peer| api(app.clone(), peer), end).await;
        if let Err(error) = webhooks.await {
            tracing::error!(%error, "the webhook task failed");
        }
    }
}

/// Everything, for one client's connection: which route it is, `dispatch` decides.
fn api(app: Arc<App>, peer: SocketAddr) -> BoxedFilter<(warp::reply::Response,)> {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::method()
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional())
        .and(warp::body::stream())
        .then(
            move |method: Method,
                  path: FullPath,
                  query: String,
                  headers: HeaderMap,
                  version: Option<HttpVersion>,
                  body| {
                let path = path.as_str().to_owned();
                // The listener says it of every request.
                let version = version.unwrap_or(HttpVersion(Version::HTTP_11));
                let incoming = Incoming { version, method, path, query, headers, peer: peer.ip() };
                respond(app.clone(), ROUTES, incoming, body).boxed()
            },
        )
        .boxed()
}
