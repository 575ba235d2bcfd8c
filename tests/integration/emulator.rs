//! The emulator through its public API, with requests signed by `ack-auth`.

mod controls;
mod documented;
mod every_operation;
mod formats;
mod hostile;
mod incidents;
mod lists;
mod network;
mod node_pool_rules;
mod node_pools;
mod probe;
mod refusals;
mod requests;
mod shape;
mod upgrades;
