//! The emulator through its public API, with requests signed by `ack-auth`.

mod addons;
mod admin;
mod checks;
mod controls;
mod documented;
mod events;
mod every_operation;
pub(crate) mod faults;
mod formats;
mod hostile;
mod incidents;
mod lists;
mod network;
mod node_pool_rules;
mod node_pools;
mod over_time;
mod probe;
mod refusals;
mod requests;
mod scenario;
mod seeds;
mod shape;
mod upgrades;
mod wire;
