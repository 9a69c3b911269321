//! Connections: accepted up to a limit, closed when they are slow, ended gracefully.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tower::util::MapRequest;
use warp::filters::BoxedFilter;
use warp::http::Request;

use super::HttpVersion;

/// Bytes of a request's line and headers: ours need some hundred.
const HEADER_BYTES_MAX: usize = 32 * 1_024;
/// After a failed accept, most likely for want of file descriptors, others may be closed by then.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The time that a request at work may still take when the server ends.
const GRACE: Duration = Duration::from_secs(10);

/// Limits on connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionLimits {
    pub(crate) connections_max: usize,
    /// For a request's header to be complete, idle time before it included.
    pub(crate) header_timeout: Duration,
    /// A client that takes nothing of an answer for this time is let go.
    pub(crate) write_timeout: Duration,
}

/// Serves `api` of each client's address until `end` resolves, then lets requests at work finish.
pub(crate) async fn accept_connections(
    listener: TcpListener,
    limits: ConnectionLimits,
    api: impl Fn(SocketAddr) -> BoxedFilter<(warp::reply::Response,)>,
    end: impl Future<Output = ()>,
) {
    let free = Arc::new(Semaphore::new(limits.connections_max.min(Semaphore::MAX_PERMITS)));
    let graceful = GracefulShutdown::new();
    let mut end = std::pin::pin!(end);
    loop {
        let next = async {
            let permit = free.clone().acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            () = &mut end => break,
            next = next => next,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = graceful.watch(connect(stream, limits, api(peer)));
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%peer, %error, "the connection ended with an error");
                    }
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the connection cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("open connections were cut off at shutdown");
    }
}

fn connect(
    stream: TcpStream,
    limits: ConnectionLimits,
    api: BoxedFilter<(warp::reply::Response,)>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error: std::fmt::Display> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY cannot be set");
    }
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(HEADER_BYTES_MAX);
    // A filter does not see the version; a request's extensions it does.
    let service = MapRequest::new(warp::service(api), note_version);
    let service = TowerToHyperService::new(service);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write_timeout));
    builder.serve_connection(TokioIo::new(Box::pin(stream)), service).into_owned()
}

fn note_version<B>(mut request: Request<B>) -> Request<B> {
    let version = HttpVersion(request.version());
    request.extensions_mut().insert(version);
    request
}
