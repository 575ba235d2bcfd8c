//! The `ackctl` command; see the library of the same name for what it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    ackctl::main()
}
