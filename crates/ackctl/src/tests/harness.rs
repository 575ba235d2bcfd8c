//! Runs the program in process, with everything around it at hand.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime};

use ack_auth::{Clock, FixedNonce};
use ack_emulator::{ClusterSeed, Emulator, EmulatorBuilder, ManualClock, RunningEmulator};

use super::outside::Outside;
use crate::{Context, Stream, run};

pub(super) const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";

/// 2026-01-02T03:04:05Z, where every clock of the tests starts.
pub(super) const START: Duration = Duration::from_secs(1_767_323_045);

/// How an event in one line of JSON begins.
const EVENT: &str = r#"{"at":"#;

/// What a run has left behind.
pub(super) struct Ran {
    pub(super) code: u8,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}", self.code)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                write!(f, "\n--- {name}\n{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}

type Hook = Box<dyn FnMut(&str) -> io::Result<()> + Send>;

/// A run being prepared.
pub(super) struct Cli {
    environment: BTreeMap<String, String>,
    stdin: Box<dyn Read + Send>,
    widths: (Option<u16>, Option<u16>),
    on_stdout: Hook,
    on_stderr: Hook,
    interrupt: Pin<Box<dyn Future<Output = ()> + Send>>,
    next_interrupt: Pin<Box<dyn Future<Output = ()> + Send>>,
    clock: Arc<dyn Clock>,
    outside: Outside,
}

impl Cli {
    /// Without any environment, and with no terminal.
    pub(super) fn new() -> Self {
        Self {
            environment: BTreeMap::new(),
            stdin: Box::new(io::empty()),
            widths: (None, None),
            on_stdout: Box::new(|_| Ok(())),
            on_stderr: Box::new(|_| Ok(())),
            interrupt: Box::pin(std::future::pending()),
            next_interrupt: Box::pin(std::future::pending()),
            clock: Arc::new(ManualClock::new(SystemTime::UNIX_EPOCH + START)),
            outside: Outside::default(),
        }
    }

    /// With region, endpoint and keys of an emulator in the environment.
    pub(super) fn of(emulator: &RunningEmulator) -> Self {
        let announcement = emulator.announcement();
        Self::new()
            .variable("ALIBABA_CLOUD_REGION_ID", &announcement.region)
            .variable("ALIBABA_CLOUD_ENDPOINT", &announcement.endpoint)
            .variable("ALIBABA_CLOUD_ACCESS_KEY_ID", &announcement.access_key_id)
            .variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &announcement.access_key_secret)
    }

    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With a file that sources of credentials may read.
    pub(super) fn file(self, path: &str, text: &str) -> Self {
        self.outside.add_file(path, text);
        self
    }

    pub(super) fn clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// With what sources of credentials find when they run a command or send a request.
    pub(super) fn outside(self, outside: &Outside) -> Self {
        Self { outside: outside.clone(), ..self }
    }

    pub(super) fn stdin(self, stdin: impl Read + Send + 'static) -> Self {
        Self { stdin: Box::new(stdin), ..self }
    }

    /// Both streams are terminals of this width.
    pub(super) fn on_terminal(self, width: u16) -> Self {
        self.on_terminals(Some(width), Some(width))
    }

    /// Standard output and standard error are terminals of these widths, or none.
    pub(super) fn on_terminals(self, stdout: Option<u16>, stderr: Option<u16>) -> Self {
        Self { widths: (stdout, stderr), ..self }
    }

    /// Is called with each text that is written, and may fail the writing.
    pub(super) fn on_stdout(self, hook: impl FnMut(&str) -> io::Result<()> + Send + 'static) -> Self {
        Self { on_stdout: Box::new(hook), ..self }
    }

    pub(super) fn on_stderr(self, hook: impl FnMut(&str) -> io::Result<()> + Send + 'static) -> Self {
        Self { on_stderr: Box::new(hook), ..self }
    }

    pub(super) fn interrupted_by(self, interrupt: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { interrupt: Box::pin(interrupt), ..self }
    }

    pub(super) fn then_interrupted_by(self, interrupt: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { next_interrupt: Box::pin(interrupt), ..self }
    }

    /// Runs with a command line as a shell would take it. Lines of JSON are held to their schemas.
    pub(super) async fn run(self, line: &str) -> Ran {
        let words = shlex::split(line).expect("the line is quoted well");
        let arguments = ["ackctl".to_owned()].into_iter().chain(words).map(OsString::from);
        let (stdout, stderr) = (Written::default(), Written::default());
        let stream = |written: &Written, hook, width: Option<u16>| {
            let stream = Stream::new(Tap { written: written.clone(), hook });
            match width {
                Some(width) => stream.on_terminal(move || Some((width, 24))),
                None => stream,
            }
        };
        let context = Context::new(
            stream(&stdout, self.on_stdout, self.widths.0),
            stream(&stderr, self.on_stderr, self.widths.1),
        )
        .with_environment(self.environment)
        .with_files(self.outside.clone())
        .with_commands(self.outside.clone())
        .with_http(self.outside)
        .with_stdin(self.stdin)
        .with_interrupt(self.interrupt)
        .with_next_interrupt(self.next_interrupt)
        .with_clock(self.clock)
        .with_host("bastion", 1000)
        .with_nonces(FixedNonce("0123456789abcdef0123456789abcdef".to_owned()));
        let code = run(arguments, context).await.code();
        let ran = Ran { code, stdout: stdout.text(), stderr: stderr.text() };
        if ran.stdout.starts_with(EVENT) {
            check_events(&ran.stdout);
        }
        ran
    }
}

/// An emulator whose time moves only when it is told to, with one cluster at 1.31.1-aliyun.1.
pub(super) async fn emulator() -> RunningEmulator {
    settings().start().await.unwrap()
}

pub(super) fn settings() -> EmulatorBuilder {
    Emulator::builder().clock(ManualClock::new(SystemTime::UNIX_EPOCH + START)).cluster(ClusterSeed::managed(
        CLUSTER,
        "test-cluster",
        "1.31.1-aliyun.1",
    ))
}

/// Fails unless each line is an event as the schemas have it: that of an upgrade, or of a fleet.
pub(super) fn check_events(lines: &str) {
    struct Schema(boon::Schemas, boon::SchemaIndex);
    impl Schema {
        fn of(text: &str) -> Self {
            let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
            compiler.add_resource("schema.json", serde_json::from_str(text).unwrap()).unwrap();
            let index = compiler.compile("schema.json", &mut schemas).unwrap();
            Self(schemas, index)
        }
    }
    static UPGRADE: LazyLock<Schema> = LazyLock::new(|| Schema::of(ack_upgrade::EVENT_SCHEMA));
    static FLEET: LazyLock<Schema> = LazyLock::new(|| Schema::of(ack_upgrade::fleet::FLEET_EVENT_SCHEMA));
    assert!(!lines.is_empty());
    // The last event of a fleet is of no account, unlike the others.
    let schema =
        if lines.contains(r#""event":"fleet_"#) || lines.contains(r#""account":"#) { &FLEET } else { &UPGRADE };
    for line in lines.lines() {
        let event = serde_json::from_str(line).unwrap_or_else(|error| unreachable!("{line}\n{error}"));
        if let Err(problem) = schema.0.validate(&event, schema.1) {
            unreachable!("{line}\n{problem:#}");
        }
    }
}

/// The text without the time that has passed, which no clock of a test rules.
pub(super) fn without_times(text: &str) -> String {
    let text = without_numbers(text, r#""elapsed_seconds":"#);
    let text = without_numbers(&text, "elapsed_seconds: ");
    (0..10).fold(text, |text, second| text.replace(&format!("00:00:0{second}"), "HH:MM:SS"))
}

/// The text with the numbers behind each mark replaced, for what differs from run to run.
pub(super) fn without_numbers(text: &str, mark: &str) -> String {
    let mut parts = text.split(mark);
    let mut redacted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ':'));
        redacted.extend([mark, "#", rest]);
    }
    redacted
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

struct Tap {
    written: Written,
    hook: Hook,
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.hook)(std::str::from_utf8(bytes).unwrap())?;
        self.written.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
