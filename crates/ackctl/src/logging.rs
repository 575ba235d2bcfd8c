//! Logs of the workspace's crates on standard error.

use std::io;

use ack_auth::Clock as _;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::context::{SharedClock, Stream};

/// The crates whose logs are shown. Those of libraries are left out: they may hold headers and bodies.
const CRATES: [&str; 7] =
    ["ack_auth", "ack_client", "ack_codec", "ack_emulator", "ack_models", "ack_upgrade", "ackctl"];

/// Logs for as long as the guard lives, on this thread: warnings, with one `-v` debug output, with two everything.
pub(crate) fn start(verbose: u8, stderr: &Stream, colours: bool, clock: SharedClock) -> DefaultGuard {
    let level = match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let lines =
        tracing_subscriber::fmt::layer().with_writer(Lines(stderr.clone())).with_ansi(colours).with_timer(Dated(clock));
    let targets = Targets::new().with_targets(CRATES.map(|name| (name, level)));
    tracing::subscriber::set_default(tracing_subscriber::registry().with(targets).with(lines))
}

struct Lines(Stream);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(&self.0)
    }
}

/// One line of the log; the formatter writes it in one piece.
struct Line<'a>(&'a Stream);

impl io::Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.print(&String::from_utf8_lossy(bytes)).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Dated(SharedClock);

impl FormatTime for Dated {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        match jiff::Timestamp::try_from(self.0.now()) {
            Ok(now) => write!(writer, "{now:.3}"),
            Err(_) => Ok(()),
        }
    }
}
