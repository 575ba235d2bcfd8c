//! Checks of the models and the client against answers and calls that were recorded elsewhere.
//!
//! `cargo xtask samples` and `cargo xtask cases` run them; the tests of the workspace run the same code. They live apart
//! from `xtask` itself, which has to build even while the generated code does not.

pub mod cases;
pub mod compare;
pub mod samples;
