//! Private prices: discounts and prices of the user's own, and what of a scenario's cost rests on them.
//!
//! Every amount that such a price changes becomes an [`OwnLine`], which names
//! the setting and where it was written, so that nobody takes it for a list
//! price.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;
use telemetry::untrusted::for_terminal;

use super::case::nothing;
use super::error::ScenarioError;
use super::moved::Moved;
use super::settings::{Setting, Settings};
use super::value::Value;
use crate::catalog::Catalog;
use crate::money::UsdPerMonth;
use crate::policy::matches;
use crate::price::BillLine;

/// What a discount may be of, beside families.
const DISCOUNTED: [&str; 12] = [
    "ec2",
    "ebs",
    "rds",
    "elasticache",
    "documentdb",
    "mq",
    "msk",
    "opensearch",
    "alb",
    "nlb",
    "efs",
    "fsx",
];

/// An amount that rests on a price of the user's own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OwnLine {
    /// What is paid for.
    pub item: String,
    /// How much a month.
    pub quantity: Decimal,
    /// Unit of the quantity.
    pub unit: String,
    /// Price of one unit without the scenario's; absent where unknown.
    pub usual_unit_price_usd: Option<Decimal>,
    /// Price of one unit.
    pub unit_price_usd: Decimal,
    /// Quantity times price.
    pub usd_per_month: UsdPerMonth,
    /// Where the price is from: the scenario's setting, its place, and the source that the user names.
    pub source: String,
}

/// The user's own terms.
#[derive(Clone, Debug, Default)]
pub(super) struct PrivatePrices {
    services: BTreeMap<String, Off>,
    /// Family patterns, the most letters first.
    families: Vec<(String, Off)>,
    /// By instance type or item.
    prices: BTreeMap<String, (Decimal, Setting, String)>,
}

/// A share that is taken off.
#[derive(Clone, Debug)]
pub(super) struct Off {
    pub(super) share: Decimal,
    pub(super) source: String,
}

/// How a price is changed.
pub(super) enum Private<'p> {
    /// A share is taken off.
    Off(&'p Off),
    /// It is this, for the reason given.
    Price(Decimal, &'p str),
}

impl PrivatePrices {
    pub(super) fn of(settings: &Settings, catalog: &Catalog) -> Result<Self, ScenarioError> {
        let mut own = Self::default();
        for (name, setting) in settings.of_table("discounts") {
            let Value::Share(share) = setting.value else { continue };
            let off = Off {
                share,
                source: format!(
                    "scenario: discounts.{}={} ({})",
                    for_terminal(name),
                    setting.value,
                    setting.place
                ),
            };
            if DISCOUNTED.contains(&name) {
                own.services.insert(name.to_string(), off);
            } else if catalog.families().iter().any(|family| matches(name, family)) {
                own.families.push((name.to_string(), off));
            } else {
                return Err(nothing(
                    setting,
                    "discounts",
                    name,
                    "neither `ec2`, `ebs`, a managed service such as `rds`, nor any EC2 family",
                ));
            }
        }
        own.families
            .sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then(a.cmp(b)));
        for (name, setting) in settings.of_table("prices") {
            let Value::Price(price, from) = &setting.value else {
                continue;
            };
            let source = format!("scenario: {} ({})", for_terminal(from), setting.place);
            own.prices.insert(name.to_string(), (*price, setting.clone(), source));
        }
        Ok(own)
    }

    /// Says what a price is of that is of nothing: no type of the region, and no item of what moves.
    ///
    /// # Errors
    /// The first such price.
    pub(super) fn check(&self, catalog: &Catalog, region: &str, moved: Option<&Moved>) -> Result<(), ScenarioError> {
        for (name, (_, setting, _)) in &self.prices {
            let is_type = catalog.offer(region, name).is_ok_and(|offer| offer.is_some());
            let phases = || moved.iter().flat_map(|moved| moved.phases.values());
            if !is_type && !phases().flat_map(|phase| &phase.lines).any(|line| is_of(name, line)) {
                return Err(nothing(
                    setting,
                    "prices",
                    name,
                    "no instance type of the region and no item of the plan's managed services",
                ));
            }
        }
        Ok(())
    }

    /// Says whether a type has a price of the user's own.
    pub(super) fn has_price(&self, name: &str) -> bool {
        self.prices.contains_key(name)
    }

    /// Gives how the price of an instance type is changed; nothing where it is as listed.
    pub(super) fn of_type(&self, name: &str, family: &str) -> Option<Private<'_>> {
        if let Some((price, _, source)) = self.prices.get(name) {
            return Some(Private::Price(*price, source));
        }
        let own = self.families.iter().find(|(pattern, _)| matches(pattern, family));
        own.map(|(_, off)| off)
            .or_else(|| self.services.get("ec2"))
            .map(Private::Off)
    }

    /// Gives what is taken off a service.
    pub(super) fn of_service(&self, service: &str) -> Option<&Off> {
        self.services.get(service)
    }

    /// Gives a line of a managed service at the user's price, and what of it is the user's own; nothing where it is as listed.
    pub(super) fn of_managed(&self, service: &str, line: &BillLine) -> Option<(BillLine, OwnLine)> {
        let named = self.prices.iter().find(|(name, _)| is_of(name, line));
        let usual = line.unit_price.map(|price| price.as_decimal());
        let (price, source) = match (named, self.of_service(service), usual) {
            (Some((_, (price, _, source))), _, _) => (*price, source.clone()),
            (None, Some(off), Some(usual)) => (usual * (Decimal::ONE - off.share), off.source.clone()),
            _ => return None,
        };
        let amount = UsdPerMonth::from_decimal(price * line.quantity);
        let own = OwnLine {
            item: line.item.clone(),
            quantity: line.quantity,
            unit: line.unit.clone(),
            usual_unit_price_usd: usual,
            unit_price_usd: price,
            usd_per_month: amount,
            source,
        };
        let changed = BillLine {
            unit_price: Some(crate::money::Usd::from_decimal(price)),
            amount: Some(amount),
            // What the user states is no estimate, and what is taken off one still is.
            method: if named.is_some() { None } else { line.method },
            ..line.clone()
        };
        Some((changed, own))
    }
}

/// Says whether a price's name is of a line: its whole item, or a word of it such as `db.r6g.large`.
fn is_of(name: &str, line: &BillLine) -> bool {
    line.item == name || (line.unit.starts_with("hour") && line.item.split(' ').any(|word| word == name))
}

/// Adds lines of the same item, price and source together.
pub(super) fn gathered(lines: Vec<OwnLine>) -> Vec<OwnLine> {
    let mut all: Vec<OwnLine> = Vec::new();
    let key = |line: &OwnLine| (line.item.clone(), line.source.clone(), line.unit_price_usd);
    let mut sorted = lines;
    sorted.sort_by_key(key);
    for line in sorted {
        match all.last_mut() {
            Some(last) if key(last) == key(&line) => {
                last.quantity += line.quantity;
                last.usd_per_month = last.usd_per_month + line.usd_per_month;
            }
            _ => all.push(line),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::catalog::PriceMethod;
    use crate::money::Usd;
    use crate::price::Category;

    fn own(words: &[&str]) -> Result<PrivatePrices, ScenarioError> {
        let mut settings = Settings::default();
        for word in words {
            settings.set_typed(word)?;
        }
        PrivatePrices::of(&settings, Catalog::embedded())
    }

    fn line(item: &str, unit: &str, price: Option<&str>) -> BillLine {
        let price: Option<Decimal> = price.map(|price| price.parse().unwrap());
        BillLine {
            phase: "replatform".to_string(),
            host: "db-1".to_string(),
            environment: "production".to_string(),
            group: None,
            category: Category::Compute,
            item: item.to_string(),
            quantity: Decimal::from(730),
            unit: unit.to_string(),
            unit_price: price.map(Usd::from_decimal),
            method: Some(PriceMethod::Estimated),
            as_of: None,
            amount: price.map(|price| UsdPerMonth::from_decimal(price * Decimal::from(730))),
        }
    }

    #[test]
    fn a_managed_service_has_its_discount_and_a_price_of_ones_own_goes_before_it() {
        let own = own(&["discounts.rds=10%", "prices.db.r6g.large=0.2 from our agreement"]).unwrap();
        let on_demand = line("RDS MySQL db.m6g.large Multi-AZ on demand", "hour", Some("0.4"));
        let (changed, told) = own.of_managed("rds", &on_demand).unwrap();
        // 0.4 × 0.9 × 730
        assert_eq!(changed.amount.unwrap().as_decimal(), Decimal::new(26_280, 2));
        assert_eq!(changed.method, Some(PriceMethod::Estimated));
        assert_eq!(told.source, "scenario: discounts.rds=10% (--set discounts.rds=10%)");
        assert!(own.of_managed("elasticache", &on_demand).is_none());
        // A price that AWS's list lacks is known then: 0.2 × 730.
        let unknown = line("RDS MySQL db.r6g.large Multi-AZ on demand", "hour", None);
        let (changed, told) = own.of_managed("rds", &unknown).unwrap();
        assert_eq!(changed.amount.unwrap().as_decimal(), Decimal::from(146));
        assert_eq!((changed.method, told.usual_unit_price_usd), (None, None));
        assert!(told.source.starts_with("scenario: our agreement ("), "{}", told.source);
        // A discount of what is not known leaves it unknown.
        assert!(own.of_managed("rds", &line("RDS db.x2g.large", "hour", None)).is_none());
        // A word of an item is a class only where hours are paid for.
        assert!(
            own.of_managed("mq", &line("storage of db.r6g.large", "GiB-month", Some("1")))
                .is_none()
        );
    }

    #[test]
    fn a_price_of_nothing_is_refused_with_its_place() {
        let own = own(&["prices.m7i.hugest=1 from us"]).unwrap();
        let error = own
            .check(Catalog::embedded(), "us-east-1", None)
            .unwrap_err()
            .to_string();
        assert!(error.contains("m7i.hugest") && error.contains("--set"), "{error}");
        assert!(
            super::super::settings::Settings::default()
                .set_typed("prices.m7i.large=1")
                .is_err()
        );
    }

    #[test]
    fn the_same_item_from_the_same_source_is_one_line() {
        let line = |quantity: i64| OwnLine {
            item: "EC2 m7i.large".to_string(),
            quantity: Decimal::from(quantity),
            unit: "hour".to_string(),
            usual_unit_price_usd: None,
            unit_price_usd: Decimal::TWO,
            usd_per_month: UsdPerMonth::from_decimal(Decimal::from(2 * quantity)),
            source: "scenario: us".to_string(),
        };
        assert_eq!(gathered(vec![line(730), line(1_460)]), [line(2_190)]);
    }
}
