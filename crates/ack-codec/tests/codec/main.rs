//! The behaviour of both wire formats, through the public API.

// Says to the linter that functions beside the tests are test code, too.
#![cfg(test)]

mod encoding;
mod errors;
mod growth;
mod model;
mod properties;
mod samples;
mod tolerance;
