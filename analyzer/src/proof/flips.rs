//! What would change the verdict? Input: a host and its policy. Output: the nearest change of each assumption that does.
//!
//! Each assumption is moved away step by step from what it is, alone, and the host sized anew by the same code as the
//! plan; between the last step that changes nothing and the first that does, the place is found by halving.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Deserialize, Serialize};

use super::ProofInputs;
use crate::catalog::Offer;
use crate::money::UsdPerHour;
use crate::plan::{Estate, PlanInputs};
use crate::policy::Policy;
use crate::profile::HostProfile;
use crate::size::{CpuEquivalence, Drift};

/// Halvings between two steps.
const HALVINGS: usize = 8;

/// An assumption that is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assumption {
    /// The risk dial.
    Dial,
    /// Headroom on CPU and memory.
    Headroom,
    /// The demand in every dimension.
    Demand,
    /// The work of a source core, in vCPUs of m7i.
    Equivalence,
    /// The price of the proposed type.
    Price,
}

/// The nearest value of an assumption at which another type is proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flip {
    /// What is moved.
    pub assumption: Assumption,
    /// Its value now: a share for dial and headroom, 1 for demand and price, a score for the equivalence.
    pub now: f64,
    /// Its value from which the other type is proposed.
    pub at: f64,
    /// The type that is proposed there; absent where none fits.
    pub instance_type: Option<String>,
    /// Whether the value lies within what the assumption is uncertain by; absent where no bound is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_within_bound: Option<bool>,
}

/// What changes the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flips {
    /// What is proposed for the host afresh, where the plan kept the type of an earlier one.
    pub afresh: Option<String>,
    /// The nearest first, by how far the assumption moves.
    pub flips: Vec<Flip>,
    /// Assumptions that change nothing as far as they were moved, and how far that is.
    pub firm: Vec<String>,
}

type Type = Option<String>;

/// Finds the flips; nothing where the host cannot be sized.
pub(super) fn flips(
    inputs: &ProofInputs<'_>,
    policy: &Policy,
    drift: &Drift,
    profile: &HostProfile,
    chosen: &str,
) -> Option<Flips> {
    let profiles = [profile.clone()];
    let with_profile = PlanInputs {
        profiles: &profiles,
        ..inputs.plan_inputs()
    };
    let estate = Estate::of(&with_profile).ok()?;
    let offers = inputs.catalog.offers(&inputs.row.region).ok()?;
    let name = |offer: Option<&Offer>| offer.map(|offer| offer.shape.name.clone());
    let sized = |policy: &Policy, growth: f64| -> Type {
        let sized = estate.size(&[0], &inputs.row.region, policy, drift, growth).ok()?;
        name(sized.first()?.offer)
    };
    let now = sized(policy, 0.0)?;
    let mut flips = Vec::new();
    let mut firm = Vec::new();

    let both = |up: Vec<f64>, down: Vec<f64>, of: &dyn Fn(f64) -> Type| {
        [up, down].map(|steps| nearest(&now, steps[0], &steps[1..], of))
    };
    let mut add =
        |assumption: Assumption, start: f64, found: [Option<(f64, Type)>; 2], far: String, bound: Option<f64>| {
            let mut any = false;
            for (at, instance_type) in found.into_iter().flatten() {
                any = true;
                flips.push(Flip {
                    assumption,
                    now: rounded(start),
                    at: away(start, at),
                    instance_type,
                    is_within_bound: bound.map(|bound| (at / start - 1.0).abs() <= bound),
                });
            }
            if !any {
                firm.push(far);
            }
        };

    if policy.rule.needs_history() {
        let steps = |factor: f64| (0..=30).map(|step| policy.risk * factor.powi(step)).collect::<Vec<_>>();
        let within = |steps: Vec<f64>| steps.into_iter().filter(|dial| (0.0005..=0.2).contains(dial)).collect();
        let (up, down): (Vec<f64>, Vec<f64>) = (within(steps(1.12)), within(steps(1.0 / 1.12)));
        if !up.is_empty() && !down.is_empty() {
            let at = |risk: f64| sized(&Policy { risk, ..policy.clone() }, 0.0);
            let far = "a dial of 0.05 to 20 %".to_string();
            add(Assumption::Dial, policy.risk, both(up, down, &at), far, None);
        }
    }
    let more = |by: f64, count: i32| (0..=count).map(|step| f64::from(step) * by).collect::<Vec<_>>();
    let headroom = |extra: f64| {
        sized(
            &Policy {
                cpu_headroom: policy.cpu_headroom + extra,
                memory_headroom: policy.memory_headroom + extra,
                ..policy.clone()
            },
            0.0,
        )
    };
    let up = nearest(&now, 0.0, &more(0.02, 50)[1..], &headroom).map(|(at, to)| (at + policy.cpu_headroom, to));
    let far = "headroom of up to 100 % more".to_string();
    add(Assumption::Headroom, policy.cpu_headroom, [up, None], far, None);

    let demand = |factor: f64| sized(policy, factor - 1.0);
    let up: Vec<f64> = more(0.02, 50).iter().map(|step| 1.0 + step).collect();
    let down: Vec<f64> = more(0.02, 40).iter().map(|step| 1.0 - step).collect();
    let far = "demand from a fifth to twice what it is".to_string();
    add(
        Assumption::Demand,
        1.0,
        both(up.clone(), down.clone(), &demand),
        far,
        None,
    );

    if let CpuEquivalence::Scored {
        source_score,
        uncertainty,
        ..
    } = estate.hosts[0].equivalence()
    {
        let scored = |score: f64| -> Type {
            let mut estate = Estate::of(&with_profile).ok()?;
            estate.hosts[0].set_source_score(score);
            let sized = estate.size(&[0], &inputs.row.region, policy, drift, 0.0).ok()?;
            name(sized.first()?.offer)
        };
        let times = |steps: &[f64]| steps.iter().map(|factor| factor * source_score).collect::<Vec<_>>();
        let far = "a source core from a fifth to twice as fast".to_string();
        let found = both(times(&up), times(&down), &scored);
        add(Assumption::Equivalence, *source_score, found, far, *uncertainty);
    }

    let priced = |factor: f64| -> Type {
        let offers = repriced(offers, &now, factor);
        let sized = estate.size_among(&[0], &offers, &inputs.row.region, policy, drift, 0.0);
        name(sized.first()?.offer)
    };
    let far = format!("{now} up to twice its price");
    add(
        Assumption::Price,
        1.0,
        [nearest(&now, 1.0, &up[1..], &priced), None],
        far,
        None,
    );

    flips.sort_by(|a, b| {
        distance(a)
            .total_cmp(&distance(b))
            .then(a.assumption.cmp(&b.assumption))
    });
    Some(Flips {
        afresh: (now != chosen).then_some(now.clone()),
        flips,
        firm,
    })
}

/// Gives how far an assumption moves, as a share of what it is; headroom counts from nothing.
fn distance(flip: &Flip) -> f64 {
    match flip.assumption {
        Assumption::Headroom => (flip.at - flip.now).abs(),
        _ => (flip.at / flip.now - 1.0).abs(),
    }
}

/// Finds the first step at which another type is proposed, and between it and the step before the place.
fn nearest(now: &str, start: f64, steps: &[f64], of: &dyn Fn(f64) -> Type) -> Option<(f64, Type)> {
    let mut same = start;
    for &step in steps {
        let mut other = of(step);
        if other.as_deref() == Some(now) {
            same = step;
            continue;
        }
        let mut there = step;
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(same, there);
            let found = of(middle);
            if found.as_deref() == Some(now) {
                same = middle;
            } else {
                (there, other) = (middle, found);
            }
        }
        return Some((there, other));
    }
    None
}

/// Gives the offers with one type at another price, cheapest first.
fn repriced(offers: &[Offer], name: &str, factor: f64) -> Vec<Offer> {
    let mut offers = offers.to_vec();
    if let (Some(offer), Some(factor)) = (
        offers.iter_mut().find(|offer| offer.shape.name == name),
        Decimal::from_f64(factor),
    ) {
        offer.price.amount = UsdPerHour::from_decimal(offer.price.amount.as_decimal() * factor);
    }
    offers.sort_by_key(|offer| offer.price.amount.as_decimal());
    offers
}

/// Rounds a value away from where it started.
fn away(start: f64, at: f64) -> f64 {
    if at < start {
        (at * 1e5).floor() / 1e5
    } else {
        (at * 1e5).ceil() / 1e5
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1e5).round() / 1e5
}

impl Flip {
    /// Says it: "a dial of 0.83 % instead of 0.50 %: m7i.xlarge".
    #[must_use]
    pub fn words(&self, proposed: &str) -> String {
        let percent = |share: f64| format!("{:.2} %", share * 100.0);
        let moved = (self.at / self.now - 1.0) * 100.0;
        let change = match self.assumption {
            // On the edge itself: the figures would read the same.
            Assumption::Dial if moved.abs() < 0.5 => format!(
                "a dial a little {} than {}",
                if self.at < self.now { "smaller" } else { "larger" },
                percent(self.now)
            ),
            Assumption::Dial => format!("a dial of {} instead of {}", percent(self.at), percent(self.now)),
            Assumption::Headroom => format!(
                "headroom of {:.1} % instead of {:.1} %",
                self.at * 100.0,
                self.now * 100.0
            ),
            Assumption::Demand if moved > 0.0 => format!("demand {moved:.1} % higher in every dimension"),
            Assumption::Demand => format!("demand {:.1} % lower in every dimension", -moved),
            Assumption::Equivalence => {
                let bound = match self.is_within_bound {
                    Some(true) => ", within its bound",
                    Some(false) => ", outside its bound",
                    None => "",
                };
                format!(
                    "a source core that does {:.2} of an m7i vCPU instead of {:.2} ({moved:+.1} %{bound})",
                    self.at, self.now
                )
            }
            Assumption::Price => format!("{proposed} {moved:.1} % dearer"),
        };
        let to = self.instance_type.as_deref().unwrap_or("no type fits");
        format!("{change}: {to}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_nearest_change_is_found_and_not_a_later_one() {
        let of = |value: f64| {
            Some(
                match value {
                    value if value < 0.137 => "a",
                    value if value < 0.6 => "b",
                    _ => "c",
                }
                .to_string(),
            )
        };
        let steps: Vec<f64> = (1..=10).map(|step| f64::from(step) * 0.1).collect();
        let (at, to) = nearest("a", 0.0, &steps, &of).unwrap();
        assert!((at - 0.137).abs() < 0.1 / 256.0 + 1e-9 && at >= 0.137, "{at}");
        assert_eq!(to.as_deref(), Some("b"));
        assert_eq!(nearest("a", 0.0, &[0.05, 0.1], &of), None);
    }
}
