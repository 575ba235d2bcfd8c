//! An emulator that serves a socket.

use std::net::SocketAddr;
use std::ops::Deref;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use http::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::connections::{BoundedListener, Link};
use crate::deliver::{Stopping, deliver};
use crate::error::Kind;
use crate::receive::Received;
use crate::{Announcement, Emulator, Error};

/// How long requests at work are waited for when an emulator shuts down.
const GRACE: Duration = Duration::from_secs(5);

/// An emulator that answers on a socket, until it is shut down or dropped. It derefs to its [`Emulator`].
///
/// ```
/// use ack_emulator::Emulator;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let emulator = Emulator::builder().region("cn-hangzhou").time_scale(60.0).start().await?;
/// assert!(emulator.endpoint().starts_with("http://127.0.0.1:"));
/// emulator.shutdown().await;
/// # Ok::<(), ack_emulator::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RunningEmulator {
    emulator: Emulator,
    address: SocketAddr,
    /// Dropped, it ends the server gently, and at once what a fault holds up.
    stop: Option<watch::Sender<()>>,
    /// None once it is known to have ended.
    server: Option<JoinHandle<std::io::Result<()>>>,
}

impl RunningEmulator {
    pub(crate) async fn serve(emulator: Emulator, address: SocketAddr) -> Result<Self, Error> {
        let bind = |source| Error::from(Kind::Bind { address, source });
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let (stop, stopping) = watch::channel(());
        let stopping = Stopping::new(stopping);
        let served = Served { emulator: emulator.clone(), stopping: stopping.clone() };
        let router = Router::new().fallback(answer).with_state(served);
        let router = router.into_make_service_with_connect_info::<Link>();
        let server = axum::serve(BoundedListener::new(listener), router).with_graceful_shutdown(stopping.wait());
        tracing::debug!(%address, region = emulator.region(), "the emulator is listening");
        let server = Some(tokio::spawn(server.into_future()));
        Ok(Self { emulator, address, stop: Some(stop), server })
    }

    /// The address that is listened on, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL to give a client as its endpoint, such as `http://127.0.0.1:39217`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a program needs to know to use this emulator.
    pub fn announcement(&self) -> Announcement {
        let (access_key_id, access_key_secret) = self.first_access_key().unwrap_or_default();
        Announcement {
            endpoint: self.endpoint(),
            address: self.address,
            region: self.region().to_owned(),
            access_key_id,
            access_key_secret,
            clusters: self.cluster_ids(),
            time_scale: self.time_scale(),
            xml_style: self.xml_style(),
        }
    }

    /// Serves until the emulator stops, which by itself it does not: race it against a signal, then call
    /// [`shutdown`](Self::shutdown).
    ///
    /// # Errors
    ///
    /// [`Error::is_server`] if the listener broke.
    pub async fn wait(&mut self) -> Result<(), Error> {
        let Some(server) = &mut self.server else { return Ok(()) };
        let ended = server.await;
        self.server = None;
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(source)) => Err(Kind::Server(source).into()),
            Err(stopped) => Err(Kind::Server(std::io::Error::other(stopped)).into()),
        }
    }

    /// Stops listening, lets requests at work finish for up to five seconds, and ends.
    pub async fn shutdown(mut self) {
        self.stop = None;
        if tokio::time::timeout(GRACE, self.wait()).await.is_err() {
            tracing::debug!("requests were still at work when the emulator shut down");
        }
    }
}

impl Deref for RunningEmulator {
    type Target = Emulator;

    fn deref(&self) -> &Emulator {
        &self.emulator
    }
}

impl Drop for RunningEmulator {
    /// Stops listening at once.
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

/// What every request is answered with.
#[derive(Debug, Clone)]
struct Served {
    emulator: Emulator,
    stopping: Stopping,
}

async fn answer(
    State(served): State<Served>,
    ConnectInfo(link): ConnectInfo<Link>,
    request: Request<Body>,
) -> Response<Body> {
    let received = Received::streamed(request, link.peer).await;
    let response = served.emulator.answer(&received);
    deliver(response, &link, served.stopping).await
}
