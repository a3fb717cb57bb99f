//! The report's part on money to come: ways to buy, what to commit to, when sizes run out, the years to come.

use jiff::civil::Date;
use serde::Serialize;

use super::amount::{dollars, percent};
use super::chart::{Drawing, projection_chart};
use super::shown::shown;
use crate::catalog::Catalog;
use crate::money::{Usd, UsdPerMonth};
use crate::plan::Plan;
use crate::plan::bought::phase_names;
use crate::price::purchase::PurchaseKind;
use crate::projection::{Projection, project};

/// Months that the page projects.
const MONTHS: u32 = 36;
/// Strategies of a scope that the page shows; the plan has all.
const MOST_STRATEGIES: usize = 6;
/// Hosts whose runway is shown: those that run out first.
const MOST_RUNWAYS: usize = 12;

/// Everything shown.
#[derive(Debug, Serialize)]
pub(super) struct CostSection {
    purchases: Vec<PurchaseRow>,
    licensed: Vec<[String; 4]>,
    strategies: Vec<StrategyRow>,
    outlooks: String,
    runways: Vec<RunwayRow>,
    judgement: String,
    paths: Vec<PathRow>,
    notes: Vec<String>,
    months: u32,
}

#[derive(Debug, Serialize)]
struct PurchaseRow {
    phase: String,
    option: String,
    compute: String,
    saves: String,
    upfront: String,
    rows: String,
    method: String,
}

#[derive(Debug, Serialize)]
struct StrategyRow {
    scope: String,
    name: String,
    committed: String,
    month: String,
    saving: String,
    coverage: String,
    utilisation: String,
    pays_from: String,
    stranded: String,
}

#[derive(Debug, Serialize)]
struct RunwayRow {
    host: String,
    what: String,
    used: String,
    early: String,
    likely: String,
    late: String,
    basis: String,
}

#[derive(Debug, Serialize)]
struct PathRow {
    name: String,
    low: String,
    mid: String,
    high: String,
    worth: String,
    pays: String,
}

/// Gathers the section and its chart; nothing for a plan made without purchases.
pub(super) fn cost_section(plan: &Plan, catalog: &Catalog) -> Option<(CostSection, Option<Drawing>)> {
    plan.purchases.as_ref()?;
    let projection = project(plan, catalog, MONTHS);
    let chart = projection_chart(&projection);
    let section = CostSection {
        purchases: purchases(plan),
        licensed: licensed(plan),
        strategies: strategies(plan),
        outlooks: outlooks(plan),
        runways: runways(plan),
        judgement: projection.judgement.clone(),
        paths: paths(&projection),
        notes: projection.notes.clone(),
        months: MONTHS,
    };
    Some((section, chart))
}

fn purchases(plan: &Plan) -> Vec<PurchaseRow> {
    let Some(purchases) = &plan.purchases else {
        return Vec::new();
    };
    purchases
        .totals
        .iter()
        .map(|total| PurchaseRow {
            phase: total.phase.clone(),
            option: total.kind.words(),
            compute: dollars(total.compute_usd_per_month),
            saves: if total.kind == PurchaseKind::OnDemand {
                String::new()
            } else {
                dollars(total.saving_usd_per_month)
            },
            upfront: if total.upfront_usd == Usd::ZERO {
                String::new()
            } else {
                money(total.upfront_usd)
            },
            rows: format!(
                "{} of {}",
                total.rows,
                total.rows + total.rows_on_demand + total.rows_unknown
            ),
            method: total.method.word().to_string(),
        })
        .collect()
}

fn licensed(plan: &Plan) -> Vec<[String; 4]> {
    let hosts = plan.purchases.iter().flat_map(|purchases| &purchases.licensed);
    hosts
        .map(|host| {
            [
                shown(&host.host),
                shown(&host.system),
                host.usd_per_month.map_or("unknown".to_string(), dollars),
                host.because.clone(),
            ]
        })
        .collect()
}

fn strategies(plan: &Plan) -> Vec<StrategyRow> {
    let Some(found) = &plan.commitments else {
        return Vec::new();
    };
    let basis = if found.has_schedules() {
        "scheduled"
    } else {
        "always-on"
    };
    let mut rows = Vec::new();
    for phase in phase_names(plan) {
        for scope in ["compute", "database"] {
            let of = found
                .strategies
                .iter()
                .filter(|one| one.phase == phase && one.scope == scope)
                .filter(|one| one.basis == basis);
            rows.extend(of.take(MOST_STRATEGIES).map(|one| {
                let committed: UsdPerMonth = one.lines.iter().map(|line| line.usd_per_month).sum();
                StrategyRow {
                    scope: format!("{phase}, {scope}"),
                    name: one.name.clone(),
                    committed: dollars(committed),
                    month: dollars(one.usd_per_month),
                    saving: percent(one.saving),
                    coverage: percent(one.coverage),
                    utilisation: if one.lines.is_empty() {
                        String::new()
                    } else {
                        percent(one.utilisation)
                    },
                    pays_from: one
                        .break_even_month
                        .map(|month| format!("month {month}"))
                        .unwrap_or_default(),
                    stranded: if one.lines.is_empty() {
                        String::new()
                    } else {
                        format!(
                            "{}, at worst {}",
                            percent(one.stranding.expected_unused_share),
                            percent(one.stranding.worst_unused_share)
                        )
                    },
                }
            }));
        }
    }
    rows
}

fn outlooks(plan: &Plan) -> String {
    let Some(found) = &plan.commitments else {
        return String::new();
    };
    let names: Vec<String> = found
        .outlooks
        .iter()
        .map(|one| format!("{} with {}", one.name, percent(one.probability)))
        .collect();
    let assumed = if found.outlooks_are_assumed {
        "; less and more are assumed: state percent_per_year_low_high of [growth]"
    } else {
        ""
    };
    let hours = found
        .hours_are
        .as_ref()
        .map(|words| format!("; {words}"))
        .unwrap_or_default();
    format!("Outlooks of use: {}{assumed}{hours}", names.join(", "))
}

fn runways(plan: &Plan) -> Vec<RunwayRow> {
    let hosts = plan.outlook.iter().flat_map(|outlook| &outlook.hosts);
    let of_hosts = hosts.flat_map(|host| host.runways.iter().map(|runway| (host.host.as_str(), runway)));
    let services = plan.phases.iter().flat_map(|phases| &phases.workloads);
    let of_services = services.flat_map(|one| one.runways.iter().map(|runway| (one.workload.name.as_str(), runway)));
    let mut all: Vec<(Date, RunwayRow)> = of_hosts
        .chain(of_services)
        .filter_map(|(name, runway)| {
            let first = runway.likely.or(runway.early)?;
            let day = |day: Option<Date>| day.map_or("after ten years".to_string(), |day| day.to_string());
            let edge = |edge: Option<Date>| {
                if runway.has_interval {
                    day(edge)
                } else {
                    "not known".to_string()
                }
            };
            let row = RunwayRow {
                host: shown(name),
                what: shown(&runway.what),
                used: format!("{:.2} of {:.2} {}", runway.used, runway.capacity, runway.unit),
                early: edge(runway.early),
                likely: day(runway.likely),
                late: edge(runway.late),
                basis: runway.basis.clone(),
            };
            Some((first, row))
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.host.cmp(&b.1.host)));
    all.into_iter().take(MOST_RUNWAYS).map(|(_, row)| row).collect()
}

fn paths(projection: &Projection) -> Vec<PathRow> {
    projection
        .paths
        .iter()
        .map(|path| {
            let total = |sums: &crate::projection::Sums| {
                let at_least = if sums.unknown_lines > 0 { "at least " } else { "" };
                format!("{at_least}{}", money(sums.total))
            };
            PathRow {
                name: path.name.clone(),
                low: total(&path.low),
                mid: total(&path.mid),
                high: total(&path.high),
                worth: format!("${}", super::amount::whole(path.mid.net_present_value)),
                pays: match (path.is_staying, projection.staying(), path.mid.payback_month) {
                    (true, _, _) => String::new(),
                    (false, None, _) => "not known".to_string(),
                    (false, Some(_), Some(month)) => format!("month {month}"),
                    (false, Some(_), None) => format!("not in {} months", projection.months),
                },
            }
        })
        .collect()
}

fn money(amount: Usd) -> String {
    dollars(UsdPerMonth::from_decimal(amount.as_decimal()))
}
