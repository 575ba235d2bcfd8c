//! What keeps a row from its target: told below the table when the row misses, so that nobody has to find it out again.

use std::fmt::Write as _;

/// By the id of the row, what bounds it.
const BOUNDS: [(&str, &str); 9] = [
    (
        "call/reqwest",
        "The bare call is mostly the kernel's sockets and reqwest itself, which copies the headers of a request twice. Beside \
         it stand the hashes of a signature, a nonce from the operating system, nine more headers on the wire, and the limits of \
         time, rate and concurrency. No part of it is larger than the hashes.",
    ),
    (
        "call/python",
        "Loopback sockets cost both the same, and below them nothing is left but the bare reqwest call of the first row.",
    ),
    ("call/typescript", "The bare reqwest call of the first row bounds this one, too."),
    (
        "signing",
        "Every value is checked before it is sent, and all that is signed or sent is copied once into memory that is wiped; \
         the hash of no body is known beforehand.",
    ),
    (
        "decode/json/220B",
        "The body is indexed before it is read, in one allocation more: tolerance for shapes, the paths of errors and drift are \
         read from the index.",
    ),
    ("growth/time/json", GROWTH),
    ("growth/time/xml", GROWTH),
    (
        "build/clean",
        "It stands on libraries of others, mostly rustls with ring, reqwest with hyper, tokio, and url with its Unicode tables.",
    ),
    (
        "size",
        "All 148 operations by name, the emulator with its state machines, fleets, the exporter, TLS and the catalogue are in \
         the one program, already built for size where speed does not count.",
    ),
];

const GROWTH: &str = "The instructions grow tenfold (callgrind of the program `repeat`), and pages of memory are kept from one decode \
                      to the next. The rest is the processor's caches, which the small list and its structs fit into, and the large ones do \
                      not: strict serde_json, which keeps no index, slows down as well.";

/// The paragraphs for the rows that miss, or nothing.
///
/// Each comes with sentences about what was measured beside it.
pub(super) fn paragraphs<'r>(missed: impl Iterator<Item = (&'r str, String, Vec<String>)>) -> String {
    let mut text = String::new();
    for (id, name, sentences) in missed {
        if let Some((_, bound)) = BOUNDS.iter().find(|(known, _)| *known == id) {
            let paragraph = [&[(*bound).to_owned()], &sentences[..]].concat().join(" ");
            // Writing to a text does not fail.
            let _ = writeln!(text, "- {name}: {paragraph}");
        }
    }
    if text.is_empty() { text } else { format!("\n## What bounds the rows that miss\n\n{text}") }
}

/// The rows that have a paragraph.
#[cfg(test)]
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    BOUNDS.iter().map(|(id, _)| *id)
}
