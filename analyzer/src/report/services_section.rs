//! The report's part on services: two phases, a section a workload with its charts, readiness, waves, zones.

use rayon::prelude::*;
use serde::Serialize;
use telemetry::untrusted::for_file_name;

use super::amount::{count, percent, total};
use super::chart::{Capacity, Drawing, GanttBar, TimeSeries, Track, gantt, phase_bars, time_series};
use super::host_section::Picture;
use super::shown::{shown, shown_text};
use crate::managed::{Ask, Cost};
use crate::plan::phases::{Phases, PlannedWorkload, REPLATFORM, Remaining};
use crate::plan::{Plan, Recommendation};
use crate::price::Total;
use crate::size::number;

/// Everything shown of services.
#[derive(Debug, Serialize)]
pub(super) struct ServicesSection {
    phases: Vec<[String; 6]>,
    bars: Option<Picture>,
    services: Vec<[String; 8]>,
    differences: Vec<[String; 2]>,
    work: Vec<[String; 4]>,
    smaller: Vec<[String; 8]>,
    readiness: Vec<[String; 6]>,
    waves: Vec<[String; 6]>,
    gantt: Option<Picture>,
    zones: Vec<[String; 6]>,
    transfers: Vec<[String; 6]>,
    stranded: Vec<[String; 3]>,
    sections: Vec<ServicePage>,
}

/// One workload.
#[derive(Debug, Serialize)]
struct ServicePage {
    anchor: String,
    name: String,
    words: String,
    reasons: Vec<String>,
    needs: Vec<[String; 5]>,
    others: Vec<[String; 4]>,
    notes: Vec<String>,
    charts: Vec<Picture>,
}

/// Gathers the section; nothing where no service is known.
pub(super) fn services_section(plan: &Plan) -> Option<ServicesSection> {
    let phases = plan.phases.as_ref()?;
    let cost = |cost: &Cost| match (cost.known == crate::money::UsdPerMonth::ZERO, cost.unknown_lines) {
        (true, 1..) => "unknown".to_string(),
        _ => total(Total {
            known: cost.known,
            unknown_lines: cost.unknown_lines,
        }),
    };
    let mut services = Vec::new();
    let mut readiness = Vec::new();
    for one in &phases.workloads {
        let name = shown(&one.workload.name);
        let nodes = count(one.workload.nodes.len());
        if let Some(why) = &one.stays_because {
            let stays = "stays on EC2".to_string();
            let dash = || "–".to_string();
            services.push([
                name.clone(),
                nodes,
                dash(),
                stays,
                shown(why),
                String::new(),
                dash(),
                String::new(),
            ]);
        }
        for part in &one.parts {
            let own = &part.part;
            services.push([
                format!("{}/{}", shown(&own.host), shown(&own.service)),
                nodes_of(one, own.what.as_str()),
                one.moves_in.clone().unwrap_or_default(),
                own.target_service.clone(),
                match &own.class {
                    Some(class) => format!("{} × {}, {}", own.count, class.name, own.deployment),
                    None => own.what.clone(),
                },
                cost(&own.cost()),
                own.binding_words().unwrap_or("–").to_string(),
                own.evidence().words().to_string(),
            ]);
        }
        readiness.extend(one.readiness.iter().map(|finding| {
            [
                name.clone(),
                finding.severity.word().to_string(),
                shown(&finding.evidence),
                finding.says.clone(),
                finding.remedy.clone(),
                format!("{} ({})", finding.source, finding.as_of),
            ]
        }));
    }
    readiness.sort_by(|one, other| weight(&one[1]).cmp(&weight(&other[1])));
    Some(ServicesSection {
        phases: [&phases.rehost, &phases.replatform]
            .into_iter()
            .map(|phase| {
                [
                    phase.name.clone(),
                    count(phase.ec2_hosts),
                    count(phase.retired_hosts.len()),
                    total(phase.ec2),
                    total(phase.managed_bill.total),
                    total(phase.total),
                ]
            })
            .collect(),
        bars: phase_bars(plan).as_ref().map(Picture::of),
        services,
        differences: phases
            .differences
            .iter()
            .map(|line| {
                let amount = line.usd_per_month.rounded_to_cents().as_decimal();
                let words = match (amount.is_zero(), line.unknown_lines) {
                    (_, 0) => format!("{amount:+.2}"),
                    (true, lines) => format!("unknown ({lines} lines)"),
                    (false, lines) => format!("{amount:+.2}, {lines} of unknown price"),
                };
                [shown(&line.words), words]
            })
            .collect(),
        smaller: smaller(plan, phases),
        work: phases
            .work
            .iter()
            .map(|work| {
                [
                    work.service.clone(),
                    work.phase.clone(),
                    work.goes_away.clone(),
                    work.stays.clone(),
                ]
            })
            .collect(),
        readiness,
        waves: phases
            .waves
            .iter()
            .map(|wave| {
                [
                    count(wave.number),
                    wave.phase.clone(),
                    shown(&wave.environment),
                    wave.moves.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", "),
                    format!("{} to {}", wave.first_day, wave.first_day + wave.days),
                    shown_text(&wave.because),
                ]
            })
            .collect(),
        gantt: wave_chart(plan).as_ref().map(Picture::of),
        zones: phases
            .zones
            .iter()
            .map(|check| {
                let cores = |value: Option<f64>| value.map_or("–".to_string(), number);
                [
                    check.phase.clone(),
                    shown(&check.tier),
                    count(check.members),
                    if check.holds { "holds" } else { "does not hold" }.to_string(),
                    format!("{} of {}", cores(check.rest_cores), cores(check.peak_cores)),
                    check.words.clone(),
                ]
            })
            .collect(),
        transfers: phases
            .transfers
            .iter()
            .map(|one| {
                [
                    shown(&one.workload),
                    one.phase.clone(),
                    one.data_gib
                        .map_or("–".to_string(), |gib| format!("{} GiB", number(gib))),
                    one.hours
                        .map_or("unknown".to_string(), |hours| format!("{} h", number(hours))),
                    one.dms_class.clone().unwrap_or_else(|| "–".to_string()),
                    format!("{}; {}", one.tool, one.words),
                ]
            })
            .collect(),
        stranded: phases
            .stranded
            .iter()
            .map(|one| {
                [
                    shown(&one.host),
                    one.instance_type.clone().unwrap_or_else(|| "–".to_string()),
                    one.compute_usd_per_month
                        .map_or("unknown".to_string(), super::amount::dollars),
                ]
            })
            .collect(),
        sections: phases
            .workloads
            .par_iter()
            .enumerate()
            .map(|(at, one)| page(plan, at, one, &cost))
            .collect(),
    })
}

/// Gives a row a host that keeps some of its services while others leave: what stays, and the size that this needs.
fn smaller(plan: &Plan, phases: &Phases) -> Vec<[String; 8]> {
    let share = |share: Option<f64>| share.map_or("–".to_string(), percent);
    let kind = |row: Option<&Recommendation>| row.and_then(|row| row.instance_type.clone());
    let row = |one: &Remaining| {
        let whole = plan.recommendations.iter().find(|row| row.host == one.host);
        let now = one.row.as_deref().or(whole);
        let month = now.and_then(|row| row.total_usd_per_month);
        [
            one.phase.clone(),
            shown(&one.host),
            shown(&one.leaves.join(", ")),
            share(one.cpu_share),
            share(one.memory_share),
            kind(whole).unwrap_or_else(|| "–".to_string()),
            match &one.row {
                Some(row) => kind(Some(row)).unwrap_or_else(|| "–".to_string()),
                None => "keeps its size".to_string(),
            },
            month.map_or("unknown".to_string(), super::amount::dollars),
        ]
    };
    phases.remaining.iter().map(row).collect()
}

fn nodes_of(one: &PlannedWorkload, what: &str) -> String {
    if one.parts.len() > 1 {
        what.to_string()
    } else {
        count(one.workload.nodes.len())
    }
}

fn weight(word: &str) -> u8 {
    match word {
        "blocker" => 0,
        "effort" => 1,
        _ => 2,
    }
}

fn page(plan: &Plan, at: usize, one: &PlannedWorkload, cost: &(dyn Fn(&Cost) -> String + Sync)) -> ServicePage {
    let nodes: Vec<String> = one
        .workload
        .nodes
        .iter()
        .map(|node| match &node.version {
            Some(version) => format!("{} ({})", shown(&node.host), shown(version)),
            None => shown(&node.host),
        })
        .collect();
    let goes = match &one.stays_because {
        Some(why) => format!("stays on EC2: {}", shown_text(why)),
        None => format!(
            "goes to {} in phase {}",
            one.workload.target.words(),
            one.moves_in.as_deref().unwrap_or("?")
        ),
    };
    let mut notes: Vec<String> = one
        .notes
        .iter()
        .chain(&one.assumed)
        .map(|words| shown_text(words))
        .collect();
    if let Some(day) = one.full_on {
        notes.push(format!("as it grows, the proposed storage is full on {day}"));
    }
    ServicePage {
        anchor: stem(at, one),
        name: shown(&one.workload.name),
        words: format!(
            "{} on {}; {goes}; one, since {}",
            shown(&one.workload.product),
            nodes.join(", "),
            shown_text(&one.workload.formed_because)
        ),
        reasons: one
            .parts
            .iter()
            .map(|part| format!("{}: {}", part.part.what, shown_text(&part.part.reason)))
            .collect(),
        needs: one
            .parts
            .iter()
            .flat_map(|part| part.part.needs.iter().map(move |need| (part, need)))
            .map(|(part, need)| {
                let offered = part.part.class.as_ref().and_then(|class| class.offers.get(&need.ask));
                [
                    if one.parts.len() > 1 {
                        format!("{} on {}", need.ask, shown(&part.part.host))
                    } else {
                        need.ask.to_string()
                    },
                    format!("{} {}", number(need.amount), need.ask.unit()),
                    offered.map_or("–".to_string(), |offered| number(*offered)),
                    need.from.words().to_string(),
                    shown_text(&need.formula),
                ]
            })
            .collect(),
        others: one
            .others
            .iter()
            .map(|other| {
                [
                    other.name.clone(),
                    other.what.clone(),
                    cost(&other.cost()),
                    other.remark.clone(),
                ]
            })
            .collect(),
        notes,
        charts: service_charts(plan, at, one)
            .iter()
            .map(|(_, drawing)| Picture::of(drawing))
            .collect(),
    }
}

/// What a chart shows of a counter.
struct Shown {
    metric: &'static str,
    words: &'static str,
    unit: &'static str,
    per_unit: f64,
    ask: Option<Ask>,
}

const GIB: f64 = telemetry::units::GIBIBYTE;
const CHARTS: [Shown; 10] = [
    shown_as("memory_used_bytes", "memory in use", "GiB", GIB, Some(Ask::Memory)),
    shown_as(
        "memory_resident_bytes",
        "resident memory",
        "GiB",
        GIB,
        Some(Ask::Memory),
    ),
    shown_as("heap_used_bytes", "heap in use", "GiB", GIB, Some(Ask::Heap)),
    shown_as(
        "operations_per_s",
        "operations",
        "per second",
        1.0,
        Some(Ask::Operations),
    ),
    shown_as("transactions_per_s", "transactions", "per second", 1.0, None),
    shown_as("published_per_s", "messages published", "per second", 1.0, None),
    shown_as("searches_per_s", "searches", "per second", 1.0, None),
    shown_as("connections", "clients", "connections", 1.0, Some(Ask::Connections)),
    shown_as("data_bytes", "stored data", "GiB", GIB, Some(Ask::Storage)),
    shown_as("primary_data_bytes", "primary data", "GiB", GIB, None),
];

const fn shown_as(
    metric: &'static str,
    words: &'static str,
    unit: &'static str,
    per_unit: f64,
    ask: Option<Ask>,
) -> Shown {
    Shown {
        metric,
        words,
        unit,
        per_unit,
        ask,
    }
}

/// Names a workload for anchors and files: the number keeps two names apart that look the same as files.
fn stem(at: usize, one: &PlannedWorkload) -> String {
    format!(
        "service-{}-{}",
        at + 1,
        for_file_name(&one.workload.name.replace('/', "-"))
    )
}

/// Draws the charts of a workload: what its service counted against what the proposal has.
fn service_charts(plan: &Plan, at: usize, one: &PlannedWorkload) -> Vec<(String, Drawing)> {
    let zone = plan.assessment.zone().unwrap_or(jiff::tz::TimeZone::UTC);
    let part = one.parts.first().map(|part| &part.part);
    CHARTS
        .iter()
        .filter_map(|chart| {
            let course = one.courses.get(chart.metric)?;
            let size = part.and_then(|part| match chart.ask? {
                Ask::Storage => part.storage_gib,
                ask => part.class.as_ref()?.offers.get(&ask).copied(),
            });
            let of = match (chart.ask, part) {
                (Some(Ask::Storage), Some(_)) => "proposed storage".to_string(),
                (_, Some(part)) => part.class.as_ref().map_or(String::new(), |class| class.name.clone()),
                _ => String::new(),
            };
            let drawing = time_series(&TimeSeries {
                host: &one.workload.name,
                dimension: chart.words,
                unit: chart.unit,
                tracks: vec![Track {
                    name: String::new(),
                    at_ms: course.iter().map(|point| point.0).collect(),
                    values: course.iter().map(|point| point.1 / chart.per_unit).collect(),
                    highest: Some(course.iter().map(|point| point.2 / chart.per_unit).collect()),
                }],
                capacities: size
                    .map(|value| Capacity {
                        of,
                        value,
                        proposed: true,
                    })
                    .into_iter()
                    .collect(),
                levels: Vec::new(),
                zone: &zone,
            })?;
            let stem = format!("{}-{}", stem(at, one), chart.metric.replace('_', "-"));
            Some((stem, drawing))
        })
        .collect()
}

/// Draws the waves.
fn wave_chart(plan: &Plan) -> Option<Drawing> {
    let phases = plan.phases.as_ref()?;
    let bars: Vec<GanttBar> = phases
        .waves
        .iter()
        .map(|wave| GanttBar {
            name: format!("{}. {}", wave.number, wave.environment),
            first_day: wave.first_day,
            days: wave.days,
            is_second: wave.phase == REPLATFORM,
            value: match wave.moves.as_slice() {
                [one] => one.clone(),
                many if wave.phase == REPLATFORM => format!("{} services", many.len()),
                many => format!("{} hosts", many.len()),
            },
        })
        .collect();
    gantt(
        "Waves",
        "what moves when, one after the other; days of preparing, testing and switching are assumptions",
        ["rehost", "replatform"],
        &bars,
    )
}

/// Draws the phases, the waves and the charts of services on the named hosts, each with its name for files.
pub(super) fn service_drawings(plan: &Plan, hosts: &[&str]) -> Vec<(String, Drawing)> {
    let Some(phases) = &plan.phases else { return Vec::new() };
    let mut all: Vec<(String, Drawing)> = Vec::new();
    all.extend(phase_bars(plan).map(|drawing| ("phases".to_string(), drawing)));
    all.extend(wave_chart(plan).map(|drawing| ("waves".to_string(), drawing)));
    for (at, one) in phases.workloads.iter().enumerate() {
        if one
            .workload
            .nodes
            .first()
            .is_some_and(|node| hosts.contains(&node.host.as_str()))
        {
            all.extend(service_charts(plan, at, one));
        }
    }
    all
}
