//! `exporter`: what Prometheus scrapes of the upgrades of a fleet.

mod exposition;
mod metrics;
mod pages;
mod places;
mod server;

use std::net::SocketAddr;

use ack_upgrade::fleet::{FleetEventKind, FleetNews};
use tokio::net::TcpListener;

use self::metrics::Metrics;
use self::server::Limits;
use crate::arguments::ExporterArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

pub(crate) async fn run(arguments: &ExporterArguments, session: &mut Session) -> Result<Exit, Failure> {
    let fleet = session.fleet(&arguments.fleet).await?;
    let listen = arguments.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| cannot_listen(listen, &error))?;
    let address = listener.local_addr().map_err(|error| cannot_listen(listen, &error))?;
    if let Some(warning) = exposure(address) {
        session.note(&warning);
    }
    let mut watch = fleet.watch(arguments.follow.options());
    let metrics =
        Metrics { view: watch.view(), clock: session.clock.clone(), most_upgrades: arguments.max_upgrades.into() };
    session.print(&format!("http://{address}/metrics\n"))?;
    let mut server = Box::pin(server::serve(listener, pages::router(metrics), Limits::default()));
    loop {
        let event = tokio::select! {
            biased;
            () = &mut session.interrupt => {
                session.interrupt_noticed();
                return Ok(Exit::Success);
            }
            never = &mut server => match never {},
            event = watch.next() => event,
        };
        match event {
            // What keeps the numbers from being whole is worth a line; the rest is in the metrics.
            Some(event) => {
                if let FleetEventKind::Fleet(FleetNews::RegionFailed { .. } | FleetNews::RegionRecovered) = event.kind {
                    session.note(&event.to_string());
                }
            }
            None => return Ok(Exit::Success),
        }
    }
}

/// What is to be said of an address that others can reach.
fn exposure(address: SocketAddr) -> Option<String> {
    let is_private = address.ip().to_canonical().is_loopback();
    (!is_private).then(|| {
        format!(
            "warning: {address} can be reached from other machines, and everybody there can read names, versions and states of the \
             clusters: let a firewall or a proxy that asks for a password stand in front"
        )
    })
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::usage(format!("--listen {address} cannot be listened on: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning(address: &str) -> Option<String> {
        exposure(address.parse().unwrap())
    }

    #[test]
    fn addresses_that_others_can_reach_are_warned_of() {
        for address in ["127.0.0.1:9464", "127.9.9.9:1", "[::1]:9464", "[::ffff:127.0.0.1]:9464"] {
            assert_eq!(warning(address), None, "{address}");
        }
        for address in ["0.0.0.0:9464", "[::]:9464", "[::ffff:10.0.0.5]:9464", "192.168.1.5:80"] {
            assert!(
                warning(address).is_some_and(|text| text.starts_with(&format!("warning: {address} can"))),
                "{address}"
            );
        }
        insta::assert_snapshot!(warning("10.0.0.5:9464").unwrap_or_default(), @"warning: 10.0.0.5:9464 can be reached from other machines, and everybody there can read names, versions and states of the clusters: let a firewall or a proxy that asks for a password stand in front");
    }
}
