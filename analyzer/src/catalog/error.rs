//! What can go wrong with a catalog: its file, and the names asked of it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::names;

/// Where a catalog came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogOrigin {
    /// Built into the program.
    Embedded,
    /// Read from a file.
    File(PathBuf),
}

impl fmt::Display for CatalogOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => formatter.write_str("the built-in catalog"),
            Self::File(path) => write!(formatter, "{}", path.display()),
        }
    }
}

/// Says why a catalog could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The file could not be opened or read.
    #[error("cannot read the catalog {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file could not be written.
    #[error("cannot write the catalog {}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is something else.
    #[error("{origin} is not a sizewright catalog")]
    NotACatalog {
        /// Where the bytes came from.
        origin: CatalogOrigin,
    },
    /// The file was written by an older program than this one can read.
    #[error("catalog too old: {origin} has format {found}, this program reads {readable}")]
    TooOld {
        /// Where the bytes came from.
        origin: CatalogOrigin,
        /// Format version of the file.
        found: u16,
        /// Format version that this program reads.
        readable: u16,
    },
    /// The file was written by a newer program.
    #[error("catalog too new: {origin} has format {found}, this program reads {readable}")]
    TooNew {
        /// Where the bytes came from.
        origin: CatalogOrigin,
        /// Format version of the file.
        found: u16,
        /// Format version that this program reads.
        readable: u16,
    },
    /// The content is incomplete or altered.
    #[error("catalog damaged: {origin}")]
    Damaged {
        /// Where the bytes came from.
        origin: CatalogOrigin,
        /// What does not hold.
        #[source]
        source: Damage,
    },
}

/// Says what is wrong with the bytes of a catalog.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// The file ends within its header.
    #[error("the file ends after {0} bytes, within its header")]
    HeaderCut(usize),
    /// The compressed part cannot be unpacked.
    #[error("the compressed part cannot be unpacked")]
    Compression(#[source] io::Error),
    /// The content is longer or shorter than the header says.
    #[error("the content has {found} bytes, its header says {expected}")]
    Length {
        /// Bytes found.
        found: u64,
        /// Bytes announced.
        expected: u64,
    },
    /// The content is not what was written.
    #[error("the content does not match its checksum")]
    Checksum,
    /// The content does not have the layout of a catalog.
    #[error("the content does not have the layout of a catalog")]
    Layout(#[source] postcard::Error),
    /// A price holds an impossible number.
    #[error("a price of {table} is not a number")]
    NotANumber {
        /// The table of the price.
        table: &'static str,
    },
    /// A row points at something that is not there.
    #[error("a row of {table} points at entry {entry}, which does not exist")]
    Dangling {
        /// The table of the row.
        table: &'static str,
        /// The number that the row holds.
        entry: usize,
    },
}

/// Says that a table of the catalog knows nothing of a region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the catalog has no {table} for region `{region}`{}", names::suggestion(nearest))]
pub struct UnknownRegion {
    /// The region asked for.
    pub region: String,
    /// What was asked for in it, such as "EC2 prices".
    pub table: &'static str,
    /// Regions with a similar name, best first.
    pub nearest: Vec<String>,
}

impl UnknownRegion {
    pub(super) fn among<'a>(region: &str, table: &'static str, known: impl Iterator<Item = &'a String>) -> Self {
        Self {
            region: region.to_owned(),
            table,
            nearest: names::nearest(region, known.map(String::as_str)),
        }
    }
}

/// Says that the catalog knows no instance type of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the catalog has no instance type `{name}`{}", names::suggestion(nearest))]
pub struct UnknownShape {
    /// The type asked for.
    pub name: String,
    /// Types with a similar name, best first.
    pub nearest: Vec<String>,
}

/// Says that the catalog knows no instance family of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the catalog has no instance family `{name}`{}", names::suggestion(nearest))]
pub struct UnknownFamily {
    /// The family asked for.
    pub name: String,
    /// Families with a similar name, best first.
    pub nearest: Vec<String>,
}
