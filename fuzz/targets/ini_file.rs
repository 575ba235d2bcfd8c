//! The program of the target `ini_file`.

#![no_main]

ack_fuzz::program!("ini_file");
