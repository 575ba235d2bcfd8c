//! What the benchmarks share: the bodies that are read, the answers that are served, and how time is taken.
//!
//! `cargo xtask bench` builds the programs of this crate, runs them beside their peers, and writes `BENCHMARKS.md`.
//!
//! * `measure` takes the processor time of decoding, signing and calls;
//! * `allocations` counts allocations of decoding;
//! * `children` takes the processor time of a whole process;
//! * `repeat` runs one part over and over, for profilers;
//! * `serve` answers every request with the same body, so that clients are measured and not servers;
//! * `clusters` serves an emulated service with many clusters, and `fleet` follows them and takes memory and processor time;
//! * `cargo bench -p ack-bench` gives criterion's statistics of the small parts.
//!
//! All time is processor time of user and system, which a busy machine lengthens less than time of day.

pub mod bodies;
pub mod calls;
pub mod fleet;
mod row;
pub mod signing;
mod time;

pub use row::Row;
pub use time::{compare, cpu, cpu_of_children, interleaved, peak_memory};

/// Arguments of every program: whether to run each part once without care for the numbers.
#[must_use]
pub fn is_quick() -> bool {
    std::env::args().any(|argument| argument == "--quick")
}

/// Arguments of the programs that print rows: `--row=ID`, as often as there are rows to measure; without one, all of them are.
#[must_use]
pub fn is_wanted(id: &str) -> bool {
    fits(|wanted| wanted == id)
}

/// Whether a row is wanted whose id begins with one of these.
#[must_use]
pub fn is_some_wanted(groups: &[&str]) -> bool {
    fits(|wanted| groups.iter().any(|group| wanted.starts_with(group)))
}

fn fits(is_meant: impl Fn(&str) -> bool) -> bool {
    let arguments: Vec<String> = std::env::args().collect();
    let mut wanted = arguments.iter().filter_map(|argument| argument.strip_prefix("--row=")).peekable();
    wanted.peek().is_none() || wanted.any(is_meant)
}
