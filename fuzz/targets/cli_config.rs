//! The program of the target `cli_config`.

#![no_main]

ack_fuzz::program!("cli_config");
