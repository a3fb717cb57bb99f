//! A batch of source rows in native columns: hosts, times, labels and numbers.
//!
//! Nothing is judged here; numbers are as the source and the formulas give
//! them, NaN where not measured.

use std::path::Path;

use polars::prelude::{Column, DataFrame, DataType, StringChunked};

use super::error::{ImportError, shown};
use super::formula::{Compiled, evaluate_all};
use super::layout::{Layout, TextFrom, number_frame};
use super::source::Batch;

/// Texts of a batch, a row each.
pub(crate) enum Texts {
    Same(String),
    Each(StringChunked),
}

impl Texts {
    pub(crate) fn get(&self, row: usize) -> &str {
        match self {
            Texts::Same(text) => text,
            Texts::Each(texts) => texts.get(row).unwrap_or_default(),
        }
    }
}

/// Numbers of a batch, a row each.
pub(crate) enum Numbers {
    Same(f64),
    Each(Vec<f64>),
}

impl Numbers {
    pub(crate) fn get(&self, row: usize) -> f64 {
        match self {
            Numbers::Same(number) => *number,
            Numbers::Each(numbers) => numbers[row],
        }
    }
}

/// Hosts and times of a batch.
pub(crate) struct Times {
    pub hosts: Texts,
    pub at_ms: Vec<i64>,
}

/// One table's part of a batch.
pub(crate) struct TableRows {
    pub labels: Vec<Texts>,
    /// In the order of the layout's numbers.
    pub numbers: Vec<Numbers>,
}

/// Computes hosts and times.
pub(crate) fn times(path: &Path, layout: &Layout, batch: &Batch) -> Result<Times, ImportError> {
    let frame = if layout.at_from_numbers {
        &batch.numbers
    } else {
        &batch.text
    };
    let at = layout.at.evaluate(frame)?;
    Ok(Times {
        hosts: texts(path, &layout.host, batch, "host")?,
        at_ms: layout.clock.read(&at, batch)?,
    })
}

/// Computes the tables, in the order of the layout.
pub(crate) fn tables(path: &Path, layout: &Layout, batch: &Batch) -> Result<Vec<TableRows>, ImportError> {
    let frame = number_frame(batch, layout)?;
    let formulas: Vec<&Compiled> = layout
        .tables
        .iter()
        .flat_map(|table| &table.numbers)
        .filter(|number| number.constant.is_none())
        .map(|number| &number.formula)
        .collect();
    let mut computed = evaluate_all(&frame, &formulas)?.into_iter();
    let mut tables = Vec::with_capacity(layout.tables.len());
    for table in &layout.tables {
        let mut labels = Vec::new();
        for (label, name) in table.labels.iter().zip(table.table.labels()) {
            labels.push(texts(path, label, batch, name)?);
        }
        let mut numbers = Vec::new();
        for number in &table.numbers {
            numbers.push(match number.constant {
                Some(value) => Numbers::Same(value),
                None => {
                    let column = computed.next().ok_or_else(|| number.formula.failed(lost()))?;
                    Numbers::Each(floats(&number.formula, &column, &frame)?)
                }
            });
        }
        tables.push(TableRows { labels, numbers });
    }
    Ok(tables)
}

fn texts(path: &Path, from: &TextFrom, batch: &Batch, what: &'static str) -> Result<Texts, ImportError> {
    let formula = match from {
        TextFrom::Constant(text) => return Ok(Texts::Same(text.clone())),
        TextFrom::Formula(formula) => formula,
    };
    let column = formula
        .evaluate(&batch.text)?
        .cast(&DataType::String)
        .map_err(|source| formula.failed(source))?;
    let texts = column
        .str()
        .map_err(|source| formula.failed(source))?
        .rechunk()
        .into_owned();
    if let Some(row) = texts.iter().position(|text| text.is_none_or(str::is_empty)) {
        return Err(ImportError::Missing {
            path: path.to_path_buf(),
            place: batch.place(row),
            column: shown(&formula.text),
            what,
        });
    }
    Ok(Texts::Each(texts))
}

fn floats(formula: &Compiled, column: &Column, frame: &DataFrame) -> Result<Vec<f64>, ImportError> {
    debug_assert_eq!(column.len(), frame.height());
    let numbers = column
        .strict_cast(&DataType::Float64)
        .map_err(|source| formula.failed(source))?;
    let numbers = numbers.f64().map_err(|source| formula.failed(source))?;
    Ok(numbers.iter().map(|number| number.unwrap_or(f64::NAN)).collect())
}

fn lost() -> polars::error::PolarsError {
    polars::error::PolarsError::NoData("a formula's column did not come out".into())
}
