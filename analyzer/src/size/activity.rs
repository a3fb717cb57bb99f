//! Idle hosts and zombies: machines that may not be needed at all.
//!
//! Thresholds and their source: method §5.

use serde::{Deserialize, Serialize};

use crate::profile::HostProfile;

/// A zombie's CPU never exceeds this share of its cores.
const ZOMBIE_CPU: f64 = 0.01;
/// A zombie's network never exceeds this, bytes per second.
const ZOMBIE_NETWORK: f64 = 1000.0;
/// An idle host's CPU never exceeds this share of its cores.
const IDLE_CPU: f64 = 0.05;
/// An idle host moves less than this a day, bytes.
const IDLE_BYTES_PER_DAY: f64 = 5_000_000.0;
/// Fewer days than this say nothing about idleness.
const SHORTEST_DAYS: f64 = 7.0;

/// Whether a host does any work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// It works.
    Active,
    /// Hardly any work: peak CPU below 5 % and network below 5 MB a day.
    Idle,
    /// No work: CPU never above 1 % and network below 1 kB/s throughout.
    Zombie,
    /// Not enough was measured to say.
    Unknown,
}

/// Judges a host's activity; the second value is the evidence in words.
#[must_use]
pub fn activity(profile: &HostProfile) -> (Activity, String) {
    let (Some(cpu), Some(vcpus)) = (&profile.cpu, profile.source.vcpus) else {
        return (
            Activity::Unknown,
            "CPU or the number of cores was not measured".to_string(),
        );
    };
    let networks: Vec<_> = [&profile.network_receive, &profile.network_transmit]
        .into_iter()
        .flatten()
        .collect();
    if networks.is_empty() {
        return (Activity::Unknown, "network was not measured".to_string());
    }
    if profile.observed.days() < SHORTEST_DAYS {
        return (
            Activity::Unknown,
            format!("only {:.1} days were measured", profile.observed.days()),
        );
    }
    let highest_share = cpu.maximum / vcpus;
    let highest_network = networks.iter().map(|metric| metric.maximum).sum::<f64>();
    let bytes_per_day = networks.iter().map(|metric| metric.mean).sum::<f64>() * 86_400.0;
    let evidence = format!(
        "CPU never above {:.1} % of {vcpus:.0} cores, network at most {:.0} B/s and {:.1} MB a day over {:.0} days",
        highest_share * 100.0,
        highest_network,
        bytes_per_day / 1e6,
        profile.observed.days()
    );
    if highest_share <= ZOMBIE_CPU && highest_network < ZOMBIE_NETWORK {
        (Activity::Zombie, evidence)
    } else if highest_share < IDLE_CPU && bytes_per_day < IDLE_BYTES_PER_DAY {
        (Activity::Idle, evidence)
    } else {
        (Activity::Active, evidence)
    }
}
