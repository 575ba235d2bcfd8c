//! Processor time, and fair comparisons with it.

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

/// How long one block of repetitions should take at least: far more than the clock's grain.
const BLOCK: Duration = Duration::from_millis(40);

/// How often both are measured in turn. The least is kept: whatever else goes on only ever adds time.
const ROUNDS: usize = 15;

/// Processor time of this process so far, user and system.
#[must_use]
pub fn cpu() -> Duration {
    usage(UsageWho::RUSAGE_SELF)
}

/// Processor time of the children that were waited for.
#[must_use]
pub fn cpu_of_children() -> Duration {
    usage(UsageWho::RUSAGE_CHILDREN)
}

/// The most memory that this process has had in the machine at a time, in bytes.
#[must_use]
pub fn peak_memory() -> u64 {
    // Linux counts it in kibibytes, Apple's systems in bytes.
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.max_rss().unsigned_abs() * unit)
}

fn usage(who: UsageWho) -> Duration {
    getrusage(who).map_or(Duration::ZERO, |usage| {
        let micros =
            |time: nix::sys::time::TimeVal| time.tv_sec().unsigned_abs() * 1_000_000 + time.tv_usec().unsigned_abs();
        Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time()))
    })
}

/// The least time of one run of each, in nanoseconds. The two take turns, so that what the machine does meets both.
pub fn compare(quick: bool, mut own: impl FnMut(), mut peer: impl FnMut()) -> (f64, f64) {
    interleaved(quick, |count| (0..count).for_each(|_| own()), |count| (0..count).for_each(|_| peer()))
}

/// [`compare`] for what repeats by itself: each is given how often.
pub fn interleaved(quick: bool, mut own: impl FnMut(u64), mut peer: impl FnMut(u64)) -> (f64, f64) {
    let block = |run: &mut dyn FnMut(u64), count: u64| {
        let start = cpu();
        run(count);
        cpu().saturating_sub(start)
    };
    if quick {
        return (nanoseconds(block(&mut own, 1), 1), nanoseconds(block(&mut peer, 1), 1));
    }
    let counts = [enough(&mut |count| block(&mut own, count)), enough(&mut |count| block(&mut peer, count))];
    let mut least = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        least[0] = least[0].min(nanoseconds(block(&mut own, counts[0]), counts[0]));
        least[1] = least[1].min(nanoseconds(block(&mut peer, counts[1]), counts[1]));
    }
    (least[0], least[1])
}

/// How many repetitions fill a block.
fn enough(run: &mut dyn FnMut(u64) -> Duration) -> u64 {
    let mut count = 1;
    while run(count) < BLOCK && count < 1 << 30 {
        count *= 2;
    }
    count
}

fn nanoseconds(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e9 / count as f64
}
