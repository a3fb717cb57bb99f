//! What no policy can beat, and what one pays without any: the oracle and static sizes.

use super::load::{Load, Need};
use super::replay::Outcome;
use crate::size::with_erlang_headroom;

/// Gives the outcome of the per-minute oracle: in every minute exactly the whole units it asks for.
#[must_use]
pub fn oracle(need: &Need) -> Outcome {
    let mut outcome = Outcome::default();
    for stretch in need.stretches() {
        for asked in &need.per_minute()[stretch.clone()] {
            let units = units_for(f64::from(*asked));
            outcome.minutes += 1;
            outcome.asked += f64::from(*asked);
            outcome.unit_minutes += u64::from(units);
            outcome.most_units = outcome.most_units.max(units);
        }
    }
    outcome.instance_seconds = vec![outcome.unit_minutes * 60];
    outcome
}

/// How a static size is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaticRule {
    /// The highest minute.
    Peak,
    /// P95 × 1.3, as Azure Migrate sizes.
    AzureMigrate,
    /// P99.5 / (1 − 20 %), as Compute Optimizer sizes by default.
    ComputeOptimizer,
    /// P99 with headroom by size (method §2).
    SizeAware,
}

impl StaticRule {
    /// Every rule, the dearest first.
    pub const ALL: [Self; 4] = [Self::Peak, Self::ComputeOptimizer, Self::SizeAware, Self::AzureMigrate];

    /// Names the rule.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Peak => "static at peak",
            Self::AzureMigrate => "static, Azure Migrate's rule",
            Self::ComputeOptimizer => "static, Compute Optimizer's rule",
            Self::SizeAware => "static, P99 with size-aware headroom",
        }
    }

    /// Gives the whole units that the rule buys for a load; nothing where the load was not measured.
    #[must_use]
    pub fn units(self, load: &Load, per_unit: f64) -> Option<u32> {
        let amount = match self {
            Self::Peak => load.quantile(1.0)?,
            Self::AzureMigrate => load.quantile(0.95)? * 1.3,
            Self::ComputeOptimizer => load.quantile(0.995)? / 0.8,
            Self::SizeAware => with_erlang_headroom(load.quantile(0.99)?),
        };
        Some(units_for(amount / per_unit))
    }
}

/// Gives the whole units that hold so much.
#[must_use]
pub fn units_for(amount: f64) -> u32 {
    (amount - 1e-4).ceil().max(0.0) as u32
}

/// Gives the units of which so many are left when the fullest of the zones is lost; itself where there is only one zone.
#[must_use]
pub fn with_a_zone_lost(units: u32, zones: u32) -> u32 {
    if zones < 2 || units == 0 {
        return units;
    }
    // Every `zones − 1` units that are left stand for one that is lost.
    units + units.div_ceil(zones - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_when_a_zone_is_lost_is_enough_and_one_less_is_not() {
        for zones in 2..5_u32 {
            for units in 1..200_u32 {
                let all = with_a_zone_lost(units, zones);
                let left = |all: u32| all - all.div_ceil(zones);
                assert!(left(all) >= units, "{units} of {all} in {zones}");
                assert!(left(all - 1) < units, "{units} of {all} in {zones}");
            }
        }
        assert_eq!(with_a_zone_lost(7, 1), 7);
    }
}
