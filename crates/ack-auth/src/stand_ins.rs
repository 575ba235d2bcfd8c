//! Stand-ins for files, HTTP, commands and time, for the tests of sources.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use crate::*;

/// 2026-01-02T03:04:05Z, when every test starts.
pub(crate) const START: u64 = 1_767_323_045;

/// A secret that no text may show.
pub(crate) const SECRET: &str = "5ecret/of+the=pair";

/// A token that no text may show.
pub(crate) const TOKEN: &str = "t0ken/of+the=pair";

/// The outside world of a test. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    variables: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    answers: VecDeque<Result<(u16, String), &'static str>>,
    requests: Vec<HttpRequest>,
    output: Option<Result<String, &'static str>>,
    commands: Vec<Vec<String>>,
    passed: Duration,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::default().with_var("HOME", "/home/ada")
    }

    /// Sets a variable, given without the prefix that all but `HOME` have.
    pub(crate) fn with_var(self, name: &str, value: &str) -> Self {
        let name = if name == "HOME" { name.to_owned() } else { format!("ALIBABA_CLOUD_{name}") };
        self.0.lock().unwrap().variables.insert(name, value.to_owned());
        self
    }

    pub(crate) fn with_file(self, path: &str, text: impl Into<String>) -> Self {
        self.0.lock().unwrap().files.insert(path.to_owned(), text.into());
        self
    }

    pub(crate) fn without_file(&self, path: &str) {
        self.0.lock().unwrap().files.remove(path);
    }

    pub(crate) fn with_answer(self, status: u16, body: impl Into<String>) -> Self {
        self.0.lock().unwrap().answers.push_back(Ok((status, body.into())));
        self
    }

    pub(crate) fn with_no_answer(self) -> Self {
        self.0.lock().unwrap().answers.push_back(Err("connection refused"));
        self
    }

    pub(crate) fn with_output(self, output: Result<String, &'static str>) -> Self {
        self.0.lock().unwrap().output = Some(output);
        self
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.lock().unwrap().passed += time;
    }

    pub(crate) fn context(&self) -> Context {
        Context::new()
            .with_environment(self.clone())
            .with_clock(self.clone())
            .with_nonce_source(FixedNonce("nonce".to_owned()))
            .with_file_reader(self.clone())
            .with_command_runner(self.clone())
            .with_http(self.clone())
    }

    pub(crate) fn chain(&self) -> DefaultCredentials {
        DefaultCredentials::builder().with_context(self.context()).build()
    }

    /// The report of every source, a line each.
    pub(crate) fn explain(&self) -> String {
        let reports = ready::now(self.chain().explain());
        clean(reports.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    /// What the chain gives: the provider and kind of the credential, or the error.
    pub(crate) fn outcome(&self) -> String {
        clean(match ready::now(self.chain().credential()) {
            Ok(credential) => {
                let provider = credential.provider_name().unwrap_or("no provider");
                format!("{provider} {:?} {}", credential.kind(), credential.access_key_id().unwrap_or("no id"))
            }
            Err(error) => format!("{error}"),
        })
    }

    /// Every request so far: method, URL, headers and body, a line each.
    pub(crate) fn requests(&self) -> String {
        let inner = self.0.lock().unwrap();
        let lines = inner.requests.iter().map(|request| {
            let headers: Vec<_> = request.headers().map(|(name, value)| format!("{name}: {value}")).collect();
            let body = String::from_utf8(request.body().to_vec()).unwrap();
            format!("{} {} [{}] {body}", request.method(), request.url(), headers.join(", ")).trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn commands(&self) -> Vec<Vec<String>> {
        self.0.lock().unwrap().commands.clone()
    }
}

/// The text, which a user would see, after a look for secrets in it.
fn clean(text: String) -> String {
    assert!(!text.contains("5ecret") && !text.contains("t0ken"), "{text}");
    text
}

/// The keys of an answer of STS or a metadata service, an hour from the start.
pub(crate) fn keys(id: &str) -> String {
    format!(
        r#"{{"Code":"Success","AccessKeyId":"{id}","AccessKeySecret":"{SECRET}","SecurityToken":"{TOKEN}","Expiration":"2026-01-02T04:04:05Z"}}"#
    )
}

/// The answer of STS with those keys.
pub(crate) fn sts(id: &str) -> String {
    format!(r#"{{"RequestId":"1","Credentials":{}}}"#, keys(id))
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}

impl Environment for World {
    fn var(&self, name: &str) -> Option<String> {
        self.0.lock().unwrap().variables.get(name).cloned()
    }
}

impl Clock for World {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(START) + self.0.lock().unwrap().passed
    }
}

impl FileReader for World {
    fn read(&self, path: &Path) -> io::Result<Zeroizing<String>> {
        let inner = self.0.lock().unwrap();
        let text = inner.files.get(path.to_str().unwrap());
        text.cloned().map(Zeroizing::new).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }
}

impl CommandRunner for World {
    fn run(&self, program: String, arguments: Vec<String>, limit: Duration) -> CommandFuture<'_> {
        assert_eq!(limit, Duration::from_secs(60));
        let mut inner = self.0.lock().unwrap();
        inner.commands.push(std::iter::once(program).chain(arguments).collect());
        let output = inner.output.clone().unwrap();
        Box::pin(async move { output.map(|text| Zeroizing::new(text.into_bytes())).map_err(io::Error::other) })
    }
}

impl HttpExchange for World {
    /// Answers from the queue; an empty one is a network without anything on it.
    fn exchange(&self, request: HttpRequest) -> HttpFuture<'_> {
        let mut inner = self.0.lock().unwrap();
        assert_eq!(request.is_direct(), request.url().contains("100.100.100.200"));
        inner.requests.push(request);
        let answer = inner.answers.pop_front().unwrap_or(Err("no route to host"));
        Box::pin(async move { answer.map(|(status, body)| HttpAnswer::new(status, body)).map_err(Into::into) })
    }
}
