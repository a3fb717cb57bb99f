//! What moves to managed services in a phase: hosts that are gone, and what takes their place.
//!
//! Input: the plan's phases. A scenario with `phase` leaves out the hosts that
//! retire in it and adds the lines of the services, as the plan sizes them:
//! rule, headroom and growth of a scenario are of hosts, and the services'
//! prices are of the plan's region.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Plan;
use crate::plan::phases::{Phase, parts_of_phase};
use crate::price::BillLine;

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
