//! Takes the processor time of decoding, signing and calls: `measure [--quick] [--row=ID]... ADDRESS`, where ADDRESS is that of
//! `serve`.

use std::hint::black_box;

use ack_bench::calls::Calls;
use ack_bench::{Row, bodies, compare, interleaved, is_quick, is_some_wanted, is_wanted, signing};
use ack_codec::{Format, decode};
use ack_models::{DescribeClusterNodesResponse, GetUpgradeStatusResponse};
use anyhow::{Context as _, Result, ensure};
use serde::de::DeserializeOwned;

/// What is decoded, and beside what.
const KINDS: [&str; 3] = ["json", "xml", "xml-json"];

fn main() -> Result<()> {
    let address = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let address = address.context("give the address that `serve` printed")?;
    decoding()?;
    growth()?;
    signing_one_request()?;
    calls(&address)
}

/// Measures and prints a row, if it is wanted.
fn row(id: &str, measure: impl FnOnce() -> (f64, f64)) -> Result<()> {
    if !is_wanted(id) {
        return Ok(());
    }
    let (own, peer) = measure();
    Row { id: id.to_owned(), own, peer, unit: "ns" }.print()
}

fn decoding() -> Result<()> {
    if !is_some_wanted(&["decode/"]) {
        return Ok(());
    }
    let status = bodies::status()?;
    decoding_of::<GetUpgradeStatusResponse>("220B", &status.value, &status.json, &status.xml)?;
    let few = bodies::nodes(bodies::FEW_NODES)?;
    decoding_of::<DescribeClusterNodesResponse>("200KB", &few.value, &few.json, &few.xml)?;
    if is_quick() || !KINDS.iter().any(|kind| is_wanted(&format!("decode/{kind}/20MB"))) {
        return Ok(());
    }
    let many = bodies::nodes(bodies::MANY_NODES)?;
    decoding_of::<DescribeClusterNodesResponse>("20MB", &many.value, &many.json, &many.xml)
}

fn decoding_of<T>(size: &str, value: &T, json: &[u8], xml: &[u8]) -> Result<()>
where
    T: DeserializeOwned + PartialEq,
{
    let text = std::str::from_utf8(xml)?;
    let ours_of = |format, body: &[u8]| decode::<T>(format, body);
    ensure!(ours_of(Format::Json, json)? == *value && ours_of(Format::Xml, xml)? == *value, "we read another value");
    ensure!(serde_json::from_slice::<T>(json)? == *value, "serde_json reads another value");
    ensure!(quick_xml::de::from_str::<T>(text)? == *value, "quick-xml reads another value");

    let own_json = || drop(black_box(ours_of(Format::Json, black_box(json))));
    let own_xml = || drop(black_box(ours_of(Format::Xml, black_box(xml))));
    let serde_json = || drop(black_box(serde_json::from_slice::<T>(black_box(json))));
    let quick_xml = || drop(black_box(quick_xml::de::from_str::<T>(black_box(text))));
    row(&format!("decode/json/{size}"), || compare(is_quick(), own_json, serde_json))?;
    row(&format!("decode/xml/{size}"), || compare(is_quick(), own_xml, quick_xml))?;
    row(&format!("decode/xml-json/{size}"), || compare(is_quick(), own_xml, own_json))
}

/// A list of ten times as many nodes, beside the shorter one.
fn growth() -> Result<()> {
    if !is_some_wanted(&["growth/time/"]) {
        return Ok(());
    }
    let (less, more) = if is_quick() { (3, 30) } else { (bodies::MANY_NODES / 10, bodies::MANY_NODES) };
    let (less, more) = (bodies::nodes(less)?, bodies::nodes(more)?);
    for (format, less, more) in [(Format::Json, &less.json, &more.json), (Format::Xml, &less.xml, &more.xml)] {
        let read = |body: &[u8]| drop(black_box(decode::<DescribeClusterNodesResponse>(format, body)));
        row(&format!("growth/time/{format}"), || compare(is_quick(), || read(more), || read(less)))?;
    }
    let read = |body: &[u8]| drop(black_box(serde_json::from_slice::<DescribeClusterNodesResponse>(black_box(body))));
    row("growth/time/serde_json", || compare(is_quick(), || read(&more.json), || read(&less.json)))
}

fn signing_one_request() -> Result<()> {
    let credential = signing::credential();
    let signed = signing::sign(&credential)?;
    let request = signed.canonical_request().unwrap_or_default().as_bytes();
    let text = signed.string_to_sign().unwrap_or_default().as_bytes();
    let own = || drop(black_box(signing::sign(&credential)));
    let peer = || _ = black_box(signing::unavoidable(black_box(request), black_box(text)));
    row("signing", || compare(is_quick(), own, peer))
}

fn calls(address: &str) -> Result<()> {
    if !is_some_wanted(&["call/"]) {
        return Ok(());
    }
    let calls = Calls::to(address)?;
    calls.check()?;
    let client = calls.client()?;
    let own = |count| calls.own(&client, count);
    row("call/reqwest", || interleaved(is_quick(), own, |count| calls.bare(count)))?;
    let plain = calls.builder()?.max_attempts(1).build()?;
    row("call/machinery", || interleaved(is_quick(), own, |count| calls.own(&plain, count)))
}
