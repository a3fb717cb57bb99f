//! What the years to come cost: on premises and on AWS, month by month.
//!
//! Input: a [`Plan`], the catalog, a number of months. Output: a
//! [`Projection`]: one [`Path`] for staying and for each way to go, each with
//! lines that one can check (quantity times unit price, exact decimals), sums
//! as low, mid and high, net present value, and the month from which moving
//! has paid for itself. What nobody stated is not counted and is named.

mod cloud;
mod files;
mod growth;
mod premises;
mod runs_out;
mod sums;
mod support;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use files::{lines_csv, summary_words};
pub use runs_out::RunsOut;
pub use sums::Sums;

use crate::catalog::{Catalog, YearMonth};
use crate::growth::Case;
use crate::money::Usd;
use crate::plan::Plan;
use crate::plan::bought::phase_names;

/// Most months that are projected: ten years.
pub const MOST_MONTHS: u32 = 120;

/// What the years to come cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// First month.
    pub first_month: YearMonth,
    /// How many months.
    pub months: u32,
    /// Cost of capital, percent a year.
    pub discount_percent_per_year: f64,
    /// Staying first, where its cost is stated; then the ways to go.
    pub paths: Vec<Path>,
    /// What of the plan runs out within these months, soonest first: of hosts and of services.
    #[serde(default)]
    pub runs_out: Vec<RunsOut>,
    /// What is assumed or not counted, in words.
    pub notes: Vec<String>,
    /// How good forecasts of the estate's own past were, in words.
    pub judgement: String,
}

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Its name.
    pub name: String,
    /// Whether everything stays where it is.
    pub is_staying: bool,
    /// Sums with the least growth.
    pub low: Sums,
    /// Sums as assumed.
    pub mid: Sums,
    /// Sums with the most growth.
    pub high: Sums,
    /// Lines of the middle case, month by month.
    pub lines: Vec<ProjectionLine>,
}

/// Kinds of cost of a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProjectedCost {
    /// Instances and what else computes.
    Compute,
    /// Commitments, used or not.
    Commitment,
    /// Volumes, database storage, requests.
    Storage,
    /// Snapshots.
    Snapshot,
    /// Data over the network.
    Transfer,
    /// VPN and Direct Connect.
    Link,
    /// Replication, and people who move the estate.
    Migration,
    /// The support plan.
    Support,
    /// Tax.
    Tax,
    /// Machines, power, floor, licences and people where the estate is.
    Premises,
}

impl ProjectedCost {
    /// Gives the word that tables and files use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Commitment => "commitment",
            Self::Storage => "storage",
            Self::Snapshot => "snapshot",
            Self::Transfer => "transfer",
            Self::Link => "link",
            Self::Migration => "migration",
            Self::Support => "support",
            Self::Tax => "tax",
            Self::Premises => "premises",
        }
    }
}

/// A quantity of something at a unit price, in one month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectionLine {
    /// The month, from 1.
    pub month: u32,
    /// Kind of cost.
    pub category: ProjectedCost,
    /// What is paid for.
    pub item: String,
    /// How much.
    pub quantity: Decimal,
    /// Unit of the quantity.
    pub unit: String,
    /// Price of one unit; absent where unknown.
    pub unit_price: Option<Usd>,
    /// Quantity times price; absent where unknown.
    pub amount: Option<Usd>,
    /// Where the price is from.
    pub source: String,
    /// Which month the price is of, where it has one.
    pub as_of: Option<YearMonth>,
}

impl ProjectionLine {
    fn new(
        month: u32,
        category: ProjectedCost,
        item: impl Into<String>,
        (quantity, unit): (Decimal, &str),
        unit_price: Option<Usd>,
        source: impl Into<String>,
    ) -> Self {
        let quantity = quantity.normalize();
        Self {
            month,
            category,
            item: item.into(),
            quantity,
            unit: unit.to_string(),
            unit_price,
            amount: unit_price.map(|price| price.times(quantity)),
            source: source.into(),
            as_of: None,
        }
    }

    fn of(mut self, as_of: YearMonth) -> Self {
        self.as_of = Some(as_of);
        self
    }
}

/// Projects so many months, 1 to [`MOST_MONTHS`].
#[must_use]
pub fn project(plan: &Plan, catalog: &Catalog, months: u32) -> Projection {
    let months = months.clamp(1, MOST_MONTHS);
    let discount = plan.assessment.costs.discount_percent_per_year.unwrap_or(0.0);
    let mut notes = Vec::new();
    let mut paths = Vec::new();
    let cases = [Case::Low, Case::Mid, Case::High];
    let staying = premises::Premises::of(plan);
    let mut path = |name: String, is_staying: bool, make: &dyn Fn(Case) -> Vec<ProjectionLine>| {
        let [low, mid, high] = cases.map(make);
        paths.push(Path {
            name,
            is_staying,
            low: Sums::of(&low, months, discount),
            mid: Sums::of(&mid, months, discount),
            high: Sums::of(&high, months, discount),
            lines: mid,
        });
    };
    match &staying {
        Some(premises) => {
            path("on premises".to_string(), true, &|case| {
                premises.staying(plan, months, case)
            });
            notes.extend(premises.notes());
        }
        None => notes.push(
            "the cost of staying is not known: fill in [on_premises] of assessment.toml to see when moving pays"
                .to_string(),
        ),
    }
    let phases = phase_names(plan);
    let mut ways: Vec<cloud::Way> = Vec::new();
    for phase in &phases {
        ways.push(cloud::Way::new(plan, catalog, phase, false));
        let committed = cloud::Way::new(plan, catalog, phase, true);
        if committed.commits() {
            ways.push(committed);
        }
    }
    for way in &ways {
        path(way.name(), false, &|case| way.lines(staying.as_ref(), months, case));
    }
    if let Some(way) = ways.first() {
        notes.extend(way.notes());
    }
    let first_month = YearMonth::of(plan.assessment.transition.start.unwrap_or(plan.planned_on));
    let mut out = Projection {
        first_month,
        months,
        discount_percent_per_year: discount,
        paths,
        runs_out: runs_out::runs_out(plan, first_month, months),
        notes,
        judgement: plan.outlook.as_ref().map_or_else(
            || "how good forecasts are is not known: plan again".to_string(),
            crate::plan::outlook::PlanOutlook::judgement_words,
        ),
    };
    out.find_paybacks();
    out
}

impl Projection {
    /// Finds for each way to go the month from which it has cost no more than staying.
    fn find_paybacks(&mut self) {
        let Some(staying) = self.paths.iter().find(|path| path.is_staying).cloned() else {
            return;
        };
        for path in self.paths.iter_mut().filter(|path| !path.is_staying) {
            path.low.pay_back(&staying.low);
            path.mid.pay_back(&staying.mid);
            path.high.pay_back(&staying.high);
        }
    }

    /// Gives the path that stays, where its cost is stated.
    #[must_use]
    pub fn staying(&self) -> Option<&Path> {
        self.paths.iter().find(|path| path.is_staying)
    }
}
