//! How much CPU and memory does each service take? The process table, looked at beside the counters, in; rows of
//! `process_group` out.
//!
//! ```text
//! full look ─► services ─► members ─┐
//! look, look, look … ───────────────┴► usage ─► rows
//! ```

mod aside;
mod members;
mod usage;

pub use aside::ProcessGroups;
pub use members::Members;
pub use usage::{Usage, usage};

/// The name of what belongs to no service.
pub const OTHER: &str = "other";

#[cfg(test)]
mod tests;
