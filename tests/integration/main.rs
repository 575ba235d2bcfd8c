//! Tests that cross crates: the documented samples through models and codec, the signing vectors, the client
//! against the emulator, the generator's output, and the rules of the workspace itself.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

// The generator's expected output is compiled against the very files it is generated for.
#[macro_use]
#[path = "../../crates/ack-models/src/open_enum.rs"]
mod open_enum;
#[allow(unreachable_pub, reason = "public in its own crate")]
#[path = "../../crates/ack-models/src/operation.rs"]
mod operation;

mod canned;
mod client;
mod golden;
mod samples;
mod upgrade;
mod vectors;
mod workspace;
