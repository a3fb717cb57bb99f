//! What do two estimates of one number say together? Input: what the CPU model says and what a benchmark says. Output: both joined, or that they contradict.
//!
//! Ratios are compared, so bounds are logarithms: ± 20 % is ln 1.2. Both bounds
//! hold for about 95 of 100. Weights are the inverse squares of the bounds, and
//! `1/c² = 1/a² + 1/b²`: the joined bound is never wider than the narrower one.
//! Estimates further apart than `√(a² + b²)` contradict: then neither is taken
//! for the truth, the prior stands and the contradiction is told. So the joined
//! value is always within the prior's bound: it moves by at most
//! `√(a² + b²) · a²/(a² + b²) ≤ a`.

/// A positive number and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// It may be off by this much either way, as a fraction.
    pub bound: f64,
}

/// What two estimates are together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Joined {
    /// Both agree: the joined estimate.
    Narrowed(Estimate),
    /// They are too far apart for both to be right.
    Contradicting,
}

/// Joins what was believed with what was measured.
#[must_use]
pub fn join(prior: Estimate, measured: Estimate) -> Joined {
    let (a, b) = (prior.bound.ln_1p(), measured.bound.ln_1p());
    let apart = (measured.value / prior.value).ln();
    let both = a.hypot(b);
    // Not a number where a value is not positive: nothing can be learnt of that.
    if apart.is_nan() || apart.abs() > both {
        return Joined::Contradicting;
    }
    if both <= 0.0 {
        return Joined::Narrowed(prior);
    }
    let moved = apart * (a / both).powi(2);
    let bound = (a * b / both).exp_m1();
    Joined::Narrowed(Estimate {
        value: prior.value * moved.exp(),
        bound: bound.min(prior.bound).min(measured.bound),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    fn narrowed(prior: Estimate, measured: Estimate) -> Estimate {
        match join(prior, measured) {
            Joined::Narrowed(estimate) => estimate,
            Joined::Contradicting => panic!("{prior:?} and {measured:?} contradict"),
        }
    }

    fn estimate(value: f64, bound: f64) -> Estimate {
        Estimate { value, bound }
    }

    #[test]
    fn equal_bounds_meet_in_the_middle() {
        let joined = narrowed(estimate(1.0, 0.3), estimate(1.21, 0.3));
        assert!((joined.value - 1.1).abs() < 1e-12, "√1.21");
        // ln 1.3 / √2 = 0.18552; e^0.18552 = 1.2038.
        assert!((joined.bound - 0.2038).abs() < 1e-4, "{joined:?}");
    }

    #[test]
    fn a_reading_far_out_contradicts() {
        // √(ln²1.2 + ln²1.4) = 0.3828: 1.46 is within, 1.48 is not; as far below.
        let (prior, bound) = (estimate(1.0, 0.2), 0.4);
        let is = |value: f64| join(prior, estimate(value, bound)) == Joined::Contradicting;
        assert!(!is(1.46) && is(1.48) && !is(1.0 / 1.46) && is(1.0 / 1.48));
        assert!(is(0.0) && is(-1.0) && is(f64::NAN) && is(f64::INFINITY));
    }

    proptest! {
        #[test]
        fn the_bound_is_never_wider_and_the_value_stays_between_both_and_within_the_prior(
            prior in 0.05_f64..5.0,
            a in 0.0_f64..1.0,
            b in 0.0_f64..1.0,
            share in -1.0_f64..1.0,
        ) {
            let both = a.ln_1p().hypot(b.ln_1p());
            let measured = prior * (share * both * 0.999_999).exp();
            let joined = narrowed(estimate(prior, a), estimate(measured, b));
            prop_assert!(joined.bound <= a && joined.bound <= b);
            let slack = 1e-9 * prior;
            prop_assert!(joined.value >= prior.min(measured) - slack && joined.value <= prior.max(measured) + slack);
            prop_assert!(joined.value <= prior * (1.0 + a) + slack && joined.value >= prior * (1.0 - a) - slack);
        }

        #[test]
        fn a_surer_reading_narrows_more(prior in 0.05_f64..5.0, a in 0.01_f64..1.0, b in 0.01_f64..1.0, surer in 0.1_f64..0.99) {
            let reading = |bound: f64| narrowed(estimate(prior, a), estimate(prior, bound)).bound;
            prop_assert!(reading(b * surer) <= reading(b));
        }

        #[test]
        fn it_does_not_matter_which_came_first(one in 0.5_f64..2.0, other in 0.5_f64..2.0, a in 0.01_f64..1.0, b in 0.01_f64..1.0) {
            let (forth, back) = (join(estimate(one, a), estimate(other, b)), join(estimate(other, b), estimate(one, a)));
            match (forth, back) {
                (Joined::Narrowed(forth), Joined::Narrowed(back)) => {
                    prop_assert!((forth.value / back.value - 1.0).abs() < 1e-9 && (forth.bound - back.bound).abs() < 1e-9);
                }
                (forth, back) => prop_assert_eq!(forth, back),
            }
        }
    }
}
