//! What moves when? Move groups in waves of phase `rehost`, then workloads in waves of phase `replatform`.
//!
//! Deterministic: environments before production first, then what depends on
//! less, is smaller and risks less, then by name. What must move together
//! (see [`crate::dependency`]) is in one wave, however large.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use telemetry::units::GIBIBYTE;

use super::{Phases, PlannedWorkload, REHOST, REPLATFORM};
use crate::dependency::DependencyMap;
use crate::plan::Plan;
use crate::profile::HostProfile;
use crate::readiness::{Finding, Severity};
use crate::service::{Target, is_production};

/// Working days to prepare, test and switch a wave of hosts; an assumption of this program.
const HOST_WAVE_DAYS: u32 = 5;
/// Working days to build, test and switch a wave of services; an assumption of this program.
const SERVICE_WAVE_DAYS: u32 = 10;
/// Services that move in one wave.
const SERVICES_PER_WAVE: usize = 4;
/// Hours of copying in a working day, at any hour.
const HOURS_PER_DAY: f64 = 24.0;

/// What moves together in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wave {
    /// From 1 on, over both phases.
    pub number: usize,
    /// The phase.
    pub phase: String,
    /// The environment of all that moves.
    pub environment: String,
    /// Hosts of phase `rehost`, workloads of phase `replatform`; sorted.
    pub moves: Vec<String>,
    /// Why these, and why now.
    pub because: String,
    /// What is copied, GiB, as far as known.
    pub data_gib: f64,
    /// First working day, from 0 on.
    pub first_day: u32,
    /// Working days.
    pub days: u32,
}

/// What moves as one.
struct Unit {
    names: Vec<String>,
    environment: String,
    data_gib: f64,
    /// Databases and other things that keep data among it.
    stores: usize,
    words: String,
}

/// Orders all waves.
pub(super) fn waves(plan: &Plan, phases: &Phases, map: &DependencyMap, profiles: &[HostProfile]) -> Vec<Wave> {
    let mut waves = host_waves(plan, phases, map, profiles);
    waves.extend(service_waves(phases));
    let mut day = 0;
    for (at, wave) in waves.iter_mut().enumerate() {
        wave.number = at + 1;
        wave.first_day = day;
        day += wave.days;
    }
    waves
}

fn host_waves(plan: &Plan, phases: &Phases, map: &DependencyMap, profiles: &[HostProfile]) -> Vec<Wave> {
    let data: BTreeMap<&str, f64> = profiles
        .iter()
        .map(|profile| {
            let used: f64 = profile.filesystems.iter().map(|one| one.used_bytes).sum();
            (profile.host.as_str(), used / GIBIBYTE)
        })
        .collect();
    let retire: BTreeSet<&str> = plan.retire.iter().map(|one| one.host.as_str()).collect();
    let environment: BTreeMap<&str, &str> = plan
        .recommendations
        .iter()
        .filter(|row| !retire.contains(row.host.as_str()))
        .map(|row| (row.host.as_str(), row.environment.as_str()))
        .collect();
    let by_host = phases.by_host();
    let stores = |host: &str| {
        by_host.get(host).map_or(0, |here| {
            here.iter()
                .filter(|one| !matches!(one.workload.target, Target::Balancer | Target::Stays(_)))
                .count()
        })
    };
    let unit = |hosts: Vec<String>, words: String| -> Option<Unit> {
        let hosts: Vec<String> = hosts
            .into_iter()
            .filter(|host| environment.contains_key(host.as_str()))
            .collect();
        // A group over several environments moves with the one that matters most.
        let of = hosts
            .iter()
            .filter_map(|host| environment.get(host.as_str()))
            .max_by_key(|name| (rank(name), **name))?;
        Some(Unit {
            environment: (*of).to_string(),
            data_gib: hosts.iter().filter_map(|host| data.get(host.as_str())).sum(),
            stores: hosts.iter().map(|host| stores(host)).sum(),
            names: hosts,
            words,
        })
    };
    let mut units: Vec<Unit> = map
        .move_groups
        .iter()
        .filter_map(|group| {
            let mut unit = unit(group.hosts.clone(), String::new())?;
            unit.words = format!(
                "{} hosts that {} connections tie together",
                unit.names.len(),
                group.ties.len()
            );
            Some(unit)
        })
        .collect();
    let tied: BTreeSet<&String> = map.move_groups.iter().flat_map(|group| &group.hosts).collect();
    units.extend(
        plan.recommendations
            .iter()
            .filter(|row| !tied.contains(&row.host))
            .filter_map(|row| {
                unit(
                    vec![row.host.clone()],
                    "a host that nothing ties to another".to_string(),
                )
            }),
    );
    pack(
        units,
        plan.assessment.waves.hosts_per_wave,
        REHOST,
        HOST_WAVE_DAYS,
        plan,
        phases,
    )
}

fn service_waves(phases: &Phases) -> Vec<Wave> {
    let mut moving: Vec<&PlannedWorkload> = phases
        .workloads
        .iter()
        .filter(|one| one.moves_in.as_deref() == Some(REPLATFORM))
        .collect();
    moving.sort_by(|one, other| {
        order(one)
            .partial_cmp(&order(other))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let mut waves: Vec<Wave> = Vec::new();
    for one in moving {
        let environment = &one.workload.environment;
        let fits = waves
            .last()
            .is_some_and(|wave| wave.environment == *environment && wave.moves.len() < SERVICES_PER_WAVE);
        if !fits {
            waves.push(Wave {
                number: 0,
                phase: REPLATFORM.to_string(),
                environment: environment.clone(),
                moves: Vec::new(),
                because: String::new(),
                data_gib: 0.0,
                first_day: 0,
                days: SERVICE_WAVE_DAYS,
            });
        }
        if let Some(wave) = waves.last_mut() {
            wave.moves.push(one.workload.name.clone());
            wave.data_gib += one.moved.data_gib.unwrap_or(0.0);
        }
    }
    let blocking: BTreeMap<&str, usize> = phases
        .workloads
        .iter()
        .map(|one| (one.workload.name.as_str(), blockers(one)))
        .collect();
    let copying: BTreeMap<&str, f64> = phases
        .transfers
        .iter()
        .filter_map(|one| Some((one.workload.as_str(), one.hours?)))
        .collect();
    for wave in &mut waves {
        // By name: the sum of hours is the same to the last bit, in whatever order they were chosen.
        let mut names: Vec<&str> = wave.moves.iter().map(String::as_str).collect();
        names.sort_unstable();
        let blockers: usize = names.iter().filter_map(|name| blocking.get(name)).sum();
        let hours: f64 = names.iter().filter_map(|name| copying.get(name)).sum();
        wave.days = wave.days.max((hours / HOURS_PER_DAY).ceil() as u32 + 2);
        wave.data_gib = (wave.data_gib * 10.0).round() / 10.0;
        wave.because = format!(
            "{}; what holds no data comes first, then by size: {:.0} GiB are copied in {hours:.1} hours{}",
            before(&wave.environment),
            wave.data_gib,
            if blockers == 0 {
                String::new()
            } else {
                format!("; {blockers} blockers must be solved before")
            }
        );
    }
    waves
}

fn blockers(one: &PlannedWorkload) -> usize {
    let heavy = |finding: &&Finding| finding.severity == Severity::Blocker;
    one.readiness.iter().filter(heavy).count()
}

/// Environment, risk of the kind, blockers, size, name.
fn order(one: &PlannedWorkload) -> (u8, u8, usize, f64, &str) {
    let kind = match one.workload.target {
        Target::Balancer => 0,
        Target::Cache(_) => 1,
        Target::Broker(_) => 2,
        Target::Search => 3,
        Target::Files => 4,
        Target::Events => 5,
        _ => 6,
    };
    (
        rank(&one.workload.environment),
        kind,
        blockers(one),
        one.moved.data_gib.unwrap_or(0.0),
        &one.workload.name,
    )
}

/// Puts units of one environment into waves, small and harmless ones first.
fn pack(mut units: Vec<Unit>, most: usize, phase: &str, days: u32, plan: &Plan, phases: &Phases) -> Vec<Wave> {
    units.sort_by(|one, other| {
        (
            rank(&one.environment),
            &one.environment,
            one.names.len() > most,
            one.stores,
            one.names.len(),
        )
            .cmp(&(
                rank(&other.environment),
                &other.environment,
                other.names.len() > most,
                other.stores,
                other.names.len(),
            ))
            .then(one.data_gib.total_cmp(&other.data_gib))
            .then_with(|| one.names.cmp(&other.names))
    });
    let rule = &plan.assessment.waves;
    let link = rule.link_mbps.unwrap_or(1_000.0) * rule.link_share;
    let mut packed: Vec<(Vec<Unit>, usize)> = Vec::new();
    for unit in units {
        let size = unit.names.len();
        match packed.last_mut() {
            Some((wave, taken)) if wave[0].environment == unit.environment && *taken + size <= most => {
                *taken += size;
                wave.push(unit);
            }
            _ => packed.push((vec![unit], size)),
        }
    }
    packed
        .into_iter()
        .map(|(units, size)| {
            let data: f64 = units.iter().map(|unit| unit.data_gib).sum();
            let hours = data * 8.0 * GIBIBYTE / (link * 1e6) / 3_600.0;
            let stores: usize = units.iter().map(|unit| unit.stores).sum();
            let environment = units[0].environment.clone();
            let together = match units.iter().max_by_key(|unit| unit.names.len()) {
                Some(unit) if units.len() == 1 || unit.names.len() > 1 => unit.words.clone(),
                _ => "hosts that nothing ties to another".to_string(),
            };
            let large = if size > most {
                format!("; larger than {most} hosts, since it must move together: `sizewright discover --graph svg` shows what would cross if it were split")
            } else {
                String::new()
            };
            let rds = units
                .iter()
                .flat_map(|unit| &unit.names)
                .filter(|host| phases.rehost.retired_hosts.binary_search(host).is_ok())
                .count();
            let databases = if rds > 0 {
                format!("; {rds} of them become RDS")
            } else {
                String::new()
            };
            let mut moves: Vec<String> = units.into_iter().flat_map(|unit| unit.names).collect();
            moves.sort();
            Wave {
                number: 0,
                phase: phase.to_string(),
                because: format!(
                    "{}; {together}; {stores} keep data, {data:.0} GiB are copied in {hours:.1} hours at {link:.0} Mbit/s{databases}{large}",
                    before(&environment)
                ),
                environment,
                moves,
                data_gib: (data * 10.0).round() / 10.0,
                first_day: 0,
                days: days.max((hours / HOURS_PER_DAY).ceil() as u32 + 2),
            }
        })
        .collect()
}

fn before(environment: &str) -> String {
    if is_production(environment) {
        format!("{environment} comes last, when the way is known")
    } else {
        format!("{environment} comes before production, to learn the way")
    }
}

/// Development, then what comes before production, then production.
fn rank(environment: &str) -> u8 {
    let name = environment.to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    match () {
        () if begins(&["dev", "sandbox", "lab"]) => 0,
        () if begins(&["test", "qa"]) => 1,
        () if !is_production(environment) => 2,
        () => 3,
    }
}
