//! Where the catalog's figures come from.

use serde::{Deserialize, Serialize};

/// A source of figures, with what its notice asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Short key.
    pub key: String,
    /// Package, repository or publication.
    pub name: String,
    /// Commit or version that was read.
    pub version: String,
    /// Date or span of the figures, in the source's words.
    pub dated: String,
    /// Licence of the source.
    pub licence: String,
    /// Tables of the catalog that rest on it.
    pub tables: Vec<String>,
}
