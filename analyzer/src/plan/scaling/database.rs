//! Databases that AWS would scale: Aurora Serverless v2 and Aurora read replicas, proposed only where the replay pays.
//!
//! Input: a database's host: its CPU minute by minute, the memory its plan
//! asks for, and what share of its work is reads where a tag says so. Output:
//! [`DatabaseScaling`], with the range or the reason why not. Memory does not
//! follow the hour, so that it is the floor of a serverless range; where it
//! decides, nothing is saved. Caches are replayed in [`super::cache`]; nodes of
//! a search domain have no automatic scaling, and say so.

use jiff::tz::TimeZone;
use rayon::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Deserialize, Serialize};
use telemetry::StoreError;

use super::cache::cache_scaling;
use super::{ScalingInputs, host_load, is_production, short_share};
use crate::catalog::nodes::CacheEngine;
use crate::catalog::{Catalog, Product, RdsEngine, RdsOffer};
use crate::money::{HOURS_PER_MONTH, UsdPerMonth};
use crate::plan::{Plan, Recommendation};
use crate::policy::GroupRule;
use crate::scale::{Fleet, Foresight, Goal, Load, Member, Need, Stage, UnitKind, cheapest, per_month};

/// Memory of an Aurora capacity unit, GiB (AWS: approximately 2 GiB with corresponding CPU).
const ACU_MEMORY_GIB: f64 = 2.0;
/// vCPUs of a capacity unit: provisioned memory-optimised classes have 8 GiB a vCPU.
const ACU_VCPUS: f64 = 0.25;
/// Most capacity units of an instance.
const MOST_ACUS: f64 = 256.0;
/// Capacity falls to what the highest of so many minutes needed; AWS says only that it falls more slowly than it rises.
const FALLS_AFTER_MINUTES: u32 = 15;
/// CPU that is kept free above what a minute needed, so that the next finds room while capacity rises.
const ROOM: f64 = 1.3;
/// Minutes until a new replica takes reads.
const REPLICA_MINUTES: u32 = 10;
/// Least saving that is worth a proposal.
const LEAST_SAVING: f64 = 0.15;
/// Tag that says what share of the work is reads, 0 to 1.
const READ_SHARE_TAG: &str = "read_share";

/// What a service of AWS would make of a database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatabaseScaling {
    /// The host.
    pub host: String,
    /// What runs on it.
    pub service: String,
    /// The offer, such as `Aurora Serverless v2`.
    pub offer: String,
    /// What is set, in words; absent where nothing is proposed.
    pub proposal: Option<String>,
    /// Why it is, or is not, proposed.
    pub because: String,
    /// Cost a month as replayed on the part that is held out; absent where a price is not known.
    pub usd_per_month: Option<UsdPerMonth>,
    /// Cost a month of the smallest instance that would do without scaling.
    pub provisioned_usd_per_month: Option<UsdPerMonth>,
    /// Share of minutes short on the part that is held out.
    pub short_share: Option<f64>,
}

/// Looks at every host that runs a known data service.
pub(super) fn databases(
    plan: &Plan,
    members: &[Member],
    inputs: &ScalingInputs<'_>,
) -> Result<Vec<DatabaseScaling>, StoreError> {
    let found: Vec<Vec<DatabaseScaling>> = members
        .par_iter()
        .map(|member| {
            let Some((service, kind)) = member.services.iter().find_map(|name| Some((name, kind(name)?))) else {
                return Ok(Vec::new());
            };
            let Some(row) = plan.recommendations.iter().find(|row| row.host == member.host) else {
                return Ok(Vec::new());
            };
            if matches!(kind, Kind::Search) {
                return Ok(vec![search(row, service)]);
            }
            let Some(load) = host_load(&row.host, inputs.read)? else {
                return Ok(Vec::new());
            };
            Ok(match kind {
                Kind::Relational(engine) => database_scaling(plan, row, service, engine, &load, inputs.catalog),
                Kind::Cache(engine) => cache_scaling(plan, row, service, engine, &load, inputs.catalog),
                Kind::Search => Vec::new(),
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(found.into_iter().flatten().collect())
}

#[derive(Clone, Copy)]
enum Kind {
    Relational(RdsEngine),
    Cache(CacheEngine),
    Search,
}

fn kind(service: &str) -> Option<Kind> {
    let name = service.to_lowercase();
    [
        ("postgres", Kind::Relational(RdsEngine::AuroraPostgresql)),
        ("mysql", Kind::Relational(RdsEngine::AuroraMysql)),
        ("mariadb", Kind::Relational(RdsEngine::AuroraMysql)),
        // A Redis becomes a Valkey, as in the plan.
        ("redis", Kind::Cache(CacheEngine::Valkey)),
        ("valkey", Kind::Cache(CacheEngine::Valkey)),
        ("elasticsearch", Kind::Search),
        ("opensearch", Kind::Search),
    ]
    .into_iter()
    .find(|(beginning, _)| name.starts_with(beginning))
    .map(|(_, kind)| kind)
}

/// Search nodes: AWS changes their number only when told, by a copy of the whole domain.
fn search(row: &Recommendation, service: &str) -> DatabaseScaling {
    let decided = row.binding_dimension.map_or("not known", |dimension| dimension.words());
    DatabaseScaling {
        host: row.host.clone(),
        service: service.to_string(),
        offer: "OpenSearch nodes".to_string(),
        proposal: None,
        because: format!(
            "AWS has no automatic scaling of data nodes: another number of them is a blue/green deployment that copies every shard, which no rush waits for; its size is decided by {decided}"
        ),
        usd_per_month: None,
        provisioned_usd_per_month: None,
        short_share: None,
    }
}

/// Gives the share of reads that a host's tag says, 0 to 1.
pub(super) fn read_share(plan: &Plan, host: &str) -> Option<f64> {
    let tags = plan.assessment.membership(host).tags;
    let share = tags.get(READ_SHARE_TAG)?.parse::<f64>().ok()?;
    (0.0..=1.0).contains(&share).then_some(share)
}

/// Says what to do for replicas to be looked at.
pub(super) fn unless_read_share_is_known() -> String {
    format!("the share of reads is not known; say it as tag `{READ_SHARE_TAG}` of the host, such as \"0.8\"")
}

/// Replays one relational database on what Aurora offers.
#[must_use]
pub fn database_scaling(
    plan: &Plan,
    row: &Recommendation,
    service: &str,
    engine: RdsEngine,
    load: &Load,
    catalog: &Catalog,
) -> Vec<DatabaseScaling> {
    let split = load.per_minute().len() / 2;
    let (Some(memory), Some(cpu)) = (row.memory_demand_gib, row.cpu_demand_cores) else {
        return Vec::new();
    };
    let offers: Vec<&RdsOffer> = catalog
        .rds_offers(&row.region, engine)
        .map_or_else(|_| Vec::new(), Iterator::collect);
    let provisioned = smallest(&offers, cpu, memory);
    let mut out = vec![serverless(row, service, load, split, memory, provisioned, catalog)];
    out.push(replicas(plan, row, service, load, memory, &offers, provisioned));
    out
}

/// Gives the cheapest class that holds the CPU and the memory, with its price.
fn smallest(offers: &[&RdsOffer], cpu: f64, memory: f64) -> Option<UsdPerMonth> {
    offers
        .iter()
        .filter(|offer| f64::from(offer.class.vcpu) >= cpu && f64::from(offer.class.memory_mib) / 1_024.0 >= memory)
        .filter(|offer| !offer.class.name.starts_with("db.t"))
        .filter_map(|offer| Some(offer.single_az.as_ref()?.amount.per_month()))
        .min()
}

fn serverless(
    row: &Recommendation,
    service: &str,
    load: &Load,
    split: usize,
    memory: f64,
    provisioned: Option<UsdPerMonth>,
    catalog: &Catalog,
) -> DatabaseScaling {
    let half_units = |acus: f64| (acus * 2.0).ceil().max(1.0) / 2.0;
    let least = half_units(memory / ACU_MEMORY_GIB);
    let crest = load.part(0..split).quantile(0.999).unwrap_or(0.0) * ROOM / ACU_VCPUS;
    let most = half_units(crest.max(least)).min(MOST_ACUS);
    let need = Need::new(&load.part(split..load.per_minute().len()), ACU_VCPUS, 0.0);
    let (acu_minutes, short, minutes) = replay_serverless(&need, least, most);
    let mut out = DatabaseScaling {
        host: row.host.clone(),
        service: service.to_string(),
        offer: "Aurora Serverless v2".to_string(),
        proposal: None,
        because: String::new(),
        usd_per_month: None,
        provisioned_usd_per_month: provisioned,
        short_share: (minutes > 0).then(|| short as f64 / minutes as f64),
    };
    let price = catalog.product(&row.region, Product::AuroraServerlessUnitHour);
    let (Some(price), true) = (price, minutes > 0) else {
        out.because = format!(
            "the price of a capacity unit in {} is not known; the range would be {least} to {most}",
            row.region
        );
        return out;
    };
    let mean = Decimal::from_f64(acu_minutes / minutes as f64)
        .unwrap_or_default()
        .round_dp(6);
    let cost = UsdPerMonth::from_decimal(price.amount.as_decimal() * mean * Decimal::from(HOURS_PER_MONTH));
    out.usd_per_month = Some(cost);
    judge(
        &mut out,
        cost,
        provisioned,
        format!("{least} to {most} capacity units"),
        &format!("memory alone keeps it at {least} units, on average {mean:.1} ran"),
    );
    out
}

/// Gives unit-minutes, minutes short and minutes: capacity follows the last minute with room above it, and falls to what the last quarter of an hour needed.
fn replay_serverless(need: &Need, least: f64, most: f64) -> (f64, u64, u64) {
    let highest = need.highest_of_last(FALLS_AFTER_MINUTES);
    let (mut units, mut short, mut minutes) = (0.0, 0, 0);
    for stretch in need.stretches() {
        let mut ready = least;
        for minute in stretch.clone() {
            let asked = f64::from(need.per_minute()[minute]);
            minutes += 1;
            units += ready;
            short += u64::from(asked > ready + 1e-6);
            let wanted = (f64::from(highest[minute]) * ROOM * 2.0).ceil() / 2.0;
            // It rises by what it has at most: AWS says larger instances scale faster.
            ready = wanted.clamp(least, most).min((2.0 * ready).max(least));
        }
    }
    (units, short, minutes)
}

fn replicas(
    plan: &Plan,
    row: &Recommendation,
    service: &str,
    load: &Load,
    memory: f64,
    offers: &[&RdsOffer],
    provisioned: Option<UsdPerMonth>,
) -> DatabaseScaling {
    let mut out = DatabaseScaling {
        host: row.host.clone(),
        service: service.to_string(),
        offer: "Aurora auto scaling of read replicas".to_string(),
        proposal: None,
        because: unless_read_share_is_known(),
        usd_per_month: None,
        provisioned_usd_per_month: provisioned,
        short_share: None,
    };
    let Some(share) = read_share(plan, &row.host) else {
        return out;
    };
    let zone = plan.assessment.zone().unwrap_or(TimeZone::UTC);
    let reads = load.times(share);
    let stage = Stage::new(&reads, &zone, &Foresight::default());
    let goal = Goal {
        short_share: short_share(&row.environment, &GroupRule::default()),
        redundant: is_production(&row.environment),
        most_units: Some(15),
        ..Goal::default()
    };
    let fleet = Fleet {
        boot_minutes: REPLICA_MINUTES,
        warm_up_minutes: REPLICA_MINUTES,
        zones: 2,
        ..Fleet::default()
    };
    let writes = row.cpu_demand_cores.unwrap_or(0.0) * (1.0 - share);
    let Some(writer) = smallest(offers, writes, memory) else {
        out.because = format!(
            "no Aurora class in {} has a known price and holds {memory:.1} GiB",
            row.region
        );
        return out;
    };
    let kinds = offers
        .iter()
        .filter(|offer| f64::from(offer.class.memory_mib) / 1_024.0 >= memory && !offer.class.name.starts_with("db.t"))
        .filter_map(|offer| {
            Some(UnitKind {
                what: *offer,
                cores: f64::from(offer.class.vcpu),
                fleet: fleet.clone(),
                goal: goal.clone(),
                price: offer.single_az.as_ref()?.amount,
            })
        })
        .collect();
    let Some((offer, selection)) = cheapest(&stage, kinds) else {
        return out;
    };
    let Some(price) = offer.single_az.as_ref().map(|price| price.amount) else {
        return out;
    };
    let cost = writer + per_month(price, &selection.chosen.held_out);
    out.usd_per_month = Some(cost);
    out.short_share = Some(selection.chosen.held_out.short_share());
    let words = format!("{} readers, {}", offer.class.name, selection.chosen.policy.words());
    judge(
        &mut out,
        cost,
        provisioned,
        words,
        "every reader holds the whole working set",
    );
    out
}

pub(super) fn judge(
    out: &mut DatabaseScaling,
    cost: UsdPerMonth,
    provisioned: Option<UsdPerMonth>,
    words: String,
    why: &str,
) {
    let Some(provisioned) = provisioned else {
        out.because =
            "nothing provisioned with a known price would do, so there is nothing to compare with".to_string();
        return;
    };
    let saving = 1.0 - cost.approximately() / provisioned.approximately();
    if saving >= LEAST_SAVING {
        out.because = format!(
            "the replay saves {:.0} % against the smallest instance that would do",
            saving * 100.0
        );
        out.proposal = Some(words);
    } else if saving >= 0.0 {
        out.because = format!("the replay saves only {:.0} %: {why}", saving * 100.0);
    } else {
        out.because = format!(
            "the replay costs {:.0} % more than the smallest instance that would do: {why}",
            -saving * 100.0
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(value: impl Fn(usize) -> f32) -> Need {
        Need::new(&Load::from_minutes(0, (0..2_880).map(value).collect()), ACU_VCPUS, 0.0)
    }

    #[test]
    fn an_idle_database_costs_its_memory_and_a_busy_one_what_it_uses() {
        let (units, short, minutes) = replay_serverless(&need(|_| 0.0), 4.0, 64.0);
        assert_eq!((units / minutes as f64, short), (4.0, 0));
        // Two cores are eight units; room above them is kept.
        let (units, short, minutes) = replay_serverless(&need(|_| 2.0), 1.0, 64.0);
        let mean = units / minutes as f64;
        assert!((10.0..11.0).contains(&mean), "{mean}");
        assert!(short < 5, "{short} minutes until it has grown");
    }

    #[test]
    fn a_range_that_is_too_small_is_short_and_never_left() {
        let (units, short, minutes) = replay_serverless(&need(|_| 8.0), 1.0, 16.0);
        assert_eq!(short, minutes);
        assert!(units <= 16.0 * minutes as f64);
    }

    #[test]
    fn only_what_saves_is_proposed() {
        let row = |cost: i64| {
            let mut out = DatabaseScaling {
                host: "db".to_string(),
                service: "postgresql".to_string(),
                offer: "Aurora Serverless v2".to_string(),
                proposal: None,
                because: String::new(),
                usd_per_month: None,
                provisioned_usd_per_month: None,
                short_share: None,
            };
            let usd = |amount: i64| UsdPerMonth::from_decimal(Decimal::from(amount));
            judge(
                &mut out,
                usd(cost),
                Some(usd(100)),
                "1 to 8".to_string(),
                "memory keeps it up",
            );
            out
        };
        assert_eq!(row(60).proposal.as_deref(), Some("1 to 8"));
        assert_eq!(row(95).proposal, None);
        assert!(row(150).because.contains("50 % more"), "{}", row(150).because);
    }
}
