//! What does a formula of a mapping compute, and from which columns?
//!
//! Input: the text of a formula and the columns of a file. Output: a polars
//! expression over the frames of a batch. A text that is exactly a column's
//! name is that column, whatever signs are in it; anything else is polars SQL.
//! A formula looks at one row only: batches would change what a sum, a lag or a
//! row number means, so those are refused.

use std::path::Path;

use polars::prelude::{Column, DataFrame, DataType, Expr, IntoLazy as _, PlSmallStr};
use polars::sql::sql_expr;

use super::error::ImportError;
use super::mapping::Formula;
use super::nearest::{listed, nearest_name};
use super::source::frame_name;

/// A formula that was understood for one file.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    /// The key of the mapping, for messages.
    pub place: String,
    /// The text of the formula.
    pub text: String,
    /// Columns of the source that it uses, by position, each once.
    pub uses: Vec<usize>,
    expression: Expr,
}

impl Compiled {
    /// Takes one column as it is.
    pub(crate) fn column(place: &str, columns: &[&str], position: usize) -> Self {
        Self {
            place: place.to_string(),
            text: columns[position].to_string(),
            uses: vec![position],
            expression: Expr::Column(frame_name(position).into()),
        }
    }

    /// Understands a formula over the columns of a file.
    pub(crate) fn new(path: &Path, place: &str, formula: &Formula, columns: &[&str]) -> Result<Self, ImportError> {
        let text = formula.as_str();
        if let Some(position) = columns.iter().position(|name| *name == text) {
            return Ok(Self::column(place, columns, position));
        }
        let expression = sql_expr(text).map_err(|source| ImportError::BadFormula {
            place: place.to_string(),
            formula: text.to_string(),
            source,
        })?;
        refuse_beyond_the_row(place, text, &expression)?;
        let mut uses = Vec::new();
        for node in &expression {
            let Expr::Column(name) = node else { continue };
            let position = columns
                .iter()
                .position(|column| column == name)
                .ok_or_else(|| missing_column(path, place, name, columns))?;
            if !uses.contains(&position) {
                uses.push(position);
            }
        }
        let expression = expression.map_expr(|node| match node {
            Expr::Column(name) => match columns.iter().position(|column| *column == name.as_str()) {
                Some(position) => Expr::Column(frame_name(position).into()),
                None => Expr::Column(name),
            },
            Expr::Alias(inner, _) => inner.as_ref().clone(),
            other => other,
        });
        Ok(Self {
            place: place.to_string(),
            text: text.to_string(),
            uses,
            expression,
        })
    }

    /// Says whether the value is the same in every row.
    pub(crate) fn is_constant(&self) -> bool {
        self.uses.is_empty()
    }

    /// Says whether the formula is one column as it is.
    pub(crate) fn is_plain_column(&self) -> bool {
        matches!(self.expression, Expr::Column(_))
    }

    /// Computes the formula alone; constants give as many rows as the frame has.
    pub(crate) fn evaluate(&self, frame: &DataFrame) -> Result<Column, ImportError> {
        let mut columns = evaluate_all(frame, &[self])?;
        columns.pop().ok_or_else(|| self.failed(no_column()))
    }

    /// Refuses a formula whose value depends on other rows, by computing some rows twice.
    pub(crate) fn check_row_by_row(&self, frame: &DataFrame) -> Result<(), ImportError> {
        let half = frame.height() / 2;
        if self.is_plain_column() || half == 0 {
            return Ok(());
        }
        let whole = self.evaluate(frame)?.slice(half as i64, frame.height() - half);
        let alone = self.evaluate(&frame.slice(half as i64, frame.height() - half))?;
        if whole.equals_missing(&alone) {
            Ok(())
        } else {
            Err(self.not_row_by_row("gives other values when the file is read in parts"))
        }
    }

    pub(crate) fn failed(&self, source: polars::error::PolarsError) -> ImportError {
        ImportError::BadFormula {
            place: self.place.clone(),
            formula: self.text.clone(),
            source,
        }
    }

    fn not_row_by_row(&self, found: &'static str) -> ImportError {
        ImportError::NotRowByRow {
            place: self.place.clone(),
            formula: self.text.clone(),
            found,
        }
    }
}

/// Computes several formulas over one frame, in one pass.
pub(crate) fn evaluate_all(frame: &DataFrame, formulas: &[&Compiled]) -> Result<Vec<Column>, ImportError> {
    if formulas.is_empty() {
        return Ok(Vec::new());
    }
    let height = frame.height();
    let result = if formulas.iter().all(|formula| formula.is_plain_column()) {
        let columns: Result<Vec<Column>, _> = formulas
            .iter()
            .map(|formula| frame.column(&frame_name(formula.uses[0])).cloned())
            .collect();
        columns
    } else {
        let named = |index: usize| PlSmallStr::from_string(format!("f{index}"));
        let mut expressions: Vec<Expr> = formulas
            .iter()
            .enumerate()
            .map(|(index, formula)| formula.expression.clone().alias(named(index)))
            .collect();
        // A row number beside them gives constants their height.
        let rows = Column::new("rows".into(), (0..height as u64).collect::<Vec<u64>>());
        expressions.push(Expr::Column("rows".into()));
        frame
            .hstack(&[rows])
            .and_then(|frame| frame.lazy().select(expressions).collect())
            .map(|frame| frame.columns()[..formulas.len()].to_vec())
    };
    let columns = result.map_err(|source| match formulas {
        [one] => one.failed(source),
        // Find the one to blame, so that the message names it.
        many => many
            .iter()
            .find_map(|one| one.evaluate(frame).err())
            .unwrap_or_else(|| formulas[0].failed(source)),
    })?;
    match columns.iter().position(|column| column.len() != height) {
        Some(position) => Err(formulas[position].not_row_by_row("gives another number of rows than it gets")),
        None => Ok(columns),
    }
}

/// Computes a formula that uses no column.
pub(crate) fn constant(formula: &Compiled) -> Result<Column, ImportError> {
    let one_row = Column::new("one".into(), [true]);
    let frame = DataFrame::new(1, vec![one_row]).map_err(|source| formula.failed(source))?;
    formula.evaluate(&frame)
}

/// Gives the type a formula has over a frame.
pub(crate) fn dtype(formula: &Compiled, frame: &DataFrame) -> Result<DataType, ImportError> {
    Ok(formula
        .evaluate(&frame.slice(0, frame.height().min(1)))?
        .dtype()
        .clone())
}

fn refuse_beyond_the_row(place: &str, text: &str, expression: &Expr) -> Result<(), ImportError> {
    for node in expression {
        let found = match node {
            Expr::Column(_)
            | Expr::Literal(_)
            | Expr::BinaryExpr { .. }
            | Expr::Cast { .. }
            | Expr::Ternary { .. }
            | Expr::Function { .. }
            | Expr::Alias(..) => continue,
            Expr::Agg(_) | Expr::Len => "aggregates over rows",
            Expr::Over { .. } => "looks at other rows through a window",
            Expr::SubPlan(..) => "holds a query of its own",
            Expr::Selector(_) => "selects several columns at once",
            _ => "does more than compute from values",
        };
        return Err(ImportError::NotRowByRow {
            place: place.to_string(),
            formula: text.to_string(),
            found,
        });
    }
    Ok(())
}

fn missing_column(path: &Path, place: &str, name: &str, columns: &[&str]) -> ImportError {
    ImportError::MissingColumn {
        path: path.to_path_buf(),
        place: place.to_string(),
        name: super::error::shown(name),
        known: listed(columns),
        nearest: nearest_name(name, columns).map(super::error::shown),
    }
}

fn no_column() -> polars::error::PolarsError {
    polars::error::PolarsError::NoData("no column came out".into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const COLUMNS: [&str; 4] = ["CPU usage [%]", "cores", "^a.*$", "ts"];

    fn compile(text: &str) -> Result<Compiled, ImportError> {
        Compiled::new(Path::new("f.csv"), "tables.host.x", &Formula::new(text), &COLUMNS)
    }

    fn frame() -> DataFrame {
        let column = |name: &str, values: [f64; 4]| Column::new(name.into(), values);
        DataFrame::new(
            4,
            vec![
                column("c0", [50.0, 25.0, 100.0, 0.0]),
                column("c1", [4.0, 2.0, 1.0, 8.0]),
                column("c2", [1.0, 2.0, 3.0, 4.0]),
            ],
        )
        .unwrap()
    }

    fn computed(text: &str) -> Vec<f64> {
        let column = compile(text).unwrap().evaluate(&frame()).unwrap();
        let numbers = column.cast(&DataType::Float64).unwrap();
        numbers
            .f64()
            .unwrap()
            .iter()
            .map(|number| number.unwrap_or(f64::NAN))
            .collect()
    }

    #[test]
    fn names_with_signs_work_quoted_and_alone() {
        let busy = [2.0, 0.5, 1.0, 0.0];
        assert_eq!(computed("\"CPU usage [%]\" / 100 * cores"), busy);
        assert_eq!(computed("`CPU usage [%]` / 100 * cores"), busy);
        assert_eq!(computed("CPU usage [%]"), [50.0, 25.0, 100.0, 0.0]);
        assert_eq!(computed("^a.*$"), [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn whole_numbers_divide_without_loss() {
        assert_eq!(computed("1 / 2"), [0.5; 4]);
        assert_eq!(computed("cores * (1 / 4)"), [1.0, 0.5, 0.25, 2.0]);
        assert_eq!(computed("7"), [7.0; 4]);
        assert_eq!(computed("CASE WHEN cores > 3 THEN 1 ELSE 0 END"), [1.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn what_looks_beyond_its_row_is_refused() {
        for text in [
            "SUM(cores)",
            "cores - AVG(cores)",
            "LAG(cores) OVER (ORDER BY ts)",
            "ROW_NUMBER() OVER (ORDER BY ts)",
            "COUNT(*)",
            "(SELECT 1)",
            "*",
        ] {
            assert!(compile(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_missing_column_names_the_nearest() {
        let error = compile("coers * 2").unwrap_err().to_string();
        assert!(
            error.contains("`coers`") && error.contains("did you mean `cores`"),
            "{error}"
        );
        assert!(matches!(compile("cores *"), Err(ImportError::BadFormula { .. })));
    }
}
