//! Every way to buy an instance, with its price or what is missing for one.
//!
//! Input: a [`Subject`] (a type in a region at its on-demand price) and the
//! catalog. Output: one [`PurchaseOption`] for each way that AWS sells it. A
//! rate the catalog lacks for the region is taken from the same family
//! elsewhere and marked estimated; what cannot be told is unknown with what is
//! missing, never zero.

mod ec2;
mod kind;
mod license;
mod listed;
mod managed;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use kind::PurchaseKind;
pub use license::{License, LicenseOption, licenses};

use crate::catalog::commitment::{CommitmentTerm, Upfront};
use crate::catalog::{Catalog, PriceMethod, YearMonth};
use crate::money::{Usd, UsdPerHour};

/// Decimals of the share of the on-demand price that is paid.
const RATE_DECIMALS: u32 = 6;

/// What is bought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subject<'a> {
    /// The AWS service: `ec2`, `rds`, `aurora`, `elasticache`, `opensearch`, `documentdb`, `mq` …
    pub service: &'a str,
    /// The type, such as `m7i.large` or `db.r7g.large`.
    pub instance_type: &'a str,
    /// Database or cache engine, where there is one.
    pub engine: Option<&'a str>,
    /// `single-az`, `multi-az` or `cluster`.
    pub deployment: &'a str,
    /// Region code.
    pub region: &'a str,
    /// On demand, each instance.
    pub on_demand: UsdPerHour,
    /// How that is known.
    pub method: PriceMethod,
    /// Which month it is of.
    pub as_of: YearMonth,
}

impl Subject<'_> {
    /// Gives the family, such as `m7i` of `m7i.large` and `db.r7g` of `db.r7g.large`.
    #[must_use]
    pub fn family(&self) -> &str {
        let name = self.instance_type.trim_end_matches(".search");
        name.rsplit_once('.').map_or(name, |(family, _)| family)
    }
}

/// One way to buy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PurchaseOption {
    /// Which.
    pub kind: PurchaseKind,
    /// Its rate, or what is missing.
    pub rate: Rate,
}

/// A rate that is known, or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rate {
    /// It is known.
    Known(KnownRate),
    /// It is not; in words, what is missing.
    Unknown(String),
}

/// What one instance costs under an option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownRate {
    /// An hour, with what is paid at once spread over the term.
    pub effective_usd_per_hour: UsdPerHour,
    /// Paid at once for the whole term.
    pub upfront_usd: Usd,
    /// Paid each hour besides, used or not.
    pub recurring_usd_per_hour: UsdPerHour,
    /// How it is known.
    pub method: PriceMethod,
    /// Which month it, or the price it rests on, is of.
    pub as_of: YearMonth,
    /// Where it comes from, in words.
    pub source: String,
}

impl Rate {
    /// Gives the rate if it is known.
    #[must_use]
    pub fn known(&self) -> Option<&KnownRate> {
        match self {
            Rate::Known(rate) => Some(rate),
            Rate::Unknown(_) => None,
        }
    }
}

/// Gives the rate of one way to buy an EC2 type; nothing for one that AWS does not sell for it.
#[must_use]
pub fn ec2_rate(catalog: &Catalog, subject: &Subject<'_>, kind: PurchaseKind) -> Option<Rate> {
    match kind {
        PurchaseKind::OnDemand => Some(on_demand(subject).rate),
        kind => ec2::rate(catalog, subject, kind),
    }
}

fn on_demand(subject: &Subject<'_>) -> PurchaseOption {
    PurchaseOption {
        kind: PurchaseKind::OnDemand,
        rate: Rate::Known(KnownRate {
            effective_usd_per_hour: subject.on_demand,
            upfront_usd: Usd::ZERO,
            recurring_usd_per_hour: subject.on_demand,
            method: subject.method,
            as_of: subject.as_of,
            source: "on demand".to_string(),
        }),
    }
}

/// Gives every way to buy it, on demand first; only those that AWS sells for the service.
#[must_use]
pub fn options(catalog: &Catalog, subject: &Subject<'_>) -> Vec<PurchaseOption> {
    let mut all = vec![on_demand(subject)];
    all.extend(match subject.service {
        "ec2" => ec2::options(catalog, subject),
        _ => managed::options(catalog, subject),
    });
    all
}

/// A share of the on-demand price that is paid, and how it is known.
#[derive(Clone, Debug, PartialEq)]
struct Paid {
    rate: Decimal,
    method: PriceMethod,
    source: String,
}

impl Paid {
    /// Turns a discount into what is paid.
    fn of(saved_fraction: f64, method: PriceMethod, source: String) -> Option<Self> {
        let saved = Decimal::try_from(saved_fraction).ok()?.round_dp(RATE_DECIMALS);
        Some(Self {
            rate: Decimal::ONE - saved,
            method,
            source,
        })
    }

    /// Applies a ratio that was observed elsewhere, which makes it an estimate.
    fn times(self, ratio: Decimal, why: &str) -> Self {
        Self {
            rate: self.rate * ratio,
            method: PriceMethod::Estimated,
            source: format!("{}; {why}", self.source),
        }
    }

    /// Makes the option's rate; `None` gives what is missing.
    fn into_rate(
        this: Option<Self>,
        subject: &Subject<'_>,
        term: CommitmentTerm,
        upfront: Upfront,
        missing: impl FnOnce() -> String,
    ) -> Rate {
        let Some(paid) = this else {
            return Rate::Unknown(missing());
        };
        let rate = paid.rate.round_dp(RATE_DECIMALS);
        if rate <= Decimal::ZERO || rate > Decimal::ONE {
            return Rate::Unknown(missing());
        }
        let effective = (subject.on_demand.as_decimal() * rate).normalize();
        Rate::Known(split(
            UsdPerHour::from_decimal(effective),
            term,
            upfront,
            paid.method.max(subject.method),
            subject.as_of,
            paid.source,
        ))
    }
}

/// Splits an effective hourly rate into what is paid at once and what each hour.
///
/// Partial upfront is half of the term's total, as AWS states for savings plans
/// ("at least half"); for reserved instances it is about half.
fn split(
    effective: UsdPerHour,
    term: CommitmentTerm,
    upfront: Upfront,
    method: PriceMethod,
    as_of: YearMonth,
    source: String,
) -> KnownRate {
    let hours = Decimal::from(kind::hours(term));
    let at_once = match upfront {
        Upfront::None => Decimal::ZERO,
        Upfront::Partial => Decimal::new(5, 1),
        Upfront::All => Decimal::ONE,
    };
    let total = effective.as_decimal();
    KnownRate {
        effective_usd_per_hour: effective,
        upfront_usd: Usd::from_decimal((total * at_once * hours).normalize()),
        recurring_usd_per_hour: UsdPerHour::from_decimal((total * (Decimal::ONE - at_once)).normalize()),
        method,
        as_of,
        source,
    }
}

#[cfg(test)]
mod tests;
