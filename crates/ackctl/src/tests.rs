//! The command line as a whole, run in process.
