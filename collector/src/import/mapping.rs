//! What does a file of someone else's layout mean?
//!
//! Input: the text of a mapping file (TOML). Output: a [`Mapping`]: how the
//! file is read, and which formula over its columns fills which native column.
//! Nothing is checked against a data file here; see `layout`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use telemetry::Table;

use super::nearest::{listed, nearest_name};

/// How a file is read and what its columns mean; the default reads native columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mapping {
    /// What stands between two fields of a CSV file; one or several characters.
    pub separator: String,
    /// IANA time zone of times that name none.
    pub time_zone: String,
    /// Unit of `at` when it is a number counted from 1970-01-01 UTC.
    pub at_unit: Option<AtUnit>,
    /// `strftime` pattern of `at` when it is text but not ISO 8601.
    pub at_format: Option<String>,
    /// Length of every interval in seconds; without it, the usual step of each host.
    pub interval_s: Option<f64>,
    /// Lines of a CSV file before its header line.
    pub skip_rows: u64,
    /// Character that starts a comment line of a CSV file.
    pub comment: Option<char>,
    /// Whether numbers are written `1,5`.
    pub decimal_comma: bool,
    /// Where the host's name comes from; `@file` is the file's name without ending.
    pub host: Option<Formula>,
    /// Where the end of the interval comes from.
    pub at: Option<Formula>,
    /// Formula by native column (labels too), by table.
    pub tables: BTreeMap<Table, BTreeMap<String, Formula>>,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            separator: ",".to_string(),
            time_zone: "UTC".to_string(),
            at_unit: None,
            at_format: None,
            interval_s: None,
            skip_rows: 0,
            comment: None,
            decimal_comma: false,
            host: None,
            at: None,
            tables: BTreeMap::new(),
        }
    }
}

/// Name of the file without folder and ending, as the host of all its rows.
pub(crate) const FILE_STEM: &str = "@file";

/// A polars SQL expression over the columns of the source, or just a column's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Formula(String);

impl Formula {
    /// Wraps the text of an expression; it is checked when a file is at hand.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Gives the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Unit of times that are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum AtUnit {
    /// Seconds since 1970-01-01 UTC.
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds since 1970-01-01 UTC.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Microseconds since 1970-01-01 UTC.
    #[serde(rename = "us")]
    Microseconds,
    /// Nanoseconds since 1970-01-01 UTC.
    #[serde(rename = "ns")]
    Nanoseconds,
}

impl AtUnit {
    /// Every unit, coarse to fine.
    pub const ALL: [AtUnit; 4] = [
        AtUnit::Seconds,
        AtUnit::Milliseconds,
        AtUnit::Microseconds,
        AtUnit::Nanoseconds,
    ];

    /// Gives the name in mapping files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            AtUnit::Seconds => "s",
            AtUnit::Milliseconds => "ms",
            AtUnit::Microseconds => "us",
            AtUnit::Nanoseconds => "ns",
        }
    }

    /// Gives the name in sentences.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            AtUnit::Seconds => "seconds",
            AtUnit::Milliseconds => "milliseconds",
            AtUnit::Microseconds => "microseconds",
            AtUnit::Nanoseconds => "nanoseconds",
        }
    }

    /// Finds a unit by its name in mapping files.
    #[must_use]
    pub fn from_name(name: &str) -> Option<AtUnit> {
        AtUnit::ALL.into_iter().find(|unit| unit.name() == name)
    }
}

/// What is wrong with a mapping file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// The file cannot be read.
    #[error("cannot read the mapping `{}`", path.display())]
    Io {
        /// The mapping file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The text is not TOML.
    #[error("the mapping is not valid TOML")]
    Toml {
        /// What the parser said, with the line.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A key that does nothing.
    #[error(
        "unknown key `{key}` in {place} of the mapping; known are {known}{}",
        did_you_mean(nearest)
    )]
    UnknownKey {
        /// Where the key stands.
        place: String,
        /// The key.
        key: String,
        /// The keys there are, as a list in words.
        known: String,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// A key whose value does not fit.
    #[error("`{key}` of the mapping is `{found}`, expected {expected}")]
    BadValue {
        /// The key with the table it stands in.
        key: String,
        /// What was found.
        found: String,
        /// What would fit.
        expected: &'static str,
    },
}

pub(crate) fn did_you_mean(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|name| format!(" (did you mean `{name}`?)"))
        .unwrap_or_default()
}

/// Keys of the top level, in the order of the documentation.
const KEYS: [&str; 11] = [
    "separator",
    "time_zone",
    "at_unit",
    "at_format",
    "interval_s",
    "skip_rows",
    "comment",
    "decimal_comma",
    "host",
    "at",
    "tables",
];

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, or has keys or values that are not known.
    pub fn read(path: &Path) -> Result<Self, MappingError> {
        let text = std::fs::read_to_string(path).map_err(|source| MappingError::Io {
            path: path.to_path_buf(),
            source,
        })?;
        Self::parse(&text)
    }

    /// Reads the text of a mapping file.
    ///
    /// # Errors
    /// When it is not TOML, or has keys or values that are not known.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let keys: toml::Table = toml::from_str(text).map_err(|source| MappingError::Toml {
            source: Box::new(source),
        })?;
        let mut mapping = Self::default();
        for (key, value) in &keys {
            mapping.set(key, value)?;
        }
        Ok(mapping)
    }

    /// Says whether the file is expected to have native columns: no formula is given.
    #[must_use]
    pub fn is_native(&self) -> bool {
        self.host.is_none() && self.at.is_none() && self.tables.is_empty()
    }

    fn set(&mut self, key: &str, value: &toml::Value) -> Result<(), MappingError> {
        match key {
            "separator" => self.separator = separator(text(key, value, "text such as \";\" or \"\\t\"")?)?,
            "time_zone" => {
                let name = text(key, value, "an IANA time zone such as \"Asia/Ho_Chi_Minh\"")?;
                self.time_zone = known_time_zone(name)?;
            }
            "at_unit" => {
                let expected = "one of \"s\", \"ms\", \"us\", \"ns\"";
                let name = text(key, value, expected)?;
                self.at_unit = Some(AtUnit::from_name(name).ok_or_else(|| bad(key, value, expected))?);
            }
            "at_format" => {
                let pattern = text(key, value, "a pattern such as \"%d.%m.%Y %H:%M\"")?;
                self.at_format = Some(pattern.to_string());
            }
            "interval_s" => self.interval_s = Some(interval(key, value)?),
            "skip_rows" => {
                self.skip_rows = value
                    .as_integer()
                    .and_then(|rows| u64::try_from(rows).ok())
                    .ok_or_else(|| bad(key, value, "how many lines stand before the header"))?;
            }
            "comment" => {
                let expected = "one ASCII character such as \"#\"";
                let mut letters = text(key, value, expected)?.chars();
                let first = letters.next().filter(char::is_ascii);
                if first.is_none() || letters.next().is_some() {
                    return Err(bad(key, value, expected));
                }
                self.comment = first;
            }
            "decimal_comma" => {
                self.decimal_comma = value.as_bool().ok_or_else(|| bad(key, value, "true or false"))?;
            }
            "host" => self.host = Some(formula(key, value)?),
            "at" => self.at = Some(formula(key, value)?),
            "tables" => self.tables = tables(value)?,
            _ => return Err(unknown("the top level", key, &KEYS)),
        }
        Ok(())
    }
}

fn tables(value: &toml::Value) -> Result<BTreeMap<Table, BTreeMap<String, Formula>>, MappingError> {
    let names = Table::ALL.map(Table::name);
    let sections = value
        .as_table()
        .ok_or_else(|| bad("tables", value, "sections such as [tables.host]"))?;
    let mut tables = BTreeMap::new();
    for (name, section) in sections {
        let table = Table::from_name(name).ok_or_else(|| unknown("[tables]", name, &names))?;
        let place = format!("tables.{name}");
        let entries = section
            .as_table()
            .ok_or_else(|| bad(&place, section, "a section of native columns"))?;
        let targets = target_names(table);
        let mut formulas = BTreeMap::new();
        for (target, value) in entries {
            if !targets.contains(&target.as_str()) {
                return Err(unknown(&format!("[{place}]"), target, &targets));
            }
            formulas.insert(target.clone(), formula(&format!("{place}.{target}"), value)?);
        }
        tables.insert(table, formulas);
    }
    Ok(tables)
}

/// Lists what a table can be filled with: its labels, then its numbers.
pub(crate) fn target_names(table: Table) -> Vec<&'static str> {
    let numbers = table.columns().iter().map(|column| column.name);
    table.labels().iter().copied().chain(numbers).collect()
}

/// Checks a separator, also one that was given on a command line; a typed `\t` is a tab.
///
/// # Errors
/// When it is empty or holds a quote or a line end.
pub fn separator(text: &str) -> Result<String, MappingError> {
    // A shell and TOML's single quotes leave a typed `\t` as two characters.
    let text = text.replace("\\t", "\t");
    if text.is_empty() || text.contains(['"', '\n', '\r', '\0', '\u{1f}']) {
        return Err(MappingError::BadValue {
            key: "separator".to_string(),
            found: text.escape_default().to_string(),
            expected: "one or several characters, no quote and no line end",
        });
    }
    Ok(text)
}

/// Checks a time zone's name, also one that was given on a command line.
///
/// # Errors
/// When the name is in no time zone database.
pub fn known_time_zone(name: &str) -> Result<String, MappingError> {
    match jiff::tz::TimeZone::get(name) {
        Ok(_) => Ok(name.to_string()),
        Err(_) => Err(MappingError::BadValue {
            key: "time_zone".to_string(),
            found: name.escape_default().to_string(),
            expected: "an IANA time zone such as \"Asia/Ho_Chi_Minh\" or \"UTC\"",
        }),
    }
}

fn interval(key: &str, value: &toml::Value) -> Result<f64, MappingError> {
    let seconds = match value {
        toml::Value::Integer(seconds) => *seconds as f64,
        toml::Value::Float(seconds) => *seconds,
        _ => f64::NAN,
    };
    // The longest interval that still says something about load: a month.
    if seconds > 0.0 && seconds <= 31.0 * 86_400.0 {
        Ok(seconds)
    } else {
        Err(bad(key, value, "a number of seconds above 0, at most a month"))
    }
}

fn formula(key: &str, value: &toml::Value) -> Result<Formula, MappingError> {
    match value {
        toml::Value::String(text) if !text.trim().is_empty() => Ok(Formula::new(text.trim())),
        toml::Value::Integer(number) => Ok(Formula(number.to_string())),
        toml::Value::Float(number) => Ok(Formula(number.to_string())),
        _ => Err(bad(key, value, "an expression in quotes, or a number")),
    }
}

fn text<'a>(key: &str, value: &'a toml::Value, expected: &'static str) -> Result<&'a str, MappingError> {
    value.as_str().ok_or_else(|| bad(key, value, expected))
}

fn bad(key: &str, value: &toml::Value, expected: &'static str) -> MappingError {
    let found = match value {
        toml::Value::String(text) => text.escape_default().to_string(),
        toml::Value::Table(_) => "a section".to_string(),
        toml::Value::Array(_) => "a list".to_string(),
        other => other.to_string(),
    };
    MappingError::BadValue {
        key: key.to_string(),
        found,
        expected,
    }
}

fn unknown(place: &str, key: &str, known: &[&str]) -> MappingError {
    MappingError::UnknownKey {
        place: place.to_string(),
        key: key.escape_default().to_string(),
        known: listed(known),
        nearest: nearest_name(key, known).map(str::to_string),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_unknown_key_names_what_was_meant() {
        let error = Mapping::parse("seperator = ';'").unwrap_err().to_string();
        assert!(
            error.contains("unknown key `seperator`") && error.contains("did you mean `separator`"),
            "{error}"
        );
        let error = Mapping::parse("[tables.host]\ncpu_core = 'n'").unwrap_err().to_string();
        assert!(
            error.contains("[tables.host]") && error.contains("did you mean `cpu_cores`"),
            "{error}"
        );
        let error = Mapping::parse("[tables.hosts]\ncpu_cores = 'n'")
            .unwrap_err()
            .to_string();
        assert!(error.contains("did you mean `host`"), "{error}");
    }

    #[test]
    fn a_bad_value_says_what_would_fit() {
        for (text, expected) in [
            ("at_unit = 'sec'", "one of \"s\", \"ms\""),
            ("time_zone = 'Mars/Olympus'", "an IANA time zone"),
            ("separator = ''", "one or several characters"),
            ("interval_s = -5", "above 0"),
            ("host = true", "an expression in quotes"),
            ("tables = 3", "[tables.host]"),
            ("skip_rows = 'two'", "lines stand before the header"),
        ] {
            let error = Mapping::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn the_whole_of_a_mapping_is_read() {
        let mapping = Mapping::parse(
            "separator = ';\\t'\nat_unit = 's'\nhost = '@file'\nat = 'ts'\n[tables.host]\ncpu_cores = 4\n",
        )
        .unwrap();
        assert_eq!(mapping.separator, ";\t");
        assert_eq!(mapping.at_unit, Some(AtUnit::Seconds));
        assert_eq!(mapping.tables[&Table::Host]["cpu_cores"], Formula::new("4"));
        assert!(!mapping.is_native());
    }
}
