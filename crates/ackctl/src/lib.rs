//! The `ackctl` command line: a library only so that it can be run inside a test.
//!
//! Only the binary is meant for use; programs that want to upgrade clusters use the `ack-upgrade` crate. [`run`] takes
//! arguments and a [`Context`] with all that comes from outside, and gives the [`Exit`] whose code the process ends with.
//!
//! ```
//! use ackctl::{Context, Exit, Stream};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let context = Context::new(Stream::new(std::io::sink()), Stream::new(std::io::sink()));
//! let arguments = ["ackctl", "upgrade", "status", "c106f377e16f34eb1808d6b9362c9test"];
//! // No region is given, and the environment of the context is empty.
//! assert_eq!(ackctl::run(arguments.map(Into::into), context).await, Exit::Usage);
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! It keeps no configuration file of its own (keys and region may come from one of the aliyun CLI), and it never pauses, resumes or
//! cancels an upgrade unless it is told to.

mod account;
mod accounts;
mod arguments;
mod commands;
mod completion;
mod connection;
mod context;
mod duration;
mod exit;
mod failure;
mod fleet_report;
mod fleet_run_screen;
mod fleet_screen;
mod handle_file;
mod host;
mod live;
mod logging;
mod manual;
mod nothing;
mod output;
mod page;
mod panics;
mod progress;
mod record;
mod report;
mod run;
mod session;
#[cfg(test)]
mod tests;
mod text_file;
mod whole_file;

pub use context::{Context, Stream};
pub use exit::Exit;
pub use record::RECORD_SCHEMA;
pub use run::{main, run};
