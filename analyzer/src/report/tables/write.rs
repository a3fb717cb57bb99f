//! Tables as CSV, JSON, Parquet and Markdown, and what their columns are as a JSON Schema.

use polars::prelude::{Column as Frame, DataType, NamedFrom as _, Series, TimeUnit, TimeZone};
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Map, json};
use telemetry::series::instant;
use telemetry::untrusted::{for_spreadsheet, for_terminal};

use super::{Kind, TABLES_FORMAT_VERSION, Table, Value};
use crate::plan::files::{PlanFileError, parquet as encoded};
use crate::plan::plain;

/// Writes CSV; what a spreadsheet would run as a formula is neutralised.
///
/// # Errors
/// When the table cannot be formed.
pub fn csv(table: &Table) -> Result<Vec<u8>, PlanFileError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|column| column.name))?;
    for row in &table.rows {
        let record: Vec<String> = row
            .iter()
            .map(|value| match value {
                Value::Text(text) => for_spreadsheet(text).into_owned(),
                value => words(value),
            })
            .collect();
        writer.write_record(&record)?;
    }
    writer
        .into_inner()
        .map_err(|error| PlanFileError::Csv(error.into_error().into()))
}

/// Writes JSON: `{"format_version": 1, "table": …, "rows": [{column: value}]}`; null where not known.
///
/// # Errors
/// When serialisation fails.
pub fn json(table: &Table) -> Result<Vec<u8>, serde_json::Error> {
    let rows: Vec<Map<String, serde_json::Value>> = table
        .rows
        .iter()
        .map(|row| {
            table
                .columns
                .iter()
                .zip(row)
                .map(|(column, value)| {
                    let value = match value {
                        Value::Empty => serde_json::Value::Null,
                        Value::Text(text) => text.clone().into(),
                        Value::Time(_) => words(value).into(),
                        Value::Number(number) => (*number).into(),
                        Value::Exact(amount) => amount.to_f64().into(),
                    };
                    (column.name.to_string(), value)
                })
                .collect()
        })
        .collect();
    let document = json!({ "format_version": TABLES_FORMAT_VERSION, "table": table.name, "rows": rows });
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes Parquet: text, 64-bit floats and UTC times; null where not known.
///
/// # Errors
/// When the table cannot be formed.
pub fn parquet(table: &Table) -> Result<Vec<u8>, PlanFileError> {
    let mut columns: Vec<Frame> = Vec::with_capacity(table.columns.len());
    for (position, column) in table.columns.iter().enumerate() {
        let cells = table.rows.iter().map(|row| &row[position]);
        let name = column.name.into();
        columns.push(match column.kind {
            Kind::Number => {
                let values: Vec<Option<f64>> = cells.map(as_number).collect();
                Series::new(name, values).into()
            }
            Kind::Time => {
                let values: Vec<Option<i64>> = cells
                    .map(|value| match value {
                        Value::Time(at) => Some(*at),
                        _ => None,
                    })
                    .collect();
                Series::new(name, values)
                    .cast(&DataType::Datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC)))?
                    .into()
            }
            Kind::Text => {
                let values: Vec<Option<&str>> = cells
                    .map(|value| match value {
                        Value::Text(text) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect();
                Series::new(name, values).into()
            }
        });
    }
    encoded(columns)
}

/// Writes a Markdown table; text cannot break out of its cell, and no markup in it is live.
#[must_use]
pub fn markdown(table: &Table) -> String {
    let mut out = format!("# {}\n\n{}\n\n", table.name, table.row_is);
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push_str(&line(
        table.columns.iter().map(|column| column.name.to_string()).collect(),
    ));
    out.push_str(&line(
        table
            .columns
            .iter()
            .map(|column| if column.kind == Kind::Number { "---:" } else { "---" }.to_string())
            .collect(),
    ));
    for row in &table.rows {
        out.push_str(&line(row.iter().map(|value| escaped(&words(value))).collect()));
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in for_terminal(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '#' | '~' => {
                out.push('\\');
                out.push(letter);
            }
            letter => out.push(letter),
        }
    }
    out
}

/// Writes the JSON Schema (2020-12) of every table's JSON.
///
/// # Errors
/// When serialisation fails.
pub fn schema(tables: &[Table]) -> Result<Vec<u8>, serde_json::Error> {
    let mut definitions = Map::new();
    for table in tables {
        let mut properties = Map::new();
        for column in &table.columns {
            let property = match column.kind {
                Kind::Text => json!({ "type": ["string", "null"] }),
                Kind::Number => json!({ "type": ["number", "null"] }),
                Kind::Time => json!({ "type": ["string", "null"], "format": "date-time" }),
            };
            properties.insert(column.name.to_string(), property);
        }
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        definitions.insert(
            table.name.to_string(),
            json!({
                "type": "object",
                "description": table.row_is,
                "required": ["format_version", "table", "rows"],
                "properties": {
                    "format_version": { "const": TABLES_FORMAT_VERSION },
                    "table": { "const": table.name },
                    "rows": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": properties,
                            "required": names,
                            "additionalProperties": false,
                        },
                    },
                },
            }),
        );
    }
    let any: Vec<serde_json::Value> = tables
        .iter()
        .map(|table| json!({ "$ref": format!("#/$defs/{}", table.name) }))
        .collect();
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tables of sizewright",
        "description": format!("Format version {TABLES_FORMAT_VERSION}. Null means not known."),
        "oneOf": any,
        "$defs": definitions,
    });
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Exact(amount) => amount.to_f64(),
        _ => None,
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Exact(amount) => plain(*amount),
        Value::Time(at) => instant(*at).map(|at| at.to_string()).unwrap_or_default(),
    }
}
