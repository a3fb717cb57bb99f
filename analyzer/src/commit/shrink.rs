//! Where a convex cost is least, with a proof: an ellipsoid around the best point that shrinks.
//!
//! Each step asks for the cost and a slope at the ellipsoid's middle. A convex
//! cost is at least what its slope says, so the half in which it would be above
//! the best cost known is cut off, and the least ellipsoid around the rest is
//! taken (the ellipsoid method with deep cuts: Shor 1977; Bland, Goldfarb,
//! Todd 1981). The same slope says how much less the cost can be anywhere
//! inside: a lower bound, so that the search knows when it is done. It needs
//! no smoothness, and is meant for a few dozen unknowns.

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Least {
    /// Where the cost is least.
    pub(super) at: Vec<f64>,
    /// The cost there.
    pub(super) cost: f64,
    /// No point within the bounds costs less than this.
    pub(super) at_least: f64,
}

/// Gives where a convex cost is least between 0 and `highest` of each unknown, to a share `within` of it.
///
/// `price` writes a slope and gives the cost; `from` is a point to begin with.
/// Takes two unknowns or more, each with a highest value above 0. After `most`
/// steps the best point known is given with the bound that was reached.
pub(super) fn least(
    highest: &[f64],
    from: (Vec<f64>, f64),
    within: f64,
    most: usize,
    price: &mut dyn FnMut(&[f64], &mut [f64]) -> f64,
) -> Least {
    let n = highest.len();
    let count = n as f64;
    let mut best = Least {
        at: from.0,
        cost: from.1,
        at_least: f64::NEG_INFINITY,
    };
    let mut middle: Vec<f64> = highest.iter().map(|high| high / 2.0).collect();
    // The least ellipsoid around the box.
    let mut shape = vec![0.0; n * n];
    for (row, high) in highest.iter().enumerate() {
        shape[row * n + row] = count * (high / 2.0).powi(2);
    }
    let (mut slope, mut along) = (vec![0.0; n], vec![0.0; n]);
    for _ in 0..most {
        // By how much the half is cut off beyond the middle, in the unit of the slope.
        let outside = (0..n).find(|&one| middle[one] < 0.0 || middle[one] > highest[one]);
        let beyond = if let Some(one) = outside {
            slope.fill(0.0);
            slope[one] = if middle[one] < 0.0 { -1.0 } else { 1.0 };
            (-middle[one]).max(middle[one] - highest[one])
        } else {
            let cost = price(&middle, &mut slope);
            if cost < best.cost {
                best.cost = cost;
                best.at.copy_from_slice(&middle);
            }
            cost - best.cost
        };
        for (row, along) in along.iter_mut().enumerate() {
            *along = shape[row * n..(row + 1) * n]
                .iter()
                .zip(&slope)
                .map(|(a, b)| a * b)
                .sum();
        }
        let reach = slope
            .iter()
            .zip(&along)
            .map(|(a, b)| a * b)
            .sum::<f64>()
            .max(0.0)
            .sqrt();
        if outside.is_none() {
            best.at_least = best.at_least.max(best.cost + beyond - reach);
            if best.cost - best.at_least <= within * best.cost.abs() {
                break;
            }
        }
        let depth = beyond / reach;
        if !depth.is_finite() || depth >= 1.0 {
            // Nothing is left inside: numbers end here, and so does the search.
            break;
        }
        let step = (1.0 + count * depth) / (count + 1.0);
        let wider = count * count / (count * count - 1.0) * (1.0 - depth * depth);
        let thinner = 2.0 * (1.0 + count * depth) / ((count + 1.0) * (1.0 + depth));
        for (middle, along) in middle.iter_mut().zip(&along) {
            *middle -= step * along / reach;
        }
        let square = reach * reach;
        for (row, one) in along.iter().enumerate() {
            for (column, other) in along.iter().enumerate() {
                let cell = &mut shape[row * n + column];
                *cell = wider * (*cell - thinner * one * other / square);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_foot_of_a_pyramid_is_found_with_a_bound_below_it() {
        // |x − 1| + 3 |y − 4| + 2 over [0, 10] x [0, 3]: least at (1, 3), where it is 5.
        let mut price = |at: &[f64], slope: &mut [f64]| {
            slope[0] = (at[0] - 1.0).signum();
            slope[1] = 3.0 * (at[1] - 4.0).signum();
            (at[0] - 1.0).abs() + 3.0 * (at[1] - 4.0).abs() + 2.0
        };
        let found = least(&[10.0, 3.0], (vec![0.0, 0.0], 15.0), 1e-6, 5_000, &mut price);
        assert!((found.cost - 5.0).abs() < 1e-4, "{found:?}");
        assert!(found.at_least <= 5.0 + 1e-9 && found.at_least > 4.999, "{found:?}");
    }
}
