//! What a program says about one comparison.

use std::io::Write as _;

use serde::Serialize;

/// One comparison. A program prints one line of JSON for each.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Which one, such as `decode/json/200KB`.
    pub id: String,
    /// Ours, in the unit.
    pub own: f64,
    /// The peer's, in the same unit.
    pub peer: f64,
    /// What both are counted in.
    pub unit: &'static str,
}

impl Row {
    /// Prints it.
    ///
    /// # Errors
    ///
    /// If standard output cannot be written.
    pub fn print(&self) -> anyhow::Result<()> {
        let line = serde_json::to_string(self)?;
        writeln!(std::io::stdout().lock(), "{line}")?;
        Ok(())
    }
}
