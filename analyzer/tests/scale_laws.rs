//! Laws of the replay, over loads and policies nobody chose.

#![allow(clippy::unwrap_used, missing_docs)]

use proptest::prelude::*;
use sizewright_analyzer::scale::{
    Fleet, Floors, Load, Loss, Metric, Need, Outcome, ScalingPolicy, StepScaling, TargetTracking, WarmPool, Watch,
    oracle, replay, units_for,
};

/// Demand that wanders, jumps and has holes.
fn loads() -> impl Strategy<Value = Vec<f32>> {
    let pieces = prop::collection::vec(
        (0.0_f32..30.0, -0.2_f32..0.2, 5_usize..120, prop::bool::weighted(0.1)),
        1..12,
    );
    pieces.prop_map(|pieces| {
        let mut values = Vec::new();
        for (level, slope, minutes, hole) in pieces {
            values.extend((0..minutes).map(|minute| {
                if hole {
                    f32::NAN
                } else {
                    (level + slope * minute as f32).max(0.0)
                }
            }));
        }
        values
    })
}

fn policies() -> impl Strategy<Value = ScalingPolicy> {
    (
        1_u32..5,
        5_u32..60,
        0.3_f64..0.98,
        any::<bool>(),
        any::<bool>(),
        prop::option::of(1_u32..20),
    )
        .prop_map(|(minimum, more, target, scale_in, requests, steps)| {
            let metric = if requests { Metric::Requests } else { Metric::Cpu };
            ScalingPolicy {
                tracking: Some(TargetTracking {
                    target,
                    metric,
                    scale_in,
                }),
                steps: steps.map(|points| StepScaling {
                    metric,
                    high: target,
                    high_points: 1 + points / 8,
                    out: vec![(target, 0.1), (target + 0.1, 0.4)],
                    low: 0.8 * target,
                    low_points: points,
                    remove: 0.2,
                    cooldown_minutes: points / 2,
                }),
                ..ScalingPolicy::tracking(target, minimum, minimum + more)
            }
        })
}

fn fleets() -> impl Strategy<Value = Fleet> {
    let sizes = prop_oneof![Just(vec![1]), Just(vec![3, 1]), Just(vec![4, 2]), Just(vec![5])];
    (
        sizes,
        0_u32..12,
        0_u32..12,
        1_u32..4,
        prop::option::of((0_u32..6, 0_u32..3)),
    )
        .prop_map(|(sizes, boot_minutes, warm_up_minutes, zones, pool)| Fleet {
            sizes,
            boot_minutes,
            warm_up_minutes,
            zones,
            warm_pool: pool.map(|(instances, start_minutes)| WarmPool {
                instances,
                start_minutes,
            }),
            ..Fleet::default()
        })
}

fn need(values: &[f32]) -> Need {
    Need::new(&Load::from_minutes(0, values.to_vec()), 1.0, 0.0)
}

fn run(values: &[f32], fleet: &Fleet, policy: &ScalingPolicy) -> (Outcome, Ledger) {
    let mut ledger = Ledger::default();
    let outcome = replay(&need(values), fleet, policy, &Floors::default(), &[], &mut ledger);
    (outcome, ledger)
}

/// Books every minute by itself.
#[derive(Default)]
struct Ledger {
    unit_minutes: u64,
    least_running: Option<u32>,
    most_running: u32,
}

impl Watch for Ledger {
    fn minute(&mut self, _: usize, serving: u32, running: u32) {
        assert!(serving <= running);
        self.unit_minutes += u64::from(running);
        self.least_running = Some(self.least_running.map_or(running, |least| least.min(running)));
        self.most_running = self.most_running.max(running);
    }
}

proptest! {
    #[test]
    fn cost_equals_the_sum_of_instance_seconds(values in loads(), policy in policies(), fleet in fleets()) {
        let (outcome, ledger) = run(&values, &fleet, &policy);
        prop_assert_eq!(outcome.unit_minutes, ledger.unit_minutes);
        let seconds: u64 = fleet.sizes.iter().zip(&outcome.instance_seconds).map(|(size, seconds)| u64::from(*size) * seconds).sum();
        prop_assert_eq!(seconds, 60 * ledger.unit_minutes);
        prop_assert_eq!(outcome.most_units.max(ledger.most_running), outcome.most_units);
    }

    #[test]
    fn draining_is_billed_by_the_second_and_for_nothing_else(values in loads(), policy in policies(), draining in 0_u32..300) {
        let plain = Fleet::default();
        let drained = Fleet { draining_seconds: draining, ..Fleet::default() };
        let (one, _) = run(&values, &plain, &policy);
        let (other, _) = run(&values, &drained, &policy);
        prop_assert_eq!(other.instance_seconds[0] - one.instance_seconds[0], u64::from(draining) * other.terminated);
        prop_assert_eq!(one.short_minutes, other.short_minutes);
    }

    #[test]
    fn scale_in_never_goes_below_the_minimum(values in loads(), policy in policies(), fleet in fleets()) {
        let (_, ledger) = run(&values, &fleet, &policy);
        prop_assert!(ledger.least_running.is_none_or(|least| least >= policy.minimum));
    }

    #[test]
    fn more_capacity_never_adds_shortage(values in loads(), units in 0_u32..40, fleet in fleets()) {
        let (less, _) = run(&values, &fleet, &ScalingPolicy::fixed(units));
        let (more, _) = run(&values, &fleet, &ScalingPolicy::fixed(units + 1));
        prop_assert!(more.short_minutes <= less.short_minutes);
        prop_assert!(more.unserved <= less.unserved);
        prop_assert!(more.short_without_a_zone <= less.short_without_a_zone);
    }

    #[test]
    fn a_higher_floor_never_adds_shortage(
        values in loads(),
        floors in prop::collection::vec((0_u32..600, 0_u32..40), 0..20),
        more in prop::collection::vec(0_u32..10, 20),
        boot_minutes in 0_u32..8,
    ) {
        let fleet = Fleet { boot_minutes, ..Fleet::default() };
        let policy = ScalingPolicy { minimum: 0, maximum: 100, ..ScalingPolicy::fixed(0) };
        let mut low = floors;
        low.sort_unstable();
        low.dedup_by_key(|change| change.0);
        // Raised by the same everywhere, so that both launch at the same minutes.
        let high: Vec<(u32, u32)> = low.iter().map(|&(at, floor)| (at, floor + more[0])).collect();
        let outcome = |changes: Vec<(u32, u32)>| replay(&need(&values), &fleet, &policy, &Floors { changes }, &[], &mut ());
        prop_assert!(outcome(high).short_minutes <= outcome(low).short_minutes);
    }

    #[test]
    fn zero_boot_time_and_a_perfect_forecast_reach_the_oracle(values in loads()) {
        let fleet = Fleet { boot_minutes: 0, warm_up_minutes: 0, ..Fleet::default() };
        let policy = ScalingPolicy { minimum: 0, maximum: u32::MAX, ..ScalingPolicy::fixed(0) };
        let need = need(&values);
        let changes = values
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_nan())
            .map(|(minute, value)| (minute as u32, units_for(f64::from(*value))))
            .collect();
        let outcome = replay(&need, &fleet, &policy, &Floors { changes }, &[], &mut ());
        let best = oracle(&need);
        prop_assert_eq!(outcome.unit_minutes, best.unit_minutes);
        // The oracle leaves a hair above a whole unit unserved, as rounding.
        prop_assert!(outcome.unserved <= 1e-3 * best.minutes as f64);
    }

    #[test]
    fn nothing_is_drawn(values in loads(), policy in policies(), fleet in fleets()) {
        prop_assert_eq!(run(&values, &fleet, &policy).0, run(&values, &fleet, &policy).0);
    }

    #[test]
    fn lost_instances_come_back(share in 0.0_f64..1.0, noticed_after in 0_u32..10) {
        let values = vec![1.0; 200];
        let fleet = Fleet::default();
        let loss = [Loss { minute: 50, share, noticed_after }];
        let mut serving: Vec<u32> = Vec::new();
        let outcome = replay(&need(&values), &fleet, &ScalingPolicy::fixed(10), &Floors::default(), &loss, &mut serving);
        let lost = (10.0 * share - 1e-9).ceil().max(0.0) as u32;
        prop_assert_eq!(serving[50], 10 - lost);
        prop_assert_eq!(serving[50 + (noticed_after + fleet.boot_minutes) as usize], 10);
        prop_assert_eq!(outcome.launched, u64::from(lost));
    }
}

/// Target tracking written a second time, as plainly as AWS words it, one record an instance.
fn plain_tracking(values: &[f32], target: f64, minimum: usize, maximum: usize, boot: usize) -> (u64, u64) {
    let mut ready_at: Vec<usize> = vec![0; minimum];
    let mut utilisations: Vec<f64> = Vec::new();
    let mut billed = 0;
    let mut short = 0;
    for (minute, &asked) in values.iter().enumerate() {
        let asked = f64::from(asked);
        let serving = ready_at.iter().filter(|&&at| at <= minute).count();
        billed += ready_at.len() as u64;
        short += u64::from(asked > serving as f64);
        utilisations.push((asked / serving as f64).min(1.0));
        let last = |points: usize| (utilisations.len() >= points).then(|| &utilisations[utilisations.len() - points..]);
        let needed = |units: f64| (units - 1e-4).ceil() as usize;
        if last(3).is_some_and(|points| points.iter().all(|point| *point > target)) {
            let wanted = needed(asked.min(serving as f64) / target).min(maximum);
            while ready_at.len() < wanted {
                ready_at.push(minute + 1 + boot);
            }
        } else if last(15).is_some_and(|points| points.iter().all(|point| *point < 0.9 * target))
            && ready_at.iter().all(|&at| at <= minute)
        {
            let highest = values[minute - 14..=minute].iter().copied().fold(0.0, f32::max);
            let wanted = needed(f64::from(highest) / target).max(minimum);
            ready_at.truncate(wanted.max(1).min(ready_at.len()));
        }
    }
    (billed, short)
}

#[test]
fn target_tracking_does_what_it_does_when_written_plainly() {
    // A week of a slow wave with steps on it, from whole numbers so that both count alike.
    let values: Vec<f32> = (0..7 * 1_440_i32)
        .map(|minute| {
            let wave = (minute % 1_440 - 720).abs() as f32 / 32.0;
            let steps = if (minute / 97) % 5 == 0 { 6.0 } else { 0.0 };
            2.0 + wave + steps + (minute % 7) as f32 / 8.0
        })
        .collect();
    for (target, boot) in [(0.5, 5), (0.75, 3), (0.875, 5), (0.5, 1)] {
        let fleet = Fleet {
            boot_minutes: boot,
            warm_up_minutes: 0,
            ..Fleet::default()
        };
        let (outcome, _) = run(&values, &fleet, &ScalingPolicy::tracking(target, 2, 200));
        let (billed, short) = plain_tracking(&values, target, 2, 200, boot as usize);
        assert_eq!(
            (outcome.unit_minutes, outcome.short_minutes),
            (billed, short),
            "target {target}, boot {boot}"
        );
        assert!(outcome.raised > 20 && outcome.lowered > 10, "it moved: {outcome:?}");
    }
}
