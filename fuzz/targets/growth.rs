//! The program of the target `growth`.

#![no_main]

ack_fuzz::program!("growth");
