//! CSV files with a header: columns by any of their names, numbers with the place of what is none.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};

use super::open::open;
use super::parsed::Parsed;
use super::when;
use crate::import::error::{ImportError, RowPlace, shown};

/// A CSV file, its header read.
pub(crate) struct Table {
    path: PathBuf,
    names: Vec<String>,
    used: Vec<bool>,
    reader: csv::Reader<Box<dyn BufRead>>,
    record: StringRecord,
    row: u64,
}

/// A column that was found, or was not.
pub(crate) type Column = Option<usize>;

impl Table {
    /// Opens a file and reads its header.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let mut reader = ReaderBuilder::new().flexible(false).from_reader(open(path)?);
        let header = reader.headers().map_err(|error| broken(path, &error, 0))?;
        let names: Vec<String> = header
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').trim().to_string())
            .collect();
        Ok(Self {
            path: path.to_path_buf(),
            used: vec![false; names.len()],
            names,
            reader,
            record: StringRecord::new(),
            row: 0,
        })
    }

    /// Gives the names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Finds a column by any of its names; case, stars, spaces and signs do not count.
    pub fn column(&mut self, known: &[&str]) -> Column {
        let found = known.iter().find_map(|wanted| {
            let wanted = letters(wanted);
            self.names.iter().position(|name| letters(name) == wanted)
        })?;
        self.used[found] = true;
        Some(found)
    }

    /// Finds a column by its name as it stands, where signs tell columns apart.
    pub fn exact(&mut self, name: &str) -> Column {
        let found = self.names.iter().position(|known| known == name)?;
        self.used[found] = true;
        Some(found)
    }

    /// Finds a column that must be there.
    pub fn needed(&mut self, known: &[&str]) -> Result<usize, ImportError> {
        self.column(known).ok_or_else(|| ImportError::MissingColumn {
            path: self.path.clone(),
            place: "the import".to_string(),
            name: known[0].to_string(),
            known: shown(&self.names.join(", ")),
            nearest: None,
        })
    }

    /// Says whether a column is there, without using it.
    pub fn has(&self, name: &str) -> bool {
        let wanted = letters(name);
        self.names.iter().any(|name| letters(name) == wanted)
    }

    /// Counts the columns that nobody asked for.
    pub fn tell_unused(&self, parsed: &mut Parsed) {
        for (name, _) in self.names.iter().zip(&self.used).filter(|&(_, used)| !used) {
            parsed.unused(&shown(name));
        }
    }

    /// Reads the next row.
    pub fn next(&mut self) -> Result<bool, ImportError> {
        self.row += 1;
        self.reader
            .read_record(&mut self.record)
            .map_err(|error| broken(&self.path, &error, self.row))
    }

    /// Gives a field, empty where there is none.
    pub fn text(&self, column: Column) -> &str {
        column.and_then(|at| self.record.get(at)).unwrap_or_default().trim()
    }

    /// Gives a number, NaN where the field is empty.
    pub fn number(&self, column: Column) -> Result<f64, ImportError> {
        let text = self.text(column);
        number(text).ok_or_else(|| self.bad(column, "a number such as `12.5`"))
    }

    /// Gives a time as UTC milliseconds.
    pub fn time(&self, column: Column, zone: &jiff::tz::TimeZone) -> Result<i64, ImportError> {
        let text = self.text(column);
        let seconds = || text.parse::<f64>().ok();
        when::iso(text, zone)
            .or_else(|| seconds().and_then(when::seconds))
            // Milliseconds since 1970 are no plausible number of seconds.
            .or_else(|| seconds().and_then(|number| when::seconds(number / 1000.0)))
            .or_else(|| american(text, zone))
            .ok_or_else(|| self.bad(column, when::EXPECTED))
    }

    /// Says that a field is not what its column must hold.
    pub fn bad(&self, column: Column, expected: &str) -> ImportError {
        ImportError::BadValue {
            path: self.path.clone(),
            place: self.place(),
            column: shown(column.and_then(|at| self.names.get(at)).map_or("", String::as_str)),
            value: shown(self.text(column)),
            expected: expected.to_string(),
        }
    }

    /// Says that a row has nothing where it needs something.
    pub fn missing(&self, column: Column, what: &'static str) -> ImportError {
        ImportError::Missing {
            path: self.path.clone(),
            place: self.place(),
            column: shown(column.and_then(|at| self.names.get(at)).map_or("", String::as_str)),
            what,
        }
    }

    fn place(&self) -> RowPlace {
        RowPlace {
            row: self.row,
            line: self.record.position().map(csv::Position::line),
        }
    }
}

/// Reads a number as other tools write it; NaN where it says that there is none, nothing where it is no number.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let text = text.strip_suffix('%').unwrap_or(text).trim();
    if text.is_empty() || ["nan", "na", "n/a", "null", "none", "-"].contains(&text.to_ascii_lowercase().as_str()) {
        return Some(f64::NAN);
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Reads `5/1/2026 10:15:00 AM`, as PowerShell writes times in the American locale.
fn american(text: &str, zone: &jiff::tz::TimeZone) -> Option<i64> {
    let mut words = text.split_ascii_whitespace();
    let (date, _) = when::date(words.next()?, None)?;
    let time = when::time_of_day(words.next()?, words.next())?;
    when::local(date.to_datetime(time), zone)
}

/// Gives only the letters and digits of a name, in lower case.
fn letters(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric() || *letter == '%' || *letter == '#')
        .flat_map(char::to_lowercase)
        .collect()
}

fn broken(path: &Path, error: &csv::Error, row: u64) -> ImportError {
    let place = RowPlace {
        row,
        line: error.position().map(csv::Position::line),
    };
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => ImportError::BadRow {
            path: path.to_path_buf(),
            place,
            found: format!("{len} fields"),
            expected: format!("{expected_len} fields as in the header"),
        },
        csv::ErrorKind::Utf8 { .. } => ImportError::BadRow {
            path: path.to_path_buf(),
            place,
            found: "bytes that are not UTF-8".to_string(),
            expected: "text in UTF-8".to_string(),
        },
        _ => ImportError::io(path, std::io::Error::other(error.to_string())),
    }
}
