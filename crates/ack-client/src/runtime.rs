//! What the generated operations stand on: the request they describe, and the exchange that carries it out.

mod answer;
#[cfg(feature = "by-name")]
mod preview;
mod request;
mod transport;

pub(crate) use answer::{Answer, ServiceError};
#[cfg(feature = "by-name")]
pub use preview::Preview;
#[cfg(feature = "by-name")]
pub(crate) use preview::PreviewSlot;
pub(crate) use request::{Parts, Request};
pub(crate) use transport::Transport;
