//! When was each host measured: the usual interval and the gaps, before anything is written.
//!
//! A file that names no interval has the one its times show; that is known only
//! after the last row, so hosts and times are read once on their own.

use std::collections::HashMap;
use std::path::Path;

use super::error::ImportError;
use super::layout::Layout;
use super::rows::times;
use super::seen::{SeenTimes, usual_step_and_gaps};
use super::source::Stream;

/// What the times of one host show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HostTimes {
    /// Usual (median) distance of its times; the estate's where the host has one time only.
    pub interval_ms: Option<i64>,
    /// Pauses longer than twice the usual distance.
    pub gaps: u64,
}

/// What the times of a file show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    pub hosts: HashMap<String, HostTimes>,
    /// Median of the hosts' usual distances.
    pub interval_ms: Option<i64>,
    pub first_at_ms: i64,
    pub last_at_ms: i64,
    pub rows: u64,
}

/// Reads the hosts and times of a stream; `reached` is told the fraction and the rows after each batch.
pub(crate) fn survey(
    path: &Path,
    layout: &Layout,
    mut stream: Stream,
    reached: impl Fn(f64, u64) -> Result<(), ImportError>,
) -> Result<Survey, ImportError> {
    let mut seen: HashMap<String, SeenTimes> = HashMap::new();
    let mut survey = Survey {
        first_at_ms: i64::MAX,
        last_at_ms: i64::MIN,
        ..Survey::default()
    };
    while let Some(batch) = stream.next_batch()? {
        let times = times(path, layout, &batch)?;
        for (row, &at) in times.at_ms.iter().enumerate() {
            let host = times.hosts.get(row);
            match seen.get_mut(host) {
                Some(seen) => seen.insert(at),
                None => seen.entry(host.to_string()).or_default().insert(at),
            };
            survey.first_at_ms = survey.first_at_ms.min(at);
            survey.last_at_ms = survey.last_at_ms.max(at);
        }
        survey.rows += times.at_ms.len() as u64;
        reached(stream.fraction_done(), survey.rows)?;
    }
    survey.conclude(seen);
    Ok(survey)
}

impl Survey {
    fn conclude(&mut self, seen: HashMap<String, SeenTimes>) {
        self.hosts = seen
            .into_iter()
            .map(|(host, times)| {
                let (interval_ms, gaps) = usual_step_and_gaps(&times);
                (host, HostTimes { interval_ms, gaps })
            })
            .collect();
        let mut usual: Vec<i64> = self.hosts.values().filter_map(|host| host.interval_ms).collect();
        usual.sort_unstable();
        self.interval_ms = usual.get(usual.len().saturating_sub(1) / 2).copied();
        for host in self.hosts.values_mut() {
            host.interval_ms = host.interval_ms.or(self.interval_ms);
        }
    }
}
