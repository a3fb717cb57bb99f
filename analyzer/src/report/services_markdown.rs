//! Services and phases as Markdown.

use std::fmt::Write as _;

use super::amount::total;
use super::shown::shown_in_markdown as text;
use crate::plan::Plan;
use crate::price::Total;
use crate::readiness::Severity;

/// Writes the phases, the services and what blocks them; nothing where no service is known.
pub(super) fn services_markdown(out: &mut String, plan: &Plan) -> std::fmt::Result {
    let Some(phases) = &plan.phases else { return Ok(()) };
    writeln!(out, "\n## Services and phases\n")?;
    writeln!(
        out,
        "| Phase | Hosts on EC2 | Retire | EC2 | Managed services | Together |\n|:--|--:|--:|--:|--:|--:|"
    )?;
    for phase in [&phases.rehost, &phases.replatform] {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            phase.name,
            phase.ec2_hosts,
            phase.retired_hosts.len(),
            text(&total(phase.ec2)),
            text(&total(phase.managed_bill.total)),
            text(&total(phase.total))
        )?;
    }
    writeln!(
        out,
        "\n| Service | Phase | Target | Proposal | A month | Rests on |\n|:--|:--|:--|:--|--:|:--|"
    )?;
    for one in &phases.workloads {
        if let Some(why) = &one.stays_because {
            writeln!(
                out,
                "| {} | – | EC2 | stays: {} | | |",
                text(&one.workload.name),
                text(why)
            )?;
        }
        for part in &one.parts {
            let own = &part.part;
            let cost = own.cost();
            let proposal = match &own.class {
                Some(class) => format!("{} × {}, {}", own.count, class.name, own.deployment),
                None => own.what.clone(),
            };
            writeln!(
                out,
                "| {}/{} | {} | {} | {} | {} | {} |",
                text(&own.host),
                text(&own.service),
                one.moves_in.as_deref().unwrap_or_default(),
                own.target_service,
                text(&proposal),
                text(&total(Total {
                    known: cost.known,
                    unknown_lines: cost.unknown_lines
                })),
                own.evidence().words()
            )?;
        }
    }
    let blockers: Vec<String> = phases
        .workloads
        .iter()
        .flat_map(|one| one.readiness.iter().map(move |finding| (one, finding)))
        .filter(|(_, finding)| finding.severity == Severity::Blocker)
        .map(|(one, finding)| {
            format!(
                "- {}: {} ({}). {}.",
                text(&one.workload.name),
                text(&finding.says),
                text(&finding.evidence),
                text(&finding.remedy)
            )
        })
        .collect();
    if !blockers.is_empty() {
        writeln!(out, "\nBlockers:\n\n{}", blockers.join("\n"))?;
    }
    Ok(())
}
