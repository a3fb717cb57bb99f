//! Turns columns of values into the whole numbers of the store.

use telemetry::{ColumnId, NOT_MEASURED, Series};

/// Sets a column from values in its unit, which are not negative; NaN stays unmeasured.
///
/// The same numbers as [`Series::set`], for a slice.
pub(crate) fn fill(series: &mut Series, id: ColumnId, values: &[f64]) {
    debug_assert_eq!(values.len(), series.at_ms.len());
    debug_assert!(!values.iter().any(|&value| value < 0.0), "{id:?}");
    let column = &series.table.columns()[id.index()];
    let raw: Vec<i64> = values.iter().map(|&value| column.to_raw(value)).collect();
    let measured = raw.iter().any(|&raw| raw != NOT_MEASURED);
    series.columns[id.index()] = measured.then_some(raw);
}

/// Sets a column to the same value in every row.
pub(crate) fn fill_constant(series: &mut Series, id: ColumnId, value: f64) {
    let raw = series.table.columns()[id.index()].to_raw(value);
    series.columns[id.index()] = Some(vec![raw; series.at_ms.len()]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use telemetry::Table;
    use telemetry::schema::network;

    #[test]
    fn filling_agrees_with_setting() {
        let values = [0.0, 7.9, 8.1, 24.0, 1e9 + 3.3, f64::NAN];
        let mut series = Series::new(Table::Network, "a", vec!["eth0".to_string()]);
        series.at_ms = (0..values.len() as i64).collect();
        let mut other = series.clone();
        fill(&mut series, network::RECEIVE_BYTES_PER_S, &values);
        other.set(network::RECEIVE_BYTES_PER_S, values);
        assert_eq!(series, other);
        fill(&mut series, network::RECEIVE_BYTES_PER_S, &[f64::NAN; 6]);
        assert_eq!(series.raw(network::RECEIVE_BYTES_PER_S), None);
    }
}
