//! `ackctl api`.

mod call;
mod help;
mod input;
mod list;
mod request;
