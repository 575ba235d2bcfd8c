//! Repeats one part, for profilers and counters of instructions: `repeat PART COUNT [ADDRESS]`, where PART is
//!
//! * `signing`, or `hashes`, the part of it that no signer can avoid;
//! * `json` or `xml`, decoding the longest list of nodes, or `json-tenth` or `xml-tenth`, a tenth of them;
//! * `json-small` or `xml-small`, decoding the status of an upgrade;
//! * `strict`, `strict-tenth` or `strict-small`, what strict serde_json does with the same JSON;
//! * `call`, `single` (a call of a client that does not retry) or `bare`, with the ADDRESS of `serve`.
//!
//! What a part costs is the difference of two counts, as starting up then falls out:
//!
//! ```text
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/repeat call 1000 127.0.0.1:40213
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/repeat call 3000 127.0.0.1:40213
//! ```
//!
//! Valgrind has no SHA instructions, so that hashes weigh several times what they do without it.

use std::hint::black_box;

use ack_bench::bodies::{self, MANY_NODES};
use ack_bench::calls::Calls;
use ack_bench::signing;
use ack_codec::{Format, decode};
use ack_models::{DescribeClusterNodesResponse, GetUpgradeStatusResponse};
use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut arguments = arguments.iter().map(String::as_str);
    let part = arguments.next().with_context(|| format!("say which part: {PARTS}"))?;
    let count: u64 = arguments.next().context("say how often")?.parse().context("how often is no number")?;
    let address = arguments.next();
    match part {
        "signing" | "hashes" => sign(part, count),
        "json" => read::<DescribeClusterNodesResponse>(Format::Json, &bodies::nodes(MANY_NODES)?.json, count),
        "json-tenth" => {
            read::<DescribeClusterNodesResponse>(Format::Json, &bodies::nodes(MANY_NODES / 10)?.json, count)
        }
        "json-small" => read::<GetUpgradeStatusResponse>(Format::Json, &bodies::status()?.json, count),
        "xml" => read::<DescribeClusterNodesResponse>(Format::Xml, &bodies::nodes(MANY_NODES)?.xml, count),
        "xml-tenth" => read::<DescribeClusterNodesResponse>(Format::Xml, &bodies::nodes(MANY_NODES / 10)?.xml, count),
        "xml-small" => read::<GetUpgradeStatusResponse>(Format::Xml, &bodies::status()?.xml, count),
        "strict" => read_strictly::<DescribeClusterNodesResponse>(&bodies::nodes(MANY_NODES)?.json, count),
        "strict-tenth" => read_strictly::<DescribeClusterNodesResponse>(&bodies::nodes(MANY_NODES / 10)?.json, count),
        "strict-small" => read_strictly::<GetUpgradeStatusResponse>(&bodies::status()?.json, count),
        "call" | "single" | "bare" => call(part, count, address.context("give the address that `serve` printed")?),
        _ => bail!("{part:?} is no part: say {PARTS}"),
    }
}

const PARTS: &str = "signing, hashes, call, single or bare, or json, xml or strict, each also with -tenth or -small";

fn read<T: DeserializeOwned>(format: Format, body: &[u8], count: u64) -> Result<()> {
    for _ in 0..count {
        drop(black_box(decode::<T>(format, black_box(body))));
    }
    Ok(())
}

fn read_strictly<T: DeserializeOwned>(json: &[u8], count: u64) -> Result<()> {
    for _ in 0..count {
        drop(black_box(serde_json::from_slice::<T>(black_box(json))));
    }
    Ok(())
}

fn sign(part: &str, count: u64) -> Result<()> {
    let credential = signing::credential();
    let signed = signing::sign(&credential)?;
    let request = signed.canonical_request().unwrap_or_default().as_bytes();
    let text = signed.string_to_sign().unwrap_or_default().as_bytes();
    for _ in 0..count {
        if part == "signing" {
            drop(black_box(signing::sign(&credential)));
        } else {
            black_box(signing::unavoidable(black_box(request), black_box(text)));
        }
    }
    Ok(())
}

fn call(part: &str, count: u64, address: &str) -> Result<()> {
    let calls = Calls::to(address)?;
    match part {
        "call" => calls.own(&calls.client()?, count),
        "single" => calls.own(&calls.builder()?.max_attempts(1).build()?, count),
        _ => calls.bare(count),
    }
    Ok(())
}
