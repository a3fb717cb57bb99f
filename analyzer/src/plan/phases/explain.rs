//! Why this class: the proof of one workload as text.

use std::fmt::Write as _;

use telemetry::untrusted::for_terminal;

use super::{PlannedPart, PlannedWorkload};
use crate::managed::Cost;
use crate::plan::Plan;
use crate::plan::explain::{dollars, write_runway};
use crate::size::number;

/// Writes the screen of the workloads that a word names: `host/service`, a service's name, or a product.
///
/// Nothing when none is named so. The text holds no control characters but line ends.
#[must_use]
pub fn explain_service(plan: &Plan, word: &str) -> Option<String> {
    let phases = plan.phases.as_ref()?;
    let exact = |one: &&PlannedWorkload| {
        one.workload.name == word
            || one
                .workload
                .nodes
                .iter()
                .any(|node| format!("{}/{}", node.host, node.service) == word)
    };
    let by_product = |one: &&PlannedWorkload| {
        one.workload.product == word || one.workload.nodes.iter().any(|node| node.service == word)
    };
    let mut named: Vec<&PlannedWorkload> = phases.workloads.iter().filter(exact).collect();
    if named.is_empty() {
        named = phases.workloads.iter().filter(by_product).collect();
    }
    if named.is_empty() {
        return None;
    }
    let mut out = String::new();
    for (at, one) in named.into_iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        // Writing to a String cannot fail.
        let _ = screen(&mut out, plan, one);
    }
    Some(out)
}

/// Says in a line each where the services of a host go, and whether the host retires.
#[must_use]
pub fn lines_of_host(plan: &Plan, host: &str) -> Vec<String> {
    let Some(phases) = &plan.phases else { return Vec::new() };
    let mut lines: Vec<String> = phases
        .of_host(host)
        .map(|one| {
            let name = &one.workload.name;
            match &one.stays_because {
                Some(why) => format!("{name} stays on EC2: {why}"),
                None => format!(
                    "{name} goes to {} in phase {}; see `sizewright explain {name}`",
                    one.workload.target.words(),
                    one.moves_in.as_deref().unwrap_or("?")
                ),
            }
        })
        .collect();
    for phase in [&phases.rehost, &phases.replatform] {
        if phase.retired_hosts.iter().any(|gone| gone == host) {
            lines.push(format!(
                "the host retires in phase {}: nothing is left on it",
                phase.name
            ));
            break;
        }
    }
    for one in phases.remaining.iter().filter(|one| one.host == host) {
        let becomes = match one.row.as_deref().and_then(|row| row.instance_type.as_deref()) {
            Some(name) => format!("in phase {} {name} is enough: {}", one.phase, one.words),
            None => format!("in phase {}: {}", one.phase, one.words),
        };
        lines.push(becomes);
    }
    if let Some(staying) = phases
        .staying
        .get(host)
        .filter(|staying| !staying.is_empty() && !lines.is_empty())
    {
        lines.push(format!("on EC2 stays {}", staying.join(", ")));
    }
    lines
}

fn screen(out: &mut String, plan: &Plan, one: &PlannedWorkload) -> std::fmt::Result {
    let workload = &one.workload;
    writeln!(
        out,
        "{} — {}, {}",
        for_terminal(&workload.name),
        for_terminal(&workload.product),
        for_terminal(&workload.environment)
    )?;
    let nodes: Vec<String> = workload
        .nodes
        .iter()
        .map(|node| {
            let version = node
                .version
                .as_deref()
                .map(|version| format!(" {version}"))
                .unwrap_or_default();
            let role = node
                .role
                .map_or(String::new(), |role| format!(", {role:?}").to_lowercase());
            let clients = match node.serves_clients {
                Some(false) => ", serves nobody but its cluster",
                _ => "",
            };
            format!("{}{version}{role}{clients}", node.host)
        })
        .collect();
    writeln!(out, "  nodes      {}", for_terminal(&nodes.join("; ")))?;
    writeln!(out, "  one since  {}", for_terminal(&workload.formed_because))?;
    if !workload.companions.is_empty() {
        let names: Vec<String> = workload
            .companions
            .iter()
            .map(|(host, name)| format!("{host}/{name}"))
            .collect();
        writeln!(out, "  with it go {}", for_terminal(&names.join(", ")))?;
    }
    match &one.stays_because {
        Some(why) => writeln!(out, "  stays      {}", for_terminal(why))?,
        None => writeln!(
            out,
            "  goes to    {} in phase {}",
            workload.target.words(),
            one.moves_in.as_deref().unwrap_or("?")
        )?,
    }
    for part in &one.parts {
        self::part(out, plan, part)?;
    }
    if !one.runways.is_empty() {
        writeln!(out, "\nWhen the proposal runs out")?;
        for runway in &one.runways {
            write_runway(out, runway)?;
        }
    }
    if !one.others.is_empty() {
        writeln!(out, "\nOther ways, each with its own bill")?;
        for other in &one.others {
            writeln!(
                out,
                "  {:<26} {}: {}; {}",
                other.name,
                money(&other.cost()),
                for_terminal(&other.what),
                for_terminal(&other.remark)
            )?;
        }
    }
    if !one.readiness.is_empty() {
        writeln!(out, "\nReadiness")?;
        for finding in &one.readiness {
            writeln!(out, "  {:<8} {}", finding.severity.word(), for_terminal(&finding.says))?;
            writeln!(out, "  {:<8} seen: {}", "", for_terminal(&finding.evidence))?;
            writeln!(out, "  {:<8} do: {}", "", for_terminal(&finding.remedy))?;
            writeln!(
                out,
                "  {:<8} source: {} ({})",
                "",
                for_terminal(&finding.source),
                finding.as_of
            )?;
        }
    }
    let phases = plan.phases.iter();
    for transfer in phases
        .flat_map(|phases| &phases.transfers)
        .filter(|one| one.workload == workload.name)
    {
        let hours = transfer
            .hours
            .map_or("unknown hours".to_string(), |hours| format!("{} hours", number(hours)));
        writeln!(out, "\nMove: {hours}; {}", for_terminal(&transfer.words))?;
        writeln!(out, "  by {}", for_terminal(&transfer.tool))?;
        if let Some(class) = &transfer.dms_class {
            let price = transfer.dms_usd_per_hour.map_or_else(
                || "of unknown price in this region".to_string(),
                |price| format!("USD {} an hour", price.as_decimal().normalize()),
            );
            writeln!(out, "  DMS replication server {class}, {price}")?;
        }
    }
    for (title, list) in [("Also", &one.notes), ("Assumed", &one.assumed)] {
        for (at, words) in list.iter().enumerate() {
            let title = if at == 0 { title } else { "" };
            writeln!(
                out,
                "{}  {title:<8} {}",
                if at == 0 { "\n" } else { "" },
                for_terminal(words)
            )?;
        }
    }
    Ok(())
}

fn part(out: &mut String, plan: &Plan, planned: &PlannedPart) -> std::fmt::Result {
    let part = &planned.part;
    let class = part.class.as_ref();
    let what = class.map_or_else(
        || part.what.clone(),
        |class| {
            format!(
                "{} × {} ({} vCPU, {} GiB, {})",
                part.count,
                class.name,
                class.vcpu,
                number(class.memory_gib),
                class.architecture.as_deref().unwrap_or("?")
            )
        },
    );
    writeln!(
        out,
        "\n{} {} on {}/{}: {what}, {}, in {}",
        part.target_service,
        part.what,
        for_terminal(&part.host),
        for_terminal(&part.service),
        part.deployment,
        plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region)
    )?;
    writeln!(
        out,
        "  proposal   {}: {} a month",
        planned.proposal.word(),
        money(&part.cost())
    )?;
    writeln!(out, "  because    {}", for_terminal(&part.reason))?;
    writeln!(
        out,
        "  confidence {:.2}{}",
        planned.confidence,
        if planned.confidence_reason.is_empty() {
            String::new()
        } else {
            format!(": {}", for_terminal(&planned.confidence_reason))
        }
    )?;
    writeln!(out, "  Needs and what the class offers")?;
    for need in &part.needs {
        let offered = class
            .and_then(|class| class.offers.get(&need.ask))
            .map_or(String::new(), |offered| format!(", offers {}", number(*offered)));
        writeln!(
            out,
            "    {:<18} {} {}{offered}; {}: {}",
            need.ask.words(),
            number(need.amount),
            need.ask.unit(),
            need.from.words(),
            for_terminal(&need.formula)
        )?;
    }
    if !part.rejected.is_empty() {
        writeln!(out, "  Nearest cheaper classes and what each lacks")?;
        for one in &part.rejected {
            let lacks: Vec<String> = one.lacks.iter().map(ToString::to_string).collect();
            writeln!(out, "    {:<22} {}", one.name, lacks.join("; "))?;
        }
    }
    writeln!(out, "  Bill, a month")?;
    for line in &part.lines {
        let price = line.unit_price.map_or_else(
            || "unknown".to_string(),
            |price| format!("{}", price.as_decimal().normalize()),
        );
        let how = match (line.method, line.as_of) {
            (Some(method), Some(month)) => format!(", {method} {month}"),
            _ => String::new(),
        };
        writeln!(
            out,
            "    {:>12}  {} × {price} per {}{how}: {}",
            line.amount.map_or("?".to_string(), |amount| format!(
                "{:.2}",
                amount.rounded_to_cents().as_decimal()
            )),
            line.quantity.normalize(),
            line.unit,
            for_terminal(&line.item)
        )?;
    }
    Ok(())
}

fn money(cost: &Cost) -> String {
    match (cost.whole(), cost.unknown_lines) {
        (Some(whole), _) => dollars(whole),
        (None, lines) if cost.known == crate::money::UsdPerMonth::ZERO => format!("unknown ({lines} lines)"),
        (None, lines) => format!("at least {} ({lines} of unknown price)", dollars(cost.known)),
    }
}
