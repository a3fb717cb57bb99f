//! What a price is: an exact amount, how it is known, and which month it is of.
//!
//! Input: figures of a catalog. Output: [`Price`], which no code can read
//! without its [`PriceMethod`] and [`YearMonth`] travelling along.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::money::{Usd, UsdPerHour, UsdPerMonth};

/// How a price is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PriceMethod {
    /// As AWS published it.
    Listed,
    /// Arithmetic on listed values of the same product, for example a size times its family's rate.
    Derived,
    /// A ratio rule across regions or families; checked on samples, not on this price.
    Estimated,
}

impl PriceMethod {
    /// Gives the word that tables and files use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Derived => "derived",
            Self::Estimated => "estimated",
        }
    }
}

impl fmt::Display for PriceMethod {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// A calendar month, the finest date that the sources of prices agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth {
    year: i16,
    month: i8,
}

/// Says why a text is not a month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month written as YYYY-MM")]
pub struct NotAMonth(pub String);

impl YearMonth {
    /// Makes a month of a year and a month number, or nothing if there is no such month.
    #[must_use]
    pub fn new(year: i16, month: i8) -> Option<Self> {
        Date::new(year, month, 1).ok().map(|_| Self { year, month })
    }

    /// Makes a month of a year and a month number that are known to be right.
    pub(super) const fn fixed(year: i16, month: i8) -> Self {
        Self { year, month }
    }

    /// Gives the month that a day lies in.
    #[must_use]
    pub fn of(day: Date) -> Self {
        Self {
            year: day.year(),
            month: day.month(),
        }
    }

    /// Gives the year.
    #[must_use]
    pub const fn year(self) -> i16 {
        self.year
    }

    /// Gives the month number, 1 to 12.
    #[must_use]
    pub const fn month(self) -> i8 {
        self.month
    }

    /// Gives the first day of the month.
    #[must_use]
    pub fn first_day(self) -> Date {
        jiff::civil::date(self.year, self.month, 1)
    }

    /// Gives the last day of the month.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&format!("{:04}-{:02}", self.year, self.month))
    }
}

impl FromStr for YearMonth {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let refused = || NotAMonth(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(refused)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(refused());
        }
        Self::new(
            year.parse().map_err(|_| refused())?,
            month.parse().map_err(|_| refused())?,
        )
        .ok_or_else(refused)
    }
}

impl Serialize for YearMonth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        (self.year, self.month).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for YearMonth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return String::deserialize(deserializer)?.parse().map_err(de::Error::custom);
        }
        let (year, month) = <(i16, i8)>::deserialize(deserializer)?;
        Self::new(year, month).ok_or_else(|| de::Error::custom(NotAMonth(format!("{year}-{month}"))))
    }
}

/// What a source says about a price beyond its method, in its own words.
///
/// Shared, because a few dozen sentences explain thousands of prices.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PriceDetail(Arc<str>);

impl PriceDetail {
    /// Wraps the words of a source.
    #[must_use]
    pub fn new(words: impl Into<Arc<str>>) -> Self {
        Self(words.into())
    }

    /// Gives the words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PriceDetail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl Serialize for PriceDetail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PriceDetail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.into()))
    }
}

/// A kind of money that a price can be in.
pub trait Amount: Copy {
    /// Wraps an exact decimal amount.
    fn of(decimal: Decimal) -> Self;
    /// Gives the exact decimal amount.
    fn decimal(self) -> Decimal;
}

macro_rules! amounts {
    ($($money:ty),+) => {$(
        impl Amount for $money {
            fn of(decimal: Decimal) -> Self {
                Self::from_decimal(decimal)
            }
            fn decimal(self) -> Decimal {
                self.as_decimal()
            }
        }
    )+};
}

amounts!(Usd, UsdPerHour, UsdPerMonth);

/// An exact amount with how it is known and which month it is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price<T> {
    /// The amount; the type says per what.
    pub amount: T,
    /// How the amount is known.
    pub method: PriceMethod,
    /// The month the amount was published, or the listed value that it rests on.
    pub as_of: YearMonth,
    /// The source's own words, where it has any beyond the method.
    pub detail: Option<PriceDetail>,
}

impl<T> Price<T> {
    /// Makes a price as AWS published it, with nothing to add.
    #[must_use]
    pub const fn listed(amount: T, as_of: YearMonth) -> Self {
        Self {
            amount,
            method: PriceMethod::Listed,
            as_of,
            detail: None,
        }
    }

    /// Changes the amount and keeps how it is known.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Price<U> {
        Price {
            amount: change(self.amount),
            method: self.method,
            as_of: self.as_of,
            detail: self.detail,
        }
    }
}

/// A price for people and for JSON.
#[derive(Serialize, Deserialize)]
struct ReadablePrice {
    usd: Decimal,
    method: PriceMethod,
    as_of: YearMonth,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<PriceDetail>,
}

/// A price in a catalog file, which has no self-describing decimals.
#[derive(Serialize, Deserialize)]
struct BinaryPrice {
    amount: PackedDecimal,
    method: PriceMethod,
    as_of: YearMonth,
    detail: Option<PriceDetail>,
}

/// A decimal in a catalog file: digits and how many of them follow the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PackedDecimal(i64, u8);

impl PackedDecimal {
    /// Packs a decimal, or nothing if it has more than 18 digits, which no price has.
    pub(super) fn pack(decimal: Decimal) -> Option<Self> {
        let plain = decimal.normalize();
        let digits = i64::try_from(plain.mantissa()).ok()?;
        Some(Self(digits, u8::try_from(plain.scale()).ok()?))
    }

    /// Unpacks the decimal, or nothing if the file holds an impossible scale.
    pub(super) fn unpack(self) -> Option<Decimal> {
        Decimal::try_new(self.0, u32::from(self.1)).ok()
    }
}

impl<T: Amount> Serialize for Price<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let amount = self.amount.decimal();
        if serializer.is_human_readable() {
            return ReadablePrice {
                usd: amount,
                method: self.method,
                as_of: self.as_of,
                detail: self.detail.clone(),
            }
            .serialize(serializer);
        }
        BinaryPrice {
            amount: PackedDecimal::pack(amount)
                .ok_or_else(|| serde::ser::Error::custom("a price has too many digits"))?,
            method: self.method,
            as_of: self.as_of,
            detail: self.detail.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de, T: Amount> Deserialize<'de> for Price<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let price = ReadablePrice::deserialize(deserializer)?;
            return Ok(Self {
                amount: T::of(price.usd),
                method: price.method,
                as_of: price.as_of,
                detail: price.detail,
            });
        }
        let price = BinaryPrice::deserialize(deserializer)?;
        let amount = price
            .amount
            .unpack()
            .ok_or_else(|| de::Error::custom("a price has an impossible scale"))?;
        Ok(Self {
            amount: T::of(amount),
            method: price.method,
            as_of: price.as_of,
            detail: price.detail,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_month_survives_its_text() {
        for text in ["2025-11", "2024-02", "1999-12"] {
            assert_eq!(text.parse::<YearMonth>().unwrap().to_string(), text);
        }
        for text in ["2025-13", "2025", "2025-1", "25-01", "2025-11-04", "x"] {
            assert_eq!(text.parse::<YearMonth>(), Err(NotAMonth(text.to_owned())), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_price_survives_packing(digits in 0_i64..1_000_000_000_000_000, scale in 0_u32..=10) {
            let decimal = Decimal::new(digits, scale);
            let packed = PackedDecimal::pack(decimal).unwrap();
            proptest::prop_assert_eq!(packed.unpack().unwrap(), decimal);
        }

        #[test]
        fn every_month_survives_the_binary_form(year in 1990_i16..2100, month in 1_i8..=12) {
            let known = YearMonth::new(year, month).unwrap();
            let bytes = postcard::to_stdvec(&known).unwrap();
            proptest::prop_assert_eq!(postcard::from_bytes::<YearMonth>(&bytes).unwrap(), known);
        }
    }

    #[test]
    fn the_last_day_knows_leap_years() {
        let february: YearMonth = "2024-02".parse().unwrap();
        assert_eq!(february.last_day(), jiff::civil::date(2024, 2, 29));
    }

    #[test]
    fn a_price_without_detail_has_no_detail_in_json() {
        let price = Price::listed(
            UsdPerHour::from_decimal("0.2016".parse().unwrap()),
            "2025-11".parse().unwrap(),
        );
        let text = serde_json::to_string(&price).unwrap();
        assert_eq!(text, r#"{"usd":"0.2016","method":"listed","as_of":"2025-11"}"#);
        assert_eq!(serde_json::from_str::<Price<UsdPerHour>>(&text).unwrap(), price);
    }

    #[test]
    fn a_price_survives_the_binary_form() {
        for digits in ["0.0000000655", "26.676", "0", "123456789.0123456789"] {
            let mut price = Price::listed(Usd::from_decimal(digits.parse().unwrap()), YearMonth::fixed(2022, 2));
            price.detail = Some(PriceDetail::new("read by hand"));
            let bytes = postcard::to_stdvec(&price).unwrap();
            assert_eq!(postcard::from_bytes::<Price<Usd>>(&bytes).unwrap(), price);
        }
    }
}
