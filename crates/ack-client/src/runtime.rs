//! What the generated operations stand on: the request they describe, and the exchange that carries it out.

mod answer;
mod request;
mod transport;

pub(crate) use answer::{Answer, ServiceError};
pub(crate) use request::{Parts, Request};
pub(crate) use transport::Transport;
