//! A way to go to AWS: what each month costs, from the first host on.

mod committed;
mod network;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;

use super::growth::Growing;
use super::premises::Premises;
use super::support::{self, support};
use super::{ProjectedCost, ProjectionLine};
use crate::catalog::{Catalog, Product};
use crate::growth::Case;
use crate::money::Usd;
use crate::plan::Plan;
use crate::plan::bought::{Bought, bought, phase_names};
use crate::plan::commitments::Strategy;

/// Months after the last host moved in which the second phase is done, unless stated.
const REPLATFORM_AFTER: u32 = 12;
/// Years of the longest commitment that AWS sells.
const LONGEST_TERM: u32 = 3;

/// A way to go: a phase to end in, bought on demand or with commitments.
pub(super) struct Way<'a> {
    plan: &'a Plan,
    catalog: &'a Catalog,
    /// Phases and the month from which each runs.
    phases: Vec<(u32, &'static str, Vec<Bought<'a>>)>,
    /// By phase, the strategies for servers and databases.
    strategies: BTreeMap<&'static str, Vec<&'a Strategy>>,
    commits: bool,
}

impl<'a> Way<'a> {
    pub(super) fn new(plan: &'a Plan, catalog: &'a Catalog, last_phase: &'static str, commits: bool) -> Self {
        let moving = &plan.assessment.transition;
        let moved = moving.months.unwrap_or(0);
        let mut phases = Vec::new();
        for (at, phase) in phase_names(plan).into_iter().enumerate() {
            let from = if at == 0 {
                0
            } else {
                moved + moving.replatform_after_months.unwrap_or(REPLATFORM_AFTER)
            };
            phases.push((from, phase, bought(plan, phase)));
            if phase == last_phase {
                break;
            }
        }
        let mut strategies: BTreeMap<&'static str, Vec<&Strategy>> = BTreeMap::new();
        if let Some(found) = plan.commitments.as_ref().filter(|_| commits) {
            for (at, (from, phase, _)) in phases.iter().enumerate() {
                // What is bought before the next phase must have ended by then: else it is stranded.
                let starts = (*from).max(moved);
                let most_years = phases
                    .get(at + 1)
                    .map_or(LONGEST_TERM, |(next, _, _)| next.saturating_sub(starts) / 12);
                for scope in ["compute", "database"] {
                    let best = found.best_within(phase, scope, most_years);
                    strategies.entry(phase).or_default().extend(best);
                }
            }
        }
        Self {
            plan,
            catalog,
            phases,
            strategies,
            commits,
        }
    }

    /// Says whether anything is committed to.
    pub(super) fn commits(&self) -> bool {
        self.strategies.values().any(|of| !of.is_empty())
    }

    pub(super) fn name(&self) -> String {
        let phases: Vec<&str> = self.phases.iter().map(|(_, phase, _)| *phase).collect();
        let bought = if self.commits { "with commitments" } else { "on demand" };
        format!("{}, {bought}", phases.join(" then "))
    }

    /// Says what is assumed and what is not counted.
    pub(super) fn notes(&self) -> Vec<String> {
        let (costs, moving) = (&self.plan.assessment.costs, &self.plan.assessment.transition);
        let mut notes = Vec::new();
        if moving.months.is_none() {
            notes.push(
                "everything moves in the first month: say [transition] months and double_running_months".to_string(),
            );
        }
        if self.plan.phases.is_some() && moving.replatform_after_months.is_none() {
            notes.push(format!(
                "managed services run {REPLATFORM_AFTER} months after the last host moved: say [transition] replatform_after_months"
            ));
        }
        if costs.snapshot_share.is_none() {
            notes.push("no snapshots are counted: say [costs] snapshot_share".to_string());
        }
        if costs.support_plan.is_none() {
            notes.push("no support plan is counted: say [costs] support_plan".to_string());
        }
        if costs.tax_percent.is_none() {
            notes.push("no tax is counted: say [costs] tax_percent".to_string());
        }
        if costs.discount_percent_per_year.is_none() {
            notes.push("a later dollar counts as one of today: say [costs] discount_percent_per_year".to_string());
        }
        notes.extend(network::notes(self.plan));
        if self.plan.assessment.growth.is_empty() {
            notes.push("nothing grows: say [growth] percent_per_year".to_string());
        }
        notes
    }

    /// Gives the lines of so many months.
    pub(super) fn lines(&self, premises: Option<&Premises>, months: u32, case: Case) -> Vec<ProjectionLine> {
        (0..months)
            .flat_map(|month| self.month(premises, month, case))
            .collect()
    }

    /// Gives the share of the estate that has moved by the end of a month.
    fn moved(&self, month: i64) -> Decimal {
        let months = i64::from(self.plan.assessment.transition.months.unwrap_or(0));
        if month < 0 {
            Decimal::ZERO
        } else if month + 1 >= months {
            Decimal::ONE
        } else {
            Decimal::from(month + 1) / Decimal::from(months)
        }
        .round_dp(6)
    }

    fn month(&self, premises: Option<&Premises>, month: u32, case: Case) -> Vec<ProjectionLine> {
        let moving = &self.plan.assessment.transition;
        let double = i64::from(moving.double_running_months.unwrap_or(0));
        let moved = self.moved(i64::from(month));
        let left = Decimal::ONE - self.moved(i64::from(month) - double);
        let Some((from, phase, rows)) = self.phases.iter().rev().find(|(from, _, _)| *from <= month) else {
            return Vec::new();
        };
        let growing = Growing::of(self.plan, rows);
        let mut lines = Vec::new();
        self.compute(&mut lines, month, (*from, phase, rows), &growing, moved, case);
        self.storage(&mut lines, month, rows, &growing, moved, case);
        let demand = growing.demand(month, case);
        let is_linked = left > Decimal::ZERO || moving.keep_links;
        network::lines(self.plan, self.catalog, &mut lines, month, moved * demand, is_linked);
        self.moving(&mut lines, month);
        self.beside(&mut lines, month);
        if let Some(premises) = premises {
            lines.extend(premises.month(month, left, left, demand.max(Decimal::ONE), case));
        }
        lines
    }

    fn compute(
        &self,
        lines: &mut Vec<ProjectionLine>,
        month: u32,
        (from, phase, rows): (u32, &str, &[Bought<'_>]),
        growing: &Growing<'_>,
        moved: Decimal,
        case: Case,
    ) {
        let base: Decimal = rows
            .iter()
            .filter_map(|row| row.compute)
            .map(|cost| cost.as_decimal())
            .sum();
        let unknown = rows.iter().filter(|row| row.compute.is_none()).count();
        if unknown > 0 {
            lines.push(unpriced(
                month,
                ProjectedCost::Compute,
                "compute without a known price",
                unknown,
            ));
        }
        let times = growing.compute(month, case);
        let starts = from.max(self.plan.assessment.transition.months.unwrap_or(0));
        let strategies = self.strategies.get(phase).map_or(&[][..], Vec::as_slice);
        if strategies.is_empty() || month < starts {
            lines.push(ProjectionLine::new(
                month + 1,
                ProjectedCost::Compute,
                format!("compute of {phase} on demand, of today's"),
                ((moved * times).round_dp(6), "plan-month"),
                Some(Usd::from_decimal(base)),
                "plan: compute_usd_per_month of all rows",
            ));
            return;
        }
        let mut covered_scopes = Decimal::ZERO;
        let at = committed::At {
            month,
            starts,
            growing,
            case,
        };
        for strategy in strategies {
            covered_scopes += strategy.used_usd_per_month.as_decimal();
            committed::lines(lines, strategy, &at);
        }
        let rest = base - covered_scopes;
        if rest > Decimal::new(1, 2) {
            lines.push(ProjectionLine::new(
                month + 1,
                ProjectedCost::Compute,
                "what no commitment is sold for, of today's",
                (times, "plan-month"),
                Some(Usd::from_decimal(rest)),
                "plan: compute_usd_per_month of its rows",
            ));
        }
    }

    fn storage(
        &self,
        lines: &mut Vec<ProjectionLine>,
        month: u32,
        rows: &[Bought<'_>],
        growing: &Growing<'_>,
        moved: Decimal,
        case: Case,
    ) {
        let base: Decimal = rows
            .iter()
            .filter_map(|row| row.storage)
            .map(|cost| cost.as_decimal())
            .sum();
        let unknown = rows.iter().filter(|row| row.storage.is_none()).count();
        if unknown > 0 {
            lines.push(unpriced(
                month,
                ProjectedCost::Storage,
                "storage without a known price",
                unknown,
            ));
        }
        let times = (moved * growing.storage(month, case)).round_dp(6);
        lines.push(ProjectionLine::new(
            month + 1,
            ProjectedCost::Storage,
            "storage of today's",
            (times, "plan-month"),
            Some(Usd::from_decimal(base)),
            "plan: storage_usd_per_month of all rows",
        ));
        let Some(share) = self
            .plan
            .assessment
            .costs
            .snapshot_share
            .filter(|share| *share > Decimal::ZERO)
        else {
            return;
        };
        let gib: f64 = rows.iter().filter_map(|row| row.storage_gib).sum();
        let gib = Decimal::from_f64(gib).unwrap_or_default().round_dp(3);
        lines.push(network::priced(
            self.catalog,
            self.region(),
            month,
            ProjectedCost::Snapshot,
            "snapshots",
            ((gib * share * times).round_dp(3), "GiB-month"),
            Product::EbsSnapshotGibMonth,
        ));
    }

    /// Adds what is paid once for moving.
    fn moving(&self, lines: &mut Vec<ProjectionLine>, month: u32) {
        let moving = &self.plan.assessment.transition;
        let months = moving.months.unwrap_or(1).max(1);
        if month >= months {
            return;
        }
        let part = |whole: Decimal| (whole / Decimal::from(months)).round_dp(6);
        if let Some(services) = moving.services_usd {
            lines.push(ProjectionLine::new(
                month + 1,
                ProjectedCost::Migration,
                "people who move the estate",
                (Decimal::ONE, "month"),
                Some(Usd::from_decimal(part(services))),
                format!("assessment.toml: services_usd over {months} months"),
            ));
        }
        if let Some(hours) = moving.replication_hours {
            lines.push(ProjectionLine::new(
                month + 1,
                ProjectedCost::Migration,
                "replication of databases (DMS)",
                (part(hours), "hour"),
                moving.replication_usd_per_hour.map(Usd::from_decimal),
                "assessment.toml: replication_usd_per_hour",
            ));
        }
    }

    /// Adds support and tax on what AWS bills in the month.
    fn beside(&self, lines: &mut Vec<ProjectionLine>, month: u32) {
        let costs = &self.plan.assessment.costs;
        let billed = |lines: &[ProjectionLine]| -> Decimal {
            lines
                .iter()
                .filter(|line| !line.source.starts_with("assessment.toml"))
                .filter_map(|line| line.amount)
                .map(|amount| amount.as_decimal())
                .sum()
        };
        if let Some(plan) = costs.support_plan {
            let amount = support(plan, billed(lines)).round_dp(6);
            lines.push(ProjectionLine::new(
                month + 1,
                ProjectedCost::Support,
                format!("{} support", support::name(plan)),
                (Decimal::ONE, "month"),
                Some(Usd::from_decimal(amount)),
                support::source(plan),
            ));
        }
        if let Some(percent) = costs.tax_percent.filter(|percent| *percent > Decimal::ZERO) {
            let base = billed(lines).round_dp(6);
            lines.push(ProjectionLine::new(
                month + 1,
                ProjectedCost::Tax,
                "tax on what AWS bills",
                (percent / Decimal::ONE_HUNDRED, "of the bill"),
                Some(Usd::from_decimal(base)),
                "tax_percent of assessment.toml",
            ));
        }
    }

    fn region(&self) -> &str {
        self.plan
            .overrides
            .region
            .as_deref()
            .unwrap_or(&self.plan.assessment.region)
    }
}

/// Makes a line that says what has no price.
fn unpriced(month: u32, category: ProjectedCost, item: &str, rows: usize) -> ProjectionLine {
    ProjectionLine::new(
        month + 1,
        category,
        item,
        (Decimal::from(rows), "row"),
        None,
        "the plan says why",
    )
}
