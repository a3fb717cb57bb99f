//! Every way to buy what the plan proposes: by type, in total, and with licences.
//!
//! Input: a [`Plan`] and the catalog. Output: [`Purchases`], beside the plan's
//! rows and never added to them: the rows stay on demand.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use telemetry::Inventory;
use telemetry::untrusted::for_spreadsheet;

use super::Plan;
use super::bought::{Bought, bought, phase_names};
use super::files::PlanFileError;
use super::row::plain;
use crate::catalog::{Catalog, PriceMethod};
use crate::money::{Usd, UsdPerMonth};
use crate::price::purchase::{License, LicenseOption, PurchaseKind, PurchaseOption, Rate, Subject, licenses, options};

/// The fact that names a host's operating system.
const SYSTEM: &str = "os.name";

/// All ways to buy the plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Purchases {
    /// By type, in the order of service and name.
    pub types: Vec<TypePurchases>,
    /// By phase and way to buy, for all rows.
    pub totals: Vec<PurchaseTotal>,
    /// Hosts whose operating system asks for a licence that no row contains.
    pub licensed: Vec<LicensedHost>,
}

/// The ways to buy one type, and how many of it the plan proposes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypePurchases {
    /// What is bought.
    pub key: TypeKey,
    /// Every way, on demand first.
    pub options: Vec<PurchaseOption>,
    /// What each licence would add to an hour; of EC2 only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<LicenseOption>,
}

/// What tells one thing to buy from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TypeKey {
    /// The AWS service.
    pub service: String,
    /// The type.
    pub instance_type: String,
    /// Engine, where there is one.
    pub engine: Option<String>,
    /// Deployment.
    pub deployment: String,
    /// Region.
    pub region: String,
    /// On demand, an hour.
    pub on_demand: crate::money::UsdPerHour,
}

impl TypeKey {
    /// Gives what a row buys; nothing where its type or price is not known.
    #[must_use]
    pub fn of(row: &Bought<'_>) -> Option<Self> {
        Some(Self {
            service: row.target_service.to_string(),
            instance_type: row.instance_type?.to_string(),
            engine: row.engine.map(str::to_string),
            deployment: row.deployment.to_string(),
            region: row.region.to_string(),
            on_demand: row.price?,
        })
    }
}

/// What all rows of a phase cost when everything that can be is bought one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PurchaseTotal {
    /// The phase.
    pub phase: String,
    /// The way.
    pub kind: PurchaseKind,
    /// Rows that are bought so.
    pub rows: usize,
    /// Rows that stay on demand, since there is no such way for them or no rate is known.
    pub rows_on_demand: usize,
    /// Rows without any price.
    pub rows_unknown: usize,
    /// Compute a month, upfront payments spread over the term.
    pub compute_usd_per_month: UsdPerMonth,
    /// Storage a month, which no way to buy changes.
    pub storage_usd_per_month: UsdPerMonth,
    /// Paid at once.
    pub upfront_usd: Usd,
    /// Saved a month against on demand.
    pub saving_usd_per_month: UsdPerMonth,
    /// The weakest way in which a rate in it is known.
    pub method: PriceMethod,
}

/// A host whose licence is not in its row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LicensedHost {
    /// The host.
    pub host: String,
    /// Its operating system, as the host names it.
    pub system: String,
    /// The licence it asks for.
    pub license: License,
    /// What AWS's licence would cost a month beside the row; absent where unknown.
    pub usd_per_month: Option<UsdPerMonth>,
    /// How that is known, or what is missing.
    pub because: String,
}

/// Gives every way to buy what the plan proposes.
#[must_use]
pub fn purchases(plan: &Plan, catalog: &Catalog, inventory: Option<&Inventory>) -> Purchases {
    let phases = phase_names(plan);
    let rows: Vec<Vec<Bought<'_>>> = phases.iter().map(|phase| bought(plan, phase)).collect();
    let mut types: BTreeMap<TypeKey, TypePurchases> = BTreeMap::new();
    for row in rows.iter().flatten() {
        let (Some(key), Some(method), Some(as_of)) = (TypeKey::of(row), row.method, row.as_of) else {
            continue;
        };
        types.entry(key.clone()).or_insert_with(|| {
            let subject = Subject {
                service: &key.service,
                instance_type: &key.instance_type,
                engine: key.engine.as_deref(),
                deployment: &key.deployment,
                region: &key.region,
                on_demand: key.on_demand,
                method,
                as_of,
            };
            let shape = (key.service == "ec2")
                .then(|| catalog.shape(&key.instance_type))
                .flatten();
            TypePurchases {
                options: options(catalog, &subject),
                licenses: shape.map(|shape| licenses(catalog, shape)).unwrap_or_default(),
                key: key.clone(),
            }
        });
    }
    let totals = phases
        .iter()
        .zip(&rows)
        .flat_map(|(phase, rows)| totals(phase, rows, &types))
        .collect();
    let first = rows.first().map_or(&[][..], Vec::as_slice);
    let licensed = inventory
        .map(|inventory| licensed(first, &types, inventory))
        .unwrap_or_default();
    Purchases {
        types: types.into_values().collect(),
        totals,
        licensed,
    }
}

impl Purchases {
    /// Gives the ways to buy what a row proposes.
    #[must_use]
    pub fn of_row(&self, row: &Bought<'_>) -> Option<&TypePurchases> {
        let key = TypeKey::of(row)?;
        self.types
            .binary_search_by(|one| one.key.cmp(&key))
            .ok()
            .map(|at| &self.types[at])
    }

    /// Gives a phase's total of one way to buy.
    #[must_use]
    pub fn total(&self, phase: &str, kind: PurchaseKind) -> Option<&PurchaseTotal> {
        self.totals
            .iter()
            .find(|total| total.phase == phase && total.kind == kind)
    }
}

fn totals(phase: &str, rows: &[Bought<'_>], types: &BTreeMap<TypeKey, TypePurchases>) -> Vec<PurchaseTotal> {
    let of: Vec<(&Bought<'_>, Option<&TypePurchases>)> = rows
        .iter()
        .map(|row| (row, TypeKey::of(row).and_then(|key| types.get(&key))))
        .collect();
    let mut kinds: Vec<PurchaseKind> = of
        .iter()
        .filter_map(|(_, of)| *of)
        .flat_map(|of| of.options.iter().map(|option| option.kind))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let of_kind: Vec<PurchaseTotal> = kinds.into_iter().map(|kind| total(phase, kind, &of)).collect();
    let on_demand = of_kind
        .first()
        .map(|total| total.compute_usd_per_month)
        .unwrap_or_default();
    of_kind
        .into_iter()
        .map(|total| PurchaseTotal {
            saving_usd_per_month: on_demand - total.compute_usd_per_month,
            ..total
        })
        .collect()
}

fn total(phase: &str, kind: PurchaseKind, rows: &[(&Bought<'_>, Option<&TypePurchases>)]) -> PurchaseTotal {
    let mut out = PurchaseTotal {
        phase: phase.to_string(),
        kind,
        rows: 0,
        rows_on_demand: 0,
        rows_unknown: 0,
        compute_usd_per_month: UsdPerMonth::ZERO,
        storage_usd_per_month: UsdPerMonth::ZERO,
        upfront_usd: Usd::ZERO,
        saving_usd_per_month: UsdPerMonth::ZERO,
        method: PriceMethod::Listed,
    };
    for (row, of) in rows {
        out.storage_usd_per_month = out.storage_usd_per_month + row.storage.unwrap_or_default();
        let find = |wanted: PurchaseKind| {
            let option = of.as_ref()?.options.iter().find(|option| option.kind == wanted)?;
            option.rate.known()
        };
        let rate = match (find(kind), find(PurchaseKind::OnDemand)) {
            (Some(rate), _) => {
                out.rows += 1;
                rate
            }
            (None, Some(rate)) => {
                out.rows_on_demand += 1;
                rate
            }
            (None, None) => {
                // A load balancer or a queue is bought in no other way than its lines say.
                match row.compute {
                    Some(compute) => {
                        out.rows_on_demand += 1;
                        out.compute_usd_per_month = out.compute_usd_per_month + compute;
                    }
                    None => out.rows_unknown += 1,
                }
                continue;
            }
        };
        let amount = rate.effective_usd_per_hour.as_decimal() * row.hours_per_month();
        out.compute_usd_per_month = out.compute_usd_per_month + UsdPerMonth::from_decimal(amount);
        out.upfront_usd = out.upfront_usd + rate.upfront_usd.times(Decimal::from(row.instance_count));
        out.method = out.method.max(rate.method);
    }
    out
}

fn licensed(rows: &[Bought<'_>], types: &BTreeMap<TypeKey, TypePurchases>, inventory: &Inventory) -> Vec<LicensedHost> {
    let systems: BTreeMap<&str, &str> = inventory
        .current_facts()
        .into_iter()
        .filter(|fact| fact.name == SYSTEM && fact.item.is_empty())
        .map(|fact| (fact.host.as_str(), fact.value.as_str()))
        .collect();
    rows.iter()
        .filter(|row| row.target_service == "ec2" && row.service.is_none())
        .filter_map(|row| {
            let system = *systems.get(row.host)?;
            let license = License::of_system(system)?;
            let of = TypeKey::of(row).and_then(|key| types.get(&key));
            let rate = of.and_then(|of| of.licenses.iter().find(|option| option.license == license));
            let (usd_per_month, because) = match rate.map(|option| &option.rate) {
                Some(Rate::Known(rate)) => (
                    Some(UsdPerMonth::from_decimal(
                        rate.effective_usd_per_hour.as_decimal() * row.hours_per_month(),
                    )),
                    format!("{} ({}, {})", rate.source, rate.method, rate.as_of),
                ),
                Some(Rate::Unknown(missing)) => (None, missing.clone()),
                None => (None, "its type is not known".to_string()),
            };
            Some(LicensedHost {
                host: row.host.to_string(),
                system: system.to_string(),
                license,
                usd_per_month,
                because,
            })
        })
        .collect()
}

/// Columns of `purchase_options.csv`.
const COLUMNS: [&str; 17] = [
    "phase",
    "host",
    "service",
    "environment",
    "target_service",
    "instance_type",
    "instance_count",
    "region",
    "option",
    "upfront_usd",
    "recurring_usd_per_hour",
    "effective_usd_per_hour",
    "compute_usd_per_month",
    "saved_share",
    "price_method",
    "price_as_of",
    "source",
];

/// Writes `purchase_options.csv`: one row for each row of the plan and way to buy it; an empty amount is unknown, and `source` says why.
///
/// # Errors
/// When the table cannot be formed.
pub fn purchase_options_csv(plan: &Plan, purchases: &Purchases) -> Result<Vec<u8>, PlanFileError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for row in phase_names(plan).into_iter().flat_map(|phase| bought(plan, phase)) {
        let Some(of) = purchases.of_row(&row) else { continue };
        let count = Decimal::from(row.instance_count);
        let licenses = of
            .licenses
            .iter()
            .map(|one| (format!("license:{}", one.license.code()), &one.rate));
        let ways = of.options.iter().map(|one| (one.kind.code(), &one.rate));
        for (code, rate) in ways.chain(licenses) {
            let mut record: Vec<String> = vec![
                row.phase.to_string(),
                for_spreadsheet(row.host).into_owned(),
                for_spreadsheet(row.service.unwrap_or_default()).into_owned(),
                for_spreadsheet(row.environment).into_owned(),
                row.target_service.to_string(),
                of.key.instance_type.clone(),
                row.instance_count.to_string(),
                row.region.to_string(),
                code,
            ];
            match rate {
                Rate::Known(rate) => {
                    let effective = rate.effective_usd_per_hour.as_decimal();
                    let on_demand = of.key.on_demand.as_decimal();
                    let saved = (Decimal::ONE - effective.checked_div(on_demand).unwrap_or(Decimal::ONE)).round_dp(4);
                    record.extend([
                        plain(rate.upfront_usd.as_decimal() * count),
                        plain(rate.recurring_usd_per_hour.as_decimal() * count),
                        plain(effective * count),
                        plain(effective * row.hours_per_month()),
                        plain(saved),
                        rate.method.word().to_string(),
                        rate.as_of.to_string(),
                        rate.source.clone(),
                    ]);
                }
                Rate::Unknown(missing) => {
                    record.extend([const { String::new() }; 5]);
                    record.extend(["unknown".to_string(), String::new(), missing.clone()]);
                }
            }
            if record[8].starts_with("license:") {
                record[13].clear();
            }
            writer.write_record(&record)?;
        }
    }
    writer
        .into_inner()
        .map_err(|error| PlanFileError::Csv(error.into_error().into()))
}
