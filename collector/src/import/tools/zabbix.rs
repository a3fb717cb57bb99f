//! Zabbix: what `history.get` gives, with what `item.get` (with `selectHosts`) says of the items.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use telemetry::Table;
use telemetry::schema::{ColumnId, filesystem, host, network};

use super::open::whole;
use super::parsed::Parsed;
use super::{Options, when};
use crate::import::error::{ImportError, RowPlace, shown};

/// What an item measures.
struct Item {
    host: String,
    key: String,
    units: String,
}

/// Where the values of an item go: table, labels, column, and what one of its units is in the column's.
struct Place {
    table: Table,
    labels: Vec<String>,
    column: ColumnId,
    /// Multiplies the value.
    scale: f64,
    /// The value is a share of the host's CPUs that is not used.
    is_idle: bool,
}

/// Reads files that belong together.
pub(crate) fn read(paths: &[PathBuf], options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut items: BTreeMap<String, Item> = BTreeMap::new();
    let mut history: Vec<(PathBuf, Vec<Value>)> = Vec::new();
    for path in paths {
        let value: Value = serde_json::from_slice(&whole(path)?).map_err(|source| ImportError::Json {
            path: path.clone(),
            source,
        })?;
        let rows = match value {
            Value::Array(rows) => rows,
            mut answer => match answer["result"].take() {
                Value::Array(rows) => rows,
                _ => {
                    return Err(ImportError::BadRow {
                        path: path.clone(),
                        place: RowPlace { row: 1, line: None },
                        found: format!("`{}`", shown(&answer.to_string())),
                        expected: "an answer of the Zabbix API with a `result` that is a list".to_string(),
                    });
                }
            },
        };
        if rows.first().is_some_and(|row| row["key_"].is_string()) {
            for row in &rows {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
                let name = &row["hosts"][0];
                let named = if name["host"].is_string() {
                    &name["host"]
                } else {
                    &row["hostid"]
                };
                items.insert(
                    text(&row["itemid"]),
                    Item {
                        host: options.host.map_or_else(|| text(named), str::to_string),
                        key: text(&row["key_"]),
                        units: text(&row["units"]),
                    },
                );
            }
        } else {
            history.push((path.clone(), rows));
        }
    }
    let cores = cores(&items, &history, options);
    for (path, rows) in &history {
        for (row, value) in rows.iter().enumerate() {
            parsed.rows_read += 1;
            let place = RowPlace {
                row: row as u64 + 1,
                line: None,
            };
            point(path, place, value, &items, &cores, parsed)?;
        }
    }
    Ok(())
}

/// Finds the CPUs of each host: given, known, or from an item `system.cpu.num`.
fn cores(
    items: &BTreeMap<String, Item>,
    history: &[(PathBuf, Vec<Value>)],
    options: &Options<'_>,
) -> BTreeMap<String, f64> {
    let mut cores: BTreeMap<String, f64> = BTreeMap::new();
    for row in history.iter().flat_map(|(_, rows)| rows) {
        let item = row["itemid"].as_str().and_then(|id| items.get(id));
        if let Some(item) = item.filter(|item| item.key.starts_with("system.cpu.num"))
            && let Some(count) = number(&row["value"])
        {
            cores.insert(item.host.clone(), count);
        }
    }
    for item in items.values() {
        if let Some(known) = options.cores(&item.host) {
            cores.insert(item.host.clone(), known);
        }
    }
    cores
}

fn point(
    path: &Path,
    place: RowPlace,
    row: &Value,
    items: &BTreeMap<String, Item>,
    cores: &BTreeMap<String, f64>,
    parsed: &mut Parsed,
) -> Result<(), ImportError> {
    let bad = |column: &str, expected: &str| ImportError::BadValue {
        path: path.to_path_buf(),
        place,
        column: column.to_string(),
        value: shown(&row[column].to_string()),
        expected: expected.to_string(),
    };
    let id = row["itemid"].as_str().ok_or_else(|| bad("itemid", "an item's id"))?;
    let at_ms = number(&row["clock"])
        .and_then(when::seconds)
        .ok_or_else(|| bad("clock", when::EXPECTED))?;
    let value = number(&row["value"]).ok_or_else(|| bad("value", "a number"))?;
    let Some(item) = items.get(id) else {
        parsed.leave_out(&format!(
            "values of item {}: history alone does not say what an item is; give the output of item.get with selectHosts too",
            shown(id)
        ));
        return Ok(());
    };
    let Some(target) = target(item) else {
        parsed.unused(&format!("item {}", shown(&item.key)));
        return Ok(());
    };
    let host = parsed.host(&item.host);
    let labels: Vec<&str> = target.labels.iter().map(String::as_str).collect();
    let labels = parsed.labels(&labels);
    if target.column == host::CPU_BUSY_CORES && target.table == Table::Host {
        let Some(&cores) = cores.get(&item.host) else {
            parsed.leave_out(
                "values of CPU use, a share of CPUs whose number is unknown: give --vcpus, or system.cpu.num",
            );
            return Ok(());
        };
        let share = if target.is_idle { 100.0 - value } else { value } / 100.0;
        let values = [(host::CPU_CORES, cores), (host::CPU_BUSY_CORES, share * cores)];
        parsed.row(target.table, host, labels, at_ms, &values);
        return Ok(());
    }
    parsed.row(
        target.table,
        host,
        labels,
        at_ms,
        &[(target.column, value * target.scale)],
    );
    Ok(())
}

fn target(item: &Item) -> Option<Place> {
    let (key, arguments) = match item.key.split_once('[') {
        Some((key, rest)) => (key, rest.trim_end_matches(']')),
        None => (item.key.as_str(), ""),
    };
    let arguments: Vec<&str> = arguments.split(',').map(|text| text.trim().trim_matches('"')).collect();
    let argument = |at: usize| arguments.get(at).copied().unwrap_or_default();
    let place = |table, labels: &[&str], column, scale| {
        Some(Place {
            table,
            labels: labels.iter().map(|label| (*label).to_string()).collect(),
            column,
            scale,
            is_idle: false,
        })
    };
    match key {
        "system.cpu.util" => match argument(1) {
            // Without a mode, Zabbix measures user time only, unless its template computes 100 - idle.
            "idle" => Some(Place {
                is_idle: true,
                ..place(Table::Host, &[], host::CPU_BUSY_CORES, 1.0)?
            }),
            "" => place(Table::Host, &[], host::CPU_BUSY_CORES, 1.0),
            _ => None,
        },
        "system.cpu.load" if argument(1) == "avg1" && argument(0) != "percpu" => {
            place(Table::Host, &[], host::LOAD1, 1.0)
        }
        "vm.memory.size" => match argument(0) {
            "total" | "" => place(Table::Host, &[], host::MEMORY_TOTAL_BYTES, 1.0),
            "available" => place(Table::Host, &[], host::MEMORY_AVAILABLE_BYTES, 1.0),
            "cached" => place(Table::Host, &[], host::MEMORY_CACHED_BYTES, 1.0),
            _ => None,
        },
        "vfs.fs.size" => {
            let mount = argument(0);
            let column = match argument(1) {
                "total" | "" => filesystem::SIZE_BYTES,
                "used" => filesystem::USED_BYTES,
                _ => return None,
            };
            place(Table::Filesystem, &[mount, mount, "unknown"], column, 1.0)
        }
        "net.if.in" | "net.if.out" if matches!(argument(1), "" | "bytes") => {
            // A rate, by its units; a counter as it stands is of no use.
            let scale = match item.units.as_str() {
                "bps" => 0.125,
                "Bps" | "B/s" => 1.0,
                _ => return None,
            };
            let column = if key == "net.if.in" {
                network::RECEIVE_BYTES_PER_S
            } else {
                network::TRANSMIT_BYTES_PER_S
            };
            super::devices::interface_counts(argument(0))
                .then(|| place(Table::Network, &[argument(0)], column, scale))
                .flatten()
        }
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    }
}
