//! The program of the target `json`.

#![no_main]

ack_fuzz::program!("json");
