//! Which Auto Scaling policy would have held: groups, replay, choice.

mod bounds;
mod candidates;
mod derive;
mod fleet;
mod floors;
mod forecast;
mod load;
mod policy;
mod replay;
mod search;
mod week;

pub use bounds::{StaticRule, oracle, units_for};
pub use derive::{growth, maximum, minimum, schedule, tracking_target};
pub use fleet::{Fleet, MOST_SIZES, WarmPool};
pub use floors::floors;
pub use forecast::{Event, Foresight, HourForecast};
pub use load::{DAY, Load, LoadError, Need, WEEK};
pub use policy::{Metric, Predictive, PredictiveMode, ScalingPolicy, Schedule, StepScaling, TargetTracking};
pub use replay::{Floors, Loss, Outcome, Watch, replay};
pub use search::{Goal, LEAST_DAYS, MOST_BOOT_MINUTES, Replayer, Selection, Stage, StaticReason, Tried};
