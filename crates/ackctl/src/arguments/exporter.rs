//! The arguments of `ackctl exporter`.

use std::net::SocketAddr;

use clap::Args;

use super::fleet::{FleetArguments, FleetFollowArguments};

#[derive(Debug, Args)]
pub(crate) struct ExporterArguments {
    /// Address and port to serve the metrics on, over plain HTTP and without a password
    #[arg(long, default_value = "127.0.0.1:9464", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,

    /// Of how many upgrades that are going on there are series of their own, at most
    #[arg(long, default_value_t = 500, value_name = "NUMBER")]
    pub(crate) max_upgrades: u16,

    #[command(flatten)]
    pub(crate) fleet: FleetArguments,

    #[command(flatten)]
    pub(crate) follow: FleetFollowArguments,
}

pub(crate) const EXAMPLES: &str = "\
Examples:
  ackctl exporter --region cn-hangzhou --rate 20
  ackctl exporter --listen 127.0.0.1:9464 --account production --account staging
  curl http://127.0.0.1:9464/metrics

Exit code 0 means that it was interrupted, 2 that it cannot listen or has no keys, 1 any other error.";
