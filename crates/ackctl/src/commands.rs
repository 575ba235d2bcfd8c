//! The commands, one module each.

pub(crate) mod api;
pub(crate) mod auth;
pub(crate) mod completion;
pub(crate) mod demo;
pub(crate) mod emulator;
pub(crate) mod exporter;
pub(crate) mod fleet;
pub(crate) mod history;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod regions;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod steer;
pub(crate) mod watch;
