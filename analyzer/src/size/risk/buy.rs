//! How much capacity is worth its price: the offer whose price and priced risk together are least.
//!
//! Input: the outlooks of a host and what an hour of shortage is taken to
//! cost. Output: what is charged for the risk of a capacity, which the search
//! adds to each offer's price. A larger step is bought while it costs less
//! than the shortage it avoids, a smaller one taken while it saves more than
//! the shortage it brings; so risk is spent where it saves most.

use super::drift::Moves;
use super::outlook::{Outlook, Short};
use crate::policy::Policy;
use crate::profile::{HostProfile, Past};
use crate::size::SourceCapacity;

/// An hour short of CPU is taken to cost this many dollars divided by the dial: 14 at 0.5 %, 3.5 at 2 %, 1.4 at 5 %.
///
/// With it the share of the time short, averaged over a fleet, comes out at
/// the dial or below; chosen on the first month of a trace (docs/method.md).
const CPU_HOUR: f64 = 0.07;
/// A host that is short for more than 1 % of the time counts as if it were short for this much longer: users notice it.
const NOTICED: f64 = 0.035;
/// An hour short of memory costs this many dollars up to a dial of 1 %, and less with the square of a larger one: 500 at 2 %, 80 at 5 %.
///
/// Running out kills where being slow does not, so it costs over a hundred
/// times the CPU's hour; a larger dial says that the host may be restarted.
const MEMORY_HOUR: f64 = 2_000.0;
/// The largest dial at which memory has its full price.
const FULL_MEMORY_DIAL: f64 = 0.01;
/// The quantile of the measured memory that no choice undercuts lies this many dials below the maximum.
const FLOOR_DIALS: f64 = 0.2;
/// A host's expected share of the time short is at most this many dials, and at most [`MOST_SHORT`].
const DIALS_OF_A_HOST: f64 = 10.0;
/// No host is planned to be short for more than this share of the time, whatever the dial.
const MOST_SHORT: f64 = 0.10;

/// What shortage is taken to cost, in dollars an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// An hour short of CPU.
    pub cpu_hour: f64,
    /// An hour short of memory.
    pub memory_hour: f64,
    /// Each hour of a host that is short for more than 1 % of the time.
    pub noticed_hour: f64,
    /// Highest expected share of the time short that is allowed, in each dimension.
    pub most_short: f64,
}

impl Prices {
    /// Gives the prices of a dial.
    #[must_use]
    pub fn of(dial: f64) -> Self {
        Self {
            cpu_hour: CPU_HOUR / dial,
            memory_hour: MEMORY_HOUR * (FULL_MEMORY_DIAL / dial).min(1.0).powi(2),
            noticed_hour: NOTICED * CPU_HOUR / dial,
            most_short: (DIALS_OF_A_HOST * dial).min(MOST_SHORT),
        }
    }

    /// Gives what shortages are charged with, in dollars an hour.
    fn charge(&self, cpu: Short, memory: Short) -> f64 {
        let noticed = 1.0 - (1.0 - cpu.noticed) * (1.0 - memory.noticed);
        cpu.share * self.cpu_hour + memory.share * self.memory_hour + noticed * self.noticed_hour
    }
}

/// What is known of one dimension's future.
#[derive(Clone, Debug, PartialEq)]
enum Side {
    /// An outlook, and what no choice may undercut.
    Known { outlook: Outlook, floor: f64 },
    /// A requirement that stands as it is, since nothing was measured.
    Fixed(f64),
}

/// What may be asked of a host in CPU and memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlooks {
    cpu: Side,
    memory: Side,
    prices: Prices,
}

/// Lays out the outlooks of a host; `fixed` are the requirements where nothing was measured.
#[must_use]
pub fn outlooks(
    profile: &HostProfile,
    source: SourceCapacity,
    policy: &Policy,
    moves: &Moves,
    fixed: [f64; 2],
) -> Outlooks {
    let history = profile.history.as_ref();
    let instability = |past: Option<&Past>| past.map_or(0.0, |past| past.instability);
    let ceiling = |capacity: Option<f64>| capacity.filter(|_| policy.cap_at_source).unwrap_or(f64::INFINITY);
    let cpu = match &profile.cpu {
        None => Side::Fixed(fixed[0]),
        Some(metric) => {
            let factors = moves.cpu(instability(history.and_then(|history| history.cpu.as_ref())));
            Side::Known {
                outlook: Outlook::new(metric, factors, ceiling(source.vcpus)),
                floor: 0.0,
            }
        }
    };
    let memory = match &profile.memory {
        None => Side::Fixed(fixed[1]),
        Some(metric) => {
            let factors = moves.memory(instability(history.and_then(|history| history.memory.as_ref())));
            // Swap counts as memory in use, so a host may use more than it has: never cap below what was measured.
            let ceiling = ceiling(source.memory_bytes.map(|bytes| bytes.max(metric.maximum)));
            Side::Known {
                floor: metric.quantile(1.0 - FLOOR_DIALS * policy.risk).min(ceiling),
                outlook: Outlook::new(metric, factors, ceiling),
            }
        }
    };
    Outlooks {
        cpu,
        memory,
        prices: Prices::of(policy.risk),
    }
}

impl Side {
    /// Says how likely a capacity is too small; nothing when it may not be chosen at all.
    fn short(&self, capacity: f64, most: f64) -> Option<Short> {
        match self {
            Side::Fixed(needed) => (capacity >= *needed).then(Short::default),
            Side::Known { outlook, floor } => (capacity >= *floor)
                .then(|| outlook.short_within(capacity, most))
                .flatten(),
        }
    }

    fn expected(&self, capacity: f64) -> Option<Short> {
        match self {
            Side::Fixed(_) => None,
            Side::Known { outlook, .. } => Some(outlook.short(capacity)),
        }
    }

    /// Gives the least capacity that is short for no longer than a capacity is.
    fn tight(&self, capacity: f64) -> f64 {
        match self {
            Side::Fixed(needed) => *needed,
            Side::Known { outlook, floor } => outlook.as_good_as(capacity).max(*floor),
        }
    }
}

impl Outlooks {
    /// Gives what the risk of a CPU and a memory capacity is charged with, in dollars an hour; nothing when they may not be chosen.
    #[must_use]
    pub fn charge(&self, cpu: f64, memory: f64) -> Option<f64> {
        let prices = &self.prices;
        let cpu = self.cpu.short(cpu, prices.most_short)?;
        let memory = self.memory.short(memory, prices.most_short)?;
        Some(prices.charge(cpu, memory))
    }

    /// Gives the memory that no choice undercuts, bytes.
    #[must_use]
    pub fn least_memory(&self) -> f64 {
        match &self.memory {
            Side::Fixed(needed) => *needed,
            Side::Known { floor, .. } => *floor,
        }
    }

    /// Gives the expected shares of the time short of CPU and of memory; nothing where nothing was measured.
    #[must_use]
    pub fn expected(&self, cpu: f64, memory: f64) -> [Option<Short>; 2] {
        [self.cpu.expected(cpu), self.memory.expected(memory)]
    }

    /// Gives the least CPU and memory that carry no more risk than these.
    #[must_use]
    pub fn as_good_as(&self, cpu: f64, memory: f64) -> [f64; 2] {
        [self.cpu.tight(cpu), self.memory.tight(memory)]
    }

    /// Gives the CPU and the memory that each alone are short for no more than a share of the time.
    #[must_use]
    pub fn needed(&self, share: f64) -> [f64; 2] {
        [&self.cpu, &self.memory].map(|side| match side {
            Side::Fixed(needed) => *needed,
            Side::Known { outlook, floor } => outlook.needed(share).max(*floor),
        })
    }

    /// Gives what the source has of CPU and memory, infinite where nothing caps.
    #[must_use]
    pub fn ceilings(&self) -> [f64; 2] {
        self.known()
            .map(|outlook| outlook.map_or(f64::INFINITY, Outlook::ceiling))
    }

    /// Gives the outlooks of CPU and memory; nothing where nothing was measured.
    #[must_use]
    pub fn known(&self) -> [Option<&Outlook>; 2] {
        [&self.cpu, &self.memory].map(|side| match side {
            Side::Fixed(_) => None,
            Side::Known { outlook, .. } => Some(outlook),
        })
    }
}

/// Answers about capacities that were asked before, since a shop has few different ones.
struct Asked<'a> {
    side: &'a Side,
    most: f64,
    answers: Vec<(f64, Option<Short>)>,
    /// The largest capacity that may not be chosen; nor may any below it.
    too_small: f64,
}

impl<'a> Asked<'a> {
    fn new(side: &'a Side, most: f64) -> Self {
        Self {
            side,
            most,
            answers: Vec::with_capacity(16),
            too_small: f64::NEG_INFINITY,
        }
    }

    fn short(&mut self, capacity: f64) -> Option<Short> {
        if capacity <= self.too_small {
            return None;
        }
        if let Some((_, answer)) = self.answers.iter().find(|(known, _)| *known == capacity) {
            return *answer;
        }
        let answer = self.side.short(capacity, self.most);
        if answer.is_none() {
            self.too_small = capacity;
        } else {
            self.answers.push((capacity, answer));
        }
        answer
    }
}

/// Offers in order of price, by their place; what is cheap to say is asked first.
pub trait Shop {
    /// Counts the offers.
    fn count(&self) -> usize;
    /// Gives a price, dollars an hour.
    fn price(&self, index: usize) -> f64;
    /// Gives the memory, bytes.
    fn memory(&self, index: usize) -> f64;
    /// Gives the CPU, source cores.
    fn cpu(&self, index: usize) -> f64;
    /// Says whether an offer has all that is needed beside CPU and memory.
    fn has_the_rest(&self, index: usize) -> bool;
}

/// Finds the index of the least total of price and charge.
///
/// An offer that a cheaper one covers is not looked at, and the search ends
/// where the price alone exceeds the best total.
#[must_use]
pub fn bought(outlooks: &Outlooks, shop: &impl Shop) -> Option<usize> {
    let mut best: Option<(f64, usize)> = None;
    // What cheaper offers have, none of it covered by another.
    let mut covered: Vec<(f64, f64)> = Vec::with_capacity(16);
    let mut cpus = Asked::new(&outlooks.cpu, outlooks.prices.most_short);
    let mut memories = Asked::new(&outlooks.memory, outlooks.prices.most_short);
    for index in 0..shop.count() {
        let price = shop.price(index);
        if best.is_some_and(|(total, _)| price >= total) {
            break;
        }
        let memory = shop.memory(index);
        if memory <= memories.too_small {
            continue;
        }
        let cpu = shop.cpu(index);
        if cpu <= cpus.too_small || !shop.has_the_rest(index) {
            continue;
        }
        let Some(cpu_short) = cpus.short(cpu) else { continue };
        // Whatever its memory, it is no better.
        let at_least = price + outlooks.prices.charge(cpu_short, Short::default());
        if best.is_some_and(|(total, _)| at_least >= total) {
            continue;
        }
        let Some(memory_short) = memories.short(memory) else {
            continue;
        };
        if covered.iter().any(|&(more, larger)| more >= cpu && larger >= memory) {
            continue;
        }
        covered.retain(|&(less, smaller)| less > cpu || smaller > memory);
        covered.push((cpu, memory));
        let total = price + outlooks.prices.charge(cpu_short, memory_short);
        if best.is_none_or(|(least, _)| total < least) {
            best = Some((total, index));
        }
    }
    best.map(|(_, index)| index)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::MetricProfile;
    use proptest::prelude::*;

    fn side(peak: f64, ceiling: f64) -> Side {
        let metric = MetricProfile {
            samples: 1000,
            mean: peak * 0.2,
            quantiles: vec![
                (0.5, peak * 0.2),
                (0.95, peak * 0.5),
                (0.99, peak * 0.7),
                (0.999, peak * 0.9),
            ],
            maximum: peak,
            maximum_at_ms: 0,
            hour_of_week_mean: vec![],
            hour_of_week_p95: vec![],
            daily_maxima: vec![],
            first_half_mean: peak,
            second_half_mean: peak,
        };
        let factors = (0..50).map(|step| (f64::from(step - 25) * 0.04).exp()).collect();
        Side::Known {
            outlook: Outlook::new(&metric, factors, ceiling),
            floor: 0.0,
        }
    }

    fn host(cpu: f64, memory: f64, dial: f64) -> Outlooks {
        Outlooks {
            cpu: side(cpu, f64::INFINITY),
            memory: side(memory, f64::INFINITY),
            prices: Prices::of(dial),
        }
    }

    /// Price, CPU and memory, cheapest first.
    fn shop() -> Vec<(f64, f64, f64)> {
        let mut offers: Vec<(f64, f64, f64)> = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0, 64.0, 96.0, 192.0]
            .iter()
            .flat_map(|&cpu| [(0.042, 2.0), (0.05, 4.0), (0.066, 8.0)].map(|(each, gib)| (cpu * each, cpu, cpu * gib)))
            .collect();
        offers.sort_by(|a, b| a.0.total_cmp(&b.0));
        offers
    }

    impl Shop for Vec<(f64, f64, f64)> {
        fn count(&self) -> usize {
            self.len()
        }
        fn price(&self, index: usize) -> f64 {
            self[index].0
        }
        fn memory(&self, index: usize) -> f64 {
            self[index].2
        }
        fn cpu(&self, index: usize) -> f64 {
            self[index].1
        }
        fn has_the_rest(&self, _: usize) -> bool {
            true
        }
    }

    fn least_total(outlooks: &Outlooks) -> Option<f64> {
        let shop = shop();
        let (price, cpu, memory) = shop[bought(outlooks, &shop)?];
        Some(price + outlooks.charge(cpu, memory).unwrap())
    }

    proptest! {
        #[test]
        fn nothing_in_the_shop_has_a_lower_total(
            cpu in 0.01_f64..80.0, memory in 0.05_f64..300.0, dial in 0.001_f64..0.1,
        ) {
            let host = host(cpu, memory, dial);
            let least = least_total(&host);
            let by_hand = shop()
                .into_iter()
                .filter_map(|(price, cpu, memory)| Some(price + host.charge(cpu, memory)?))
                .reduce(f64::min);
            prop_assert_eq!(least, by_hand);
        }

        #[test]
        fn more_demand_never_has_a_lower_total(
            cpu in 0.01_f64..80.0, memory in 0.05_f64..300.0, dial in 0.001_f64..0.1,
            more_cpu in 1.0_f64..3.0, more_memory in 1.0_f64..3.0,
        ) {
            let before = least_total(&host(cpu, memory, dial));
            let after = least_total(&host(cpu * more_cpu, memory * more_memory, dial));
            match (before, after) {
                (Some(before), Some(after)) => prop_assert!(after >= before - 1e-12),
                (before, after) => prop_assert!(after.is_none() || before.is_some()),
            }
        }

        #[test]
        fn a_smaller_dial_never_carries_more_priced_risk(
            cpu in 0.01_f64..80.0, memory in 0.05_f64..300.0, dial in 0.002_f64..0.1,
        ) {
            let (strict, loose) = (host(cpu, memory, dial / 2.0), host(cpu, memory, dial));
            for (_, cpu, memory) in shop() {
                if let (Some(strict), Some(loose)) = (strict.charge(cpu, memory), loose.charge(cpu, memory)) {
                    prop_assert!(strict >= loose);
                }
            }
        }
    }

    #[test]
    fn a_step_is_bought_while_it_costs_less_than_the_shortage_it_avoids() {
        // 8 cores are short in few futures; 16 cost 0.336 dollars an hour more.
        let host = host(6.0, 4.0, 0.005);
        let eight = host.charge(8.0, 64.0);
        let sixteen = host.charge(16.0, 64.0).unwrap();
        let chosen = bought(&host, &shop()).unwrap();
        let (_, cpu, _) = shop()[chosen];
        let worth = eight.is_none_or(|eight| eight - sixteen > 0.336);
        assert_eq!(cpu > 8.0, worth);
    }
}
