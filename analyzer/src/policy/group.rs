//! `[groups.NAME]` of assessment.toml: what people know of hosts that do the same work.

use serde::{Deserialize, Serialize};

/// A group as the user states it; what is not stated is found from the hosts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupRule {
    /// Patterns of its hosts' names, with `*` and `?`; empty where `[[hosts]]` names the group.
    pub hosts: Vec<String>,
    /// Whether hosts may come and go without loss; overrides what their services say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stateless: Option<bool>,
    /// `false` keeps the group at a static size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<bool>,
    /// Why, for the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Minutes from launch until an instance takes load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_minutes: Option<u32>,
    /// Seconds in which connections drain before an instance goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draining_seconds: Option<u32>,
    /// How far the most loaded instance stands above the mean, as a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imbalance: Option<f64>,
    /// Memory that every instance must have, GiB; what the largest member needs unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_gib: Option<f64>,
    /// Stopped instances that are kept to start faster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_pool: Option<u32>,
    /// Fewest instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<u32>,
    /// Most instances, as licences or the bill allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<u32>,
    /// Most share of minutes short, as a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_share: Option<f64>,
    /// Whether the loss of a zone must be survived without shortage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub survives_zone_loss: Option<bool>,
    /// Whether an instance may be taken back at two minutes' notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerates_interruption: Option<bool>,
    /// Growth that is planned for, as a factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth: Option<f64>,
}

impl GroupRule {
    /// Says what is out of range, if anything.
    ///
    /// # Errors
    /// With the field and what was expected.
    pub(super) fn check(&self) -> Result<(), String> {
        let fraction = |name: &str, value: Option<f64>, most: f64| match value {
            Some(value) if !(value.is_finite() && (0.0..=most).contains(&value)) => {
                Err(format!("`{name}` is {value}; expected a fraction from 0 to {most}"))
            }
            _ => Ok(()),
        };
        fraction("imbalance", self.imbalance, 1.0)?;
        fraction("short_share", self.short_share, 0.5)?;
        fraction("growth", self.growth, 100.0)?;
        match (self.minimum, self.maximum) {
            (Some(least), Some(most)) if least > most => {
                Err(format!("`minimum` {least} is more than `maximum` {most}"))
            }
            (_, Some(0)) => Err("`maximum` is 0; expected one instance at the least".to_string()),
            _ if self.boot_minutes.is_some_and(|minutes| minutes > 240) => {
                Err("`boot_minutes` is more than 240".to_string())
            }
            _ => Ok(()),
        }
    }
}
