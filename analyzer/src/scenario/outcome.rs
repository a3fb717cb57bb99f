//! What a scenario costs and risks, in total and by environment, service and host.
//!
//! Every amount is exact; a total is the sum of the amounts that are known,
//! with the count of those that are not. Risk is the expected share of the
//! time in which a host is short of CPU or memory (at most: the sum of both).

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::private::OwnLine;
use crate::catalog::{Offer, PriceMethod};
use crate::money::UsdPerMonth;
use crate::plan::{Estate, Sized};
use crate::price::{BillLine, Total};

/// The service under which the lines of managed services are summed.
const MANAGED: &str = "managed services";
/// Being short for more than this share of the time is what users notice.
pub const NOTICED: f64 = 0.01;

/// One host in a scenario.
#[derive(Clone, Copy, Debug)]
pub struct HostCost<'a> {
    /// Its place in the estate.
    pub host: usize,
    /// The size, with its risk.
    pub sized: Sized<'a>,
    /// How many copies of it run.
    pub copies: u32,
    /// Instances a month; nothing where no type fits or its price so paid is not known.
    pub compute: Option<UsdPerMonth>,
    /// Volumes a month; nothing where not known.
    pub storage: Option<UsdPerMonth>,
    /// What the instances cost at most: on demand, where it is not known what a commitment leaves of it.
    pub compute_at_most: Option<UsdPerMonth>,
}

impl<'a> HostCost<'a> {
    /// Gives the offer.
    #[must_use]
    pub fn offer(&self) -> Option<&'a Offer> {
        self.sized.offer
    }

    /// Gives what is known of its cost.
    #[must_use]
    pub fn total(&self) -> Total {
        let mut total = Total::default();
        for amount in [self.compute, self.storage] {
            match amount {
                Some(amount) => total.known = total.known + amount,
                None => total.unknown_lines += 1,
            }
        }
        total
    }
}

/// An upper bound of a cost; less is unknown before less is paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct AtMost {
    /// Amounts without any bound.
    pub unbounded_lines: usize,
    /// Everything else, at most.
    pub usd_per_month: UsdPerMonth,
}

impl AtMost {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            unbounded_lines: self.unbounded_lines + other.unbounded_lines,
            usd_per_month: self.usd_per_month + other.usd_per_month,
        }
    }
}

/// Cost and risk of several hosts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Hosts.
    pub hosts: usize,
    /// Their cost a month.
    pub total: Total,
    /// Sum of the expected shares of the time short, over the hosts where they are known.
    pub short_sum: f64,
    /// Hosts whose expected share is known.
    pub judged: usize,
    /// Of them, those expected to be short for more than 1 % of the time.
    pub noticed: usize,
    /// Hosts shown at their present size, since too little is known.
    pub undecided: usize,
    /// What is not known and is at most this, a month: instances on demand whose commitment has no known rate.
    pub bounded: UsdPerMonth,
    /// How many amounts those are, of the unknown ones of the total.
    pub bounded_lines: usize,
}

impl Part {
    /// Gives how much is unknown without any bound, and the cost at most of the rest: what scenarios are ranked by.
    #[must_use]
    pub fn at_most(&self) -> AtMost {
        AtMost {
            unbounded_lines: self.total.unknown_lines - self.bounded_lines,
            usd_per_month: self.total.known + self.bounded,
        }
    }

    /// Gives the mean expected share of the time short; nothing where it is known of no host.
    #[must_use]
    pub fn risk(&self) -> Option<f64> {
        (self.judged > 0).then(|| self.short_sum / self.judged as f64)
    }

    fn add(&mut self, cost: &HostCost<'_>) {
        self.hosts += 1;
        add(&mut self.total, cost.total());
        self.undecided += usize::from(!cost.sized.is_decided);
        if let (None, Some(bound)) = (cost.compute, cost.compute_at_most) {
            self.bounded = self.bounded + bound;
            self.bounded_lines += 1;
        }
        if let Some(short) = cost.sized.short {
            self.short_sum += short;
            self.judged += 1;
            self.noticed += usize::from(short > NOTICED);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.hosts += other.hosts;
        add(&mut self.total, other.total);
        self.short_sum += other.short_sum;
        self.judged += other.judged;
        self.noticed += other.noticed;
        self.undecided += other.undecided;
        self.bounded = self.bounded + other.bounded;
        self.bounded_lines += other.bounded_lines;
    }
}

/// What a scenario costs.
#[derive(Clone, Debug, Default)]
pub struct Outcome<'a> {
    /// The region.
    pub region: String,
    /// Every host, by name.
    pub hosts: Vec<HostCost<'a>>,
    /// All hosts together.
    pub whole: Part,
    /// By environment.
    pub environments: BTreeMap<String, Part>,
    /// Cost by service: `ec2`, `ebs`, and where a phase moves something `managed services`.
    pub services: BTreeMap<String, Total>,
    /// Cost that is known only by an estimate of what a commitment saves.
    pub estimated: UsdPerMonth,
    /// What the hosts cost a month today, where the scenario says so.
    pub on_premises: Option<Decimal>,
    /// What of it rests on prices of the user's own, with their source.
    pub own_lines: Vec<OwnLine>,
}

impl<'a> Outcome<'a> {
    /// Adds up hosts.
    pub(super) fn of(region: &str, estate: &Estate<'_>, mut hosts: Vec<HostCost<'a>>) -> Self {
        hosts.sort_by_key(|cost| cost.host);
        let mut outcome = Self {
            region: region.to_string(),
            ..Self::default()
        };
        let mut by_environment: BTreeMap<&str, Part> = BTreeMap::new();
        let (mut compute, mut storage) = (Total::default(), Total::default());
        for cost in &hosts {
            by_environment
                .entry(estate.hosts[cost.host].member.environment.as_str())
                .or_default()
                .add(cost);
            for (total, amount) in [(&mut compute, cost.compute), (&mut storage, cost.storage)] {
                match amount {
                    Some(amount) => total.known = total.known + amount,
                    None => total.unknown_lines += 1,
                }
            }
        }
        for (name, part) in by_environment {
            outcome.whole.merge(&part);
            outcome.environments.insert(name.to_string(), part);
        }
        outcome.services = BTreeMap::from([("ebs".to_string(), storage), ("ec2".to_string(), compute)]);
        outcome.hosts = hosts;
        outcome
    }

    /// Adds a line of a managed service, which belongs to no host any more.
    pub(super) fn add_managed(&mut self, line: &BillLine) {
        let mut one = Total::default();
        match line.amount {
            Some(amount) => one.known = amount,
            None => one.unknown_lines = 1,
        }
        if line.method == Some(PriceMethod::Estimated) {
            self.estimated = self.estimated + one.known;
        }
        add(&mut self.whole.total, one);
        add(
            &mut self.environments.entry(line.environment.clone()).or_default().total,
            one,
        );
        add(self.services.entry(MANAGED.to_string()).or_default(), one);
    }

    /// Gives the cost of all hosts.
    #[must_use]
    pub fn total(&self) -> Total {
        self.whole.total
    }
}

fn add(total: &mut Total, other: Total) {
    total.known = total.known + other.known;
    total.unknown_lines += other.unknown_lines;
}
