//! The way to AWS and how much moves at once: section `waves` of `assessment.toml`.

use serde::{Deserialize, Serialize};

/// The way to AWS and how much moves at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WaveRule {
    /// Speed of the link to AWS, Mbit/s; 1,000 is assumed where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_mbps: Option<f64>,
    /// Share of the link that copying may take.
    pub link_share: f64,
    /// Hosts that move in one wave at most, unless a move group is larger.
    pub hosts_per_wave: usize,
}

impl Default for WaveRule {
    fn default() -> Self {
        Self {
            link_mbps: None,
            link_share: 0.7,
            hosts_per_wave: 10,
        }
    }
}

impl WaveRule {
    /// Says whether nothing was stated.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Names what is not a usable number.
    ///
    /// # Errors
    /// The field and what it must be.
    pub fn check(&self) -> Result<(), String> {
        if self.link_mbps.is_some_and(|speed| !(speed > 0.0 && speed.is_finite())) {
            return Err("`link_mbps` must be above zero, such as 1000".to_string());
        }
        if !(0.01..=1.0).contains(&self.link_share) {
            return Err(format!("`link_share` is {}; expected 0.01 to 1", self.link_share));
        }
        if self.hosts_per_wave == 0 {
            return Err("`hosts_per_wave` is 0; expected at least 1".to_string());
        }
        Ok(())
    }
}
