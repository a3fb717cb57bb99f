//! With any one zone gone, does the rest carry the peak? By tier and phase, in production.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Phases, REHOST, REPLATFORM};
use crate::managed::Ask;
use crate::plan::{Plan, Recommendation};
use crate::profile::HostProfile;
use crate::service::{Target, is_production};

/// Zones that hosts of a tier are spread over at most; a region has three or more.
const ZONES: usize = 3;

/// One tier without one zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ZoneCheck {
    /// The phase.
    pub phase: String,
    /// Group of hosts, or workload.
    pub tier: String,
    /// Hosts or instances.
    pub members: usize,
    /// Zones they are spread over.
    pub zones: usize,
    /// What must be carried: source cores at the concurrent peak, or at most that.
    pub peak_cores: Option<f64>,
    /// What the rest carries, source cores.
    pub rest_cores: Option<f64>,
    /// Whether the rest carries it.
    pub holds: bool,
    /// Why, in words.
    pub words: String,
}

/// Checks the tiers of production.
pub(super) fn checks(plan: &Plan, phases: &Phases, profiles: &[HostProfile]) -> Vec<ZoneCheck> {
    let by_host: BTreeMap<&str, &HostProfile> = profiles
        .iter()
        .map(|profile| (profile.host.as_str(), profile))
        .collect();
    let mut checks = Vec::new();
    for phase in [&phases.rehost, &phases.replatform] {
        let mut tiers: BTreeMap<String, Vec<(&Recommendation, f64)>> = BTreeMap::new();
        let smaller = phases.shrunk(&phase.name);
        for row in plan
            .recommendations
            .iter()
            .filter(|row| is_production(&row.environment) && phase.retired_hosts.binary_search(&row.host).is_err())
        {
            let tier = row.proof.group.clone().unwrap_or_else(|| row.host.clone());
            // A host that some services left carries what stays, on the type for that.
            let own = smaller.get(row.host.as_str());
            let in_phase = own.and_then(|one| Some((one.row.as_deref()?, one.cpu_share?)));
            tiers.entry(tier).or_default().push(in_phase.unwrap_or((row, 1.0)));
        }
        checks.extend(
            tiers
                .iter()
                .map(|(tier, rows)| of_hosts(&phase.name, tier, rows, &by_host)),
        );
    }
    for phase in [REHOST, REPLATFORM] {
        checks.extend(
            phases
                .workloads
                .iter()
                .filter(|one| one.workload.is_production() && one.is_moved_in(phase))
                .filter_map(|one| {
                    let part = &one.parts.first()?.part;
                    let deciding = part
                        .needs
                        .iter()
                        .find(|need| matches!(need.ask, Ask::SingleThread | Ask::Cpu));
                    let offered = deciding.and_then(|need| part.class.as_ref()?.offers.get(&need.ask).copied());
                    let fits = match (deciding, offered) {
                        (Some(need), Some(offered)) => offered >= need.amount * (1.0 - 1e-9),
                        _ => true,
                    };
                    let (holds, words) = of_service(&one.workload.target, part.count, part.zones);
                    Some(ZoneCheck {
                        phase: phase.to_string(),
                        tier: one.workload.name.clone(),
                        members: part.count as usize,
                        zones: part.zones as usize,
                        peak_cores: deciding.map(|need| need.amount),
                        rest_cores: offered,
                        holds: holds && fits,
                        words: words.to_string(),
                    })
                }),
        );
    }
    checks
}

fn of_service(target: &Target, count: u32, zones: u32) -> (bool, &'static str) {
    match target {
        Target::Relational(_) | Target::Licensed(_) if zones > 1 => {
            (true, "the standby in another zone is of the same class and takes over")
        }
        Target::Cache(crate::catalog::nodes::CacheEngine::Memcached) => (
            false,
            "the keys of the lost zone are gone and come back from the databases: see that they carry it",
        ),
        Target::Cache(_) if zones > 1 => (true, "each shard's replica in another zone is of the same class"),
        Target::Documents if count > 1 => (true, "any other instance becomes the writer, all are of the same class"),
        Target::Broker(_) if count > 1 => (true, "a node was sized so that the others carry the peak"),
        Target::Events | Target::Search if zones > 1 => {
            (true, "nodes were sized so that the other zones carry the peak")
        }
        Target::Balancer => (true, "the service spans zones by itself"),
        Target::Files => (true, "the service keeps each file in three zones"),
        _ => (false, "it runs in one zone"),
    }
}

/// Checks hosts, each with the share of its load that it still has.
fn of_hosts(
    phase: &str,
    tier: &str,
    rows: &[(&Recommendation, f64)],
    profiles: &BTreeMap<&str, &HostProfile>,
) -> ZoneCheck {
    let mut check = ZoneCheck {
        phase: phase.to_string(),
        tier: tier.to_string(),
        members: rows.len(),
        zones: ZONES.min(rows.len()),
        peak_cores: None,
        rest_cores: None,
        holds: false,
        words: String::new(),
    };
    if rows.len() < 2 {
        check.words =
            "one host: it is gone with its zone, and comes back as fast as it is started elsewhere".to_string();
        return check;
    }
    let peaks: Option<Vec<f64>> = rows
        .iter()
        .map(|(row, share)| Some(profiles.get(row.host.as_str())?.cpu.as_ref()?.quantile(0.995) * share))
        .collect();
    let capacities: Option<Vec<f64>> = rows
        .iter()
        .map(|(row, _)| Some(f64::from(row.vcpu?) * row.cpu_equivalence?))
        .collect();
    let (Some(peaks), Some(mut capacities)) = (peaks, capacities) else {
        check.words = "the size or the load of a host is not known".to_string();
        return check;
    };
    // The zone that is lost has one more host than others where they do not divide, and the larger ones.
    capacities.sort_by(f64::total_cmp);
    let left = rows.len() - rows.len().div_ceil(check.zones);
    let rest: f64 = capacities.iter().take(left).sum();
    let peak: f64 = peaks.iter().sum();
    check.holds = rest >= peak;
    check.peak_cores = Some((peak * 1e3).round() / 1e3);
    check.rest_cores = Some((rest * 1e3).round() / 1e3);
    check.words = if check.holds {
        "the hosts of the other zones carry the sum of all hosts' P99.5".to_string()
    } else {
        "the hosts of the other zones do not carry the sum of all hosts' P99.5, which is the most that comes at once: one more host, or larger ones".to_string()
    };
    check
}
