//! A price list as JSON, streamed: products first, of which only those that are taken are kept, then their prices.
//!
//! Input: bytes. Output: the same facts that the CSV of the same version gives.
//! Texts are bounded ([`Bounded`]); a product that is not taken costs nothing.

mod offers;
mod rates;

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::io::{BufReader, Read};
use std::rc::Rc;

use serde::Deserializer as _;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};

use super::collect::{Collector, Selected};
use super::error::ListError;
use super::field::{Field, Row};
use super::offer::Offer;
use super::read::{Identity, Progress};

/// Most bytes between two quotation marks; the disclaimer has 300.
const LONGEST_TEXT: usize = 1 << 20;

/// A product of a savings plan, or one that prices are taken of.
enum Product {
    Priced(Selected),
    Plan(Vec<(Field, Box<str>)>),
}

/// What is known while the file goes by.
struct State<'a, 'p> {
    expected: Option<Offer>,
    identity: Identity,
    offer: Option<Offer>,
    products: HashMap<Box<str>, Product>,
    collector: &'a mut Collector,
    progress: &'a mut Progress<'p>,
    read: Rc<Cell<u64>>,
    /// A fault of content, which serde has no place for.
    fault: Option<ListError>,
}

impl State<'_, '_> {
    /// Ends the parsing with a fault that [`read`] gives back.
    fn fail<E: de::Error>(&mut self, fault: ListError) -> E {
        let text = E::custom("stopped");
        self.fault = Some(fault);
        text
    }

    fn offer<E: de::Error>(&mut self) -> Result<Offer, E> {
        if let Some(offer) = self.offer {
            return Ok(offer);
        }
        match self.identity.offer(self.expected) {
            Ok(offer) => {
                self.offer = Some(offer);
                Ok(offer)
            }
            Err(fault) => Err(self.fail(fault)),
        }
    }

    fn tell<E: de::Error>(&mut self) -> Result<(), E> {
        match self.progress.tell(self.read.get()) {
            Ok(()) => Ok(()),
            Err(fault) => Err(self.fail(fault)),
        }
    }
}

/// Reads a JSON file of an offer into the collector.
pub(super) fn read(
    source: impl Read,
    expected: Option<Offer>,
    collector: &mut Collector,
    progress: &mut Progress<'_>,
) -> Result<Identity, ListError> {
    let read = Rc::new(Cell::new(0));
    let bounded = Bounded {
        source,
        unquoted: 0,
        read: Rc::clone(&read),
    };
    let mut state = State {
        expected,
        identity: Identity::default(),
        offer: None,
        products: HashMap::new(),
        collector,
        progress,
        read,
        fault: None,
    };
    let mut parser = serde_json::Deserializer::from_reader(BufReader::with_capacity(256 * 1024, bounded));
    let parsed = parser
        .deserialize_map(File { state: &mut state })
        .and_then(|()| parser.end());
    match (parsed, state.fault) {
        (_, Some(fault)) => Err(fault),
        (Err(error), None) if error.is_io() => Err(ListError::Read(error.into())),
        (Err(error), None) => Err(ListError::Json(error)),
        (Ok(()), None) => Ok(state.identity),
    }
}

/// The top of the file.
struct File<'s, 'a, 'p> {
    state: &'s mut State<'a, 'p>,
}

impl<'de> Visitor<'de> for File<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a price list")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "offerCode" | "version" | "publicationDate" => {
                    let value: String = map.next_value()?;
                    self.state.identity.put(&key, &value);
                }
                "products" => {
                    let offer = self.state.offer()?;
                    if offer.is_savings_plan() {
                        map.next_value_seed(rates::Plans { state: self.state })?;
                    } else {
                        map.next_value_seed(offers::Products { state: self.state })?;
                    }
                }
                "terms" => {
                    if self.state.offer.is_none() {
                        return Err(de::Error::custom("terms before products"));
                    }
                    map.next_value_seed(Terms { state: self.state })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// On demand, reserved, savings plans.
struct Terms<'s, 'a, 'p> {
    state: &'s mut State<'a, 'p>,
}

impl<'de> DeserializeSeed<'de> for Terms<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Terms<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("terms")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "OnDemand" | "Reserved" => map.next_value_seed(offers::Skus {
                    state: self.state,
                    term_type: &key,
                })?,
                "savingsPlan" => map.next_value_seed(rates::PlanTerms { state: self.state })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Reads the cells among an object's texts; anything else is passed over.
struct Cells<'c> {
    into: &'c mut Vec<(Field, Box<str>)>,
}

impl<'de> DeserializeSeed<'de> for Cells<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Cells<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("attributes")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(field) = map.next_key_seed(Name)? {
            match field {
                Some(field) => {
                    let text: String = map.next_value()?;
                    self.into.push((field, text.into()));
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A key, as a field if it names one.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<Field>;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<Field>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Field::of_name(text))
    }
}

/// Lays cells out as a row.
fn row_of(cells: &[(Field, Box<str>)]) -> Row<'_> {
    let mut row = Row::EMPTY;
    for (field, text) in cells {
        row.put(*field, text);
    }
    row
}

/// Passes bytes on, unless a text among them has no end.
struct Bounded<R> {
    source: R,
    unquoted: usize,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        let bytes = &buffer[..read];
        match bytes.iter().rposition(|byte| *byte == b'"') {
            Some(last) => self.unquoted = read - last,
            None => self.unquoted += read,
        }
        if self.unquoted > LONGEST_TEXT {
            return Err(std::io::Error::other("a text of it is longer than any of a price list"));
        }
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

/// What the first lines about the file say; those behind the products are not looked for.
pub(super) fn about(beginning: &[u8]) -> Identity {
    let text = String::from_utf8_lossy(beginning);
    let mut identity = Identity::default();
    for name in ["offerCode", "version", "publicationDate"] {
        let quoted = format!("\"{name}\"");
        let value = text
            .split_once(&quoted)
            .and_then(|(_, rest)| rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"'))
            .and_then(|rest| rest.split_once('"'));
        if let Some((value, _)) = value {
            identity.put(name, value);
        }
    }
    identity
}
