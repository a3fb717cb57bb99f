//! Is this a file with native columns, and of which table? And if not, how would a mapping start?

use std::collections::BTreeMap;
use std::path::Path;

use telemetry::Table;
use telemetry::untrusted::for_terminal;

use super::error::{ImportError, shown};
use super::instant::plausible_unit;
use super::mapping::{Formula, Mapping};
use super::nearest::{listed, nearest_name};
use super::source::{Holds, Inspected, SourceColumn};

/// Makes the mapping of a native file: every native column from the column of its own name.
pub(crate) fn mapping(
    path: &Path,
    inspected: &Inspected,
    reading: &Mapping,
    table: Option<Table>,
) -> Result<Mapping, ImportError> {
    let names = inspected.names();
    let table = recognised(&names, table).map_err(|reason| ImportError::NotNative {
        path: path.to_path_buf(),
        reason,
        columns: described(&inspected.columns),
        skeleton: skeleton(inspected, reading),
    })?;
    let mut formulas = BTreeMap::new();
    for target in super::mapping::target_names(table) {
        if names.contains(&target) {
            formulas.insert(target.to_string(), Formula::new(target));
        }
    }
    Ok(Mapping {
        host: Some(Formula::new("host")),
        at: Some(Formula::new("at")),
        tables: BTreeMap::from([(table, formulas)]),
        ..reading.clone()
    })
}

/// Finds the table whose columns these are, or says what keeps them from being native.
fn recognised(names: &[&str], asked: Option<Table>) -> Result<Table, String> {
    let missing: Vec<&str> = ["host", "at"]
        .into_iter()
        .filter(|name| !names.contains(name))
        .collect();
    if !missing.is_empty() {
        return Err(format!("{} missing", listed(&missing)));
    }
    let has_labels = |table: Table| table.labels().iter().all(|label| names.contains(label));
    let has_numbers = |table: Table| table.columns().iter().any(|column| names.contains(&column.name));
    if let Some(table) = asked {
        let missing: Vec<&str> = table
            .labels()
            .iter()
            .copied()
            .filter(|label| !names.contains(label))
            .collect();
        return match (missing.is_empty(), has_numbers(table)) {
            (true, true) => Ok(table),
            (false, _) => Err(format!("{} of table `{}` missing", listed(&missing), table.name())),
            (true, false) => Err(format!("no number column of table `{}`", table.name())),
        };
    }
    // The table with the most labels present: a file system also has a device, a metric also a service.
    Table::ALL
        .into_iter()
        .filter(|&table| has_labels(table) && has_numbers(table))
        .max_by_key(|table| table.labels().len())
        .ok_or_else(|| "no number column of any table".to_string())
}

/// Says which unused columns look like mistyped native ones.
pub(crate) fn mistyped(unused: &[&str], table: Table) -> Vec<String> {
    let targets = super::mapping::target_names(table);
    unused
        .iter()
        .filter_map(|name| {
            let meant = nearest_name(name, &targets)?;
            Some(format!(
                "column `{}` is not native and was not used; did you mean `{meant}`?",
                shown(name)
            ))
        })
        .collect()
}

/// Describes columns with examples, a line each.
pub(crate) fn described(columns: &[SourceColumn]) -> String {
    /// Wider files are cut here in messages; `describe` has them all.
    const MOST: usize = 60;
    let mut text: Vec<String> = columns
        .iter()
        .take(MOST)
        .map(|column| {
            let examples: Vec<String> = column.examples.iter().map(|example| shown(example)).collect();
            format!(
                "  {} ({}): {}",
                shown(&column.name),
                column.type_name,
                examples.join(", ")
            )
        })
        .collect();
    if columns.len() > MOST {
        text.push(format!("  and {} more columns", columns.len() - MOST));
    }
    text.join("\n")
}

/// Writes a mapping to start from: guesses stand behind `#`, so nothing is guessed in silence.
fn skeleton(inspected: &Inspected, reading: &Mapping) -> String {
    let find = |words: &[&str]| {
        inspected.columns.iter().find(|column| {
            let name = column.name.to_lowercase();
            words.iter().any(|word| name.contains(word))
        })
    };
    let host = find(&["host", "vm", "server", "instance", "machine", "node"]);
    let at = find(&["timestamp", "time", "date"]).or_else(|| find(&["ts", "at"]));
    let mut lines = Vec::new();
    if reading.separator != "," {
        lines.push(format!("separator = {}", quoted(&reading.separator)));
    }
    lines.push(format!(
        "host = {}",
        host.map_or(
            "\"@file\"                  # or a column, or \"'name'\"".to_string(),
            |column| quoted(&column.name)
        )
    ));
    lines.push(format!(
        "at = {}",
        at.map_or("\"\"".to_string(), |column| quoted(&column.name))
    ));
    match at.map(|column| column.holds) {
        Some(Holds::Numbers) => {
            let example = at.and_then(|column| column.examples.first());
            lines.push(match example.and_then(|text| Some((text, plausible_unit(text)?))) {
                Some((text, (unit, gives))) => {
                    format!(
                        "at_unit = \"{}\"               # then {} is {gives}",
                        unit.name(),
                        shown(text)
                    )
                }
                None => "at_unit = \"s\"               # or \"ms\", \"us\", \"ns\"".to_string(),
            });
        }
        Some(Holds::Text) => lines.push("time_zone = \"UTC\"           # of times without a zone".to_string()),
        _ => {}
    }
    lines.push("\n[tables.host]".to_string());
    for (target, words) in [
        ("cpu_cores", &["core", "vcpu", "cpus"][..]),
        (
            "cpu_busy_cores",
            &["cpu util", "cpu_util", "cpu usage [%]", "cpu_pct", "cpu"][..],
        ),
        (
            "memory_total_bytes",
            &["mem_total", "memory total", "memory capacity"][..],
        ),
        ("memory_available_bytes", &["avail", "mem_free", "memory free"][..]),
    ] {
        let guess = find(words).map_or("…".to_string(), |column| for_terminal(&column.name).into_owned());
        lines.push(format!("# {target} = {}", quoted(&guess)));
    }
    lines.join("\n")
}

/// Writes a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_labels_say_which_table_it_is() {
        let table = |names: &[&str]| recognised(names, None);
        assert_eq!(table(&["host", "at", "cpu_cores"]), Ok(Table::Host));
        assert_eq!(table(&["host", "at", "device", "reads_per_s"]), Ok(Table::Disk));
        assert_eq!(
            table(&["host", "at", "device", "mount", "type", "used_bytes"]),
            Ok(Table::Filesystem)
        );
        assert_eq!(table(&["host", "at", "service", "metric", "value"]), Ok(Table::Service));
        assert_eq!(
            table(&["host", "at", "service", "resident_bytes"]),
            Ok(Table::ProcessGroup)
        );
        assert!(table(&["host", "cpu_cores"]).is_err_and(|reason| reason.contains("`at` missing")));
        assert!(table(&["host", "at", "load"]).is_err());
        let asked = recognised(&["host", "at", "reads_per_s"], Some(Table::Disk));
        assert!(asked.is_err_and(|reason| reason.contains("`device` of table `disk` missing")));
    }
}
