//! Lines of a managed service's bill, before they are a phase's.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Deserialize, Serialize};

use super::HOURS;
use crate::catalog::{Price, PriceMethod, YearMonth};
use crate::money::{Usd, UsdPerHour, UsdPerMonth};
use crate::price::Category;

/// A quantity of something at a unit price, a month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Kind of cost: instances and capacity units are compute; storage, requests and backup are storage.
    pub category: Category,
    /// What is paid for.
    pub item: String,
    /// How much a month.
    pub quantity: Decimal,
    /// Unit of the quantity.
    pub unit: String,
    /// Price of one unit; absent where unknown.
    pub unit_price: Option<Usd>,
    /// How the price is known.
    pub method: Option<PriceMethod>,
    /// Which month the price is of.
    pub as_of: Option<YearMonth>,
    /// Quantity times price; absent where unknown.
    pub amount: Option<UsdPerMonth>,
}

impl Line {
    pub(super) fn new(
        category: Category,
        item: impl Into<String>,
        quantity: Decimal,
        unit: &str,
        price: Option<&Price<Usd>>,
    ) -> Self {
        Self {
            category,
            item: item.into(),
            quantity,
            unit: unit.to_string(),
            unit_price: price.map(|price| price.amount),
            method: price.map(|price| price.method),
            as_of: price.map(|price| price.as_of),
            amount: price.map(|price| UsdPerMonth::from_decimal(price.amount.as_decimal() * quantity)),
        }
    }

    /// Makes the line of instances that run all month.
    pub(super) fn hours(item: impl Into<String>, count: u32, price: Option<&Price<UsdPerHour>>) -> Self {
        let price = price.map(|price| price.clone().map(|hour| Usd::from_decimal(hour.as_decimal())));
        let hours = Decimal::from(HOURS) * Decimal::from(count);
        Self::new(Category::Compute, item, hours, "hour", price.as_ref())
    }

    /// Makes a line of storage, requests or backup.
    pub(super) fn storage(item: impl Into<String>, quantity: f64, unit: &str, price: Option<&Price<Usd>>) -> Self {
        Self::new(Category::Storage, item, quantity_of(quantity), unit, price)
    }
}

/// Turns a measured quantity into a decimal of three digits after the point.
pub(super) fn quantity_of(value: f64) -> Decimal {
    Decimal::from_f64(value).unwrap_or_default().round_dp(3)
}

/// A sum that may lack something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Sum of the known lines.
    pub known: UsdPerMonth,
    /// Lines whose price is not known.
    pub unknown_lines: usize,
}

impl Cost {
    /// Sums lines.
    #[must_use]
    pub fn of(lines: &[Line]) -> Self {
        lines.iter().fold(Self::default(), |mut cost, line| {
            match line.amount {
                Some(amount) => cost.known = cost.known + amount,
                None => cost.unknown_lines += 1,
            }
            cost
        })
    }

    /// Gives the sum where nothing is unknown.
    #[must_use]
    pub fn whole(&self) -> Option<UsdPerMonth> {
        (self.unknown_lines == 0).then_some(self.known)
    }
}
