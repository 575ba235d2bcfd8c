//! Bodies that are small on the wire and large once unpacked.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

/// How much is packed at a time: a gzip file may have any number of members, so one of blanks is packed once and sent as
/// often as it takes.
const PIECE: usize = 1024 * 1024;

/// The body in gzip, followed by so many blanks. A GiB of them takes a MiB.
pub(crate) fn packed(body: &[u8], blanks: u64) -> Vec<u8> {
    let mut packed = member(body);
    let pieces = usize::try_from(blanks / PIECE as u64).unwrap_or(usize::MAX);
    let rest = usize::try_from(blanks % PIECE as u64).unwrap_or_default();
    if pieces > 0 {
        let piece = member(&vec![b' '; PIECE]);
        for _ in 0..pieces {
            packed.extend_from_slice(&piece);
        }
    }
    if rest > 0 {
        packed.extend(member(&vec![b' '; rest]));
    }
    packed
}

fn member(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::MultiGzDecoder;

    use super::*;

    #[test]
    fn it_unpacks_to_the_body_and_the_blanks() {
        for (blanks, most) in [(0, 100), (5, 150), (3_000_000, 10_000), (1 << 30, 2_000_000)] {
            let packed = packed(b"{}", blanks);
            assert!(packed.len() < most, "{blanks} blanks take {} bytes", packed.len());
            if blanks <= 3_000_000 {
                let mut text = String::new();
                MultiGzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
                assert_eq!((text.trim_end(), text.len() as u64), ("{}", blanks + 2));
            }
        }
    }
}
