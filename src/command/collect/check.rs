//! `collect --check`: tries every host once and says what can be read.

use collector::campaign::{Opener, Reacher, Trouble};
use collector::hosts::Target;
use telemetry::series::instant;
use telemetry::untrusted::for_terminal;

use crate::cli::Format;
use crate::command::reach;
use crate::failure::{Failure, Outcome};
use crate::printer::Printer;
use crate::table::{Table, wrapped};

/// A clock that differs by more seconds is told; rates do not depend on it.
const CLOCK_DIFFERS_S: i64 = 5;

/// What was found of one host.
#[derive(Default)]
struct Found {
    opened_by: String,
    cores: String,
    memory: String,
    disks: String,
    interfaces: String,
    filesystems: String,
    clock: String,
    missing: Vec<String>,
    remarks: Vec<String>,
    trouble: Option<Trouble>,
}

/// Tries every host and prints a table.
pub fn run(targets: &[Target], reacher: &Reacher<'_>, printer: &Printer) -> Result<Outcome, Failure> {
    let found = reach::each(targets, reacher, printer, &|target| look(target, reacher))?;
    let looked: Vec<(&str, &Found)> = targets
        .iter()
        .zip(&found)
        .map(|(target, one)| (target.name.as_str(), one))
        .collect();
    let failed = looked.iter().filter(|(_, one)| one.trouble.is_some()).count();
    printer.data(&match printer.format() {
        Format::Table => for_people(&looked),
        format => everything(&looked).render(format),
    })?;
    for (host, one) in looked.iter().filter(|(_, one)| !one.opened_by.is_empty()) {
        printer.detail(&format!("{host}: opened by {}", one.opened_by));
    }
    printer.note(&format!(
        "{} of {} hosts can be read",
        targets.len() - failed,
        targets.len()
    ));
    Ok(if failed == 0 { Outcome::Done } else { Outcome::Partly })
}

/// Gives all that was found, for programs.
fn everything(looked: &[(&str, &Found)]) -> Table {
    let mut table = Table::new(&[
        "host",
        "reached",
        "opened by",
        "#cores",
        "#memory GiB",
        "disks",
        "interfaces",
        "file systems",
        "clock",
        "cannot be read",
        "remarks",
        "trouble",
        "hint",
    ]);
    for (host, one) in looked {
        let trouble = one.trouble.as_ref();
        table.row(vec![
            (*host).to_string(),
            one.reached().to_string(),
            one.opened_by.clone(),
            one.cores.clone(),
            one.memory.clone(),
            one.disks.clone(),
            one.interfaces.clone(),
            one.filesystems.clone(),
            one.clock.clone(),
            one.missing.join(", "),
            one.remarks.join("; "),
            trouble.map(|trouble| trouble.message.clone()).unwrap_or_default(),
            trouble.and_then(|trouble| trouble.hint.clone()).unwrap_or_default(),
        ]);
    }
    table
}

/// Gives a table that fits on a screen, and below it what is to be said of single hosts.
fn for_people(looked: &[(&str, &Found)]) -> String {
    let mut table = Table::new(&[
        "host",
        "reached",
        "#cores",
        "#memory GiB",
        "disks",
        "interfaces",
        "file systems",
    ]);
    let mut talk = String::new();
    for (host, one) in looked {
        table.row(vec![
            (*host).to_string(),
            one.reached().to_string(),
            one.cores.clone(),
            one.memory.clone(),
            one.disks.clone(),
            one.interfaces.clone(),
            one.filesystems.clone(),
        ]);
        let mut said = Vec::new();
        if let Some(trouble) = &one.trouble {
            said.push(trouble.message.clone());
            said.extend(trouble.hint.as_ref().map(|hint| format!("hint: {hint}")));
        }
        if !one.missing.is_empty() {
            said.push(format!("cannot be read: {}", one.missing.join(", ")));
        }
        said.extend(one.remarks.iter().cloned());
        if !said.is_empty() {
            talk.push_str(&format!("\n{}\n", for_terminal(host)));
        }
        for text in said {
            talk.push_str(&wrapped(&for_terminal(&text), "    ", usize::from(super::WIDTH)));
        }
    }
    table.render_within(Format::Table, super::WIDTH) + &talk
}

impl Found {
    fn reached(&self) -> &'static str {
        if self.trouble.is_none() { "yes" } else { "no" }
    }
}

fn look(target: &Target, opener: &dyn Opener) -> Found {
    let mut found = Found::default();
    let visited = opener.visit(target, &mut |feed| {
        let opened = feed.opened_by();
        found.opened_by = opened.server;
        let layout = feed.layout()?;
        let parsed = feed.read(&layout, true)?;
        let reading = parsed.reading;
        found.cores = reading.online_cpus.map(|cores| cores.to_string()).unwrap_or_default();
        let gibibytes = |bytes: u64| format!("{:.1}", bytes as f64 / telemetry::units::GIBIBYTE);
        found.memory = reading
            .memory
            .map(|memory| gibibytes(memory.total_bytes))
            .unwrap_or_default();
        found.disks = names(reading.disks.iter().map(|disk| disk.device.as_str()));
        found.interfaces = names(reading.interfaces.iter().map(|interface| interface.interface.as_str()));
        found.clock = layout
            .clock_s
            .and_then(|seconds| instant(seconds.checked_mul(1000)?))
            .map(|at| at.to_string())
            .unwrap_or_default();
        found.remarks.extend(layout.caveat());
        if let Some(ahead_s) = layout
            .clock_s
            .map(|clock_s| clock_s.saturating_sub(super::now_ms() / 1000))
            && ahead_s.abs() > CLOCK_DIFFERS_S
        {
            found
                .remarks
                .push(format!("its clock is {ahead_s} s from this machine's"));
        }
        found.missing = layout.unreadable.clone();
        found.missing.extend(parsed.complaints.iter().map(ToString::to_string));
        let filesystems = feed.filesystems(&layout)?;
        found.filesystems = names(filesystems.iter().map(|filesystem| filesystem.mount.as_str()));
        Ok(())
    });
    found.trouble = visited.err();
    found
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(" ")
}
