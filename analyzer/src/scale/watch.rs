//! What looks on while a policy is replayed: nobody, a chart, or a search that stops at what is out.

use super::replay::Outcome;

/// Sees every minute of a replay.
pub trait Watch {
    /// Is told the minute of the series, the units that take load, and the units that are billed.
    fn minute(&mut self, minute: usize, serving: u32, running: u32);

    /// Says whether the rest need not be replayed.
    #[inline]
    fn has_seen_enough(&self, _: &Outcome) -> bool {
        false
    }
}

/// Looks no further once more minutes were short than may be: what was replayed until then says so too.
#[derive(Clone, Copy, Debug)]
pub(super) struct UntilShort {
    /// Minutes that may be short.
    pub(super) most: u64,
    /// Whether those count in which the loss of a zone would have made short.
    pub(super) without_a_zone: bool,
}

impl Watch for UntilShort {
    #[inline]
    fn minute(&mut self, _: usize, _: u32, _: u32) {}

    #[inline]
    fn has_seen_enough(&self, outcome: &Outcome) -> bool {
        let short = if self.without_a_zone {
            outcome.short_without_a_zone
        } else {
            outcome.short_minutes
        };
        short > self.most
    }
}

/// Looks at nothing.
impl Watch for () {
    #[inline]
    fn minute(&mut self, _: usize, _: u32, _: u32) {}
}

/// Keeps the units that take load, by minute; 0 in holes.
impl Watch for Vec<u32> {
    fn minute(&mut self, minute: usize, serving: u32, _: u32) {
        if self.len() <= minute {
            self.resize(minute + 1, 0);
        }
        self[minute] = serving;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scale::{Fleet, Floors, Load, Need, ScalingPolicy, replay};

    proptest! {
        #[test]
        fn a_replay_that_is_cut_short_judges_as_the_whole_one(
            hours in proptest::collection::vec(0.0..12.0_f32, 24..72),
            target in 0.4..0.99_f64,
            most in 0..600_u64,
            without_a_zone: bool,
        ) {
            let minutes = hours.iter().flat_map(|&hour| std::iter::repeat_n(hour, 60)).collect();
            let need = Need::new(&Load::from_minutes(0, minutes), 1.0, 0.0).with_windows([15]);
            let (fleet, policy) = (Fleet::default(), ScalingPolicy::tracking(target, 2, 20));
            let whole = replay(&need, &fleet, &policy, &Floors::default(), &[], &mut ());
            let cut = replay(&need, &fleet, &policy, &Floors::default(), &[], &mut UntilShort { most, without_a_zone });
            let short = |outcome: &Outcome| if without_a_zone { outcome.short_without_a_zone } else { outcome.short_minutes };
            if short(&whole) <= most {
                prop_assert_eq!(cut, whole);
            } else {
                prop_assert_eq!(short(&cut), most + 1);
                prop_assert!(cut.minutes <= whole.minutes);
            }
        }
    }
}
