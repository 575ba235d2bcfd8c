//! What the generated operations stand on: the request they describe, and the exchange that carries it out.

mod answer;
mod http;
#[cfg(feature = "by-name")]
mod preview;
mod request;
mod tls;
mod transport;

pub(crate) use answer::{Answer, ServiceError};
pub(crate) use http::{HttpSettings, Route, is_loopback};
#[cfg(feature = "by-name")]
pub use preview::Preview;
#[cfg(feature = "by-name")]
pub(crate) use preview::PreviewSlot;
pub(crate) use request::{Parts, Request};
pub(crate) use transport::Transport;
