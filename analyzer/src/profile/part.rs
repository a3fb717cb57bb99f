//! A part of a host's time: what a back-test fits on, and what it scores.

use telemetry::Series;

use super::host::HostSeries;

impl HostSeries {
    /// Gives the rows whose intervals end after `from_ms` and not after `to_ms`.
    #[must_use]
    pub fn between(&self, from_ms: i64, to_ms: i64) -> Self {
        let all = |series: &[Series]| -> Vec<Series> {
            series
                .iter()
                .map(|one| part(one, from_ms, to_ms))
                .filter(|one| !one.is_empty())
                .collect()
        };
        Self {
            host: self
                .host
                .as_ref()
                .map(|one| part(one, from_ms, to_ms))
                .filter(|one| !one.is_empty()),
            disks: all(&self.disks),
            networks: all(&self.networks),
            filesystems: all(&self.filesystems),
        }
    }
}

fn part(series: &Series, from_ms: i64, to_ms: i64) -> Series {
    let rows = series.at_ms.partition_point(|&at| at <= from_ms)..series.at_ms.partition_point(|&at| at <= to_ms);
    Series {
        table: series.table,
        host: series.host.clone(),
        labels: series.labels.clone(),
        at_ms: series.at_ms[rows.clone()].to_vec(),
        columns: series
            .columns
            .iter()
            .map(|column| column.as_ref().map(|raw| raw[rows.clone()].to_vec()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use telemetry::Table;
    use telemetry::schema::host;

    #[test]
    fn an_interval_belongs_to_the_part_in_which_it_ends() {
        let mut series = Series::new(Table::Host, "a", vec![]);
        for minute in 1..=4 {
            series.push(minute * 60_000, &[(host::CPU_CORES, minute as f64)]);
        }
        let whole = HostSeries {
            host: Some(series),
            ..HostSeries::default()
        };
        let part = whole.between(60_000, 180_000).host.unwrap();
        assert_eq!(part.at_ms, [120_000, 180_000]);
        assert_eq!(part.value(host::CPU_CORES, 0), Some(2.0));
        assert!(whole.between(240_000, 300_000).host.is_none());
    }
}
