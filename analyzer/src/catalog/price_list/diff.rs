//! What changed between two catalogs in a region.
//!
//! Input: two catalogs and a region. Output: a [`Difference`]: per table and
//! family how much is new, gone, dearer, cheaper and by how much, and every
//! change by itself.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::catalog::Catalog;
use crate::catalog::operating_system::OperatingSystem;

/// Tables whose prices are compared, in the order that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriceTable {
    /// EC2 on demand with Linux.
    Ec2Linux,
    /// EC2 on demand with other systems and licences.
    Ec2Systems,
    /// Reserved EC2 instances, per hour with the fee spread.
    Ec2Reserved,
    /// EC2 under savings plans.
    SavingsPlans,
    /// EBS.
    Ebs,
    /// RDS with open engines.
    Rds,
    /// RDS with every licence.
    RdsLicensed,
    /// Reserved RDS instances, per hour with the fee spread.
    RdsReserved,
    /// Cache nodes.
    ElastiCache,
    /// `OpenSearch` instances.
    OpenSearch,
    /// `DocumentDB`, brokers, replication instances.
    Managed,
    /// Whatever has a price in its own unit.
    Products,
    /// Database savings plans.
    DatabaseSavingsPlans,
}

impl PriceTable {
    /// Gives the name that tables show.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ec2Linux => "EC2 Linux",
            Self::Ec2Systems => "EC2 other systems",
            Self::Ec2Reserved => "EC2 reserved",
            Self::SavingsPlans => "savings plans",
            Self::Ebs => "EBS",
            Self::Rds => "RDS",
            Self::RdsLicensed => "RDS licensed",
            Self::RdsReserved => "RDS reserved",
            Self::ElastiCache => "ElastiCache",
            Self::OpenSearch => "OpenSearch",
            Self::Managed => "managed services",
            Self::Products => "products",
            Self::DatabaseSavingsPlans => "database savings plans",
        }
    }
}

/// Names one price of a region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PriceName {
    /// The table.
    pub table: PriceTable,
    /// The family of types, or what stands for one.
    pub family: String,
    /// The rest of what tells it apart.
    pub item: String,
}

/// Gives every price that a catalog has of a region, by name.
#[must_use]
pub fn prices_of(catalog: &Catalog, region: &str) -> BTreeMap<PriceName, Decimal> {
    let tables = catalog.tables();
    let mut prices = BTreeMap::new();
    let mut put = |table, family: &str, item: String, amount: Decimal| {
        let family = family.to_owned();
        prices.insert(PriceName { table, family, item }, amount);
    };
    for (shape, price) in tables.ec2.get(region).into_iter().flat_map(|known| &known.prices) {
        put(
            PriceTable::Ec2Linux,
            &shape.family,
            shape.name.clone(),
            price.amount.as_decimal(),
        );
    }
    for volume in tables.ebs.get(region).into_iter().flat_map(|known| &known.volumes) {
        let word = volume.volume_type.word();
        put(
            PriceTable::Ebs,
            word,
            "GiB-month".into(),
            volume.per_gib_month.amount.as_decimal(),
        );
        for tier in &volume.iops_tiers {
            let item = format!("IOPS-month above {}", tier.above_iops);
            put(PriceTable::Ebs, word, item, tier.per_iops_month.amount.as_decimal());
        }
        if let Some(price) = &volume.per_mib_per_second_month {
            put(PriceTable::Ebs, word, "MiB/s-month".into(), price.amount.as_decimal());
        }
        if let Some(price) = &volume.per_io_request {
            put(PriceTable::Ebs, word, "request".into(), price.amount.as_decimal());
        }
    }
    for offer in tables.rds.get(region).into_iter().flatten() {
        let class = &offer.class.name;
        let family = family_of(class);
        for (layout, price) in [("single-az", &offer.single_az), ("multi-az", &offer.multi_az)] {
            if let Some(price) = price {
                let item = format!("{class} {} {layout}", offer.engine);
                put(PriceTable::Rds, family, item, price.amount.as_decimal());
            }
        }
    }
    for offer in tables.cache.get(region).into_iter().flatten() {
        let node = &offer.node.name;
        let item = format!("{node} {}", offer.engine);
        put(
            PriceTable::ElastiCache,
            family_of(node),
            item,
            offer.on_demand.amount.as_decimal(),
        );
    }
    for offer in tables.search.get(region).into_iter().flatten() {
        let name = &offer.instance.name;
        put(
            PriceTable::OpenSearch,
            family_of(name.strip_suffix(".search").unwrap_or(name)),
            name.clone(),
            offer.on_demand.amount.as_decimal(),
        );
    }
    for row in tables.managed.iter().filter(|row| row.region == region) {
        let item = format!("{} {:?}", row.class, row.deployment);
        put(
            PriceTable::Managed,
            &format!("{:?}", row.service),
            item,
            row.price.amount.as_decimal(),
        );
    }
    for row in tables.products.iter().filter(|row| row.region == region) {
        let name = format!("{:?}", row.product);
        put(PriceTable::Products, &name, name.clone(), row.price.amount.as_decimal());
    }
    for row in tables.database_savings_plan.iter().filter(|row| row.region == region) {
        let item = format!("{} {}", row.usage_type, row.operation);
        put(
            PriceTable::DatabaseSavingsPlans,
            &row.service,
            item,
            row.price.amount.as_decimal(),
        );
    }
    put_lists(catalog, region, &mut put);
    prices
}

/// The tables that only refreshed regions have.
fn put_lists(catalog: &Catalog, region: &str, put: &mut impl FnMut(PriceTable, &str, String, Decimal)) {
    let Some(lists) = catalog.lists(region) else { return };
    for row in &lists.os_prices {
        for price in &row.prices {
            let is_plain = price.operating_system == OperatingSystem::Linux && price.sql_server.is_none();
            if is_plain {
                continue;
            }
            let item = format!(
                "{} {:?}{}{}",
                row.shape_name,
                price.operating_system,
                price
                    .sql_server
                    .map(|edition| format!(" SQL {edition:?}"))
                    .unwrap_or_default(),
                if price.own_license { " own licence" } else { "" }
            );
            put(
                PriceTable::Ec2Systems,
                family_of(&row.shape_name),
                item,
                price.price.amount.as_decimal(),
            );
        }
    }
    for row in &lists.reserved {
        for rate in &row.rates {
            let item = format!(
                "{} {:?} {:?} {:?} upfront {:?}",
                row.shape_name, row.operating_system, rate.term, rate.class, rate.upfront
            );
            put(
                PriceTable::Ec2Reserved,
                family_of(&row.shape_name),
                item,
                rate.effective_per_hour().as_decimal(),
            );
        }
    }
    for row in &lists.savings_plans {
        for rate in &row.rates {
            let item = format!(
                "{} {:?} {} {:?} upfront {:?}",
                row.shape_name,
                row.operating_system,
                rate.plan.word(),
                rate.term,
                rate.upfront
            );
            put(
                PriceTable::SavingsPlans,
                family_of(&row.shape_name),
                item,
                rate.hourly.amount.as_decimal(),
            );
        }
    }
    for row in &lists.rds_licensed {
        let item = format!(
            "{} {} {} {} {}",
            row.class,
            row.engine,
            row.edition.as_deref().unwrap_or("-"),
            row.license_model,
            row.deployment
        );
        put(
            PriceTable::RdsLicensed,
            family_of(&row.class),
            item,
            row.price.amount.as_decimal(),
        );
    }
    for row in &lists.rds_reserved {
        for rate in &row.rates {
            let item = format!(
                "{} {}{} {:?} upfront {:?}",
                row.class,
                row.engine,
                if row.multi_az { " multi-az" } else { "" },
                rate.term,
                rate.upfront
            );
            put(
                PriceTable::RdsReserved,
                family_of(&row.class),
                item,
                rate.effective_per_hour().as_decimal(),
            );
        }
    }
}

/// Gives the family of a type or class: all but its size.
pub(super) fn family_of(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(family, _)| family)
}

/// What became of one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// There was none before.
    New,
    /// There is none any more.
    Gone,
    /// Higher.
    Dearer,
    /// Lower.
    Cheaper,
}

impl Change {
    /// Gives the word that tables show.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Dearer => "dearer",
            Self::Cheaper => "cheaper",
        }
    }
}

/// One price that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The table.
    pub table: PriceTable,
    /// The family.
    pub family: String,
    /// The rest of its name.
    pub item: String,
    /// What became of it.
    pub change: Change,
    /// USD before.
    pub before: Option<Decimal>,
    /// USD after.
    pub after: Option<Decimal>,
    /// Percent of the former price, to a tenth; nothing where there is only one price.
    pub percent: Option<Decimal>,
}

/// Sums the changes of a family up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FamilyChange {
    /// The table.
    pub table: PriceTable,
    /// The family.
    pub family: String,
    /// Prices that are what they were.
    pub same: usize,
    /// Prices that there were not.
    pub new: usize,
    /// Prices that there are no more.
    pub gone: usize,
    /// Prices that went up.
    pub dearer: usize,
    /// Prices that went down.
    pub cheaper: usize,
    /// The largest fall and the largest rise, percent.
    pub range: Option<(Decimal, Decimal)>,
}

/// What changed between two catalogs in a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// By table and family; families without a change too.
    pub families: Vec<FamilyChange>,
    /// Every change.
    pub changes: Vec<Changed>,
}

/// Compares two catalogs in a region.
#[must_use]
pub fn diff(before: &Catalog, after: &Catalog, region: &str) -> Difference {
    of_prices(&prices_of(before, region), &prices_of(after, region))
}

/// Compares the prices of two catalogs.
#[must_use]
pub fn of_prices(before: &BTreeMap<PriceName, Decimal>, after: &BTreeMap<PriceName, Decimal>) -> Difference {
    let mut families: BTreeMap<(PriceTable, String), FamilyChange> = BTreeMap::new();
    let mut changes = Vec::new();
    let mut names: Vec<&PriceName> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let (old, new) = (before.get(name).copied(), after.get(name).copied());
        let family = families
            .entry((name.table, name.family.clone()))
            .or_insert_with(|| FamilyChange {
                table: name.table,
                family: name.family.clone(),
                same: 0,
                new: 0,
                gone: 0,
                dearer: 0,
                cheaper: 0,
                range: None,
            });
        let change = match (old, new) {
            (Some(old), Some(new)) if old == new => {
                family.same += 1;
                continue;
            }
            (None, _) => {
                family.new += 1;
                Change::New
            }
            (_, None) => {
                family.gone += 1;
                Change::Gone
            }
            (Some(old), Some(new)) if new > old => {
                family.dearer += 1;
                Change::Dearer
            }
            _ => {
                family.cheaper += 1;
                Change::Cheaper
            }
        };
        let percent = old
            .zip(new)
            .and_then(|(old, new)| (new - old).checked_div(old))
            .map(|share| (share * Decimal::ONE_HUNDRED).round_dp(1));
        if let Some(percent) = percent {
            family.range = Some(match family.range {
                None => (percent, percent),
                Some((low, high)) => (low.min(percent), high.max(percent)),
            });
        }
        changes.push(Changed {
            table: name.table,
            family: name.family.clone(),
            item: name.item.clone(),
            change,
            before: old,
            after: new,
            percent,
        });
    }
    Difference {
        families: families.into_values().collect(),
        changes,
    }
}
