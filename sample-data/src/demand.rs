//! What would the summed load of one tier look like, by kind?
//!
//! Input: a kind, a seed, a number of days. Output: busy cores minute by
//! minute, for judging scaling policies. Rhythm, wander, noise and bursts are
//! those of the estate's hosts.

use crate::calendar::{MINUTE_MS, Rhythm, START_MS, level};
use crate::noise::{Bursts, Noise, Wander};

/// How a tier's load moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemandKind {
    /// A queue's workers: nearly level, a slow wave.
    Smooth,
    /// Shoppers and payers, by the hour.
    Diurnal,
    /// Little but jobs that come when they come.
    Spiky,
    /// Shoppers and payers, one per cent more of them each day.
    Growing,
}

impl DemandKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Smooth, Self::Diurnal, Self::Spiky, Self::Growing];

    /// Names the kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Smooth => "smooth",
            Self::Diurnal => "diurnal",
            Self::Spiky => "spiky",
            Self::Growing => "growing",
        }
    }
}

/// The first minute of a series, counted from 1970-01-01 00:00 UTC.
pub const DEMAND_FIRST_MINUTE: i64 = START_MS / MINUTE_MS;

/// Gives the busy cores of a tier, one value a minute from [`DEMAND_FIRST_MINUTE`] on.
#[must_use]
pub fn demand(kind: DemandKind, seed: u64, days: u32) -> Vec<f32> {
    let mut noise = Noise::new(seed, kind.name());
    let (persistence, spread, jitter) = match kind {
        DemandKind::Smooth => (0.999, 0.05, 0.01),
        DemandKind::Diurnal | DemandKind::Growing => (0.995, 0.06, 0.02),
        DemandKind::Spiky => (0.99, 0.10, 0.05),
    };
    let (bursts_per_day, burst_minutes, burst_height) = match kind {
        DemandKind::Smooth => (0.2, 4.0, 0.2),
        DemandKind::Diurnal | DemandKind::Growing => (2.0, 8.0, 0.4),
        DemandKind::Spiky => (14.0, 25.0, 8.0),
    };
    let mut wander = Wander::new(persistence, spread);
    let mut bursts = Bursts::new(bursts_per_day, burst_minutes, burst_height);
    (0..days * 1_440)
        .map(|minute| {
            let at_ms = START_MS + i64::from(minute + 1) * MINUTE_MS;
            let rhythm = match kind {
                DemandKind::Smooth => 0.85 + 0.15 * level(Rhythm::Customers, at_ms),
                DemandKind::Diurnal => level(Rhythm::Customers, at_ms),
                DemandKind::Spiky => 0.15,
                DemandKind::Growing => level(Rhythm::Customers, at_ms) * (1.0 + 0.01 * f64::from(minute) / 1_440.0),
            };
            let burst = bursts.next(1.0, &mut noise);
            let moved = rhythm * (1.0 + wander.next(&mut noise)).max(0.1) * noise.factor(jitter);
            (20.0 * (moved + 0.15 * burst)) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_load_and_kinds_differ() {
        assert_eq!(demand(DemandKind::Spiky, 1, 2), demand(DemandKind::Spiky, 1, 2));
        assert_ne!(demand(DemandKind::Spiky, 1, 2), demand(DemandKind::Spiky, 2, 2));
        let relative_peak = |kind| {
            let values = demand(kind, 7, 14);
            let mean = values.iter().sum::<f32>() / values.len() as f32;
            values.iter().copied().fold(0.0, f32::max) / mean
        };
        assert!(relative_peak(DemandKind::Smooth) < 1.5);
        assert!(relative_peak(DemandKind::Spiky) > 3.0);
    }

    #[test]
    fn a_growing_load_grows() {
        let values = demand(DemandKind::Growing, 3, 56);
        let week = |index: usize| values[index * 10_080..(index + 1) * 10_080].iter().sum::<f32>();
        assert!(week(7) > 1.3 * week(0));
    }
}
