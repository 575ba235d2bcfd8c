//! The emulator through its public API, with requests signed by `ack-auth`.

mod formats;
mod hostile;
mod lists;
mod network;
mod probe;
mod refusals;
mod requests;
mod upgrades;
