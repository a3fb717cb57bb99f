//! Which columns does a file have, and what are its rows, a batch at a time?
//!
//! Input: a CSV or Parquet file. Output: its columns with examples
//! ([`inspect`]), then batches ([`Stream`]) of the columns that formulas need,
//! as text, as numbers, or both. Memory is bounded by the batch.

mod csv;
mod guard;
mod number;
mod parquet;

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use polars::prelude::{Column, DataFrame, DataType};
use serde::Serialize;

use super::error::{ImportError, RowPlace, shown};
use super::mapping::Mapping;

/// Format of a file to import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text, a row a line, fields between separators.
    Csv,
    /// Apache Parquet.
    Parquet,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Csv => "CSV",
            Kind::Parquet => "Parquet",
        })
    }
}

/// What a column mostly holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// Numbers, or nothing at all.
    Numbers,
    /// Text.
    Text,
    /// Dates or instants, already typed as such.
    Times,
    /// Lists, structs, bytes: nothing that can be imported.
    Other,
}

/// One column of the source, as seen in its first rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceColumn {
    /// Name in the header.
    pub name: String,
    /// Type in words: the Parquet type, or what the text looks like.
    pub type_name: String,
    /// What it mostly holds.
    pub holds: Holds,
    /// The first different values that are not empty, at most three; not made safe for a terminal.
    pub examples: Vec<String>,
}

/// Rows looked at to tell numbers from text and to show examples.
pub(crate) const ROWS_LOOKED_AT: usize = 1_000;
/// Examples kept of each column.
const EXAMPLES: usize = 3;

/// What is known of a file before its rows are read.
#[derive(Clone, Debug)]
pub(crate) struct Inspected {
    pub columns: Vec<SourceColumn>,
    /// Rows in the whole file, when the format says so.
    pub rows: Option<u64>,
    /// What was odd about the header, in words.
    pub notes: Vec<String>,
}

impl Inspected {
    pub(crate) fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }
}

/// In which form the formulas need a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Need {
    pub text: bool,
    pub number: bool,
}

/// Some consecutive rows; column `i` of the source is named `c{i}` in the frames.
pub(crate) struct Batch {
    pub first_row: u64,
    /// Line of each row; empty when the format has no lines.
    pub lines: Vec<u64>,
    /// Columns needed as text; typed times stay typed. Nothing where the field is empty.
    pub text: DataFrame,
    /// Columns needed as 64-bit floats. Nothing where not measured.
    pub numbers: DataFrame,
}

impl Batch {
    pub(crate) fn height(&self) -> usize {
        self.text.height()
    }

    /// Gives the first rows only.
    pub(crate) fn head(&self, rows: usize) -> Batch {
        Batch {
            first_row: self.first_row,
            lines: self.lines.iter().copied().take(rows).collect(),
            text: self.text.head(Some(rows)),
            numbers: self.numbers.head(Some(rows)),
        }
    }

    pub(crate) fn place(&self, row: usize) -> RowPlace {
        RowPlace {
            row: self.first_row + row as u64,
            line: self.lines.get(row).copied(),
        }
    }
}

/// Gives the name of a source column in the frames of a [`Batch`].
pub(crate) fn frame_name(column: usize) -> String {
    format!("c{column}")
}

/// Looks at a file's kind, columns and first rows.
pub(crate) fn inspect(path: &Path, kind: Kind, mapping: &Mapping) -> Result<Inspected, ImportError> {
    refuse_other_kinds(path, kind)?;
    let inspected = match kind {
        Kind::Csv => csv::inspect(path, mapping)?,
        Kind::Parquet => parquet::inspect(path, mapping)?,
    };
    Ok(inspected)
}

/// The rows of a file, batch by batch.
pub(crate) enum Stream {
    Csv(Box<csv::CsvStream>),
    Parquet(Box<parquet::ParquetStream>),
    /// Rows that are in memory already.
    Once(Option<Box<Batch>>),
}

impl Stream {
    /// Opens a file that was inspected; `rows_per_batch` is a wish.
    pub(crate) fn open(
        path: &Path,
        kind: Kind,
        mapping: &Mapping,
        inspected: &Inspected,
        needs: Vec<Need>,
        rows_per_batch: usize,
    ) -> Result<Self, ImportError> {
        Ok(match kind {
            Kind::Csv => Self::Csv(Box::new(csv::CsvStream::open(
                path,
                mapping,
                inspected,
                needs,
                rows_per_batch,
            )?)),
            Kind::Parquet => Self::Parquet(Box::new(parquet::ParquetStream::open(
                path,
                mapping,
                inspected,
                needs,
                rows_per_batch,
            )?)),
        })
    }

    /// Gives the next rows; nothing at the end.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, ImportError> {
        match self {
            Self::Csv(stream) => stream.next_batch(),
            Self::Parquet(stream) => stream.next_batch(),
            Self::Once(batch) => Ok(batch.take().map(|batch| *batch)),
        }
    }

    /// Says how far into the file the stream is, from 0 to 1.
    pub(crate) fn fraction_done(&self) -> f64 {
        match self {
            Self::Csv(stream) => stream.fraction_done(),
            Self::Parquet(stream) => stream.fraction_done(),
            Self::Once(batch) => f64::from(u8::from(batch.is_none())),
        }
    }
}

/// Tells numbers from text in the first values of a text column: by the majority of what is not missing.
fn holds_by_majority<'a>(values: impl Iterator<Item = &'a str>, decimal_comma: bool) -> Holds {
    let (mut numbers, mut others) = (0, 0);
    for value in values {
        match number::parse(value, decimal_comma) {
            Some(Some(_)) => numbers += 1,
            Some(None) => {}
            None => others += 1,
        }
    }
    if others > numbers { Holds::Text } else { Holds::Numbers }
}

/// Takes the first different values that are not empty.
fn examples<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut examples: Vec<String> = Vec::new();
    for value in values.filter(|value| !value.is_empty()) {
        if examples.len() == EXAMPLES {
            break;
        }
        if !examples.iter().any(|known| known == value) {
            examples.push(value.to_string());
        }
    }
    examples
}

/// Turns text into numbers, or names the first value that is none.
fn numbers_from_text<'a>(
    values: impl Iterator<Item = Option<&'a str>>,
    decimal_comma: bool,
    bad: impl Fn(usize, &str) -> ImportError,
) -> Result<Vec<Option<f64>>, ImportError> {
    values
        .enumerate()
        .map(|(row, value)| match value {
            None => Ok(None),
            Some(text) => number::parse(text, decimal_comma).ok_or_else(|| bad(row, text)),
        })
        .collect()
}

fn not_a_number(path: &Path, place: RowPlace, column: &str, value: &str, decimal_comma: bool) -> ImportError {
    ImportError::BadValue {
        path: path.to_path_buf(),
        place,
        column: shown(column),
        value: shown(value),
        expected: if decimal_comma {
            "a number such as `12,5` (empty, `NaN`, `NA`, `null` or `-` where not measured)".to_string()
        } else {
            "a number such as `12.5` (empty, `NaN`, `NA`, `null` or `-` where not measured)".to_string()
        },
    }
}

/// What the first bytes of a Parquet file tell, as a clause.
pub(crate) const IS_PARQUET: &str = "is a Parquet file";

fn refuse_other_kinds(path: &Path, kind: Kind) -> Result<(), ImportError> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(8192).read_to_end(&mut start))
        .map_err(|source| ImportError::io(path, source))?;
    let wrong = |found| {
        Err(ImportError::WrongKind {
            path: PathBuf::from(path),
            expected: kind,
            found,
        })
    };
    if start.is_empty() {
        return Err(ImportError::NoRows {
            path: PathBuf::from(path),
            found: "is empty",
        });
    }
    let known: [(&[u8], &'static str); 7] = [
        (b"\x1f\x8b", "is compressed with gzip"),
        (b"\x28\xb5\x2f\xfd", "is compressed with zstd"),
        (b"BZh", "is compressed with bzip2"),
        (b"PK\x03\x04", "is a zip archive or a spreadsheet"),
        (b"\xff\xfe", "is UTF-16 text; export it as UTF-8"),
        (b"\xfe\xff", "is UTF-16 text; export it as UTF-8"),
        (b"SQLite format 3", "is an SQLite database"),
    ];
    if let Some((_, found)) = known.iter().find(|(magic, _)| start.starts_with(magic)) {
        return wrong(found);
    }
    match (kind, start.starts_with(b"PAR1")) {
        (Kind::Csv, true) => wrong(IS_PARQUET),
        (Kind::Csv, false) if start.contains(&0) => wrong("holds zero bytes, so it is not text"),
        (Kind::Parquet, false) => wrong("does not start as one"),
        _ => Ok(()),
    }
}

/// Makes the two frames of a batch from columns by source position.
fn frames(
    path: &Path,
    height: usize,
    text: Vec<Column>,
    numbers: Vec<Column>,
) -> Result<(DataFrame, DataFrame), ImportError> {
    let frame = |columns: Vec<Column>| {
        debug_assert!(columns.iter().all(|column| column.dtype() != &DataType::Null));
        DataFrame::new(height, columns).map_err(|source| ImportError::parquet(path, source))
    };
    Ok((frame(text)?, frame(numbers)?))
}
