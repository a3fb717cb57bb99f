//! Rule `sizewright` once more: what may be asked of a host, and whether the choice was worth its price.
//!
//! Input: raw values, the plan's drift and the region's wares. Output: the
//! targets that follow from the proposed type, and findings where another
//! type would have cost less together with its risk. Everything is done by
//! listing all futures and sorting them.

use jiff::tz::TimeZone;

use super::demand::{HostDemand, Measured};
use super::drift::{Days, third_of};
use super::finding::Check;
use super::ledger::{Ledger, shown, surely_enough};
use super::market::{Market, Ware, architecture_allowed, capacity, forbidden, is_on_credits};
use super::observation::SourceSize;
use super::rules::Span;
use super::subject::Subject;
use crate::size::Dimension;
use crate::size::risk::{Drift, DriftTable};

/// The levels at which the demand is known, beside the maximum.
const LEVELS: [f64; 16] = [
    0.25, 0.5, 0.75, 0.9, 0.95, 0.97, 0.98, 0.985, 0.99, 0.993, 0.995, 0.9965, 0.998, 0.999, 0.9995, 0.9998,
];
/// Dollars an hour short of CPU, times the dial.
const CPU_HOUR: f64 = 0.07;
/// Dollars an hour short of memory at a dial of 1 % or less; a larger one divides it by its square.
const MEMORY_HOUR: f64 = 2000.0;
/// How much longer short a host counts that is short for more than 1 % of the time.
const NOTICED: f64 = 0.035;

/// All futures of one dimension.
struct Futures {
    /// Each future's values with the share of the time above them, ascending.
    futures: Vec<Vec<(f64, f64)>>,
    ceiling: f64,
    floor: f64,
}

impl Futures {
    fn of(measured: &Measured, table: &DriftTable, instability: f64, ceiling: f64, floor: f64) -> Self {
        let steps: Vec<(f64, f64)> = LEVELS
            .iter()
            .map(|&level| (measured.quantile(level), 1.0 - level))
            .chain([(measured.maximum(), 0.0)])
            .collect();
        let futures = table.shifts[third_of(table, instability)]
            .iter()
            .map(|shift| {
                steps
                    .iter()
                    .map(|(value, above)| (value * shift.exp(), *above))
                    .collect()
            })
            .collect();
        Self {
            futures,
            ceiling,
            floor,
        }
    }

    /// Gives the share of the time short and the probability that it is above 1 %.
    fn short(&self, capacity: f64) -> (f64, f64) {
        if capacity >= self.ceiling * (1.0 - 1e-12) {
            return (0.0, 0.0);
        }
        let shares: Vec<f64> = self
            .futures
            .iter()
            .map(|future| {
                future
                    .iter()
                    .filter(|(value, _)| *value <= capacity * (1.0 + 1e-12))
                    .map(|(_, above)| *above)
                    .fold(1.0, f64::min)
            })
            .collect();
        let count = shares.len() as f64;
        (
            shares.iter().sum::<f64>() / count,
            shares.iter().filter(|share| **share > 0.01).count() as f64 / count,
        )
    }

    fn all(&self) -> impl Iterator<Item = f64> {
        self.futures.iter().flatten().map(|(value, _)| *value)
    }

    /// Gives the least capacity that is as good as a type's.
    fn target(&self, offered: f64) -> f64 {
        let least = if offered >= self.ceiling * (1.0 - 1e-12) {
            self.all().fold(0.0, f64::max).min(self.ceiling)
        } else {
            self.all()
                .filter(|value| *value <= offered * (1.0 + 1e-12))
                .fold(0.0, f64::max)
        };
        least.max(self.floor)
    }

    /// Gives the least capacity that is short for no more than a share of the time.
    fn least_for(&self, share: f64) -> f64 {
        let mut values: Vec<f64> = self.all().filter(|value| *value < self.ceiling).collect();
        values.sort_by(f64::total_cmp);
        let first = values.partition_point(|value| self.short(*value).0 > share);
        values.get(first).copied().unwrap_or(self.ceiling).max(self.floor)
    }
}

/// Gives the spans in which the targets of CPU and memory must lie, and checks that the choice was worth its price.
#[allow(
    clippy::too_many_arguments,
    reason = "each is a source of its own that the numbers are checked against"
)]
pub(super) fn spans(
    subject: &Subject<'_>,
    demand: &HostDemand,
    source: SourceSize,
    measured_source: [Option<f64>; 2],
    drift: &Drift,
    market: &Market<'_>,
    zone: &TimeZone,
    ledger: &mut Ledger,
) -> [Option<Span>; 2] {
    let policy = &subject.policy;
    let ceiling = |capacity: Option<f64>| capacity.filter(|_| policy.cap_at_source).unwrap_or(f64::INFINITY);
    let futures = |measured: &Measured, size: Option<f64>, table, ceiling: f64, floor: f64| {
        let instability = size.map_or(0.0, |size| Days::of(measured, zone).instability(size));
        Futures::of(measured, table, instability, ceiling, floor)
    };
    let cpu = demand
        .cpu
        .as_ref()
        .map(|measured| futures(measured, measured_source[0], &drift.cpu, ceiling(source.vcpus), 0.0));
    let memory = demand.memory.as_ref().map(|measured| {
        // Swap counts as use: no cap below what was measured.
        let ceiling = ceiling(source.memory_bytes.map(|bytes| bytes.max(measured.maximum())));
        // The next level that is known, from a fifth of a dial below the maximum on.
        let wanted = 1.0 - policy.risk / 5.0;
        let known = LEVELS.iter().find(|level| **level >= wanted - 1e-12);
        let floor = known.map_or(measured.maximum(), |level| measured.quantile(*level));
        let floor = floor.min(ceiling);
        futures(measured, measured_source[1], &drift.memory, ceiling, floor)
    });
    let both = [cpu, memory];
    let mut totals: Vec<(f64, Ware<'_>)> = market
        .wares()
        .iter()
        .filter(|ware| forbidden(ware.shape, policy).is_none() && architecture_allowed(ware.shape, policy))
        .filter_map(|ware| Some((total(subject, &both, ware)?, *ware)))
        .collect();
    totals.sort_by(|a, b| a.0.total_cmp(&b.0));
    let growths = [1.0 + policy.cpu_headroom, 1.0 + policy.memory_headroom];
    let chosen = subject.row.instance_type.as_deref().and_then(|name| market.find(name));
    // Headroom comes on top of what is bought; without it what is bought is what is proposed.
    let wares: Vec<Ware<'_>> = if growths != [1.0, 1.0] {
        let least = totals.first().map_or(0.0, |(least, _)| *least);
        let as_good = totals.iter().take_while(|(total, _)| *total <= least + 1e-9);
        as_good.map(|(_, ware)| *ware).collect()
    } else {
        if let Some(chosen) = chosen {
            let own = total(subject, &both, &chosen);
            match &subject.row.proof.kept_instead_of {
                None => worth_it(own, chosen, totals.first(), ledger),
                Some(fresh) => {
                    let on_credits = market.find(fresh).is_some_and(|ware| is_on_credits(ware.shape));
                    kept(
                        own,
                        chosen,
                        (fresh, on_credits && policy.burstable),
                        totals.first(),
                        ledger,
                    );
                }
            }
        }
        chosen.into_iter().collect()
    };
    // A type that nobody sells is found elsewhere; nothing follows from it.
    let unknown = growths == [1.0, 1.0] && subject.row.instance_type.is_some() && chosen.is_none();
    let mut places = [0, 1].into_iter();
    both.map(|futures| {
        let place = places.next().unwrap_or(0);
        let futures = futures?;
        if unknown {
            return Some(Span {
                low: 0.0,
                high: f64::INFINITY,
            });
        }
        let dimension = [Dimension::Cpu, Dimension::Memory][place];
        let grown = |value: f64| (value * growths[place]).min(futures.ceiling);
        let targets: Vec<f64> = wares
            .iter()
            .filter_map(|ware| capacity(ware.shape, dimension, &subject.row.proof.cpu_equivalence))
            .map(|offered| grown(futures.target(offered)))
            .collect();
        let alone = || grown(futures.least_for(policy.risk));
        Some(Span {
            low: targets.iter().copied().reduce(f64::min).unwrap_or_else(alone),
            high: targets.iter().copied().reduce(f64::max).unwrap_or_else(alone),
        })
    })
}

/// Gives a type's price with the price of its risk; nothing when it lacks what cannot be weighed, or would be short for too long.
fn total(subject: &Subject<'_>, both: &[Option<Futures>; 2], ware: &Ware<'_>) -> Option<f64> {
    let (proof, dial) = (&subject.row.proof, subject.policy.risk);
    let most = (10.0 * dial).min(0.10);
    let mut shares = [0.0; 2];
    let mut unnoticed = 1.0;
    for requirement in &proof.requirements {
        let offered = capacity(ware.shape, requirement.dimension, &proof.cpu_equivalence);
        let place = match requirement.dimension {
            Dimension::Cpu => Some(0),
            Dimension::Memory => Some(1),
            _ => None,
        };
        match place.and_then(|place| both[place].as_ref().map(|futures| (place, futures))) {
            None if surely_enough(requirement.target, offered) => {}
            None => return None,
            Some((place, futures)) => {
                let (share, noticed) = futures.short(offered?);
                if share > most + 1e-12 || offered? < futures.floor * (1.0 - 1e-12) {
                    return None;
                }
                shares[place] = share;
                unnoticed *= 1.0 - noticed;
            }
        }
    }
    let cpu = CPU_HOUR / dial * (shares[0] + NOTICED * (1.0 - unnoticed));
    let memory = MEMORY_HOUR / (dial / 0.01).max(1.0).powi(2) * shares[1];
    Some(ware.price.amount.approximately() + cpu + memory)
}

/// Checks that a proposal kept from an earlier plan may be: its risk is in the band, and its total within 30 % of the best.
fn kept(
    own: Option<f64>,
    chosen: Ware<'_>,
    (fresh, fresh_is_on_credits): (&str, bool),
    best: Option<&(f64, Ware<'_>)>,
    ledger: &mut Ledger,
) {
    let least = best.map(|(least, _)| *least);
    ledger.expect(
        Check::WorthItsPrice,
        own.zip(least)
            .is_some_and(|(own, least)| own <= 1.30 * least * (1.0 + 1e-9)),
        "type kept from an earlier plan",
        format!("within 30 % of {} dollars an hour", shown(least)),
        format!("{} at {}", chosen.shape.name, shown(own)),
    );
    ledger.expect(
        Check::WorthItsPrice,
        best.is_none_or(|(_, best)| best.shape.name == fresh) || fresh_is_on_credits,
        "type that would be proposed afresh",
        shown(best.map(|(_, best)| &best.shape.name)),
        fresh,
    );
}

/// Checks that no allowed type costs less together with the risk that it brings.
fn worth_it(own: Option<f64>, chosen: Ware<'_>, best: Option<&(f64, Ware<'_>)>, ledger: &mut Ledger) {
    let holds = own.is_some_and(|own| best.is_none_or(|(least, _)| *least >= own - 1e-6));
    let words = |total: f64, ware: &Ware<'_>| format!("{} at {total:.4} dollars an hour", ware.shape.name);
    ledger.expect(
        Check::WorthItsPrice,
        holds,
        "type whose price and priced risk together are least",
        shown(best.map(|(least, ware)| words(*least, ware))),
        own.map_or_else(
            || format!("{}, which would be short for too long", chosen.shape.name),
            |own| words(own, &chosen),
        ),
    );
}
