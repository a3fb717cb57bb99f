//! What moves to managed services in a phase: hosts that are gone, and what takes their place.
//!
//! Input: the plan's phases. A scenario with `phase` leaves out the hosts that
//! retire in it and adds the lines of the services, as the plan sizes them:
//! rule, headroom and growth of a scenario are of hosts, and the services'
//! prices are of the plan's region.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::catalog::RdsEngine;
use crate::managed::{Part, instead};
use crate::plan::Plan;
use crate::plan::phases::{Phase, PlannedWorkload, lines_of, parts_of_phase};
use crate::policy::Relational;
use crate::price::BillLine;
use crate::service::Target;

/// What moves in each phase, in one region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moved {
    /// The region whose prices the lines have.
    pub region: String,
    /// By the phase's name.
    pub phases: BTreeMap<String, MovedPhase>,
}

/// What moves in a phase.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MovedPhase {
    /// Hosts that are gone, or whose size follows from the plan's since some of their services left.
    pub retired: BTreeSet<String>,
    /// The lines of the services that take their place, and of what stays of such hosts.
    pub lines: Vec<BillLine>,
    /// The AWS service of each line, as discounts name it.
    pub services: Vec<String>,
    /// Relational databases among them that can go elsewhere, in the order of their lines.
    pub databases: Vec<MovedDatabase>,
}

/// A relational database whose lines would be others if its environment asked for another service.
#[derive(Clone, Debug, PartialEq)]
pub struct MovedDatabase {
    environment: String,
    /// Its lines among those of the phase.
    lines: Range<usize>,
    /// By what is asked for: the AWS service and the lines; only where they are others.
    instead: BTreeMap<Relational, (String, Vec<BillLine>)>,
}

impl MovedPhase {
    /// Gives the lines with the service of each, relational databases where `asked` says of their environment.
    pub(super) fn bought(&self, asked: impl Fn(&str) -> Option<Relational>) -> Vec<(&BillLine, &str)> {
        let own: Vec<(&BillLine, &str)> = self
            .lines
            .iter()
            .zip(self.services.iter().map(String::as_str))
            .collect();
        let (mut out, mut next) = (Vec::with_capacity(own.len()), 0);
        for database in &self.databases {
            let Some((service, lines)) = asked(&database.environment).and_then(|asked| database.instead.get(&asked))
            else {
                continue;
            };
            out.extend_from_slice(own.get(next..database.lines.start).unwrap_or_default());
            out.extend(lines.iter().map(|line| (line, service.as_str())));
            next = database.lines.end;
        }
        out.extend_from_slice(own.get(next..).unwrap_or_default());
        out
    }
}

/// Finds the relational databases of a phase that nobody said of where they go, and what they would cost elsewhere.
fn databases(plan: &Plan, phase: &str) -> Vec<MovedDatabase> {
    let mut at = 0;
    let workloads = plan.phases.iter().flat_map(|phases| &phases.workloads);
    let mut out = Vec::new();
    for one in workloads.filter(|one| one.is_moved_in(phase)) {
        let count: usize = one.parts.iter().map(|part| part.part.lines.len()).sum();
        let lines = at..at + count;
        at = lines.end;
        let instead = elsewhere(one, phase);
        if !instead.is_empty() {
            out.push(MovedDatabase {
                environment: one.workload.environment.clone(),
                lines,
                instead,
            });
        }
    }
    out
}

fn elsewhere(one: &PlannedWorkload, phase: &str) -> BTreeMap<Relational, (String, Vec<BillLine>)> {
    // The policy moves no MariaDB to MySQL's dialect, and goes before nobody who spoke of one database.
    let follows = matches!(one.workload.target, Target::Relational(engine) if engine != RdsEngine::Mariadb)
        && one.workload.relational.is_none();
    let parts: Vec<&Part> = one.parts.iter().map(|part| &part.part).collect();
    let Some(first) = parts.first().filter(|_| follows) else {
        return BTreeMap::new();
    };
    [Relational::Rds, Relational::Aurora, Relational::Cheapest]
        .into_iter()
        .filter_map(|asked| {
            let (service, way) = instead(&parts, &one.others, asked)?;
            let lines = lines_of(phase, &one.workload, &first.host, &way.lines);
            Some((asked, (service.to_string(), lines)))
        })
        .collect()
}

impl Moved {
    /// Takes the phases of a plan; nothing where it moves nothing to managed services.
    #[must_use]
    pub fn of(plan: &Plan) -> Option<Self> {
        let phases = plan.phases.as_ref()?;
        // A bill has its lines in the order of workloads, parts and their lines.
        let services = |phase: &Phase| {
            parts_of_phase(plan, &phase.name)
                .flat_map(|(_, part)| part.part.lines.iter().map(move |_| part.part.target_service.clone()))
                .collect::<Vec<String>>()
        };
        let of_phase = |phase: &Phase| {
            // A host that is smaller in the phase is as the plan sizes it, like the services that left it.
            let smaller = phases.shrunk(&phase.name);
            let hosts = smaller.keys().map(ToString::to_string);
            let own: Vec<&BillLine> = smaller.values().flat_map(|one| &one.lines).collect();
            let mut services = services(phase);
            services.extend(own.iter().map(|_| "ec2".to_string()));
            MovedPhase {
                retired: phase.retired_hosts.iter().cloned().chain(hosts).collect(),
                lines: phase.managed_bill.lines.iter().chain(own).cloned().collect(),
                services,
                databases: databases(plan, &phase.name),
            }
        };
        let region = plan.overrides.region.as_ref().unwrap_or(&plan.assessment.region);
        Some(Self {
            region: region.clone(),
            phases: [&phases.rehost, &phases.replatform]
                .into_iter()
                .map(|phase| (phase.name.clone(), of_phase(phase)))
                .collect(),
        })
    }
}
