//! Rows of a CSV file with typed cells; an error names file, line and column.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use rust_decimal::Decimal;
use sizewright_analyzer::catalog::price::{Amount, Price, PriceDetail, PriceMethod, YearMonth};

/// Says which cell of which source table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        #[source]
        source: csv::Error,
    },
    /// A cell does not hold what its column promises.
    #[error("{file} line {line}: {column} is `{value}`, expected {expected}")]
    Cell {
        /// File name.
        file: String,
        /// Line, counted from 1, the header being the first.
        line: u64,
        /// Column name.
        column: String,
        /// What the cell holds.
        value: String,
        /// What it should hold.
        expected: &'static str,
    },
}

/// All rows of a file.
pub struct Rows {
    file: String,
    header: csv::StringRecord,
    records: Vec<csv::StringRecord>,
}

/// One row of a file.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    rows: &'a Rows,
    record: &'a csv::StringRecord,
}

impl Rows {
    /// Reads a file of the folder.
    pub fn read(folder: &Path, file: &str) -> Result<Self, SourceError> {
        let path = folder.join(file);
        let read = || {
            let mut reader = csv::Reader::from_path(&path)?;
            let header = reader.headers()?.clone();
            let records = reader.records().collect::<Result<Vec<_>, _>>()?;
            Ok((header, records))
        };
        let (header, records) = read().map_err(|source| SourceError::Unreadable {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            file: file.to_owned(),
            header,
            records,
        })
    }

    /// Gives the rows in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row { rows: self, record })
    }
}

impl<'a> Row<'a> {
    /// Gives the text of a cell, which must not be empty.
    pub fn text(self, column: &str) -> Result<&'a str, SourceError> {
        match self.optional(column)? {
            Some(text) => Ok(text),
            None => Err(self.refused(column, "a text")),
        }
    }

    /// Gives the text of a cell, or nothing if it is empty.
    pub fn optional(self, column: &str) -> Result<Option<&'a str>, SourceError> {
        let position = self
            .rows
            .header
            .iter()
            .position(|name| name == column)
            .ok_or_else(|| self.refused(column, "a column of this name"))?;
        Ok(self.record.get(position).filter(|text| !text.is_empty()))
    }

    /// Parses a cell, which must not be empty.
    pub fn number<T: FromStr>(self, column: &str) -> Result<T, SourceError> {
        self.text(column)?.parse().map_err(|_| self.refused(column, "a number"))
    }

    /// Parses a cell, or gives nothing if it is empty.
    pub fn optional_number<T: FromStr>(self, column: &str) -> Result<Option<T>, SourceError> {
        self.optional(column)?
            .map(|text| text.parse().map_err(|_| self.refused(column, "a number or nothing")))
            .transpose()
    }

    /// Reads a cell that says yes or no.
    pub fn flag(self, column: &str) -> Result<bool, SourceError> {
        match self.text(column)? {
            "1" | "Yes" => Ok(true),
            "0" | "No" => Ok(false),
            _ => Err(self.refused(column, "1, 0, Yes or No")),
        }
    }

    /// Parses an amount of money, or gives nothing if the cell is empty.
    pub fn decimal(self, column: &str) -> Result<Option<Decimal>, SourceError> {
        self.optional(column)?
            .map(|text| {
                Decimal::from_str(text)
                    .or_else(|_| Decimal::from_scientific(text))
                    .map_err(|_| self.refused(column, "an amount in USD"))
            })
            .transpose()
    }

    /// Parses an amount as listed in a month, or gives nothing if the cell is empty.
    pub fn listed<T: Amount>(self, column: &str, as_of: YearMonth) -> Result<Option<Price<T>>, SourceError> {
        Ok(self.decimal(column)?.map(|amount| Price::listed(T::of(amount), as_of)))
    }

    /// Parses an amount with the row's own `method` and `as_of`, or gives nothing if the cell is empty.
    pub fn price<T: Amount>(self, column: &str) -> Result<Option<Price<T>>, SourceError> {
        let Some(amount) = self.decimal(column)? else {
            return Ok(None);
        };
        let (method, detail) = self.method()?;
        Ok(Some(Price {
            amount: T::of(amount),
            method,
            as_of: self
                .text("as_of")?
                .parse()
                .map_err(|_| self.refused("as_of", "a month"))?,
            detail,
        }))
    }

    /// Reads memory in GiB that the source rounded, as the whole MiB it must be.
    pub fn whole_mebibytes(self, column: &str) -> Result<u32, SourceError> {
        let mebibytes: f64 = self.number::<f64>(column)? * 1024.0;
        // Four decimals of a GiB are 0.05 MiB.
        if (mebibytes - mebibytes.round()).abs() > 0.06 || mebibytes < 1.0 {
            return Err(self.refused(column, "a whole number of MiB"));
        }
        Ok(mebibytes.round() as u32)
    }

    /// Splits the row's `method` into the kind and the source's own words.
    fn method(self) -> Result<(PriceMethod, Option<PriceDetail>), SourceError> {
        let text = self.text("method")?;
        let (method, words) = if let Some(rest) = text.strip_prefix("listed") {
            (PriceMethod::Listed, trim(rest))
        } else if let Some(rest) = text.strip_prefix("derived:") {
            (PriceMethod::Derived, trim(rest))
        } else if let Some(rest) = text.strip_prefix("estimated:") {
            (PriceMethod::Estimated, trim(rest))
        } else if text == "observed" {
            (PriceMethod::Listed, "read by hand in the source")
        } else if text.starts_with("check:") {
            (PriceMethod::Listed, text)
        } else {
            return Err(self.refused("method", "listed, observed, derived, estimated or check"));
        };
        let detail = (!words.is_empty()).then(|| PriceDetail::new(words));
        Ok((method, detail))
    }

    /// Makes the error for a cell of this row.
    pub fn refused(self, column: &str, expected: &'static str) -> SourceError {
        let value = self
            .rows
            .header
            .iter()
            .position(|name| name == column)
            .and_then(|position| self.record.get(position))
            .unwrap_or("(no such column)");
        SourceError::Cell {
            file: self.rows.file.clone(),
            line: self.record.position().map_or(0, csv::Position::line),
            column: column.to_owned(),
            value: value.to_owned(),
            expected,
        }
    }
}

/// Drops spaces and one pair of parentheses around a method's words.
fn trim(words: &str) -> &str {
    let words = words.trim();
    words
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .filter(|inner| !inner.contains(')'))
        .unwrap_or(words)
}
