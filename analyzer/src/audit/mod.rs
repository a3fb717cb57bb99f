//! Is a finished plan right? The answer of somebody who did not make it.
//!
//! Input: a [`Plan`], the catalog, and the telemetry where it is at hand.
//! Output: an [`AuditReport`]: how often each [`Check`] was asked, and what
//! contradicts its sources. Everything is worked out again from the rows of
//! the catalog and the raw series; of `size`, `price` and `plan` only the types
//! of their values are read, never a function. It repairs nothing.

mod beside;
mod bill;
mod credits;
mod demand;
mod drift;
mod finding;
mod fit;
mod ledger;
mod market;
mod needs;
mod numbers;
mod observation;
mod offer;
mod outlook;
mod phases;
mod rows;
mod rules;
mod scaling;
mod stamp;
mod subject;
mod summary;
mod verdict;
mod volumes;

use std::collections::BTreeMap;

use rayon::prelude::*;
use telemetry::schema::host;

pub use finding::{AuditReport, Check, Finding, Severity};

use self::demand::HostDemand;
use self::ledger::Ledger;
use self::market::Market;
use self::observation::SourceSize;
use self::subject::Subject;
use crate::catalog::{Catalog, YearMonth};
use crate::plan::{Plan, Recommendation};
use crate::policy::Rule;
use crate::price::BillLine;
use crate::profile::{EstateReader, HostSeries};

/// Checks a plan from scratch.
///
/// `catalog` must be the one the plan was made with, else that is the first
/// finding. Without `telemetry` nothing that was measured is checked; such
/// checks are then absent from [`AuditReport::checks_run`].
pub fn audit(plan: &Plan, catalog: &Catalog, telemetry: Option<&EstateReader>) -> AuditReport {
    let mut ledger = Ledger::default();
    let hosts = telemetry.map(EstateReader::hosts);
    rows::hosts(plan, hosts, &mut ledger);
    rows::order(plan, &mut ledger);
    rows::policies(plan, &mut ledger);
    stamp::check(plan, catalog, &mut ledger);
    bill::whole(plan, &mut ledger);
    summary::check(plan, hosts, &mut ledger);
    summary::retire(plan, &mut ledger);

    let market = Market::of(catalog, subject::region(plan));
    scaling::check(plan, &market, &mut ledger);
    phases::check(plan, catalog, subject::region(plan), &mut ledger);
    let mut lines: BTreeMap<(&str, &str), Vec<&BillLine>> = BTreeMap::new();
    for line in &plan.bill.lines {
        lines.entry((&line.host, &line.phase)).or_default().push(line);
    }
    let checked: Vec<Ledger> = plan
        .recommendations
        .par_iter()
        .map(|row| {
            let own = lines
                .get(&(row.host.as_str(), row.phase.as_str()))
                .map_or(&[][..], Vec::as_slice);
            recommendation(plan, row, own, catalog, &market)
        })
        .collect();
    checked.into_iter().for_each(|part| ledger.absorb(part));
    // Rows of hosts that some services left are rows like others, but for what was measured of the whole host.
    for one in plan.phases.iter().flat_map(|phases| &phases.remaining) {
        if let Some(row) = &one.row {
            let lines: Vec<&BillLine> = one.lines.iter().collect();
            ledger.absorb(recommendation(plan, row, &lines, catalog, &market));
        }
    }
    if let Some(reader) = telemetry {
        measurements(plan, reader, &market, &mut ledger);
    }
    ledger.close()
}

/// Checks what a row says by itself, beside the catalog and the assessment.
fn recommendation(
    plan: &Plan,
    row: &Recommendation,
    lines: &[&BillLine],
    catalog: &Catalog,
    market: &Market<'_>,
) -> Ledger {
    let mut ledger = Ledger::of_host(&row.host);
    let subject = Subject::of(plan, row);
    rows::membership(plan, &subject, &mut ledger);
    offer::check(&subject, catalog, market, &mut ledger);
    fit::check(&subject, market, &mut ledger);
    beside::next_cheaper(&subject, &mut ledger);
    beside::binding(&subject, market, &mut ledger);
    beside::alternatives(&subject, market, &mut ledger);
    beside::demand_columns(&subject, &mut ledger);
    beside::equivalence(&subject, market, &mut ledger);
    numbers::formulas(&subject, &mut ledger);
    volumes::check(&subject, catalog, YearMonth::of(plan.planned_on), &mut ledger);
    bill::row(&subject, &mut ledger);
    bill::lines_of(&subject, lines, &mut ledger);
    verdict::proposal(&subject, &mut ledger);
    verdict::confidence(&subject, &mut ledger);
    verdict::empty_columns(&subject, &mut ledger);
    ledger
}

/// Reads the raw series block by block and checks every row against its host's.
fn measurements(plan: &Plan, reader: &EstateReader, market: &Market<'_>, ledger: &mut Ledger) {
    let mut rows: BTreeMap<&str, Vec<&Recommendation>> = BTreeMap::new();
    for row in &plan.recommendations {
        rows.entry(&row.host).or_default().push(row);
    }
    let moves = rows.keys().map(|host| (*host, ())).collect();
    moved(plan, reader, &moves, ledger);
    let parts: Vec<Ledger> = reader
        .blocks()
        .into_par_iter()
        .with_max_len(1)
        .map(|block| {
            let mut ledger = Ledger::default();
            let words = || {
                format!(
                    "series of {} hosts from `{}` on",
                    block.len(),
                    reader.hosts()[block.start]
                )
            };
            match reader.read(block.clone()) {
                Ok(hosts) => {
                    ledger.expect(Check::TelemetryRead, true, "series", "", "");
                    for (host, series) in &hosts {
                        for row in rows.get(host.as_str()).into_iter().flatten() {
                            ledger.absorb(measured(plan, row, series, market));
                        }
                    }
                }
                Err(error) => {
                    ledger.expect(Check::TelemetryRead, false, &words(), "rows", error);
                }
            }
            ledger
        })
        .collect();
    parts.into_iter().for_each(|part| ledger.absorb(part));
}

/// Checks the plan's drift against the raw histories of all hosts that have a row.
fn moved(plan: &Plan, reader: &EstateReader, hosts: &BTreeMap<&str, ()>, ledger: &mut Ledger) {
    if plan.drift.is_none() {
        return;
    }
    let zone = observation::zone(&plan.assessment);
    let moves: Vec<drift::HostMoves> = reader
        .blocks()
        .into_par_iter()
        .with_max_len(1)
        .flat_map_iter(|block| {
            // What cannot be read is found by the checks of the rows.
            let series = reader.read(block).unwrap_or_default();
            series
                .into_iter()
                .filter(|(host, _)| hosts.contains_key(host.as_str()))
                .map(|(_, series)| {
                    let demand = HostDemand::of(&series);
                    let of = |measured: &Option<demand::Measured>, size: Option<f64>| {
                        let days = drift::Days::of(measured.as_ref()?, &zone);
                        Some(days.moves(size?))
                    };
                    let [cores, bytes] = measured_source(&series);
                    drift::HostMoves {
                        cpu: of(&demand.cpu, cores).unwrap_or_default(),
                        memory: of(&demand.memory, bytes).unwrap_or_default(),
                    }
                })
                .collect::<Vec<_>>()
        })
        .collect();
    drift::check(plan, &moves, ledger);
}

/// Gives the cores and the bytes of memory that were measured last.
fn measured_source(series: &HostSeries) -> [Option<f64>; 2] {
    [host::CPU_CORES, host::MEMORY_TOTAL_BYTES].map(|column| observation::last_positive(series, column))
}

/// Checks a row against its host's raw series.
fn measured(plan: &Plan, row: &Recommendation, series: &HostSeries, market: &Market<'_>) -> Ledger {
    let mut ledger = Ledger::of_host(&row.host);
    let subject = Subject::of(plan, row);
    let demand = HostDemand::of(series);
    let source = SourceSize::of(&subject, series);
    let zone = observation::zone(&plan.assessment);
    let ours = match &plan.drift {
        Some(drift) if subject.policy.rule == Rule::Sizewright && !subject.evidence_is_weak() => outlook::spans(
            &subject,
            &demand,
            source,
            measured_source(series),
            drift,
            market,
            &zone,
            &mut ledger,
        ),
        _ => [None, None],
    };
    numbers::check(&subject, &demand, source, &zone, ours, &mut ledger);
    observation::check(&subject, series, source, &mut ledger);
    credits::check(&subject, &demand, market, &mut ledger);
    observation::violation(&subject, &demand, market, &mut ledger);
    observation::activity(&subject, series, &demand, &mut ledger);
    needs::check(&subject, series, &mut ledger);
    ledger
}
