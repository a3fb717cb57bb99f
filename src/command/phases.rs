//! The data tier on managed services: adds the two phases to a plan and sums them up on the screen.

use analyzer::managed::Evidence;
use analyzer::money::UsdPerMonth;
use analyzer::plan::Plan;
use analyzer::plan::explain::dollars;
use analyzer::plan::phases::{Difference, Phase, PhaseInputs, Phases, PlannedWorkload, add_phases};
use analyzer::price::Total;
use analyzer::profile::HostProfile;
use analyzer::service::{ServiceReader, StatedService, stated_services};
use telemetry::untrusted::for_terminal;
use telemetry::{Inventory, Store};

use crate::cli::Format;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::table::Table;

/// Differences that the screen shows; the plan has all.
const SHOWN_DIFFERENCES: usize = 12;

/// Adds the two phases.
pub fn add(
    plan: &mut Plan,
    profiles: &[HostProfile],
    inventory: &Inventory,
    store: &Store,
    folder: &Folder,
) -> Result<(), Failure> {
    let stated = stated(folder)?;
    let reader = ServiceReader::open(store)?;
    let inputs = PhaseInputs {
        catalog: folder.catalog()?,
        profiles,
        inventory,
        stated: &stated,
        read: &|hosts| reader.used(hosts),
    };
    Ok(add_phases(plan, &inputs)?)
}

/// Reads services.toml; without the file nothing is stated.
pub fn stated(folder: &Folder) -> Result<Vec<StatedService>, Failure> {
    let path = folder.path("services.toml");
    match std::fs::read_to_string(&path) {
        Ok(text) => stated_services(&text)
            .map_err(|error| Failure::user(error).while_trying(format!("cannot use `{}`", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Failure::user(error).while_trying(format!("cannot read `{}`", path.display()))),
    }
}

/// Says a sum in words.
pub fn words(total: &Total) -> String {
    let at_least = if total.is_at_least() { "at least " } else { "" };
    format!("{at_least}{}", dollars(total.known))
}

/// Sums the phases up on a screen.
pub fn summary(phases: &Phases) -> String {
    let mut text = String::from("\nServices, each on the managed service that takes its place:\n");
    text.push_str(&table(phases).render(Format::Table));
    text.push('\n');
    for phase in [&phases.rehost, &phases.replatform] {
        text.push_str(&phase_line(phase));
    }
    text.push_str("From rehost to replatform, a month:\n");
    let mut differences: Vec<_> = phases.differences.iter().collect();
    let size = |line: &Difference| line.usd_per_month.as_decimal().abs();
    differences.sort_by(|one, other| {
        size(other)
            .cmp(&size(one))
            .then_with(|| one.subject.cmp(&other.subject))
    });
    for line in differences.into_iter().take(SHOWN_DIFFERENCES) {
        let amount = line.usd_per_month.rounded_to_cents().as_decimal();
        let unknown = match line.unknown_lines {
            0 => String::new(),
            lines => format!(" and {lines} of unknown price"),
        };
        text.push_str(&format!("  {amount:>12}{unknown}  {}\n", for_terminal(&line.words)));
    }
    if phases.differences.len() > SHOWN_DIFFERENCES {
        text.push_str(&format!(
            "  … and {} more; all are in plan.json\n",
            phases.differences.len() - SHOWN_DIFFERENCES
        ));
    }
    text
}

fn phase_line(phase: &Phase) -> String {
    format!(
        "phase {}: {} a month ({} for {} hosts on EC2, {} for {} parts of managed services); {} hosts retire\n",
        phase.name,
        words(&phase.total),
        words(&phase.ec2),
        phase.ec2_hosts,
        words(&phase.managed_bill.total),
        phase.managed_parts,
        phase.retired_hosts.len(),
    )
}

fn short(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::OwnCounters => "own counters",
        Evidence::ProcessGroup => "process group",
        Evidence::WholeHost => "whole host",
        Evidence::Assumed => "assumption",
    }
}

fn table(phases: &Phases) -> Table {
    let mut table = Table::new(&[
        "service",
        "nodes",
        "phase",
        "target",
        "proposal",
        "deployment",
        "#USD/month",
        "binding",
        "rests on",
        "#confidence",
    ]);
    for one in &phases.workloads {
        rows(one, &mut table);
    }
    table
}

fn rows(one: &PlannedWorkload, table: &mut Table) {
    let nodes = one.workload.nodes.len().to_string();
    if let Some(why) = &one.stays_because {
        table.row(vec![
            one.workload.name.clone(),
            nodes,
            "-".to_string(),
            "ec2".to_string(),
            "stays".to_string(),
            String::new(),
            String::new(),
            why.split([':', ';', ',', '(']).next().unwrap_or(why).trim().to_string(),
            String::new(),
            String::new(),
        ]);
        return;
    }
    for part in &one.parts {
        let own = &part.part;
        let cost = own.cost();
        let at_least = if cost.unknown_lines > 0 { ">=" } else { "" };
        let name = if one.parts.len() > 1 {
            format!("{}/{} ({})", own.host, own.service, own.what)
        } else {
            one.workload.name.clone()
        };
        table.row(vec![
            name,
            nodes.clone(),
            one.moves_in.clone().unwrap_or_default(),
            own.target_service.clone(),
            match &own.class {
                Some(class) => format!("{} x {}", own.count, class.name),
                None => own.what.clone(),
            },
            own.deployment.clone(),
            match (cost.known == UsdPerMonth::ZERO, cost.unknown_lines) {
                (true, 1..) => "?".to_string(),
                _ => format!("{at_least}{:.2}", cost.known.rounded_to_cents().as_decimal()),
            },
            own.binding_words().unwrap_or("-").to_string(),
            short(own.evidence()).to_string(),
            format!("{:.2}", part.confidence),
        ]);
    }
}
