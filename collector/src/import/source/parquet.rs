//! Reads Parquet files a row group, or a part of a large one, at a time.

use std::fs::File;
use std::path::{Path, PathBuf};

use polars::io::SerReader as _;
use polars::io::prelude::ParquetReader;
use polars::prelude::{ArrowDataType, Column, DataFrame, DataType};

use super::{
    Batch, Holds, Inspected, Need, ROWS_LOOKED_AT, SourceColumn, examples, frame_name, frames, holds_by_majority,
    not_a_number, numbers_from_text,
};
use crate::import::error::{ImportError, RowPlace};
use crate::import::mapping::Mapping;

/// A row group up to this many times the wished batch is read as a whole: reading it in
/// parts would decompress it once for each part.
const GROUP_STRETCH: usize = 10;

/// Row counts of the file's row groups, and the type of each column.
struct Outline {
    groups: Vec<usize>,
    columns: Vec<(String, ArrowDataType)>,
}

fn outline(path: &Path) -> Result<Outline, ImportError> {
    let file = File::open(path).map_err(|source| ImportError::io(path, source))?;
    let mut reader = ParquetReader::new(file);
    let parquet = |source| ImportError::parquet(path, source);
    let schema = reader.schema().map_err(parquet)?;
    let groups = reader
        .get_metadata()
        .map_err(parquet)?
        .row_groups
        .iter()
        .map(|group| group.num_rows())
        .filter(|&rows| rows > 0)
        .collect();
    let columns = schema
        .iter_values()
        .map(|field| (field.name.to_string(), field.dtype.clone()))
        .collect();
    Ok(Outline { groups, columns })
}

/// Says what a column can be read as. Types that this build of the library cannot load are `Other`.
fn holds(dtype: &ArrowDataType) -> Holds {
    use ArrowDataType as A;
    match dtype {
        A::Int8 | A::Int16 | A::Int32 | A::Int64 => Holds::Numbers,
        A::UInt8 | A::UInt16 | A::UInt32 | A::UInt64 => Holds::Numbers,
        A::Float32 | A::Float64 | A::Decimal(..) | A::Boolean => Holds::Numbers,
        A::Utf8 | A::LargeUtf8 | A::Utf8View => Holds::Text,
        A::Timestamp(..) | A::Date32 | A::Date64 => Holds::Times,
        A::Dictionary(_, values, _) if holds(values) == Holds::Text => Holds::Text,
        _ => Holds::Other,
    }
}

fn type_name(dtype: &ArrowDataType) -> String {
    match dtype {
        ArrowDataType::Utf8 | ArrowDataType::LargeUtf8 | ArrowDataType::Utf8View => "text".to_string(),
        ArrowDataType::Dictionary(..) => "text (dictionary)".to_string(),
        ArrowDataType::Timestamp(unit, Some(zone)) => format!("timestamp ({unit:?}, {zone})").to_lowercase(),
        ArrowDataType::Timestamp(unit, None) => format!("timestamp ({unit:?}, no zone)").to_lowercase(),
        ArrowDataType::Decimal(digits, scale) => format!("decimal({digits}, {scale})"),
        ArrowDataType::List(_) | ArrowDataType::LargeList(_) | ArrowDataType::FixedSizeList(..) => "list".to_string(),
        ArrowDataType::Struct(_) => "struct".to_string(),
        other => format!("{other:?}").to_lowercase(),
    }
}

pub(super) fn inspect(path: &Path, mapping: &Mapping) -> Result<Inspected, ImportError> {
    let outline = outline(path)?;
    let rows: usize = outline.groups.iter().sum();
    if rows == 0 {
        return Err(ImportError::NoRows {
            path: path.to_path_buf(),
            found: "has columns but no rows",
        });
    }
    let readable: Vec<String> = outline
        .columns
        .iter()
        .filter(|(_, dtype)| holds(dtype) != Holds::Other)
        .map(|(name, _)| name.clone())
        .collect();
    let head = read(path, readable, (0, ROWS_LOOKED_AT.min(rows)))?;
    let mut columns = Vec::with_capacity(outline.columns.len());
    for (name, dtype) in &outline.columns {
        let values = match head.column(name) {
            Ok(column) => as_text(path, column)?,
            Err(_) => Vec::new(),
        };
        let filled = || values.iter().flatten().map(String::as_str);
        let holds = match holds(dtype) {
            Holds::Text => holds_by_majority(filled(), mapping.decimal_comma),
            other => other,
        };
        columns.push(SourceColumn {
            name: name.clone(),
            type_name: type_name(dtype),
            holds,
            examples: examples(filled()),
        });
    }
    Ok(Inspected {
        columns,
        rows: Some(rows as u64),
        notes: Vec::new(),
    })
}

fn as_text(path: &Path, column: &Column) -> Result<Vec<Option<String>>, ImportError> {
    let text = column
        .cast(&DataType::String)
        .map_err(|source| ImportError::parquet(path, source))?;
    let text = text.str().map_err(|source| ImportError::parquet(path, source))?;
    Ok(text.iter().map(|value| value.map(str::to_string)).collect())
}

fn read(path: &Path, columns: Vec<String>, slice: (usize, usize)) -> Result<DataFrame, ImportError> {
    let file = File::open(path).map_err(|source| ImportError::io(path, source))?;
    ParquetReader::new(file)
        .with_columns(Some(columns))
        .with_slice(Some(slice))
        .set_rechunk(true)
        .finish()
        .map_err(|source| ImportError::parquet(path, source))
}

/// The rows of a Parquet file in batches.
pub(crate) struct ParquetStream {
    path: PathBuf,
    names: Vec<String>,
    needs: Vec<Need>,
    decimal_comma: bool,
    /// First row and number of rows of each batch to come, last first.
    slices: Vec<(usize, usize)>,
    rows: usize,
    rows_read: usize,
}

impl ParquetStream {
    pub(super) fn open(
        path: &Path,
        mapping: &Mapping,
        inspected: &Inspected,
        needs: Vec<Need>,
        rows_per_batch: usize,
    ) -> Result<Self, ImportError> {
        let outline = outline(path)?;
        if outline
            .columns
            .iter()
            .map(|(name, _)| name.as_str())
            .ne(inspected.names())
        {
            return Err(ImportError::Changed {
                path: path.to_path_buf(),
            });
        }
        for ((name, dtype), need) in outline.columns.iter().zip(&needs) {
            if holds(dtype) == Holds::Other && *need != Need::default() {
                return Err(ImportError::ColumnType {
                    path: path.to_path_buf(),
                    column: name.clone(),
                    found: type_name(dtype),
                });
            }
        }
        let mut slices = slices(&outline.groups, rows_per_batch.max(1));
        slices.reverse();
        Ok(Self {
            path: path.to_path_buf(),
            names: outline.columns.into_iter().map(|(name, _)| name).collect(),
            needs,
            decimal_comma: mapping.decimal_comma,
            slices,
            rows: outline.groups.iter().sum(),
            rows_read: 0,
        })
    }

    pub(super) fn fraction_done(&self) -> f64 {
        self.rows_read as f64 / self.rows.max(1) as f64
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, ImportError> {
        let Some(slice) = self.slices.pop() else {
            return Ok(None);
        };
        let needed: Vec<usize> = (0..self.needs.len())
            .filter(|&column| self.needs[column] != Need::default())
            .collect();
        let names = needed.iter().map(|&column| self.names[column].clone()).collect();
        let frame = read(&self.path, names, slice)?;
        let parquet = |source| ImportError::parquet(&self.path, source);
        let first_row = slice.0 as u64 + 1;
        let (mut text, mut numbers) = (Vec::new(), Vec::new());
        for column in needed {
            let values = frame.column(&self.names[column]).map_err(parquet)?;
            let name = frame_name(column);
            if self.needs[column].text {
                let values = match values.dtype() {
                    DataType::Datetime(..) | DataType::Date => values.clone(),
                    _ => values.cast(&DataType::String).map_err(parquet)?,
                };
                text.push(values.with_name(name.clone().into()));
            }
            if self.needs[column].number {
                numbers.push(self.numbers(column, values, first_row)?.with_name(name.into()));
            }
        }
        self.rows_read += slice.1;
        let (text, numbers) = frames(&self.path, slice.1, text, numbers)?;
        Ok(Some(Batch {
            first_row,
            lines: Vec::new(),
            text,
            numbers,
        }))
    }

    fn numbers(&self, column: usize, values: &Column, first_row: u64) -> Result<Column, ImportError> {
        let parquet = |source| ImportError::parquet(&self.path, source);
        match values.dtype() {
            DataType::String | DataType::Categorical(..) | DataType::Enum(..) => {
                let text = values.cast(&DataType::String).map_err(parquet)?;
                let bad = |row: usize, value: &str| {
                    let place = RowPlace {
                        row: first_row + row as u64,
                        line: None,
                    };
                    not_a_number(&self.path, place, &self.names[column], value, self.decimal_comma)
                };
                let numbers = numbers_from_text(text.str().map_err(parquet)?.iter(), self.decimal_comma, bad)?;
                Ok(Column::new(values.name().clone(), numbers))
            }
            DataType::Datetime(..) | DataType::Date => Ok(values.clone()),
            _ => values.strict_cast(&DataType::Float64).map_err(parquet),
        }
    }
}

/// Cuts the file into batches: whole row groups, or parts of very large ones.
fn slices(groups: &[usize], rows_per_batch: usize) -> Vec<(usize, usize)> {
    let most = rows_per_batch * GROUP_STRETCH;
    let mut slices: Vec<(usize, usize)> = Vec::new();
    let mut start = 0;
    for &rows in groups {
        let end = start + rows;
        match slices.last_mut() {
            // Small groups are read together.
            Some(last) if last.0 + last.1 == start && last.1 + rows <= rows_per_batch => last.1 += rows,
            _ => {
                let parts = rows.div_ceil(most);
                let part = rows.div_ceil(parts.max(1));
                while start < end {
                    let count = part.min(end - start);
                    slices.push((start, count));
                    start += count;
                }
            }
        }
        start = end;
    }
    slices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_groups_are_joined_and_large_ones_cut() {
        assert_eq!(slices(&[10, 20, 80, 50], 100), [(0, 30), (30, 80), (110, 50)]);
        assert_eq!(slices(&[2_500], 100), [(0, 834), (834, 834), (1668, 832)]);
        assert!(slices(&[], 100).is_empty());
    }
}
