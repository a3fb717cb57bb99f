//! Whether the plan's drift is what the raw histories of its hosts give.
//!
//! Input: raw series of every host that has a row. Output: the quantiles of
//! how demand moved, worked out by plain sorting, beside those of the plan.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::demand::Measured;
use super::finding::Check;
use super::ledger::Ledger;
use super::rules::local_day;
use crate::plan::Plan;
use crate::size::risk::{DriftTable, SHIPPED_CPU, SHIPPED_MEMORY, Shipped};

/// The moves of one host: instability of the days before a cut, and the shift over it.
pub(super) type Moves = Vec<(f64, f64)>;

/// CPU and memory moves of a host.
#[derive(Clone, Debug, Default)]
pub(super) struct HostMoves {
    pub(super) cpu: Moves,
    pub(super) memory: Moves,
}

/// The days of a series that have at least twelve samples.
pub(super) struct Days(Vec<Vec<f64>>);

impl Days {
    pub(super) fn of(measured: &Measured, zone: &TimeZone) -> Self {
        let mut days: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for (&at, &value) in measured.at_ms.iter().zip(&measured.values) {
            days.entry(local_day(at, zone)).or_default().push(value);
        }
        Self(days.into_values().filter(|day| day.len() >= 12).collect())
    }

    /// Gives the standard deviation of the logarithm of the daily P95.
    pub(super) fn instability(&self, capacity: f64) -> f64 {
        let logs: Vec<f64> = self
            .0
            .iter()
            .map(|day| (at_level(day.clone(), 95, 100) + 0.003 * capacity).ln())
            .collect();
        if logs.len() < 2 {
            return 0.0;
        }
        let count = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / count;
        (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / count).sqrt()
    }

    /// Gives the shift at each cut that leaves two days on either side.
    pub(super) fn moves(&self, capacity: f64) -> Moves {
        let count = self.0.len();
        let mut moves = Moves::new();
        for share in [1.0 / 3.0, 0.5, 2.0 / 3.0] {
            let cut = (share * count as f64).round() as usize;
            if cut < 2 || count < cut + 2 {
                continue;
            }
            let p99 = |days: &[Vec<f64>]| at_level(days.concat(), 99, 100) + 0.003 * capacity;
            let before = Self(self.0[..cut].to_vec());
            moves.push((
                before.instability(capacity),
                (p99(&self.0[cut..]) / p99(&self.0[..cut])).ln(),
            ));
        }
        moves
    }
}

/// Gives the smallest value that so many of so many parts of the values do not exceed.
fn at_level(mut values: Vec<f64>, parts: usize, of: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * parts).div_ceil(of) - 1]
}

/// Checks both tables of the plan.
pub(super) fn check(plan: &Plan, hosts: &[HostMoves], ledger: &mut Ledger) {
    let Some(drift) = &plan.drift else { return };
    let moves = |of: fn(&HostMoves) -> &Moves| -> Vec<&Moves> {
        hosts.iter().map(of).filter(|moves| !moves.is_empty()).collect()
    };
    table("CPU", &drift.cpu, &moves(|host| &host.cpu), &SHIPPED_CPU, ledger);
    table(
        "memory",
        &drift.memory,
        &moves(|host| &host.memory),
        &SHIPPED_MEMORY,
        ledger,
    );
}

fn table(words: &str, found: &DriftTable, hosts: &[&Moves], shipped: &Shipped, ledger: &mut Ledger) {
    let check = Check::Drift;
    ledger.same(
        check,
        &format!("hosts behind the drift of {words}"),
        hosts.len(),
        found.hosts,
    );
    let mut all: Vec<(f64, f64)> = hosts.iter().flat_map(|moves| moves.iter().copied()).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let limits = if hosts.len() < 30 {
        shipped.limits
    } else {
        [1, 2].map(|third| {
            let first = all.len() * third / 3;
            (all[first - 1].0 + all[first].0) / 2.0
        })
    };
    for (expected, found) in limits.iter().zip(found.limits) {
        ledger.near(
            check,
            &format!("limit of a third of instability of {words}"),
            *expected,
            found,
        );
    }
    for third in 0..3 {
        // The plan's own limits decide a host on the border, so that an order of float operations does not.
        let own: Vec<f64> = all
            .iter()
            .filter(|(instability, _)| third_of(found, *instability) == third)
            .map(|(_, shift)| *shift)
            .collect();
        let each = hosts.len() as f64 / all.len().max(1) as f64;
        let mut weighted: Vec<(f64, f64)> = own.iter().map(|&shift| (shift, each)).collect();
        // What is shipped weighs as much as fifty hosts.
        weighted.extend(shipped.shifts[third].iter().map(|&shift| (shift, 1.0)));
        weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
        let holds = found.shifts[third].len() == 50
            && found.shifts[third].iter().enumerate().all(|(index, &shift)| {
                let wanted = (index as f64 + 0.5) / 50.0 * total;
                let below: f64 = weighted
                    .iter()
                    .filter(|(value, _)| *value < shift - 1e-6)
                    .map(|one| one.1)
                    .sum();
                let up_to: f64 = weighted
                    .iter()
                    .filter(|(value, _)| *value <= shift + 1e-6)
                    .map(|one| one.1)
                    .sum();
                below <= wanted + 1e-6 && wanted <= up_to + 1e-6
            });
        ledger.expect(
            check,
            holds,
            &format!("shifts of {words}, third {}", third + 1),
            "quantiles of the hosts' own moves and the shipped ones",
            "others",
        );
    }
}

/// Says in which third of instability a host is.
pub(super) fn third_of(table: &DriftTable, instability: f64) -> usize {
    usize::from(instability > table.limits[0]) + usize::from(instability > table.limits[1])
}
