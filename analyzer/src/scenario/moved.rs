//! What moves to managed services in a phase: hosts that are gone, and what takes their place.
//!
//! Input: the plan's phases. A scenario with `phase` leaves out the hosts that
//! retire in it and adds the lines of the services, as the plan sizes them:
//! rule, headroom and growth of a scenario are of hosts, and the services'
//! prices are of the plan's region.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Hosts that are gone.
    pub retired: BTreeSet<String>,
    /// The lines of the services that take their place.
    pub lines: Vec<BillLine>,
}
