//! Why one scenario costs more or less than another, in the order in which it is counted.

use serde::Serialize;

/// A group of settings whose effect is counted together.
///
/// The order is that of the decisions: what is moved, where, how large, on
/// what, and last how it is paid for. Each step is counted on top of those
/// before it, so another order would give other parts of the same sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Hosts in or out.
    Hosts,
    /// Demand that grows.
    Growth,
    /// Another region.
    Region,
    /// Rule, dial, headroom and what else decides how much is needed.
    Sizing,
    /// Architectures that may be proposed.
    Architecture,
    /// Families that may be proposed.
    Families,
    /// A second copy in another zone.
    HighAvailability,
    /// Rehost or replatform.
    Phase,
    /// Hours in which hosts run.
    Schedule,
    /// On demand, reserved, savings plans.
    Commitment,
    /// Private prices.
    Discount,
}

impl Cause {
    /// All causes, in the order in which they are counted.
    pub const ALL: [Self; 11] = [
        Self::Hosts,
        Self::Growth,
        Self::Region,
        Self::Sizing,
        Self::Architecture,
        Self::Families,
        Self::HighAvailability,
        Self::Phase,
        Self::Schedule,
        Self::Commitment,
        Self::Discount,
    ];

    /// Gives the words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Hosts => "hosts in or out",
            Self::Growth => "growth",
            Self::Region => "region",
            Self::Sizing => "sizing",
            Self::Architecture => "architecture",
            Self::Families => "families",
            Self::HighAvailability => "high availability",
            Self::Phase => "phase",
            Self::Schedule => "schedule",
            Self::Commitment => "commitment",
            Self::Discount => "discount",
        }
    }
}
