//! Gathers the prices of one file, and counts what is left out.
//!
//! Input: what a row prices ([`Selected`]) and its terms. Output: a
//! [`PriceList`]. The same for CSV and JSON.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::error::ListError;
use super::fact::{Commitment, Key, Subject};
use super::offer::Offer;
use super::select::unit::UnitKind;
use crate::catalog::commitment::{CommitmentClass, CommitmentTerm, Upfront};
use crate::catalog::operating_system::OperatingSystem;

/// Why a price was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOut {
    /// The catalog has no place for it.
    NotKept,
    /// A Local Zone, Wavelength, an Outpost, or another region.
    OtherPlace,
    /// Dedicated instances and hosts.
    OtherTenancy,
    /// Capacity reservations, used or not.
    Reservation,
    /// Neither on demand nor a commitment that is known.
    OtherTerms,
    /// A price for larger quantities.
    LaterTier,
    /// The operation does not go with the product.
    UnfamiliarOperation,
    /// The unit does not go with the product.
    UnfamiliarUnit,
    /// On demand for nothing.
    Free,
}

impl LeftOut {
    /// Gives the reason in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotKept => "the catalog has no place for it",
            Self::OtherPlace => "Local Zones, Wavelength, Outposts or another region",
            Self::OtherTenancy => "dedicated instances and hosts",
            Self::Reservation => "capacity reservations",
            Self::OtherTerms => "terms that are not known",
            Self::LaterTier => "tiers for larger quantities",
            Self::UnfamiliarOperation => "an operation that does not go with the product",
            Self::UnfamiliarUnit => "a unit that does not go with the product",
            Self::Free => "on demand for nothing",
        }
    }
}

/// vCPUs and memory that a file states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capacity {
    /// Logical CPUs.
    pub vcpu: u32,
    /// Memory, a whole number of MiB.
    pub memory_mib: u32,
}

/// Two prices for one thing; neither was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What they are for.
    pub key: Key,
    /// The first.
    pub first: Decimal,
    /// The other.
    pub second: Decimal,
}

/// What one file of one region says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceList {
    /// The offer.
    pub offer: Offer,
    /// AWS's version.
    pub version: String,
    /// Day it was published.
    pub published: Date,
    /// Region code.
    pub region: String,
    /// AWS's name of the region, where a row has it.
    pub location: Option<String>,
    /// The prices.
    pub prices: BTreeMap<Key, Decimal>,
    /// What types and classes can do, by name.
    pub capacities: BTreeMap<Box<str>, Capacity>,
    /// Things with two prices, which are not among the prices.
    pub conflicts: Vec<Conflict>,
    /// Prices that were not taken, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
    /// Prices in the file.
    pub rows: u64,
}

/// What a product is, as far as its own cells tell.
#[derive(Clone, Debug)]
pub(super) struct Selected {
    pub(super) subject: Subject,
    pub(super) unit: UnitKind,
    pub(super) capacity: Option<Capacity>,
}

/// The cells of a price that do not depend on its product.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'a> {
    pub(super) term_type: &'a str,
    pub(super) lease: &'a str,
    pub(super) purchase: &'a str,
    pub(super) class: &'a str,
    pub(super) from: &'a str,
    pub(super) unit: &'a str,
    pub(super) price: &'a str,
    pub(super) currency: &'a str,
}

/// Prices being gathered.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) region: String,
    prices: BTreeMap<Key, Decimal>,
    capacities: BTreeMap<Box<str>, Capacity>,
    conflicts: BTreeMap<Key, (Decimal, Decimal)>,
    left_out: BTreeMap<LeftOut, u64>,
    pub(super) location: Option<String>,
    pub(super) other_regions: BTreeSet<String>,
    rows: u64,
    taken: u64,
}

/// Most other regions that are remembered to be named.
const MOST_REGIONS: usize = 4;

impl Collector {
    pub(super) fn new(region: &str) -> Self {
        Self {
            region: region.to_owned(),
            prices: BTreeMap::new(),
            capacities: BTreeMap::new(),
            conflicts: BTreeMap::new(),
            left_out: BTreeMap::new(),
            location: None,
            other_regions: BTreeSet::new(),
            rows: 0,
            taken: 0,
        }
    }

    pub(super) fn leave_out(&mut self, why: LeftOut) {
        self.rows += 1;
        *self.left_out.entry(why).or_default() += 1;
    }

    pub(super) fn saw_other_region(&mut self, code: &str) {
        if self.other_regions.len() < MOST_REGIONS && !code.is_empty() && !self.other_regions.contains(code) {
            self.other_regions.insert(code.chars().take(40).collect());
        }
    }

    /// Takes a price, or counts why not.
    pub(super) fn take(
        &mut self,
        selected: &Selected,
        terms: &Terms<'_>,
        place: impl Fn() -> String,
    ) -> Result<(), ListError> {
        let (commitment, at_once) = match terms.term_type {
            "OnDemand" => (None, false),
            "Reserved" if is_reservable(&selected.subject) => match reserved(terms) {
                Some(commitment) => (Some(commitment), terms.unit.eq_ignore_ascii_case("Quantity")),
                None => {
                    self.leave_out(LeftOut::OtherTerms);
                    return Ok(());
                }
            },
            "Reserved" => {
                self.leave_out(LeftOut::NotKept);
                return Ok(());
            }
            _ => {
                self.leave_out(LeftOut::OtherTerms);
                return Ok(());
            }
        };
        if commitment.is_none() && !matches!(terms.from, "" | "0") {
            self.leave_out(LeftOut::LaterTier);
            return Ok(());
        }
        let factor = if at_once {
            Some(Decimal::ONE)
        } else {
            selected.unit.factor(terms.unit)
        };
        let Some(factor) = factor else {
            self.leave_out(LeftOut::UnfamiliarUnit);
            return Ok(());
        };
        let amount = amount(terms.price, terms.currency, &place)?;
        if let (Some(capacity), Some(name)) = (selected.capacity, named(&selected.subject))
            && !self.capacities.contains_key(name)
        {
            self.capacities.insert(name.into(), capacity);
        }
        let key = Key {
            subject: selected.subject.clone(),
            commitment,
            at_once,
        };
        let amount = amount
            .checked_mul(factor)
            .and_then(stored)
            .ok_or_else(|| not_an_amount(terms.price, &place))?;
        if commitment.is_none() && amount.is_zero() {
            self.leave_out(LeftOut::Free);
        } else {
            self.put(key, amount);
        }
        Ok(())
    }

    /// Keeps a price unless another of the same thing came before.
    pub(super) fn put(&mut self, key: Key, amount: Decimal) {
        self.rows += 1;
        self.taken += 1;
        match self.prices.get(&key) {
            None => {
                self.prices.insert(key, amount);
            }
            Some(first) if *first == amount => {}
            Some(first) => {
                let first = *first;
                self.conflicts.entry(key).or_insert((first, amount));
            }
        }
    }

    /// Ends the gathering.
    pub(super) fn finish(self, offer: Offer, version: String, published: Date) -> Result<PriceList, ListError> {
        if self.prices.is_empty() {
            return Err(if self.location.is_none() && !self.other_regions.is_empty() {
                ListError::OtherRegion {
                    expected: self.region,
                    found: self.other_regions.into_iter().collect(),
                }
            } else {
                ListError::Nothing(self.region)
            });
        }
        let mut prices = self.prices;
        for key in self.conflicts.keys() {
            prices.remove(key);
        }
        Ok(PriceList {
            offer,
            version,
            published,
            region: self.region,
            location: self.location,
            prices,
            capacities: self.capacities,
            conflicts: self
                .conflicts
                .into_iter()
                .map(|(key, (first, second))| Conflict { key, first, second })
                .collect(),
            left_out: self.left_out,
            rows: self.rows,
        })
    }
}

/// Reads an amount of dollars.
pub(super) fn amount(text: &str, currency: &str, place: &impl Fn() -> String) -> Result<Decimal, ListError> {
    if currency != "USD" {
        return Err(ListError::Currency {
            place: place(),
            found: shortened(currency),
        });
    }
    let digits = Decimal::from_str_exact(text)
        .or_else(|_| Decimal::from_scientific(text))
        .map_err(|_| not_an_amount(text, place))?;
    if digits.is_sign_negative() || digits >= MOST {
        return Err(not_an_amount(text, place));
    }
    stored(digits).ok_or_else(|| not_an_amount(text, place))
}

/// No amount of a price list comes near: the dearest fee is of a few million.
const MOST: Decimal = Decimal::from_parts(100_000_000, 0, 0, false, 0);

/// Gives an amount as the catalog can keep it: 12 decimals (AWS writes 10), 18 digits in all.
fn stored(amount: Decimal) -> Option<Decimal> {
    const DECIMALS: u32 = 12;
    let amount = amount.round_dp(DECIMALS).normalize();
    i64::try_from(amount.mantissa()).is_ok().then_some(amount)
}

fn not_an_amount(text: &str, place: &impl Fn() -> String) -> ListError {
    ListError::NotAnAmount {
        place: place(),
        found: shortened(text),
    }
}

/// Cuts a text of the file to what a message can show.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Names what has capacities.
fn named(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::Ec2 { shape, .. } => Some(shape),
        Subject::Rds { class, .. } => Some(class),
        Subject::Cache { node, .. } => Some(node),
        Subject::Search(instance) => Some(instance),
        _ => None,
    }
}

/// Says whether reserved rates of it are kept: EC2 without SQL Server, and what else is rented by the instance.
fn is_reservable(subject: &Subject) -> bool {
    match subject {
        Subject::Ec2 {
            system,
            sql_server,
            own_license,
            ..
        } => sql_server.is_none() && !own_license && commits(*system),
        Subject::Rds { .. } | Subject::Cache { .. } | Subject::Search(_) => true,
        _ => false,
    }
}

/// Systems whose committed rates are kept.
pub(super) const fn commits(system: OperatingSystem) -> bool {
    matches!(
        system,
        OperatingSystem::Linux | OperatingSystem::Windows | OperatingSystem::Rhel | OperatingSystem::Suse
    )
}

fn reserved(terms: &Terms<'_>) -> Option<Commitment> {
    Some(Commitment::Reserved(
        match terms.lease {
            "1yr" => CommitmentTerm::OneYear,
            "3yr" => CommitmentTerm::ThreeYears,
            _ => return None,
        },
        match terms.class {
            "standard" => CommitmentClass::Standard,
            "convertible" => CommitmentClass::Convertible,
            _ => return None,
        },
        upfront(terms.purchase)?,
    ))
}

/// Reads how much is paid at once; older generations of reservations (Heavy Utilization …) are not known.
pub(super) fn upfront(words: &str) -> Option<Upfront> {
    match words {
        "No Upfront" => Some(Upfront::None),
        "Partial Upfront" => Some(Upfront::Partial),
        "All Upfront" => Some(Upfront::All),
        _ => None,
    }
}
