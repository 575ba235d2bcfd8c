//! Files, commands and a network for sources of credentials.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ack_auth::{
    CommandFuture, CommandRunner, FileReader, HttpAnswer, HttpExchange, HttpFuture, HttpRequest, Zeroizing,
};

/// All of it. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Outside(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    files: BTreeMap<String, String>,
    output: Option<String>,
    answers: VecDeque<(u16, String)>,
    requests: Vec<String>,
}

impl Outside {
    pub(super) fn add_file(&self, path: &str, text: &str) {
        self.0.lock().unwrap().files.insert(path.to_owned(), text.to_owned());
    }

    /// What a command prints; without it no command can be started.
    pub(super) fn set_output(&self, output: &str) {
        self.0.lock().unwrap().output = Some(output.to_owned());
    }

    /// One more answer of the network. When there is none left, nobody answers.
    pub(super) fn add_answer(&self, status: u16, body: &str) {
        self.0.lock().unwrap().answers.push_back((status, body.to_owned()));
    }

    /// Method and URL without its query, of each request so far.
    pub(super) fn requests(&self) -> Vec<String> {
        self.0.lock().unwrap().requests.clone()
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outside")
    }
}

impl FileReader for Outside {
    fn read(&self, path: &Path) -> io::Result<Zeroizing<String>> {
        let inner = self.0.lock().unwrap();
        let text = inner.files.get(path.to_str().unwrap()).cloned();
        text.map(Zeroizing::new).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such file"))
    }
}

impl CommandRunner for Outside {
    fn run(&self, _: String, _: Vec<String>, _: Duration) -> CommandFuture<'_> {
        let output = self.0.lock().unwrap().output.clone();
        let output = output.map(|text| Zeroizing::new(text.into_bytes()));
        Box::pin(async { output.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such program")) })
    }
}

impl HttpExchange for Outside {
    fn exchange(&self, request: HttpRequest) -> HttpFuture<'_> {
        let mut inner = self.0.lock().unwrap();
        let url = request.url().split('?').next().unwrap_or_default();
        inner.requests.push(format!("{} {url}", request.method()));
        let answer = inner.answers.pop_front();
        Box::pin(async {
            let (status, body) = answer.ok_or("nobody answers")?;
            Ok(HttpAnswer::new(status, body))
        })
    }
}
