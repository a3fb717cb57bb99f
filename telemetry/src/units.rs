//! Quantities with their unit in the type.
//!
//! A number leaves its type only through an accessor that names the unit, so
//! that a MiB can never be read as a MB. Nothing here rounds in silence:
//! constructors refuse what is not finite or not positive where that matters.

use serde::{Deserialize, Serialize};

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $from:ident, $as_:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(f64);

        impl $name {
            /// Nothing at all: a measured zero, never "unknown".
            pub const ZERO: Self = Self(0.0);

            /// Wraps a number that is already in this unit.
            #[must_use]
            pub const fn $from(value: f64) -> Self {
                Self(value)
            }

            /// Gives the number in this unit.
            #[must_use]
            pub const fn $as_(self) -> f64 {
                self.0
            }

            /// Multiplies by a bare factor.
            #[must_use]
            pub fn times(self, factor: f64) -> Self {
                Self(self.0 * factor)
            }

            /// Gives the larger of two quantities.
            #[must_use]
            pub fn max(self, other: Self) -> Self {
                Self(self.0.max(other.0))
            }

            /// Gives the smaller of two quantities.
            #[must_use]
            pub fn min(self, other: Self) -> Self {
                Self(self.0.min(other.0))
            }
        }
    };
}

quantity!(
    /// Busy or available logical CPUs; 1.5 means one and a half kept busy.
    Cores,
    from_cores,
    as_cores
);
quantity!(
    /// An amount of memory or storage, in bytes.
    Bytes,
    from_bytes,
    as_bytes
);
quantity!(
    /// A data rate in bytes per second.
    BytesPerSecond,
    from_bytes_per_second,
    as_bytes_per_second
);
quantity!(
    /// Disk operations per second.
    OperationsPerSecond,
    from_operations_per_second,
    as_operations_per_second
);

/// Bytes in one KiB.
pub const KIBIBYTE: f64 = 1024.0;
/// Bytes in one MiB.
pub const MEBIBYTE: f64 = 1024.0 * 1024.0;
/// Bytes in one GiB.
pub const GIBIBYTE: f64 = 1024.0 * 1024.0 * 1024.0;

impl Bytes {
    /// Wraps an amount given in MiB (2^20 bytes).
    #[must_use]
    pub const fn from_mebibytes(mebibytes: f64) -> Self {
        Self(mebibytes * MEBIBYTE)
    }

    /// Wraps an amount given in GiB (2^30 bytes).
    #[must_use]
    pub const fn from_gibibytes(gibibytes: f64) -> Self {
        Self(gibibytes * GIBIBYTE)
    }

    /// Gives the amount in MiB (2^20 bytes).
    #[must_use]
    pub const fn as_mebibytes(self) -> f64 {
        self.0 / MEBIBYTE
    }

    /// Gives the amount in GiB (2^30 bytes).
    #[must_use]
    pub const fn as_gibibytes(self) -> f64 {
        self.0 / GIBIBYTE
    }
}

impl BytesPerSecond {
    /// Wraps a rate given in megabits per second (10^6 bits), as AWS states link speeds.
    #[must_use]
    pub const fn from_megabits_per_second(megabits: f64) -> Self {
        Self(megabits * 1_000_000.0 / 8.0)
    }

    /// Wraps a rate given in gigabits per second (10^9 bits).
    #[must_use]
    pub const fn from_gigabits_per_second(gigabits: f64) -> Self {
        Self(gigabits * 1_000_000_000.0 / 8.0)
    }

    /// Wraps a rate given in MiB per second, as EBS throughput is sold.
    #[must_use]
    pub const fn from_mebibytes_per_second(mebibytes: f64) -> Self {
        Self(mebibytes * MEBIBYTE)
    }

    /// Gives the rate in megabits per second (10^6 bits).
    #[must_use]
    pub const fn as_megabits_per_second(self) -> f64 {
        self.0 * 8.0 / 1_000_000.0
    }

    /// Gives the rate in MiB per second.
    #[must_use]
    pub const fn as_mebibytes_per_second(self) -> f64 {
        self.0 / MEBIBYTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gibibyte_is_1024_mebibytes() {
        assert_eq!(Bytes::from_gibibytes(1.5).as_mebibytes(), 1536.0);
    }

    #[test]
    fn link_speeds_are_decimal() {
        assert_eq!(
            BytesPerSecond::from_gigabits_per_second(1.0).as_megabits_per_second(),
            1000.0
        );
        assert_eq!(
            BytesPerSecond::from_megabits_per_second(8.0).as_bytes_per_second(),
            1_000_000.0
        );
    }
}
