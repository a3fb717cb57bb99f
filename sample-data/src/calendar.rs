//! How busy people keep a service at an instant: hours of the day, days of the week, pay-day.
//!
//! Input: UTC milliseconds. Output: a level, where 1 is the crest of an
//! ordinary working day. The people live in Viet Nam (UTC+7 all year, so no
//! time-zone rules are needed).

use telemetry::series::DAY_MS;

/// Monday 2026-05-04 00:00 UTC.
pub(crate) const START_MS: i64 = 20_577 * DAY_MS;
/// The local zone.
pub(crate) const TIME_ZONE: &str = "Asia/Ho_Chi_Minh";
/// An hour in milliseconds.
pub(crate) const HOUR_MS: i64 = 3_600_000;
/// A minute in milliseconds.
pub(crate) const MINUTE_MS: i64 = 60_000;

const UTC_OFFSET_MS: i64 = 7 * HOUR_MS;
/// Friday 2026-05-15, counted in days since 1970-01-01: salaries arrive and are spent.
const PAY_DAY: i64 = 20_588;

/// Whose day a host follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rhythm {
    /// Shoppers and payers: two crests, a lunch dip, a lively evening, quieter week-ends, more on pay-day.
    Customers,
    /// Employees: office hours, empty week-ends.
    Office,
    /// Jobs that start when the business day is closed.
    Night,
    /// The same load at any hour.
    Flat,
    /// No load but bursts.
    Asleep,
    /// No load but in the window of a monthly batch.
    Monthly,
}

const CUSTOMERS: [f64; 24] = [
    0.16, 0.12, 0.10, 0.09, 0.10, 0.14, 0.28, 0.50, 0.75, 0.92, 1.00, 0.96, 0.74, 0.80, 0.93, 0.98, 0.95, 0.88, 0.80,
    0.82, 0.86, 0.72, 0.48, 0.27,
];
const CUSTOMERS_WEEK: [f64; 7] = [0.96, 0.97, 0.98, 1.00, 1.04, 0.78, 0.70];
const OFFICE: [f64; 24] = [
    0.04, 0.04, 0.04, 0.04, 0.04, 0.04, 0.05, 0.14, 0.55, 0.90, 1.00, 0.93, 0.45, 0.68, 0.95, 1.00, 0.93, 0.66, 0.30,
    0.16, 0.11, 0.08, 0.06, 0.05,
];
const OFFICE_WEEK: [f64; 7] = [1.00, 1.00, 1.00, 1.00, 0.94, 0.12, 0.08];
const NIGHT: [f64; 24] = [
    0.95, 1.00, 0.92, 0.60, 0.25, 0.09, 0.06, 0.06, 0.06, 0.07, 0.07, 0.07, 0.06, 0.07, 0.07, 0.07, 0.07, 0.08, 0.08,
    0.08, 0.09, 0.12, 0.30, 0.70,
];

/// Gives the level of a rhythm for the interval that ends at an instant.
pub(crate) fn level(rhythm: Rhythm, at_ms: i64) -> f64 {
    let local = at_ms - 1 + UTC_OFFSET_MS;
    let day = local.div_euclid(DAY_MS);
    // 1970-01-01 was a Thursday; Monday is 0 here.
    let weekday = (day + 3).rem_euclid(7) as usize;
    let hour = local.rem_euclid(DAY_MS) as f64 / HOUR_MS as f64;
    match rhythm {
        Rhythm::Customers => hourly(&CUSTOMERS, hour) * CUSTOMERS_WEEK[weekday] * pay_day_factor(day),
        Rhythm::Office => hourly(&OFFICE, hour) * OFFICE_WEEK[weekday],
        Rhythm::Night => hourly(&NIGHT, hour),
        Rhythm::Flat => 1.0,
        Rhythm::Asleep | Rhythm::Monthly => 0.0,
    }
}

fn pay_day_factor(day: i64) -> f64 {
    match day - PAY_DAY {
        0 => 1.30,
        1 => 1.15,
        2 => 1.06,
        _ => 1.0,
    }
}

/// Interpolates between full hours along a half cosine, so that there are no kinks.
fn hourly(table: &[f64; 24], hour: f64) -> f64 {
    let index = hour as usize % 24;
    let part = hour - hour.floor();
    let smooth = part * part * (3.0 - 2.0 * part);
    table[index] + (table[(index + 1) % 24] - table[index]) * smooth
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(day: i64, hour: i64) -> i64 {
        START_MS + day * DAY_MS + hour * HOUR_MS - UTC_OFFSET_MS
    }

    #[test]
    fn the_start_is_monday_the_fourth_of_may() {
        assert_eq!(telemetry::series::day_name(START_MS / DAY_MS), "2026-05-04");
        assert_eq!((START_MS / DAY_MS + 3) % 7, 0);
        assert_eq!(telemetry::series::day_name(PAY_DAY), "2026-05-15");
    }

    #[test]
    fn people_eat_at_noon_and_sleep_at_night() {
        let at = |hour| level(Rhythm::Customers, local(1, hour));
        assert!(at(12) < 0.85 * at(10) && at(12) < 0.85 * at(15));
        assert!(at(3) < 0.15 * at(10));
    }

    #[test]
    fn offices_are_empty_on_sunday_and_pay_day_is_busier() {
        assert!(level(Rhythm::Office, local(6, 10)) < 0.15);
        let friday = level(Rhythm::Customers, local(4, 10));
        let pay_day = level(Rhythm::Customers, local(11, 10));
        assert!((pay_day / friday - 1.3).abs() < 0.01);
    }
}
