//! Products and terms of an offer.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};

use super::{Cells, Product, State, row_of};
use crate::catalog::price_list::collect::Terms as PriceTerms;
use crate::catalog::price_list::field::Field;
use crate::catalog::price_list::select;

/// All products.
pub(super) struct Products<'s, 'a, 'p> {
    pub(super) state: &'s mut State<'a, 'p>,
}

impl<'de> DeserializeSeed<'de> for Products<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Products<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("products")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let offer = self.state.offer()?;
        let mut cells = Vec::new();
        while let Some(sku) = map.next_key::<String>()? {
            cells.clear();
            map.next_value_seed(Entry { into: &mut cells })?;
            match select::select(offer, &row_of(&cells), self.state.collector) {
                Ok(selected) => {
                    self.state.products.insert(sku.into(), Product::Priced(selected));
                }
                Err(why) => self.state.collector.leave_out(why),
            }
            self.state.tell()?;
        }
        Ok(())
    }
}

/// One product: its family beside its attributes.
pub(super) struct Entry<'c> {
    pub(super) into: &'c mut Vec<(Field, Box<str>)>,
}

impl<'de> DeserializeSeed<'de> for Entry<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a product")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match (key.as_str(), Field::of_name(&key)) {
                ("attributes", _) => map.next_value_seed(Cells { into: self.into })?,
                (_, Some(field)) => {
                    let text: String = map.next_value()?;
                    self.into.push((field, text.into()));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Terms of one type, by SKU.
pub(super) struct Skus<'s, 'a, 'p, 't> {
    pub(super) state: &'s mut State<'a, 'p>,
    pub(super) term_type: &'t str,
}

impl<'de> DeserializeSeed<'de> for Skus<'_, '_, '_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Skus<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("terms by SKU")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(sku) = map.next_key::<String>()? {
            if self.state.products.contains_key(sku.as_str()) {
                map.next_value_seed(Offers {
                    state: self.state,
                    term_type: self.term_type,
                    sku: &sku,
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            self.state.tell()?;
        }
        Ok(())
    }
}

/// The terms of one SKU.
struct Offers<'s, 'a, 'p, 't> {
    state: &'s mut State<'a, 'p>,
    term_type: &'t str,
    sku: &'t str,
}

impl<'de> DeserializeSeed<'de> for Offers<'_, '_, '_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offered {
    #[serde(default)]
    price_dimensions: std::collections::BTreeMap<String, Dimension>,
    #[serde(default)]
    term_attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dimension {
    #[serde(default)]
    begin_range: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    price_per_unit: std::collections::BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
struct Attributes {
    #[serde(default, rename = "LeaseContractLength")]
    lease: String,
    #[serde(default, rename = "PurchaseOption")]
    purchase: String,
    #[serde(default, rename = "OfferingClass")]
    class: String,
}

impl<'de> Visitor<'de> for Offers<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("terms of a SKU")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some((_, offered)) = map.next_entry::<String, Offered>()? {
            for dimension in offered.price_dimensions.values() {
                let (currency, price) = match dimension.price_per_unit.get_key_value("USD") {
                    Some(price) => price,
                    None => match dimension.price_per_unit.first_key_value() {
                        Some(price) => price,
                        None => continue,
                    },
                };
                let terms = PriceTerms {
                    term_type: self.term_type,
                    lease: &offered.term_attributes.lease,
                    purchase: &offered.term_attributes.purchase,
                    class: &offered.term_attributes.class,
                    from: &dimension.begin_range,
                    unit: &dimension.unit,
                    price,
                    currency,
                };
                let Some(Product::Priced(selected)) = self.state.products.get(self.sku) else {
                    continue;
                };
                let place = || format!("SKU {}", self.sku.chars().take(40).collect::<String>());
                if let Err(fault) = self.state.collector.take(selected, &terms, place) {
                    return Err(self.state.fail(fault));
                }
            }
        }
        Ok(())
    }
}
