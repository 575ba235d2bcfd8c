//! What the generated operations stand on: the request they describe, and the exchange that carries it out.

mod answer;
mod call;
mod failure;
mod headers;
mod http;
#[cfg(feature = "by-name")]
mod preview;
mod request;
#[cfg(test)]
mod script;
mod skew;
pub(crate) mod spans;
mod tls;
mod transport;

pub(crate) use answer::{Answer, ServiceError};
pub(crate) use call::Call;
pub(crate) use failure::{Lost, TransportFailure};
pub(crate) use http::{HttpSettings, ProxyChoice, Route, is_loopback};
#[cfg(feature = "by-name")]
pub use preview::Preview;
#[cfg(feature = "by-name")]
pub(crate) use preview::PreviewSlot;
pub(crate) use request::{Parts, Request, Retry};
#[cfg(test)]
pub(crate) use script::{Script, Step};
pub(crate) use skew::{ClockSkew, Learned};
pub(crate) use spans::Server;
pub use tls::TlsBackend;
pub(crate) use transport::Transport;
