//! Tests that cross crates: the documented samples through models and codec, the signing vectors, the client
//! against the emulator, the generator's output, and the rules of the workspace itself.

// Says to the linter that the functions beside the tests are test code, too.
#![cfg(test)]

// The generator's expected output is compiled against the very files it is generated for.
#[path = "../../crates/ack-models/src/list.rs"]
mod list;
#[macro_use]
#[path = "../../crates/ack-models/src/model.rs"]
mod model;
#[macro_use]
#[path = "../../crates/ack-models/src/open_enum.rs"]
mod open_enum;
#[allow(unreachable_pub, reason = "public in its own crate")]
#[path = "../../crates/ack-models/src/operation.rs"]
mod operation;

mod blocking;
mod by_name;
mod canned;
mod cases;
mod client;
mod codec;
mod credentials;
mod emulator;
mod endpoints;
mod every_operation;
mod fault_matrix;
mod fleet;
mod golden;
mod logs;
mod many_calls;
mod paging;
mod plan;
mod proxies;
mod retries;
mod run;
mod samples;
mod scenarios;
mod secrets;
mod signing;
mod upgrade;
mod vectors;
mod workspace;
