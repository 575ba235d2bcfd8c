//! Bodies of answers in a few sizes, made of documented samples.

use ack_codec::{Format, Root, decode, encode};
use ack_models::{DescribeClusterNodesResponse, GetUpgradeStatusResponse};

const STATUS: &[u8] = include_bytes!("../../tests/samples/GetUpgradeStatus.3.json");
const NODES: &[u8] = include_bytes!("../../tests/samples/DescribeClusterNodes.3.json");

/// Nodes that make about 200 KB.
pub const FEW_NODES: usize = 300;
/// Nodes that make about 20 MB.
pub const MANY_NODES: usize = 100 * FEW_NODES;

/// One value in every form it is read from.
#[derive(Clone, Debug)]
pub struct Bodies<T> {
    /// The value itself.
    pub value: T,
    /// Strict JSON, numbers as numbers.
    pub json: Vec<u8>,
    /// XML in a root.
    pub xml: Vec<u8>,
}

/// The status of an upgrade: the answer that is asked for most, some 220 bytes.
///
/// # Errors
///
/// If the sample no longer fits.
pub fn status() -> anyhow::Result<Bodies<GetUpgradeStatusResponse>> {
    let value: GetUpgradeStatusResponse = decode(Format::Json, STATUS)?;
    bodies(value, "GetUpgradeStatusResponse")
}

/// A list of nodes.
///
/// # Errors
///
/// If the sample no longer fits.
pub fn nodes(count: usize) -> anyhow::Result<Bodies<DescribeClusterNodesResponse>> {
    let mut value: DescribeClusterNodesResponse = decode(Format::Json, NODES)?;
    let node = value.nodes.first().cloned().unwrap_or_default();
    value.nodes = (0..count)
        .map(|index| {
            let mut node = node.clone();
            node.instance_id = Some(format!("i-2vcckdmxp7u0urj{index:06}"));
            node.host_name = Some(format!("iZ2vcckdmxp7u0urj{index:06}"));
            node
        })
        .collect();
    bodies(value, "DescribeClusterNodesResponse")
}

fn bodies<T: serde::Serialize>(value: T, root: &str) -> anyhow::Result<Bodies<T>> {
    let json = encode(Format::Json, Root::Fragment, &value)?;
    let xml = encode(Format::Xml, Root::Named(root), &value)?;
    Ok(Bodies { value, json, xml })
}
