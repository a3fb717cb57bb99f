//! What the plan uses in each hour of a year, by what can be committed to.

use std::collections::BTreeMap;

use rust_decimal::prelude::ToPrimitive as _;

use crate::catalog::commitment::{CommitmentTerm, Upfront};
use crate::commit::{RECENT_WEEKS, Sku};
use crate::plan::Plan;
use crate::plan::bought::{Bought, bought};
use crate::plan::purchase::{Purchases, TypePurchases};
use crate::price::purchase::PurchaseKind;
use crate::scale::OfficeHours;

/// Hours of a week; hour 0 is Monday from midnight.
const WEEK: usize = 168;
/// Hours of a curve.
const HOURS: usize = RECENT_WEEKS * WEEK;

/// What a commitment can cover together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// EC2.
    Compute,
    /// RDS, Aurora, caches, search, `DocumentDB`.
    Database,
}

impl Scope {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Database => "database",
        }
    }

    pub(super) const fn flexible_plan(self) -> &'static str {
        match self {
            Self::Compute => "compute savings plan",
            Self::Database => "database savings plan",
        }
    }

    pub(super) const fn bound_plan(self) -> &'static str {
        match self {
            Self::Compute => "EC2 instance savings plans",
            Self::Database => "reserved nodes",
        }
    }

    pub(super) const fn flexible_covers(self) -> &'static str {
        match self {
            Self::Compute => "all of EC2",
            Self::Database => "all databases it is sold for",
        }
    }

    fn flexible(self, term: CommitmentTerm, upfront: Upfront) -> PurchaseKind {
        match self {
            Self::Compute => PurchaseKind::ComputeSavingsPlan(term, upfront),
            Self::Database => PurchaseKind::DatabaseSavingsPlan,
        }
    }

    fn bound(self, term: CommitmentTerm, upfront: Upfront) -> PurchaseKind {
        match self {
            Self::Compute => PurchaseKind::InstanceSavingsPlan(term, upfront),
            Self::Database => PurchaseKind::Reserved(term, upfront),
        }
    }

    pub(super) fn flexible_words(self, term: CommitmentTerm, upfront: Upfront) -> String {
        self.flexible(term, upfront).words()
    }

    pub(super) fn bound_words(self, term: CommitmentTerm, upfront: Upfront) -> String {
        self.bound(term, upfront).words()
    }

    fn of(service: &str) -> Option<Self> {
        match service {
            "ec2" => Some(Self::Compute),
            "rds" | "aurora" | "elasticache" | "opensearch" | "documentdb" => Some(Self::Database),
            _ => None,
        }
    }
}

/// Use of one type by hour of as many weeks as are looked back on, on-demand dollars.
struct Use<'a> {
    scope: Scope,
    family: String,
    of: &'a TypePurchases,
    hours: Vec<f64>,
}

/// What the plan uses.
pub(super) struct Curves<'a> {
    uses: Vec<Use<'a>>,
    /// Groups that scale, by whether their last weeks are known hour by hour.
    groups: [usize; 2],
}

impl<'a> Curves<'a> {
    /// Reads what a phase of the plan buys; with schedules, groups that scale and hosts that rest at night as proposed.
    pub(super) fn of(plan: &Plan, purchases: &'a Purchases, phase: &str, scheduled: bool) -> Self {
        let scaling = plan.scaling.as_ref().filter(|_| scheduled);
        let (mut uses, mut groups) = (Vec::new(), [0, 0]);
        let mut add = |of: &'a TypePurchases, hours: Vec<f64>| {
            if let Some(scope) = Scope::of(&of.key.service) {
                uses.push(Use {
                    scope,
                    family: family(&of.key.instance_type),
                    of,
                    hours: hours.into_iter().cycle().take(HOURS).collect(),
                });
            }
        };
        for row in bought(plan, phase) {
            let Some(of) = purchases.of_row(&row) else { continue };
            let scales = scaling.is_some_and(|scaling| {
                let groups = scaling.groups.iter().filter(|group| !group.hours_of_week.is_empty());
                groups.flat_map(|group| &group.group.hosts).any(|host| host == row.host)
            });
            if scales {
                continue;
            }
            let night = scaling.and_then(|scaling| {
                let rest = scaling.nights.iter().find(|rest| rest.host == row.host)?;
                rest.hours.as_ref()
            });
            add(of, week_of(&row, of, night));
        }
        for group in scaling.into_iter().flat_map(|scaling| &scaling.groups) {
            let Some(proposal) = group.proposal.as_ref().filter(|_| !group.hours_of_week.is_empty()) else {
                continue;
            };
            // The group's own type has options where some row buys it too; else its use stays on demand, and is left out.
            let of = purchases
                .types
                .iter()
                .find(|of| of.key.service == "ec2" && of.key.instance_type == proposal.instance_type);
            if let Some(of) = of {
                let price = proposal.price_usd_per_hour.approximately();
                let is_recent = group.recent_hours.len() == HOURS;
                groups[usize::from(is_recent)] += 1;
                let hours = if is_recent {
                    &group.recent_hours
                } else {
                    &group.hours_of_week
                };
                add(of, hours.iter().map(|count| count * price).collect());
            }
        }
        Self { uses, groups }
    }

    /// Says in a sentence what the hours of use are; nothing where nothing scales.
    pub(super) fn words(&self) -> Option<String> {
        let recent = format!(
            "groups that scale are taken as in each hour of the last {RECENT_WEEKS} weeks of the part of the window held out, \
             which say more of what comes than older ones"
        );
        let by_the_week = format!(
            "as in the mean of each hour of the week, since the part of the window held out is shorter than {RECENT_WEEKS} weeks"
        );
        match self.groups {
            [0, 0] => None,
            [0, _] => Some(recent),
            [_, 0] => Some(format!("groups that scale are taken {by_the_week}")),
            [short, _] => Some(format!("{recent}; {short} of them {by_the_week}")),
        }
    }

    /// Says whether any use changes over the week.
    pub(super) fn varies(&self) -> bool {
        self.uses
            .iter()
            .any(|one| one.hours.windows(2).any(|pair| pair[0] != pair[1]))
    }

    /// Gives a scope's use hour by hour and by family, with the rates of a term; a year is like these weeks.
    pub(super) fn skus(&self, scope: Scope, term: CommitmentTerm, upfront: Upfront) -> Vec<Sku> {
        let families = self.families(scope, [term], upfront);
        families.into_iter().map(|[sku]| sku).collect()
    }

    /// Gives the same with the rates of one year and of three, of the same types each.
    pub(super) fn skus_of_both_terms(&self, scope: Scope, upfront: Upfront) -> Vec<[Sku; 2]> {
        self.families(scope, [CommitmentTerm::OneYear, CommitmentTerm::ThreeYears], upfront)
    }

    /// Takes types of a family together where the same of their rates are known.
    fn families<const TERMS: usize>(
        &self,
        scope: Scope,
        terms: [CommitmentTerm; TERMS],
        upfront: Upfront,
    ) -> Vec<[Sku; TERMS]> {
        let mut families: BTreeMap<(String, [[bool; 2]; TERMS]), [Family; TERMS]> = BTreeMap::new();
        for one in self.uses.iter().filter(|one| one.scope == scope) {
            let rates = terms.map(|term| {
                // The database savings plan is sold for one year only.
                let flexible = match (scope, term) {
                    (Scope::Database, CommitmentTerm::ThreeYears) => None,
                    _ => rate(one.of, scope.flexible(term, upfront)),
                };
                [rate(one.of, scope.bound(term, upfront)), flexible]
            });
            let name = format!("{} in {}", one.family, one.of.key.region);
            let family = families
                .entry((name, rates.map(|of| of.map(|rate| rate.is_some()))))
                .or_insert_with(|| terms.map(|_| Family::default()));
            for (family, [bound, flexible]) in family.iter_mut().zip(rates) {
                family.add(&one.hours, bound, flexible);
            }
        }
        families
            .into_iter()
            .map(|((name, _), family)| family.map(|family| family.sku(name.clone())))
            .collect()
    }
}

#[derive(Default)]
struct Family {
    hours: Vec<f64>,
    used: f64,
    bound: Option<f64>,
    flexible: Option<f64>,
}

impl Family {
    fn add(&mut self, hours: &[f64], bound: Option<f64>, flexible: Option<f64>) {
        self.hours.resize(HOURS, 0.0);
        for (sum, one) in self.hours.iter_mut().zip(hours) {
            *sum += one;
        }
        // Rates of a family's types differ little; each counts by its use.
        let more: f64 = hours.iter().sum();
        let share = if self.used + more > 0.0 {
            more / (self.used + more)
        } else {
            1.0
        };
        let blend = |known: Option<f64>, new: Option<f64>| match (known, new) {
            (Some(known), Some(new)) => Some(known + share * (new - known)),
            (None, new) => new,
            (known, None) => known,
        };
        self.bound = blend(self.bound, bound);
        self.flexible = blend(self.flexible, flexible);
        self.used += more;
    }

    fn sku(self, name: String) -> Sku {
        Sku {
            name,
            uses: self.hours,
            bound_rate: self.bound,
            flexible_rate: self.flexible,
        }
    }
}

fn rate(of: &TypePurchases, kind: PurchaseKind) -> Option<f64> {
    let option = of.options.iter().find(|option| option.kind == kind)?;
    let effective = option.rate.known()?.effective_usd_per_hour.as_decimal();
    let on_demand = of.key.on_demand.as_decimal();
    effective.checked_div(on_demand)?.to_f64().filter(|rate| *rate < 1.0)
}

fn family(instance_type: &str) -> String {
    let name = instance_type.trim_end_matches(".search");
    name.rsplit_once('.').map_or(name, |(family, _)| family).to_string()
}

fn week_of(row: &Bought<'_>, of: &TypePurchases, night: Option<&OfficeHours>) -> Vec<f64> {
    let usd = of.key.on_demand.approximately() * f64::from(row.instance_count);
    (0..WEEK)
        .map(|hour| {
            let runs = night.is_none_or(|hours| match hours.days.get(hour / 24).copied().flatten() {
                Some((start, stop)) => (usize::from(start)..usize::from(stop)).contains(&(hour % 24)),
                None => false,
            });
            if runs { usd } else { 0.0 }
        })
        .collect()
}
