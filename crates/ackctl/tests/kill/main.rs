//! `ackctl upgrade run` and `apply`, with and without a window, and `fleet run`, killed at random moments and called again each
//! time.
//!
//! Some dozens of kills by default; `ACKCTL_TEST_KILLS=200` for so many in each test. The moments come from `ACKCTL_TEST_SEED`,
//! which is printed.

// Says to the linter that the functions beside the tests are test code, too.
#![cfg(test)]

mod cloud;
mod fleet;
mod process;
mod run;
mod trial;
mod windows;
