//! From a host's profile to a shape: requirement, search, storage, confidence.
//!
//! Input: [`crate::profile::HostProfile`], policy and catalog. Output:
//! [`HostSize`]: the chosen offer, the rejected cheaper ones with what each
//! lacked, and every number's origin. It prices nothing but what the search
//! compares.

mod activity;
mod candidates;
mod confidence;
mod credits;
mod dimension;
mod equivalence;
mod host;
mod narrowing;
mod pick;
mod rates;
mod requirement;
pub mod risk;
mod storage;

pub use activity::{Activity, activity};
pub use candidates::{Candidates, Choice, shortfalls};
pub use confidence::{Confidence, Doubt, confidence};
pub use credits::CreditFit;
pub use dimension::{Dimension, Shortfall, number};
pub(crate) use equivalence::weakest;
pub use equivalence::{BenchmarkUse, CpuEquivalence};
pub use host::{HostSize, KEPT_WITHIN, OnCredits, Searches, size_host, size_host_after};
pub use narrowing::{Estimate, Joined, join};
pub use pick::{Pick, pick};
pub use requirement::{
    Requirement, Requirements, SourceCapacity, is_saturated, requirements, requirements_with, with_erlang_headroom,
};
pub use risk::{Drift, Moves};
pub use storage::{Storage, VolumeLine, VolumeNeed, VolumeProposal, needs, storage};
