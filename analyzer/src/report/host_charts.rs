//! The charts of one host, in the order they are shown, each with its name for files.

use minijinja::Value;

use super::ReportInputs;
use super::chart::{Drawing, HostChartInputs, HostMetric, WeekMap, WeekStatistic, host_chart, sparkline, week_map};
use super::clock::Clock;
use crate::plan::Recommendation;
use crate::profile::{HostProfile, HostSeries};

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
    over_time.chain(week.map(|drawing| ("week", drawing))).collect()
}

/// Draws a host's daily CPU maxima for its row of the table; nothing without CPU.
pub(super) fn spark(profile: &HostProfile) -> Option<Value> {
    let cpu = profile.cpu.as_ref()?;
    let drawing = sparkline(&cpu.daily_maxima, profile.source.vcpus)?;
    Some(Value::from_safe_string(drawing.svg()))
}
