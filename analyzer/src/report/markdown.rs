//! The plan as Markdown: headline, table, retire list, assumptions.
//!
//! Every text that a host or a user chose is escaped, so that no name becomes
//! a heading, a link, HTML or another cell.

use std::fmt::Write as _;

use super::actions::{activity_word, proposal_words, source_words};
use super::amount::{dollars, percent};
use super::basis::basis;
use super::clock::Clock;
use super::comparison::{Comparison, saved_share};
use super::headline::{Headline, difference, headline, verdict};
use super::rows::cost_words;
use super::shown::shown_in_markdown as text;
use crate::plan::Plan;

/// Writes a plan as Markdown.
#[must_use]
pub fn markdown(plan: &Plan) -> String {
    let clock = Clock::of(&plan.assessment);
    let top = headline(plan, &clock);
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(&mut out, plan, &clock, &top);
    out
}

fn write_all(out: &mut String, plan: &Plan, clock: &Clock, top: &Headline) -> std::fmt::Result {
    writeln!(out, "# {}: right-sizing plan\n", text(&top.name))?;
    let window = top
        .window
        .as_ref()
        .map(|window| format!(" Measured {window}."))
        .unwrap_or_default();
    writeln!(
        out,
        "Region {}, planned for {}.{} Times are in {}.\n",
        text(&top.region),
        super::clock::civil_day(plan.planned_on),
        text(&window),
        text(clock.name())
    )?;
    writeln!(out, "{}\n", text(&verdict(plan, &Comparison::of(plan))))?;
    writeln!(out, "| | |\n|:--|:--|")?;
    for figure in &top.figures {
        writeln!(
            out,
            "| **{}** | {} |",
            figure.label,
            text(
                format!(
                    "{} {} {} {}",
                    figure.before,
                    figure.value,
                    figure.after,
                    figure.lines.join("; ")
                )
                .trim()
            )
        )?;
    }
    if !top.warnings.is_empty() || !top.notes.is_empty() {
        writeln!(out, "\n## Before you use it\n")?;
        for warning in top.warnings.iter().chain(&top.notes) {
            writeln!(out, "- {}", text(warning))?;
        }
    }
    recommendations(out, plan, clock)?;
    retire(out, plan)?;
    super::services_markdown::services_markdown(out, plan)?;
    super::scaling_section::scaling_markdown(out, plan)?;
    assumptions(out, plan)
}

fn recommendations(out: &mut String, plan: &Plan, clock: &Clock) -> std::fmt::Result {
    writeln!(out, "\n## Recommendations\n")?;
    if plan.recommendations.is_empty() {
        return writeln!(out, "There is no host in this plan.");
    }
    writeln!(
        out,
        "| Host | Environment | Today | Proposal | USD a month | Against own size | Decided by | Peak | Confidence | |"
    )?;
    writeln!(out, "|:--|:--|:--|:--|--:|--:|:--|:--|--:|:--|")?;
    for row in &plan.recommendations {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            text(&row.host),
            text(&row.environment),
            text(&source_words(row)),
            text(&proposal_words(row)),
            text(&cost_words(row)),
            text(&saved_share(row).map(difference).unwrap_or_default()),
            row.binding_dimension.map_or("", crate::size::Dimension::words),
            text(&row.peak_at_ms.map(|at| clock.minute(at)).unwrap_or_default()),
            percent(row.confidence),
            row.proposal.word()
        )?;
    }
    Ok(())
}

fn retire(out: &mut String, plan: &Plan) -> std::fmt::Result {
    if plan.retire.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Hosts that look unused\n")?;
    writeln!(out, "| Host | | Evidence | Saves a month |\n|:--|:--|:--|--:|")?;
    for host in &plan.retire {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            text(&host.host),
            activity_word(host.activity),
            text(&host.evidence),
            text(&host.saving_usd_per_month.map_or_else(
                || "unknown".to_string(),
                |saving| format!(
                    "{}{}",
                    if host.saving_is_at_least { "at least " } else { "" },
                    dollars(saving)
                )
            ))
        )?;
    }
    Ok(())
}

fn assumptions(out: &mut String, plan: &Plan) -> std::fmt::Result {
    let basis = basis(plan);
    writeln!(out, "\n## Assumptions\n")?;
    for (name, value) in &basis.catalog {
        writeln!(out, "- {name}: {}", text(value))?;
    }
    for policy in &basis.policies {
        writeln!(
            out,
            "- Policy of {}: rule {}; {}; {}; {}; storage {}",
            text(&policy.environment),
            text(&policy.rule),
            text(&policy.headroom),
            policy.cap,
            text(&policy.types),
            text(&policy.storage)
        )?;
    }
    for (words, hosts) in basis.equivalences.iter().chain(&basis.assumed) {
        writeln!(out, "- {} ({})", text(words), text(hosts))?;
    }
    for (finding, rows) in &basis.quality {
        writeln!(out, "- Odd rows, {finding}: {rows}")?;
    }
    for origin in &basis.origins {
        writeln!(
            out,
            "- Data: {} ({}) {}",
            text(&origin.id),
            text(&origin.kind),
            text(&origin.sources)
        )?;
    }
    writeln!(
        out,
        "- Prices are for orientation; what AWS bills is what counts. Made by {}.",
        text(&basis.program)
    )
}
