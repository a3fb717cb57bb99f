//! Rows of one series in memory, in the order they came, until they are written.

use telemetry::NOT_MEASURED;

/// Rows as columns of raw numbers.
pub(crate) struct Pending {
    at_ms: Vec<i64>,
    columns: Vec<Vec<i64>>,
}

impl Pending {
    pub(crate) fn new(columns: usize) -> Self {
        Self {
            at_ms: Vec::new(),
            columns: vec![Vec::new(); columns],
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at_ms.is_empty()
    }

    pub(crate) fn push(&mut self, at: i64, raw: impl Iterator<Item = i64>) {
        self.at_ms.push(at);
        for (column, raw) in self.columns.iter_mut().zip(raw) {
            column.push(raw);
        }
    }

    /// Takes the rows out, in order of time; rows with the same time become one, the first number standing.
    pub(crate) fn take_out(&mut self, at_ms: &mut Vec<i64>) -> Vec<Vec<i64>> {
        let columns = self.columns.len();
        let mut rows = std::mem::replace(self, Self::new(columns));
        if rows.at_ms.windows(2).all(|pair| pair[0] < pair[1]) {
            *at_ms = rows.at_ms;
            return rows.columns;
        }
        let mut order: Vec<usize> = (0..rows.at_ms.len()).collect();
        order.sort_by_key(|&row| rows.at_ms[row]);
        let mut kept: Vec<usize> = Vec::with_capacity(order.len());
        for row in order {
            match kept.last() {
                Some(&first) if rows.at_ms[first] == rows.at_ms[row] => {
                    for column in &mut rows.columns {
                        if column[first] == NOT_MEASURED {
                            column[first] = column[row];
                        }
                    }
                }
                _ => kept.push(row),
            }
        }
        *at_ms = kept.iter().map(|&row| rows.at_ms[row]).collect();
        rows.columns
            .iter()
            .map(|column| kept.iter().map(|&row| column[row]).collect())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_time_become_one() {
        let mut pending = Pending::new(2);
        pending.push(2, [20, NOT_MEASURED].into_iter());
        pending.push(1, [10, 11].into_iter());
        pending.push(2, [99, 21].into_iter());
        let mut at_ms = Vec::new();
        let columns = pending.take_out(&mut at_ms);
        assert_eq!(at_ms, [1, 2]);
        assert_eq!(columns, [[10, 20], [11, 21]]);
        assert!(pending.is_empty());
    }
}
