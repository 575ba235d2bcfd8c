//! Everything outside the program that the default credentials touch, in one place.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use crate::http::BODY_LIMIT;
use crate::{
    Clock, CommandRunner, Environment, Error, FileReader, HttpAnswer, HttpExchange, HttpRequest, NoHttp, NonceSource,
    ProcessEnvironment, RandomNonce, SystemClock, SystemCommands, SystemFiles,
};

/// The environment, clock, files, commands and HTTP client that [`DefaultCredentials`] work with.
///
/// The default is the real thing for all but HTTP: this crate brings no HTTP client, and a source
/// that needs one fails with an error that says so until one is given.
///
/// ```
/// use std::collections::BTreeMap;
/// use ack_auth::Context;
///
/// let variables = BTreeMap::from([("HOME".to_owned(), "/home/ada".to_owned())]);
/// let context = Context::new().with_environment(variables);
/// assert!(!format!("{context:?}").contains("ada"));
/// ```
///
/// [`DefaultCredentials`]: crate::DefaultCredentials
#[derive(Clone)]
pub struct Context {
    environment: Arc<dyn Environment>,
    clock: Arc<dyn Clock>,
    nonces: Arc<dyn NonceSource>,
    files: Arc<dyn FileReader>,
    commands: Arc<dyn CommandRunner>,
    http: Arc<dyn HttpExchange>,
}

impl Context {
    /// This process, this machine, and no HTTP.
    pub fn new() -> Self {
        Self {
            environment: Arc::new(ProcessEnvironment),
            clock: Arc::new(SystemClock),
            nonces: Arc::new(RandomNonce),
            files: Arc::new(SystemFiles),
            commands: Arc::new(SystemCommands),
            http: Arc::new(NoHttp),
        }
    }

    /// Reads variables elsewhere. Default: [`ProcessEnvironment`].
    #[must_use]
    pub fn with_environment(mut self, environment: impl Environment + 'static) -> Self {
        self.environment = Arc::new(environment);
        self
    }

    /// Reads the time elsewhere. Default: [`SystemClock`].
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Takes the nonces of STS calls from elsewhere. Default: [`RandomNonce`].
    #[must_use]
    pub fn with_nonce_source(mut self, nonces: impl NonceSource + 'static) -> Self {
        self.nonces = Arc::new(nonces);
        self
    }

    /// Reads files elsewhere. Default: [`SystemFiles`].
    #[must_use]
    pub fn with_file_reader(mut self, files: impl FileReader + 'static) -> Self {
        self.files = Arc::new(files);
        self
    }

    /// Runs commands elsewhere. Default: [`SystemCommands`].
    #[must_use]
    pub fn with_command_runner(mut self, commands: impl CommandRunner + 'static) -> Self {
        self.commands = Arc::new(commands);
        self
    }

    /// Sends requests through this client. Default: [`NoHttp`].
    #[must_use]
    pub fn with_http(mut self, http: impl HttpExchange + 'static) -> Self {
        self.http = Arc::new(http);
        self
    }

    /// A variable, none when it is not set or empty.
    pub(crate) fn var(&self, name: &str) -> Option<String> {
        self.environment.var(name).filter(|value| !value.is_empty())
    }

    /// Whether a variable says `true`, in any case.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.var(name).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }

    /// A path below the user's home folder.
    pub(crate) fn below_home(&self, path: &str) -> Option<PathBuf> {
        let home = self.var("HOME").or_else(|| self.var("USERPROFILE"))?;
        Some(Path::new(&home).join(path))
    }

    pub(crate) fn environment(&self) -> Arc<dyn Environment> {
        self.environment.clone()
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// Whole seconds since 1970, 0 for a clock before that.
    pub(crate) fn epoch_seconds(&self) -> u64 {
        self.now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
    }

    pub(crate) fn nonce(&self) -> Result<String, Error> {
        self.nonces.nonce()
    }

    pub(crate) fn read(&self, path: &Path) -> io::Result<Zeroizing<String>> {
        self.files.read(path)
    }

    pub(crate) async fn run(
        &self,
        program: String,
        arguments: Vec<String>,
        limit: Duration,
    ) -> io::Result<Zeroizing<Vec<u8>>> {
        self.commands.run(program, arguments, limit).await
    }

    pub(crate) async fn exchange(
        &self,
        request: HttpRequest,
    ) -> Result<HttpAnswer, Box<dyn std::error::Error + Send + Sync>> {
        let answer = self.http.exchange(request).await?;
        if answer.body().len() > BODY_LIMIT {
            return Err("the answer is larger than 1 MiB".into());
        }
        Ok(answer)
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows nothing of what it holds: a map that stands in for the environment holds secrets.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}
