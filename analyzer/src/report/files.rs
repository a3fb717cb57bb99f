//! Charts as files: each as SVG and as PNG, under a name no host can steer.

use std::collections::HashMap;

use rayon::prelude::*;

use super::chart::Drawing;
use super::clock::Clock;
use super::cost_section::cost_section;
use super::page::{Anchors, read};
use super::scaling_section::scaling_drawings;
use super::scenario_section::scenario_drawings;
use super::selection::charted_hosts;
use super::services_section::service_drawings;
use super::{ReadSeries, ReportError, ReportInputs, estate_charts, host_charts};
use crate::plan::Recommendation;
use crate::profile::{HostProfile, HostSeries};

/// Hosts whose charts are in memory at a time; a picture takes about 100 kB.
const HOSTS_AT_A_TIME: usize = 16;

/// One chart as two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartFile {
    /// File name without ending; letters, digits, dot, hyphen and underscore only.
    pub file_stem: String,
    /// The SVG document.
    pub svg: String,
    /// The PNG, twice the size.
    pub png: Vec<u8>,
}

/// Draws the charts of the estate and of the charted hosts and hands them over one by one.
///
/// The order is always the same: the estate's, the groups', then the hosts' by name. Gives
/// the number of charts.
///
/// # Errors
/// When telemetry cannot be read, a chart cannot be drawn, or `write` fails.
pub fn chart_files(
    inputs: &ReportInputs<'_>,
    series: &ReadSeries<'_>,
    write: &mut dyn FnMut(ChartFile) -> std::io::Result<()>,
) -> Result<usize, ReportError> {
    let clock = Clock::of(&inputs.plan.assessment);
    let mut written = 0;
    let mut hand_over = |file: ChartFile| {
        let chart = file.file_stem.clone();
        written += 1;
        write(file).map_err(|source| ReportError::Write { chart, source })
    };
    for (slug, drawing) in estate_charts::drawings(inputs.plan) {
        hand_over(chart_file(format!("estate-{slug}"), &drawing)?)?;
    }
    for (slug, drawing) in scenario_drawings(inputs.scenarios) {
        hand_over(chart_file(slug.to_string(), &drawing)?)?;
    }
    for (slug, drawing) in scaling_drawings(inputs.plan, series)? {
        hand_over(chart_file(slug, &drawing)?)?;
    }
    for (slug, drawing) in service_drawings(inputs.plan, &charted_hosts(inputs.plan, inputs.charted_hosts)) {
        hand_over(chart_file(slug, &drawing)?)?;
    }
    if let Some((_, Some(drawing))) = cost_section(inputs.plan, inputs.catalog) {
        hand_over(chart_file("projection".to_string(), &drawing)?)?;
    }
    let anchors = Anchors::of_plan(inputs.plan);
    let profiles: HashMap<&str, &HostProfile> = inputs
        .profiles
        .iter()
        .map(|profile| (profile.host.as_str(), profile))
        .collect();
    for hosts in charted_hosts(inputs.plan, inputs.charted_hosts).chunks(HOSTS_AT_A_TIME) {
        let drawn: Vec<Vec<ChartFile>> = hosts
            .par_iter()
            .map(|host| {
                let row = inputs.plan.recommendations.iter().find(|row| row.host == *host);
                let (Some(row), Some(profile), Some(anchor)) = (row, profiles.get(host), anchors.of(host)) else {
                    return Ok(Vec::new());
                };
                host_charts::drawings(inputs, row, profile, read(row, series)?.as_ref(), &clock)
                    .iter()
                    .map(|(slug, drawing)| chart_file(format!("{anchor}-{slug}"), drawing))
                    .collect()
            })
            .collect::<Result<_, ReportError>>()?;
        for file in drawn.into_iter().flatten() {
            hand_over(file)?;
        }
    }
    Ok(written)
}

/// Draws what `explain` shows of one host: the hours around its peak, and its balance of CPU credits.
///
/// # Errors
/// When a chart cannot be drawn.
pub fn proof_files(
    inputs: &ReportInputs<'_>,
    row: &Recommendation,
    profile: Option<&HostProfile>,
    series: &HostSeries,
) -> Result<Vec<ChartFile>, ReportError> {
    let clock = Clock::of(&inputs.plan.assessment);
    let anchor = Anchors::of_plan(inputs.plan).of(&row.host).unwrap_or_default();
    let peak = profile.and_then(|profile| host_charts::peak(inputs, row, profile, series, &clock));
    let credits = host_charts::credits(inputs, row, series, &clock);
    [("peak", peak), ("credits", credits)]
        .into_iter()
        .filter_map(|(slug, drawing)| Some(chart_file(format!("{anchor}-{slug}"), &drawing?)))
        .collect()
}

fn chart_file(file_stem: String, drawing: &Drawing) -> Result<ChartFile, ReportError> {
    match drawing.png() {
        Ok(png) => Ok(ChartFile {
            svg: drawing.svg(),
            png,
            file_stem,
        }),
        Err(source) => Err(ReportError::Chart {
            chart: file_stem,
            source,
        }),
    }
}
