//! From workloads to parts with their confidence.

use std::collections::BTreeMap;

use rayon::prelude::*;
use telemetry::units::GIBIBYTE;

use super::runway::runway;
use super::{PhaseInputs, PlannedPart, PlannedWorkload, phase_of};
use crate::catalog::YearMonth;
use crate::managed::{
    Evidence, HostView, Moved, NodeDemand, Part, Setting, Sized, WorkloadDemand, filling, moved, size,
    storage_for_a_byte,
};
use crate::plan::outlook::Runway;
use crate::plan::{Plan, Proposal, Recommendation};
use crate::policy::{Policy, Rule};
use crate::profile::HostProfile;
use crate::readiness::{SaidByService, findings};
use crate::service::{Estate, UsedByService, Workload};
use crate::size::{Dimension, SourceCapacity, requirements};

/// How much a size is trusted that rests on less than the service's own counters.
const TRUST: [(Evidence, f64); 4] = [
    (Evidence::OwnCounters, 1.0),
    (Evidence::ProcessGroup, 0.9),
    (Evidence::WholeHost, 0.75),
    (Evidence::Assumed, 0.5),
];

/// Sizes every workload.
pub(super) fn all(
    plan: &Plan,
    estate: &Estate,
    used: &UsedByService,
    said: &SaidByService<'_>,
    inputs: &PhaseInputs<'_>,
) -> Vec<PlannedWorkload> {
    let rows: BTreeMap<&str, &Recommendation> = plan
        .recommendations
        .iter()
        .map(|row| (row.host.as_str(), row))
        .collect();
    let profiles: BTreeMap<&str, &HostProfile> = inputs
        .profiles
        .iter()
        .map(|profile| (profile.host.as_str(), profile))
        .collect();
    let mut working: BTreeMap<&str, usize> = BTreeMap::new();
    for node in estate.workloads.iter().flat_map(|workload| &workload.nodes) {
        *working.entry(&node.host).or_default() += 1;
    }
    for (host, services) in &estate.staying {
        *working.entry(host).or_default() += services.len();
    }
    let region = plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region);
    let fallback = Policy::default();
    estate
        .workloads
        .par_iter()
        .map(|workload| {
            let demand = WorkloadDemand {
                nodes: workload
                    .nodes
                    .iter()
                    .map(|node| NodeDemand {
                        host: rows.get(node.host.as_str()).zip(profiles.get(node.host.as_str())).map(
                            |(row, profile)| HostView {
                                profile,
                                cpu_demand_cores: cpu_by_rule(profile, row, plan.policies.get(&row.environment)),
                                equivalence: &row.proof.cpu_equivalence,
                                working_services: working.get(node.host.as_str()).copied().unwrap_or(0),
                                rule: &row.rule,
                            },
                        ),
                        node,
                        used: used.of(&node.host, &node.service),
                        memory: used.hosts.get(&node.host),
                    })
                    .collect(),
            };
            let policy = plan.policies.get(&workload.environment).unwrap_or(&fallback);
            let setting = Setting {
                catalog: inputs.catalog,
                region,
                policy,
                month: YearMonth::of(plan.planned_on),
            };
            let sized = size(workload, &demand, &setting);
            let moved = moved(workload, &demand);
            let one = planned(workload, sized, &rows, policy);
            let runways: Vec<Runway> = one
                .parts
                .first()
                .and_then(|part| filling(workload, &part.part, &demand))
                .map(|filling| runway(&filling, plan.planned_on))
                .into_iter()
                .collect();
            let leading = workload.primary().and_then(|node| used.of(&node.host, &node.service));
            PlannedWorkload {
                full_on: match runways.first() {
                    Some(runway) => runway.likely.filter(|_| runway.what.starts_with("storage")),
                    None => full_on(&one, &moved, plan.planned_on),
                },
                runways,
                courses: leading.map(|used| used.courses.clone()).unwrap_or_default(),
                readiness: findings(workload, said),
                moved,
                ..one
            }
        })
        .collect()
}

/// Gives the day on which provisioned storage is full, within twenty years; Aurora, DocumentDB and EFS grow by themselves.
fn full_on(one: &PlannedWorkload, moved: &Moved, today: jiff::civil::Date) -> Option<jiff::civil::Date> {
    let part = &one.parts.first()?.part;
    if !["rds", "msk", "opensearch"].contains(&part.target_service.as_str()) {
        return None;
    }
    let (size, used) = (part.storage_gib?, moved.data_gib?);
    let growth = moved.growth_gib_per_day.filter(|growth| *growth > 0.0)?;
    // OpenSearch stores copies and overhead: its share of the size per byte of data stays what it is.
    let per_gib = match part.target_service.as_str() {
        "opensearch" => storage_for_a_byte(one.workload.is_production()),
        _ => 1.0,
    };
    let days = ((size / per_gib - used) / growth).floor();
    (0.0..7_305.0)
        .contains(&days)
        .then(|| today.checked_add(jiff::Span::new().days(days as i64)).ok())
        .flatten()
}

/// Gives what the rule asks of CPU; nothing under rule `sizewright`, which weighs risk against EC2's prices.
fn cpu_by_rule(profile: &HostProfile, row: &Recommendation, policy: Option<&Policy>) -> Option<f64> {
    let policy = policy.filter(|policy| policy.rule != Rule::Sizewright)?;
    let source = SourceCapacity {
        vcpus: row.source_vcpu,
        memory_bytes: row.source_memory_gib.map(|gib| gib * GIBIBYTE),
    };
    let asked = requirements(profile, source, policy);
    asked.get(Dimension::Cpu).map(|cpu| cpu.target)
}

fn planned(
    workload: &Workload,
    sized: Sized,
    rows: &BTreeMap<&str, &Recommendation>,
    policy: &Policy,
) -> PlannedWorkload {
    let stays = sized.stays_because.is_some();
    PlannedWorkload {
        moves_in: (!stays).then(|| phase_of(&workload.target).to_string()),
        parts: if stays {
            Vec::new()
        } else {
            sized
                .parts
                .into_iter()
                .map(|part| planned_part(workload, part, rows, policy))
                .collect()
        },
        others: sized.others,
        stays_because: sized.stays_because,
        assumed: sized.assumed,
        notes: sized.notes,
        moved: Moved::default(),
        courses: BTreeMap::new(),
        full_on: None,
        runways: Vec::new(),
        readiness: Vec::new(),
        workload: workload.clone(),
    }
}

/// Gives a part its confidence: that of the hosts it is sized from, times the trust in the weakest evidence.
fn planned_part(
    workload: &Workload,
    part: Part,
    rows: &BTreeMap<&str, &Recommendation>,
    policy: &Policy,
) -> PlannedPart {
    let measured: Vec<&&Recommendation> = workload
        .nodes
        .iter()
        .filter_map(|node| rows.get(node.host.as_str()))
        .collect();
    let weakest = measured.iter().min_by(|one, other| {
        one.confidence
            .total_cmp(&other.confidence)
            .then_with(|| one.host.cmp(&other.host))
    });
    let evidence = part.evidence();
    let trust = TRUST
        .iter()
        .find(|(known, _)| *known == evidence)
        .map_or(0.5, |(_, trust)| *trust);
    let host = weakest.map_or(0.0, |row| row.confidence);
    let confidence = (host * trust * 1_000.0).round() / 1_000.0;
    let mut reasons = Vec::new();
    if let Some(row) = weakest.filter(|row| !row.confidence_reason.is_empty()) {
        reasons.push(format!("{}: {}", row.host, row.confidence_reason));
    }
    if evidence != Evidence::OwnCounters {
        reasons.push(format!("something rests on {}", evidence.words()));
    }
    let decided = confidence >= policy.minimum_confidence;
    PlannedPart {
        part,
        confidence,
        confidence_reason: reasons.join("; "),
        proposal: if decided { Proposal::Change } else { Proposal::Undecided },
    }
}
