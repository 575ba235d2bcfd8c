//! `emulator`: an emulated ACK for any client on this machine.

use ack_emulator::{AdminAccess, Emulator, EmulatorBuilder, Fault, Scenario, XmlStyle};

use crate::arguments::{EmulatorArguments, XmlShape};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{json, json_line};
use crate::session::Session;
use crate::text_file::{source, text_of};

/// How fast upgrades go if nobody says: a minute in a second.
const TIME_SCALE: f64 = 60.0;
/// What to do where the file of a scenario is not there.
const ABSENT: &str = "name another file, or write one; --print-scenario-schema says what it may hold";

pub(crate) async fn run(arguments: &EmulatorArguments, session: &mut Session) -> Result<Exit, Failure> {
    refuse_endpoint(session, "emulator")?;
    if arguments.print_scenario_schema {
        session.print(&json(&Scenario::json_schema())?)?;
        return Ok(Exit::Success);
    }
    if !arguments.listen.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "--listen {} is not a loopback address: the emulator speaks plain HTTP with known keys, so it serves this machine \
             only; listen on 127.0.0.1 or [::1]",
            arguments.listen
        )));
    }
    let mut emulator = builder(arguments, session)?.start().await?;
    session.print(&json_line(&emulator.announcement())?)?;
    tokio::select! {
        ended = emulator.wait() => ended?,
        () = &mut session.interrupt => emulator.shutdown().await,
    }
    Ok(Exit::Success)
}

/// The settings of the scenario, and over them those of the options.
fn builder(arguments: &EmulatorArguments, session: &mut Session) -> Result<EmulatorBuilder, Failure> {
    let mut builder = Emulator::builder().listen(arguments.listen).time_scale(TIME_SCALE);
    if let Some(file) = &arguments.scenario {
        let text = text_of("--scenario", file, ABSENT, &mut session.stdin)?;
        let scenario: Scenario = text.parse().map_err(|error| {
            wrong(&error, &format!("{} is not a scenario the emulator can use", source("--scenario", file)))
        })?;
        builder = builder.scenario(scenario);
    }
    for text in &arguments.fault {
        let fault: Fault = text.parse().map_err(|error| wrong(&error, &format!("--fault {text} cannot be used")))?;
        builder = builder.fault(fault);
    }
    if let Some(scale) = arguments.time_scale {
        builder = builder.time_scale(scale);
    }
    if let Some(style) = arguments.xml_style {
        builder = builder.xml_style(match style {
            XmlShape::Fragment => XmlStyle::Fragment,
            XmlShape::Rooted => XmlStyle::Rooted,
        });
    }
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    if let Some(region) = &session.global.region {
        builder = builder.region(region);
    }
    if arguments.no_admin {
        builder = builder.admin(AdminAccess::Off);
    }
    Ok(builder)
}

/// Wrong settings, every mistake on a line of its own.
fn wrong(error: &ack_emulator::Error, message: &str) -> Failure {
    Failure { details: error.problems().to_vec(), ..Failure::usage(message) }
}

/// Refuses an endpoint for a command that has its own, instead of leaving it unused without a word.
pub(crate) fn refuse_endpoint(session: &Session, command: &str) -> Result<(), Failure> {
    match &session.global.endpoint {
        None => Ok(()),
        Some(endpoint) => Err(Failure::usage(format!(
            "--endpoint {endpoint} has no use here: `ackctl {command}` runs an emulator of its own; leave it out"
        ))),
    }
}

impl From<ack_emulator::Error> for Failure {
    fn from(error: ack_emulator::Error) -> Self {
        if error.is_invalid_setting() || error.is_not_loopback() {
            Self::usage(error.to_string())
        } else {
            Self::error(error.to_string())
        }
    }
}
