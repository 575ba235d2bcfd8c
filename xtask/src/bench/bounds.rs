//! What keeps a row from its target: told below the table when the row misses, so that nobody has to find it out again.

use std::fmt::Write as _;

/// By the id of the row, what bounds it.
const BOUNDS: [(&str, &str); 6] = [
    (
        "call/reqwest",
        "The bare call is mostly the kernel's sockets and reqwest itself, which copies the headers of a request twice. Beside \
         it stand the hashes of a signature, a nonce from the operating system, nine more headers on the wire, and the limits of \
         time, rate and concurrency. No part of it is larger than the hashes.",
    ),
    (
        "call/python",
        "The bare reqwest call of the first row is above a thirtieth of this by itself, as loopback sockets cost both the same.",
    ),
    ("call/typescript", "The bare reqwest call of the first row is above a twenty-fifth of this several times over."),
    (
        "signing",
        "Every value is checked before it is sent, and all that is signed or sent is copied once into memory that is wiped; \
         the hash of no body is known beforehand.",
    ),
    (
        "build/clean",
        "reqwest, hyper, rustls, ring, tokio, and url with its Unicode tables take three quarters of it, before a line of ours.",
    ),
    (
        "size",
        "All 148 operations by name, the emulator with its state machines, fleets, the exporter, TLS and the catalogue are in \
         the one program, already built for size where speed does not count.",
    ),
];

/// The paragraphs for the rows that miss, or nothing.
pub(super) fn paragraphs<'r>(missed: impl Iterator<Item = (&'r str, String)>) -> String {
    let mut text = String::new();
    for (id, name) in missed {
        if let Some((_, bound)) = BOUNDS.iter().find(|(known, _)| *known == id) {
            // Writing to a text does not fail.
            let _ = writeln!(text, "- {name}: {bound}");
        }
    }
    if text.is_empty() { text } else { format!("\n## What bounds the rows that miss\n\n{text}") }
}

/// The rows that have a paragraph.
#[cfg(test)]
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    BOUNDS.iter().map(|(id, _)| *id)
}
