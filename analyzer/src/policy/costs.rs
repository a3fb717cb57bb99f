//! `[costs]`, `[transition]` and `[on_premises]` of assessment.toml: what a projection needs beside the plan.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What AWS charges beside the plan's rows, and how money is counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    /// Tax on the AWS bill, percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_percent: Option<Decimal>,
    /// Support plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_plan: Option<SupportPlan>,
    /// Cost of capital, percent a year: what a dollar next year is worth less today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_percent_per_year: Option<f64>,
    /// To the internet, GB a month, where nobody measured it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internet_gb_per_month: Option<Decimal>,
    /// To offices and what stays on premises, GB a month, where nobody measured it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub premises_gb_per_month: Option<Decimal>,
    /// Share of the traffic between hosts that crosses zones, 0 to 1; half unless given: two zones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_zone_share: Option<Decimal>,
    /// Snapshots kept, as a share of the volumes' size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_share: Option<Decimal>,
}

/// AWS support plans that a projection knows the price of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SupportPlan {
    /// Basic: free.
    Basic,
    /// Developer.
    Developer,
    /// Business.
    Business,
    /// Enterprise.
    Enterprise,
}

/// How the estate moves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transition {
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
}

/// What the estate costs where it is. What is not given is not counted, and the total then reads "at least".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OnPremises {
    /// What the servers, storage and switches in question cost to buy, US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hardware_usd: Option<Decimal>,
    /// Years over which hardware is written off and then replaced; five unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depreciation_years: Option<u32>,
    /// Maintenance contracts, percent of the hardware a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintenance_percent_per_year: Option<Decimal>,
    /// What the machines draw, kW.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_kw: Option<Decimal>,
    /// Power of the whole room over that of its machines; 1.8 unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pue: Option<Decimal>,
    /// US dollars for a kWh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_kwh: Option<Decimal>,
    /// Racks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub racks: Option<Decimal>,
    /// Floor and hands, US dollars for a rack and month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_rack_month: Option<Decimal>,
    /// Licences that end with the move (hypervisor, operating systems, backup), US dollars a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licenses_usd_per_year: Option<Decimal>,
    /// People who keep the machines running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<Decimal>,
    /// US dollars for one of them and year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_staff_year: Option<Decimal>,
    /// Share of that work that stays after the move, 0 to 1; none unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_share_after: Option<Decimal>,
    /// Lines to the internet and between sites, US dollars a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_usd_per_month: Option<Decimal>,
    /// How far off these figures may be, percent, for the low and the high case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertainty_percent: Option<Decimal>,
}

impl Costs {
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
            ("tax_percent", self.tax_percent),
            ("internet_gb_per_month", self.internet_gb_per_month),
            ("premises_gb_per_month", self.premises_gb_per_month),
            ("snapshot_share", self.snapshot_share),
        ])?;
        share("cross_zone_share", self.cross_zone_share)?;
        match self.discount_percent_per_year {
            Some(rate) if !(0.0..=100.0).contains(&rate) => Err(format!(
                "`discount_percent_per_year` is {rate}; expected 0 to 100 percent a year"
            )),
            _ => Ok(()),
        }
    }
}

impl Transition {
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
        Ok(())
    }
}

impl OnPremises {
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
            ("hardware_usd", self.hardware_usd),
            ("maintenance_percent_per_year", self.maintenance_percent_per_year),
            ("power_kw", self.power_kw),
            ("usd_per_kwh", self.usd_per_kwh),
            ("racks", self.racks),
            ("usd_per_rack_month", self.usd_per_rack_month),
            ("licenses_usd_per_year", self.licenses_usd_per_year),
            ("staff", self.staff),
            ("usd_per_staff_year", self.usd_per_staff_year),
            ("network_usd_per_month", self.network_usd_per_month),
            ("uncertainty_percent", self.uncertainty_percent),
        ])?;
        share("staff_share_after", self.staff_share_after)?;
        if self.pue.is_some_and(|pue| pue < Decimal::ONE) {
            return Err("`pue` is less than 1: a room draws at least what its machines draw".to_string());
        }
        if self.depreciation_years == Some(0) {
            return Err("`depreciation_years` is 0; expected a year at least".to_string());
        }
        Ok(())
    }
}

fn not_negative(fields: &[(&str, Option<Decimal>)]) -> Result<(), String> {
    match fields
        .iter()
        .find(|(_, value)| value.is_some_and(|value| value < Decimal::ZERO))
    {
        Some((name, _)) => Err(format!("`{name}` is less than 0")),
        None => Ok(()),
    }
}

fn share(name: &str, value: Option<Decimal>) -> Result<(), String> {
    match value {
        Some(value) if value < Decimal::ZERO || value > Decimal::ONE => {
            Err(format!("`{name}` is {value}; expected a share of 0 to 1"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn figures_are_exact_and_wrong_ones_named() {
        let room: OnPremises = toml::from_str("hardware_usd = 120000\nusd_per_kwh = 0.1275\npue = 1.5").unwrap();
        assert_eq!(room.usd_per_kwh.unwrap().to_string(), "0.1275");
        assert_eq!(room.check(), Ok(()));
        let wrong = |text: &str| toml::from_str::<OnPremises>(text).unwrap().check().unwrap_err();
        assert!(wrong("pue = 0.5").contains("pue"));
        assert!(wrong("racks = -1").contains("racks"));
        assert!(wrong("staff_share_after = 2").contains("staff_share_after"));
        assert!(toml::from_str::<OnPremises>("hardware = 3").is_err());
        let tax: Costs = toml::from_str("tax_percent = 10\nsupport_plan = 'business'").unwrap();
        assert_eq!(tax.support_plan, Some(SupportPlan::Business));
    }
}
