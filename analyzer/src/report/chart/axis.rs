//! Scales from values to pixels, and where their ticks stand.

/// A straight or doubling scale over a stretch of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    pixel_from: f64,
    pixel_to: f64,
    doubling: bool,
}

impl Scale {
    /// Maps `from..to` evenly onto pixels.
    pub(super) fn even((from, to): (f64, f64), (pixel_from, pixel_to): (f64, f64)) -> Self {
        Self {
            from,
            to: if to > from { to } else { from + 1.0 },
            pixel_from,
            pixel_to,
            doubling: false,
        }
    }

    /// Maps `from..to` (above zero) so that each doubling takes the same way.
    pub(super) fn doubling((from, to): (f64, f64), pixels: (f64, f64)) -> Self {
        let even = Self::even((from.log2(), to.log2()), pixels);
        Self { doubling: true, ..even }
    }

    /// Gives the pixel of a value.
    pub(super) fn pixel(&self, value: f64) -> f64 {
        let value = if self.doubling { value.log2() } else { value };
        self.pixel_from + (value - self.from) / (self.to - self.from) * (self.pixel_to - self.pixel_from)
    }
}

/// Gives round values from zero to at most `top`, about `wanted` of them: steps of 1, 2, 2.5 or 5 times a power of ten.
pub(super) fn round_ticks(top: f64, wanted: usize) -> Vec<f64> {
    if !(top > 0.0 && top.is_finite()) {
        return vec![0.0];
    }
    let rough = top / wanted.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(10.0 * power);
    let count = (top / step + 1e-9).floor() as usize;
    (0..=count).map(|tick| tick as f64 * step).collect()
}

/// Gives the powers of two from `from` to `to`, at most `most` of them.
pub(super) fn doubling_ticks(from: f64, to: f64, most: usize) -> Vec<f64> {
    let (first, last) = (from.log2().ceil() as i32, to.log2().floor() as i32);
    let every = ((last - first + 1).max(1) as usize).div_ceil(most.max(1));
    (first..=last).step_by(every).map(|power| 2_f64.powi(power)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(round_ticks(17.3, 5), [0.0, 5.0, 10.0, 15.0]);
        assert_eq!(round_ticks(0.9, 4), [0.0, 0.25, 0.5, 0.75]);
        assert_eq!(round_ticks(0.0, 4), [0.0]);
        assert_eq!(round_ticks(f64::NAN, 4), [0.0]);
    }

    #[test]
    fn a_doubling_takes_the_same_way_everywhere() {
        let scale = Scale::doubling((1.0, 16.0), (0.0, 40.0));
        assert_eq!(
            [1.0, 2.0, 4.0, 16.0].map(|value| scale.pixel(value)),
            [0.0, 10.0, 20.0, 40.0]
        );
        assert_eq!(doubling_ticks(0.5, 9.0, 10), [0.5, 1.0, 2.0, 4.0, 8.0]);
    }

    #[test]
    fn an_empty_range_still_has_a_scale() {
        assert!(Scale::even((3.0, 3.0), (0.0, 10.0)).pixel(3.0).is_finite());
    }
}
