//! Every table of a plan and of what is known of the estate, for any format.
//!
//! Input: the plan, the inventory and the map. Output: [`Table`]s of typed
//! cells, which [`write`] turns into CSV, JSON, Parquet, Markdown and a JSON
//! Schema, and the workbook into sheets. Text is as its source gave it; each
//! writer makes it harmless in its own way.

mod of_cost;
mod of_inventory;
mod of_plan;
pub mod write;

use rust_decimal::Decimal;

use crate::dependency::DependencyMap;
use crate::inventory::EstateSheet;
use crate::plan::Plan;
use crate::projection::Projection;
use crate::scenario::Comparison;

/// Version of the tables' columns; it grows when a column goes or changes its meaning.
pub const TABLES_FORMAT_VERSION: u32 = 1;

/// What a cell holds. Nothing where it is not known.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not known.
    Empty,
    /// Text from anywhere; hostile.
    Text(String),
    /// A number in the unit of the column's name.
    Number(f64),
    /// An exact amount.
    Exact(Decimal),
    /// UTC milliseconds.
    Time(i64),
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Numbers, exact or not.
    Number,
    /// Instants.
    Time,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, with the unit in it.
    pub name: &'static str,
    /// What its cells are.
    pub kind: Kind,
}

/// Rows under named columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Name of the table and of its files.
    pub name: &'static str,
    /// What a row is, as one sentence.
    pub row_is: &'static str,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with a cell a column.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    fn new(name: &'static str, row_is: &'static str, columns: &[(&'static str, Kind)]) -> Self {
        Self {
            name,
            row_is,
            columns: columns.iter().map(|&(name, kind)| Column { name, kind }).collect(),
            rows: Vec::new(),
        }
    }

    /// Gives the position of a column.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|one| one.name == column)
    }
}

/// Makes every table, in the order of the workbook's sheets.
#[must_use]
pub fn tables(plan: &Plan, inventory: &EstateSheet, map: &DependencyMap) -> Vec<Table> {
    vec![
        of_plan::recommendations(plan),
        of_plan::bill(plan),
        of_plan::managed(plan),
        of_inventory::hosts(plan, inventory),
        of_inventory::services(inventory),
        of_inventory::dependencies(map),
        of_inventory::waves(map),
        of_plan::assumptions(plan),
    ]
}

/// Makes the tables of money and time to come, which are no sheets of the workbook.
#[must_use]
pub fn tables_to_come(plan: &Plan, projection: &Projection, comparison: Option<&Comparison>) -> Vec<Table> {
    vec![
        of_cost::purchase_options(plan),
        of_cost::commitments(plan),
        of_cost::runways(plan),
        of_cost::scaling(plan),
        of_cost::migration_waves(plan),
        of_cost::readiness(plan),
        of_cost::projection(projection),
        of_cost::projection_months(projection),
        of_cost::scenarios(comparison),
        of_cost::scenario_causes(comparison),
        of_cost::scenario_prices(comparison),
    ]
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn optional(value: Option<impl Into<String>>) -> Value {
    value.map_or(Value::Empty, |value| Value::Text(value.into()))
}

fn number(value: Option<impl Into<f64>>) -> Value {
    let number: Option<f64> = value.map(Into::into);
    number
        .filter(|number| number.is_finite())
        .map_or(Value::Empty, Value::Number)
}

/// Gives the word that an enum is written as.
fn word(value: &impl serde::Serialize) -> Value {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Value::Text(word.replace('_', " ")),
        _ => Value::Empty,
    }
}
