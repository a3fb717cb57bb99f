//! How demand is expected to develop, when sizes run out, and what goes over the network.
//!
//! Input: a [`Plan`], the profiles it was made from, and who talks to whom.
//! Output: a [`PlanOutlook`]. What the data says is never carried on beyond the
//! length of the history without saying that this is an assumption.

mod runways;
mod traffic;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use telemetry::units::GIBIBYTE;

pub use traffic::{Flow, PlanTraffic};

use super::Plan;
use super::row::Recommendation;
use crate::dependency::DependencyMap;
use crate::growth::{Bands, Daily, Judgement, forecast};
use crate::profile::HostProfile;

/// Days that are forecast and judged.
const HORIZON: usize = 30;
/// Least share of a window that is held out to judge on.
const HELD_OUT_DIVISOR: usize = 3;

/// How the estate is expected to develop.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanOutlook {
    /// How forecasts of CPU turned out on the days of the window that were held out; absent for less than five weeks.
    pub judgement: Option<Judgement>,
    /// How far the fleet's forecasts were off.
    pub bands: Bands,
    /// By host.
    pub hosts: Vec<HostOutlook>,
    /// What goes over the network.
    pub traffic: PlanTraffic,
}

/// How one host is expected to develop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostOutlook {
    /// The host.
    pub host: String,
    /// Days of history.
    pub days: usize,
    /// Daily P95 of CPU at the horizon, source cores: low, point, high of an 80 % band; the band is absent where none was learnt.
    pub cpu_cores_ahead: Option<(Option<f64>, f64, Option<f64>)>,
    /// When each thing runs out, soonest first.
    pub runways: Vec<Runway>,
}

/// When something runs out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Runway {
    /// What: `CPU`, `memory`, or the mount of a disk.
    pub what: String,
    /// What it holds, in the unit of `unit`.
    pub capacity: f64,
    /// How much is used today.
    pub used: f64,
    /// `cores` or `GiB`.
    pub unit: String,
    /// Whether early and late are known: bands take a fleet with six weeks of history.
    pub has_interval: bool,
    /// Not before this day with nine in ten; absent where not within ten years, or not known.
    pub early: Option<Date>,
    /// Expected.
    pub likely: Option<Date>,
    /// By this day with nine in ten.
    pub late: Option<Date>,
    /// `data`, or `assumption` where the history is shorter than the time until then, or people assume growth.
    pub basis: String,
}

/// Gives the daily P95 of one dimension, day by day; nothing where it was not measured.
type DailyP95 = fn(&HostProfile) -> Option<&Vec<(i32, f64)>>;

/// Gives how the plan's estate is expected to develop.
#[must_use]
pub fn outlook(plan: &Plan, profiles: &[HostProfile], map: Option<&DependencyMap>) -> PlanOutlook {
    let dailies = |of: DailyP95| -> Vec<(String, Daily)> {
        let mut all: Vec<(String, Daily)> = profiles
            .iter()
            .filter_map(|profile| Some((profile.host.clone(), Daily::of(of(profile)?.iter().copied()))))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    let cpu = dailies(|profile| Some(&profile.history.as_ref()?.cpu.as_ref()?.daily_p95));
    let memory = dailies(|profile| Some(&profile.history.as_ref()?.memory.as_ref()?.daily_p95));
    let fleet = |of: &[(String, Daily)]| of.iter().map(|(_, daily)| daily.clone()).collect::<Vec<_>>();
    let (cpu_fleet, memory_fleet) = (fleet(&cpu), fleet(&memory));
    let (bands, memory_bands) = (Bands::learn(&cpu_fleet, HORIZON), Bands::learn(&memory_fleet, HORIZON));
    let longest = cpu_fleet.iter().map(Daily::days).max().unwrap_or(0);
    let held_out = HORIZON.min(longest / HELD_OUT_DIVISOR);
    let judgement = (held_out > 0).then(|| Bands::judge(&cpu_fleet, held_out)).flatten();

    let find = |of: &'_ [(String, Daily)], host: &str| -> Option<Daily> {
        let at = of.binary_search_by(|(name, _)| name.as_str().cmp(host)).ok()?;
        Some(of[at].1.clone())
    };
    let mut hosts = Vec::new();
    for row in &plan.recommendations {
        let Some(profile) = profiles.iter().find(|profile| profile.host == row.host) else {
            continue;
        };
        let (cpu, memory) = (find(&cpu, &row.host), find(&memory, &row.host));
        let ahead = cpu.as_ref().and_then(|daily| {
            let point = *forecast(daily, HORIZON)?.last()?;
            let band = bands.around(daily, point, HORIZON);
            Some((band.map(|band| band.0), point, band.map(|band| band.1)))
        });
        let mut runways = Vec::new();
        let seen = runways::Seen { plan, row };
        if let Some(daily) = &cpu {
            let capacity = carried_cores(row);
            runways.extend(seen.of_demand("CPU", "cores", daily, &bands, capacity, 1.0));
        }
        if let Some(daily) = &memory {
            let capacity = row.memory_gib.map(|gib| gib * f64::from(row.instance_count));
            runways.extend(seen.of_demand("memory", "GiB", daily, &memory_bands, capacity, GIBIBYTE));
        }
        runways.extend(seen.of_disks(profile));
        runways.sort_by(|a, b| {
            let day = |runway: &Runway| runway.likely.unwrap_or(Date::MAX);
            day(a).cmp(&day(b)).then_with(|| a.what.cmp(&b.what))
        });
        hosts.push(HostOutlook {
            host: row.host.clone(),
            days: cpu.as_ref().or(memory.as_ref()).map_or(0, Daily::days),
            cpu_cores_ahead: ahead,
            runways,
        });
    }
    PlanOutlook {
        judgement,
        bands,
        hosts,
        traffic: map.map(traffic::of_map).unwrap_or_default(),
    }
}

impl PlanOutlook {
    /// Finds a host.
    #[must_use]
    pub fn of_host(&self, host: &str) -> Option<&HostOutlook> {
        self.hosts.iter().find(|one| one.host == host)
    }

    /// Says in a line how good forecasts of the estate's own past were, or why that is not known.
    #[must_use]
    pub fn judgement_words(&self) -> String {
        match &self.judgement {
            Some(judged) => format!(
                "on the last {} days, held out, forecasts of daily P95 CPU erred {:.2} times a weekly naive step (repeating the last week: {:.2}){}",
                judged.days,
                judged.mase,
                judged.mase_of_last_week,
                judged
                    .coverage
                    .map(|share| format!("; {:.0} % of the days lay within the 80 % band", share * 100.0))
                    .unwrap_or_default()
            ),
            None => "the history is too short to judge forecasts on: collect six weeks".to_string(),
        }
    }
}

/// Gives the source cores that a row's proposal carries; nothing where not known.
fn carried_cores(row: &Recommendation) -> Option<f64> {
    Some(f64::from(row.vcpu?) * row.cpu_equivalence? * f64::from(row.instance_count))
}

/// Gives how many times today's demand a row's proposal carries, by its tighter dimension; 1 where not known.
#[must_use]
pub(super) fn room(row: &Recommendation) -> f64 {
    let ratio = |capacity: Option<f64>, demand: Option<f64>| {
        let (capacity, demand) = (capacity?, demand?);
        (demand > 0.0).then(|| capacity / demand)
    };
    let cpu = ratio(carried_cores(row), row.cpu_demand_cores);
    let memory = ratio(
        row.memory_gib.map(|gib| gib * f64::from(row.instance_count)),
        row.memory_demand_gib,
    );
    [cpu, memory]
        .into_iter()
        .flatten()
        .reduce(f64::min)
        .unwrap_or(1.0)
        .max(1.0)
}
