//! The pages of the manual, one a command, in the language of `man`.
//!
//! They are made from the help, so that the two say the same; exit codes, environment and files are told of on every page.

mod environment;

use std::io;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

use crate::arguments::Arguments;
use crate::exit;

use environment::{FILES, VARIABLES};

const PROGRAM: &str = concat!("ackctl ", env!("CARGO_PKG_VERSION"));
const SECTION: &str = "1";
const APOSTROPHES: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// A page, and the name of its file.
#[derive(Debug)]
pub(crate) struct Page {
    /// Such as `ackctl-upgrade-start.1`.
    pub(crate) file: String,
    pub(crate) text: String,
}

/// The pages of all commands.
pub(crate) fn pages() -> io::Result<Vec<Page>> {
    let mut root = Arguments::command();
    root.build();
    let mut pages = Vec::new();
    collect(&root, &mut pages)?;
    Ok(pages)
}

/// The page of a command, by the words that call it; `None` if there is no such command.
pub(crate) fn page(words: &[String]) -> io::Result<Option<Page>> {
    let mut root = Arguments::command();
    root.build();
    let mut command = &root;
    for word in words {
        match command.find_subcommand(word) {
            Some(below) => command = below,
            None => return Ok(None),
        }
    }
    written(command).map(Some)
}

fn collect(command: &Command, pages: &mut Vec<Page>) -> io::Result<()> {
    pages.push(written(command)?);
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        collect(below, pages)?;
    }
    Ok(())
}

fn name_of(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn written(command: &Command) -> io::Result<Page> {
    let name = name_of(command).to_owned();
    let man = Man::new(command.clone()).section(SECTION);
    // Written by hand, for the library leaves an empty date out, and a date would make each build's pages differ.
    let mut bytes = format!(".TH \"{name}\" \"{SECTION}\" \"\" \"{PROGRAM}\" \"ackctl manual\"\n").into_bytes();
    man.render_name_section(&mut bytes)?;
    synopsis(command).to_writer(&mut bytes)?;
    man.render_description_section(&mut bytes)?;
    man.render_options_section(&mut bytes)?;
    if command.get_subcommands().any(|below| !below.is_hide_set()) {
        man.render_subcommands_section(&mut bytes)?;
    }
    let help = AfterHelp::of(command);
    help.notes().to_writer(&mut bytes)?;
    exit_status(&help.about_exit_codes).to_writer(&mut bytes)?;
    table("ENVIRONMENT", &VARIABLES).to_writer(&mut bytes)?;
    table("FILES", &FILES).to_writer(&mut bytes)?;
    examples(&help.examples).to_writer(&mut bytes)?;
    see_also(command).to_writer(&mut bytes)?;
    // Every section brings what apostrophes need; once is enough.
    let text = String::from_utf8_lossy(&bytes).replace(APOSTROPHES, "");
    Ok(Page { file: format!("{name}.{SECTION}"), text: format!("{APOSTROPHES}{text}") })
}

fn synopsis(command: &Command) -> Roff {
    let usage = command.clone().render_usage().to_string();
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    for (index, line) in usage.trim_start_matches("Usage:").lines().enumerate() {
        if index > 0 {
            roff.control("br", []);
        }
        roff.text([bold(line.trim())]);
    }
    roff
}

/// What the help says behind the options, by what it is about.
#[derive(Default)]
struct AfterHelp {
    examples: Vec<String>,
    about_exit_codes: Vec<String>,
    /// Paragraphs, and lists with the line above them.
    others: Vec<(Option<String>, Vec<String>)>,
}

impl AfterHelp {
    fn of(command: &Command) -> Self {
        let text = command.get_after_long_help().or_else(|| command.get_after_help());
        let text = text.map(ToString::to_string).unwrap_or_default();
        let mut help = Self::default();
        for block in text.split("\n\n") {
            let mut lines = block.lines().map(str::to_owned);
            match lines.next() {
                None => {}
                Some(first) if first == "Examples:" => help.examples = lines.map(|line| unindented(&line)).collect(),
                // The table is on every page.
                Some(first) if first == "Exit codes:" => {}
                Some(first) if first.ends_with(':') => {
                    let lines = lines.map(|line| unindented(&line)).collect();
                    help.others.push((Some(first.trim_end_matches(':').to_owned()), lines));
                }
                Some(_) if block.to_lowercase().contains("exit code") => help.about_exit_codes.push(block.to_owned()),
                Some(_) => help.others.push((None, vec![block.to_owned()])),
            }
        }
        help
    }

    fn notes(&self) -> Roff {
        let mut roff = Roff::new();
        if self.others.is_empty() {
            return roff;
        }
        roff.control("SH", ["NOTES"]);
        for (index, (heading, lines)) in self.others.iter().enumerate() {
            match heading {
                Some(heading) => {
                    roff.control("SS", [heading.as_str()]);
                    verbatim(&mut roff, lines);
                }
                None => {
                    if index > 0 {
                        roff.control("PP", []);
                    }
                    roff.text([roman(lines.join(" "))]);
                }
            }
        }
        roff
    }
}

fn unindented(line: &str) -> String {
    line.strip_prefix("  ").unwrap_or(line).to_owned()
}

fn exit_status(about: &[String]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (index, paragraph) in about.iter().enumerate() {
        if index > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(paragraph.replace('\n', " "))]);
    }
    for (code, meaning) in exit::codes() {
        roff.control("TP", ["5"]);
        roff.text([bold(code)]);
        roff.text([roman(meaning)]);
    }
    roff
}

fn table(heading: &str, rows: &[(&str, &str)]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [heading]);
    for (name, meaning) in rows {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(*meaning)]);
    }
    roff
}

fn examples(lines: &[String]) -> Roff {
    let mut roff = Roff::new();
    if !lines.is_empty() {
        roff.control("SH", ["EXAMPLES"]);
        verbatim(&mut roff, lines);
    }
    roff
}

/// Lines that are not filled, so that they can be copied.
fn verbatim(roff: &mut Roff, lines: &[String]) {
    roff.control("nf", []);
    for line in lines {
        roff.text([roman(line.as_str())]);
    }
    roff.control("fi", []);
}

fn see_also(command: &Command) -> Roff {
    let own = name_of(command);
    let parents = own.match_indices('-').map(|(dash, _)| own[..dash].to_owned());
    let children =
        command.get_subcommands().filter(|below| !below.is_hide_set()).map(|below| name_of(below).to_owned());
    let names: Vec<String> = parents.chain(children).collect();
    let mut roff = Roff::new();
    if names.is_empty() {
        return roff;
    }
    roff.control("SH", ["SEE ALSO"]);
    let mut words = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 < names.len() { ", " } else { "" };
        words.extend([italic(name.as_str()), roman(format!("({SECTION}){comma}"))]);
    }
    roff.text(words);
    roff
}
