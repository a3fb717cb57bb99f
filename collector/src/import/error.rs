//! What can be wrong with a file to import, with file, row, column and value.
//!
//! Values come from the file and are hostile: they are shortened and made safe
//! for a terminal before they enter a message.

use std::fmt;
use std::path::{Path, PathBuf};

use polars::error::PolarsError;
use telemetry::StoreError;

use super::mapping::{AtUnit, MappingError, did_you_mean};
use super::source::Kind;

/// Where a row stands: its number among the rows, and its line in a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowPlace {
    /// Number of the row, the first after the header is 1.
    pub row: u64,
    /// Line of the file, the first is 1; only text files have lines.
    pub line: Option<u64>,
}

impl fmt::Display for RowPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "row {} (line {line})", self.row),
            None => write!(f, "row {}", self.row),
        }
    }
}

/// How a time was read, and how else it could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// How the value was read.
    pub read_as: String,
    /// The time that came out.
    pub gives: String,
    /// Units that would give a plausible time, and that time.
    pub others: Vec<(AtUnit, String)>,
}

/// A failure to import; nothing was imported then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The operating system refused to read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The telemetry store refused.
    #[error("cannot write the imported rows")]
    Store(#[from] StoreError),
    /// The mapping file is wrong in itself.
    #[error("cannot use the mapping file")]
    Mapping(#[from] MappingError),
    /// The file is of another kind than asked for.
    #[error("`{}` is not a {expected} file: it {found}", path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        expected: Kind,
        /// What the first bytes look like, as a clause.
        found: &'static str,
    },
    /// The file has no rows.
    #[error("`{}` {found}", path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
        /// What is there, as a clause.
        found: &'static str,
    },
    /// A line of a CSV file that is not one row of as many fields as the header.
    #[error("`{}`, {place}: {found}, expected {expected}", path.display())]
    BadCsvRow {
        /// The file.
        path: PathBuf,
        /// The row.
        place: RowPlace,
        /// What is there.
        found: String,
        /// What a row needs.
        expected: String,
    },
    /// A line of another tool's file that is not what the tool writes.
    #[error("`{}`, {place}: {found}, expected {expected}", path.display())]
    BadRow {
        /// The file.
        path: PathBuf,
        /// The row.
        place: RowPlace,
        /// What is there.
        found: String,
        /// What a row needs.
        expected: String,
    },
    /// A value that is not what its column must hold.
    #[error("`{}`, {place}, column `{column}`: `{value}` is not {expected}", path.display())]
    BadValue {
        /// The file.
        path: PathBuf,
        /// The row.
        place: RowPlace,
        /// The column, or the formula that gave the value.
        column: String,
        /// The value, shortened and safe to print.
        value: String,
        /// The form that was expected, with its article.
        expected: String,
    },
    /// A row without a host, a label or a time.
    #[error("`{}`, {place}: `{column}` gives no {what}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The row.
        place: RowPlace,
        /// The column or formula.
        column: String,
        /// What is missing.
        what: &'static str,
    },
    /// A time no measurement can have, which mostly is a wrong unit.
    #[error("`{}`: column `{column}` read {} gives {} for {place}{}", path.display(), reading.read_as, reading.gives, other_readings(&reading.others))]
    ImplausibleTime {
        /// The file.
        path: PathBuf,
        /// The row.
        place: RowPlace,
        /// The column or formula.
        column: String,
        /// How it was read, and how else it could be.
        reading: Box<Reading>,
    },
    /// Times are numbers, and nothing says in which unit.
    #[error("`{}`: column `{column}` holds numbers such as `{value}`, and no `at_unit` says what they count{}", path.display(), other_readings(others))]
    UnitUnknown {
        /// The file.
        path: PathBuf,
        /// The column or formula.
        column: String,
        /// The first value.
        value: String,
        /// Units that would give a plausible time, and that time.
        others: Vec<(AtUnit, String)>,
    },
    /// A formula uses a column that the file does not have.
    #[error("{place} uses the column `{name}`, which `{}` does not have; it has {known}{}", path.display(), did_you_mean(nearest))]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The key of the mapping.
        place: String,
        /// The column that is not there.
        name: String,
        /// The columns that are, as a list in words.
        known: String,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// A formula that cannot be understood or computed.
    #[error("cannot compute {place} = `{formula}`")]
    BadFormula {
        /// The key of the mapping.
        place: String,
        /// The formula.
        formula: String,
        /// Why.
        #[source]
        source: PolarsError,
    },
    /// A formula that does more than look at one row.
    #[error("{place} = `{formula}` {found}; a formula may only use the values of its own row")]
    NotRowByRow {
        /// The key of the mapping.
        place: String,
        /// The formula.
        formula: String,
        /// What it does, as a clause.
        found: &'static str,
    },
    /// A mapping that leaves out what every row needs.
    #[error("{place} does not say {missing}")]
    Incomplete {
        /// The part of the mapping.
        place: String,
        /// The missing keys, in words.
        missing: String,
    },
    /// A file without mapping that does not have native columns.
    #[error("`{}` does not have native columns ({reason}), and no mapping says what its columns mean\n{columns}", path.display())]
    NotNative {
        /// The file.
        path: PathBuf,
        /// What is missing for native columns.
        reason: String,
        /// The columns with examples, a line each.
        columns: String,
        /// A mapping file to start from.
        skeleton: String,
    },
    /// The Parquet file cannot be decoded.
    #[error("cannot decode `{}`", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the library said.
        #[source]
        source: PolarsError,
    },
    /// A Parquet column of a type that holds neither numbers nor text nor times.
    #[error("`{}`: column `{column}` is of type {found}, expected numbers, text or times", path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// The file is not JSON.
    #[error("`{}` is not valid JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What the parser said, with the line.
        #[source]
        source: serde_json::Error,
    },
    /// The file is not a workbook, or a damaged one.
    #[error("cannot read the workbook `{}`", path.display())]
    Workbook {
        /// The file.
        path: PathBuf,
        /// What the library said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A binary file of sar, and no program that reads it.
    #[error("`{}` is a binary file of sar, which only its own `sadf` reads, and that is not installed here", path.display())]
    NoSadf {
        /// The file.
        path: PathBuf,
    },
    /// The system's `sadf` refused a binary file of sar.
    #[error("the system's `sadf` cannot read `{}`: {said}", path.display())]
    Sadf {
        /// The file.
        path: PathBuf,
        /// The first line it wrote, safe to print.
        said: String,
    },
    /// A server that cannot be reached, or refused.
    #[error("cannot fetch from `{url}`")]
    Server {
        /// The server, safe to print.
        url: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file of the right format in which nothing can be used.
    #[error("`{}` holds nothing that `import {tool}` can use{}", path.display(), because(reasons))]
    NothingUsable {
        /// The file.
        path: PathBuf,
        /// The tool.
        tool: &'static str,
        /// What was left out and why, in words; may be empty.
        reasons: String,
    },
    /// Somebody wrote to the file while it was read.
    #[error("`{}` changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The caller asked to stop.
    #[error("import of `{}` was cancelled, nothing was imported", path.display())]
    Cancelled {
        /// The file.
        path: PathBuf,
    },
}

impl ImportError {
    /// Gives the one thing to try next, when there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotNative { skeleton, .. } => Some(format!("write a mapping file, for example:\n\n{skeleton}")),
            Self::UnitUnknown { .. } => {
                Some("set `at_unit` to \"s\", \"ms\", \"us\" or \"ns\" in the mapping".to_string())
            }
            Self::MissingColumn { .. } => Some(
                "write names with spaces or signs in double quotes or backticks, as in \"`CPU usage [%]` / 100\""
                    .to_string(),
            ),
            Self::WrongKind {
                expected: Kind::Csv,
                found,
                ..
            } if *found == super::source::IS_PARQUET => Some("use `import parquet`".to_string()),
            Self::WrongKind {
                expected: Kind::Parquet,
                ..
            } => Some("use `import csv` for text files".to_string()),
            Self::BadCsvRow { .. } => {
                Some("set `separator` in the mapping if the fields are split at the wrong places".to_string())
            }
            Self::BadRow { .. } | Self::Workbook { .. } => Some(
                "check that it is the tool's own export; docs/import-tools.md names the forms that are taken"
                    .to_string(),
            ),
            Self::NoSadf { .. } => {
                Some("install sysstat, or run `sadf -j FILE -- -A > FILE.json` on a machine that has it".to_string())
            }
            Self::Changed { .. } => Some("wait until the export is complete, then import again".to_string()),
            _ => None,
        }
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(crate) fn parquet(path: &Path, source: PolarsError) -> Self {
        Self::Parquet {
            path: path.to_path_buf(),
            source,
        }
    }
}

/// Makes a value fit for a message: at most 60 characters, nothing that moves the cursor.
pub(crate) fn shown(value: &str) -> String {
    const MOST: usize = 60;
    let safe = telemetry::untrusted::for_terminal(value);
    if safe.chars().count() <= MOST {
        safe.into_owned()
    } else {
        safe.chars().take(MOST).chain(['…']).collect()
    }
}

fn because(reasons: &str) -> String {
    if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({reasons})")
    }
}

fn other_readings(others: &[(AtUnit, String)]) -> String {
    let mut text = String::new();
    for (unit, at) in others {
        text.push_str(&format!(
            "; read as {} it would be {at}: set `at_unit = \"{}\"` in the mapping if that is right",
            unit.in_words(),
            unit.name()
        ));
    }
    text
}
