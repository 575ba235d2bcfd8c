//! A listener that holds a bounded number of connections, which can be told to misbehave.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many connections are open at once; those beyond wait in the queue of the operating system.
const MAX_CONNECTIONS: usize = 1024;

#[derive(Debug)]
pub(crate) struct BoundedListener {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl BoundedListener {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(MAX_CONNECTIONS)) }
    }
}

impl Listener for BoundedListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // The semaphore is never closed, so there is always a place in the end.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        // Answers are small and written whole; waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        (Connection { stream, orders: Orders::default(), copy: Vec::new(), _place: place }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// What a connection does with the bytes of the next answer, when it does not just send them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Close, and send none of them.
    Close,
    /// Reset, and send none of them.
    Reset,
    /// Send them, and then send them again.
    Repeat,
}

/// What leads from a request to the connection it came on.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) peer: SocketAddr,
    orders: Orders,
}

impl Link {
    /// Gives the connection an order for the next answer. It must be given before the answer is.
    pub(crate) fn order(&self, order: Order) {
        self.orders.set(Some(order));
    }
}

impl Connected<IncomingStream<'_, BoundedListener>> for Link {
    fn connect_info(stream: IncomingStream<'_, BoundedListener>) -> Self {
        Self { peer: *stream.remote_addr(), orders: stream.io().orders.clone() }
    }
}

#[derive(Debug, Clone, Default)]
struct Orders(Arc<Mutex<Option<Order>>>);

impl Orders {
    fn get(&self) -> Option<Order> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, order: Option<Order>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = order;
    }
}

/// A connection, and the place that it takes.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    orders: Orders,
    /// The bytes to send again.
    copy: Vec<u8>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    /// Refuses to write if that is the order. The server drops a connection that it cannot write to.
    fn obey(&self) -> io::Result<()> {
        match self.orders.get() {
            None | Some(Order::Repeat) => return Ok(()),
            Some(Order::Close) => {}
            // Without lingering, the operating system resets what is closed.
            Some(Order::Reset) => self.stream.set_zero_linger()?,
        }
        Err(io::Error::new(io::ErrorKind::BrokenPipe, "a fault ends this connection"))
    }

    /// Keeps what was written, in case it has to be written again. The server flushes at the end of an answer.
    fn keep<'b>(&mut self, written: usize, buffers: impl IntoIterator<Item = &'b [u8]>) {
        if self.orders.get() != Some(Order::Repeat) {
            return;
        }
        let mut left = written;
        for buffer in buffers {
            let part = buffer.get(..left.min(buffer.len())).unwrap_or_default();
            self.copy.extend_from_slice(part);
            left -= part.len();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.obey()?;
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.keep(written, [buf]);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.obey()?;
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bufs))?;
        self.keep(written, bufs.iter().map(|buffer| &**buffer));
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while !this.copy.is_empty() {
            let written = ready!(Pin::new(&mut this.stream).poll_write(cx, &this.copy))?;
            this.copy.drain(..written);
            // The order is done with; what comes next is another answer.
            this.orders.set(None);
        }
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_closed_connection_makes_place_for_another() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut bounded = BoundedListener { listener, places: Arc::new(Semaphore::new(1)) };
        let address = bounded.local_addr().unwrap();
        let (_one, _two) = (TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap());
        let (first, _) = bounded.accept().await;
        assert_eq!(bounded.places.available_permits(), 0);
        drop(first);
        let (_second, _) = bounded.accept().await;
        assert_eq!(bounded.places.available_permits(), 0);
    }
}
