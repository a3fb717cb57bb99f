//! Money that adds up: exact decimal amounts in US dollars.
//!
//! Prices come from a price list with up to ten decimals; bills are sums of
//! thousands of lines. A binary float would make "the bill is the sum of its
//! lines" false in the last cent, so amounts are `rust_decimal` throughout.

use std::iter::Sum;
use std::ops::{Add, Sub};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// Hours in a billing month, as AWS calculators count (365 × 24 / 12).
pub const HOURS_PER_MONTH: u32 = 730;

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Decimal);

        impl $name {
            /// A price or cost of exactly nothing; never stands for "unknown".
            pub const ZERO: Self = Self(Decimal::ZERO);

            /// Wraps an exact decimal amount.
            #[must_use]
            pub const fn from_decimal(amount: Decimal) -> Self {
                Self(amount)
            }

            /// Gives the exact decimal amount.
            #[must_use]
            pub const fn as_decimal(self) -> Decimal {
                self.0
            }

            /// Gives the nearest float, for charts and ratios only, never to be summed.
            #[must_use]
            pub fn approximately(self) -> f64 {
                self.0.to_f64().unwrap_or(f64::NAN)
            }

            /// Multiplies by an exact quantity.
            #[must_use]
            pub fn times(self, quantity: Decimal) -> Self {
                Self(self.0 * quantity)
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
                amounts.fold(Self::ZERO, Add::add)
            }
        }
    };
}

amount!(
    /// A price in US dollars for one hour.
    UsdPerHour
);
amount!(
    /// A cost in US dollars for one month of 730 hours.
    UsdPerMonth
);
amount!(
    /// A price in US dollars for one unit of whatever the line says.
    Usd
);

impl UsdPerHour {
    /// Gives the cost of a month of 730 hours.
    #[must_use]
    pub fn per_month(self) -> UsdPerMonth {
        UsdPerMonth(self.0 * Decimal::from(HOURS_PER_MONTH))
    }
}

impl UsdPerMonth {
    /// Rounds to whole cents, half away from zero, as a bill shows it.
    #[must_use]
    pub fn rounded_to_cents(self) -> Self {
        Self(
            self.0
                .round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero),
        )
    }
}
