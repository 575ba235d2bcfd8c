//! Counts the allocations of decoding: `allocations [--quick] [--row=ID]...`.

use std::alloc::System;
use std::hint::black_box;

use ack_bench::{Row, bodies, is_quick, is_wanted};
use ack_codec::{Format, decode};
use ack_models::{DescribeClusterNodesResponse, GetUpgradeStatusResponse};
use serde::de::DeserializeOwned;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> anyhow::Result<()> {
    let status = bodies::status()?;
    compare::<GetUpgradeStatusResponse>("220B", &status.json)?;
    let few = bodies::nodes(bodies::FEW_NODES)?;
    compare::<DescribeClusterNodesResponse>("200KB", &few.json)?;
    let (less, more) = if is_quick() { (3, 30) } else { (bodies::MANY_NODES / 10, bodies::MANY_NODES) };
    let (less, more) = (bodies::nodes(less)?, bodies::nodes(more)?);
    if !is_quick() {
        compare::<DescribeClusterNodesResponse>("20MB", &more.json)?;
    }
    for (format, less, more) in [(Format::Json, &less.json, &more.json), (Format::Xml, &less.xml, &more.xml)] {
        let id = format!("growth/memory/{format}");
        if !is_wanted(&id) {
            continue;
        }
        let bytes = |body: &[u8]| counted(|| decode::<DescribeClusterNodesResponse>(format, body)).1;
        Row { id, own: bytes(more), peer: bytes(less), unit: "bytes" }.print()?;
    }
    Ok(())
}

fn compare<T: DeserializeOwned>(size: &str, json: &[u8]) -> anyhow::Result<()> {
    let id = format!("allocations/{size}");
    if !is_wanted(&id) {
        return Ok(());
    }
    let own = counted(|| decode::<T>(Format::Json, json)).0;
    let peer = counted(|| serde_json::from_slice::<T>(json)).0;
    Row { id, own, peer, unit: "allocations" }.print()
}

/// Allocations and bytes allocated; a block that grows counts as one more.
fn counted<T>(run: impl Fn() -> T) -> (f64, f64) {
    // What is set up once is not counted.
    drop(run());
    let region = Region::new(ALLOCATOR);
    drop(black_box(run()));
    let change = region.change();
    let allocations = change.allocations + change.reallocations;
    (allocations as f64, change.bytes_allocated as f64)
}
