//! Why an emulator cannot be built or started, in one opaque type.

use std::net::SocketAddr;

use crate::form::Problems;

/// Why an emulator cannot be built or started.
///
/// The text names the setting, its value and the remedy, and never holds a secret. What a running emulator answers to
/// a client is no error of this type, but an HTTP answer.
///
/// | predicate | what to do |
/// | --- | --- |
/// | [`is_bind`](Self::is_bind) | free the address, or listen on port 0 |
/// | [`is_not_loopback`](Self::is_not_loopback) | listen on a loopback address, or allow others |
/// | [`is_invalid_setting`](Self::is_invalid_setting) | correct the setting that the text names |
/// | [`is_server`](Self::is_server) | see [`std::error::Error::source`]: the listener broke while serving |
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] Kind);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error(
        "cannot listen on {address}: {source}; stop what uses the address, or listen on 127.0.0.1:0 for a free port"
    )]
    Bind { address: SocketAddr, source: std::io::Error },
    #[error(
        "refusing to listen on {0}: the emulator speaks plain HTTP with known keys, so it serves loopback addresses only; listen on 127.0.0.1, or call allow_non_loopback(true)"
    )]
    NotLoopback(SocketAddr),
    #[error("{setting} {value:?} {problem}: {remedy}")]
    Setting { setting: &'static str, value: String, problem: &'static str, remedy: &'static str },
    #[error("cannot use {what}: {problems}")]
    Problems { what: &'static str, problems: Problems },
    #[error("the emulator stopped serving: {0}")]
    Server(#[source] std::io::Error),
}

impl Error {
    /// The address cannot be listened on: it is in use, not of this machine, or its port is reserved. Stop what uses
    /// it, or listen on port 0 to get a free port.
    pub fn is_bind(&self) -> bool {
        matches!(self.0, Kind::Bind { .. })
    }

    /// The address is not a loopback address. Listen on `127.0.0.1` or `[::1]`, or allow others with
    /// [`allow_non_loopback`](crate::EmulatorBuilder::allow_non_loopback).
    pub fn is_not_loopback(&self) -> bool {
        matches!(self.0, Kind::NotLoopback(_))
    }

    /// A setting of the builder, a seed, a clock, a fault or a scenario is not acceptable. Correct it; the text says which and how.
    pub fn is_invalid_setting(&self) -> bool {
        matches!(self.0, Kind::Setting { .. } | Kind::Problems { .. })
    }

    /// Every mistake in a fault or a scenario, each as a sentence without its full stop that names the place, the value
    /// and the remedy; up to 20. Empty for every other error.
    pub fn problems(&self) -> &[String] {
        match &self.0 {
            Kind::Problems { problems, .. } => problems.as_slice(),
            _ => &[],
        }
    }

    /// The listener broke while serving. Start the emulator again; the source tells more.
    pub fn is_server(&self) -> bool {
        matches!(self.0, Kind::Server(_))
    }

    pub(crate) fn problems_of(what: &'static str, problems: Problems) -> Self {
        Self(Kind::Problems { what, problems })
    }

    pub(crate) fn setting(
        setting: &'static str,
        value: impl Into<String>,
        problem: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self(Kind::Setting { setting, value: value.into(), problem, remedy })
    }
}
