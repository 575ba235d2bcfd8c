//! What a panic does to the program.

use std::panic;
use std::process;

/// The exit code of programs in Rust that have panicked.
const CODE: i32 = 101;

/// Makes a panic of any thread or task the end of the program, with the usual message and exit code 101.
///
/// A panic is a bug. Without this, one in a task would leave a program behind that goes on without the task; and as the
/// program is shipped without unwinding, it would end by a signal, for which systems keep an image of its memory, keys
/// included.
pub(crate) fn end_the_program() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        tell(panicked);
        process::exit(CODE);
    }));
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::thread;

    use super::*;

    #[test]
    fn a_panic_of_a_thread_ends_the_program_and_tells_where_it_was() {
        let ran = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "panics::tests::a_thread_panics"])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(CODE), "{told}");
        assert!(told.contains("panics.rs") && told.contains("a bug, on purpose"), "{told}");
        assert!(!told.contains("went on"), "{told}");
    }

    /// Part of the test above, in a process of its own.
    #[test]
    #[ignore = "it ends the process"]
    fn a_thread_panics() {
        end_the_program();
        let _ = thread::spawn(|| panic!("a bug, on purpose")).join();
        eprintln!("went on");
    }
}
