//! One host's rows of one table, column by column, in memory.
//!
//! A series is the unit that travels: importers and the generator make them,
//! the store writes and reads them, profiles and charts are taken from them.

use crate::schema::{ColumnId, NOT_MEASURED, Table};

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// Rows of one host (and device, mount, interface …) sorted by time.
///
/// Shapes: every present column has as many entries as `at_ms`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The table the rows belong to.
    pub table: Table,
    /// The host's name, exactly as its source gave it.
    pub host: String,
    /// Values of the table's label columns, such as the device.
    pub labels: Vec<String>,
    /// Ends of the intervals, UTC milliseconds, strictly increasing.
    pub at_ms: Vec<i64>,
    /// Raw numbers by column ([`crate::schema::Column::to_raw`]); `None` where the whole column was not measured.
    pub columns: Vec<Option<Vec<i64>>>,
}

impl Series {
    /// Starts an empty series.
    #[must_use]
    pub fn new(table: Table, host: impl Into<String>, labels: Vec<String>) -> Self {
        debug_assert_eq!(labels.len(), table.labels().len());
        Self {
            table,
            host: host.into(),
            labels,
            at_ms: Vec::new(),
            columns: vec![None; table.columns().len()],
        }
    }

    /// Counts the rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.at_ms.len()
    }

    /// Says whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at_ms.is_empty()
    }

    /// Appends a row; columns that are not named stay unmeasured. Values are in the columns' units.
    pub fn push(&mut self, at_ms: i64, values: &[(ColumnId, f64)]) {
        let row = self.at_ms.len();
        self.at_ms.push(at_ms);
        for &(id, value) in values {
            let raw = self.table.columns()[id.index()].to_raw(value);
            let column = self.columns[id.index()].get_or_insert_with(Vec::new);
            column.resize(row, NOT_MEASURED);
            column.push(raw);
        }
        for column in self.columns.iter_mut().flatten() {
            column.resize(row + 1, NOT_MEASURED);
        }
    }

    /// Sets a whole column from values in the column's unit (NaN where not measured).
    ///
    /// # Panics
    /// When the length differs from the number of rows.
    pub fn set(&mut self, id: ColumnId, values: impl IntoIterator<Item = f64>) {
        let column = &self.table.columns()[id.index()];
        let raw: Vec<i64> = values.into_iter().map(|value| column.to_raw(value)).collect();
        assert_eq!(raw.len(), self.at_ms.len(), "a column has one entry a row");
        self.columns[id.index()] = raw.iter().any(|&raw| raw != NOT_MEASURED).then_some(raw);
    }

    /// Gives the raw numbers of a column; nothing when none was measured.
    #[must_use]
    pub fn raw(&self, id: ColumnId) -> Option<&[i64]> {
        self.columns[id.index()].as_deref()
    }

    /// Gives one value in the column's unit; nothing when it was not measured.
    #[must_use]
    pub fn value(&self, id: ColumnId, row: usize) -> Option<f64> {
        let raw = *self.raw(id)?.get(row)?;
        self.table.columns()[id.index()].to_value(raw)
    }

    /// Gives a column as values in its unit, a row each.
    #[must_use]
    pub fn values(&self, id: ColumnId) -> Vec<Option<f64>> {
        (0..self.len()).map(|row| self.value(id, row)).collect()
    }

    /// Sorts the rows by time, keeping the order of equal times.
    pub fn sort_by_time(&mut self) {
        if self.at_ms.windows(2).all(|pair| pair[0] <= pair[1]) {
            return;
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|&row| self.at_ms[row]);
        self.keep_rows(&order);
    }

    /// Keeps the rows named, in the order named.
    pub fn keep_rows(&mut self, rows: &[usize]) {
        self.at_ms = rows.iter().map(|&row| self.at_ms[row]).collect();
        for column in self.columns.iter_mut().flatten() {
            *column = rows.iter().map(|&row| column[row]).collect();
        }
    }

    /// Appends another series' rows (same table, host and labels).
    pub fn append(&mut self, other: &Series) {
        let before = self.len();
        let after = before + other.len();
        self.at_ms.extend_from_slice(&other.at_ms);
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            match theirs {
                Some(theirs) => mine
                    .get_or_insert_with(|| vec![NOT_MEASURED; before])
                    .extend_from_slice(theirs),
                None => {
                    if let Some(mine) = mine {
                        mine.resize(after, NOT_MEASURED);
                    }
                }
            }
        }
    }

    /// Splits the rows by UTC day; an interval that ends at midnight belongs to the day it covered.
    #[must_use]
    pub fn split_by_day(&self) -> Vec<(i64, Series)> {
        let mut days = Vec::new();
        let mut start = 0;
        while start < self.len() {
            let day = day_of(self.at_ms[start]);
            let rows = self.at_ms[start..].iter().take_while(|&&at| day_of(at) == day).count();
            let range = start..start + rows;
            let columns = self
                .columns
                .iter()
                .map(|column| {
                    let part = column.as_ref()?[range.clone()].to_vec();
                    part.iter().any(|&raw| raw != NOT_MEASURED).then_some(part)
                })
                .collect();
            days.push((
                day,
                Series {
                    table: self.table,
                    host: self.host.clone(),
                    labels: self.labels.clone(),
                    at_ms: self.at_ms[range.clone()].to_vec(),
                    columns,
                },
            ));
            start = range.end;
        }
        days
    }
}

/// Gives the UTC day (days since 1970-01-01) that an interval ending at this instant belongs to.
#[must_use]
pub fn day_of(at_ms: i64) -> i64 {
    (at_ms - 1).div_euclid(DAY_MS)
}

/// Writes a day as `2026-05-01`.
#[must_use]
pub fn day_name(day: i64) -> String {
    instant(day * DAY_MS)
        .map(|instant| instant.strftime("%Y-%m-%d").to_string())
        .unwrap_or_else(|| format!("day{day}"))
}

/// Turns UTC milliseconds into an instant; nothing when outside the calendar.
#[must_use]
pub fn instant(at_ms: i64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(at_ms).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::host;

    #[test]
    fn a_column_seen_late_is_unmeasured_before() {
        let mut series = Series::new(Table::Host, "a", vec![]);
        series.push(1000, &[(host::CPU_CORES, 4.0)]);
        series.push(2000, &[(host::CPU_CORES, 4.0), (host::LOAD1, 0.5)]);
        series.push(3000, &[(host::CPU_CORES, 4.0)]);
        assert_eq!(series.values(host::LOAD1), [None, Some(0.5), None]);
    }

    #[test]
    fn midnight_belongs_to_the_day_it_ends() {
        let mut series = Series::new(Table::Host, "a", vec![]);
        series.push(DAY_MS, &[(host::CPU_CORES, 1.0)]);
        series.push(DAY_MS + 1, &[(host::CPU_CORES, 1.0)]);
        let days: Vec<i64> = series.split_by_day().iter().map(|day| day.0).collect();
        assert_eq!(days, [0, 1]);
        assert_eq!(day_name(0), "1970-01-01");
    }
}
