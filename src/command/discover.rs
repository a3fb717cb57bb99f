//! `discover`: one look at every host of hosts.toml: facts, services, dependencies.

use std::sync::Mutex;

use analyzer::inventory::{EstateSheet, HostSheet};
use collector::campaign::{Opener as _, Trouble};
use collector::discovery::flows::Tally;
use collector::discovery::visit::{Manner, Visited, visit};
use collector::hosts::Target;
use telemetry::Inventory;
use telemetry::inventory::{self, Fact};

use super::collect::now_ms;
use super::reach;
use crate::cli::{Discover, Format};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;
use crate::table::Table;

/// Columns that the table for people is made for.
const WIDTH: u16 = 120;

/// What came of one host.
struct Looked {
    visited: Option<Visited>,
    trouble: Option<Trouble>,
}

/// Looks at the hosts, adds what was found to inventory/, prints a line per host.
pub fn run(flags: &Discover, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    if let Some(form) = flags.graph {
        super::graph::print(form, folder, printer)?;
        return Ok(Outcome::Done);
    }
    let assessment = folder.assessment()?;
    let (targets, _) = reach::targets(flags.hosts.as_ref(), &flags.only, folder, printer)?;
    let fingerprints = folder.fingerprints()?;
    // Read before the long work, so that damage is told at once.
    let known = folder.inventory()?;
    let secrets = reach::asking();
    let reacher = reach::reacher(flags.accept_new.clone().map(reach::at_home), &secrets);
    if flags.benchmark {
        printer.note(
            "the benchmark loads one core of each host for about three seconds at the lowest priority, one host after the other",
        );
    }
    let one_at_a_time = Mutex::new(());
    let manner = Manner {
        fingerprints: &fingerprints,
        keep_arguments: !flags.no_arguments,
        benchmark: flags.benchmark.then_some(&one_at_a_time),
    };
    let looked = reach::each(&targets, &reacher, printer, &|target| {
        let mut visited = None;
        let ended = reacher.visit(target, &mut |feed| {
            visited = Some(visit(&target.name, feed, manner, &now_ms)?);
            Ok(())
        });
        Looked {
            visited,
            trouble: ended.err(),
        }
    })?;
    let found = found(&targets, &looked, &known);
    let inventory = inventory::add(&folder.path("inventory"), found)?;
    let failed = tell(&targets, &looked, printer);
    let mut text = table(&targets, &looked, &inventory, printer.format());
    if printer.format() == Format::Table {
        text.push_str(&super::graph::screen(&super::graph::map(&assessment, folder)?, printer));
    }
    printer.data(&text)?;
    printer.note(&format!(
        "looked at {} of {} hosts; the inventory is in {}",
        targets.len() - failed,
        targets.len(),
        folder.path("inventory").display()
    ));
    Ok(if failed == 0 { Outcome::Done } else { Outcome::Partly })
}

/// Puts together what the hosts said; hosts known from before lend their addresses.
fn found(targets: &[Target], looked: &[Looked], known: &Inventory) -> Inventory {
    let mut found = Inventory::default();
    let mut tally = Tally::default();
    let known_facts = known.current_facts();
    for fact in &known_facts {
        know_addresses(&mut tally, fact);
    }
    for (target, one) in targets.iter().zip(looked) {
        let Some(visited) = &one.visited else { continue };
        for fact in &visited.facts {
            know_addresses(&mut tally, fact);
        }
        tally.add(&target.name, &visited.look);
        found.facts.extend(visited.facts.iter().cloned());
        found.services.extend(visited.services.iter().cloned());
    }
    let mut services = found.services.clone();
    services.extend(
        known
            .current_services()
            .into_iter()
            .filter(|service| !targets.iter().any(|target| target.name == service.host))
            .cloned(),
    );
    found.dependencies = tally.dependencies(&services);
    found
}

fn know_addresses(tally: &mut Tally, fact: &Fact) {
    if fact.name != "interface.addresses" && fact.name != "network.addresses" {
        return;
    }
    for address in fact.value.split(' ') {
        if let Ok(address) = address.split('/').next().unwrap_or_default().parse() {
            tally.know(&fact.host, address, fact.learnt.last_at_ms);
        }
    }
}

/// Says what failed and what is missing; gives how many hosts failed.
fn tell(targets: &[Target], looked: &[Looked], printer: &Printer) -> usize {
    let mut failed = 0;
    for (target, one) in targets.iter().zip(looked) {
        match (&one.trouble, &one.visited) {
            (Some(trouble), None) => {
                failed += 1;
                printer.warning(&format!("{}: {}", target.name, trouble.message));
                if let Some(hint) = &trouble.hint {
                    printer.hint(hint);
                }
            }
            (_, Some(visited)) => {
                if let Some(outcome) = &visited.benchmark {
                    printer.note(&format!("{}: benchmark: {outcome}", target.name));
                }
                for gap in &visited.gaps {
                    printer.detail(&format!("{}: {gap}", target.name));
                }
            }
            (None, None) => {}
        }
    }
    failed
}

fn table(targets: &[Target], looked: &[Looked], inventory: &Inventory, format: Format) -> String {
    let estate = EstateSheet::of(inventory);
    let nothing = HostSheet::default();
    let for_people = format == Format::Table;
    let mut table = Table::new(if for_people {
        &[
            "host",
            "system",
            "machine",
            "#CPUs",
            "#memory GiB",
            "#disk GiB",
            "services",
        ]
    } else {
        &[
            "host",
            "reached",
            "system",
            "kernel",
            "architecture",
            "machine",
            "model",
            "CPU model",
            "#sockets",
            "#cores",
            "#CPUs",
            "#memory GiB",
            "#disk GiB",
            "addresses",
            "network mounts",
            "services",
            "benchmark",
            "gaps",
            "trouble",
            "hint",
        ]
    });
    let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
    let gibibytes = |value: Option<f64>| value.map(|value| format!("{value:.1}")).unwrap_or_default();
    for (target, one) in targets.iter().zip(looked) {
        let sheet = estate.host(&target.name).unwrap_or(&nothing);
        let services: Vec<String> = sheet.services.iter().map(super::inventory::service_words).collect();
        let trouble = one.trouble.as_ref().filter(|_| one.visited.is_none());
        let mut cells = vec![target.name.clone()];
        if !for_people {
            cells.push(if trouble.is_none() { "yes" } else { "no" }.to_string());
        }
        cells.push(sheet.os.clone().unwrap_or_default());
        if !for_people {
            cells.push(sheet.kernel.clone().unwrap_or_default());
            cells.push(sheet.architecture.clone().unwrap_or_default());
        }
        cells.push(sheet.kind.clone().unwrap_or_default());
        if !for_people {
            cells.push(sheet.model.clone().unwrap_or_default());
            cells.push(sheet.cpu_model.clone().unwrap_or_default());
            cells.push(number(sheet.sockets));
            cells.push(number(sheet.cores));
        }
        cells.push(number(sheet.threads));
        cells.push(gibibytes(sheet.memory_gib()));
        cells.push(gibibytes(sheet.disk_gib()));
        if !for_people {
            cells.push(sheet.addresses.join(" "));
            cells.push(sheet.network_mounts.join("; "));
        }
        cells.push(services.join(", "));
        if !for_people {
            let benchmark = one.visited.as_ref().and_then(|visited| visited.benchmark.as_ref());
            cells.push(benchmark.map(ToString::to_string).unwrap_or_default());
            let gaps = one.visited.as_ref().map(|visited| visited.gaps.join("; "));
            cells.push(gaps.unwrap_or_default());
            cells.push(trouble.map(|trouble| trouble.message.clone()).unwrap_or_default());
            cells.push(trouble.and_then(|trouble| trouble.hint.clone()).unwrap_or_default());
        }
        table.row(cells);
    }
    table.render_within(format, WIDTH)
}
