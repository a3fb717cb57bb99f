//! `[migration]` of assessment.toml: the way to AWS, how much moves at once, when, and what it costs by the way.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::costs::not_negative;

/// How the estate moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Migration {
    /// First day; the day of the plan unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Date>,
    /// Months from the first host to the last, in equal waves; none unless given: all moves at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// Months in which a host that moved still runs on premises too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub double_running_months: Option<u32>,
    /// Month in which the second phase, managed services, is done; months after the last host moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replatform_after_months: Option<u32>,
    /// Site-to-site VPN connections, for as long as anything stays on premises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpn_connections: Option<u32>,
    /// Direct Connect ports of 1 Gbit/s, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct_connect_ports: Option<u32>,
    /// Keep VPN and Direct Connect after the last host moved.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_links: bool,
    /// Hours of one replication instance of DMS for all databases; its price must be given with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication_hours: Option<Decimal>,
    /// US dollars for an hour of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication_usd_per_hour: Option<Decimal>,
    /// Work of partners and own people, US dollars, spread evenly over the months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services_usd: Option<Decimal>,
    /// Speed of the link to AWS, Mbit/s; 1,000 is assumed where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_mbps: Option<f64>,
    /// Share of the link that copying may take.
    pub link_share: f64,
    /// Hosts that move in one wave at most, unless a move group is larger.
    pub hosts_per_wave: usize,
}

impl Default for Migration {
    fn default() -> Self {
        Self {
            start: None,
            months: None,
            double_running_months: None,
            replatform_after_months: None,
            vpn_connections: None,
            direct_connect_ports: None,
            keep_links: false,
            replication_hours: None,
            replication_usd_per_hour: None,
            services_usd: None,
            link_mbps: None,
            link_share: 0.7,
            hosts_per_wave: 10,
        }
    }
}

impl Migration {
    /// Says whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Says what is out of range, if anything.
    ///
    /// # Errors
    /// With the field and what was expected.
    pub(super) fn check(&self) -> Result<(), String> {
        not_negative(&[
            ("replication_hours", self.replication_hours),
            ("replication_usd_per_hour", self.replication_usd_per_hour),
            ("services_usd", self.services_usd),
        ])?;
        for (name, months) in [
            ("months", self.months),
            ("double_running_months", self.double_running_months),
            ("replatform_after_months", self.replatform_after_months),
        ] {
            if months.is_some_and(|months| months > 120) {
                return Err(format!("`{name}` is more than 120 months"));
            }
        }
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
