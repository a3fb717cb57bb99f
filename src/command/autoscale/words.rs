//! What `autoscale` prints: tables for people, JSON for programs.

use analyzer::money::UsdPerMonth;
use analyzer::plan::Plan;
use analyzer::plan::explain::dollars;
use analyzer::plan::scaling::{GroupScaling, NightRest, Scaling};
use analyzer::scale::{Outcome, Proposal, StaticReason, Tried, per_month};
use telemetry::untrusted::for_terminal;

use super::Shown;
use crate::cli::Format;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::table::Table;

/// Columns that tables are made for; what is longer stands in several lines.
const WIDTH: u16 = 140;

/// Sums scaling up in the lines of a plan.
pub fn summary(scaling: &Scaling) -> String {
    let mut text = String::new();
    let moving: Vec<&GroupScaling> = scaling.groups.iter().filter(|group| group.scales()).collect();
    if !moving.is_empty() {
        let hosts: usize = moving.iter().map(|group| group.hosts).sum();
        let saving: UsdPerMonth = moving.iter().filter_map(|group| group.saving_usd_per_month()).sum();
        let words = if saving >= UsdPerMonth::ZERO {
            format!("save {} a month against their rows", dollars(saving))
        } else {
            format!(
                "cost {} a month more than their rows, and bear the loss of a zone",
                dollars(UsdPerMonth::ZERO - saving)
            )
        };
        text.push_str(&format!(
            "{} of {} groups would scale ({hosts} hosts) and {words}: see `sizewright autoscale`\n",
            moving.len(),
            scaling.groups.len()
        ));
    }
    let nights: UsdPerMonth = scaling
        .nights
        .iter()
        .filter_map(|night| night.saving_usd_per_month)
        .sum();
    if nights > UsdPerMonth::ZERO {
        let hosts = scaling.nights.iter().filter(|night| night.hours.is_some()).count();
        text.push_str(&format!(
            "{hosts} hosts outside production are not needed day and night; stopping them saves {} a month\n",
            dollars(nights)
        ));
    }
    text
}

/// Prints all groups of a plan, what does not scale, nights and databases.
pub(super) fn estate(plan: &Plan, scaling: &Scaling, printer: &Printer) -> Result<(), Failure> {
    if printer.format() == Format::Json {
        let json = serde_json::to_string_pretty(scaling).map_err(Failure::internal)?;
        return printer.data(&format!("{json}\n"));
    }
    let mut table = Table::new(&[
        "group",
        "environment",
        "#hosts",
        "type",
        "policy",
        "#min",
        "#max",
        "#USD/month",
        "#static",
        "#rows",
        "#short %",
        "#busy %",
        "because",
    ]);
    for group in &scaling.groups {
        table.row(row(group));
    }
    let format = printer.format();
    let mut text = table.render_within(format, WIDTH);
    if format == Format::Table {
        text.push_str(
            "\nUSD/month: compute as replayed on the half that no policy was fitted on; static: the smallest fixed size that meets\n\
             the same goal; rows: the plan's rows of the same hosts, each sized alone. None of the three is added to another.\n",
        );
        text.push_str(&others(plan, scaling));
    }
    printer.data(&text)
}

fn row(group: &GroupScaling) -> Vec<String> {
    let mut cells = vec![
        group.group.name.clone(),
        group.group.environment.clone(),
        group.hosts.to_string(),
    ];
    let Some(proposal) = &group.proposal else {
        cells.extend(["-", "undecided", "", "", "", ""].map(str::to_string));
        cells.extend([money(group.rehost_usd_per_month), String::new(), String::new()]);
        cells.push(group.undecided_because.clone().unwrap_or_default());
        return cells;
    };
    let policy = &proposal.selection.chosen.policy;
    let held_out = &proposal.selection.chosen.held_out;
    cells.extend([
        proposal.instance_type.clone(),
        policy.words(),
        policy.minimum.to_string(),
        policy.maximum.to_string(),
        money(Some(proposal.usd_per_month)),
        money(proposal.static_usd_per_month),
        money(group.rehost_usd_per_month),
        percent(held_out.short_share()),
        format!("{:.0}", held_out.mean_utilisation() * 100.0),
        proposal
            .selection
            .static_because
            .as_ref()
            .map_or_else(|| proposal.selection.kind.words().to_string(), StaticReason::words),
    ]);
    cells
}

fn others(plan: &Plan, scaling: &Scaling) -> String {
    let mut text = String::new();
    if !scaling.alone.is_empty() {
        text.push_str(&format!("\n{} hosts do not scale out:\n", scaling.alone.len()));
        let mut table = Table::new(&["host", "because"]);
        for alone in &scaling.alone {
            table.row(vec![alone.host.clone(), alone.because.clone()]);
        }
        text.push_str(&table.render_within(Format::Table, WIDTH));
    }
    let rests: Vec<&NightRest> = scaling.nights.iter().filter(|night| night.hours.is_some()).collect();
    if !rests.is_empty() {
        text.push_str(&format!(
            "\nHosts outside production that are not needed day and night (times in {}):\n",
            plan.assessment.time_zone
        ));
        let mut table = Table::new(&[
            "host",
            "environment",
            "needed",
            "#saves USD/month",
            "#hours worked outside",
        ]);
        for night in rests {
            let Some(hours) = &night.hours else { continue };
            table.row(vec![
                night.host.clone(),
                night.environment.clone(),
                hours.words(),
                money(night.saving_usd_per_month),
                format!("{} of {}", hours.worked_outside, hours.hours),
            ]);
        }
        text.push_str(&table.render_within(Format::Table, WIDTH));
    }
    if !scaling.databases.is_empty() {
        text.push_str("\nData services that AWS would scale:\n");
        let mut table = Table::new(&[
            "host",
            "service",
            "offer",
            "proposal",
            "#USD/month",
            "#without scaling",
            "because",
        ]);
        for one in &scaling.databases {
            table.row(vec![
                one.host.clone(),
                one.service.clone(),
                one.offer.clone(),
                one.proposal.clone().unwrap_or_else(|| "no".to_string()),
                money(one.usd_per_month),
                money(one.provisioned_usd_per_month),
                one.because.clone(),
            ]);
        }
        text.push_str(&table.render_within(Format::Table, WIDTH));
    }
    text
}

/// Prints one group's replay.
pub(super) fn group(shown: &Shown, printer: &Printer) -> Result<(), Failure> {
    let group = &shown.scaling;
    match printer.format() {
        Format::Json => {
            let json = match &shown.requests {
                Some(requests) => serde_json::to_string_pretty(requests),
                None => serde_json::to_string_pretty(group),
            };
            printer.data(&format!("{}\n", json.map_err(Failure::internal)?))
        }
        Format::Table => {
            let mut text = heading(shown);
            match &group.proposal {
                Some(proposal) => {
                    text.push_str(&proposed(group, proposal));
                    text.push_str(&compared(proposal).render_within(Format::Table, WIDTH));
                    text.push_str(&sizes(proposal));
                }
                None => text.push_str(&format!(
                    "  undecided  {}\n",
                    for_terminal(group.undecided_because.as_deref().unwrap_or_default())
                )),
            }
            for warning in &group.warnings {
                text.push_str(&format!("  note       {}\n", for_terminal(warning)));
            }
            printer.data(&text)
        }
        format => {
            let table = group
                .proposal
                .as_ref()
                .map_or_else(|| Table::new(&["policy"]), compared);
            printer.data(&table.render(format))
        }
    }
}

fn heading(shown: &Shown) -> String {
    let group = &shown.scaling;
    let mut text = format!(
        "{} — {}, {} hosts\n  because    {}\n",
        for_terminal(&group.group.name),
        for_terminal(&group.group.environment),
        group.hosts,
        for_terminal(&group.group.because)
    );
    if !group.group.hosts.is_empty() {
        text.push_str(&format!(
            "  hosts      {}\n",
            for_terminal(&group.group.hosts.join(", "))
        ));
    }
    if let Some(requests) = &shown.requests {
        let how = requests.learnt.as_ref().map_or("as given".to_string(), |cost| {
            format!(
                "learnt from {} common minutes; requests explain {:.0} % of the CPU, {:.2} cores run without any",
                cost.minutes,
                cost.explained * 100.0,
                cost.idle_cores
            )
        });
        text.push_str(&format!(
            "  requests   a core serves {:.1} a second ({how})\n",
            requests.requests_per_core_second
        ));
        if let Some(full) = requests.requests_per_target_minute {
            text.push_str(&format!(
                "  watched    requests, as the load balancer counts them: {full:.0} a minute keep an instance fully busy\n"
            ));
        }
    }
    if let (Some(mean), Some(crest)) = (group.mean_cores, group.crest_cores) {
        text.push_str(&format!(
            "  load       {:.1} days, mean {mean:.2} busy cores, P99.9 {crest:.2}",
            group.days
        ));
        if let Some(sum) = group.sum_of_crests_cores {
            text.push_str(&format!(" (the hosts' own P99.9 add up to {sum:.2})"));
        }
        text.push('\n');
    }
    text
}

fn proposed(group: &GroupScaling, proposal: &Proposal) -> String {
    let selection = &proposal.selection;
    let (policy, held_out) = (&selection.chosen.policy, &selection.chosen.held_out);
    let mut text = format!(
        "  proposal   {} ({} vCPU, {} GiB), {}, {} to {} instances in {} zones: {} a month\n",
        proposal.instance_type,
        proposal.vcpu,
        proposal.memory_gib,
        policy.words(),
        policy.minimum,
        policy.maximum,
        proposal.fleet.zones,
        dollars(proposal.usd_per_month),
    );
    if let Some(because) = &selection.static_because {
        text.push_str(&format!("  static     because {}\n", because.words()));
    }
    text.push_str(&format!("  kind       {}\n", selection.kind.words()));
    let zone = if selection.goal.survives_zone_loss {
        " with any zone lost"
    } else {
        ""
    };
    text.push_str(&format!(
        "  goal       at most {} % of minutes short{zone}; foretold {} %, came {} % (without a zone {} %), longest {} min\n",
        percent(selection.goal.short_share),
        percent(foretold(selection.goal.survives_zone_loss, &selection.chosen.fitted)),
        percent(held_out.short_share()),
        percent(held_out.short_without_a_zone_share()),
        held_out.longest_short_minutes,
    ));
    text.push_str(&format!("  spot       {}\n", spot(group, proposal)));
    if let Some(target) = proposal.predictive_target_percent {
        text.push_str(&format!(
            "  predictive AWS forecasts hourly means, so its target is {target:.0} %\n"
        ));
    }
    text.push_str(&format!(
        "  replay     {} policies on {:.0} sizes; fitted on the first half, these figures are of the second:\n\n",
        selection.candidates,
        1 + proposal.others.len()
    ));
    text
}

fn foretold(survives_zone_loss: bool, fitted: &Outcome) -> f64 {
    if survives_zone_loss {
        fitted.short_without_a_zone_share()
    } else {
        fitted.expected_short_share()
    }
}

fn spot(group: &GroupScaling, proposal: &Proposal) -> String {
    let replayed = &proposal.interrupted;
    let what = format!(
        "with {:.0} % spot and a zone's taken back at each day's busiest minute: short {} %, longest {} min",
        replayed.spot_share * 100.0,
        percent(replayed.short_share),
        replayed.longest_short_minutes
    );
    let what = match &group.with_spot {
        Some(with) => format!(
            "{what}; about {} a month instead of {} at the spot price of {} (USD {} an hour, for its order of magnitude)",
            dollars(with.usd_per_month),
            dollars(proposal.usd_per_month),
            with.as_of,
            with.spot_usd_per_hour.as_decimal()
        ),
        None => format!("{what}; no spot price of {} is known", proposal.instance_type),
    };
    match (group.spot_share() > 0.0, group.tolerates_interruption) {
        (true, _) => format!("half of what is above the minimum may be; {what}"),
        (false, true) => format!("none: the replayed interruptions break the goal; {what}"),
        (false, false) => format!("none unless `tolerates_interruption` is said of the group; {what}"),
    }
}

/// The policies side by side, on the half that none was fitted on.
fn compared(proposal: &Proposal) -> Table {
    let mut table = Table::new(&[
        "policy",
        "#USD/month",
        "#x oracle",
        "#short %",
        "#no zone %",
        "#longest min",
        "#unserved %",
        "#actions/day",
        "#busy %",
    ]);
    let selection = &proposal.selection;
    let oracle = &selection.oracle.1;
    let mut add = |name: String, outcome: &Outcome| {
        table.row(vec![
            name,
            money(Some(per_month(proposal.price_usd_per_hour, outcome))),
            format!("{:.2}", outcome.unit_minutes as f64 / oracle.unit_minutes.max(1) as f64),
            percent(outcome.short_share()),
            percent(outcome.short_without_a_zone_share()),
            outcome.longest_short_minutes.to_string(),
            format!("{:.3}", outcome.unserved_share() * 100.0),
            format!("{:.1}", outcome.actions_per_day()),
            format!("{:.0}", outcome.mean_utilisation() * 100.0),
        ]);
    };
    let name = |prefix: &str, tried: &Tried| format!("{prefix}{}", tried.policy.words());
    add(name("chosen: ", &selection.chosen), &selection.chosen.held_out);
    if let Some(fixed) = &selection.best_static {
        add(name("same goal: ", fixed), &fixed.held_out);
    }
    for (words, tried) in &selection.known {
        add(format!("{words} ({})", tried.policy.maximum), &tried.held_out);
    }
    add("per-minute oracle".to_string(), oracle);
    table
}

fn sizes(proposal: &Proposal) -> String {
    let mut text = String::from("\nOther sizes with the policy that suits each, by what they cost on the first half\n");
    let mut table = Table::new(&[
        "type",
        "#zones",
        "#first half USD/month",
        "#second half",
        "#short %",
        "policy",
    ]);
    for other in proposal.others.iter().chain(&proposal.other_architecture) {
        let beside = proposal
            .other_architecture
            .as_ref()
            .is_some_and(|beside| beside == other);
        let remark = if beside { " (not allowed by the policy)" } else { "" };
        table.row(vec![
            format!("{}{remark}", other.instance_type),
            other.zones.to_string(),
            money(Some(other.fitted_usd_per_month)),
            money(Some(other.usd_per_month)),
            percent(other.short_share),
            other.policy.clone(),
        ]);
    }
    text.push_str(&table.render_within(Format::Table, WIDTH));
    if proposal.unsearched > 0 {
        text.push_str(&format!(
            "{} more sizes suit; the least that they could cost, exactly what each minute needs, is more\n",
            proposal.unsearched
        ));
    }
    text.push('\n');
    text
}

fn money(amount: Option<UsdPerMonth>) -> String {
    amount.map_or("?".to_string(), |amount| {
        format!("{:.2}", amount.rounded_to_cents().as_decimal())
    })
}

fn percent(share: f64) -> String {
    format!("{:.2}", share * 100.0)
}
