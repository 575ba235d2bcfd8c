//! Runs a command some times and prints the processor time of each run, in nanoseconds a line: `children TIMES PROGRAM ..`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use ack_bench::cpu_of_children;
use anyhow::{Context as _, bail};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let times: usize = arguments.next().and_then(|times| times.parse().ok()).context("say how often, as a number")?;
    let program = arguments.next().context("name a program")?;
    let arguments: Vec<String> = arguments.collect();
    for _ in 0..times {
        let start = cpu_of_children();
        let output = Command::new(&program).args(&arguments).stdin(Stdio::null()).output();
        let output = output.with_context(|| format!("{program} cannot be started"))?;
        if !output.status.success() {
            bail!("{program} failed with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        let time = cpu_of_children().saturating_sub(start);
        writeln!(std::io::stdout().lock(), "{}", time.as_nanos())?;
    }
    Ok(())
}
