//! One host's proof on one screen, as text.
//!
//! Demand per dimension with the peak's minute, the requirement with its
//! formula and numbers, the chosen type, the nearest cheaper ones and what
//! each lacked, arm64, the volumes, and what was measured and assumed.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use telemetry::untrusted::for_terminal;

use super::bought::bought;
use super::outlook::Runway;
use super::row::{Alternative, Recommendation};
use super::{Plan, Proposal};
use crate::catalog::commitment::Upfront;
use crate::money::{HOURS_PER_MONTH, UsdPerMonth};
use crate::price::purchase::Rate;
use crate::profile::BusiestHour;
use crate::size::{Requirement, Storage, number};

/// Gives the hosts of the plan that a mistyped name may have meant, best first.
#[must_use]
pub fn nearest_hosts(plan: &Plan, typed: &str) -> Vec<String> {
    let hosts = || plan.recommendations.iter().map(|row| row.host.as_str());
    let near = crate::catalog::names::nearest(typed, hosts());
    if !near.is_empty() {
        return near;
    }
    let wanted = typed.to_lowercase();
    let within = |host: &&str| {
        let host = host.to_lowercase();
        !wanted.is_empty() && (host.contains(&wanted) || wanted.contains(&host))
    };
    hosts().filter(within).take(5).map(ToString::to_string).collect()
}

/// Writes the screen of one host; nothing when the plan has no such host.
///
/// The text holds no control characters but line ends, whatever the host is called.
#[must_use]
pub fn explain(plan: &Plan, host: &str) -> Option<String> {
    let row = plan.recommendations.iter().find(|row| row.host == host)?;
    let zone = plan.assessment.zone().unwrap_or(TimeZone::UTC);
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_screen(&mut out, plan, row, &zone);
    Some(out)
}

fn write_screen(out: &mut String, plan: &Plan, row: &Recommendation, zone: &TimeZone) -> std::fmt::Result {
    let group = row
        .proof
        .group
        .as_ref()
        .map(|group| format!(", group {}", for_terminal(group)))
        .unwrap_or_default();
    writeln!(
        out,
        "{} — {}{group}",
        for_terminal(&row.host),
        for_terminal(&row.environment)
    )?;
    writeln!(out, "  today      {}", source_words(row))?;
    let proposed = match (&row.instance_type, row.price_usd_per_hour) {
        (Some(name), Some(price)) => format!(
            "{name} ({} vCPU, {} GiB, {}) in {}, {} a month + storage {}",
            row.vcpu.unwrap_or(0),
            number(row.memory_gib.unwrap_or(0.0)),
            row.architecture.as_deref().unwrap_or("?"),
            row.region,
            dollars(price.per_month()),
            row.storage_usd_per_month.map_or("unknown".to_string(), dollars),
        ),
        _ => "nothing".to_string(),
    };
    writeln!(out, "  proposal   {}: {proposed}", row.proposal.word())?;
    writeln!(out, "  because    {}", for_terminal(&row.reason))?;
    writeln!(
        out,
        "  confidence {:.2}: {}",
        row.confidence,
        for_terminal(&row.confidence_reason)
    )?;
    if let Some(remedy) = row.proof.confidence.remedy() {
        writeln!(out, "  would help {remedy}")?;
    }
    if row.proposal == Proposal::Undecided {
        writeln!(out, "  the size shown is the present one; it is no recommendation")?;
    }

    for line in plan.scaling.iter().filter_map(|scaling| scaling.of_host(&row.host)) {
        writeln!(out, "  scaling    {}", for_terminal(&line))?;
    }

    for line in super::phases::lines_of_host(plan, &row.host) {
        writeln!(out, "  service    {}", for_terminal(&line))?;
    }

    writeln!(out, "\nDemand and requirement (rule {})", row.rule)?;
    for requirement in &row.proof.requirements {
        writeln!(
            out,
            "  {:<22} {}",
            requirement.dimension.words(),
            for_terminal(&requirement.formula)
        )?;
        writeln!(out, "  {:<22} {}", "", bounds(requirement, zone))?;
    }
    if row.proof.censored > 0 {
        writeln!(
            out,
            "  CPU was at its ceiling in {} intervals: true demand there is at least what is shown",
            row.proof.censored
        )?;
    }
    writeln!(
        out,
        "  CPU equivalence        {}",
        for_terminal(&row.proof.cpu_equivalence.words())
    )?;
    if let Some(naive) = row.cpu_demand_cores
        && let Some([low, likely, high]) = row.proof.cpu_equivalence.in_m7i(naive)
    {
        writeln!(
            out,
            "  {:<22} {} source cores are {} vCPU of m7i ({} to {}); counted one for one they would be {}",
            "",
            number(naive),
            number(likely),
            number(low),
            number(high),
            number(naive)
        )?;
    }
    if let Some(hour) = &row.proof.busiest_hour {
        writeln!(out, "  busiest hour           {}", hour_words(hour, row, zone))?;
    }
    if row.proof.is_saturated {
        writeln!(
            out,
            "  saturated              CPU ran at 90 % of what the host has or more for over 1 % of the time: more may have been wanted"
        )?;
    }
    if let Some(risk) = &row.proof.risk {
        writeln!(out, "\nRisk of the proposal")?;
        for line in risk.lines() {
            writeln!(out, "  {line}")?;
        }
    }

    if let Some(on_credits) = &row.proof.on_credits {
        writeln!(out, "\nOn CPU credits")?;
        let risk = plan.policies.get(&row.environment).map_or(0.0, |policy| policy.risk);
        for line in on_credits.lines(risk) {
            writeln!(out, "  {line}")?;
        }
    }
    if let Some(why) = &row.proof.no_credits_since {
        writeln!(out, "\nOn CPU credits\n  not considered: {}", for_terminal(why))?;
    }

    writeln!(out, "\nCheaper types that were rejected, nearest first")?;
    if row.proof.rejected.is_empty() {
        writeln!(out, "  none: nothing the policy allows is cheaper")?;
    }
    for rejected in &row.proof.rejected {
        let lacks = rejected
            .shortfalls
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ");
        writeln!(
            out,
            "  {:<16} {:>3} vCPU {:>7} GiB {:>10}  {lacks}",
            rejected.instance_type,
            rejected.vcpu,
            number(rejected.memory_gib),
            dollars(rejected.price_usd_per_hour.per_month()),
        )?;
    }

    writeln!(out, "\nAlternatives, a month")?;
    match &row.proof.arm64 {
        Some(arm64) => writeln!(out, "  arm64      {}", alternative(arm64))?,
        None if row.architecture.as_deref() == Some("arm64") => writeln!(out, "  arm64      is proposed")?,
        None => writeln!(out, "  arm64      no type fits")?,
    }
    if let Some(as_is) = &row.proof.as_is {
        writeln!(
            out,
            "  as it is   {} ({} vCPU, {} GiB) {}",
            as_is.instance_type,
            as_is.vcpu,
            number(as_is.memory_gib),
            dollars(as_is.price_usd_per_hour.per_month())
        )?;
    }
    if let (Some(current), Some(cost)) = (&row.proof.current_type, row.proof.current_usd_per_month) {
        writeln!(out, "  today      {} {}", for_terminal(current), dollars(cost))?;
    }

    write_runways(out, plan, row)?;
    write_purchases(out, plan, row)?;
    write_storage(out, row)?;
    writeln!(out, "\nMeasured: {}", row.proof.measured.join(", "))?;
    writeln!(
        out,
        "  from {} to {} ({})",
        when(row.proof.first_at_ms, zone),
        when(row.proof.last_at_ms, zone),
        plan.assessment.time_zone
    )?;
    let odd = row.proof.quality.findings();
    if !odd.is_empty() {
        let words: Vec<String> = odd.iter().map(|(name, count)| format!("{count} {name}")).collect();
        writeln!(out, "  odd: {}", words.join(", "))?;
    }
    if row.proof.assumed.is_empty() {
        writeln!(out, "Assumed: nothing")?;
    } else {
        writeln!(out, "Assumed:")?;
        for words in &row.proof.assumed {
            writeln!(out, "  {}", for_terminal(words))?;
        }
    }
    writeln!(
        out,
        "Prices: catalog {} of {} to {}, {}",
        plan.catalog.id,
        plan.catalog.prices_oldest,
        plan.catalog.prices_newest,
        plan.catalog.age_words(),
    )?;
    for file in &plan.catalog.price_lists {
        writeln!(out, "  from price list {}", for_terminal(file))?;
    }
    Ok(())
}

/// Writes when CPU, memory and disks run out.
fn write_runways(out: &mut String, plan: &Plan, row: &Recommendation) -> std::fmt::Result {
    let Some(host) = plan.outlook.as_ref().and_then(|outlook| outlook.of_host(&row.host)) else {
        return Ok(());
    };
    if host.runways.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nWhen the proposal runs out, by {} days of history", host.days)?;
    for runway in &host.runways {
        write_runway(out, runway)?;
    }
    Ok(())
}

/// Writes when one thing runs out.
pub(super) fn write_runway(out: &mut String, runway: &Runway) -> std::fmt::Result {
    let day = |day: Option<jiff::civil::Date>| day.map_or("not within ten years".to_string(), |day| day.to_string());
    let interval = if runway.has_interval {
        format!("80 %: {} to {}", day(runway.early), day(runway.late))
    } else {
        "no interval: the fleet's history is too short".to_string()
    };
    let assumed = if runway.basis == "data" { "" } else { "; an assumption" };
    writeln!(
        out,
        "  {:<22} {}, {} of {} {} used today ({interval}{assumed})",
        for_terminal(&runway.what),
        day(runway.likely),
        number(runway.used),
        number(runway.capacity),
        runway.unit,
    )
}

/// Writes the ways to buy the row, cheapest last of each kind; of reservations and plans those without anything upfront.
fn write_purchases(out: &mut String, plan: &Plan, row: &Recommendation) -> std::fmt::Result {
    let Some(purchases) = &plan.purchases else {
        return Ok(());
    };
    let bought = bought(plan, &row.phase);
    let Some(of) = bought
        .iter()
        .find(|one| one.host == row.host)
        .and_then(|one| purchases.of_row(one))
    else {
        return Ok(());
    };
    let hours = Decimal::from(HOURS_PER_MONTH) * Decimal::from(row.instance_count);
    writeln!(
        out,
        "\nWays to buy the compute, a month (all are in plan/purchase_options.csv)"
    )?;
    for option in &of.options {
        let upfront = option.kind.commitment().map_or(Upfront::None, |(_, upfront)| upfront);
        match &option.rate {
            Rate::Known(rate) if upfront == Upfront::None => writeln!(
                out,
                "  {:<46} {:>10}  {}",
                option.kind.words(),
                dollars(UsdPerMonth::from_decimal(
                    rate.effective_usd_per_hour.as_decimal() * hours
                )),
                rate.method
            )?,
            Rate::Unknown(missing) if upfront == Upfront::None => {
                writeln!(out, "  {:<46} {:>10}  {missing}", option.kind.words(), "unknown")?;
            }
            _ => {}
        }
    }
    if let Some(licensed) = purchases.licensed.iter().find(|licensed| licensed.host == row.host) {
        let cost = licensed.usd_per_month.map_or("unknown".to_string(), dollars);
        writeln!(
            out,
            "  beside it a licence of {} ({}): {cost} a month from AWS, {}; or bring your own",
            licensed.license.code(),
            for_terminal(&licensed.system),
            licensed.because
        )?;
    }
    Ok(())
}

fn write_storage(out: &mut String, row: &Recommendation) -> std::fmt::Result {
    writeln!(out, "\nVolumes")?;
    match &row.proof.storage {
        Storage::Unknown { reason, .. } => writeln!(out, "  unknown: {reason}"),
        Storage::Known(volumes) => {
            for volume in volumes {
                let performance = match (volume.provisioned_iops, volume.provisioned_mib_per_second) {
                    (Some(iops), Some(throughput)) => format!(", {iops} IOPS, {throughput} MiB/s"),
                    (Some(iops), None) => format!(", {iops} IOPS"),
                    _ => String::new(),
                };
                writeln!(
                    out,
                    "  {} {} GiB{performance} {} for {} (now {} GiB with {} in use)",
                    volume.kind,
                    volume.need.size_gib,
                    dollars(volume.per_month()),
                    for_terminal(&volume.need.mounts.join(", ")),
                    number(volume.need.source_gib),
                    number(volume.need.used_gib),
                )?;
            }
            Ok(())
        }
    }
}

fn source_words(row: &Recommendation) -> String {
    let vcpus = row
        .source_vcpu
        .map_or("? CPUs".to_string(), |vcpus| format!("{vcpus:.0} CPUs"));
    let memory = row
        .source_memory_gib
        .map_or("? GiB".to_string(), |gib| format!("{} GiB", number(gib)));
    format!("{vcpus}, {memory}")
}

/// Writes the busiest hour with what it would have been on the proposal.
fn hour_words(hour: &BusiestHour, row: &Recommendation, zone: &TimeZone) -> String {
    // The hour begins an interval before the end of its first one.
    let from = when(hour.at_ms - (row.proof.interval_s * 1000.0) as i64, zone);
    let offered = row
        .vcpu
        .zip(row.cpu_equivalence)
        .map(|(vcpu, each)| f64::from(vcpu) * each);
    let share = offered.filter(|cores| *cores > 0.0).map_or(String::new(), |cores| {
        format!(", {:.0} % of the proposal", hour.mean / cores * 100.0)
    });
    format!(
        "from {from}: {} cores on average{share}, {} at its highest",
        number(hour.mean),
        number(hour.highest)
    )
}

fn bounds(requirement: &Requirement, zone: &TimeZone) -> String {
    let show = |value: f64| number(requirement.dimension.show(value));
    let unit = requirement.dimension.unit();
    let range = format!(
        "low {}, target {}, high {} {unit}",
        show(requirement.low),
        show(requirement.target),
        show(requirement.high)
    );
    match (requirement.peak, requirement.peak_at_ms) {
        (Some(peak), Some(at)) => format!("{range}; peak {} at {}", show(peak), when(at, zone)),
        _ => format!("{range}; assumed, not measured"),
    }
}

fn alternative(alternative: &Alternative) -> String {
    let saving = alternative.saving_usd_per_month;
    let words = if saving >= UsdPerMonth::ZERO {
        format!("saves {}", dollars(saving))
    } else {
        format!("costs {} more", dollars(UsdPerMonth::ZERO - saving))
    };
    format!(
        "{} ({} vCPU, {} GiB) {}, {words}; {}",
        alternative.instance_type,
        alternative.vcpu,
        number(alternative.memory_gib),
        dollars(alternative.price_usd_per_hour.per_month()),
        alternative.remark
    )
}

/// Writes an amount as `USD 1,234.50`.
#[must_use]
pub fn dollars(amount: UsdPerMonth) -> String {
    let text = format!("{:.2}", amount.rounded_to_cents().as_decimal());
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut grouped = String::new();
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}USD {grouped}.{cents}")
}

/// Writes an instant as people say it, such as `Fri 15 May 2026 02:41`, in the zone.
#[must_use]
pub fn when(at_ms: i64, zone: &TimeZone) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(
        |_| "?".to_string(),
        |instant| {
            instant
                .to_zoned(zone.clone())
                .strftime("%a %-d %b %Y %H:%M")
                .to_string()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    #[test]
    fn amounts_have_groups_of_three() {
        assert_eq!(
            dollars(UsdPerMonth::from_decimal(Decimal::new(123_456_789, 2))),
            "USD 1,234,567.89"
        );
        assert_eq!(
            dollars(UsdPerMonth::from_decimal(Decimal::new(-99_950, 2))),
            "-USD 999.50"
        );
        assert_eq!(dollars(UsdPerMonth::ZERO), "USD 0.00");
    }
}
