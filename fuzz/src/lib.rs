//! What is fuzzed, and what has to hold for every input.
//!
//! A target is a function that takes any bytes, hands them to a part of the libraries, and panics when a property is
//! broken. `cargo xtask fuzz` builds each with libFuzzer and runs it; without that feature this is an ordinary crate,
//! whose tests run every target on its seeds and on the inputs that once broke something (`fuzz/regressions`).
//!
//! | target | input | what has to hold |
//! |---|---|---|
//! | `json` | a body | it is read as `serde_json` reads it, and each model survives being written in either format |
//! | `xml` | a body | it is read or refused with a short error, and each model survives being written in either format |
//! | `growth` | a piece to repeat | half a mebibyte of it is read in a time that only a linear reader needs |
//! | `error_body` | status, content type, body | a short text, and the same error from JSON and XML that say the same |
//! | `cli_config` | `config.json` of the CLI, and what services answer | no secret in any text |
//! | `ini_file` | the SDKs' credentials file, and what services answer | no secret in any text |
//! | `authorization` | a request as received | it is refused, and what the header says is read back from its own text |
//! | `signature` | a request to sign | the verifier accepts it however it is spelled, and refuses it once any signed part is changed |
//!
//! It does not look for memory errors: the workspace has no `unsafe`.

mod authorization;
mod config;
mod decoding;
mod error_body;
mod growth;
mod models;
mod request;
mod seeds;
mod signature;

pub use seeds::write_seeds_if_asked;

/// One thing to fuzz.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its program.
    pub name: &'static str,
    /// Takes one input. It panics if a property does not hold.
    pub run: fn(&[u8]),
    /// Inputs to start from.
    seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: [Target; 8] = [
    Target { name: "json", run: decoding::json, seeds: seeds::json },
    Target { name: "xml", run: decoding::xml, seeds: seeds::xml },
    Target { name: "growth", run: growth::run, seeds: seeds::growth },
    Target { name: "error_body", run: error_body::run, seeds: seeds::error_body },
    Target { name: "cli_config", run: config::cli_config, seeds: seeds::cli_config },
    Target { name: "ini_file", run: config::ini_file, seeds: seeds::ini_file },
    Target { name: "authorization", run: authorization::run, seeds: seeds::authorization },
    Target { name: "signature", run: signature::run, seeds: seeds::signature },
];

/// The target of a name.
///
/// # Panics
///
/// If there is none of that name.
#[must_use]
pub fn target(name: &str) -> Target {
    *TARGETS.iter().find(|target| target.name == name).expect("every program is named after a target")
}

/// Defines the program of a target.
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! program {
    ($name:literal) => {
        libfuzzer_sys::fuzz_target!(init: $crate::write_seeds_if_asked($name), |input: &[u8]| {
            ($crate::target($name).run)(input)
        });
    };
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_target_holds_for_its_seeds() {
        for target in TARGETS {
            let seeds = (target.seeds)();
            assert!(seeds.len() > 3, "{} has hardly any seeds", target.name);
            for seed in seeds {
                (target.run)(&seed);
            }
            (target.run)(b"");
        }
    }

    #[test]
    fn what_once_broke_something_no_longer_does() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
        for entry in std::fs::read_dir(folder).unwrap() {
            let folder = entry.unwrap().path();
            let target = target(folder.file_name().unwrap().to_str().unwrap());
            for entry in std::fs::read_dir(folder).unwrap() {
                (target.run)(&std::fs::read(entry.unwrap().path()).unwrap());
            }
        }
    }
}
