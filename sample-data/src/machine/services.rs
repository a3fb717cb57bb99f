//! Process groups and services' own counters, every five minutes.

use telemetry::schema::{host, process_group, service};
use telemetry::series::DAY_MS;
use telemetry::{Series, Table};

use super::load::Day;
use crate::calendar::MINUTE_MS;
use crate::company::{Course, ServiceUse, uses};
use crate::estate::HostSpec;
use crate::grid::{fill, fill_constant};
use crate::noise::Noise;

const EVERY_MS: i64 = 5 * MINUTE_MS;

/// The services of a host in the course of the span.
pub(crate) struct Services {
    uses: Vec<ServiceUse>,
    noise: Noise,
    start_ms: i64,
    span_ms: f64,
}

impl Services {
    pub(crate) fn new(host: &HostSpec, seed: u64, start_ms: i64, days: u32) -> Self {
        Self {
            uses: uses(host),
            // A stream of its own: that of the host's other series stays what it was.
            noise: Noise::new(seed, &format!("{} services", host.name)),
            start_ms,
            span_ms: f64::from(days.max(1)) * DAY_MS as f64,
        }
    }

    /// Makes a day's series: one a process group, one a service and metric.
    pub(crate) fn day(&mut self, spec: &HostSpec, day: &Day, of_host: &Series) -> Vec<Series> {
        let rows: Vec<usize> = (0..day.at_ms.len())
            .filter(|&row| day.at_ms[row] % EVERY_MS == 0)
            .collect();
        let at_ms: Vec<i64> = rows.iter().map(|&row| day.at_ms[row]).collect();
        let load: Vec<f64> = rows.iter().map(|&row| day.load[row]).collect();
        let busy: Vec<f64> = rows
            .iter()
            .map(|&row| of_host.value(host::CPU_BUSY_CORES, row).unwrap_or(0.0))
            .collect();
        let mut all = Vec::new();
        for one in &self.uses {
            let mut group = Series::new(Table::ProcessGroup, spec.name.clone(), vec![one.name.clone()]);
            group.at_ms.clone_from(&at_ms);
            let cpu: Vec<f64> = busy.iter().map(|busy| busy * one.cpu_share).collect();
            let resident: Vec<f64> = load
                .iter()
                .map(|load| one.resident_bytes * (0.94 + 0.06 * load.min(1.0)))
                .collect();
            fill_constant(&mut group, process_group::INTERVAL_S, EVERY_MS as f64 / 1_000.0);
            fill(&mut group, process_group::CPU_BUSY_CORES, &cpu);
            fill(&mut group, process_group::RESIDENT_BYTES, &resident);
            fill_constant(&mut group, process_group::PROCESSES, one.processes);
            all.push(group);
            for (metric, course) in &one.metrics {
                let labels = vec![one.name.clone(), (*metric).to_string()];
                let mut counter = Series::new(Table::Service, spec.name.clone(), labels);
                counter.at_ms.clone_from(&at_ms);
                let values: Vec<f64> = at_ms
                    .iter()
                    .zip(&load)
                    .map(|(&at, &load)| match *course {
                        Course::Always(value) => value,
                        Course::Load(rest, crest) => (rest + (crest - rest) * load.min(1.4)) * self.noise.factor(0.03),
                        Course::Grows(from, to) => from + (to - from) * (at - self.start_ms) as f64 / self.span_ms,
                    })
                    .collect();
                fill(&mut counter, service::VALUE, &values);
                all.push(counter);
            }
        }
        all.sort_by(|one, other| (one.table, &one.labels).cmp(&(other.table, &other.labels)));
        all
    }
}
