//! The regions that the catalog has EC2 prices for.

use serde::{Deserialize, Serialize};

/// A region of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Code, such as `ap-southeast-1`.
    pub code: String,
    /// AWS's name for it, such as "Asia Pacific (Singapore)".
    pub location: String,
    /// Part of the world, in AWS's words.
    pub continent: String,
}
