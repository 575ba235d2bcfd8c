//! `regions`: where the service is.

use ack_client::{Network, published_regions};
use serde::Serialize;

use crate::arguments::OutputFormat;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{columns, json, yaml};
use crate::session::Session;

/// One region, for programs.
#[derive(Serialize)]
struct Entry {
    region: &'static str,
    name: &'static str,
    public: String,
    vpc: String,
}

pub(crate) fn run(session: &Session) -> Result<Exit, Failure> {
    let entries: Vec<Entry> = published_regions()
        .map(|region| Entry {
            region: region.id,
            name: region.name,
            public: region.host(Network::Public),
            vpc: region.host(Network::Vpc),
        })
        .collect();
    let text = match session.output {
        OutputFormat::Table => table(entries, session.stdout.width()),
        OutputFormat::Json => json(&entries)?,
        OutputFormat::Yaml => yaml(&entries)?,
    };
    session.print(&text)?;
    Ok(Exit::Success)
}

/// A table where a line has room, else a paragraph for each region.
fn table(entries: Vec<Entry>, width: Option<u16>) -> String {
    let rows: Vec<[String; 4]> = entries
        .into_iter()
        .map(|Entry { region, name, public, vpc }| [region.to_owned(), name.to_owned(), public, vpc])
        .collect();
    let text = columns(&rows, None);
    let widest = text.lines().map(str::len).max().unwrap_or_default();
    if width.is_none_or(|width| usize::from(width) >= widest) {
        return text;
    }
    let paragraph = |[region, name, public, vpc]: &[String; 4]| format!("{region}  {name}\n  {public}\n  {vpc}\n");
    rows.iter().map(paragraph).collect()
}
