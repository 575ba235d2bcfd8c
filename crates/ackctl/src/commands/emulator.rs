//! `emulator`: an emulated ACK for any client on this machine.

use ack_emulator::{Emulator, XmlStyle};

use crate::arguments::{EmulatorArguments, XmlShape};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::json_line;
use crate::session::Session;

pub(crate) async fn run(arguments: &EmulatorArguments, session: &mut Session) -> Result<Exit, Failure> {
    refuse_endpoint(session, "emulator")?;
    let style = match arguments.xml_style {
        XmlShape::Fragment => XmlStyle::Fragment,
        XmlShape::Rooted => XmlStyle::Rooted,
    };
    let mut builder = Emulator::builder().listen(arguments.listen).time_scale(arguments.time_scale).xml_style(style);
    if let Some(region) = &session.global.region {
        builder = builder.region(region);
    }
    let mut emulator = builder.start().await?;
    session.print(&json_line(&emulator.announcement())?)?;
    tokio::select! {
        ended = emulator.wait() => ended?,
        () = &mut session.interrupt => emulator.shutdown().await,
    }
    Ok(Exit::Success)
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
