//! The golden signing vectors, checked as `cargo xtask vectors` checks them.

#[path = "../../xtask/src/vectors/check.rs"]
mod check;

use std::path::Path;

#[test]
fn every_signing_vector_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("signing-vectors");
    let mut passed = 0;
    for folder in [root.clone(), root.join("unsigned")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert_eq!(check::check(&text), Ok(()), "{}", path.display());
                passed += 1;
            }
        }
    }
    assert_eq!(passed, 29);
}
