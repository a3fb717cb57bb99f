//! Puts the page together: values into templates, style, script and font into one file.
//!
//! Sections of charted hosts are made in parallel, each from one host's
//! series, which is dropped once its charts are drawn.

use std::collections::{BTreeSet, HashMap, HashSet};

use minijinja::{Environment, Value, context};
use rayon::prelude::*;
use telemetry::untrusted::for_file_name;

use super::actions::actions;
use super::answers_section::answers_section;
use super::basis::basis;
use super::chart::font_face_css;
use super::clock::Clock;
use super::cost_section::cost_section;
use super::environments::{environments, families};
use super::headline::{headline, remedies, sentence};
use super::host_bills::HostBills;
use super::host_section::{Picture, host_section};
use super::inventory_section::inventory_section;
use super::map_section::map_section;
use super::rows::rows;
use super::scaling_section::{scaling_drawings, scaling_section};
use super::scenario_section::{scenario_drawings, scenario_section};
use super::selection::charted_hosts;
use super::services_section::services_section;
use super::{ReadSeries, ReportError, ReportInputs, estate_charts, host_charts};
use crate::dependency::DependencyMap;
use crate::inventory::EstateSheet;
use crate::plan::{Plan, Recommendation};
use crate::profile::HostProfile;
use crate::proof::violations_of;
use crate::scenario::WhatIf;

const PAGE: &str = include_str!("../../templates/page.html");
const HOST: &str = include_str!("../../templates/host.html");
const INVENTORY: &str = include_str!("../../templates/inventory.html");
const MAP: &str = include_str!("../../templates/map.html");
const SERVICES: &str = include_str!("../../templates/services.html");
const SCENARIOS: &str = include_str!("../../templates/scenarios.html");
const ANSWERS: &str = include_str!("../../templates/answers.html");
const COST: &str = include_str!("../../templates/cost.html");
const FOUND: &str = include_str!("../../templates/found.html");
pub(super) const STYLE: &str = include_str!("../../templates/style.css");
const SCRIPT: &str = include_str!("../../templates/script.js");

/// Where each host's section is on the page.
#[derive(Debug)]
pub(super) struct Anchors(HashMap<String, String>);

impl Anchors {
    /// Names the sections of a plan's hosts; no two names differ by case only.
    pub(super) fn of_plan(plan: &Plan) -> Self {
        let mut taken = HashSet::new();
        let mut anchors = HashMap::new();
        for host in plan.recommendations.iter().map(|row| row.host.as_str()) {
            if anchors.contains_key(host) {
                continue;
            }
            let plain = format!("host-{}", for_file_name(host));
            let mut anchor = plain.clone();
            let mut number = 1;
            while !taken.insert(anchor.to_ascii_lowercase()) {
                number += 1;
                anchor = format!("{plain}-{number}");
            }
            anchors.insert(host.to_string(), anchor);
        }
        Self(anchors)
    }

    /// Gives a host's anchor; nothing when it has no section.
    pub(super) fn of(&self, host: &str) -> Option<String> {
        self.0.get(host).cloned()
    }
}

/// Makes the report as one HTML file that needs no network.
///
/// `series` is asked for each charted host once, from several threads.
///
/// # Errors
/// When telemetry cannot be read or a chart cannot be drawn; the host or chart is named.
pub fn html(inputs: &ReportInputs<'_>, series: &ReadSeries<'_>) -> Result<String, ReportError> {
    let plan = inputs.plan;
    let clock = Clock::of(&plan.assessment);
    let environment = templates()?;
    let bills = HostBills::of(&plan.bill);
    let profiles: HashMap<&str, &HostProfile> = inputs
        .profiles
        .iter()
        .map(|profile| (profile.host.as_str(), profile))
        .collect();
    let charted: BTreeSet<&str> = charted_hosts(plan, inputs.charted_hosts).into_iter().collect();
    let anchors = Anchors::of_plan(plan);

    let sections: Vec<Value> = plan
        .recommendations
        .par_iter()
        .map(|row| {
            let mut violations = None;
            let charts: Option<Vec<Picture>> = match profiles.get(row.host.as_str()) {
                Some(profile) if charted.contains(row.host.as_str()) => {
                    let series = read(row, series)?;
                    violations = series
                        .as_ref()
                        .and_then(|series| violations_of(row, inputs.catalog, series));
                    let drawn = host_charts::drawings(inputs, row, profile, series.as_ref(), &clock);
                    Some(drawn.iter().map(|(_, drawing)| Picture::of(drawing)).collect())
                }
                _ => charted.contains(row.host.as_str()).then(Vec::new),
            };
            let anchor = anchors.of(&row.host).unwrap_or_default();
            let mut section = host_section(inputs, row, &bills, anchor, charts, &clock);
            if let Some(violations) = violations {
                let words = sentence(&violations.lines().join("; "));
                section.facts.push(("Short, and how sure", words));
            }
            let text = environment
                .get_template("host.html")?
                .render(context! { host => section })?;
            Ok(Value::from_safe_string(text))
        })
        .collect::<Result<_, ReportError>>()?;

    let spark = |host: &str| host_charts::spark(profiles.get(host)?);
    let table = rows(plan, &bills, &anchors, &clock, &spark);
    let basis = basis(plan);
    let page = environment.get_template("page.html")?.render(context! {
        style => Value::from_safe_string(STYLE.to_string()),
        font => Value::from_safe_string(font_face_css().to_string()),
        script => Value::from_safe_string(SCRIPT.to_string()),
        top => headline(plan, &clock),
        actions => actions(plan, &anchors),
        estate => estate_charts::drawings(plan).iter().map(|(_, drawing)| Picture::of(drawing)).collect::<Vec<_>>(),
        inventory => inventory_part(&environment, inputs.inventory)?,
        map => map_part(&environment, inputs.map)?,
        environments => environments(plan),
        families => families(plan),
        remedies => remedies(plan).into_iter().take(3).collect::<Vec<_>>(),
        rows => table,
        environment_names => environment_names(plan),
        sections => sections,
        charted => charted.len(),
        uncharted => plan.recommendations.len().saturating_sub(charted.len()),
        basis => basis,
        services => services_part(&environment, plan)?,
        cost => cost_part(&environment, inputs)?,
        scaling => scaling_section(plan),
        scenarios => scenario_part(&environment, inputs.scenarios)?,
        answers => answers_part(&environment, inputs)?,
        scaling_charts => scaling_drawings(plan, series)?.iter().map(|(_, drawing)| Picture::of(drawing)).collect::<Vec<_>>(),
    })?;
    Ok(page)
}

/// Writes the part of a page about machines and services; nothing when none is known.
pub(super) fn inventory_part(
    environment: &Environment<'_>,
    estate: Option<&EstateSheet>,
) -> Result<Option<Value>, ReportError> {
    let Some(estate) = estate.filter(|estate| !estate.hosts.is_empty()) else {
        return Ok(None);
    };
    let template = environment.get_template("inventory.html")?;
    let text = template.render(context! { inventory => inventory_section(estate) })?;
    Ok(Some(Value::from_safe_string(text)))
}

/// Writes the part of the page about money to come; nothing for a plan made without purchases.
fn cost_part(environment: &Environment<'_>, inputs: &ReportInputs<'_>) -> Result<Option<Value>, ReportError> {
    let Some((section, chart)) = cost_section(inputs.plan, inputs.catalog) else {
        return Ok(None);
    };
    let template = environment.get_template("cost.html")?;
    let text = template.render(context! { cost => section, chart => chart.as_ref().map(Picture::of) })?;
    Ok(Some(Value::from_safe_string(text)))
}

/// Writes the part of a page about who needs whom; nothing when nobody is seen to.
pub(super) fn map_part(
    environment: &Environment<'_>,
    map: Option<&DependencyMap>,
) -> Result<Option<Value>, ReportError> {
    let Some(map) = map.filter(|map| !map.links.is_empty()) else {
        return Ok(None);
    };
    let template = environment.get_template("map.html")?;
    let text = template.render(context! { map => map_section(map) })?;
    Ok(Some(Value::from_safe_string(text)))
}

/// Writes the part of the page about services and phases; nothing where no service is known.
fn services_part(environment: &Environment<'_>, plan: &Plan) -> Result<Option<Value>, ReportError> {
    let Some(section) = services_section(plan) else {
        return Ok(None);
    };
    let text = environment
        .get_template("services.html")?
        .render(context! { services => section })?;
    Ok(Some(Value::from_safe_string(text)))
}

/// Writes the part of a page about scenarios; nothing where there are none.
fn scenario_part(environment: &Environment<'_>, what_if: Option<&WhatIf>) -> Result<Option<Value>, ReportError> {
    let Some(section) = scenario_section(what_if) else {
        return Ok(None);
    };
    let charts: Vec<Picture> = scenario_drawings(what_if)
        .iter()
        .map(|(_, drawing)| Picture::of(drawing))
        .collect();
    let template = environment.get_template("scenarios.html")?;
    let text = template.render(context! { scenarios => section, charts => charts })?;
    Ok(Some(Value::from_safe_string(text)))
}

/// Writes the part of a page about another tool's answers; nothing where none were compared.
fn answers_part(environment: &Environment<'_>, inputs: &ReportInputs<'_>) -> Result<Option<Value>, ReportError> {
    let Some(section) = answers_section(inputs.answers) else {
        return Ok(None);
    };
    let text = environment
        .get_template("answers.html")?
        .render(context! { answers => section })?;
    Ok(Some(Value::from_safe_string(text)))
}

/// Reads a host's series, naming the host when that fails.
pub(super) fn read(
    row: &Recommendation,
    series: &ReadSeries<'_>,
) -> Result<Option<crate::profile::HostSeries>, ReportError> {
    series(&row.host).map_err(|source| ReportError::Series {
        host: super::shown::shown(&row.host),
        source,
    })
}

fn environment_names(plan: &Plan) -> Vec<String> {
    let names: BTreeSet<String> = plan
        .recommendations
        .iter()
        .map(|row| super::shown::shown(&row.environment))
        .collect();
    names.into_iter().collect()
}

pub(super) fn templates() -> Result<Environment<'static>, ReportError> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.add_filter("sentence", |text: &str| super::headline::sentence(text));
    environment.add_template("page.html", PAGE)?;
    environment.add_template("host.html", HOST)?;
    environment.add_template("inventory.html", INVENTORY)?;
    environment.add_template("map.html", MAP)?;
    environment.add_template("services.html", SERVICES)?;
    environment.add_template("scenarios.html", SCENARIOS)?;
    environment.add_template("answers.html", ANSWERS)?;
    environment.add_template("cost.html", COST)?;
    environment.add_template("found.html", FOUND)?;
    Ok(environment)
}
