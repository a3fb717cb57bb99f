//! `purchase = "optimised"`: the mix that is expected to cost least for the scenario's own use.
//!
//! Input: which types run when, in all environments that are bought so. Output:
//! an [`Optimised`]: for each type what is paid for a dollar of its use on
//! demand. Commitments of all these environments are bought together, as one
//! company does: plans bound to a family, the plan over all, both together, for
//! one year or three, or one and three years together, family by family and
//! layer by layer: the levels of least expected cost under the outlooks of growth of
//! the assessment ([`crate::commit`]). What is paid is shared by use within a
//! family, so amounts of hosts add up to the whole. Spot is for groups whose
//! owners bear interruptions, where it is cheaper than any plan.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};

use super::schedule::Schedule;
use crate::catalog::commitment::{CommitmentTerm, Upfront};
use crate::catalog::{Catalog, Offer, PriceMethod};
use crate::commit::{
    Commitments, Fleet, Outlook, Sku, Term, best_mix, best_savings_plan, expected_cost, layered, paid_by_sku,
};
use crate::plan::commitments::YEARS;
use crate::price::purchase::{PurchaseKind, Subject, ec2_rate};

/// Hours of a week.
const WEEK: usize = 168;
/// Digits of what is paid for a dollar.
const DIGITS: u32 = 6;

/// Instances of a type that run in the same hours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use<'o> {
    pub(super) offer: &'o Offer,
    pub(super) schedule: Schedule,
    pub(super) instances: u32,
    /// Whether they may be taken back at two minutes' notice.
    pub(super) bears_interruption: bool,
}

/// What is paid for a dollar on demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Paid {
    pub(super) share: Decimal,
    pub(super) method: PriceMethod,
}

/// What each type costs in the best mix.
#[derive(Debug, Default)]
pub(super) struct Optimised {
    paid: HashMap<(String, bool), Paid>,
}

/// A type's rates: of a dollar on demand, with how each is known.
#[derive(Clone, Copy, Debug, Default)]
struct Rates {
    /// One year, three years.
    bound: [Option<(f64, PriceMethod)>; 2],
    flexible: [Option<(f64, PriceMethod)>; 2],
    spot: Option<(f64, PriceMethod)>,
}

const TERMS: [CommitmentTerm; 2] = [CommitmentTerm::OneYear, CommitmentTerm::ThreeYears];

impl Rates {
    fn of(offer: &Offer, catalog: &Catalog, region: &str) -> Self {
        let subject = Subject {
            service: "ec2",
            instance_type: &offer.shape.name,
            engine: None,
            deployment: "single-az",
            region,
            on_demand: offer.price.amount,
            method: offer.price.method,
            as_of: offer.price.as_of,
        };
        let of = |kind: PurchaseKind| -> Option<(f64, PriceMethod)> {
            let rate = ec2_rate(catalog, &subject, kind)?;
            let known = rate.known()?;
            let share = known
                .effective_usd_per_hour
                .as_decimal()
                .checked_div(offer.price.amount.as_decimal())?;
            Some((share.to_f64()?, known.method)).filter(|(share, _)| *share < 1.0)
        };
        let cheaper = |one: Option<(f64, PriceMethod)>, other: Option<(f64, PriceMethod)>| {
            one.into_iter().chain(other).min_by(|a, b| a.0.total_cmp(&b.0))
        };
        Self {
            bound: TERMS.map(|term| {
                cheaper(
                    of(PurchaseKind::InstanceSavingsPlan(term, Upfront::None)),
                    of(PurchaseKind::Reserved(term, Upfront::None)),
                )
            }),
            flexible: TERMS.map(|term| of(PurchaseKind::ComputeSavingsPlan(term, Upfront::None))),
            spot: of(PurchaseKind::Spot),
        }
    }

    /// Gives the spot price where it is below every plan's.
    fn cheapest_spot(&self) -> Option<(f64, PriceMethod)> {
        let plans = self.bound.iter().chain(&self.flexible).flatten();
        let least = plans.map(|(rate, _)| *rate).fold(1.0, f64::min);
        self.spot.filter(|(spot, _)| *spot < least)
    }

    /// Says which rates are known: types of a family with others are another thing to commit to.
    fn known(&self) -> [bool; 4] {
        [
            self.bound[0].is_some(),
            self.bound[1].is_some(),
            self.flexible[0].is_some(),
            self.flexible[1].is_some(),
        ]
    }
}

/// What is committed to together.
#[derive(Default)]
struct Family<'o> {
    types: Vec<&'o Offer>,
    week: Vec<f64>,
    used: f64,
    rates: Rates,
    method: Option<PriceMethod>,
}

impl<'o> Family<'o> {
    fn add(&mut self, offer: &'o Offer, week: &[f64], rates: &Rates) {
        self.types.push(offer);
        self.week.resize(WEEK, 0.0);
        for (sum, one) in self.week.iter_mut().zip(week) {
            *sum += one;
        }
        let more: f64 = week.iter().sum();
        let share = if self.used + more > 0.0 {
            more / (self.used + more)
        } else {
            1.0
        };
        // Rates of a family's types differ little; each counts by its use.
        let blend = |known: &mut Option<(f64, PriceMethod)>, new: Option<(f64, PriceMethod)>| {
            *known = match (*known, new) {
                (Some((known, one)), Some((new, other))) => Some((known + share * (new - known), one.max(other))),
                (known, new) => known.or(new),
            };
        };
        for (known, new) in self.rates.bound.iter_mut().zip(rates.bound) {
            blend(known, new);
        }
        for (known, new) in self.rates.flexible.iter_mut().zip(rates.flexible) {
            blend(known, new);
        }
        self.used += more;
        self.method = self.method.max(Some(offer.price.method));
    }

    fn sku(&self, name: &str, term: usize) -> Sku {
        Sku {
            name: name.to_string(),
            uses: self.week.clone(),
            bound_rate: self.rates.bound[term].map(|(rate, _)| rate),
            flexible_rate: self.rates.flexible[term].map(|(rate, _)| rate),
        }
    }
}

impl Optimised {
    /// Finds the mix for what runs.
    pub(super) fn of(catalog: &Catalog, region: &str, uses: &[Use<'_>], outlooks: &[Outlook]) -> Self {
        let mut out = Self::default();
        let mut types: BTreeMap<&str, (&Offer, Rates, Vec<f64>)> = BTreeMap::new();
        for one in uses {
            let name = one.offer.shape.name.as_str();
            let (_, rates, week) = types
                .entry(name)
                .or_insert_with(|| (one.offer, Rates::of(one.offer, catalog, region), vec![0.0; WEEK]));
            if one.bears_interruption
                && let Some((share, method)) = rates.cheapest_spot()
            {
                out.put(name, true, share, method);
                continue;
            }
            let usd = one.offer.price.amount.approximately() * f64::from(one.instances);
            for (hour, sum) in week.iter_mut().enumerate() {
                if one.schedule.runs(hour) {
                    *sum += usd;
                }
            }
        }
        let mut families: BTreeMap<(&str, [bool; 4]), Family<'_>> = BTreeMap::new();
        for (offer, rates, week) in types.values() {
            families
                .entry((offer.shape.family.as_str(), rates.known()))
                .or_default()
                .add(offer, week, rates);
        }
        let names: Vec<&str> = families.keys().map(|(name, _)| *name).collect();
        let families: Vec<Family<'_>> = families
            .into_values()
            .filter(|family| !family.week.is_empty())
            .collect();
        let Some(bought) = best(&names, &families, outlooks) else {
            return out;
        };
        for (family, of_family) in families.iter().zip(bought.families) {
            let share = if family.used > 0.0 {
                of_family.paid / family.used
            } else {
                1.0
            };
            let method = of_family.methods.into_iter().map(Some).fold(family.method, Option::max);
            for offer in &family.types {
                out.put(&offer.shape.name, false, share, method.unwrap_or(PriceMethod::Listed));
                let spot = (offer.shape.name.clone(), true);
                let same = out.paid.get(&(offer.shape.name.clone(), false)).copied();
                if let Some(same) = same {
                    out.paid.entry(spot).or_insert(same);
                }
            }
        }
        out
    }

    fn put(&mut self, name: &str, bears_interruption: bool, share: f64, method: PriceMethod) {
        let share = Decimal::from_f64(share).unwrap_or(Decimal::ONE).round_dp(DIGITS);
        self.paid
            .insert((name.to_string(), bears_interruption), Paid { share, method });
    }

    /// Gives what is paid for a dollar of a type on demand; nothing for a type that does not run.
    pub(super) fn paid(&self, name: &str, bears_interruption: bool) -> Option<Paid> {
        self.paid.get(&(name.to_string(), bears_interruption)).copied()
    }
}

/// What is bought, and what it costs.
struct Bought {
    /// Expected cost of all years, dollars for as many hours a year as a family has.
    expected: f64,
    families: Vec<BoughtFamily>,
}

/// What a family pays.
struct BoughtFamily {
    /// In the hours of the first year, dollars.
    paid: f64,
    /// How the rates that were used are known.
    methods: Vec<PriceMethod>,
}

/// Chooses terms and levels by expected cost; on demand where nothing is expected to cost less.
fn best(names: &[&str], families: &[Family<'_>], outlooks: &[Outlook]) -> Option<Bought> {
    let mut found: Option<Bought> = None;
    for (term, years) in [(0, 1), (1, YEARS)] {
        let skus: Vec<Sku> = names
            .iter()
            .zip(families)
            .map(|(name, family)| family.sku(name, term))
            .collect();
        // Uses and rates are prices times counts: they can be no bad numbers.
        let fleet = Fleet::new(&skus).ok()?;
        let term_hours = fleet.under(outlooks, years);
        let none = vec![0.0; skus.len()];
        let plan = |bound_uses: Vec<f64>, flexible_usd_per_hour: f64| Commitments {
            bound_uses,
            flexible_usd_per_hour,
        };
        let ways = [
            plan(none.clone(), 0.0),
            plan(none, best_savings_plan(&term_hours, &[]).usd_per_hour),
            plan(term_hours.bound_levels(), 0.0),
            best_mix(&term_hours).commitments,
        ];
        for way in ways {
            let expected = expected_cost(&fleet, &way, outlooks, years, YEARS);
            if is_less(expected, found.as_ref()) {
                found = Some(of_one_term(families, &fleet, &way, term, expected));
            }
        }
    }
    let both = of_both_terms(families, outlooks);
    if is_less(both.expected, found.as_ref()) {
        found = Some(both);
    }
    found
}

fn is_less(expected: f64, than: Option<&Bought>) -> bool {
    than.is_none_or(|than| expected < than.expected * (1.0 - 1e-9))
}

fn of_one_term(families: &[Family<'_>], fleet: &Fleet, way: &Commitments, term: usize, expected: f64) -> Bought {
    let is_flexible = way.flexible_usd_per_hour > 0.0;
    let of_family = |((family, paid), level): ((&Family<'_>, f64), &f64)| {
        let rates = [
            family.rates.bound[term].filter(|_| *level > 0.0),
            family.rates.flexible[term].filter(|_| is_flexible),
        ];
        BoughtFamily {
            paid,
            methods: rates.into_iter().flatten().map(|(_, method)| method).collect(),
        }
    };
    Bought {
        expected,
        families: families
            .iter()
            .zip(paid_by_sku(fleet, way))
            .zip(&way.bound_uses)
            .map(of_family)
            .collect(),
    }
}

/// Buys each family for one and three years together, each layer of its use by itself: exact for the family.
fn of_both_terms(families: &[Family<'_>], outlooks: &[Outlook]) -> Bought {
    let mut out = Bought {
        expected: 0.0,
        families: Vec::with_capacity(families.len()),
    };
    for family in families {
        // A plan over all covers a family as well as one that is bound to it, at its own rate.
        let cheapest = |term: usize| {
            let sold = family.rates.bound[term].into_iter().chain(family.rates.flexible[term]);
            sold.min_by(|one, other| one.0.total_cmp(&other.0))
        };
        let sold = [(0, 1), (1, YEARS)].map(|(term, years)| (term.to_string(), years, cheapest(term)));
        let terms: Vec<Term> = sold
            .iter()
            .filter_map(|(name, years, rate)| {
                Some(Term {
                    name: name.clone(),
                    years: *years,
                    rate: rate.as_ref()?.0,
                })
            })
            .collect();
        let bought = layered(&family.week, &terms, outlooks, YEARS);
        let (mut paid, mut top, mut methods) = (0.0, 0.0, Vec::new());
        for level in &bought.levels {
            let found = sold.iter().find(|(name, ..)| *name == level.term);
            let Some((rate, method)) = found.and_then(|(_, _, rate)| *rate) else {
                continue;
            };
            paid += rate * (level.to - level.from) * family.week.len() as f64;
            top = level.to;
            methods.push(method);
        }
        paid += family.week.iter().map(|used| (used - top).max(0.0)).sum::<f64>();
        out.expected += bought.cost;
        out.families.push(BoughtFamily { paid, methods });
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn outlooks() -> Vec<Outlook> {
        vec![Outlook {
            name: "as it is".to_string(),
            probability: 1.0,
            factors: vec![1.0],
        }]
    }

    fn uses(name: &str, schedule: &str, instances: u32, bears_interruption: bool) -> Use<'static> {
        Use {
            offer: Catalog::embedded().offer("us-east-1", name).unwrap().unwrap(),
            schedule: schedule.parse().unwrap(),
            instances,
            bears_interruption,
        }
    }

    fn rate(name: &str, kind: PurchaseKind) -> f64 {
        let found = uses(name, "always", 1, false);
        let rates = Rates::of(found.offer, Catalog::embedded(), "us-east-1");
        match kind {
            PurchaseKind::Spot => rates.spot.unwrap().0,
            _ => rates.bound[1].unwrap().0,
        }
    }

    #[test]
    fn what_always_runs_is_bound_for_three_years_and_what_seldom_runs_is_not() {
        let catalog = Catalog::embedded();
        let three = PurchaseKind::InstanceSavingsPlan(CommitmentTerm::ThreeYears, Upfront::None);
        let always = Optimised::of(
            catalog,
            "us-east-1",
            &[uses("m7i.xlarge", "always", 3, false)],
            &outlooks(),
        );
        let paid = always.paid("m7i.xlarge", false).unwrap().share.to_f64().unwrap();
        assert!((paid - rate("m7i.xlarge", three)).abs() < 1e-5, "{paid}");
        // Four hours a week: 2 % of the hours, below any rate.
        let seldom = Optimised::of(
            catalog,
            "us-east-1",
            &[uses("m7i.xlarge", "Mon 08-12", 3, false)],
            &outlooks(),
        );
        assert_eq!(seldom.paid("m7i.xlarge", false).unwrap().share, Decimal::ONE);
        // By day and by night: half the use of the day is shared with what runs at night, of the same family.
        let both = [
            uses("m7i.xlarge", "Mon-Sun 00-12", 1, false),
            uses("m7i.2xlarge", "Mon-Sun 12-24", 1, false),
        ];
        let mixed = Optimised::of(catalog, "us-east-1", &both, &outlooks());
        let share = mixed.paid("m7i.xlarge", false).unwrap().share;
        assert_eq!(mixed.paid("m7i.2xlarge", false).unwrap().share, share);
        assert!(share < Decimal::ONE && share.to_f64().unwrap() > paid);
    }

    /// A family of one type with a week of two levels, and bound rates of one and three years in hundredths.
    fn family((low, high, hours): (u32, u32, usize), rates: [u32; 2]) -> Family<'static> {
        let offer = uses("m7i.xlarge", "always", 1, false).offer;
        let week: Vec<f64> = (0..WEEK)
            .map(|hour| f64::from(if hour < hours { low + high } else { low }))
            .collect();
        let mut family = Family::default();
        let rates = Rates {
            bound: rates.map(|rate| Some((f64::from(rate) / 100.0, PriceMethod::Derived))),
            ..Rates::default()
        };
        family.add(offer, &week, &rates);
        family
    }

    /// Expected cost of a family bought up to a level for three years and, each year anew, up to one above for a year.
    fn by_hand(week: &[f64], rates: [f64; 2], outlooks: &[Outlook], long: f64, short: &[f64]) -> f64 {
        let of_year = |factor: f64, level: f64| -> f64 {
            let top = level.max(long);
            let open: f64 = week.iter().map(|used| (used * factor - top).max(0.0)).sum();
            (rates[1] * long + rates[0] * (top - long)) * week.len() as f64 + open
        };
        let mean = |level: f64| -> f64 {
            let each = outlooks
                .iter()
                .map(|one| one.probability * of_year(one.factor(0), level));
            each.sum()
        };
        let least = |of: &dyn Fn(f64) -> f64| short.iter().map(|level| of(*level)).fold(f64::INFINITY, f64::min);
        // The first year is bought before anybody knows which outlook comes true, a later one after that.
        let later = outlooks.iter().flat_map(|one| (1..YEARS).map(move |year| (one, year)));
        let later = later.map(|(one, year)| one.probability * least(&|level| of_year(one.factor(year), level)));
        least(&mean) + later.sum::<f64>()
    }

    #[test]
    fn a_family_that_may_shrink_gets_both_terms() {
        let outlooks = [("as it is", 0.5, 1.0), ("less", 0.5, 0.5)].map(|(name, probability, later)| Outlook {
            name: name.to_string(),
            probability,
            factors: vec![1.0, later],
        });
        let bought = best(&["one"], &[family((8, 0, 0), [70, 50])], &outlooks).unwrap();
        // Up to 4 in all years: 3 x 0.5 < 3 x 0.7. From 4 to 8 for long 1.5; by the year 0.7 + half of 2 x 0.7 = 1.4.
        assert!((bought.expected - 168.0 * (4.0 * 1.5 + 4.0 * 1.4)).abs() < 1e-6);
        assert!((bought.families[0].paid - 168.0 * (4.0 * 0.5 + 4.0 * 0.7)).abs() < 1e-6);
        assert_eq!(bought.families[0].methods, [PriceMethod::Derived; 2]);
    }

    proptest! {
        #[test]
        fn no_levels_of_both_terms_are_cheaper(
            shapes in prop::collection::vec((0_u32..5, 0_u32..5, 0_usize..=WEEK), 1..=3),
            short in 40_u32..100,
            long in 30_u32..90,
            quarters in prop::collection::vec((0_u32..=6, 0_u32..=6, 0_u32..=6), 1..=3),
        ) {
            let families: Vec<Family<'_>> = shapes.iter().map(|shape| family(*shape, [short, long])).collect();
            let outlooks: Vec<Outlook> = quarters
                .iter()
                .enumerate()
                .map(|(at, (first, second, third))| Outlook {
                    name: at.to_string(),
                    probability: 1.0 / quarters.len() as f64,
                    factors: [first, second, third].iter().map(|one| f64::from(**one) / 4.0).collect(),
                })
                .collect();
            let names: Vec<&str> = families.iter().map(|_| "one").collect();
            let found = best(&names, &families, &outlooks).unwrap().expected;
            // Every level at which the slope of the cost can change: uses times factors.
            let rates = [f64::from(short) / 100.0, f64::from(long) / 100.0];
            let least: f64 = families
                .iter()
                .map(|family| {
                    let factors = outlooks.iter().flat_map(|one| one.factors.iter().copied());
                    let uses = [family.week[0], family.week[WEEK - 1]];
                    let levels: Vec<f64> = factors
                        .flat_map(|factor| uses.map(|used| used * factor))
                        .chain([0.0])
                        .collect();
                    let each = levels.iter().map(|long| by_hand(&family.week, rates, &outlooks, *long, &levels));
                    each.fold(f64::INFINITY, f64::min)
                })
                .sum();
            prop_assert!((found - least).abs() <= 1e-6 * (1.0 + least), "{found} against {least}");
        }
    }

    #[test]
    fn spot_is_for_what_bears_interruptions_alone() {
        let catalog = Catalog::embedded();
        let both = [
            uses("m7i.xlarge", "always", 1, true),
            uses("m7i.xlarge", "always", 1, false),
        ];
        let found = Optimised::of(catalog, "us-east-1", &both, &outlooks());
        let (spot, other) = (
            found.paid("m7i.xlarge", true).unwrap(),
            found.paid("m7i.xlarge", false).unwrap(),
        );
        let (is, three) = (
            rate("m7i.xlarge", PurchaseKind::Spot),
            rate(
                "m7i.xlarge",
                PurchaseKind::InstanceSavingsPlan(CommitmentTerm::ThreeYears, Upfront::None),
            ),
        );
        assert!((other.share.to_f64().unwrap() - three).abs() < 1e-5);
        assert!((spot.share.to_f64().unwrap() - is.min(three)).abs() < 1e-5);
        assert_eq!(found.paid("r7i.xlarge", false), None);
    }
}
