//! Backwards: the plan of least risk that a budget pays for.
//!
//! Input: a scenario and an amount. Output: an [`Answer`]. The dial of each
//! environment, arm64 and the way to pay are searched together. Cost and
//! shortage add up over environments, so the best dials are found exactly: the
//! fronts of the environments are merged pair by pair, and what is dearer and
//! riskier than another is dropped.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::cause::Cause;
use super::comparison::Named;
use super::error::ScenarioError;
use super::outcome::{AtMost, Outcome, Part};
use super::pricer::Pricer;
use super::settings::Settings;
use crate::money::UsdPerMonth;
use crate::price::Total;

/// Dials that are tried in every environment, per cent of the time.
const DIALS: [&str; 12] = ["0.05", "0.1", "0.2", "0.3", "0.5", "1", "2", "3", "5", "8", "12", "20"];
/// Ways to pay, from the one that binds least; what the scenario says itself comes before them.
const PURCHASES: [&str; 2] = ["compute-savings-plan-1y", "compute-savings-plan-3y"];

/// A plan within the budget, or the nearest to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// What it sets on top of the scenario, `key=value`.
    pub settings: Vec<String>,
    /// What it gives up, in words; nothing where it is as careful and as free as the scenario.
    pub given_up: Vec<String>,
    /// Dial by environment, where it is searched: per cent of the time.
    pub dials: BTreeMap<String, String>,
    /// Cost a month.
    pub total: Total,
    /// What it costs at most, instances whose commitment has no known rate counted on demand; held against the budget.
    pub at_most: AtMost,
    /// Mean expected share of the time in which a host is short; absent where not known.
    pub risk: Option<f64>,
    /// Whether it is within the budget.
    pub within: bool,
}

/// What a budget pays for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The budget, a month.
    pub budget: UsdPerMonth,
    /// The scenario as it stands.
    pub start: Choice,
    /// What to do: as careful as the scenario with the least given up, else of the least risk; absent where nothing is within.
    pub chosen: Option<Choice>,
    /// The best of every combination of architectures and way to pay, those that give up least first.
    pub ladder: Vec<Choice>,
    /// The least that any of them costs.
    pub least: Choice,
}

/// Finds what a budget pays for.
///
/// # Errors
/// When the scenario cannot be priced.
pub fn budget(pricer: &Pricer<'_, '_>, start: &Named, usd_per_month: Decimal) -> Result<Answer, ScenarioError> {
    let limit = UsdPerMonth::from_decimal(usd_per_month);
    let outcome = pricer.price(&start.settings)?;
    let start_choice = Choice {
        settings: Vec::new(),
        given_up: Vec::new(),
        dials: BTreeMap::new(),
        total: outcome.total(),
        at_most: outcome.whole.at_most(),
        risk: outcome.whole.risk(),
        within: outcome.whole.at_most().usd_per_month <= limit,
    };
    let mut ladder = Vec::new();
    let mut least = start_choice.clone();
    for rung in rungs(pricer, start, &outcome)? {
        let fronts = fronts(pricer, &rung.settings)?;
        let front = merged(&fronts);
        let choice = |point: &Point| rung.choice(point, &fronts, &outcome, start, pricer, limit);
        if let Some(cheapest) = front.first() {
            let cheapest = choice(cheapest);
            if cheapest.at_most < least.at_most {
                least = cheapest;
            }
        }
        let best = front.iter().rev().find(|point| point.at_most.usd_per_month <= limit);
        // As careful as the scenario and no dearer than need be, where the budget leaves that open.
        let enough = front
            .iter()
            .find(|point| point.at_most.usd_per_month <= limit && point.short <= outcome.whole.short_sum);
        ladder.extend(enough.or(best).or(front.first()).map(choice));
    }
    let careful = |choice: &&Choice| choice.risk <= start_choice.risk;
    let within = || ladder.iter().filter(|choice| choice.within);
    let chosen = if start_choice.within {
        Some(start_choice.clone())
    } else {
        let first = within().find(careful);
        let safest = || within().min_by(|a, b| a.risk.partial_cmp(&b.risk).unwrap_or(std::cmp::Ordering::Equal));
        first.or_else(safest).cloned()
    };
    Ok(Answer {
        budget: limit,
        start: start_choice,
        chosen,
        ladder,
        least,
    })
}

/// A combination of architectures and way to pay.
struct Rung {
    settings: Settings,
    set: Vec<String>,
    given_up: Vec<String>,
}

fn rungs(pricer: &Pricer<'_, '_>, start: &Named, outcome: &Outcome<'_>) -> Result<Vec<Rung>, ScenarioError> {
    let mut architectures: Vec<(Vec<String>, Vec<String>)> = vec![(Vec::new(), Vec::new())];
    let both = "architectures=x86_64,arm64".to_string();
    let mut with_arm = Settings::default();
    with_arm.set_typed(&both)?;
    let on_both = start.settings.with_cause_of(&with_arm, Cause::Architecture);
    // Where arm64 changes nothing, it is already allowed, or no host may go there.
    if pricer.price(&on_both)?.total() != outcome.total() {
        architectures.push((vec![both], vec!["programs must run on arm64".to_string()]));
    }
    let mut purchases: Vec<(Vec<String>, Vec<String>)> = vec![(Vec::new(), Vec::new())];
    for purchase in PURCHASES {
        let years = if purchase.ends_with("3y") {
            "three years"
        } else {
            "one year"
        };
        purchases.push((
            vec![format!("purchase={purchase}")],
            vec![format!("the use is committed to for {years}")],
        ));
    }
    let mut rungs = Vec::new();
    for (purchase, bound) in &purchases {
        for (architecture, ported) in &architectures {
            let set: Vec<String> = architecture.iter().chain(purchase).cloned().collect();
            let mut settings = start.settings.clone();
            for (words, cause) in architecture
                .iter()
                .map(|words| (words, Cause::Architecture))
                .chain(purchase.iter().map(|words| (words, Cause::Commitment)))
            {
                let mut own = Settings::default();
                own.set_typed(words)?;
                settings = settings.with_cause_of(&own, cause);
            }
            rungs.push(Rung {
                settings,
                set,
                given_up: ported.iter().chain(bound).cloned().collect(),
            });
        }
    }
    Ok(rungs)
}

/// What one environment costs and lacks at a dial; nothing of the dial is as the scenario says.
struct Dialled {
    dial: Option<&'static str>,
    part: Part,
}

/// Prices a combination at every dial, by environment.
fn fronts(pricer: &Pricer<'_, '_>, settings: &Settings) -> Result<BTreeMap<String, Vec<Dialled>>, ScenarioError> {
    let mut fronts: BTreeMap<String, Vec<Dialled>> = BTreeMap::new();
    let mut take = |dial: Option<&'static str>, outcome: Outcome<'_>| {
        for (environment, part) in outcome.environments {
            fronts.entry(environment).or_default().push(Dialled { dial, part });
        }
    };
    let plain = pricer.price(settings)?;
    let environments: Vec<String> = plain.environments.keys().cloned().collect();
    take(None, plain);
    for dial in DIALS {
        let mut on_top = Settings::default();
        for environment in &environments {
            let place = "the search";
            on_top.set(&["environments", environment, "risk"], &[format!("{dial}%")], place)?;
            on_top.set(
                &["environments", environment, "rule"],
                &["sizewright".to_string()],
                place,
            )?;
        }
        take(Some(dial), pricer.price(&settings.with(&on_top))?);
    }
    Ok(fronts)
}

/// A choice of one dial for every environment.
#[derive(Clone, Debug)]
struct Point {
    total: Total,
    at_most: AtMost,
    short: f64,
    /// Places in the fronts of the environments, in their order.
    places: Vec<usize>,
}

/// Gives the choices that no other is cheaper and safer than, cheapest first.
fn merged(fronts: &BTreeMap<String, Vec<Dialled>>) -> Vec<Point> {
    let mut front = vec![Point {
        total: Total::default(),
        at_most: AtMost::default(),
        short: 0.0,
        places: Vec::new(),
    }];
    for dialled in fronts.values() {
        let mut all: Vec<Point> = front
            .iter()
            .flat_map(|before| {
                dialled.iter().enumerate().map(|(place, one)| Point {
                    total: Total {
                        known: before.total.known + one.part.total.known,
                        unknown_lines: before.total.unknown_lines + one.part.total.unknown_lines,
                    },
                    at_most: before.at_most.and(one.part.at_most()),
                    short: before.short + one.part.short_sum,
                    places: before.places.iter().copied().chain([place]).collect(),
                })
            })
            .collect();
        all.sort_by(|a, b| {
            let cost = a.at_most.cmp(&b.at_most);
            cost.then(a.short.total_cmp(&b.short)).then(a.places.cmp(&b.places))
        });
        // Of what is less known nobody can say that it is cheaper.
        let fewest = all.first().map_or(0, |point| point.at_most.unbounded_lines);
        all.retain(|point| point.at_most.unbounded_lines == fewest);
        let mut safest = f64::INFINITY;
        all.retain(|point| {
            let is_safer = point.short < safest;
            safest = safest.min(point.short);
            is_safer
        });
        front = all;
    }
    front
}

impl Rung {
    fn choice(
        &self,
        point: &Point,
        fronts: &BTreeMap<String, Vec<Dialled>>,
        start: &Outcome<'_>,
        named: &Named,
        pricer: &Pricer<'_, '_>,
        limit: UsdPerMonth,
    ) -> Choice {
        let mut settings = self.set.clone();
        let mut given_up = self.given_up.clone();
        let mut dials = BTreeMap::new();
        let mut judged = 0;
        for ((environment, dialled), &place) in fronts.iter().zip(&point.places) {
            let one = &dialled[place];
            judged += one.part.judged;
            let Some(dial) = one.dial else { continue };
            dials.insert(environment.clone(), format!("{dial} %"));
            settings.push(format!("environments.{environment}.risk={dial}%"));
            if needs_rule(pricer, named, environment) {
                settings.push(format!("environments.{environment}.rule=sizewright"));
            }
            let before = start.environments.get(environment).and_then(Part::risk);
            if let (Some(before), Some(after)) = (before, one.part.risk())
                && after > before
            {
                given_up.push(format!(
                    "{} hosts are short {:.2} % of the time instead of {:.2} %",
                    telemetry::untrusted::for_terminal(environment),
                    after * 100.0,
                    before * 100.0
                ));
            }
        }
        Choice {
            settings,
            given_up,
            dials,
            total: point.total,
            at_most: point.at_most,
            risk: (judged > 0).then(|| point.short / judged as f64),
            within: point.at_most.usd_per_month <= limit,
        }
    }
}

/// Says whether the scenario sizes an environment by another rule, so that a dial would change nothing.
fn needs_rule(pricer: &Pricer<'_, '_>, named: &Named, environment: &str) -> bool {
    use crate::policy::{Overrides, Rule};
    let said = named
        .settings
        .of_environment(environment, "rule")
        .map(|setting| &setting.value);
    match said {
        Some(super::value::Value::Rule(rule)) => *rule != Rule::Sizewright,
        _ => {
            let policy = pricer.estate().assessment.policy(environment, &Overrides::default());
            policy.is_ok_and(|policy| policy.rule != Rule::Sizewright)
        }
    }
}
