//! Statistics that only single rules ask for.

use telemetry::NOT_MEASURED;

use super::quantile::{Scratch, at_ranks, rank};

const DAY_MS: f64 = 86_400_000.0;
const WEEK_MS: i64 = 7 * 86_400_000;

/// Gives the P90 of a histogram whose weights halve with every day of age.
///
/// The Vertical Pod Autoscaler's recommender: buckets grow by 5 %, the first
/// is 0.01 cores wide, and the estimate is the upper edge of the bucket
/// (`pkg/recommender/util/histogram.go`, `decaying_histogram.go`).
pub(crate) fn decaying_p90(raw: &[i64], at_ms: &[i64], per_unit: f64) -> Option<f64> {
    const FIRST: f64 = 0.01;
    const GROWTH: f64 = 1.05;
    let last = *at_ms.last()?;
    let bucket = |cores: f64| (((cores * (GROWTH - 1.0) / FIRST) + 1.0).ln() / GROWTH.ln()).floor() as usize;
    let start_of = |bucket: usize| FIRST * (GROWTH.powi(bucket as i32) - 1.0) / (GROWTH - 1.0);
    let mut weights: Vec<f64> = Vec::new();
    for (&raw, &at) in raw.iter().zip(at_ms) {
        if raw == NOT_MEASURED {
            continue;
        }
        let index = bucket(raw as f64 / per_unit);
        if weights.len() <= index {
            weights.resize(index + 1, 0.0);
        }
        weights[index] += (-((last - at) as f64) / DAY_MS).exp2();
    }
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let mut seen = 0.0;
    for (index, weight) in weights.iter().enumerate() {
        seen += weight;
        if seen >= 0.9 * total {
            return Some(start_of(index + 1));
        }
    }
    Some(start_of(weights.len()))
}

/// Gives the P99 of the last seven days.
pub(crate) fn last_week(raw: &[i64], at_ms: &[i64], per_unit: f64) -> Option<f64> {
    let from = *at_ms.last()? - WEEK_MS;
    let start = at_ms.partition_point(|&at| at <= from);
    let kept: Vec<i64> = raw[start..]
        .iter()
        .copied()
        .filter(|&raw| raw != NOT_MEASURED)
        .collect();
    let least = *kept.iter().min()?;
    let offsets: Vec<u64> = kept.iter().map(|&raw| (raw - least) as u64).collect();
    let greatest = *offsets.iter().max()?;
    let ranks = [rank(0.99, offsets.len())];
    let values = at_ranks(&offsets, greatest, &ranks, &mut Scratch::default());
    values.first().map(|&offset| (least + offset as i64) as f64 / per_unit)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn yesterday_weighs_half_of_today() {
        // Twice as many high samples a day ago weigh as much as the low ones of now.
        let at: Vec<i64> = vec![0, 0, 86_400_000, 86_400_000];
        let raw = [8000, 8000, 1000, 1000];
        let p90 = decaying_p90(&raw, &at, 1000.0).unwrap();
        assert!((8.0..8.5).contains(&p90), "{p90}");
        let at_long_ago = [0, 0, 864_000_000, 864_000_000];
        let p90 = decaying_p90(&raw, &at_long_ago, 1000.0).unwrap();
        assert!((1.0..1.1).contains(&p90), "{p90}");
    }

    #[test]
    fn only_the_last_week_counts() {
        let at: Vec<i64> = (0..20).map(|day| day * 86_400_000).collect();
        let raw: Vec<i64> = (0..20).map(|day| if day < 10 { 9000 } else { 1000 }).collect();
        assert_eq!(last_week(&raw, &at, 1000.0), Some(1.0));
    }
}
