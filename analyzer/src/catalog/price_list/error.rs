//! Why a price list file could not be read as one.

use std::io;

/// Says what is wrong with a price list file.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The bytes could not be had: the disk, or a broken compression.
    #[error("the file cannot be read to its end")]
    Read(#[source] io::Error),
    /// It begins like something else.
    #[error("it is {found}, not a price list")]
    Foreign {
        /// What it looks like, such as "a web page".
        found: &'static str,
    },
    /// It holds nothing, or ends within its heading.
    #[error("it ends within its heading")]
    NoHeading,
    /// The heading lacks what names the file.
    #[error("its heading has no {0}")]
    NoIdentity(&'static str),
    /// It is the file of another offer.
    #[error("it is a file of offer {found}, not of {expected}")]
    OtherOffer {
        /// Code that was wanted.
        expected: &'static str,
        /// Code it holds.
        found: String,
    },
    /// No column of this name, without which nothing can be told apart.
    #[error("it has no column `{0}`")]
    NoColumn(&'static str),
    /// It prices other regions only.
    #[error("it prices {}, not {expected}", found.join(", "))]
    OtherRegion {
        /// Region that was wanted.
        expected: String,
        /// Regions it has.
        found: Vec<String>,
    },
    /// A row has another number of cells than the heading.
    #[error("line {line} has {found} cells, the heading {expected}: the file is cut or altered")]
    Ragged {
        /// Line of the row, counted from 1.
        line: u64,
        /// Cells it has.
        found: usize,
        /// Cells of the heading.
        expected: usize,
    },
    /// The last row has no end.
    #[error("its last line has no end: the file is cut")]
    Cut,
    /// A row, or a text of it, goes on for ever.
    #[error("something at line {0} is longer than any row of a price list")]
    Endless(u64),
    /// Text that is no UTF-8.
    #[error("line {0} is not UTF-8")]
    NotText(u64),
    /// A price that is needed is in another currency.
    #[error("{place}: the price is in {found}, not in USD")]
    Currency {
        /// Line or SKU.
        place: String,
        /// The currency.
        found: String,
    },
    /// A price is no amount.
    #[error("{place}: `{found}` is not an amount")]
    NotAnAmount {
        /// Line or SKU.
        place: String,
        /// What it says.
        found: String,
    },
    /// JSON that is none, is cut, or is laid out otherwise.
    #[error("its JSON does not have the layout of a price list")]
    Json(#[source] serde_json::Error),
    /// It was read to its end and prices nothing that the catalog takes.
    #[error("it prices nothing that the catalog takes in {0}")]
    Nothing(String),
}

impl ListError {
    /// Gives what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Foreign { .. } => "a proxy or login page may have answered instead; open the address in a browser",
            Self::OtherRegion { .. } | Self::OtherOffer { .. } => {
                "take the region's own file: its address is in the offer's region_index.json"
            }
            Self::Currency { .. } => "price lists in other currencies (China) are not taken",
            _ => "fetch the file again; what is in use stays as it is",
        }
    }
}
