//! The command line as a whole, run in process, mostly against an emulator.

mod api;
mod auth;
mod completion;
mod demo;
mod display;
mod emulator;
mod exporter;
mod fleet;
mod handle;
mod harness;
mod help;
mod history;
mod input;
mod lines;
mod man;
mod outside;
mod plan;
mod record;
mod regions;
mod report;
mod run;
mod secrets;
mod start;
mod status;
mod steer;
mod watch;
