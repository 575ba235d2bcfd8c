//! `exporter`: what Prometheus scrapes of the upgrades of a fleet.

mod metrics;
mod places;

use std::future::IntoFuture as _;
use std::net::SocketAddr;

use ack_upgrade::fleet::{FleetEventKind, FleetNews};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use self::metrics::{CONTENT_TYPE, Metrics};
use crate::arguments::ExporterArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

pub(crate) async fn run(arguments: &ExporterArguments, session: &mut Session) -> Result<Exit, Failure> {
    let fleet = session.fleet(&arguments.fleet).await?;
    let listen = arguments.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| cannot_listen(listen, &error))?;
    let address = listener.local_addr().map_err(|error| cannot_listen(listen, &error))?;
    if !address.ip().is_loopback() {
        session.note(&format!(
            "warning: {address} can be reached from other machines, and everybody there can read names, versions and states of the \
             clusters: let a firewall or a proxy that asks for a password stand in front"
        ));
    }
    let mut watch = fleet.watch(arguments.follow.options());
    let metrics =
        Metrics { view: watch.view(), clock: session.clock.clone(), most_upgrades: arguments.max_upgrades.into() };
    let router = Router::new()
        .route("/", get(|| async { "metrics are at /metrics\n" }))
        .route("/metrics", get(scrape))
        .with_state(metrics);
    session.print(&format!("http://{address}/metrics\n"))?;
    let mut server = Box::pin(axum::serve(listener, router).into_future());
    loop {
        let event = tokio::select! {
            biased;
            () = &mut session.interrupt => {
                session.interrupt_noticed();
                return Ok(Exit::Success);
            }
            ended = &mut server => return match ended {
                Ok(()) => Ok(Exit::Success),
                Err(error) => Err(Failure::error(format!("metrics cannot be served any more: {error}"))),
            },
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

async fn scrape(State(metrics): State<Metrics>) -> Response {
    match metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::usage(format!("--listen {address} cannot be listened on: {error}"))
}
