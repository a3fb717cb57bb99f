//! When CPU, memory and disks of a host run out.

use jiff::ToSpan as _;
use jiff::civil::Date;
use telemetry::units::GIBIBYTE;

use super::Runway;
use crate::growth::{Bands, Case, CrossingDays, Daily, factor, forecast};
use crate::plan::{Plan, Recommendation};
use crate::profile::HostProfile;
use crate::size::Storage;

/// Days after which nobody looks: ten years.
const MOST_DAYS: usize = 3_650;
/// Days between two looks beyond the first months.
const STEP: usize = 7;

/// A host of a plan.
pub(super) struct Seen<'a> {
    pub(super) plan: &'a Plan,
    pub(super) row: &'a Recommendation,
}

impl Seen<'_> {
    /// Gives when daily P95 demand first exceeds a capacity; values are divided by `unit_size`.
    pub(super) fn of_demand(
        &self,
        what: &str,
        unit: &str,
        daily: &Daily,
        bands: &Bands,
        capacity: Option<f64>,
        unit_size: f64,
    ) -> Option<Runway> {
        let capacity = capacity?;
        let history = daily.days();
        let points = forecast(daily, history.clamp(1, MOST_DAYS))?;
        let last = points.len();
        let growth = &self.plan.assessment.growth;
        let names = self.names();
        let today = self.plan.planned_on;
        let assumed = |ahead: usize, case: Case| {
            let day = today.checked_add((ahead as i64).days()).unwrap_or(Date::MAX);
            factor(growth, &names, today, day, case)
        };
        let at = |ahead: usize| points[ahead.clamp(1, last) - 1];
        let band = |ahead: usize| bands.around(daily, at(ahead), ahead);
        let first = |value: &dyn Fn(usize) -> Option<f64>| {
            let near = 1..=last;
            let far = (last + 1..=MOST_DAYS).step_by(STEP);
            near.chain(far)
                .find(|ahead| value(*ahead).is_some_and(|value| value / unit_size > capacity))
        };
        let days = CrossingDays {
            early: first(&|ahead| Some(band(ahead)?.1 * assumed(ahead, Case::High))),
            likely: first(&|ahead| Some(at(ahead) * assumed(ahead, Case::Mid))),
            late: first(&|ahead| Some(band(ahead)?.0 * assumed(ahead, Case::Low))),
        };
        let used = daily.values.iter().rev().flatten().next().copied().unwrap_or(0.0) / unit_size;
        let grows = growth.of(&names).is_some() || !growth.launches.is_empty();
        let has_interval = band(1).is_some();
        let runway = self.runway(what, unit, (used, capacity), days, history);
        Some(Runway {
            has_interval,
            basis: if grows {
                "assumption".to_string()
            } else {
                runway.basis.clone()
            },
            ..runway
        })
    }

    /// Gives when each disk reaches the size that is proposed for it.
    pub(super) fn of_disks(&self, profile: &HostProfile) -> Vec<Runway> {
        let Storage::Known(volumes) = &self.row.proof.storage else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for volume in volumes {
            let on_it = profile
                .filesystems
                .iter()
                .filter(|filesystem| volume.need.mounts.contains(&filesystem.mount));
            for filesystem in on_it {
                let Some(drift) = &filesystem.drift else { continue };
                // A volume that several mounts share is theirs by what each uses.
                let share = if volume.need.used_gib > 0.0 {
                    (filesystem.used_bytes / GIBIBYTE / volume.need.used_gib).min(1.0)
                } else {
                    1.0
                };
                let capacity = f64::from(volume.need.size_gib) * share;
                let days = drift.reaches(capacity * GIBIBYTE);
                let used = filesystem.used_bytes / GIBIBYTE;
                out.push(self.runway(&filesystem.mount, "GiB", (used, capacity), days, drift.days));
            }
        }
        out
    }

    fn names(&self) -> Vec<&str> {
        let row = self.row;
        row.proof
            .group
            .as_deref()
            .into_iter()
            .chain([row.environment.as_str()])
            .collect()
    }

    fn runway(
        &self,
        what: &str,
        unit: &str,
        (used, capacity): (f64, f64),
        days: CrossingDays,
        history: usize,
    ) -> Runway {
        let day = |ahead: Option<usize>| self.plan.planned_on.checked_add((ahead? as i64).days()).ok();
        let beyond = days.likely.or(days.early).is_some_and(|ahead| ahead > history);
        let thousandths = |value: f64| (value * 1000.0).round() / 1000.0;
        Runway {
            what: what.to_string(),
            capacity: thousandths(capacity),
            used: thousandths(used),
            unit: unit.to_string(),
            has_interval: true,
            early: day(days.early),
            likely: day(days.likely),
            late: day(days.late),
            basis: if beyond { "assumption" } else { "data" }.to_string(),
        }
    }
}
