//! The proposal for a group: instance type and policy, chosen together.
//!
//! Input: the group's [`Load`], the offers it may run on, and a [`Goal`].
//! Output: [`Proposal`]: many small against few large, each with the policy
//! that suits it, the cheapest by the first part's cost; the same on arm64; a
//! replayed interruption; and what AWS's predictive scaling must be told.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Deserialize, Serialize};

use super::fleet::Fleet;
use super::forecast::Foresight;
use super::load::{DAY, Load};
use super::replay::{Loss, Outcome, replay};
use super::search::{Goal, Selection, Stage};
use crate::catalog::{Architecture, Offer};
use crate::money::{HOURS_PER_MONTH, UsdPerHour, UsdPerMonth};

/// Fewest instances that the busiest minutes should need: one alone has nothing to scale.
const LEAST_AT_CREST: f64 = 1.5;
/// Most instances that the busiest minutes should need.
const MOST_AT_CREST: f64 = 200.0;

/// A size that a group may be made of.
#[derive(Clone, Debug)]
pub struct SizeOffer<'a> {
    /// The instance type with its price.
    pub offer: &'a Offer,
    /// Busy source cores that a whole instance carries.
    pub cores: f64,
}

/// What a group is proposed to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// The instance type.
    pub instance_type: String,
    /// Its architecture.
    pub architecture: Architecture,
    /// Its price.
    pub price_usd_per_hour: UsdPerHour,
    /// Busy source cores that one instance carries.
    pub cores_per_instance: f64,
    /// The fleet it was replayed with.
    pub fleet: Fleet,
    /// The policy and what it did.
    pub selection: Selection,
    /// Cost of a month as on the part that is held out.
    pub usd_per_month: UsdPerMonth,
    /// Cost of a month at a static size after the same rule everywhere: Compute Optimizer's.
    pub static_usd_per_month: Option<UsdPerMonth>,
    /// The other sizes that were tried, the cheapest first.
    pub others: Vec<OtherSize>,
    /// The cheapest size of the other architecture.
    pub other_architecture: Option<OtherSize>,
    /// Half of the group taken back, one zone a day at its busiest minute, at two minutes' notice.
    pub interrupted: Interruption,
    /// Utilisation in percent that predictive scaling is told, where the policy forecasts.
    pub predictive_target_percent: Option<f64>,
    /// Whether minutes were interpolated from coarser samples.
    pub interpolated_from_s: Option<f64>,
}

/// A size that was not chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherSize {
    /// The instance type.
    pub instance_type: String,
    /// Its policy.
    pub policy: String,
    /// Cost of a month as on the part that is held out.
    pub usd_per_month: UsdPerMonth,
    /// Share of minutes short there.
    pub short_share: f64,
}

/// What a spot interruption would have done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interruption {
    /// Share of the group that was spot.
    pub spot_share: f64,
    /// Interruptions replayed: one a day, at its busiest minute, of one zone's spot instances.
    pub interruptions: usize,
    /// Share of minutes short with them.
    pub short_share: f64,
    /// Longest shortage with them.
    pub longest_short_minutes: u64,
}

/// Proposes type and policy; nothing where no offered size suits or nothing was measured.
#[must_use]
pub fn propose(
    load: &Load,
    zone: &TimeZone,
    foresight: &Foresight,
    sizes: &[SizeOffer<'_>],
    fleet: &Fleet,
    goal: &Goal,
) -> Option<Proposal> {
    let stage = Stage::new(load, zone, foresight);
    let crest = stage.first_part().quantile(0.999).filter(|crest| *crest > 0.0)?;
    let mut suited: Vec<&SizeOffer<'_>> = sizes
        .iter()
        .filter(|size| (LEAST_AT_CREST..=MOST_AT_CREST).contains(&(crest / size.cores)))
        .collect();
    if suited.is_empty() {
        // The smallest: the group is smaller than any two instances.
        suited.extend(sizes.iter().min_by(|one, other| one.cores.total_cmp(&other.cores)));
    }
    let mut tried: Vec<(&SizeOffer<'_>, Selection)> = suited
        .into_iter()
        .map(|size| (size, stage.in_units(size.cores, fleet).select(goal)))
        .collect();
    let fitted_cost = |size: &SizeOffer<'_>, selection: &Selection| {
        size.offer.price.amount.approximately() * selection.chosen.fitted.instance_hours()
    };
    tried.sort_by(|one, other| fitted_cost(one.0, &one.1).total_cmp(&fitted_cost(other.0, &other.1)));
    let main = tried.first()?.0.offer.shape.architecture;
    let first = tried.iter().position(|(size, _)| size.offer.shape.architecture == preferred(sizes).unwrap_or(main))?;
    let (size, selection) = tried.remove(first);
    let architecture = size.offer.shape.architecture;
    let summaries: Vec<(Architecture, OtherSize)> = tried
        .iter()
        .map(|(size, selection)| (size.offer.shape.architecture, other(size, selection)))
        .collect();
    let replayer = stage.in_units(size.cores, fleet);
    let interrupted = interruption(&replayer, &selection, fleet);
    let known = |name: &str| selection.known.iter().find(|(known, _)| known.contains(name));
    Some(Proposal {
        instance_type: size.offer.shape.name.clone(),
        architecture,
        price_usd_per_hour: size.offer.price.amount,
        cores_per_instance: size.cores,
        fleet: fleet.clone(),
        usd_per_month: per_month(size.offer.price.amount, &selection.chosen.held_out),
        static_usd_per_month: known("Compute Optimizer").map(|(_, tried)| per_month(size.offer.price.amount, &tried.held_out)),
        others: of(&summaries, |other| other == architecture),
        other_architecture: of(&summaries, |other| other != architecture).into_iter().next(),
        interrupted,
        predictive_target_percent: replayer.predictive_target_percent(&selection.chosen.policy),
        interpolated_from_s: load.is_interpolated().then(|| load.interval_s()),
        selection,
    })
}

/// The architecture that comes first is the one that the policy allows; the other is shown beside it.
fn preferred(sizes: &[SizeOffer<'_>]) -> Option<Architecture> {
    sizes.first().map(|size| size.offer.shape.architecture)
}

fn of(summaries: &[(Architecture, OtherSize)], wanted: impl Fn(Architecture) -> bool) -> Vec<OtherSize> {
    let mut out: Vec<OtherSize> = summaries
        .iter()
        .filter(|(architecture, _)| wanted(*architecture))
        .map(|(_, other)| other.clone())
        .collect();
    out.sort_by_key(|other| other.usd_per_month);
    out
}

fn other(size: &SizeOffer<'_>, selection: &Selection) -> OtherSize {
    OtherSize {
        instance_type: size.offer.shape.name.clone(),
        policy: selection.chosen.policy.words(),
        usd_per_month: per_month(size.offer.price.amount, &selection.chosen.held_out),
        short_share: selection.chosen.held_out.short_share(),
    }
}

/// Gives what an outcome's seconds cost a month of 730 hours; exact in the seconds.
#[must_use]
pub fn per_month(price: UsdPerHour, outcome: &Outcome) -> UsdPerMonth {
    let seconds: u64 = outcome.instance_seconds.iter().sum::<u64>() + outcome.pool_boot_seconds;
    let seconds = Decimal::from_u64(seconds).unwrap_or_default();
    let span = Decimal::from_u64(outcome.minutes.max(1) * 60).unwrap_or(Decimal::ONE);
    UsdPerMonth::from_decimal(price.as_decimal() * Decimal::from(HOURS_PER_MONTH) * seconds / span)
}

/// Replays the loss of one zone's spot instances each day at its busiest minute.
fn interruption(replayer: &super::search::Replayer<'_>, selection: &Selection, fleet: &Fleet) -> Interruption {
    const SPOT_SHARE: f64 = 0.5;
    let need = replayer.held_out();
    let losses: Vec<Loss> = need
        .per_minute()
        .chunks(DAY)
        .enumerate()
        .filter_map(|(day, minutes)| {
            let busiest = (0..minutes.len())
                .filter(|&minute| !minutes[minute].is_nan())
                .max_by(|&one, &other| minutes[one].total_cmp(&minutes[other]))?;
            Some(Loss {
                minute: (day * DAY + busiest) as u32,
                share: SPOT_SHARE / f64::from(fleet.zones),
                noticed_after: 0,
            })
        })
        .collect();
    let policy = &selection.chosen.policy;
    let outcome = replay(need, fleet, policy, &replayer.held_out_floors(policy), &losses, &mut ());
    Interruption {
        spot_share: SPOT_SHARE,
        interruptions: losses.len(),
        short_share: outcome.short_share(),
        longest_short_minutes: outcome.longest_short_minutes,
    }
}
