//! Which rule would have served this estate best? Every rule fitted on a part of the time and judged on what followed.
//!
//! Input: the telemetry, a policy and the catalog. Output: a [`League`]: what
//! each rule's sizes cost and how often they were too small, on the same
//! hosts, the same offers and the same cuts; what hindsight would have cost;
//! and whether the risk that was asked for is the risk that came. It reports
//! as plainly when another rule is as good.

mod calibration;
mod cuts;
mod entrant;
mod later;
mod league;
mod run;

pub use calibration::Calibration;
pub use cuts::{Cut, TooShort, cuts};
pub use entrant::{DIALS, Entrant, Scope, entrants};
pub use league::{Entry, League, Score, Verdict};
pub use run::{BacktestError, BacktestInputs, backtest};
