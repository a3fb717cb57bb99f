//! Reads one price list file, whichever of the two layouts it has.

use std::io::Read;

use jiff::civil::Date;

use super::collect::{Collector, PriceList, shortened};
use super::error::ListError;
use super::offer::Offer;
use super::{csv, json};

/// What a file should be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Region code.
    pub region: &'a str,
    /// The offer; whichever it is where nothing is expected.
    pub offer: Option<Offer>,
}

/// What a file says of itself.
#[derive(Debug, Default)]
pub(super) struct Identity {
    pub(super) code: Option<String>,
    pub(super) version: Option<String>,
    pub(super) published: Option<Date>,
}

impl Identity {
    /// Takes a line about the file.
    pub(super) fn put(&mut self, name: &str, value: &str) {
        let name: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        match name.as_str() {
            "offercode" => self.code = Some(shortened(value)),
            "version" => self.version = Some(shortened(value)),
            "publicationdate" => self.published = value.get(..10).and_then(|day| day.parse().ok()),
            _ => {}
        }
    }

    /// Gives the file's offer, if it is one that is taken and the one expected.
    pub(super) fn offer(&self, expected: Option<Offer>) -> Result<Offer, ListError> {
        let code = self.code.as_deref().ok_or(ListError::NoIdentity("OfferCode"))?;
        let offer = Offer::of_code(code);
        match (offer, expected) {
            (Some(offer), None) => Ok(offer),
            (Some(offer), Some(expected)) if offer == expected => Ok(offer),
            (_, expected) => Err(ListError::OtherOffer {
                expected: expected.map_or("any that is taken", Offer::code),
                found: shortened(code),
            }),
        }
    }
}

/// Tells how far the reading is, and asks whether to go on.
pub(super) struct Progress<'a> {
    every: u64,
    next: u64,
    tell: &'a mut dyn FnMut(u64) -> bool,
}

impl<'a> Progress<'a> {
    pub(super) fn new(tell: &'a mut dyn FnMut(u64) -> bool) -> Self {
        Self {
            every: 1 << 20,
            next: 1 << 20,
            tell,
        }
    }

    pub(super) fn tell(&mut self, bytes: u64) -> Result<(), ListError> {
        if bytes < self.next {
            return Ok(());
        }
        self.next = bytes + self.every;
        if (self.tell)(bytes) {
            Ok(())
        } else {
            Err(ListError::Read(std::io::Error::other("stopped")))
        }
    }
}

/// Reads a price list file of a region to its end.
///
/// `tell` is called about once a MiB with the bytes read so far; reading ends
/// with an error once it answers `false`.
///
/// # Errors
/// If the bytes are no price list, or one of another offer, region or currency, or cut or altered.
pub fn read(
    mut source: impl Read,
    expected: &Expected<'_>,
    tell: &mut dyn FnMut(u64) -> bool,
) -> Result<PriceList, ListError> {
    let mut beginning = Vec::new();
    source
        .by_ref()
        .take(512)
        .read_to_end(&mut beginning)
        .map_err(ListError::Read)?;
    let layout = layout(&beginning)?;
    let whole = beginning.as_slice().chain(source);
    let mut collector = Collector::new(expected.region);
    let mut progress = Progress::new(tell);
    let identity = match layout {
        Layout::Csv => csv::read(whole, expected.offer, &mut collector, &mut progress)?,
        Layout::Json => json::read(whole, expected.offer, &mut collector, &mut progress)?,
    };
    let offer = identity.offer(expected.offer)?;
    let version = identity.version.ok_or(ListError::NoIdentity("Version"))?;
    let published = identity.published.ok_or(ListError::NoIdentity("Publication Date"))?;
    collector.finish(offer, version, published)
}

enum Layout {
    Csv,
    Json,
}

fn layout(beginning: &[u8]) -> Result<Layout, ListError> {
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    let first = text.trim_ascii_start();
    let foreign = |found| Err(ListError::Foreign { found });
    match first {
        [] => Err(ListError::NoHeading),
        [b'{', ..] => Ok(Layout::Json),
        [b'<', ..] => foreign("a web page or XML"),
        [0x1f, 0x8b, ..] => foreign("gzip within gzip"),
        [b'P', b'K', ..] => foreign("a zip archive"),
        _ if first.starts_with(b"\"FormatVersion\"") || first.starts_with(b"FormatVersion") => Ok(Layout::Csv),
        _ => foreign("something else"),
    }
}

/// What the beginning of a file tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peek {
    /// Offer, if it is one that is taken.
    pub offer: Option<Offer>,
    /// AWS's version.
    pub version: Option<String>,
    /// Region of the first row that is of a region itself; JSON tells none.
    pub region: Option<String>,
}

/// Looks at the beginning of a file; nothing if it is no price list.
#[must_use]
pub fn peek(beginning: &[u8]) -> Option<Peek> {
    let (identity, region) = match layout(beginning).ok()? {
        Layout::Csv => csv::about(beginning),
        Layout::Json => (json::about(beginning), None),
    };
    Some(Peek {
        offer: identity.code.as_deref().and_then(Offer::of_code),
        version: identity.version,
        region,
    })
}
