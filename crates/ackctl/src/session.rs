//! What a command works with: the context and the global options, put together.

use std::sync::Arc;
use std::time::Duration;

use ack_auth::{Environment, NonceSource, StaticCredentials};
use ack_client::{Client, ClientBuilder, Format};
use ack_upgrade::{UpgradeHandle, UpgradeKind, Upgrades};

use crate::arguments::{Global, NetworkChoice, OutputFormat, TargetArguments, WireFormat};
use crate::context::{Context, Input, Interrupt, Outside, SharedClock, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::handle_file;
use crate::host::Host;
use crate::output::printable;
use crate::record::Record;

const USER_AGENT: &str = concat!("ackctl/", env!("CARGO_PKG_VERSION"));

pub(crate) struct Session {
    pub(crate) global: Global,
    /// The format of what is printed.
    pub(crate) output: OutputFormat,
    pub(crate) stdin: Input,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
    pub(crate) stderr_colours: bool,
    pub(crate) interrupt: Interrupt,
    next_interrupt: Interrupt,
    pub(crate) environment: Arc<dyn Environment>,
    pub(crate) clock: SharedClock,
    pub(crate) outside: Outside,
    pub(crate) host: Host,
    pub(crate) nonces: Arc<dyn NonceSource>,
    pub(crate) record: Record,
    /// This program, as it was called.
    pub(crate) program: String,
}

/// What holds for every client.
#[derive(Clone, Debug)]
pub(crate) struct ClientSettings {
    format: Format,
    timeout: Duration,
    ca_certificates: Option<String>,
}

impl ClientSettings {
    pub(crate) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        let builder = builder.format(self.format).timeout(self.timeout).user_agent(USER_AGENT);
        match &self.ca_certificates {
            Some(text) => builder.ca_certificates(text.as_bytes()),
            None => builder,
        }
    }
}

impl Session {
    pub(crate) fn new(context: Context, global: Global, output: OutputFormat, stderr_colours: bool) -> Self {
        let Context { environment, stdin, stdout, stderr, interrupt, next_interrupt, clock, outside, host, nonces } =
            context;
        let record = Record::default();
        Self {
            global,
            output,
            stdin,
            stdout,
            stderr,
            stderr_colours,
            interrupt,
            next_interrupt,
            environment,
            clock,
            outside,
            host,
            nonces,
            record,
            program: "ackctl".to_owned(),
        }
    }

    /// Prints on standard output.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        self.stdout.print(text).map_err(|error| Failure::output(&error))
    }

    /// Prints a line on standard error. That it cannot be written is no reason to give up the work.
    pub(crate) fn note(&self, line: &str) {
        let _ = self.stderr.print(&format!("{}\n", printable(line)));
    }

    /// The upgrades behind an endpoint with keys of its own: that of an emulator.
    pub(crate) fn connect_to(
        &self,
        endpoint: &str,
        region: &str,
        keys: StaticCredentials,
    ) -> Result<Upgrades, Failure> {
        let client = self.settings()?.region(region).endpoint(endpoint).credentials(keys).build()?;
        Ok(Upgrades::new(client).with_clock(self.clock.clone()))
    }

    /// The upgrade that arguments name, or a file that they name.
    pub(crate) fn handle(&mut self, target: &TargetArguments) -> Result<UpgradeHandle, Failure> {
        match (target.named(), &target.handle) {
            (Some(handle), _) => Ok(handle),
            (None, Some(file)) => handle_file::read(file, &mut self.stdin),
            (None, None) => Err(Failure::usage("give the ID of the cluster, or --handle")),
        }
    }

    /// A command about an upgrade, with the options that were given for this one. `file` is where its handle is, and
    /// `words` go behind it.
    pub(crate) fn command(&self, name: &str, handle: &UpgradeHandle, file: Option<&str>, words: Vec<String>) -> String {
        let mut all = match file {
            Some(file) => vec!["--handle".to_owned(), file.to_owned()],
            None => named(handle),
        };
        all.extend(words);
        self.command_of(name, all)
    }

    /// A command about upgrades with these words, and with the global options that were given for this one.
    pub(crate) fn command_of(&self, name: &str, words: Vec<String>) -> String {
        let mut line: Vec<String> = ["ackctl", "upgrade", name].map(str::to_owned).into();
        line.extend(words);
        let ca_file = self.global.ca_file.as_ref().map(|path| path.to_string_lossy());
        // A plan changes nothing, and keeps no record.
        let record = self.record.path().filter(|_| name != "plan").map(|path| path.to_string_lossy());
        let options = [
            ("--record", record.as_deref()),
            ("--region", self.global.region.as_deref()),
            ("--endpoint", self.global.endpoint.as_deref()),
            (
                "--network",
                self.global.network.map(|network| match network {
                    NetworkChoice::Public => "public",
                    NetworkChoice::Vpc => "vpc",
                }),
            ),
            ("--ca-file", ca_file.as_deref()),
            ("--profile", self.global.profile.as_deref()),
            ("--wire-format", (self.global.wire_format == WireFormat::Xml).then_some("xml")),
            (
                "--output",
                self.global.asked_format().map(|format| match format {
                    OutputFormat::Table => "table",
                    OutputFormat::Json => "json",
                    OutputFormat::Yaml => "yaml",
                }),
            ),
        ];
        for (option, value) in options {
            line.extend(value.into_iter().flat_map(|value| [option.to_owned(), value.to_owned()]));
        }
        // Only NUL cannot be quoted, and arguments cannot hold it.
        shlex::try_join(line.iter().map(String::as_str)).unwrap_or_else(|_| line.join(" "))
    }

    /// Awaits work, or fails with [`Exit::Interrupted`] and the message once the user interrupts.
    pub(crate) async fn unless_interrupted<T>(
        &mut self,
        work: impl Future<Output = T>,
        message: Option<String>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = &mut self.interrupt => {
                self.interrupt_noticed();
                Err(Failure { message, ..Failure::silent(Exit::Interrupted) })
            }
        }
    }

    /// Takes note that the user has interrupted, and listens for the next time.
    pub(crate) fn interrupt_noticed(&mut self) {
        self.interrupt = std::mem::replace(&mut self.next_interrupt, Box::pin(std::future::pending()));
    }

    pub(crate) fn environment(&self) -> &dyn Environment {
        &*self.environment
    }

    /// What holds for every client.
    pub(crate) fn settings(&self) -> Result<ClientBuilder, Failure> {
        Ok(self.client_settings()?.apply(Client::builder()))
    }

    /// The same, to be applied to builders later.
    pub(crate) fn client_settings(&self) -> Result<ClientSettings, Failure> {
        let format = match self.global.wire_format {
            WireFormat::Json => Format::Json,
            WireFormat::Xml => Format::Xml,
        };
        let settings = ClientSettings { format, timeout: self.global.timeout, ca_certificates: None };
        let Some(path) = &self.global.ca_file else { return Ok(settings) };
        let refuse = |problem: &str| Failure::usage(format!("--ca-file {} {problem}", path.display()));
        let text = self.outside.files.read(path).map_err(|error| refuse(&format!("cannot be read: {error}")))?;
        if !text.contains("-----BEGIN CERTIFICATE-----") {
            return Err(refuse("holds no certificate: name a file with the authority's certificate in PEM text"));
        }
        Ok(ClientSettings { ca_certificates: Some(text.to_string()), ..settings })
    }

    /// An empty variable counts as not set.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        self.environment.var(name).filter(|value| !value.is_empty())
    }
}

/// The arguments that name an upgrade.
fn named(handle: &UpgradeHandle) -> Vec<String> {
    let mut words = vec![handle.cluster_id.clone()];
    let mut option = |name: &str, value: Option<String>| {
        words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
    };
    match &handle.kind {
        UpgradeKind::NodePool { nodepool_id } => option("--node-pool", Some(nodepool_id.clone())),
        UpgradeKind::Addons { addons } => {
            for addon in addons {
                let version = addon.version.as_ref().map(|version| format!("={version}")).unwrap_or_default();
                option("--addon", Some(format!("{}{version}", addon.name)));
            }
        }
        _ => {}
    }
    option("--task", handle.task_id.clone());
    option("--to", handle.target_version.clone());
    words
}

/// Whether to print colours and other escape sequences on a stream.
pub(crate) fn colours(stream: &Stream, environment: &dyn Environment, no_color: bool) -> bool {
    let unwanted = no_color || environment.var("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !unwanted && !is_dumb(environment)
}

/// Whether the terminal says of itself that it takes no escape sequences.
pub(crate) fn is_dumb(environment: &dyn Environment) -> bool {
    environment.var("TERM").is_some_and(|name| name == "dumb")
}
