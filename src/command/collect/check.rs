//! `collect --check`: tries every host once and says what can be read.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use collector::campaign::{Opener, Trouble};
use collector::hosts::Target;
use telemetry::series::instant;

use crate::failure::{Failure, Outcome};
use crate::printer::Printer;
use crate::progress;
use crate::table::Table;

/// Hosts that are tried at the same time.
const AT_ONCE: usize = 16;

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
    trouble: Option<Trouble>,
}

/// Tries every host and prints a table.
pub fn run(targets: &[Target], opener: &dyn Opener, printer: &Printer) -> Result<Outcome, Failure> {
    let bar = progress::bar(printer, targets.len() as u64, "trying", "hosts");
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(usize, Found)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(targets.len()) {
            scope.spawn(|| {
                while let Some((index, target)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    targets.get(index).map(|target| (index, target))
                } {
                    let one = look(target, opener);
                    bar.inc(1);
                    if let Ok(mut found) = found.lock() {
                        found.push((index, one));
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut found = found.into_inner().unwrap_or_default();
    found.sort_by_key(|(index, _)| *index);
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
        "trouble",
        "hint",
    ]);
    let mut failed = 0;
    for (index, one) in &found {
        failed += usize::from(one.trouble.is_some());
        let trouble = one.trouble.as_ref();
        table.row(vec![
            targets
                .get(*index)
                .map(|target| target.name.clone())
                .unwrap_or_default(),
            if trouble.is_none() { "yes" } else { "no" }.to_string(),
            one.opened_by.clone(),
            one.cores.clone(),
            one.memory.clone(),
            one.disks.clone(),
            one.interfaces.clone(),
            one.filesystems.clone(),
            one.clock.clone(),
            one.missing.join(", "),
            trouble.map(|trouble| trouble.message.clone()).unwrap_or_default(),
            trouble.and_then(|trouble| trouble.hint.clone()).unwrap_or_default(),
        ]);
    }
    printer.data(&table.render(printer.format()))?;
    printer.note(&format!(
        "{} of {} hosts can be read",
        targets.len() - failed,
        targets.len()
    ));
    Ok(if failed == 0 { Outcome::Done } else { Outcome::Partly })
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
