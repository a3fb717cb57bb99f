//! What if? Scenarios of an assessment, priced side by side.
//!
//! Input: an [`crate::plan::Estate`] (profiled hosts, policy, catalog) and
//! [`Settings`], which say only what differs. Output: an [`Outcome`] of each,
//! a [`Comparison`] with the causes of every difference, the assumption whose
//! change would make another scenario win, and the plan of least risk under a
//! budget. Everything runs through the steps of the plan itself, offline; the
//! same input gives the same bytes.

mod budget;
mod case;
mod cause;
mod changes;
mod comparison;
mod error;
mod flip;
mod key;
mod library;
mod moved;
mod optimised;
mod outcome;
mod pricer;
mod private;
mod purchase;
mod schedule;
mod settings;
mod sweep;
mod till;
mod value;
mod waterfall;

pub use budget::{Answer, Choice, budget};
pub use cause::Cause;
pub use changes::{HostChange, Swap};
pub use comparison::{Column, Comparison, Figures, Named, compare};
pub use error::ScenarioError;
pub use flip::{Assumption, Flip, flips};
pub use key::{KEYS, Key, Path, Scope};
pub use library::Library;
pub use moved::{Moved, MovedPhase};
pub use outcome::{AtMost, HostCost, NOTICED, Outcome, Part};
pub use pricer::Pricer;
pub use private::OwnLine;
pub use purchase::Buying;
pub use schedule::Schedule;
pub use settings::{ScenarioFile, Setting, Settings};
pub use sweep::{Curve, Range, Sweep, sweep};
pub use value::{Kind, Value};
pub use waterfall::{Step, waterfall};

/// A comparison with what would change its answer: what the report shows.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIf {
    /// Scenarios side by side.
    pub comparison: Comparison,
    /// Where another one begins to win.
    pub flips: Vec<Flip>,
}
