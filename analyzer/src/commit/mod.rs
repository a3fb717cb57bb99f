//! How much to commit to, for how long, and with what.
//!
//! Input: what is used in each hour, in on-demand dollars, and what a committed
//! dollar of use costs under each plan (a rate `r` of 0.72 saves 28 %). Output:
//! levels, with coverage, utilisation, break-even and what is stranded when use
//! shrinks. Everything is pure arithmetic on curves; prices are the caller's.
//!
//! A level is chosen in binary floats, since an optimum is no bill; the caller
//! rounds it and prices what was chosen in exact decimals.

mod apply;
mod coming;
mod curve;
mod layers;
mod level;
mod merged;
mod mix;
mod risk;
mod savings_plan;
mod shrink;

pub use apply::{Applied, Commitments, apply, paid_by_sku};
pub use coming::{Coming, RECENT_WEEKS, coming};
pub use curve::{CurveError, Fleet, HOURS_PER_YEAR, Sku};
pub use layers::{Layered, Outlook, Term, TermLevel, layered};
pub use level::{cost_at, optimum, whole_units};
pub use mix::{Mix, best_mix};
pub use risk::{Stranding, break_even_month, expected_cost, stranding};
pub use savings_plan::{PlanLevel, best_savings_plan};
