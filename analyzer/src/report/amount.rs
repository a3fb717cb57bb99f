//! How numbers are written for people: grouped thousands, units, no false precision.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::money::{UsdPerHour, UsdPerMonth};
use crate::price::Total;
use crate::size::{Dimension, number};

/// Space that does not break a number from its unit.
pub(super) const NO_BREAK: char = '\u{a0}';

/// Writes dollars a month: whole from 100 on, with cents below.
pub(super) fn dollars(amount: UsdPerMonth) -> String {
    let amount = amount.as_decimal();
    if amount.abs() >= Decimal::ONE_HUNDRED {
        usd(amount, 0)
    } else {
        usd(amount, 2)
    }
}

/// Writes dollars a month with cents, as a bill has them.
pub(super) fn dollars_and_cents(amount: UsdPerMonth) -> String {
    usd(amount.as_decimal(), 2)
}

/// Writes the price of an hour with as many decimals as it has, at least two.
pub(super) fn dollars_per_hour(price: UsdPerHour) -> String {
    unit_price(price.as_decimal())
}

/// Writes a unit price with as many decimals as it has, at least two.
pub(super) fn unit_price(price: Decimal) -> String {
    let decimals = price.normalize().scale().max(2);
    usd(price, decimals)
}

/// Writes a total, "at least" where a line has no known price.
pub(super) fn total(total: Total) -> String {
    if total.is_at_least() {
        format!("at least {}", dollars(total.known))
    } else {
        dollars(total.known)
    }
}

/// Writes a sum of bill lines with cents, "at least" where a line has no known price.
pub(super) fn total_and_cents(total: Total) -> String {
    if total.is_at_least() {
        format!("at least {}", dollars_and_cents(total.known))
    } else {
        dollars_and_cents(total.known)
    }
}

fn usd(amount: Decimal, decimals: u32) -> String {
    let rounded = amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    let text = format!("{:.*}", decimals as usize, rounded.abs());
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() {
        "−"
    } else {
        ""
    };
    format!("{sign}${}", grouped(&text))
}

/// Sets commas between the thousands of a number without a sign.
fn grouped(text: &str) -> String {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::with_capacity(text.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// Writes a whole number.
pub(super) fn whole(value: f64) -> String {
    if !value.is_finite() {
        return "?".to_string();
    }
    let sign = if value <= -0.5 { "−" } else { "" };
    format!("{sign}{}", grouped(&format!("{:.0}", value.abs())))
}

/// Writes a count.
pub(super) fn count(value: usize) -> String {
    grouped(&value.to_string())
}

/// Writes a count with its noun.
pub(super) fn counted(value: usize, one: &str, many: &str) -> String {
    format!("{}{NO_BREAK}{}", count(value), if value == 1 { one } else { many })
}

/// Writes gibibytes or vCPUs: whole where they are, else two significant decimals.
pub(super) fn capacity(value: f64) -> String {
    if (value - value.round()).abs() < 0.005 || value.abs() >= 100.0 {
        whole(value)
    } else {
        format!("{value:.1}")
    }
}

/// Writes a fraction as whole percent.
pub(super) fn percent(fraction: f64) -> String {
    format!("{}{NO_BREAK}%", whole(fraction * 100.0))
}

/// Writes a small fraction as percent, with a decimal below ten.
pub(super) fn percent_fine(fraction: f64) -> String {
    let value = fraction * 100.0;
    match value {
        0.0 => format!("0{NO_BREAK}%"),
        value if value < 0.01 => format!("<{NO_BREAK}0.01{NO_BREAK}%"),
        value if value < 1.0 => format!("{value:.2}{NO_BREAK}%"),
        value if value < 10.0 => format!("{value:.1}{NO_BREAK}%"),
        _ => percent(fraction),
    }
}

/// Writes an amount of a dimension, given in its base unit, without the unit.
pub(super) fn quantity(dimension: Dimension, amount: f64) -> String {
    let shown = dimension.show(amount);
    if shown.abs() >= 1000.0 {
        whole(shown)
    } else {
        number(shown)
    }
}

/// Gives the unit of a requirement; CPU is required in cores of the source.
pub(super) const fn unit(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Cpu => "cores",
        other => other.unit(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn per_month(text: &str) -> UsdPerMonth {
        UsdPerMonth::from_decimal(text.parse().unwrap())
    }

    #[test]
    fn money_is_grouped_and_rounded_half_away_from_zero() {
        assert_eq!(dollars(per_month("1234567.5")), "$1,234,568");
        assert_eq!(dollars(per_month("99.994")), "$99.99");
        assert_eq!(dollars(per_month("-4321")), "−$4,321");
        assert_eq!(dollars_and_cents(per_month("0.005")), "$0.01");
        assert_eq!(
            dollars_per_hour(UsdPerHour::from_decimal("0.0104".parse().unwrap())),
            "$0.0104"
        );
    }

    #[test]
    fn a_total_that_lacks_a_price_reads_at_least() {
        let known = per_month("10");
        assert_eq!(
            total(Total {
                known,
                unknown_lines: 1
            }),
            "at least $10.00"
        );
        assert_eq!(
            total(Total {
                known,
                unknown_lines: 0
            }),
            "$10.00"
        );
    }

    #[test]
    fn small_risks_are_not_written_as_none() {
        assert_eq!(percent_fine(0.0), "0\u{a0}%");
        assert_eq!(percent_fine(0.000_01), "<\u{a0}0.01\u{a0}%");
        assert_eq!(percent_fine(0.256), "26\u{a0}%");
    }
}
