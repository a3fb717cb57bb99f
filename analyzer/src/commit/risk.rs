//! What a commitment risks: when it has paid for itself, and what is stranded when use shrinks.

use serde::{Deserialize, Serialize};

use super::apply::{Commitments, apply};
use super::curve::Fleet;
use super::layers::Outlook;

/// What commitments waste under outlooks, over their term.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stranding {
    /// Mean over the outlooks by probability, as a share of what is committed, 0 to 1.
    pub expected_unused_share: f64,
    /// The worst outlook's share.
    pub worst_unused_share: f64,
    /// Its name.
    pub worst_outlook: String,
    /// How likely it is that commitments cost more than on demand would have.
    pub probability_of_loss: f64,
}

/// Gives the month of a term from which on a commitment has paid for itself, if use stopped then.
///
/// `rate` is what a committed unit costs for one on demand, `utilisation` the
/// share of it that is used: what is due for the whole term equals what on
/// demand would have cost until this month. Nothing where that is after the term.
#[must_use]
pub fn break_even_month(rate: f64, utilisation: f64, term_months: u32) -> Option<u32> {
    if utilisation <= 0.0 || rate < 0.0 {
        return None;
    }
    let month = (f64::from(term_months) * rate / utilisation - 1e-9).ceil().max(1.0);
    (month <= f64::from(term_months)).then_some(month as u32)
}

/// Gives what commitments waste over the years of their term under outlooks of use.
#[must_use]
pub fn stranding(fleet: &Fleet, commitments: &Commitments, outlooks: &[Outlook], years: usize) -> Stranding {
    let mut out = Stranding::default();
    for outlook in outlooks {
        let (mut committed, mut unused, mut cost, mut used) = (0.0, 0.0, 0.0, 0.0);
        for year in 0..years {
            let applied = apply(fleet, commitments, outlook.factor(year));
            committed += applied.committed_usd;
            unused += applied.unused_usd;
            cost += applied.cost_usd();
            used += applied.used_usd;
        }
        let share = if committed > 0.0 { unused / committed } else { 0.0 };
        out.expected_unused_share += outlook.probability * share;
        if share > out.worst_unused_share || out.worst_outlook.is_empty() {
            out.worst_unused_share = share;
            out.worst_outlook.clone_from(&outlook.name);
        }
        if cost > used * (1.0 + 1e-12) {
            out.probability_of_loss += outlook.probability;
        }
    }
    out
}

/// Gives the expected cost of so many years over outlooks, dollars for as many hours a year as the fleet has.
///
/// What is bought for a year is bought anew each year, as much as fits then.
#[must_use]
pub fn expected_cost(
    fleet: &Fleet,
    commitments: &Commitments,
    outlooks: &[Outlook],
    term_years: usize,
    years: usize,
) -> f64 {
    let of_year = |factor: f64, year: usize| {
        if term_years == 1 && year > 0 {
            apply(fleet, commitments, 1.0).cost_usd() * factor
        } else {
            apply(fleet, commitments, factor).cost_usd()
        }
    };
    let of_outlook = |outlook: &Outlook| -> f64 { (0..years).map(|year| of_year(outlook.factor(year), year)).sum() };
    outlooks
        .iter()
        .map(|outlook| outlook.probability * of_outlook(outlook))
        .sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::curve::Sku;
    use super::*;

    #[test]
    fn a_commitment_pays_from_the_month_that_its_rate_says() {
        // 0.72 of twelve months is 8.64 months.
        assert_eq!(break_even_month(0.72, 1.0, 12), Some(9));
        assert_eq!(break_even_month(0.5, 1.0, 36), Some(18));
        assert_eq!(break_even_month(0.72, 0.7, 12), None);
        assert_eq!(break_even_month(0.72, 0.0, 12), None);
    }

    #[test]
    fn what_shrinks_by_half_strands_half() {
        let fleet = Fleet::new(&[Sku {
            name: "m7i".to_string(),
            uses: vec![10.0; 24],
            bound_rate: Some(0.6),
            flexible_rate: None,
        }])
        .unwrap();
        let commitments = Commitments {
            bound_uses: vec![10.0],
            flexible_usd_per_hour: 0.0,
        };
        let outlooks = [
            Outlook {
                name: "stays".to_string(),
                probability: 0.75,
                factors: vec![1.0],
            },
            Outlook {
                name: "halves".to_string(),
                probability: 0.25,
                factors: vec![1.0, 0.5, 0.0],
            },
        ];
        let stranded = stranding(&fleet, &commitments, &outlooks, 3);
        assert_eq!(stranded.worst_outlook, "halves");
        assert!((stranded.worst_unused_share - 0.5).abs() < 1e-12);
        assert!((stranded.expected_unused_share - 0.125).abs() < 1e-12);
        // Committed 3 x 6, on demand it would have been 10 + 5 + 0 an hour.
        assert!((stranded.probability_of_loss - 0.25).abs() < 1e-12);
    }
}
