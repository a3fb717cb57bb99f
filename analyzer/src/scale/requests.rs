//! How much CPU does a request take? Learnt from a request rate and the CPU of the same minutes.
//!
//! Input: two loads. Output: [`RequestCost`]: ordinary least squares of busy
//! cores on requests per second, with its intercept (what runs without any
//! request) and how much it explains.

use serde::{Deserialize, Serialize};

use super::load::{Load, LoadError};

/// Fewest common minutes: two hours.
const LEAST_MINUTES: usize = 120;

/// Busy cores as a straight line of requests per second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestCost {
    /// Core-seconds that one request takes.
    pub core_seconds: f64,
    /// Busy cores without any request.
    pub idle_cores: f64,
    /// Share of the CPU's variance that requests explain.
    pub explained: f64,
    /// Minutes it was learnt from.
    pub minutes: usize,
}

/// What is wrong with a file of requests.
#[derive(Debug, thiserror::Error)]
pub enum RequestsError {
    /// A line cannot be read.
    #[error("line {line}: {reason}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What was expected.
        reason: String,
    },
    /// The rows make no load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// There is too little common time.
    #[error(
        "requests and CPU have {minutes} minutes in common; {LEAST_MINUTES} are needed to learn what a request takes"
    )]
    NothingInCommon {
        /// Minutes.
        minutes: usize,
    },
    /// Requests do not explain CPU.
    #[error(
        "more requests do not take more CPU (slope {slope:.6}); give the requests that a core serves a second by hand"
    )]
    NoSlope {
        /// Core-seconds a request.
        slope: f64,
    },
}

impl RequestCost {
    /// Learns it.
    ///
    /// # Errors
    /// When there is too little common time, or CPU does not rise with requests.
    pub fn learn(requests: &Load, cpu: &Load) -> Result<Self, RequestsError> {
        let first = requests.first_minute().max(cpu.first_minute());
        let values = |load: &Load| {
            let skip = usize::try_from(first - load.first_minute()).unwrap_or(usize::MAX);
            load.per_minute().get(skip..).unwrap_or_default().to_vec()
        };
        let pairs: Vec<(f64, f64)> = values(requests)
            .into_iter()
            .zip(values(cpu))
            .filter(|(request, cpu)| !request.is_nan() && !cpu.is_nan())
            .map(|(request, cpu)| (f64::from(request), f64::from(cpu)))
            .collect();
        if pairs.len() < LEAST_MINUTES {
            return Err(RequestsError::NothingInCommon { minutes: pairs.len() });
        }
        let count = pairs.len() as f64;
        let (sum_x, sum_y) = pairs.iter().fold((0.0, 0.0), |(x, y), pair| (x + pair.0, y + pair.1));
        let (mean_x, mean_y) = (sum_x / count, sum_y / count);
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in &pairs {
            xx += (x - mean_x) * (x - mean_x);
            xy += (x - mean_x) * (y - mean_y);
            yy += (y - mean_y) * (y - mean_y);
        }
        let slope = if xx > 0.0 { xy / xx } else { 0.0 };
        if slope <= 0.0 {
            return Err(RequestsError::NoSlope { slope });
        }
        Ok(Self {
            core_seconds: slope,
            idle_cores: (mean_y - slope * mean_x).max(0.0),
            explained: if yy > 0.0 { xy * xy / (xx * yy) } else { 0.0 },
            minutes: pairs.len(),
        })
    }
}

/// Reads `at,requests_per_second` (RFC 3339 instants, ends of intervals), with a header.
///
/// # Errors
/// When a line is not that; the message names it.
pub fn read_requests(text: &str) -> Result<Load, RequestsError> {
    let mut samples = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end_matches('\r');
        let wrong = |reason: &str| RequestsError::Line {
            line: index + 1,
            reason: reason.to_string(),
        };
        if index == 0 {
            if line.trim_start_matches('\u{feff}') != "at,requests_per_second" {
                return Err(wrong("expected the header `at,requests_per_second`"));
            }
            continue;
        }
        if line.is_empty() {
            continue;
        }
        let (at, value) = line.split_once(',').ok_or_else(|| wrong("expected two columns"))?;
        let at: jiff::Timestamp = at
            .trim()
            .parse()
            .map_err(|_| wrong("expected an instant such as `2026-05-04T02:30:00Z`"))?;
        let value: f64 = value
            .trim()
            .parse()
            .map_err(|_| wrong("expected a number of requests per second"))?;
        if !value.is_finite() || value < 0.0 {
            return Err(wrong("requests per second cannot be negative or endless"));
        }
        samples.push((at.as_millisecond(), value));
    }
    samples.sort_by_key(|sample| sample.0);
    samples.dedup_by_key(|sample| sample.0);
    Ok(Load::from_samples(&samples)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_cost_of_a_request_is_learnt_with_what_idles() {
        let requests = Load::from_minutes(0, (0..600).map(|minute| (minute % 100) as f32).collect());
        let cpu = Load::from_minutes(0, (0..600).map(|minute| 0.5 + 0.02 * (minute % 100) as f32).collect());
        let cost = RequestCost::learn(&requests, &cpu).unwrap();
        assert!((cost.core_seconds - 0.02).abs() < 1e-6 && (cost.idle_cores - 0.5).abs() < 1e-5);
        assert!(cost.explained > 0.999);
        assert!(matches!(
            RequestCost::learn(&cpu, &Load::from_minutes(0, vec![1.0; 600])),
            Err(RequestsError::NoSlope { .. })
        ));
        assert!(matches!(
            RequestCost::learn(&requests, &Load::from_minutes(5_000, vec![1.0; 600])),
            Err(RequestsError::NothingInCommon { minutes: 0 })
        ));
    }

    #[test]
    fn a_bad_line_is_named() {
        assert!(
            read_requests("at,requests\n")
                .unwrap_err()
                .to_string()
                .contains("line 1")
        );
        let text = "at,requests_per_second\n2026-05-04T02:30:00Z,12\nyesterday,3\n";
        assert!(read_requests(text).unwrap_err().to_string().contains("line 3"));
        let text = "at,requests_per_second\r\n2026-05-04T02:30:00Z,12\r\n2026-05-04T02:31:00Z,14\r\n";
        assert_eq!(read_requests(text).unwrap().measured(), 2);
    }
}
