//! The runtime behind a blocking client.

use std::future::Future;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::error::Error;

/// A runtime on a thread of its own. It goes on between calls, so that connections are kept up and closed in time, and
/// credentials that several clients share never wait for a runtime at rest.
#[derive(Debug)]
pub(super) struct Runtime {
    handle: Handle,
    /// The thread ends when this is dropped.
    _running: oneshot::Sender<()>,
}

impl Runtime {
    pub(super) fn start() -> Result<Self, Error> {
        refuse_async()?;
        let set_up = |error: &std::io::Error| Error::set_up("the runtime of the blocking client", error);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| set_up(&error))?;
        let handle = runtime.handle().clone();
        let (running, ended) = oneshot::channel::<()>();
        let drive = move || {
            // An error says that the sender is gone, which is what is waited for.
            let _ = runtime.block_on(ended);
        };
        thread::Builder::new().name("ack-client-blocking".to_owned()).spawn(drive).map_err(|error| set_up(&error))?;
        Ok(Self { handle, _running: running })
    }

    /// Does the work on the calling thread, while the runtime's own thread drives connections and timers.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        refuse_async()?;
        Ok(self.handle.block_on(work))
    }
}

/// Waiting inside a runtime would block the thread on which it does its other work; tokio panics there.
fn refuse_async() -> Result<(), Error> {
    let problem = match Handle::try_current() {
        Ok(_) => "is used inside an async runtime, whose thread it would block",
        Err(error) if error.is_thread_local_destroyed() => "is used by a thread that is ending",
        Err(_) => return Ok(()),
    };
    let remedy = "use ack_client::Client there and await its calls, or a thread made with std::thread";
    Err(Error::unset("blocking::Client", problem, remedy))
}
