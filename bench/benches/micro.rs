//! Criterion's statistics of the small parts: decoding in both formats beside the peers, and signing.

use std::hint::black_box;

use ack_bench::{bodies, signing};
use ack_codec::{Format, decode};
use ack_models::{DescribeClusterNodesResponse, GetUpgradeStatusResponse};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde::de::DeserializeOwned;

fn decoding(criterion: &mut Criterion) {
    let status = bodies::status().expect("the sample fits");
    decoding_of::<GetUpgradeStatusResponse>(criterion, "220B", &status.json, &status.xml);
    let few = bodies::nodes(bodies::FEW_NODES).expect("the sample fits");
    decoding_of::<DescribeClusterNodesResponse>(criterion, "200KB", &few.json, &few.xml);
}

fn decoding_of<T: DeserializeOwned>(criterion: &mut Criterion, size: &str, json: &[u8], xml: &[u8]) {
    let mut group = criterion.benchmark_group("decode");
    let text = std::str::from_utf8(xml).expect("XML is text");
    group.throughput(Throughput::Bytes(json.len() as u64));
    group.bench_function(BenchmarkId::new("json", size), |bencher| {
        bencher.iter(|| decode::<T>(Format::Json, black_box(json)));
    });
    group.bench_function(BenchmarkId::new("serde_json", size), |bencher| {
        bencher.iter(|| serde_json::from_slice::<T>(black_box(json)));
    });
    group.throughput(Throughput::Bytes(xml.len() as u64));
    group.bench_function(BenchmarkId::new("xml", size), |bencher| {
        bencher.iter(|| decode::<T>(Format::Xml, black_box(xml)));
    });
    group.bench_function(BenchmarkId::new("quick-xml", size), |bencher| {
        bencher.iter(|| quick_xml::de::from_str::<T>(black_box(text)));
    });
}

fn signing_one_request(criterion: &mut Criterion) {
    let credential = signing::credential();
    let signed = signing::sign(&credential).expect("the request can be signed");
    let (request, text) = (signed.canonical_request().unwrap_or_default(), signed.string_to_sign().unwrap_or_default());
    let mut group = criterion.benchmark_group("sign");
    group.bench_function("request", |bencher| bencher.iter(|| signing::sign(&credential)));
    group.bench_function("hashes alone", |bencher| {
        bencher.iter(|| signing::unavoidable(black_box(request.as_bytes()), black_box(text.as_bytes())));
    });
}

criterion_group!(benches, decoding, signing_one_request);
criterion_main!(benches);
