//! Which Auto Scaling policy would have held: groups, replay, choice, and how AWS is told.
//!
//! Input: hosts with their CPU minute by minute, what the user states of
//! groups, and a region's offers. Output: [`Grouping`], and for each group a
//! [`Proposal`]. The way: [`groups()`] → [`Load`] → [`Stage`] (history in two
//! parts, forecast) → [`Replayer::select`] (a few hundred policies replayed by
//! [`replay()`] on the first part, the chosen one's figures from the rest) →
//! [`propose()`] (instance type together with the policy) → [`emit`].
//! Everything is a pure function; nothing is drawn.

mod bounds;
mod candidates;
mod cheapest;
mod derive;
pub mod emit;
mod fleet;
mod floors;
mod forecast;
mod groups;
mod hours;
mod kind;
mod load;
mod member;
mod policy;
mod propose;
mod replay;
mod requests;
mod search;
mod together;
mod watch;
mod week;

pub use bounds::{StaticRule, oracle, units_for};
pub use cheapest::{UnitKind, cheapest};
pub use derive::{growth, maximum, minimum, schedule, tracking_target};
pub use fleet::{Fleet, MOST_SIZES, WarmPool};
pub use floors::floors;
pub use forecast::{Event, Foresight, HourForecast};
pub use groups::{Alone, Group, Grouping, groups};
pub use hours::{NoHours, OfficeHours, office_hours};
pub use kind::Kind;
pub use load::{DAY, Load, LoadError, Need, WEEK};
pub use member::Member;
pub use policy::{Metric, Predictive, PredictiveMode, ScalingPolicy, Schedule, StepScaling, TargetTracking};
pub use propose::{
    Interruption, OtherSize, Proposal, Replayed, SizeOffer, hours_per_month, per_month, propose, replayed,
};
pub use replay::{Floors, Loss, Outcome, replay};
pub use requests::{RequestCost, RequestsError, read_requests};
pub use search::{Goal, LEAST_DAYS, MOST_BOOT_MINUTES, Replayer, Selection, Stage, StaticReason, Tried};
pub use together::LEAST_CORRELATION;
pub use watch::Watch;
pub(crate) use week::minutes_of_week;
