//! What a proposal costs, line by line.
//!
//! Input: chosen offers and volumes. Output: [`BillLine`]s and a [`Bill`],
//! whose totals are nothing but sums of lines. A price that is not known makes
//! a line without an amount, and the total then reads "at least".

pub mod purchase;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::catalog::{Offer, Price, PriceMethod, YearMonth};
use crate::money::{HOURS_PER_MONTH, Usd, UsdPerMonth};
use crate::size::{Storage, VolumeLine};

/// One line of a bill: a quantity of something at a unit price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BillLine {
    /// Migration phase, such as `rehost`.
    pub phase: String,
    /// The host it is for.
    pub host: String,
    /// The host's environment.
    pub environment: String,
    /// The host's group, if any.
    pub group: Option<String>,
    /// Kind of cost.
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
    /// Quantity times price, a month; absent where unknown.
    pub amount: Option<UsdPerMonth>,
}

/// Kind of cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Instances.
    Compute,
    /// Volumes.
    Storage,
}

/// A sum that may lack something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Sum of the known lines.
    pub known: UsdPerMonth,
    /// Lines whose price is not known.
    pub unknown_lines: usize,
}

impl Total {
    /// Says whether the sum reads "at least".
    #[must_use]
    pub fn is_at_least(&self) -> bool {
        self.unknown_lines > 0
    }

    fn add(&mut self, line: &BillLine) {
        match line.amount {
            Some(amount) => self.known = self.known + amount,
            None => self.unknown_lines += 1,
        }
    }
}

/// All lines and their sums.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bill {
    /// The lines, by host.
    pub lines: Vec<BillLine>,
    /// Sum of all lines.
    pub total: Total,
    /// Sums by environment.
    pub by_environment: BTreeMap<String, Total>,
    /// Sums by group; hosts without one are under the empty name.
    pub by_group: BTreeMap<String, Total>,
    /// Sums by kind of cost.
    pub by_category: BTreeMap<Category, Total>,
}

impl Bill {
    /// Sums lines.
    #[must_use]
    pub fn of(lines: Vec<BillLine>) -> Self {
        let mut bill = Bill::default();
        for line in &lines {
            bill.total.add(line);
            bill.by_environment
                .entry(line.environment.clone())
                .or_default()
                .add(line);
            bill.by_group
                .entry(line.group.clone().unwrap_or_default())
                .or_default()
                .add(line);
            bill.by_category.entry(line.category).or_default().add(line);
        }
        bill.lines = lines;
        bill
    }

    /// Sums the lines of one host.
    #[must_use]
    pub fn of_host(&self, host: &str) -> Total {
        let mut total = Total::default();
        self.lines
            .iter()
            .filter(|line| line.host == host)
            .for_each(|line| total.add(line));
        total
    }
}

/// Whom a line is for.
#[derive(Clone, Debug)]
pub struct Payer {
    /// Migration phase.
    pub phase: String,
    /// The host.
    pub host: String,
    /// Its environment.
    pub environment: String,
    /// Its group, if any.
    pub group: Option<String>,
}

/// Makes the line of an instance that runs all month on demand.
#[must_use]
pub fn instance_line(payer: &Payer, offer: &Offer, instances: u32) -> BillLine {
    let hours = Decimal::from(HOURS_PER_MONTH) * Decimal::from(instances);
    let price = &offer.price;
    payer.line(
        Category::Compute,
        format!("EC2 {} Linux on demand", offer.shape.name),
        hours,
        "hour",
        Some(Price {
            amount: Usd::from_decimal(price.amount.as_decimal()),
            method: price.method,
            as_of: price.as_of,
            detail: price.detail.clone(),
        }),
    )
}

/// Makes the lines of a host's volumes; one line without an amount where storage is unknown.
#[must_use]
pub fn storage_lines(payer: &Payer, storage: &Storage) -> Vec<BillLine> {
    match storage {
        Storage::Known(volumes) => volumes
            .iter()
            .flat_map(|volume| volume.lines.iter().map(move |line| (volume, line)))
            .map(|(volume, line)| volume_line(payer, &volume.need.mounts, line))
            .collect(),
        Storage::Unknown { reason, .. } => vec![payer.line(
            Category::Storage,
            format!("EBS storage: {reason}"),
            Decimal::ONE,
            "volume-month",
            None,
        )],
    }
}

fn volume_line(payer: &Payer, mounts: &[String], line: &VolumeLine) -> BillLine {
    payer.line(
        Category::Storage,
        format!("{} for {}", line.item, mounts.join(", ")),
        line.quantity,
        &line.unit,
        Some(line.unit_price.clone()),
    )
}

impl Payer {
    fn line(
        &self,
        category: Category,
        item: String,
        quantity: Decimal,
        unit: &str,
        price: Option<Price<Usd>>,
    ) -> BillLine {
        BillLine {
            phase: self.phase.clone(),
            host: self.host.clone(),
            environment: self.environment.clone(),
            group: self.group.clone(),
            category,
            item,
            quantity,
            unit: unit.to_string(),
            unit_price: price.as_ref().map(|price| price.amount),
            method: price.as_ref().map(|price| price.method),
            as_of: price.as_ref().map(|price| price.as_of),
            amount: price.map(|price| UsdPerMonth::from_decimal(price.amount.as_decimal() * quantity)),
        }
    }
}
