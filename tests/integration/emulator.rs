//! The emulator through its public API, with requests signed by `ack-auth`.

mod documented;
mod every_operation;
mod formats;
mod hostile;
mod lists;
mod network;
mod probe;
mod refusals;
mod requests;
mod shape;
mod upgrades;
