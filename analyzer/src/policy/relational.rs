//! Where PostgreSQL, MySQL and MariaDB go: RDS, Aurora, or whichever of them costs least.

use serde::{Deserialize, Serialize};

/// Which managed service a relational database goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relational {
    /// Amazon RDS, with Aurora beside it.
    #[default]
    Rds,
    /// Aurora: Standard or I/O-Optimized, whichever costs less; RDS stands beside it.
    Aurora,
    /// The cheapest of RDS, Aurora Standard and Aurora I/O-Optimized whose price is wholly known.
    Cheapest,
}

impl Relational {
    /// Gives the words that may be written.
    pub const WORDS: [&'static str; 3] = ["rds", "aurora", "cheapest"];

    /// Reads a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "rds" => Self::Rds,
            "aurora" => Self::Aurora,
            "cheapest" => Self::Cheapest,
            _ => return None,
        })
    }

    /// Says whether it is what an assessment without a word about it means.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
