//! The program of the target `signature`.

#![no_main]

ack_fuzz::program!("signature");
