//! The very last stage: a response goes out on a socket, or fails to as a fault has it.

use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::future::{self, Either};
use futures_util::stream::{self, Stream, StreamExt as _};
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Response};
use tokio::sync::watch;

use crate::Delivery;
use crate::connections::{Link, Order};

/// What an oversized body goes on with, piece by piece.
static BLANKS: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// The announced length of a body without bytes that is to be cut off.
const MISSING: usize = 64;

/// Tells when the emulator is to stop, so that what a fault holds up does not hold up the end.
#[derive(Debug, Clone)]
pub(crate) struct Stopping(watch::Receiver<()>);

impl Stopping {
    pub(crate) fn new(stop: watch::Receiver<()>) -> Self {
        Self(stop)
    }

    /// Waits for the end, which is when the sender is gone.
    pub(crate) async fn wait(mut self) {
        while self.0.changed().await.is_ok() {}
    }

    /// Waits for a time, or for the end; false if it is the end.
    async fn sleep(self, time: Duration) -> bool {
        matches!(future::select(pin!(tokio::time::sleep(time)), pin!(self.wait())).await, Either::Left(_))
    }
}

/// Makes of a response what is to go out. It returns when the response is to be sent.
pub(crate) async fn deliver(mut response: Response<Bytes>, link: &Link, stopping: Stopping) -> Response<Body> {
    let Some(delivery) = response.extensions_mut().remove::<Delivery>() else { return response.map(Body::from) };
    match delivery {
        Delivery::Late(time) => {
            stopping.sleep(time).await;
            response.map(Body::from)
        }
        Delivery::Slow { chunk, pause } => {
            let length = Some(response.body().len());
            streamed(response, length, |body| slowly(body, chunk, pause, stopping))
        }
        Delivery::CutOff { sent, chunked } => {
            let length = response.body().len();
            let announced = if sent < length { length } else { length + MISSING };
            streamed(response, (!chunked).then_some(announced), |body| {
                broken_off(body.slice(..sent.min(length)), async {})
            })
        }
        Delivery::Padded { blanks, chunked } => {
            let announced = usize::try_from(blanks).unwrap_or(usize::MAX).saturating_add(response.body().len());
            streamed(response, (!chunked).then_some(announced), |body| padded(body, blanks))
        }
        Delivery::Stalled { sent: None, limit } => {
            stopping.sleep(limit).await;
            link.order(Order::Close);
            response.map(Body::from)
        }
        Delivery::Stalled { sent: Some(sent), limit } => {
            let length = response.body().len();
            let announced = if sent < length { length } else { length + MISSING };
            streamed(response, Some(announced), |body| {
                broken_off(body.slice(..sent.min(length)), async move {
                    stopping.sleep(limit).await;
                })
            })
        }
        Delivery::Closed => {
            link.order(Order::Close);
            response.map(Body::from)
        }
        Delivery::Reset => {
            link.order(Order::Reset);
            response.map(Body::from)
        }
        Delivery::Twice => {
            link.order(Order::Repeat);
            response.map(Body::from)
        }
    }
}

/// A response with a body that comes in pieces: with a content length, or without one in chunks.
fn streamed<S>(response: Response<Bytes>, length: Option<usize>, pieces: impl FnOnce(Bytes) -> S) -> Response<Body>
where
    S: Stream<Item = io::Result<Bytes>> + Send + 'static,
{
    let mut response = response.map(|body| Body::from_stream(pieces(body)));
    if let Some(length) = length {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

fn slowly(body: Bytes, chunk: usize, pause: Duration, stopping: Stopping) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(body, move |mut left| {
        let stopping = stopping.clone();
        async move {
            if left.is_empty() {
                return None;
            }
            let goes_on = stopping.sleep(pause).await;
            let next = left.split_to(chunk.clamp(1, left.len()));
            let next = if goes_on { Ok(next) } else { Err(ended()) };
            Some((next, if goes_on { left } else { Bytes::new() }))
        }
    })
}

/// Bytes, and then an error, upon which the server drops the connection. What it has to send by then, it has sent.
fn broken_off(bytes: Bytes, wait: impl Future<Output = ()> + Send + 'static) -> impl Stream<Item = io::Result<Bytes>> {
    let start = stream::iter((!bytes.is_empty()).then_some(Ok(bytes)));
    let end = stream::once(async move {
        // The server flushes when it has to wait for the next piece; the error itself it does not wait for.
        tokio::task::yield_now().await;
        wait.await;
        Err(ended())
    });
    start.chain(end)
}

fn padded(body: Bytes, blanks: u64) -> impl Stream<Item = io::Result<Bytes>> {
    let padding = stream::unfold(blanks, |left| async move {
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(BLANKS.len());
        let piece = BLANKS.get(..length).filter(|piece| !piece.is_empty())?;
        let left = left.saturating_sub(length as u64);
        Some((Ok(Bytes::from_static(piece)), left))
    });
    stream::iter((!body.is_empty()).then_some(Ok(body))).chain(padding)
}

fn ended() -> io::Error {
    io::Error::other("a fault ends this answer")
}
