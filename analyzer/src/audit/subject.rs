//! One row beside everything it must agree with.

use crate::catalog::Architecture;
use crate::plan::{Plan, Recommendation};
use crate::policy::{Membership, Policy};
use crate::size::{Dimension, Requirement};

/// A row, and what the assessment says of its host.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) row: &'a Recommendation,
    pub(super) member: Membership,
    pub(super) policy: Policy,
}

impl<'a> Subject<'a> {
    /// Looks up the host in the assessment; a policy that the assessment cannot give is taken from the plan.
    ///
    /// A host that is said not to run on arm64 may not be put there, whatever its environment's policy.
    pub(super) fn of(plan: &'a Plan, row: &'a Recommendation) -> Self {
        let member = plan.assessment.membership(&row.host);
        let mut policy = plan
            .assessment
            .policy(&member.environment, &plan.overrides)
            .ok()
            .or_else(|| plan.policies.get(&member.environment).cloned())
            .unwrap_or_default();
        if member.arm64_ready == Some(false) {
            policy.architectures.retain(|one| *one != Architecture::Arm64);
        }
        Self { row, member, policy }
    }

    /// Gives a dimension's requirement.
    pub(super) fn requirement(&self, dimension: Dimension) -> Option<&'a Requirement> {
        self.row
            .proof
            .requirements
            .iter()
            .find(|requirement| requirement.dimension == dimension)
    }

    /// Says whether CPU and memory both have a requirement.
    pub(super) fn is_sized(&self) -> bool {
        self.requirement(Dimension::Cpu).is_some() && self.requirement(Dimension::Memory).is_some()
    }

    /// Says whether the evidence is too weak for a proposal, whatever fits.
    pub(super) fn evidence_is_weak(&self) -> bool {
        !self.is_sized() || self.row.proof.confidence.value < self.policy.minimum_confidence
    }
}

/// Gives the region the plan is for.
pub(super) fn region(plan: &Plan) -> &str {
    plan.overrides.region.as_deref().unwrap_or(&plan.assessment.region)
}
