//! What a plan of phases says, as text for a golden file.

use std::fmt::Write as _;

use sizewright_analyzer::plan::phases::Phases;

/// What a person reads of both phases, in a few lines a workload.
pub fn told(phases: &Phases) -> String {
    let mut text = String::new();
    for one in &phases.workloads {
        writeln!(
            text,
            "{} ({} nodes, {})",
            one.workload.name,
            one.workload.nodes.len(),
            one.workload.environment
        )
        .unwrap();
        if let Some(why) = &one.stays_because {
            writeln!(text, "  stays: {why}").unwrap();
        }
        for part in &one.parts {
            let own = &part.part;
            let class = own.class.as_ref().map_or("-", |class| class.name.as_str());
            let cost = own.cost();
            writeln!(
                text,
                "  {} {}: {} × {class} {}, USD {} and {} unknown",
                own.target_service,
                own.what,
                own.count,
                own.deployment,
                cost.known.rounded_to_cents().as_decimal(),
                cost.unknown_lines
            )
            .unwrap();
            writeln!(text, "    {}", own.reason).unwrap();
            for need in &own.needs {
                writeln!(
                    text,
                    "    {}: {:.2} {} from {}",
                    need.ask,
                    need.amount,
                    need.ask.unit(),
                    need.from.words()
                )
                .unwrap();
            }
        }
        for other in &one.others {
            let cost = other.cost();
            writeln!(
                text,
                "  or {}: {}, USD {} and {} unknown",
                other.name,
                other.what,
                cost.known.rounded_to_cents().as_decimal(),
                cost.unknown_lines
            )
            .unwrap();
        }
    }
    for phase in [&phases.rehost, &phases.replatform] {
        writeln!(
            text,
            "{}: USD {} and {} unknown; {} hosts on EC2, {} parts, retired: {}",
            phase.name,
            phase.total.known.rounded_to_cents().as_decimal(),
            phase.total.unknown_lines,
            phase.ec2_hosts,
            phase.managed_parts,
            phase.retired_hosts.join(" ")
        )
        .unwrap();
    }
    for line in &phases.differences {
        writeln!(
            text,
            "{} {}",
            line.usd_per_month.rounded_to_cents().as_decimal(),
            line.words
        )
        .unwrap();
    }
    text
}
