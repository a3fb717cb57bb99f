//! The proposal for a group: instance type and policy, chosen together.
//!
//! Input: the group's [`Load`], the sizes it may be made of, and a [`Goal`].
//! Output: [`Proposal`]: many small against few large, each with the policy
//! that suits it, the cheapest by the first part's cost; the same on the
//! architectures that the policy does not allow; a replayed interruption; and
//! what AWS's predictive scaling must be told.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Deserialize, Serialize};

use super::fleet::Fleet;
use super::forecast::Foresight;
use super::load::{DAY, Load};
use super::replay::{Loss, Outcome, replay};
use super::search::{Goal, Replayer, Selection, Stage};
use crate::catalog::{Architecture, Offer, PriceMethod, YearMonth};
use crate::money::{HOURS_PER_MONTH, UsdPerHour, UsdPerMonth};

/// Fewest instances that the busiest minutes should need: one alone has nothing to scale.
const LEAST_AT_CREST: f64 = 1.5;
/// Most instances that the busiest minutes should need.
const MOST_AT_CREST: f64 = 200.0;
/// Sizes that are searched in full, the cheapest by what they could cost at least; for each number of zones where there are several.
const SEARCHED: usize = 8;
/// The same of architectures that are only shown, in all.
const SEARCHED_BESIDE: usize = 1;
/// Share of a group that is spot in the replayed interruptions.
const SPOT_SHARE: f64 = 0.5;

/// A size that a group may be made of.
#[derive(Clone, Copy, Debug)]
pub struct SizeOffer<'a> {
    /// The instance type with its price.
    pub offer: &'a Offer,
    /// Busy source cores that a whole instance carries.
    pub cores: f64,
    /// Whether the policy allows it; else it is only shown.
    pub allowed: bool,
}

/// A size in so many zones.
#[derive(Clone, Copy)]
struct Makeup<'a> {
    size: SizeOffer<'a>,
    fleet: &'a Fleet,
}

/// What a group is proposed to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// The instance type.
    pub instance_type: String,
    /// vCPUs of one instance.
    pub vcpu: u32,
    /// Memory of one instance, GiB.
    pub memory_gib: f64,
    /// Its architecture.
    pub architecture: Architecture,
    /// Its price.
    pub price_usd_per_hour: UsdPerHour,
    /// How the price is known.
    pub price_method: PriceMethod,
    /// Which month the price is of.
    pub price_as_of: YearMonth,
    /// Busy source cores that one instance carries.
    pub cores_per_instance: f64,
    /// The fleet it was replayed with.
    pub fleet: Fleet,
    /// The policy and what it did.
    pub selection: Selection,
    /// Cost of a month as on the part that is held out.
    pub usd_per_month: UsdPerMonth,
    /// Cost of a month at the smallest static size that met the goal on the first part.
    pub static_usd_per_month: Option<UsdPerMonth>,
    /// Cost of a month of exactly what each minute needed.
    pub oracle_usd_per_month: UsdPerMonth,
    /// The other sizes that were tried, the cheapest first.
    pub others: Vec<OtherSize>,
    /// Sizes (by zones) that would suit but were not searched, since the least they could cost is more.
    pub unsearched: usize,
    /// The cheapest size of an architecture that the policy does not allow.
    pub other_architecture: Option<OtherSize>,
    /// One zone's spot instances taken back each day at its busiest minute, at two minutes' notice.
    pub interrupted: Interruption,
    /// Utilisation in percent that predictive scaling is told, where the policy forecasts.
    pub predictive_target_percent: Option<f64>,
    /// Seconds between the samples that minutes were interpolated from, where they were.
    pub interpolated_from_s: Option<f64>,
}

impl Proposal {
    /// Says type and policy in a few words, and whether a zone may be lost.
    #[must_use]
    pub fn words(&self) -> String {
        let zone = if self.selection.goal.survives_zone_loss {
            ", a zone may be lost"
        } else {
            ""
        };
        format!(
            "{} × {}{zone}",
            self.instance_type,
            self.selection.chosen.policy.words()
        )
    }
}

/// A size that was not chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherSize {
    /// The instance type.
    pub instance_type: String,
    /// Its architecture.
    pub architecture: Architecture,
    /// Zones it would stand in.
    pub zones: u32,
    /// Its policy.
    pub policy: String,
    /// Cost of a month as on the first part, by which the choice was made.
    pub fitted_usd_per_month: UsdPerMonth,
    /// Cost of a month as on the part that is held out.
    pub usd_per_month: UsdPerMonth,
    /// Share of minutes short there.
    pub short_share: f64,
}

/// What spot interruptions would have done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interruption {
    /// Share of the group that was spot.
    pub spot_share: f64,
    /// Interruptions replayed.
    pub interruptions: usize,
    /// Share of minutes short with them.
    pub short_share: f64,
    /// Longest shortage with them.
    pub longest_short_minutes: u64,
}

/// Load and capacity by minute on the part that is held out, in the load's unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// The first minute since 1970.
    pub first_minute: i64,
    /// What was asked for; `NaN` where not measured.
    pub load: Vec<f32>,
    /// What was ready.
    pub ready: Vec<f32>,
}

/// Proposes type and policy, with one of the fleets: the number of zones is part of the choice; nothing where no allowed size is offered or nothing was measured.
#[must_use]
pub fn propose(
    load: &Load,
    zone: &TimeZone,
    foresight: &Foresight,
    sizes: &[SizeOffer<'_>],
    fleets: &[Fleet],
    goal: &Goal,
) -> Option<Proposal> {
    let stage = Stage::new(load, zone, foresight);
    let crest = stage.first_part().quantile(0.999).filter(|crest| *crest > 0.0)?;
    let price = |size: &SizeOffer<'_>| size.offer.price.amount.approximately();
    let mut ranked: Vec<(f64, Makeup<'_>)> = suited(sizes, crest)
        .into_iter()
        .flat_map(|size| fleets.iter().map(move |fleet| Makeup { size, fleet }))
        .map(|one| {
            let replayer = stage.in_units(one.size.cores, one.fleet);
            (price(&one.size) * replayer.least_on_fit(goal) as f64, one)
        })
        .collect();
    ranked.sort_by(|one, other| {
        let key = |one: &(f64, Makeup<'_>)| (name(&one.1.size).to_string(), one.1.fleet.zones);
        one.0.total_cmp(&other.0).then_with(|| key(one).cmp(&key(other)))
    });
    let most = SEARCHED.div_ceil(fleets.len().max(1));
    let mut tried: Vec<(Makeup<'_>, Selection)> = Vec::new();
    let mut unsearched = 0;
    for (_, one) in ranked {
        let alike = |(other, _): &&(Makeup<'_>, Selection)| {
            other.size.allowed == one.size.allowed && (!one.size.allowed || other.fleet.zones == one.fleet.zones)
        };
        let searched = tried.iter().filter(alike).count();
        if searched < if one.size.allowed { most } else { SEARCHED_BESIDE } {
            tried.push((one, stage.in_units(one.size.cores, one.fleet).select(goal)));
        } else if one.size.allowed {
            unsearched += 1;
        }
    }
    let fitted = |(one, selection): &(Makeup<'_>, Selection)| {
        price(&one.size) * selection.chosen.fitted.instance_hours() / selection.chosen.fitted.minutes.max(1) as f64
    };
    tried.sort_by(|one, other| fitted(one).total_cmp(&fitted(other)));
    let first = tried.iter().position(|(one, _)| one.size.allowed)?;
    let (Makeup { size, fleet }, selection) = tried.remove(first);
    let of = |allowed: bool| -> Vec<OtherSize> {
        tried
            .iter()
            .filter(|(one, _)| one.size.allowed == allowed)
            .map(|(one, selection)| other(one, selection))
            .collect()
    };
    let replayer = stage.in_units(size.cores, fleet);
    let shape = &size.offer.shape;
    let hourly = size.offer.price.amount;
    Some(Proposal {
        instance_type: shape.name.clone(),
        vcpu: shape.vcpu,
        memory_gib: shape.memory_gib(),
        architecture: shape.architecture,
        price_usd_per_hour: hourly,
        price_method: size.offer.price.method,
        price_as_of: size.offer.price.as_of,
        cores_per_instance: size.cores,
        fleet: fleet.clone(),
        usd_per_month: per_month(hourly, &selection.chosen.held_out),
        static_usd_per_month: selection
            .best_static
            .as_ref()
            .map(|tried| per_month(hourly, &tried.held_out)),
        oracle_usd_per_month: per_month(hourly, &selection.oracle.1),
        others: of(true),
        unsearched,
        other_architecture: of(false).into_iter().next(),
        interrupted: interruption(&replayer, &selection, fleet),
        predictive_target_percent: replayer.predictive_target_percent(&selection.chosen.policy),
        interpolated_from_s: load.is_interpolated().then(|| load.interval_s()),
        selection,
    })
}

/// Replays a proposal's policy on the part of its load that is held out, minute by minute, for a chart.
#[must_use]
pub fn replayed(load: &Load, zone: &TimeZone, foresight: &Foresight, proposal: &Proposal) -> Replayed {
    let stage = Stage::new(load, zone, foresight);
    let replayer = stage.in_units(proposal.cores_per_instance, &proposal.fleet);
    let need = replayer.held_out();
    let policy = &proposal.selection.chosen.policy;
    let mut ready: Vec<u32> = Vec::with_capacity(need.per_minute().len());
    let _ = replay(
        need,
        &proposal.fleet,
        policy,
        &replayer.held_out_floors(policy),
        &[],
        &mut ready,
    );
    ready.resize(need.per_minute().len(), 0);
    let per_unit = (proposal.cores_per_instance / (1.0 + proposal.fleet.imbalance)) as f32;
    Replayed {
        first_minute: load.first_minute() + stage.split() as i64,
        load: load.per_minute()[stage.split()..].to_vec(),
        ready: ready.into_iter().map(|units| units as f32 * per_unit).collect(),
    }
}

/// Gives the sizes of which the busiest minutes need a few to many; where there is none, the smallest of each kind.
fn suited<'a>(sizes: &[SizeOffer<'a>], crest: f64) -> Vec<SizeOffer<'a>> {
    let mut out: Vec<SizeOffer<'a>> = Vec::new();
    for allowed in [true, false] {
        let of_kind = sizes.iter().filter(|size| size.allowed == allowed && size.cores > 0.0);
        let in_range = of_kind
            .clone()
            .filter(|size| (LEAST_AT_CREST..=MOST_AT_CREST).contains(&(crest / size.cores)));
        let before = out.len();
        out.extend(in_range.copied());
        if out.len() == before {
            // One may be far larger than what is needed: then the cheapest is the best there is.
            let smallest = of_kind.min_by(|one, other| one.offer.price.amount.cmp(&other.offer.price.amount));
            out.extend(smallest.copied());
        }
    }
    out
}

fn name<'a>(size: &SizeOffer<'a>) -> &'a str {
    &size.offer.shape.name
}

fn other(one: &Makeup<'_>, selection: &Selection) -> OtherSize {
    let (size, hourly) = (&one.size, one.size.offer.price.amount);
    OtherSize {
        instance_type: size.offer.shape.name.clone(),
        architecture: size.offer.shape.architecture,
        zones: one.fleet.zones,
        policy: selection.chosen.policy.words(),
        fitted_usd_per_month: per_month(hourly, &selection.chosen.fitted),
        usd_per_month: per_month(hourly, &selection.chosen.held_out),
        short_share: selection.chosen.held_out.short_share(),
    }
}

/// Gives the instance-hours of a month of 730 hours that an outcome's seconds amount to; exact in the seconds.
#[must_use]
pub fn hours_per_month(outcome: &Outcome) -> Decimal {
    let seconds: u64 = outcome.instance_seconds.iter().sum::<u64>() + outcome.pool_boot_seconds;
    let seconds = Decimal::from_u64(seconds).unwrap_or_default();
    let span = Decimal::from_u64(outcome.minutes.max(1) * 60).unwrap_or(Decimal::ONE);
    (Decimal::from(HOURS_PER_MONTH) * seconds / span).round_dp(6)
}

/// Gives what an outcome costs a month.
#[must_use]
pub fn per_month(price: UsdPerHour, outcome: &Outcome) -> UsdPerMonth {
    UsdPerMonth::from_decimal(price.as_decimal() * hours_per_month(outcome))
}

/// Replays the loss of one zone's spot instances each day at its busiest minute.
fn interruption(replayer: &Replayer<'_>, selection: &Selection, fleet: &Fleet) -> Interruption {
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
