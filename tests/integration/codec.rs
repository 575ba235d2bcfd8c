//! The behaviour of both wire formats, through the public API.

mod encoding;
mod errors;
mod growth;
mod model;
mod properties;
mod samples;
mod spec;
mod tolerance;
