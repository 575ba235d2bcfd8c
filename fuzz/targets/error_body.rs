//! The program of the target `error_body`.

#![no_main]

ack_fuzz::program!("error_body");
