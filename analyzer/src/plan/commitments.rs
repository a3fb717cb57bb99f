//! What to commit to for the whole plan: strategies side by side, with their risk.
//!
//! Input: a [`Plan`] with its purchases and, where known, what scales and what
//! rests at night. Output: [`PlanCommitments`]: for servers and for databases
//! the best level of each kind of plan over the hours of a year, what it costs,
//! and what of it is stranded under outlooks of growth.

mod curves;
mod layered;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};
use serde::{Deserialize, Serialize};

use super::Plan;
use super::bought::phase_names;
use super::files::PlanFileError;
use super::row::plain;
use crate::catalog::commitment::{CommitmentTerm, Upfront};
use crate::commit::{
    Commitments, Fleet, HOURS_PER_YEAR, Outlook, Sku, Stranding, apply, best_mix, best_savings_plan, break_even_month,
    expected_cost, stranding,
};
use crate::money::{HOURS_PER_MONTH, UsdPerHour, UsdPerMonth};
use crate::policy::Growth;

use curves::{Curves, Scope};
pub use layered::{FamilyTerms, TermOfFamily};

/// Years over which strategies are compared.
pub(crate) const YEARS: usize = 3;
/// Decimals of a committed amount an hour: AWS takes a tenth of a cent.
const COMMITTED_DECIMALS: u32 = 3;
/// By how much use may shrink or grow a year where nobody said: an assumption, shown as such.
const UNSAID: f64 = 0.15;

/// Strategies for the whole plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanCommitments {
    /// How use may develop.
    pub outlooks: Vec<Outlook>,
    /// Whether the outlooks are what the assessment says, or assumed here.
    pub outlooks_are_assumed: bool,
    /// What the hours are that levels are chosen on; absent where nothing scales.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours_are: Option<String>,
    /// How much is paid at once.
    pub upfront: Option<Upfront>,
    /// By basis, scope and expected cost, cheapest first.
    pub strategies: Vec<Strategy>,
}

/// One way to commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strategy {
    /// The phase of the plan.
    pub phase: String,
    /// `always-on`, or `scheduled` where nights and groups that scale are taken into account.
    pub basis: String,
    /// `compute` or `database`.
    pub scope: String,
    /// Its name.
    pub name: String,
    /// Years one commits for; 0 for on demand and for a mixture of terms.
    pub years: u32,
    /// What is committed to.
    pub lines: Vec<CommitmentLine>,
    /// By family what is bought for three years and what anew each year; empty where there is one term.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<FamilyTerms>,
    /// A month of the first year, what stays on demand included.
    pub usd_per_month: UsdPerMonth,
    /// What the same use would cost on demand.
    pub used_usd_per_month: UsdPerMonth,
    /// Of the month what stays on demand.
    pub on_demand_usd_per_month: UsdPerMonth,
    /// Share of use that is covered, 0 to 1.
    pub coverage: f64,
    /// Share of the commitment that is used, 0 to 1.
    pub utilisation: f64,
    /// Share saved against on demand.
    pub saving: f64,
    /// Month of the term from which it has paid for itself if use stopped then; absent for on demand, or where never.
    pub break_even_month: Option<u32>,
    /// Expected cost of three years over the outlooks, dollars; what is bought for a year is bought anew to fit.
    pub expected_usd: f64,
    /// What is wasted under outlooks.
    pub stranding: Stranding,
}

/// One thing to commit to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommitmentLine {
    /// What, such as `EC2 instance savings plan, 3 years, no upfront`.
    pub item: String,
    /// What it covers, such as `m7i in eu-central-1`.
    pub covers: String,
    /// Committed an hour.
    pub usd_per_hour: UsdPerHour,
    /// 730 hours of it.
    pub usd_per_month: UsdPerMonth,
}

/// Finds what to commit to for a plan whose purchases are known; nothing where they are not.
#[must_use]
pub fn commitments(plan: &Plan) -> Option<PlanCommitments> {
    let purchases = plan.purchases.as_ref()?;
    let upfront = Upfront::None;
    let (outlooks, outlooks_are_assumed) = outlooks(&plan.assessment.growth);
    let (mut strategies, mut hours_are) = (Vec::new(), None);
    let phases = phase_names(plan);
    let bases = phases
        .iter()
        .flat_map(|phase| ["always-on", "scheduled"].map(|basis| (phase, basis)));
    for (phase, basis) in bases {
        let curves = Curves::of(plan, purchases, phase, basis == "scheduled");
        if basis == "scheduled" && !curves.varies() {
            continue;
        }
        hours_are = hours_are.or_else(|| curves.words());
        for scope in [Scope::Compute, Scope::Database] {
            let mut found = of_scope(&curves, scope, upfront, &outlooks);
            found.sort_by(|a, b| {
                a.expected_usd
                    .total_cmp(&b.expected_usd)
                    .then_with(|| a.name.cmp(&b.name))
            });
            for strategy in &mut found {
                strategy.phase = (*phase).to_string();
                strategy.basis = basis.to_string();
            }
            strategies.append(&mut found);
        }
    }
    Some(PlanCommitments {
        outlooks,
        outlooks_are_assumed,
        hours_are,
        upfront: Some(upfront),
        strategies,
    })
}

impl PlanCommitments {
    /// Gives the strategy that is expected to cost least for a scope, and on demand beside it.
    #[must_use]
    pub fn best(&self, phase: &str, basis: &str, scope: &str) -> Option<(&Strategy, &Strategy)> {
        let of = || {
            self.strategies
                .iter()
                .filter(|one| one.phase == phase && one.basis == basis && one.scope == scope)
        };
        let on_demand = of().find(|one| one.lines.is_empty() && one.years == 0)?;
        Some((of().next()?, on_demand))
    }

    /// Gives the strategy that is expected to cost least over hours that always run, of those that end within so many years.
    ///
    /// Terms of one and three years together are one of them. Nothing where on demand costs less.
    #[must_use]
    pub fn best_within(&self, phase: &str, scope: &str, most_years: u32) -> Option<&Strategy> {
        let (_, on_demand) = self.best(phase, "always-on", scope)?;
        self.strategies
            .iter()
            .filter(|one| one.phase == phase && one.basis == "always-on" && one.scope == scope)
            .find(|one| {
                one.longest_years()
                    .is_some_and(|years| (1..=most_years).contains(&years))
            })
            .filter(|one| one.expected_usd < on_demand.expected_usd)
    }

    /// Says whether nights and groups that scale make a basis of their own.
    #[must_use]
    pub fn has_schedules(&self) -> bool {
        self.strategies.iter().any(|one| one.basis == "scheduled")
    }
}

impl Strategy {
    /// Gives the years after which nothing of it is left to pay; nothing for on demand, or where a plan does not say.
    #[must_use]
    pub fn longest_years(&self) -> Option<u32> {
        let of_terms = self.terms.iter().map(FamilyTerms::longest_years);
        of_terms
            .max()
            .or(Some(self.years))
            .filter(|years| *years > 0 && !self.lines.is_empty())
    }
}

/// Gives how use may develop: as the assessment says, else by an assumption that is shown.
pub(crate) fn outlooks(growth: &Growth) -> (Vec<Outlook>, bool) {
    let middle = growth.percent_per_year.unwrap_or(0.0) / 100.0;
    let [low, high] = growth
        .percent_per_year_low_high
        .map_or([middle - UNSAID, middle + UNSAID], |[low, high]| {
            [low / 100.0, high / 100.0]
        });
    let one = |name: &str, probability: f64, rate: f64| Outlook {
        name: format!("{name} ({:+.0} % a year)", rate * 100.0),
        probability,
        // The middle of each year, compound.
        factors: (0..YEARS)
            .map(|year| (1.0 + rate.max(-0.95)).powf(year as f64))
            .collect(),
    };
    (
        vec![
            one("as expected", 0.5, middle),
            one("less", 0.25, low),
            one("more", 0.25, high),
        ],
        growth.percent_per_year_low_high.is_none(),
    )
}

fn of_scope(curves: &Curves, scope: Scope, upfront: Upfront, outlooks: &[Outlook]) -> Vec<Strategy> {
    let mut out = Vec::new();
    for term in [CommitmentTerm::OneYear, CommitmentTerm::ThreeYears] {
        let skus = curves.skus(scope, term, upfront);
        let Ok(fleet) = Fleet::new(&skus) else { continue };
        if fleet.total_hours() == 0.0 || skus.is_empty() {
            continue;
        }
        let setting = Setting {
            scope,
            term,
            upfront,
            skus: &skus,
            fleet: &fleet,
            outlooks,
        };
        let none = vec![0.0; skus.len()];
        if out.is_empty() {
            out.push(setting.strategy(
                "on demand".to_string(),
                Commitments {
                    bound_uses: none.clone(),
                    flexible_usd_per_hour: 0.0,
                },
            ));
        }
        let years = setting.years();
        // Levels are those of the least expected cost over the term, not over hours as they are.
        let term_hours = fleet.under(outlooks, setting.term_years());
        let flexible = best_savings_plan(&term_hours, &[]).usd_per_hour;
        if flexible > 0.0 {
            let commitments = Commitments {
                bound_uses: none,
                flexible_usd_per_hour: flexible,
            };
            out.push(setting.strategy(format!("{}, {years}", scope.flexible_plan()), commitments));
        }
        let bound = term_hours.bound_levels();
        if bound.iter().any(|level| *level > 0.0) {
            let commitments = Commitments {
                bound_uses: bound,
                flexible_usd_per_hour: 0.0,
            };
            out.push(setting.strategy(format!("{}, {years}", scope.bound_plan()), commitments));
            let mix = best_mix(&term_hours).commitments;
            let both = mix.flexible_usd_per_hour > 0.0005 && mix.bound_uses.iter().any(|level| *level > 1e-6);
            if both {
                out.push(setting.strategy(format!("both kinds, {years}"), mix));
            }
        }
    }
    out.extend(layered::by_layers(curves, scope, upfront, outlooks));
    out
}

/// One scope under one term.
struct Setting<'a> {
    scope: Scope,
    term: CommitmentTerm,
    upfront: Upfront,
    skus: &'a [Sku],
    fleet: &'a Fleet,
    outlooks: &'a [Outlook],
}

impl Setting<'_> {
    fn years(&self) -> &'static str {
        match self.term {
            CommitmentTerm::OneYear => "1 year",
            CommitmentTerm::ThreeYears => "3 years",
        }
    }

    fn term_years(&self) -> usize {
        match self.term {
            CommitmentTerm::OneYear => 1,
            CommitmentTerm::ThreeYears => YEARS,
        }
    }

    /// Rounds what is committed to as AWS takes it, and prices it.
    fn strategy(&self, name: String, commitments: Commitments) -> Strategy {
        let (mut rounded, mut lines) = (commitments, Vec::new());
        for (sku, level) in self.skus.iter().zip(&mut rounded.bound_uses) {
            let rate = sku.bound_rate.unwrap_or(1.0);
            let usd = committed(*level * rate);
            let exact = usd.to_f64().unwrap_or(0.0);
            *level = if rate > 0.0 { exact / rate } else { 0.0 };
            if exact > 0.0 {
                lines.push(line(&self.scope.bound_words(self.term, self.upfront), &sku.name, exact));
            }
        }
        let usd = committed(rounded.flexible_usd_per_hour).to_f64().unwrap_or(0.0);
        rounded.flexible_usd_per_hour = usd;
        if usd > 0.0 {
            lines.push(line(
                &self.scope.flexible_words(self.term, self.upfront),
                self.scope.flexible_covers(),
                usd,
            ));
        }
        let applied = apply(self.fleet, &rounded, 1.0);
        let years = self.term_years();
        let is_on_demand = lines.is_empty();
        let covered_rate = if applied.covered_usd > 0.0 {
            (applied.committed_usd - applied.unused_usd) / applied.covered_usd
        } else {
            0.0
        };
        let months = 12 * years as u32;
        Strategy {
            phase: String::new(),
            basis: String::new(),
            scope: self.scope.word().to_string(),
            name,
            years: if is_on_demand { 0 } else { years as u32 },
            lines,
            terms: Vec::new(),
            usd_per_month: per_month(applied.cost_usd(), self.fleet.total_hours()),
            used_usd_per_month: per_month(applied.used_usd, self.fleet.total_hours()),
            on_demand_usd_per_month: per_month(applied.on_demand_usd, self.fleet.total_hours()),
            coverage: applied.coverage(),
            utilisation: applied.utilisation(),
            saving: applied.saving(),
            break_even_month: (!is_on_demand)
                .then(|| break_even_month(covered_rate, applied.utilisation(), months))
                .flatten(),
            expected_usd: expected_cost(self.fleet, &rounded, self.outlooks, years, YEARS) * f64::from(HOURS_PER_YEAR)
                / self.fleet.total_hours(),
            stranding: stranding(self.fleet, &rounded, self.outlooks, years),
        }
    }
}

fn line(item: &str, covers: &str, usd: f64) -> CommitmentLine {
    let usd_per_hour = UsdPerHour::from_decimal(committed(usd));
    CommitmentLine {
        item: item.to_string(),
        covers: covers.to_string(),
        usd_per_hour,
        usd_per_month: usd_per_hour.per_month(),
    }
}

/// Rounds dollars an hour to what AWS takes.
fn committed(usd: f64) -> Decimal {
    Decimal::from_f64(usd).unwrap_or_default().round_dp(COMMITTED_DECIMALS)
}

/// Gives a month of 730 hours of what so many hours cost, to the cent.
fn per_month(usd: f64, hours: f64) -> UsdPerMonth {
    let month = usd / hours * f64::from(HOURS_PER_MONTH);
    UsdPerMonth::from_decimal(Decimal::from_f64(month).unwrap_or_default()).rounded_to_cents()
}

/// Columns of `commitments.csv`.
const COLUMNS: [&str; 19] = [
    "phase",
    "basis",
    "scope",
    "strategy",
    "years",
    "item",
    "covers",
    "committed_usd_per_hour",
    "committed_usd_per_month",
    "strategy_usd_per_month",
    "strategy_on_demand_usd_per_month",
    "saving",
    "coverage",
    "utilisation",
    "break_even_month",
    "expected_usd_36_months",
    "expected_unused_share",
    "worst_unused_share",
    "worst_outlook",
];

/// Writes `commitments.csv`: one row for each thing a strategy commits to, cheapest strategy first.
///
/// # Errors
/// When the table cannot be formed.
pub fn commitments_csv(found: &PlanCommitments) -> Result<Vec<u8>, PlanFileError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for strategy in &found.strategies {
        let nothing = CommitmentLine {
            item: "nothing".to_string(),
            covers: String::new(),
            usd_per_hour: UsdPerHour::ZERO,
            usd_per_month: UsdPerMonth::ZERO,
        };
        let lines = if strategy.lines.is_empty() {
            std::slice::from_ref(&nothing)
        } else {
            &strategy.lines
        };
        for line in lines {
            writer.write_record([
                strategy.phase.clone(),
                strategy.basis.clone(),
                strategy.scope.clone(),
                strategy.name.clone(),
                strategy.years.to_string(),
                line.item.clone(),
                line.covers.clone(),
                plain(line.usd_per_hour.as_decimal()),
                plain(line.usd_per_month.as_decimal()),
                plain(strategy.usd_per_month.as_decimal()),
                plain(strategy.on_demand_usd_per_month.as_decimal()),
                format!("{:.4}", strategy.saving),
                format!("{:.4}", strategy.coverage),
                format!("{:.4}", strategy.utilisation),
                strategy
                    .break_even_month
                    .map(|month| month.to_string())
                    .unwrap_or_default(),
                format!("{:.2}", strategy.expected_usd),
                format!("{:.4}", strategy.stranding.expected_unused_share),
                format!("{:.4}", strategy.stranding.worst_unused_share),
                strategy.stranding.worst_outlook.clone(),
            ])?;
        }
    }
    writer
        .into_inner()
        .map_err(|error| PlanFileError::Csv(error.into_error().into()))
}
