//! A machine without files, commands and network, for sources of credentials in tests.

use std::io;
use std::path::Path;
use std::time::Duration;

use ack_auth::{CommandFuture, CommandRunner, FileReader, HttpExchange, HttpFuture, HttpRequest, Zeroizing};

/// Has nothing of all that.
#[derive(Debug)]
pub(crate) struct Nothing;

impl FileReader for Nothing {
    fn read(&self, _: &Path) -> io::Result<Zeroizing<String>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

impl CommandRunner for Nothing {
    fn run(&self, _: String, _: Vec<String>, _: Duration) -> CommandFuture<'_> {
        Box::pin(std::future::ready(Err(io::ErrorKind::NotFound.into())))
    }
}

impl HttpExchange for Nothing {
    fn exchange(&self, _: HttpRequest) -> HttpFuture<'_> {
        Box::pin(std::future::ready(Err("there is no network".into())))
    }
}
