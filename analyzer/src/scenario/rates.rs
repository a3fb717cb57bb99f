//! What a commitment leaves to pay of the on-demand price, and how that is known.
//!
//! Input: the catalog's observed discounts. Output: a [`Rate`] per family or
//! nothing, which makes a price unknown, never the full or no price. The
//! sources have all-upfront discounts of reserved instances by family, in
//! us-east-1, and all twelve terms of one type. So, in this order:
//!
//! 1. observed for the family (or the very type) in the region: *derived*;
//! 2. observed for the family elsewhere: *estimated*;
//! 3. the family's all-upfront discount of the same length, times what the
//!    other way to pay (or an exchangeable one) costs the fully known type: *estimated*;
//! 4. as 3, from the family's discount of the other length times the median
//!    over the families with both: *estimated*;
//! 5. unknown.
//!
//! An EC2 Instance Savings Plan is priced as a standard reservation and a
//! Compute Savings Plan as an exchangeable one, *estimated*: AWS lists them so
//! (docs.aws.amazon.com, "Savings Plans types"), the sources have no rates.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::purchase::{CommitmentKind, Purchase};
use crate::catalog::commitment::{CommitmentClass, CommitmentDiscount, CommitmentTerm, Upfront};
use crate::catalog::{Catalog, PriceMethod, Shape};

/// What is paid of the on-demand price.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// Share that is still paid, 0 to 1, to six decimals.
    pub paid: Decimal,
    /// How it is known.
    pub method: PriceMethod,
    /// Where it is from, in words.
    pub origin: String,
}

/// The rates of one way to pay in one region.
#[derive(Debug)]
pub struct Rates {
    purchase: Purchase,
    by_scope: BTreeMap<String, Rate>,
}

type Terms = (CommitmentClass, CommitmentTerm, Upfront);

impl Rates {
    /// Works out the rates of all families.
    #[must_use]
    pub fn of(catalog: &Catalog, purchase: Purchase, region: &str) -> Self {
        let mut by_scope = BTreeMap::new();
        if let Purchase::Committed(kind, term, upfront) = purchase {
            let known = Known::of(catalog);
            let class = match kind {
                CommitmentKind::Reserved | CommitmentKind::Ec2SavingsPlan => CommitmentClass::Standard,
                CommitmentKind::Convertible | CommitmentKind::ComputeSavingsPlan => CommitmentClass::Convertible,
            };
            let plan = matches!(
                kind,
                CommitmentKind::ComputeSavingsPlan | CommitmentKind::Ec2SavingsPlan
            );
            for scope in known.by_scope.keys() {
                if let Some(mut rate) = known.rate(scope, (class, term, upfront), region) {
                    if plan {
                        rate.method = PriceMethod::Estimated;
                        let like = if class == CommitmentClass::Standard {
                            ""
                        } else {
                            "convertible "
                        };
                        rate.origin = format!("as a {like}reservation: {}", rate.origin);
                    }
                    by_scope.insert((*scope).to_string(), rate);
                }
            }
        }
        Self { purchase, by_scope }
    }

    /// Gives what is paid for a type; nothing where that is not known.
    #[must_use]
    pub fn rate(&self, shape: &Shape) -> Option<Rate> {
        if self.purchase == Purchase::OnDemand {
            return Some(Rate {
                paid: Decimal::ONE,
                method: PriceMethod::Listed,
                origin: String::new(),
            });
        }
        let own = self.by_scope.get(&shape.name);
        own.or_else(|| self.by_scope.get(&shape.family)).cloned()
    }
}

/// The observed discounts of EC2, by scope and terms.
struct Known<'a> {
    by_scope: BTreeMap<&'a str, BTreeMap<Terms, &'a CommitmentDiscount>>,
    /// The type of which all terms are known.
    whole: Option<&'a str>,
    /// What three years cost of what one year costs, all upfront: the median of the families with both.
    three_of_one: Option<f64>,
}

impl<'a> Known<'a> {
    fn of(catalog: &'a Catalog) -> Self {
        let mut by_scope: BTreeMap<&str, BTreeMap<Terms, &CommitmentDiscount>> = BTreeMap::new();
        for row in catalog.commitments().iter().filter(|row| row.service == "EC2") {
            by_scope
                .entry(row.scope.as_str())
                .or_default()
                .insert((row.class, row.term, row.upfront), row);
        }
        let whole = by_scope
            .iter()
            .find(|(_, terms)| terms.len() >= 12)
            .map(|(scope, _)| *scope);
        let mut ratios: Vec<f64> = by_scope
            .values()
            .filter_map(|terms| {
                let paid = |term| {
                    terms
                        .get(&(CommitmentClass::Standard, term, Upfront::All))
                        .map(|row| left(row))
                };
                Some(paid(CommitmentTerm::ThreeYears)? / paid(CommitmentTerm::OneYear)?)
            })
            .filter(|ratio| ratio.is_finite())
            .collect();
        ratios.sort_by(f64::total_cmp);
        Self {
            whole,
            three_of_one: ratios.get(ratios.len() / 2).copied(),
            by_scope,
        }
    }

    fn rate(&self, scope: &str, wanted: Terms, region: &str) -> Option<Rate> {
        let terms = self.by_scope.get(scope)?;
        if let Some(row) = terms.get(&wanted) {
            let here = row.observed_in == region;
            return rate(
                left(row),
                if here {
                    PriceMethod::Derived
                } else {
                    PriceMethod::Estimated
                },
                format!(
                    "{} of {scope} in {} ({})",
                    percent(row.saved_fraction),
                    row.observed_in,
                    row.source
                ),
            );
        }
        let (class, term, upfront) = wanted;
        let (standard, other) = (CommitmentClass::Standard, other_term(term));
        let (paid, mut origin) = match terms.get(&(standard, term, Upfront::All)) {
            Some(row) => (
                left(row),
                format!("{} of {scope}, all upfront", percent(row.saved_fraction)),
            ),
            None => {
                let row = terms.get(&(standard, other, Upfront::All))?;
                let ratio = match term {
                    CommitmentTerm::ThreeYears => self.three_of_one?,
                    CommitmentTerm::OneYear => 1.0 / self.three_of_one?,
                };
                (
                    left(row) * ratio,
                    format!(
                        "{} of {scope} for the other term, all upfront",
                        percent(row.saved_fraction)
                    ),
                )
            }
        };
        let mut factor = 1.0;
        if (class, upfront) != (standard, Upfront::All) {
            let whole = self.whole?;
            let known = &self.by_scope[whole];
            factor = left(known.get(&wanted)?) / left(known.get(&(standard, term, Upfront::All))?);
            origin.push_str(&format!(", by the terms of {whole}"));
        }
        rate(paid * factor, PriceMethod::Estimated, origin)
    }
}

fn left(row: &CommitmentDiscount) -> f64 {
    1.0 - row.saved_fraction
}

const fn other_term(term: CommitmentTerm) -> CommitmentTerm {
    match term {
        CommitmentTerm::OneYear => CommitmentTerm::ThreeYears,
        CommitmentTerm::ThreeYears => CommitmentTerm::OneYear,
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Makes a rate; what would cost nothing, or more than on demand, is no commitment that anyone sells.
fn rate(paid: f64, method: PriceMethod, origin: String) -> Option<Rate> {
    let paid = Decimal::try_from(paid).ok()?.round_dp(6);
    (paid > Decimal::ZERO && paid <= Decimal::ONE).then_some(Rate { paid, method, origin })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn paid(purchase: &str, region: &str, shape: &str) -> Option<Rate> {
        let catalog = Catalog::embedded();
        Rates::of(catalog, purchase.parse().unwrap(), region).rate(catalog.shape(shape).unwrap())
    }

    #[test]
    fn what_was_observed_in_the_region_is_derived_and_elsewhere_estimated() {
        let here = paid("reserved-1y-all-upfront", "us-east-1", "m7i.xlarge").unwrap();
        assert_eq!(
            (here.paid.to_string().as_str(), here.method),
            ("0.6174", PriceMethod::Derived)
        );
        let there = paid("reserved-1y-all-upfront", "eu-west-1", "m7i.xlarge").unwrap();
        assert_eq!((there.paid, there.method), (here.paid, PriceMethod::Estimated));
    }

    #[test]
    fn other_ways_to_pay_follow_the_type_of_which_all_are_known() {
        // 0.6174 × (1 − 0.3847) / (1 − 0.4257), by hand.
        let monthly = paid("reserved-1y", "us-east-1", "m7i.xlarge").unwrap();
        assert_eq!(
            (monthly.paid.to_string().as_str(), monthly.method),
            ("0.661477", PriceMethod::Estimated)
        );
        // 0.3948 × (1 − 0.6144) / (1 − 0.7208)
        let plan = paid("compute-savings-plan-3y", "us-east-1", "m7i.xlarge").unwrap();
        assert_eq!(
            (plan.paid.to_string().as_str(), plan.method),
            ("0.545254", PriceMethod::Estimated)
        );
    }

    #[test]
    fn a_longer_or_an_earlier_payment_never_costs_more() {
        let catalog = Catalog::embedded();
        let ways = [
            [
                "reserved-1y-all-upfront",
                "reserved-1y-partial-upfront",
                "reserved-1y",
                "compute-savings-plan-1y",
            ],
            [
                "reserved-3y-all-upfront",
                "reserved-3y-partial-upfront",
                "reserved-3y",
                "compute-savings-plan-3y",
            ],
        ];
        let rates = ways.map(|terms| terms.map(|way| Rates::of(catalog, way.parse().unwrap(), "eu-west-1")));
        let mut seen = 0;
        for shape in catalog.shapes() {
            let paid = |rates: &Rates| rates.rate(shape).map(|rate| rate.paid);
            for pair in rates.iter().flat_map(|terms| terms.windows(2)) {
                if let (Some(less), Some(more)) = (paid(&pair[0]), paid(&pair[1])) {
                    assert!(less <= more, "{}", shape.name);
                    seen += 1;
                }
            }
            for (one, three) in rates[0].iter().zip(&rates[1]) {
                if let (Some(one), Some(three)) = (paid(one), paid(three)) {
                    assert!(three <= one, "{}", shape.name);
                }
            }
        }
        assert!(seen > 1000, "{seen}");
    }

    #[test]
    fn a_family_without_any_discount_is_unknown() {
        let catalog = Catalog::embedded();
        let scopes: std::collections::BTreeSet<&str> =
            catalog.commitments().iter().map(|row| row.scope.as_str()).collect();
        let unknown = catalog
            .shapes()
            .iter()
            .find(|shape| !scopes.contains(shape.family.as_str()))
            .unwrap();
        assert_eq!(paid("reserved-3y", "us-east-1", &unknown.name), None);
        assert_eq!(
            paid("on-demand", "us-east-1", &unknown.name).unwrap().paid,
            Decimal::ONE
        );
    }
}
