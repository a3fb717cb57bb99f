//! Products and rates of a savings plan.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::offers::Entry;
use super::{Product, State, row_of};
use crate::catalog::price_list::field::Field;
use crate::catalog::price_list::select;

/// The plans: an array, other than in offers.
pub(super) struct Plans<'s, 'a, 'p> {
    pub(super) state: &'s mut State<'a, 'p>,
}

impl<'de> DeserializeSeed<'de> for Plans<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Plans<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("savings plans")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut plans: S) -> Result<(), S::Error> {
        loop {
            let mut cells = Vec::new();
            if plans.next_element_seed(Entry { into: &mut cells })?.is_none() {
                return Ok(());
            }
            let sku = cells
                .iter()
                .find(|(field, _)| *field == Field::Sku)
                .map(|(_, sku)| sku.clone());
            if let Some(sku) = sku {
                self.state.products.insert(sku, Product::Plan(cells));
            }
            self.state.tell()?;
        }
    }
}

/// The terms of all plans: an array.
pub(super) struct PlanTerms<'s, 'a, 'p> {
    pub(super) state: &'s mut State<'a, 'p>,
}

impl<'de> DeserializeSeed<'de> for PlanTerms<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for PlanTerms<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("terms of savings plans")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut terms: S) -> Result<(), S::Error> {
        while terms.next_element_seed(Term { state: self.state })?.is_some() {}
        Ok(())
    }
}

/// The terms of one plan: which, how long, and what everything costs under it.
struct Term<'s, 'a, 'p> {
    state: &'s mut State<'a, 'p>,
}

impl<'de> DeserializeSeed<'de> for Term<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

#[derive(Default, Deserialize)]
struct Lease {
    #[serde(default)]
    duration: serde_json::Value,
    #[serde(default)]
    unit: String,
}

impl<'de> Visitor<'de> for Term<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("terms of a savings plan")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut plan: Vec<(Field, Box<str>)> = Vec::new();
        let mut length = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "sku" => {
                    let sku: String = map.next_value()?;
                    if let Some(Product::Plan(cells)) = self.state.products.get(sku.as_str()) {
                        plan.clone_from(cells);
                    }
                }
                "leaseContractLength" => {
                    let lease: Lease = map.next_value()?;
                    let duration = match lease.duration {
                        serde_json::Value::String(text) => text,
                        other => other.to_string(),
                    };
                    length = Some((duration, lease.unit));
                }
                "rates" => {
                    let Some((duration, unit)) = &length else {
                        return Err(de::Error::custom("rates before their term"));
                    };
                    map.next_value_seed(Rates {
                        state: self.state,
                        plan: &plan,
                        duration,
                        unit,
                    })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Rates<'s, 'a, 'p, 't> {
    state: &'s mut State<'a, 'p>,
    plan: &'t [(Field, Box<str>)],
    duration: &'t str,
    unit: &'t str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rate {
    #[serde(default)]
    discounted_usage_type: String,
    #[serde(default)]
    discounted_operation: String,
    #[serde(default)]
    discounted_service_code: String,
    #[serde(default)]
    discounted_region_code: String,
    #[serde(default)]
    unit: String,
    discounted_rate: Amount,
}

#[derive(Deserialize)]
struct Amount {
    #[serde(default)]
    price: String,
    #[serde(default)]
    currency: String,
}

impl<'de> DeserializeSeed<'de> for Rates<'_, '_, '_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rates<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("rates")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut rates: S) -> Result<(), S::Error> {
        let offer = self.state.offer()?;
        while let Some(rate) = rates.next_element::<Rate>()? {
            let mut row = row_of(self.plan);
            for (field, text) in [
                (Field::LeaseContractLength, self.duration),
                (Field::LeaseContractLengthUnit, self.unit),
                (Field::DiscountedUsageType, &rate.discounted_usage_type),
                (Field::DiscountedOperation, &rate.discounted_operation),
                (Field::DiscountedServiceCode, &rate.discounted_service_code),
                (Field::Unit, &rate.unit),
                (Field::DiscountedRate, &rate.discounted_rate.price),
                (Field::Currency, &rate.discounted_rate.currency),
            ] {
                row.put(field, text);
            }
            // Where the rate does not name its region, the prefix of what it discounts does.
            let region = match rate.discounted_region_code.as_str() {
                "" => select::region_of(&rate.discounted_usage_type).unwrap_or_default(),
                code => code,
            };
            row.put(Field::DiscountedRegionCode, region);
            let place = || {
                let usage: String = rate.discounted_usage_type.chars().take(60).collect();
                format!("rate of {usage}")
            };
            if let Err(fault) = select::take_rate(offer, &row, self.state.collector, place) {
                return Err(self.state.fail(fault));
            }
            self.state.tell()?;
        }
        Ok(())
    }
}
