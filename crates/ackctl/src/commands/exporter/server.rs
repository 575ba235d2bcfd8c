//! A server for whoever scrapes, and for those who mean no good: however many connect, and however slowly they write and read,
//! only so many connections are open, each for a short time and with little memory.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// What connections are allowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How many are open at once. Those beyond wait in the queue of the operating system.
    pub(super) connections: usize,
    /// How long a request may take to arrive.
    pub(super) request: Duration,
    /// How long a connection may be open in all: for the request, and for its answer to be read.
    pub(super) connection: Duration,
    /// The size of a request without its body, in bytes; at least 8192.
    pub(super) request_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            request: Duration::from_secs(10),
            connection: Duration::from_secs(30),
            request_bytes: 16 * 1024,
        }
    }
}

/// Serves until it is dropped, and ends all connections then.
///
/// A connection is closed after its first answer: a scrape every few seconds gains nothing from an open one, and nobody can then
/// keep a place by doing nothing with it.
pub(super) async fn serve(mut listener: TcpListener, router: Router, limits: Limits) -> Infallible {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .keep_alive(false)
        .header_read_timeout(limits.request)
        .max_header_size(limits.request_bytes)
        .max_buf_size(limits.request_bytes);
    let mut connections = JoinSet::new();
    loop {
        // The semaphore is never closed, so there is a place in the end.
        let place = Arc::clone(&places).acquire_owned().await.ok();
        // That of axum waits where no more files can be opened, and goes on.
        let (stream, _) = Listener::accept(&mut listener).await;
        while connections.try_join_next().is_some() {}
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        connections.spawn(async move {
            // A connection that breaks, or that takes too long, is nobody's trouble but the client's.
            let _ = tokio::time::timeout(limits.connection, connection).await;
            drop(place);
        });
    }
}

#[cfg(test)]
mod tests;
