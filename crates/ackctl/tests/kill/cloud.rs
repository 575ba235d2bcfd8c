//! An emulator that outlives the calls.

use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use ack_emulator::{Announcement, Emulator, EmulatorBuilder, Fault};
use tokio::sync::oneshot;

/// The emulator, on a thread of its own.
pub(crate) struct Cloud {
    pub(crate) emulator: Emulator,
    pub(crate) announcement: Announcement,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Cloud {
    pub(crate) fn start(settings: EmulatorBuilder) -> Self {
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let emulator = settings.fault(slow_starts()).start().await.unwrap();
                tell.send(((*emulator).clone(), emulator.announcement())).unwrap();
                // An end of the test ends it, too.
                let _ = stopped.await;
                emulator.shutdown().await;
            });
        });
        let (emulator, announcement) = told.recv().unwrap();
        Self { emulator, announcement, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers to starts take their time, so that kills fall between a start and its answer, too.
fn slow_starts() -> Fault {
    "{fault: delay, by: 150ms, operation: [UpgradeCluster, UpgradeClusterNodepool, UpgradeClusterAddons]}"
        .parse()
        .unwrap()
}
