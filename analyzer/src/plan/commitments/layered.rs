//! One and three years together: each family of types is bought layer by layer.
//!
//! Input: use of each family hour by hour, its rates for both terms, outlooks.
//! Output: a [`Strategy`] whose [`FamilyTerms`] say up to which level each
//! family is bought for three years and up to which for one; what is bought for
//! a year is bought anew each year, to fit what is used then.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Deserialize, Serialize};

use super::curves::{Curves, Scope};
use super::{CommitmentLine, Strategy, YEARS, line, per_month};
use crate::catalog::commitment::{CommitmentTerm, Upfront};
use crate::commit::{Applied, HOURS_PER_YEAR, Outlook, Sku, Stranding, Term, layered, optimum};
use crate::money::UsdPerHour;

/// Decimals of levels and rates.
const DECIMALS: u32 = 6;

/// How one family is bought under two terms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FamilyTerms {
    /// What is covered, such as `m7i in eu-central-1`.
    pub covers: String,
    /// Its use in an hour at on-demand prices, in the mean.
    pub used_usd_per_hour: UsdPerHour,
    /// What is bought for three years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long: Option<TermOfFamily>,
    /// What is bought each year on top of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<TermOfFamily>,
}

/// A term and the use that is worth it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermOfFamily {
    /// What is bought, such as `EC2 instance savings plan, 1 year, no upfront`.
    pub item: String,
    /// What a dollar of use costs under it.
    pub rate: Decimal,
    /// Use an hour up to which it is worth it, at on-demand prices, as use is today; counted from nothing.
    pub up_to_usd_per_hour: UsdPerHour,
}

impl FamilyTerms {
    /// Gives the years after which nothing of it is left to pay.
    #[must_use]
    pub fn longest_years(&self) -> u32 {
        match (&self.long, &self.short) {
            (Some(_), _) => YEARS as u32,
            (None, Some(_)) => 1,
            (None, None) => 0,
        }
    }
}

/// A term's item and rate: of the plans that are sold for it the cheapest.
struct Sold {
    item: String,
    rate: f64,
}

impl Sold {
    fn cheapest(scope: Scope, term: CommitmentTerm, upfront: Upfront, sku: &Sku) -> Option<Self> {
        let bound = sku.bound_rate.map(|rate| Self {
            item: scope.bound_words(term, upfront),
            rate,
        });
        let flexible = sku.flexible_rate.map(|rate| Self {
            item: scope.flexible_words(term, upfront),
            rate,
        });
        bound
            .into_iter()
            .chain(flexible)
            .min_by(|one, other| one.rate.total_cmp(&other.rate))
    }

    fn term(&self, years: usize) -> Term {
        Term {
            name: self.item.clone(),
            years,
            rate: self.rate,
        }
    }

    fn up_to(&self, level: f64) -> TermOfFamily {
        TermOfFamily {
            item: self.item.clone(),
            rate: decimal(self.rate),
            up_to_usd_per_hour: UsdPerHour::from_decimal(decimal(level)),
        }
    }
}

/// Buys each family layer by layer for one and three years; nothing where nothing is worth buying.
pub(super) fn by_layers(curves: &Curves, scope: Scope, upfront: Upfront, outlooks: &[Outlook]) -> Option<Strategy> {
    let (mut lines, mut families) = (Vec::new(), Vec::new());
    let (mut expected, mut first_year, mut hours) = (0.0, Applied::default(), 0.0);
    let mut layers: Vec<Layer<'_>> = Vec::new();
    let skus = curves.skus_of_both_terms(scope, upfront);
    for [one, three] in &skus {
        let short = Sold::cheapest(scope, CommitmentTerm::OneYear, upfront, one);
        let long = Sold::cheapest(scope, CommitmentTerm::ThreeYears, upfront, three);
        let of_terms = [(&long, YEARS), (&short, 1)].map(|(sold, years)| sold.as_ref().map(|sold| sold.term(years)));
        let terms: Vec<Term> = of_terms.into_iter().flatten().collect();
        let bought = layered(&one.uses, &terms, outlooks, YEARS);
        expected += bought.cost;
        let (mut level, mut bought_long) = (0.0, 0.0);
        for layer in &bought.levels {
            let Some(term) = terms.iter().find(|term| term.name == layer.term) else {
                continue;
            };
            level = layer.to;
            if term.years > 1 {
                bought_long = layer.to;
            }
            lines.push(line(&layer.term, &one.name, (layer.to - layer.from) * term.rate));
            let layer = Layer {
                uses: &one.uses,
                from: layer.from,
                to: layer.to,
                rate: term.rate,
                years: term.years,
            };
            layer.add(&mut first_year);
            layers.push(layer);
        }
        for used in &one.uses {
            first_year.used_usd += used;
            first_year.covered_usd += used.min(level);
            first_year.on_demand_usd += (used - level).max(0.0);
        }
        hours = one.uses.len() as f64;
        families.push(FamilyTerms {
            covers: one.name.clone(),
            used_usd_per_hour: UsdPerHour::from_decimal(decimal(one.uses.iter().sum::<f64>() / hours)),
            long: long.filter(|_| bought_long > 0.0).map(|sold| sold.up_to(bought_long)),
            short: short.and_then(|sold| {
                let level = optimum(&one.uses, sold.rate);
                (level > 0.0).then(|| sold.up_to(level))
            }),
        });
    }
    lines.retain(|line: &CommitmentLine| line.usd_per_hour > UsdPerHour::ZERO);
    if lines.is_empty() {
        return None;
    }
    Some(Strategy {
        phase: String::new(),
        basis: String::new(),
        scope: scope.word().to_string(),
        name: "layer by layer, 1 and 3 years".to_string(),
        years: 0,
        lines,
        terms: families,
        usd_per_month: per_month(first_year.cost_usd(), hours),
        used_usd_per_month: per_month(first_year.used_usd, hours),
        on_demand_usd_per_month: per_month(first_year.on_demand_usd, hours),
        coverage: first_year.coverage(),
        utilisation: first_year.utilisation(),
        saving: first_year.saving(),
        break_even_month: None,
        expected_usd: expected * f64::from(HOURS_PER_YEAR) / hours,
        stranding: of_layers(&layers, outlooks),
    })
}

fn decimal(value: f64) -> Decimal {
    Decimal::from_f64(value).unwrap_or_default().round_dp(DECIMALS)
}

/// A layer that is bought.
struct Layer<'a> {
    uses: &'a [f64],
    from: f64,
    to: f64,
    rate: f64,
    years: usize,
}

impl Layer<'_> {
    /// Gives how much of it is used over all hours, when use is so many times today's.
    fn used(&self, factor: f64) -> f64 {
        let width = self.to - self.from;
        let of_hour = |one: &f64| (one * factor - self.from).clamp(0.0, width);
        self.uses.iter().map(of_hour).sum()
    }

    fn whole(&self) -> f64 {
        (self.to - self.from) * self.uses.len() as f64
    }

    fn add(&self, sum: &mut Applied) {
        sum.committed_usd += self.rate * self.whole();
        sum.unused_usd += self.rate * (self.whole() - self.used(1.0));
    }
}

/// Gives what layers waste over the years they are bought for.
fn of_layers(layers: &[Layer<'_>], outlooks: &[Outlook]) -> Stranding {
    let mut out = Stranding::default();
    for outlook in outlooks {
        let (mut committed, mut unused, mut would_be) = (0.0, 0.0, 0.0);
        for layer in layers {
            for factor in (0..layer.years).map(|year| outlook.factor(year)) {
                let (whole, used) = (layer.whole(), layer.used(factor));
                committed += layer.rate * whole;
                unused += layer.rate * (whole - used);
                would_be += used;
            }
        }
        let share = if committed > 0.0 { unused / committed } else { 0.0 };
        out.expected_unused_share += outlook.probability * share;
        if share > out.worst_unused_share || out.worst_outlook.is_empty() {
            out.worst_unused_share = share;
            out.worst_outlook.clone_from(&outlook.name);
        }
        if committed > would_be {
            out.probability_of_loss += outlook.probability;
        }
    }
    out
}
