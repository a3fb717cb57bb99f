//! Units, as offers spell them.

use rust_decimal::Decimal;

/// What one unit of a price should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::catalog::price_list) enum UnitKind {
    /// An hour of something.
    Hour,
    /// A GB (2^30 bytes here) and month.
    GibMonth,
    /// An operation per second and month.
    IopsMonth,
    /// A MiB/s and month; files price GiB/s or MiB/s.
    MibPerSecondMonth,
    /// A GB of traffic.
    Gb,
    /// One request.
    Request,
    /// A million requests; files price one.
    MillionRequests,
}

impl UnitKind {
    /// Gives what a price in the file's unit is multiplied by, or nothing for a unit of another kind.
    pub(in crate::catalog::price_list) fn factor(self, unit: &str) -> Option<Decimal> {
        let unit = unit.to_ascii_lowercase();
        let is_one_of = |words: &[&str]| words.contains(&unit.as_str()).then_some(Decimal::ONE);
        match self {
            Self::Hour => is_one_of(&[
                "hrs",
                "hr",
                "hours",
                "hour",
                "vcpu-hours",
                "vcpu-hour",
                "vcpu-hrs",
                "acu-hr",
                "acu-hrs",
                "acu-hours",
                "acu-hour",
                "dcu-hr",
                "lcu-hrs",
                "lcu-hour",
                "lcu-hours",
            ]),
            Self::GibMonth => is_one_of(&["gb-mo", "gb-month", "gb-months"]),
            Self::IopsMonth => is_one_of(&["iops-mo", "iops-month"]),
            Self::MibPerSecondMonth => match unit.as_str() {
                "gibps-mo" | "gibps-month" => Some(Decimal::ONE / Decimal::from(1024)),
                "mibps-mo" | "mibps-month" | "mbps-mo" | "mbps-month" => Some(Decimal::ONE),
                _ => None,
            },
            Self::Gb => is_one_of(&["gb", "gigabytes", "gigabyte"]),
            Self::Request => is_one_of(&["ios", "io", "iops", "requests", "request"]),
            Self::MillionRequests => match unit.as_str() {
                "ios" | "io" | "requests" | "request" => Some(Decimal::from(1_000_000)),
                _ => None,
            },
        }
    }
}
