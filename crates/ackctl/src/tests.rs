//! The command line as a whole, run in process, mostly against an emulator.

mod api;
mod auth;
mod demo;
mod display;
mod emulator;
mod harness;
mod help;
mod input;
mod outside;
mod regions;
mod start;
mod status;
mod watch;
