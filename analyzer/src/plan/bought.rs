//! What a phase of the plan buys: hosts on EC2 and parts of managed services alike.
//!
//! Input: a [`Plan`]. Output: one [`Bought`] for each row that runs in a
//! phase; what ways to buy, commitments and projections are made of.

use rust_decimal::Decimal;

use super::phases::{PlannedPart, PlannedWorkload, REHOST, REPLATFORM, parts_of_phase, sum};
use super::{FIRST_PHASE, Plan, Recommendation};
use crate::catalog::{PriceMethod, YearMonth};
use crate::money::{HOURS_PER_MONTH, UsdPerHour, UsdPerMonth};
use crate::price::Category;

/// Instances of one type that a phase buys for a host or a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Bought<'a> {
    /// The phase.
    pub phase: &'a str,
    /// The host.
    pub host: &'a str,
    /// The service on it, where the row is for one.
    pub service: Option<&'a str>,
    /// Its environment.
    pub environment: &'a str,
    /// Its group, if any.
    pub group: Option<&'a str>,
    /// The AWS service.
    pub target_service: &'a str,
    /// The type, where instances are bought.
    pub instance_type: Option<&'a str>,
    /// How many.
    pub instance_count: u32,
    /// Database engine, where there is one.
    pub engine: Option<&'a str>,
    /// `single-az`, `multi-az` or `cluster`.
    pub deployment: &'a str,
    /// Region.
    pub region: &'a str,
    /// On demand, each instance.
    pub price: Option<UsdPerHour>,
    /// How that is known.
    pub method: Option<PriceMethod>,
    /// Which month it is of.
    pub as_of: Option<YearMonth>,
    /// Compute, a month; absent where unknown.
    pub compute: Option<UsdPerMonth>,
    /// Storage and requests, a month; absent where unknown.
    pub storage: Option<UsdPerMonth>,
    /// Storage, GiB, where known.
    pub storage_gib: Option<f64>,
    /// How many times today's demand it carries; 1 where not known.
    pub room: f64,
}

impl Bought<'_> {
    /// Gives the instance-hours of a month.
    #[must_use]
    pub fn hours_per_month(&self) -> Decimal {
        Decimal::from(HOURS_PER_MONTH) * Decimal::from(self.instance_count)
    }

    /// Gives the names by which something may be assumed of it: group, service, environment.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.group
            .into_iter()
            .chain(self.service)
            .chain([self.environment])
            .collect()
    }
}

/// Gives the names of the plan's phases, first to last.
#[must_use]
pub fn phase_names(plan: &Plan) -> Vec<&'static str> {
    if plan.phases.is_some() {
        vec![REHOST, REPLATFORM]
    } else {
        vec![FIRST_PHASE]
    }
}

/// Gives what a phase buys: hosts, then parts of managed services.
#[must_use]
pub fn bought<'a>(plan: &'a Plan, phase: &'a str) -> Vec<Bought<'a>> {
    let gone: &[String] = plan
        .phases
        .as_ref()
        .and_then(|phases| phases.phase(phase))
        .map_or(&[], |of| &of.retired_hosts);
    let hosts = plan
        .recommendations
        .iter()
        .filter(|row| plan.phases.is_some() || row.phase == phase)
        .filter(|row| gone.binary_search(&row.host).is_err())
        .map(|row| of_host(phase, row));
    let parts = parts_of_phase(plan, phase).map(|(planned, part)| of_part(plan, phase, planned, part));
    hosts.chain(parts).collect()
}

fn of_host<'a>(phase: &'a str, row: &'a Recommendation) -> Bought<'a> {
    Bought {
        phase,
        host: &row.host,
        service: row.service.as_deref(),
        environment: &row.environment,
        group: row.proof.group.as_deref(),
        target_service: &row.target_service,
        instance_type: row.instance_type.as_deref(),
        instance_count: row.instance_count,
        engine: row.engine.as_deref(),
        deployment: &row.deployment,
        region: &row.region,
        price: row.price_usd_per_hour,
        method: row.proof.price_method,
        as_of: row.proof.price_as_of,
        compute: row.compute_usd_per_month,
        storage: row.storage_usd_per_month,
        storage_gib: row.storage_gib,
        room: super::outlook::room(row),
    }
}

fn of_part<'a>(plan: &'a Plan, phase: &'a str, planned: &'a PlannedWorkload, part: &'a PlannedPart) -> Bought<'a> {
    let own = &part.part;
    let price = own.class.as_ref().and_then(|class| class.price.as_ref());
    let money = |category: Category| sum(part, category).map(UsdPerMonth::from_decimal);
    Bought {
        phase,
        host: &own.host,
        service: Some(&own.service),
        environment: &planned.workload.environment,
        group: None,
        target_service: &own.target_service,
        instance_type: own.class.as_ref().map(|class| class.name.as_str()),
        instance_count: own.count,
        engine: Some(&own.engine),
        deployment: &own.deployment,
        region: plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region),
        price: price.map(|price| price.amount),
        method: price.map(|price| price.method),
        as_of: price.map(|price| price.as_of),
        compute: money(Category::Compute),
        storage: money(Category::Storage),
        storage_gib: own.storage_gib,
        // A part is sized for its need; how much more it carries is in no one figure.
        room: 1.0,
    }
}
