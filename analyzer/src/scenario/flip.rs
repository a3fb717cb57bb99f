//! Flip lines: how much an assumption must change before another scenario costs least.
//!
//! Input: the scenarios of a comparison. Output: for each assumption the
//! smallest change that makes another one win, or that none within the range
//! does. Demand and headroom are sought on a grid and then by halving, every
//! step through the whole pipeline; prices need no search, since the cost is
//! straight in them, and are confirmed through the same pipeline.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Serialize;

use super::comparison::{Named, cheapest};
use super::error::ScenarioError;
use super::outcome::{AtMost, Outcome};
use super::pricer::Pricer;
use super::purchase::Buying;
use super::settings::Settings;
use super::value::Value;

/// What is assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assumption {
    /// Demand of every host, `growth`.
    Demand,
    /// Extra CPU and memory, `headroom`.
    Headroom,
    /// A discount on instances that only the other scenario has.
    Discount,
    /// What the commitments of the winner save.
    CommitmentSaving,
    /// Share of the committed hours that are needed.
    CommitmentUse,
}

/// Where another scenario begins to win.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flip {
    /// The assumption.
    pub assumption: Assumption,
    /// As it stands, a fraction.
    pub now: f64,
    /// The value from which on the other one wins, a fraction; absent where none in the range does.
    pub at: Option<f64>,
    /// The range that was searched.
    pub range: (f64, f64),
    /// The scenario that wins now.
    pub winner: String,
    /// The one that wins then.
    pub then: Option<String>,
}

/// Changes at which demand and headroom are tried before halving, per cent; the smaller first.
const TRIED: [i64; 9] = [5, 10, 20, 30, 50, 75, 100, 150, 200];
/// Demand is not tried lower than by this, per cent.
const LOWEST: i64 = -50;
/// Searched to a tenth of a per cent.
const FINEST: i64 = 1;

/// Finds the flip lines; of demand and headroom only where `sized` says so, since every step sizes all hosts anew.
///
/// # Errors
/// When a scenario cannot be priced.
pub fn flips(pricer: &Pricer<'_, '_>, scenarios: &[Named], sized: bool) -> Result<Vec<Flip>, ScenarioError> {
    let outcomes: Vec<Outcome<'_>> = scenarios
        .iter()
        .map(|scenario| pricer.price(&scenario.settings))
        .collect::<Result<_, _>>()?;
    let Some((winner, least)) = cheapest(outcomes.iter().map(|outcome| outcome.whole.at_most())) else {
        return Ok(Vec::new());
    };
    // What costs the same is no other scenario, and one of which less is known cannot be weighed.
    let others: Vec<usize> = (0..scenarios.len())
        .filter(|&other| {
            let cost = outcomes[other].whole.at_most();
            cost.unbounded_lines == least.unbounded_lines && cost > least
        })
        .collect();
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let scene = Scene {
        pricer,
        scenarios,
        outcomes: &outcomes,
        winner,
        others,
    };
    let mut found = vec![scene.discount()?];
    found.extend(scene.commitment()?);
    if sized {
        found.push(scene.searched(Assumption::Demand, "growth", LOWEST)?);
        found.push(scene.searched(Assumption::Headroom, "headroom", 0)?);
    }
    Ok(found)
}

struct Scene<'s, 'e, 'a> {
    pricer: &'s Pricer<'e, 'a>,
    scenarios: &'s [Named],
    outcomes: &'s [Outcome<'a>],
    winner: usize,
    /// Those that might win.
    others: Vec<usize>,
}

impl Scene<'_, '_, '_> {
    fn flip(&self, assumption: Assumption, now: f64, range: (f64, f64), at: Option<(f64, usize)>) -> Flip {
        Flip {
            assumption,
            now,
            at: at.map(|(at, _)| at),
            range,
            winner: self.scenarios[self.winner].name.clone(),
            then: at.map(|(_, then)| self.scenarios[then].name.clone()),
        }
    }

    /// Prices a scenario with one more setting.
    fn with(&self, scenario: usize, setting: &str) -> Result<AtMost, ScenarioError> {
        let mut on_top = Settings::default();
        on_top.set_typed(setting)?;
        let outcome = self.pricer.price(&self.scenarios[scenario].settings.with(&on_top))?;
        Ok(outcome.whole.at_most())
    }

    /// Finds the least discount on all instances of another scenario that makes it win.
    fn discount(&self) -> Result<Flip, ScenarioError> {
        let least = self.cost(self.winner);
        let mut best: Option<(Decimal, usize)> = None;
        for &other in &self.others {
            // Discounts of its own are per family and service; one more on top is a factor on its instances.
            let instances = self.instances(other);
            let rest = self.cost(other) - instances;
            let left = least - rest;
            if instances <= Decimal::ZERO || left <= Decimal::ZERO {
                continue;
            }
            // The first tenth of a per cent with which it costs less.
            let thousand = Decimal::ONE_THOUSAND;
            let mut off = ((Decimal::ONE - left / instances) * thousand).floor() / thousand;
            while instances * (Decimal::ONE - off) + rest >= least {
                off += Decimal::ONE / thousand;
            }
            if best.is_none_or(|(least, _)| off < least) {
                best = Some((off, other));
            }
        }
        let at = best.and_then(|(off, other)| Some((off.to_f64()?, other)));
        Ok(self.flip(Assumption::Discount, 0.0, (0.0, 1.0), at))
    }

    /// Gives what a scenario costs a month at most.
    fn cost(&self, scenario: usize) -> Decimal {
        self.outcomes[scenario].whole.at_most().usd_per_month.as_decimal()
    }

    /// Gives what the instances of a scenario cost a month at most.
    fn instances(&self, scenario: usize) -> Decimal {
        let amounts = self.outcomes[scenario]
            .hosts
            .iter()
            .filter_map(|cost| cost.compute_at_most);
        amounts.map(|amount| amount.as_decimal()).sum()
    }

    /// Finds how little the winner's commitments may save, and how little of them be used, until another one wins.
    fn commitment(&self) -> Result<Vec<Flip>, ScenarioError> {
        let (whole, paid) = (self.committed_at_list()?, self.committed_paid()?);
        // What is committed to itself would become dearer as well.
        let environments = || self.outcomes[self.winner].environments.keys();
        let is_free = |other: &usize| {
            let settings = &self.scenarios[*other].settings;
            !environments().any(|environment| is_committed(settings, environment))
        };
        let free = self.others.iter().copied().filter(is_free);
        let next = free.map(|other| (self.cost(other), other)).min();
        let Some((next, other)) = next.filter(|_| whole > paid) else {
            return Ok(Vec::new());
        };
        // What the others cost more may be paid on top before they win.
        let room = next - self.cost(self.winner);
        let saved = whole - paid;
        let share = |amount: Decimal| (amount / whole).to_f64();
        let flips_at = (saved > room).then(|| share(saved - room)).flatten();
        let saving_flip = self.flip(
            Assumption::CommitmentSaving,
            share(saved).unwrap_or(0.0),
            (0.0, 1.0),
            flips_at.map(|at| (at, other)),
        );
        // On demand, hours that are not needed are not paid: below this share of them it would cost less.
        let used = share(paid);
        let use_flip = Flip {
            assumption: Assumption::CommitmentUse,
            now: 1.0,
            at: used,
            range: (0.0, 1.0),
            winner: self.scenarios[self.winner].name.clone(),
            then: Some("the same on demand".to_string()),
        };
        Ok(vec![saving_flip, use_flip])
    }

    /// Gives what the committed instances of the winner would cost a month on demand, day and night.
    fn committed_at_list(&self) -> Result<Decimal, ScenarioError> {
        self.committed(&|settings| {
            let mut on_demand = Settings::default();
            on_demand.set_typed("purchase=on-demand")?;
            let settings = settings.with_cause_of(&on_demand, super::cause::Cause::Commitment);
            // A committed hour is paid whether a schedule stops the host or not.
            Ok(settings.with_cause_of(&Settings::default(), super::cause::Cause::Schedule))
        })
    }

    fn committed_paid(&self) -> Result<Decimal, ScenarioError> {
        self.committed(&|settings| Ok(settings.clone()))
    }

    /// Adds up the instances of the winner's environments that are committed to, priced another way.
    fn committed(
        &self,
        priced: &dyn Fn(&Settings) -> Result<Settings, ScenarioError>,
    ) -> Result<Decimal, ScenarioError> {
        let settings = &self.scenarios[self.winner].settings;
        let outcome = self.pricer.price(&priced(settings)?)?;
        let estate = self.pricer.estate();
        let committed = |environment: &str| is_committed(settings, environment);
        let amounts = outcome
            .hosts
            .iter()
            .filter(|cost| committed(&estate.hosts[cost.host].member.environment))
            .filter_map(|cost| cost.compute_at_most);
        Ok(amounts.map(|amount| amount.as_decimal()).sum())
    }

    /// Finds the value of a setting of all scenarios, nearest to none, at which another one wins; `lowest` per cent at least.
    fn searched(&self, assumption: Assumption, key: &str, lowest: i64) -> Result<Flip, ScenarioError> {
        let highest = TRIED[TRIED.len() - 1];
        let range = (lowest as f64 / 100.0, highest as f64 / 100.0);
        let mut before = 0;
        for tried in TRIED {
            let mut nearest: Option<(i64, usize)> = None;
            for sign in [1, -1] {
                // In tenths of a per cent; `same` changed nothing.
                let (mut same, mut other) = (sign * before * 10, sign * tried * 10);
                if other < lowest * 10 || self.winner_at(key, other)?.is_none() {
                    continue;
                }
                while (other - same).abs() > FINEST {
                    let middle = i64::midpoint(same, other);
                    if self.winner_at(key, middle)?.is_some() {
                        other = middle;
                    } else {
                        same = middle;
                    }
                }
                if let Some(then) = self.winner_at(key, other)?
                    && nearest.is_none_or(|(at, _)| other.abs() < at.abs())
                {
                    nearest = Some((other, then));
                }
            }
            if let Some((at, then)) = nearest {
                return Ok(self.flip(assumption, 0.0, range, Some((at as f64 / 1000.0, then))));
            }
            before = tried;
        }
        Ok(self.flip(assumption, 0.0, range, None))
    }

    /// Gives who wins instead at a value in tenths of a per cent; nothing where the winner stays.
    fn winner_at(&self, key: &str, tenths: i64) -> Result<Option<usize>, ScenarioError> {
        let setting = format!("{key}={}%", Decimal::new(tenths, 1));
        let least = self.with(self.winner, &setting)?;
        let mut best = (least, self.winner);
        for &other in &self.others {
            let total = self.with(other, &setting)?;
            if total.unbounded_lines == least.unbounded_lines && total < best.0 {
                best = (total, other);
            }
        }
        Ok((best.1 != self.winner).then_some(best.1))
    }
}

/// Says whether the instances of an environment are committed to.
fn is_committed(settings: &Settings, environment: &str) -> bool {
    let said = settings
        .of_environment(environment, "purchase")
        .map(|setting| &setting.value);
    match said {
        Some(Value::Purchase(Buying::All(kind))) => kind.commitment().is_some(),
        // What rests by a schedule is committed to in part.
        Some(Value::Purchase(Buying::Optimised)) => settings.of_environment(environment, "schedule").is_none(),
        _ => false,
    }
}

impl Flip {
    /// Says it in a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        let percent = |share: f64| {
            let percent = (share.abs() * 1000.0).round() / 10.0;
            format!("{}{percent} %", if share < 0.0 { "−" } else { "" })
        };
        let winner = format!("“{}”", self.winner);
        let Some((at, then)) = self.at.zip(self.then.as_ref()) else {
            let (low, high) = (percent(self.range.0), percent(self.range.1));
            return match self.assumption {
                Assumption::Demand => format!("{winner} stays cheapest at any demand from {low} to +{high}"),
                Assumption::Headroom => format!("{winner} stays cheapest at any headroom up to {high}"),
                Assumption::Discount => {
                    format!("no discount on instances makes another scenario cheaper than {winner}")
                }
                Assumption::CommitmentSaving | Assumption::CommitmentUse => {
                    format!("{winner} stays cheapest even if its commitments save nothing")
                }
            };
        };
        let then = if self.assumption == Assumption::CommitmentUse {
            then.clone()
        } else {
            format!("“{then}”")
        };
        match self.assumption {
            Assumption::Demand => {
                let sign = if at > 0.0 { "+" } else { "" };
                format!(
                    "if demand changes by {sign}{}, {then} is cheaper than {winner}",
                    percent(at)
                )
            }
            Assumption::Headroom => {
                format!(
                    "with a headroom of {} in all, {then} is cheaper than {winner}",
                    percent(at)
                )
            }
            Assumption::Discount => {
                format!(
                    "with {} off the instances of {then} alone, it is cheaper than {winner}",
                    percent(at)
                )
            }
            Assumption::CommitmentSaving => format!(
                "if the commitments of {winner} save less than {} (assumed: {}), {then} is cheaper",
                percent(at),
                percent(self.now)
            ),
            Assumption::CommitmentUse => format!(
                "if less than {} of the hours that {winner} commits to are needed, {then} is cheaper",
                percent(at)
            ),
        }
    }
}
