//! All that a run takes from outside: environment, streams, interruption, clock.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io::{self, IsTerminal as _, Read, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use ack_auth::{
    Clock, CommandRunner, Environment, FileReader, HttpExchange, NonceSource, ProcessEnvironment, RandomNonce,
    SystemClock, SystemCommands, SystemFiles,
};

use crate::host::Host;
use crate::nothing::Nothing;

/// Completes when the user wants the program to end.
pub(crate) type Interrupt = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where input is read from.
pub(crate) type Input = Box<dyn Read + Send>;

/// All that a run takes from outside, so that it can be run inside a test.
pub struct Context {
    pub(crate) environment: Arc<dyn Environment>,
    pub(crate) stdin: Input,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
    pub(crate) interrupt: Interrupt,
    pub(crate) next_interrupt: Interrupt,
    pub(crate) clock: SharedClock,
    pub(crate) outside: Outside,
    pub(crate) host: Host,
    pub(crate) nonces: Arc<dyn NonceSource>,
}

/// What sources of credentials reach beyond the environment.
#[derive(Clone)]
pub(crate) struct Outside {
    pub(crate) files: Arc<dyn FileReader>,
    pub(crate) commands: Arc<dyn CommandRunner>,
    /// `None` for the HTTP client of the API client, with the settings of the arguments.
    pub(crate) http: Option<Arc<dyn HttpExchange>>,
}

impl Context {
    /// A context with an empty environment, nothing on standard input, the system's clock, and nobody to interrupt it.
    /// Sources of credentials find no files, commands and network, and nothing is known of the machine. The API is called over the network all the same.
    #[must_use]
    pub fn new(stdout: Stream, stderr: Stream) -> Self {
        Self {
            environment: Arc::new(BTreeMap::new()),
            stdin: Box::new(io::empty()),
            stdout,
            stderr,
            interrupt: Box::pin(std::future::pending()),
            next_interrupt: Box::pin(std::future::pending()),
            clock: SharedClock(Arc::new(SystemClock)),
            outside: Outside { files: Arc::new(Nothing), commands: Arc::new(Nothing), http: Some(Arc::new(Nothing)) },
            host: Host::default(),
            nonces: Arc::new(RandomNonce),
        }
    }

    /// The context of this process. Ctrl-C and, on Unix, SIGTERM interrupt it.
    #[must_use]
    pub fn process() -> Self {
        // Older Windows consoles take escape sequences only after being asked to.
        let understands_escapes = anstyle_query::windows::enable_ansi_colors().unwrap_or(true);
        let mut stdout = Stream::new(io::stdout());
        if io::stdout().is_terminal() && understands_escapes {
            stdout = stdout.on_terminal(|| {
                terminal_size::terminal_size_of(io::stdout()).map(|(columns, rows)| (columns.0, rows.0))
            });
        }
        let mut stderr = Stream::new(io::stderr());
        if io::stderr().is_terminal() && understands_escapes {
            stderr = stderr.on_terminal(|| {
                terminal_size::terminal_size_of(io::stderr()).map(|(columns, rows)| (columns.0, rows.0))
            });
        }
        Self {
            environment: Arc::new(ProcessEnvironment),
            stdin: Box::new(io::stdin()),
            interrupt: Box::pin(signalled()),
            next_interrupt: Box::pin(signalled()),
            outside: Outside { files: Arc::new(SystemFiles), commands: Arc::new(SystemCommands), http: None },
            host: Host::of_this_process(),
            ..Self::new(stdout, stderr)
        }
    }

    /// Sets where variables are read from.
    #[must_use]
    pub fn with_environment(self, environment: impl Environment + 'static) -> Self {
        Self { environment: Arc::new(environment), ..self }
    }

    /// Sets where sources of credentials read files.
    #[must_use]
    pub fn with_files(mut self, files: impl FileReader + 'static) -> Self {
        self.outside.files = Arc::new(files);
        self
    }

    /// Sets how sources of credentials run commands.
    #[must_use]
    pub fn with_commands(mut self, commands: impl CommandRunner + 'static) -> Self {
        self.outside.commands = Arc::new(commands);
        self
    }

    /// Sets how sources of credentials reach STS, metadata services and credentials URIs.
    #[must_use]
    pub fn with_http(mut self, http: impl HttpExchange + 'static) -> Self {
        self.outside.http = Some(Arc::new(http));
        self
    }

    /// Sets what is read as standard input. It is read only by commands that are told to.
    #[must_use]
    pub fn with_stdin(self, stdin: impl Read + Send + 'static) -> Self {
        Self { stdin: Box::new(stdin), ..self }
    }

    /// Sets what interrupts the run, by completing.
    #[must_use]
    pub fn with_interrupt(self, interrupt: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { interrupt: Box::pin(interrupt), ..self }
    }

    /// Sets what interrupts the run for the second time, such as while it does what the first is to lead to.
    #[must_use]
    pub fn with_next_interrupt(self, interrupt: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { next_interrupt: Box::pin(interrupt), ..self }
    }

    /// Sets the clock that dates events and logs, and that keys expire by. Requests are signed with the system's.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: SharedClock(Arc::new(clock)), ..self }
    }

    /// Sets what records say of the machine: its name, and the ID of the user.
    #[must_use]
    pub fn with_host(self, name: impl Into<String>, user_id: u32) -> Self {
        Self { host: Host { name: Some(name.into()), user_id: Some(user_id) }, ..self }
    }

    /// Sets where the marks come from that tie the lines of a record together.
    #[must_use]
    pub fn with_nonces(self, nonces: impl NonceSource + 'static) -> Self {
        Self { nonces: Arc::new(nonces), ..self }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The environment may hold secrets.
        f.debug_struct("Context").field("stdout", &self.stdout).field("stderr", &self.stderr).finish_non_exhaustive()
    }
}

/// Where text goes, and whether that is a terminal. Clones write to the same place.
#[derive(Clone)]
pub struct Stream {
    writer: Arc<Mutex<dyn Write + Send>>,
    terminal: Option<Arc<TerminalSize>>,
}

/// The present columns and rows of a terminal, if they are known.
type TerminalSize = dyn Fn() -> Option<(u16, u16)> + Send + Sync;

/// The columns and rows to assume for a terminal that does not tell its own.
const USUAL_SIZE: (u16, u16) = (80, 24);

impl Stream {
    /// A stream that is no terminal.
    #[must_use]
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        Self { writer: Arc::new(Mutex::new(writer)), terminal: None }
    }

    /// Makes it a terminal. `size` gives its present numbers of columns and of rows, if they are known.
    #[must_use]
    pub fn on_terminal(self, size: impl Fn() -> Option<(u16, u16)> + Send + Sync + 'static) -> Self {
        Self { terminal: Some(Arc::new(size)), ..self }
    }

    /// Whether it is a terminal.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.terminal.is_some()
    }

    /// The number of columns of the terminal; `None` if it is no terminal.
    #[must_use]
    pub fn width(&self) -> Option<u16> {
        self.size().map(|(columns, _)| columns)
    }

    /// The number of rows of the terminal; `None` if it is no terminal.
    #[must_use]
    pub fn height(&self) -> Option<u16> {
        self.size().map(|(_, rows)| rows)
    }

    fn size(&self) -> Option<(u16, u16)> {
        let size = self.terminal.as_ref()?();
        Some(size.filter(|(columns, rows)| *columns > 0 && *rows > 0).unwrap_or(USUAL_SIZE))
    }

    /// Writes all of the text, and at once.
    pub(crate) fn print(&self, text: &str) -> io::Result<()> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write_all(text.as_bytes())?;
        writer.flush()
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("width", &self.width()).finish_non_exhaustive()
    }
}

/// The clock of the context, in the form the libraries take.
#[derive(Clone, Debug)]
pub(crate) struct SharedClock(Arc<dyn Clock>);

impl Clock for SharedClock {
    fn now(&self) -> SystemTime {
        self.0.now()
    }
}

#[cfg(unix)]
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};

    // Where a handler cannot be installed, the signal ends the process as it always does.
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signalled() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
