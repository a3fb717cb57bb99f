//! `plan/` on disk: `plan.json` and the tables, written and read.
//!
//! `recommendations.{csv,parquet}` have the contract columns in order; `bill`
//! has one row a line. Text that came from a host is neutralised in CSV, since
//! spreadsheets run formulas. Bytes depend on the plan only.

use polars::prelude::{Column, DataFrame, NamedFrom as _, ParquetCompression, ParquetWriter, PolarsError, Series};
use telemetry::untrusted::for_spreadsheet;

use super::digits::to_pretty_json;
use super::phases::{REHOST, REPLATFORM, host_rows, part_cells, parts_of_phase, service_lines};
use super::row::{Recommendation, plain};
use super::scaling::{SCALING_PHASE, Scaling};
use super::{PLAN_FORMAT_VERSION, Plan};
use crate::money::UsdPerMonth;

/// Names of the columns of `recommendations.*`, in order: a contract.
pub const COLUMNS: [&str; 37] = [
    "phase",
    "host",
    "service",
    "environment",
    "source_vcpu",
    "source_memory_gib",
    "target_service",
    "instance_type",
    "instance_count",
    "vcpu",
    "memory_gib",
    "architecture",
    "region",
    "deployment",
    "engine",
    "purchase_option",
    "price_usd_per_hour",
    "compute_usd_per_month",
    "storage_usd_per_month",
    "total_usd_per_month",
    "cpu_demand_cores",
    "cpu_equivalence",
    "memory_demand_gib",
    "disk_iops_demand",
    "disk_mbps_demand",
    "network_mbps_demand",
    "storage_gib",
    "binding_dimension",
    "peak_at",
    "rule",
    "violation_probability",
    "confidence",
    "confidence_reason",
    "proposal",
    "reason",
    "next_cheaper",
    "next_cheaper_shortfall",
];

/// Columns of `scaling.csv`.
const SCALING_COLUMNS: [&str; 20] = [
    "phase",
    "group",
    "environment",
    "hosts",
    "formed_because",
    "instance_type",
    "policy",
    "minimum",
    "maximum",
    "price_usd_per_hour",
    "compute_usd_per_month",
    "static_usd_per_month",
    "rehost_compute_usd_per_month",
    "oracle_usd_per_month",
    "short_share_goal",
    "short_share",
    "short_share_without_a_zone",
    "longest_short_minutes",
    "mean_utilisation",
    "static_or_undecided_because",
];

/// Why a plan cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanFileError {
    /// It is not what this program wrote.
    #[error("the plan is damaged")]
    Damaged(#[source] serde_json::Error),
    /// Written by an older program.
    #[error(
        "the plan is too old: format version {0}, this program reads {PLAN_FORMAT_VERSION}; run `sizewright plan` again"
    )]
    TooOld(u32),
    /// Written by a newer program.
    #[error("the plan is too new: format version {0}, this program reads {PLAN_FORMAT_VERSION}")]
    TooNew(u32),
    /// A CSV table could not be formed.
    #[error("a CSV table could not be formed")]
    Csv(#[from] csv::Error),
    /// A Parquet table could not be formed.
    #[error("a Parquet table could not be formed")]
    Parquet(#[from] PolarsError),
}

/// Writes the plan as JSON, one field a line.
///
/// # Errors
/// When serialisation fails, which no plan of [`super::make`] does.
pub fn to_json(plan: &Plan) -> Result<Vec<u8>, PlanFileError> {
    let mut bytes = to_pretty_json(plan).map_err(PlanFileError::Damaged)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads the plan back.
///
/// # Errors
/// When the text is damaged, too old or too new.
pub fn from_json(bytes: &[u8]) -> Result<Plan, PlanFileError> {
    #[derive(serde::Deserialize)]
    struct Version {
        format_version: u32,
    }
    let Version { format_version } = serde_json::from_slice(bytes).map_err(PlanFileError::Damaged)?;
    match format_version {
        PLAN_FORMAT_VERSION => serde_json::from_slice(bytes).map_err(PlanFileError::Damaged),
        version if version < PLAN_FORMAT_VERSION => Err(PlanFileError::TooOld(version)),
        version => Err(PlanFileError::TooNew(version)),
    }
}

/// One cell: text from anywhere, or a number.
pub(crate) enum Cell {
    Text(Option<String>),
    Number(Option<f64>),
}

fn text(value: impl Into<String>) -> Cell {
    Cell::Text(Some(value.into()))
}

fn optional(value: Option<&str>) -> Cell {
    Cell::Text(value.map(str::to_string))
}

/// Gives the cells of a row in the order of [`COLUMNS`]; money also as its exact decimal.
pub(crate) fn cells(row: &Recommendation) -> Vec<(Cell, Option<String>)> {
    // Money is written from its exact decimal, not from a float.
    let money = |amount: Option<rust_decimal::Decimal>| {
        use rust_decimal::prelude::ToPrimitive as _;
        (
            Cell::Number(amount.and_then(|amount| amount.to_f64())),
            amount.map(plain),
        )
    };
    let bare = |cell: Cell| (cell, None);
    let count = |value: Option<u32>| bare(Cell::Number(value.map(f64::from)));
    let number = |value: Option<f64>| bare(Cell::Number(value));
    vec![
        bare(text(&row.phase)),
        bare(text(&row.host)),
        bare(optional(row.service.as_deref())),
        bare(text(&row.environment)),
        number(row.source_vcpu),
        number(row.source_memory_gib),
        bare(text(&row.target_service)),
        bare(optional(row.instance_type.as_deref())),
        count(Some(row.instance_count)),
        count(row.vcpu),
        number(row.memory_gib),
        bare(optional(row.architecture.as_deref())),
        bare(text(&row.region)),
        bare(text(&row.deployment)),
        bare(optional(row.engine.as_deref())),
        bare(text(&row.purchase_option)),
        money(row.price_usd_per_hour.map(|price| price.as_decimal())),
        money(row.compute_usd_per_month.map(|cost| cost.as_decimal())),
        money(row.storage_usd_per_month.map(|cost| cost.as_decimal())),
        money(row.total_usd_per_month.map(|cost| cost.as_decimal())),
        number(row.cpu_demand_cores),
        number(row.cpu_equivalence),
        number(row.memory_demand_gib),
        number(row.disk_iops_demand),
        number(row.disk_mbps_demand),
        number(row.network_mbps_demand),
        number(row.storage_gib),
        bare(Cell::Text(
            row.binding_dimension.map(|dimension| dimension.words().to_string()),
        )),
        bare(Cell::Text(
            row.peak_at_ms
                .and_then(telemetry::series::instant)
                .map(|instant| instant.to_string()),
        )),
        bare(text(&row.rule)),
        number(row.violation_probability),
        number(Some(row.confidence)),
        bare(text(&row.confidence_reason)),
        bare(text(row.proposal.word())),
        bare(text(&row.reason)),
        bare(optional(row.next_cheaper.as_deref())),
        bare(optional(row.next_cheaper_shortfall.as_deref())),
    ]
}

/// Gives the cells of every row: hosts, then parts of managed services, phase by phase.
pub(crate) fn all_cells(plan: &Plan) -> impl Iterator<Item = Vec<(Cell, Option<String>)>> + '_ {
    let hosts = host_rows(plan).into_iter().map(|row| cells(&row));
    let parts = [REHOST, REPLATFORM].into_iter().flat_map(move |phase| {
        parts_of_phase(plan, phase).map(move |(planned, part)| part_cells(plan, phase, planned, part))
    });
    hosts.chain(parts)
}

/// Writes `recommendations.csv`.
///
/// # Errors
/// When the table cannot be formed.
pub fn recommendations_csv(plan: &Plan) -> Result<Vec<u8>, PlanFileError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for cells in all_cells(plan) {
        let record: Vec<String> = cells
            .into_iter()
            .map(|(cell, exact)| match (cell, exact) {
                (_, Some(exact)) => exact,
                (Cell::Text(value), None) => for_spreadsheet(&value.unwrap_or_default()).into_owned(),
                (Cell::Number(value), None) => value.map(|value| value.to_string()).unwrap_or_default(),
            })
            .collect();
        writer.write_record(&record)?;
    }
    writer
        .into_inner()
        .map_err(|error| PlanFileError::Csv(error.into_error().into()))
}

/// Writes `recommendations.parquet`: text and 64-bit floats, null where unknown.
///
/// # Errors
/// When the table cannot be formed.
pub fn recommendations_parquet(plan: &Plan) -> Result<Vec<u8>, PlanFileError> {
    let rows: Vec<Vec<Cell>> = all_cells(plan)
        .map(|cells| cells.into_iter().map(|(cell, _)| cell).collect())
        .collect();
    let columns: Vec<Column> = COLUMNS
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let is_number = rows.first().is_some_and(|row| matches!(row[index], Cell::Number(_)));
            if is_number {
                let values: Vec<Option<f64>> = rows
                    .iter()
                    .map(|row| match &row[index] {
                        Cell::Number(value) => *value,
                        Cell::Text(_) => None,
                    })
                    .collect();
                Series::new((*name).into(), values).into()
            } else {
                let values: Vec<Option<&str>> = rows
                    .iter()
                    .map(|row| match &row[index] {
                        Cell::Text(value) => value.as_deref(),
                        Cell::Number(_) => None,
                    })
                    .collect();
                Series::new((*name).into(), values).into()
            }
        })
        .collect();
    parquet(columns)
}

/// Writes `bill.csv`: one row a line, exact decimals; what scales has phase `scaling` and stands instead of its hosts' rows; hosts that retire in phase `rehost` have phase `ec2-only`.
///
/// # Errors
/// When the table cannot be formed.
pub fn bill_csv(plan: &Plan) -> Result<Vec<u8>, PlanFileError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "phase",
        "host",
        "environment",
        "group",
        "category",
        "item",
        "quantity",
        "unit",
        "unit_price_usd",
        "amount_usd_per_month",
        "price_method",
        "price_as_of",
    ])?;
    let scaling = plan.scaling.iter().flat_map(|scaling| &scaling.bill.lines);
    let services = service_lines(plan);
    for line in plan.bill.lines.iter().chain(&services).chain(scaling) {
        writer.write_record([
            line.phase.as_str(),
            &for_spreadsheet(&line.host),
            &for_spreadsheet(&line.environment),
            &for_spreadsheet(line.group.as_deref().unwrap_or_default()),
            match line.category {
                crate::price::Category::Compute => "compute",
                crate::price::Category::Storage => "storage",
            },
            &for_spreadsheet(&line.item),
            &plain(line.quantity),
            &line.unit,
            &line
                .unit_price
                .map(|price| plain(price.as_decimal()))
                .unwrap_or_default(),
            &line.amount.map(|amount| plain(amount.as_decimal())).unwrap_or_default(),
            line.method.map_or("unknown", |method| method.word()),
            &line.as_of.map(|month| month.to_string()).unwrap_or_default(),
        ])?;
    }
    writer
        .into_inner()
        .map_err(|error| PlanFileError::Csv(error.into_error().into()))
}

/// Writes `scaling.csv`: one row a group.
///
/// # Errors
/// When the table cannot be formed.
pub fn scaling_csv(scaling: &Scaling) -> Result<Vec<u8>, PlanFileError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(SCALING_COLUMNS)?;
    for one in &scaling.groups {
        let mut record: Vec<String> = vec![
            SCALING_PHASE.to_string(),
            for_spreadsheet(&one.group.name).into_owned(),
            for_spreadsheet(&one.group.environment).into_owned(),
            for_spreadsheet(&one.group.hosts.join(" ")).into_owned(),
            for_spreadsheet(&one.group.because).into_owned(),
        ];
        let number =
            |value: Option<f64>, digits: usize| value.map(|value| format!("{value:.digits$}")).unwrap_or_default();
        let dollars = |amount: Option<UsdPerMonth>| amount.map(|amount| plain(amount.as_decimal())).unwrap_or_default();
        match &one.proposal {
            Some(proposal) => {
                let (selection, policy) = (&proposal.selection, &proposal.selection.chosen.policy);
                let held_out = &selection.chosen.held_out;
                let fixed = selection.static_because.as_ref().map(crate::scale::StaticReason::words);
                record.extend([
                    proposal.instance_type.clone(),
                    policy.words(),
                    policy.minimum.to_string(),
                    policy.maximum.to_string(),
                    plain(proposal.price_usd_per_hour.as_decimal()),
                    dollars(Some(proposal.usd_per_month)),
                    dollars(proposal.static_usd_per_month),
                    dollars(one.rehost_usd_per_month),
                    dollars(Some(proposal.oracle_usd_per_month)),
                    number(Some(selection.goal.short_share), 5),
                    number(Some(held_out.short_share()), 5),
                    number(Some(held_out.short_without_a_zone_share()), 5),
                    held_out.longest_short_minutes.to_string(),
                    number(Some(held_out.mean_utilisation()), 3),
                    for_spreadsheet(&fixed.unwrap_or_default()).into_owned(),
                ]);
            }
            None => {
                record.resize(SCALING_COLUMNS.len() - 1, String::new());
                record[12] = dollars(one.rehost_usd_per_month);
                let because = one.undecided_because.as_deref().unwrap_or_default();
                record.push(for_spreadsheet(because).into_owned());
            }
        }
        writer.write_record(&record)?;
    }
    writer
        .into_inner()
        .map_err(|error| PlanFileError::Csv(error.into_error().into()))
}

/// Encodes columns as one Parquet file.
pub(crate) fn parquet(columns: Vec<Column>) -> Result<Vec<u8>, PlanFileError> {
    let mut frame = DataFrame::new_infer_height(columns)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .finish(&mut frame)?;
    Ok(bytes)
}
