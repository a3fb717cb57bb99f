//! How far demand of hosts like these moved from one part of a window to the next.
//!
//! Input: the fleet's histories. Output: a [`DriftTable`] per dimension: 50
//! quantiles of the shift in each third of instability. Shipped quantiles are
//! mixed in with a fixed weight, so that a small or short fleet rests on them
//! and a large one on itself.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::shipped::{SHIPPED_CPU, SHIPPED_MEMORY, Shipped};
use crate::profile::{HostProfile, Past};

/// Quantiles of a third.
pub const QUANTILES: usize = 50;
/// The shipped quantiles weigh as much as this many hosts of the fleet in each third.
///
/// A dial of 0.5 % asks for what one host in 200 does; below a few hundred hosts the fleet alone cannot know it.
pub const SHIPPED_WEIGHT: f64 = 50.0;
/// Fewer hosts with history than this take the shipped limits between the thirds.
const HOSTS_FOR_LIMITS: usize = 30;

/// How the fleet's CPU and memory move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// CPU demand.
    pub cpu: DriftTable,
    /// Memory in use.
    pub memory: DriftTable,
}

/// How one dimension moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DriftTable {
    /// Hosts whose history is in it.
    pub hosts: usize,
    /// Instability up to which a host is in the first, and in the second third.
    pub limits: [f64; 2],
    /// [`QUANTILES`] quantiles of the shift (a difference of logarithms) in each third, ascending.
    pub shifts: [Vec<f64>; 3],
}

impl Drift {
    /// Gives the shipped tables alone.
    #[must_use]
    pub fn shipped() -> Self {
        Self::learn([])
    }

    /// Learns from the histories of a fleet; their order does not matter.
    #[must_use]
    pub fn learn<'a>(profiles: impl IntoIterator<Item = &'a HostProfile>) -> Self {
        let (mut cpu, mut memory) = (Vec::new(), Vec::new());
        for history in profiles.into_iter().filter_map(|profile| profile.history.as_ref()) {
            cpu.extend(&history.cpu);
            memory.extend(&history.memory);
        }
        Self {
            cpu: DriftTable::learn(&cpu, &SHIPPED_CPU),
            memory: DriftTable::learn(&memory, &SHIPPED_MEMORY),
        }
    }
}

impl DriftTable {
    fn learn(pasts: &[&Past], shipped: &Shipped) -> Self {
        let mut turns: Vec<(f64, f64)> = pasts
            .iter()
            .flat_map(|past| &past.turns)
            .map(|turn| (turn.instability, turn.shift))
            .collect();
        turns.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let hosts = pasts.iter().filter(|past| !past.turns.is_empty()).count();
        let limits = if hosts < HOSTS_FOR_LIMITS {
            shipped.limits
        } else {
            // Between two turns, so that no host stands on the border itself; and as a plan's file says it, so that who
            // reads the file draws the same border.
            [1, 2].map(|third| {
                let first = turns.len() * third / 3;
                let limit = f64::midpoint(turns[first - 1].0, turns[first].0);
                (limit * 1e12).round() / 1e12
            })
        };
        let third_of = |instability: f64| limits.iter().filter(|limit| instability > **limit).count();
        let shifts = [0, 1, 2].map(|third| {
            let own: Vec<f64> = turns
                .iter()
                .filter(|(instability, _)| third_of(*instability) == third)
                .map(|(_, shift)| *shift)
                .collect();
            // A host counts once, however many turns it has.
            let weight = hosts as f64 * own.len() as f64 / turns.len().max(1) as f64;
            mixed(&own, weight, &shipped.shifts[third], SHIPPED_WEIGHT)
        });
        Self { hosts, limits, shifts }
    }

    /// Gives the third that hosts as unsteady as this are in.
    fn third(&self, instability: f64) -> usize {
        self.limits.iter().filter(|limit| instability > **limit).count()
    }
}

/// A drift with its factors `exp(shift)`, which are the same for every host of a fleet.
#[derive(Clone, Debug)]
pub struct Moves {
    drift: Drift,
    cpu: [Arc<[f64]>; 3],
    memory: [Arc<[f64]>; 3],
}

impl Moves {
    /// Works out the factors.
    #[must_use]
    pub fn of(drift: Drift) -> Self {
        let factors =
            |table: &DriftTable| [0, 1, 2].map(|third| table.shifts[third].iter().map(|shift| shift.exp()).collect());
        Self {
            cpu: factors(&drift.cpu),
            memory: factors(&drift.memory),
            drift,
        }
    }

    /// Gives the drift itself.
    #[must_use]
    pub fn drift(&self) -> &Drift {
        &self.drift
    }

    /// Gives by what CPU demand of hosts as unsteady as this may be multiplied, ascending.
    pub(super) fn cpu(&self, instability: f64) -> Arc<[f64]> {
        Arc::clone(&self.cpu[self.drift.cpu.third(instability)])
    }

    /// Gives by what memory in use of hosts as unsteady as this may be multiplied, ascending.
    pub(super) fn memory(&self, instability: f64) -> Arc<[f64]> {
        Arc::clone(&self.memory[self.drift.memory.third(instability)])
    }
}

/// Gives the quantiles of two weighted samples together.
fn mixed(one: &[f64], one_weight: f64, other: &[f64], other_weight: f64) -> Vec<f64> {
    let each = |values: &[f64], weight: f64| weight / values.len().max(1) as f64;
    let (one_each, other_each) = (each(one, one_weight), each(other, other_weight));
    let mut all: Vec<(f64, f64)> = one.iter().map(|&value| (value, one_each)).collect();
    all.extend(other.iter().map(|&value| (value, other_each)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = all.iter().map(|(_, weight)| weight).sum();
    let mut out = Vec::with_capacity(QUANTILES);
    let (mut seen, mut at) = (0.0, 0);
    for index in 0..QUANTILES {
        let wanted = (index as f64 + 0.5) / QUANTILES as f64 * total;
        while at + 1 < all.len() && seen + all[at].1 < wanted {
            seen += all[at].1;
            at += 1;
        }
        out.push((all[at].0 * 1e6).round() / 1e6);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Turn;

    fn past(instability: f64, shift: f64) -> Past {
        Past {
            instability,
            days: 30,
            turns: vec![Turn { instability, shift }; 3],
            daily_p95: Vec::new(),
        }
    }

    #[test]
    fn without_a_fleet_the_shipped_quantiles_stand() {
        let drift = Drift::shipped();
        assert_eq!(drift.cpu.hosts, 0);
        for (third, shifts) in drift.cpu.shifts.iter().enumerate() {
            for (mine, shipped) in shifts.iter().zip(SHIPPED_CPU.shifts[third]) {
                assert!((mine - shipped).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn a_large_fleet_outweighs_what_is_shipped() {
        let pasts: Vec<Past> = (0..30_000).map(|host| past(f64::from(host % 300), 0.25)).collect();
        let table = DriftTable::learn(&pasts.iter().collect::<Vec<_>>(), &SHIPPED_CPU);
        assert_eq!(table.hosts, 30_000);
        for shifts in &table.shifts {
            assert_eq!(shifts[10], 0.25);
            assert_eq!(shifts[40], 0.25);
        }
    }

    #[test]
    fn the_order_of_hosts_does_not_matter() {
        let mut pasts: Vec<Past> = (0..50)
            .map(|host| past(f64::from(host * 7 % 50) * 0.01, f64::from(host * 11 % 50) * 0.02))
            .collect();
        let forward = DriftTable::learn(&pasts.iter().collect::<Vec<_>>(), &SHIPPED_CPU);
        pasts.reverse();
        assert_eq!(
            forward,
            DriftTable::learn(&pasts.iter().collect::<Vec<_>>(), &SHIPPED_CPU)
        );
    }
}
