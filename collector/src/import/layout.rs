//! Which column of the source, through which formula, fills which native column?
//!
//! Input: the columns of a file, a mapping, and perhaps a table that was asked
//! for. Output: a [`Layout`], ready to be computed batch by batch. A file
//! without formulas must have native columns; `native` says which table it is.

use std::path::Path;

use polars::prelude::{DataFrame, DataType};
use telemetry::{ColumnId, Table};

use super::error::{ImportError, shown};
use super::formula::{Compiled, constant, dtype};
use super::instant::Clock;
use super::mapping::{FILE_STEM, Formula, Mapping};
use super::native;
use super::source::{Batch, Holds, Inspected, Need};

/// Where a text of each row comes from: the host or a label.
#[derive(Clone, Debug)]
pub(crate) enum TextFrom {
    /// The same in every row.
    Constant(String),
    /// A formula over the columns as text.
    Formula(Compiled),
}

impl TextFrom {
    /// Gives the formula as a user would write it.
    pub(crate) fn written(&self) -> String {
        match self {
            TextFrom::Constant(text) => format!("'{text}'"),
            TextFrom::Formula(formula) => formula.text.clone(),
        }
    }
}

/// Where a number of each row comes from.
#[derive(Clone, Debug)]
pub(crate) struct NumberFrom {
    pub id: ColumnId,
    pub formula: Compiled,
    /// The value, when it is the same in every row.
    pub constant: Option<f64>,
}

/// How one table is filled.
#[derive(Clone, Debug)]
pub(crate) struct TableLayout {
    pub table: Table,
    /// One for each of [`Table::labels`].
    pub labels: Vec<TextFrom>,
    /// Numbers in the order of the table's columns.
    pub numbers: Vec<NumberFrom>,
}

/// How one file is understood.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub native: bool,
    pub host: TextFrom,
    pub at: Compiled,
    /// Whether `at` is computed from numbers rather than taken as it is written.
    pub at_from_numbers: bool,
    pub clock: Clock,
    pub tables: Vec<TableLayout>,
    /// What is needed of each source column.
    pub needs: Vec<Need>,
}

impl Layout {
    /// Understands a file. Formulas are parsed and their columns looked up; [`Layout::check`] computes some.
    pub(crate) fn new(
        path: &Path,
        inspected: &Inspected,
        mapping: &Mapping,
        table: Option<Table>,
    ) -> Result<Self, ImportError> {
        let native = mapping.is_native();
        let mapping = if native {
            &native::mapping(path, inspected, mapping, table)?
        } else {
            mapping
        };
        let names = inspected.names();
        let compile = |place: &str, formula: &Formula| Compiled::new(path, place, formula, &names);
        let (Some(host), Some(at)) = (&mapping.host, &mapping.at) else {
            return Err(incomplete(mapping));
        };
        let host = if host.as_str() == FILE_STEM {
            let stem = path.file_stem().unwrap_or(path.as_os_str());
            TextFrom::Constant(stem.to_string_lossy().into_owned())
        } else {
            text_from(compile("host", host)?)?
        };
        let at = compile("at", at)?;
        let all_numbers = at
            .uses
            .iter()
            .all(|&column| inspected.columns[column].holds == Holds::Numbers);
        let mut tables = Vec::new();
        for (&target, formulas) in &mapping.tables {
            if table.is_some_and(|table| table != target) {
                continue;
            }
            tables.push(table_layout(target, formulas, &compile)?);
        }
        if tables.is_empty() {
            return Err(ImportError::Incomplete {
                place: "the mapping".to_string(),
                missing: format!(
                    "what to fill, as in `[tables.{}]` with formulas for its columns",
                    table.map_or("host", Table::name)
                ),
            });
        }
        let mut layout = Self {
            native,
            host,
            clock: Clock::new(path, &at.text, mapping)?,
            at_from_numbers: !at.is_plain_column() && all_numbers,
            at,
            tables,
            needs: Vec::new(),
        };
        layout.needs = layout.needs_of(inspected);
        Ok(layout)
    }

    /// Gives the needs of the times and hosts alone.
    pub(crate) fn needs_of_times(&self, columns: usize) -> Vec<Need> {
        let mut needs = vec![Need::default(); columns];
        if let TextFrom::Formula(host) = &self.host {
            host.uses.iter().for_each(|&column| needs[column].text = true);
        }
        for &column in &self.at.uses {
            if self.at_from_numbers {
                needs[column].number = true;
            } else {
                needs[column].text = true;
            }
        }
        needs
    }

    fn needs_of(&self, inspected: &Inspected) -> Vec<Need> {
        let mut needs = self.needs_of_times(inspected.columns.len());
        for table in &self.tables {
            for label in &table.labels {
                if let TextFrom::Formula(label) = label {
                    label.uses.iter().for_each(|&column| needs[column].text = true);
                }
            }
            for number in &table.numbers {
                for &column in &number.formula.uses {
                    // A text column within a formula, as in CASE WHEN state = 'on', stays text.
                    match inspected.columns[column].holds {
                        Holds::Text if !number.formula.is_plain_column() => needs[column].text = true,
                        _ => needs[column].number = true,
                    }
                }
            }
        }
        needs
    }

    /// Lists the source columns that nothing uses.
    pub(crate) fn unused<'a>(&self, inspected: &'a Inspected) -> Vec<&'a str> {
        inspected
            .columns
            .iter()
            .zip(&self.needs)
            .filter(|(_, need)| **need == Need::default())
            .map(|(column, _)| column.name.as_str())
            .collect()
    }

    /// Computes every formula on some rows, so that what cannot work fails before anything is written.
    pub(crate) fn check(&self, path: &Path, inspected: &Inspected, batch: &Batch) -> Result<(), ImportError> {
        let numbers = number_frame(batch, self)?;
        if let TextFrom::Formula(host) = &self.host {
            host.check_row_by_row(&batch.text)?;
        }
        let at_frame = if self.at_from_numbers {
            &batch.numbers
        } else {
            &batch.text
        };
        self.at.check_row_by_row(at_frame)?;
        for table in &self.tables {
            for label in &table.labels {
                if let TextFrom::Formula(label) = label {
                    label.check_row_by_row(&batch.text)?;
                }
            }
            for number in &table.numbers {
                if number.constant.is_some() {
                    continue;
                }
                match dtype(&number.formula, &numbers) {
                    Ok(found) if is_number(&found) => {}
                    // Text in arithmetic fails with the library's words for types; the value says more.
                    Err(error) if !uses_text(inspected, &number.formula) => return Err(error),
                    _ => return Err(no_number(path, inspected, &number.formula, batch)),
                }
                number.formula.check_row_by_row(&numbers)?;
            }
        }
        Ok(())
    }
}

/// Gives the frame that number formulas are computed on: numbers, and text columns they compare with.
pub(crate) fn number_frame(batch: &Batch, layout: &Layout) -> Result<DataFrame, ImportError> {
    let missing: Vec<_> = batch
        .text
        .columns()
        .iter()
        .filter(|column| batch.numbers.column(column.name()).is_err())
        .cloned()
        .collect();
    if missing.is_empty() {
        return Ok(batch.numbers.clone());
    }
    batch
        .numbers
        .hstack(&missing)
        .map_err(|source| layout.at.failed(source))
}

fn is_number(dtype: &DataType) -> bool {
    dtype.is_primitive_numeric() || matches!(dtype, DataType::Boolean | DataType::Null | DataType::Decimal(..))
}

fn uses_text(inspected: &Inspected, formula: &Compiled) -> bool {
    formula
        .uses
        .iter()
        .any(|&column| inspected.columns[column].holds == Holds::Text)
}

/// Blames the first text that stands where a number is needed.
fn no_number(path: &Path, inspected: &Inspected, formula: &Compiled, batch: &Batch) -> ImportError {
    let column = formula
        .uses
        .iter()
        .find(|&&column| inspected.columns[column].holds != Holds::Numbers);
    let name = column.map_or(formula.text.as_str(), |&column| inspected.columns[column].name.as_str());
    let example = column.and_then(|&column| inspected.columns[column].examples.first());
    ImportError::BadValue {
        path: path.to_path_buf(),
        place: batch.place(0),
        column: shown(name),
        value: shown(example.map_or("", String::as_str)),
        expected: format!("a number, which `{}` needs", formula.place),
    }
}

fn table_layout(
    table: Table,
    formulas: &std::collections::BTreeMap<String, Formula>,
    compile: &impl Fn(&str, &Formula) -> Result<Compiled, ImportError>,
) -> Result<TableLayout, ImportError> {
    let place = |target: &str| format!("tables.{}.{target}", table.name());
    let mut labels = Vec::new();
    for label in table.labels() {
        let formula = formulas.get(*label).ok_or_else(|| ImportError::Incomplete {
            place: format!("`[tables.{}]` of the mapping", table.name()),
            missing: format!("`{label}`; write `{label} = \"'all'\"` when the source does not tell them apart"),
        })?;
        labels.push(text_from(compile(&place(label), formula)?)?);
    }
    let mut numbers = Vec::new();
    for column in table.columns() {
        let (Some(formula), Some(id)) = (formulas.get(column.name), table.column(column.name)) else {
            continue;
        };
        let formula = compile(&place(column.name), formula)?;
        let constant = constant_number(&formula)?;
        numbers.push(NumberFrom { id, formula, constant });
    }
    if numbers.is_empty() {
        return Err(ImportError::Incomplete {
            place: format!("`[tables.{}]` of the mapping", table.name()),
            missing: "which of its number columns to fill".to_string(),
        });
    }
    Ok(TableLayout { table, labels, numbers })
}

fn text_from(formula: Compiled) -> Result<TextFrom, ImportError> {
    if !formula.is_constant() {
        return Ok(TextFrom::Formula(formula));
    }
    let text = constant(&formula)?
        .cast(&DataType::String)
        .map_err(|source| formula.failed(source))?;
    let text = text
        .str()
        .map_err(|source| formula.failed(source))?
        .get(0)
        .unwrap_or_default()
        .to_string();
    Ok(TextFrom::Constant(text))
}

fn constant_number(formula: &Compiled) -> Result<Option<f64>, ImportError> {
    if !formula.is_constant() {
        return Ok(None);
    }
    let value = constant(formula)?;
    let number = value
        .strict_cast(&DataType::Float64)
        .and_then(|number| Ok(number.f64()?.get(0)))
        .map_err(|source| formula.failed(source))?;
    Ok(Some(number.unwrap_or(f64::NAN)))
}

fn incomplete(mapping: &Mapping) -> ImportError {
    let missing: Vec<&str> = [
        ("`host` (a column, `\"'name'\"` or `\"@file\"`)", mapping.host.is_none()),
        ("`at` (the column with the time)", mapping.at.is_none()),
    ]
    .into_iter()
    .filter_map(|(key, missing)| missing.then_some(key))
    .collect();
    ImportError::Incomplete {
        place: "the mapping".to_string(),
        missing: missing.join(" and "),
    }
}
