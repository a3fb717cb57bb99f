//! What a phase of the plan buys: hosts on EC2 and parts of managed services alike.
//!
//! Input: a [`Plan`]. Output: one [`Bought`] for each row that runs in a
//! phase; what ways to buy, commitments and projections are made of.

use rust_decimal::Decimal;

use super::phases::{REHOST, REPLATFORM, parts_of_phase, sum};
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
    match plan.phases {
        Some(_) => vec![REHOST, REPLATFORM],
        None => vec![FIRST_PHASE],
    }
}

/// Gives what a phase buys: hosts, then parts of managed services.
#[must_use]
pub fn bought<'a>(plan: &'a Plan, phase: &'a str) -> Vec<Bought<'a>> {
    let gone = plan.phases.as_ref().filter(|_| phase == REPLATFORM);
    let smaller = plan
        .phases
        .as_ref()
        .map(|phases| phases.shrunk(phase))
        .unwrap_or_default();
    // A host that some services left has a smaller row of its own.
    let in_phase = |row: &'a Recommendation| match smaller.get(row.host.as_str()) {
        Some(one) => one.row.as_deref(),
        None => match gone {
            // The second phase keeps the hosts' rows of the first but for those that retire.
            Some(phases) => (phases.replatform.retired_hosts.binary_search(&row.host).is_err()).then_some(row),
            None => (row.phase == phase).then_some(row),
        },
    };
    let mut all: Vec<Bought<'a>> = plan
        .recommendations
        .iter()
        .filter_map(in_phase)
        .map(|row| Bought {
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
        })
        .collect();
    let region = plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region);
    all.extend(parts_of_phase(plan, phase).map(|(planned, part)| {
        let (own, price) = (
            &part.part,
            part.part.class.as_ref().and_then(|class| class.price.as_ref()),
        );
        let of = |category| sum(part, category).map(UsdPerMonth::from_decimal);
        Bought {
            phase,
            host: &own.host,
            service: Some(&own.service),
            environment: &planned.workload.environment,
            group: planned.workload.group.as_deref(),
            target_service: &own.target_service,
            instance_type: own.class.as_ref().map(|class| class.name.as_str()),
            instance_count: own.count,
            engine: Some(&own.engine),
            deployment: &own.deployment,
            region,
            price: price.map(|price| price.amount),
            method: price.map(|price| price.method),
            as_of: price.map(|price| price.as_of),
            compute: of(Category::Compute),
            storage: of(Category::Storage),
            storage_gib: own.storage_gib,
            room: 1.0,
        }
    }));
    all
}
