//! Scenarios side by side.
//!
//! Input: a [`Pricer`], the base and the scenarios by name. Output: a
//! [`Comparison`]: figures of each, the difference to the base by causes, the
//! hosts that change, and which costs least.

use std::collections::BTreeMap;

use serde::Serialize;

use super::changes::{HostChange, Swap, changes, swaps};
use super::error::ScenarioError;
use super::outcome::{AtMost, Outcome, Part};
use super::pricer::Pricer;
use super::private::OwnLine;
use super::settings::Settings;
use super::waterfall::{Step, waterfall};
use crate::money::UsdPerMonth;
use crate::price::Total;

/// A scenario by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// What it says, everything it is based on included.
    pub settings: Settings,
}

/// Cost and risk of a part of an estate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Hosts.
    pub hosts: usize,
    /// Cost a month.
    pub total: Total,
    /// Mean expected share of the time in which a host is short of CPU or memory; absent where not known.
    pub risk: Option<f64>,
    /// Hosts expected to be short for more than 1 % of the time.
    pub noticed: usize,
    /// Hosts shown at their present size, since too little is known.
    pub undecided: usize,
    /// What it costs at most, instances whose commitment has no known rate counted on demand.
    pub at_most: AtMost,
}

impl Figures {
    fn of(part: &Part) -> Self {
        Self {
            hosts: part.hosts,
            total: part.total,
            risk: part.risk(),
            noticed: part.noticed,
            undecided: part.undecided,
            at_most: part.at_most(),
        }
    }
}

/// One scenario beside the others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its sentence for the reader.
    pub description: Option<String>,
    /// What it sets, `key=value`.
    pub settings: Vec<String>,
    /// Its region.
    pub region: String,
    /// All hosts.
    pub whole: Figures,
    /// By environment.
    pub environments: BTreeMap<String, Figures>,
    /// Cost by service.
    pub services: BTreeMap<String, Total>,
    /// Part of the cost that rests on an estimated price or discount.
    pub estimated_usd_per_month: UsdPerMonth,
    /// What it costs more than the base, negative where it saves.
    pub delta_usd_per_month: UsdPerMonth,
    /// The same, cause by cause; adds up exactly.
    pub waterfall: Vec<Step>,
    /// Hosts that are another type than in the base, largest change of cost first.
    pub changes: Vec<HostChange>,
    /// The same hosts, those together that change in the same way.
    pub swaps: Vec<Swap>,
    /// What the hosts cost a month today, where the scenario says so.
    pub on_premises_usd_per_month: Option<UsdPerMonth>,
    /// What of the cost rests on prices of the user's own, each with its source.
    pub own_lines: Vec<OwnLine>,
}

/// Scenarios side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Name of the base; it is the first column.
    pub base: String,
    /// The base, then the scenarios in the order asked for.
    pub columns: Vec<Column>,
    /// Name of the one that costs least by its upper bound.
    pub cheapest: String,
}

impl Comparison {
    /// Finds a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Gives the environments of all columns, by name.
    #[must_use]
    pub fn environments(&self) -> Vec<&str> {
        let names: std::collections::BTreeSet<&str> = self
            .columns
            .iter()
            .flat_map(|column| column.environments.keys().map(String::as_str))
            .collect();
        names.into_iter().collect()
    }
}

/// Compares scenarios with a base.
///
/// # Errors
/// When one of them cannot be priced.
pub fn compare(pricer: &Pricer<'_, '_>, base: &Named, scenarios: &[Named]) -> Result<Comparison, ScenarioError> {
    let base_outcome = pricer.price(&base.settings)?;
    let mut columns = vec![column(base, &base_outcome, (pricer, base, &base_outcome))?];
    for scenario in scenarios {
        let outcome = pricer.price(&scenario.settings)?;
        columns.push(column(scenario, &outcome, (pricer, base, &base_outcome))?);
    }
    let cheapest = cheapest(columns.iter().map(|column| column.whole.at_most)).map_or(0, |(place, _)| place);
    Ok(Comparison {
        base: base.name.clone(),
        cheapest: columns[cheapest].name.clone(),
        columns,
    })
}

/// Finds the least cost by its upper bound, so that nothing wins by what is not known of it.
pub(super) fn cheapest(costs: impl Iterator<Item = AtMost>) -> Option<(usize, AtMost)> {
    costs.enumerate().min_by_key(|(place, cost)| (*cost, *place))
}

fn column(
    named: &Named,
    outcome: &Outcome<'_>,
    (pricer, base, base_outcome): (&Pricer<'_, '_>, &Named, &Outcome<'_>),
) -> Result<Column, ScenarioError> {
    let changes = changes(pricer.estate(), base_outcome, outcome);
    let figures = |part: &Part| Figures::of(part);
    Ok(Column {
        name: named.name.clone(),
        description: named
            .settings
            .whole("description")
            .map(|setting| setting.value.to_string()),
        settings: named
            .settings
            .iter()
            .filter(|(path, _)| path.to_string() != "description")
            .map(|(path, setting)| format!("{path}={}", setting.value))
            .collect(),
        region: outcome.region.clone(),
        whole: figures(&outcome.whole),
        environments: outcome
            .environments
            .iter()
            .map(|(name, part)| (name.clone(), figures(part)))
            .collect(),
        services: outcome.services.clone(),
        estimated_usd_per_month: outcome.estimated,
        delta_usd_per_month: outcome.total().known - base_outcome.total().known,
        waterfall: waterfall(pricer, (&base.settings, base_outcome), &named.settings)?,
        swaps: swaps(&changes),
        changes,
        on_premises_usd_per_month: outcome.on_premises.map(UsdPerMonth::from_decimal),
        own_lines: outcome.own_lines.clone(),
    })
}
