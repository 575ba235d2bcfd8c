//! The program of the target `xml`.

#![no_main]

ack_fuzz::program!("xml");
