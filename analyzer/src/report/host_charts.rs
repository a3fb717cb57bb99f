//! The charts of one host, in the order they are shown, each with its name for files.

use minijinja::Value;

use super::ReportInputs;
use super::chart::{
    CreditChart, Drawing, HostChartInputs, HostMetric, WeekMap, WeekStatistic, credit_chart, host_chart, sparkline,
    week_map,
};
use super::clock::Clock;
use crate::catalog::CpuPerformance;
use crate::plan::Recommendation;
use crate::profile::{CreditTrace, HostProfile, HostSeries};
use crate::size::Dimension;

/// Draws a host; what was not measured is left out.
pub(super) fn drawings(
    inputs: &ReportInputs<'_>,
    row: &Recommendation,
    profile: &HostProfile,
    series: Option<&HostSeries>,
    clock: &Clock,
) -> Vec<(&'static str, Drawing)> {
    let shape = row.instance_type.as_deref().and_then(|name| inputs.catalog.shape(name));
    let over_time = series.into_iter().flat_map(|series| {
        HostMetric::ALL.into_iter().filter_map(move |metric| {
            let chart = HostChartInputs {
                series,
                profile,
                recommendation: Some(row),
                shape: shape.map(AsRef::as_ref),
                zone: clock.zone(),
            };
            Some((metric.file_part(), host_chart(metric, &chart)?))
        })
    });
    let week = WeekMap::cpu(profile, WeekStatistic::P95, clock.zone()).and_then(|map| week_map(&map));
    let credits = series.and_then(|series| credits(inputs, row, series, clock));
    over_time
        .chain(week.map(|drawing| ("week", drawing)))
        .chain(credits.map(|drawing| ("credits", drawing)))
        .collect()
}

/// Draws the balance of the type on CPU credits that is proposed or was passed over; nothing where there is none.
pub(super) fn credits(
    inputs: &ReportInputs<'_>,
    row: &Recommendation,
    series: &HostSeries,
    clock: &Clock,
) -> Option<Drawing> {
    let on_credits = row.proof.on_credits.as_ref()?;
    let CpuPerformance::Burstable(terms) = inputs.catalog.shape(&on_credits.instance_type)?.cpu_performance else {
        return None;
    };
    let (at_ms, cores) = series.cpu()?;
    credit_chart(&CreditChart {
        host: &row.host,
        instance_type: &on_credits.instance_type,
        is_proposed: on_credits.is_proposed,
        baseline: on_credits.fit.baseline_cores,
        credits_per_hour: terms.credits_per_hour,
        trace: &CreditTrace::follow(&at_ms, &cores, on_credits.fit.baseline_cores),
        zone: clock.zone(),
    })
}

/// Hours before and after the peak on its chart.
const HOURS_AROUND: i64 = 6;

/// Draws the hours around the peak of the dimension that decides; nothing where it was not measured.
pub(super) fn peak(
    inputs: &ReportInputs<'_>,
    row: &Recommendation,
    profile: &HostProfile,
    series: &HostSeries,
    clock: &Clock,
) -> Option<Drawing> {
    let metric = match row.binding_dimension.unwrap_or(Dimension::Cpu) {
        Dimension::Cpu => HostMetric::Cpu,
        Dimension::Memory => HostMetric::Memory,
        Dimension::DiskOperations | Dimension::DiskOperationsPeak => HostMetric::DiskOperations,
        Dimension::DiskThroughput | Dimension::DiskThroughputPeak => HostMetric::DiskThroughput,
        Dimension::Network | Dimension::NetworkPeak => HostMetric::Network,
    };
    let at = row
        .peak_at_ms
        .or_else(|| profile.cpu.as_ref().map(|cpu| cpu.maximum_at_ms))?;
    let around = HOURS_AROUND * 3_600_000;
    let shape = row.instance_type.as_deref().and_then(|name| inputs.catalog.shape(name));
    host_chart(
        metric,
        &HostChartInputs {
            series: &series.between(at - around, at + around),
            profile,
            recommendation: Some(row),
            shape: shape.map(AsRef::as_ref),
            zone: clock.zone(),
        },
    )
}

/// Draws a host's daily CPU maxima for its row of the table; nothing without CPU.
pub(super) fn spark(profile: &HostProfile) -> Option<Value> {
    let cpu = profile.cpu.as_ref()?;
    let drawing = sparkline(&cpu.daily_maxima, profile.source.vcpus)?;
    Some(Value::from_safe_string(drawing.svg()))
}
