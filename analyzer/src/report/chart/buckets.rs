//! Down-sampling that keeps every peak: many intervals become a few hundred buckets.
//!
//! A bucket is a stretch of time with the mean, the lowest and the highest of
//! its intervals; nothing is interpolated, and a stretch without a measurement
//! is a [`Gap`], never a zero and never bridged.

/// Most buckets of a chart: about one a pixel of its width.
const MOST_BUCKETS: i64 = 720;
const MINUTE_MS: i64 = 60_000;
/// Widths people can say, minutes.
const WIDTHS: [i64; 15] = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440, 10_080];

/// The intervals of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bucket {
    /// Middle of the time that its intervals cover, UTC milliseconds.
    pub(super) at_ms: i64,
    /// Mean of the intervals.
    pub(super) mean: f64,
    /// Lowest interval.
    pub(super) lowest: f64,
    /// Highest interval, or the highest sub-sample within one where that was measured.
    pub(super) highest: f64,
    /// Start of the first interval.
    pub(super) from_ms: i64,
    /// End of the last interval.
    pub(super) to_ms: i64,
    count: usize,
}

/// A stretch in which nothing was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
}

/// A series in buckets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Buckets {
    /// Width of a bucket.
    pub(super) width_ms: i64,
    /// Usual length of an interval.
    pub(super) interval_ms: i64,
    /// Runs of buckets without a gap between them.
    pub(super) runs: Vec<Vec<Bucket>>,
    /// What lies between the runs.
    pub(super) gaps: Vec<Gap>,
    /// End of the highest interval (the first, if several) and its value.
    pub(super) peak: Option<(i64, f64)>,
}

impl Buckets {
    /// Gives the highest value that the band reaches.
    pub(super) fn highest(&self) -> Option<f64> {
        self.runs.iter().flatten().map(|bucket| bucket.highest).reduce(f64::max)
    }
}

/// Chooses a width for a window: one that people can say, no shorter than the interval.
pub(super) fn width_ms(window_ms: i64, interval_ms: i64) -> i64 {
    let fits = |width: &i64| width * MINUTE_MS >= interval_ms && window_ms / (width * MINUTE_MS) <= MOST_BUCKETS;
    if window_ms / interval_ms.max(1) <= MOST_BUCKETS {
        // Few enough to show every one.
        return interval_ms.max(1);
    }
    let weeks = window_ms.div_euclid(MOST_BUCKETS * 7 * 1440 * MINUTE_MS) + 1;
    WIDTHS.into_iter().find(fits).map_or(weeks * 7 * 1440, |width| width) * MINUTE_MS
}

/// Puts a series into buckets of a width. `highest` are the highest sub-samples, a value an interval, where there are any.
///
/// Shapes: `at_ms` (ends of intervals, ascending), `values` and `highest` have one entry an interval; NaN is not measured.
pub(super) fn buckets(
    at_ms: &[i64],
    values: &[f64],
    highest: Option<&[f64]>,
    width_ms: i64,
    offset_ms: i64,
) -> Buckets {
    let interval_ms = usual_interval(at_ms);
    let mut result = Buckets {
        width_ms,
        interval_ms,
        ..Buckets::default()
    };
    let mut run: Vec<Bucket> = Vec::new();
    let mut place = i64::MIN;
    for (row, (&end, &value)) in at_ms.iter().zip(values).enumerate() {
        if !value.is_finite() {
            continue;
        }
        let within = highest.map_or(f64::NAN, |highest| highest[row]);
        let top = if within > value { within } else { value };
        if result.peak.is_none_or(|(_, peak)| value > peak) {
            result.peak = Some((end, value));
        }
        let start = end - interval_ms;
        // The bucket of the last instant inside the interval.
        let own = (end - 1 + offset_ms).div_euclid(width_ms);
        let last_end = run.last().map(|bucket| bucket.to_ms);
        if let Some(from_ms) = last_end.filter(|&last| end - last > 2 * interval_ms) {
            result.gaps.push(Gap { from_ms, to_ms: start });
            result.runs.push(std::mem::take(&mut run));
            place = i64::MIN;
        }
        match run.last_mut().filter(|_| own == place) {
            Some(bucket) => {
                bucket.mean += value;
                bucket.lowest = bucket.lowest.min(value);
                bucket.highest = bucket.highest.max(top);
                bucket.to_ms = end;
                bucket.count += 1;
            }
            None => run.push(Bucket {
                at_ms: 0,
                mean: value,
                lowest: value,
                highest: top,
                from_ms: start,
                to_ms: end,
                count: 1,
            }),
        }
        place = own;
    }
    result.runs.push(run);
    result.runs.retain(|run| !run.is_empty());
    for bucket in result.runs.iter_mut().flatten() {
        bucket.mean /= bucket.count as f64;
        bucket.at_ms = bucket.from_ms + (bucket.to_ms - bucket.from_ms) / 2;
    }
    result
}

/// Gives the median distance of neighbours; a minute where there is none.
pub(super) fn usual_interval(at_ms: &[i64]) -> i64 {
    let mut steps: Vec<i64> = at_ms
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .filter(|&step| step > 0)
        .collect();
    if steps.is_empty() {
        return MINUTE_MS;
    }
    let middle = steps.len() / 2;
    *steps.select_nth_unstable(middle).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn minutes(count: usize) -> Vec<i64> {
        (1..=count as i64).map(|minute| minute * MINUTE_MS).collect()
    }

    #[test]
    fn a_month_of_minutes_becomes_hours_and_keeps_its_peak() {
        let at = minutes(43_200);
        let mut values: Vec<f64> = (0..43_200).map(|minute| 1.0 + f64::from(minute % 7) * 0.1).collect();
        values[20_001] = 15.3;
        let width = width_ms(at[43_199], MINUTE_MS);
        let buckets = buckets(&at, &values, None, width, 0);
        assert_eq!(width, 60 * MINUTE_MS);
        assert_eq!(buckets.runs.len(), 1);
        assert_eq!(buckets.runs[0].len(), 720);
        assert_eq!(buckets.highest(), Some(15.3));
        assert_eq!(buckets.peak, Some((20_002 * MINUTE_MS, 15.3)));
    }

    #[test]
    fn sub_samples_raise_the_band_but_not_the_peak_interval() {
        let buckets = buckets(&minutes(2), &[1.0, 2.0], Some(&[1.5, f64::NAN]), 2 * MINUTE_MS, 0);
        assert_eq!(buckets.highest(), Some(2.0));
        let raised = super::buckets(&minutes(2), &[1.0, 2.0], Some(&[3.5, 2.0]), 2 * MINUTE_MS, 0);
        assert_eq!((raised.highest(), raised.peak), (Some(3.5), Some((120_000, 2.0))));
    }

    #[test]
    fn a_pause_is_a_gap_and_what_was_not_measured_is_no_zero() {
        let mut values = vec![2.0; 60];
        values[20..40].fill(f64::NAN);
        let buckets = buckets(&minutes(60), &values, None, 5 * MINUTE_MS, 0);
        assert_eq!(
            buckets.gaps,
            [Gap {
                from_ms: 20 * MINUTE_MS,
                to_ms: 40 * MINUTE_MS
            }]
        );
        assert_eq!(buckets.runs.len(), 2);
        assert!(buckets.runs.iter().flatten().all(|bucket| bucket.lowest == 2.0));
    }

    #[test]
    fn nothing_measured_is_no_bucket() {
        let buckets = buckets(&minutes(3), &[f64::NAN; 3], None, MINUTE_MS, 0);
        assert!(buckets.runs.is_empty() && buckets.peak.is_none() && buckets.highest().is_none());
    }

    #[test]
    fn few_intervals_are_all_shown_and_ten_years_still_fit() {
        assert_eq!(width_ms(500 * MINUTE_MS, MINUTE_MS), MINUTE_MS);
        let decade = 3653 * 1440 * MINUTE_MS;
        assert!(decade / width_ms(decade, MINUTE_MS) <= MOST_BUCKETS);
        let century = 10 * decade;
        assert!(century / width_ms(century, MINUTE_MS) <= MOST_BUCKETS);
    }

    proptest! {
        #[test]
        fn no_value_is_lost_and_none_invented(
            values in proptest::collection::vec(prop_oneof![3 => 0.0..1000.0_f64, 1 => Just(f64::NAN)], 1..400),
            width in 1_i64..50,
        ) {
            let at = minutes(values.len());
            let buckets = buckets(&at, &values, None, width * MINUTE_MS, 0);
            let measured: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
            let shown = || buckets.runs.iter().flatten();
            prop_assert_eq!(shown().map(|bucket| bucket.count).sum::<usize>(), measured.len());
            prop_assert_eq!(buckets.highest(), measured.iter().copied().reduce(f64::max));
            prop_assert_eq!(shown().map(|bucket| bucket.lowest).reduce(f64::min), measured.iter().copied().reduce(f64::min));
            for bucket in shown() {
                prop_assert!(bucket.lowest <= bucket.mean + 1e-9 && bucket.mean <= bucket.highest + 1e-9);
            }
        }
    }
}
