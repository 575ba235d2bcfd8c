//! All that is logged on a thread, by every crate and at every level.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// Logs being kept, until [`end`](Self::end).
pub(crate) struct Logs {
    lines: Lines,
    _guard: DefaultGuard,
    /// While there is one dispatcher in the process, a place in the code that is first reached on a thread without it is
    /// switched off for all threads. Two dispatchers are asked both.
    _second: Dispatch,
}

impl Logs {
    /// Keeps what this thread logs from now on.
    pub(crate) fn start() -> Self {
        let second = Dispatch::new(tracing_subscriber::registry());
        let lines = Lines::default();
        let subscriber =
            tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(lines.clone()).finish();
        Self { lines, _guard: tracing::subscriber::set_default(subscriber), _second: second }
    }

    /// What was logged.
    pub(crate) fn end(self) -> String {
        String::from_utf8_lossy(&self.lines.0.lock().unwrap()).into_owned()
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
