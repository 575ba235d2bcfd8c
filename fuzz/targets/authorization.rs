//! The program of the target `authorization`.

#![no_main]

ack_fuzz::program!("authorization");
