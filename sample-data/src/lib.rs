//! Which telemetry would an estate leave whose right answers are known?
//!
//! Input: a seed. Output: hosts with their facts ([`Estate`]), and for each
//! host the series a collector would have written. Nothing here reads a clock,
//! the environment or the network: the same seed gives the same bytes.
//!
//! Two estates: [`payments_company`], small and with a story, for the demo and
//! for tests of the analyzer; and [`bench`], large and plain, for measuring. [`price_list`] writes files as
//! AWS's price list has them, of any size.

pub mod bench;
pub mod price_list;

mod assessment;
mod behaviour;
mod calendar;
mod company;
mod demand;
mod estate;
mod grid;
mod machine;
mod noise;
mod scenarios;
mod write;

pub use company::{ServiceAnswer, payments_company, service_answers};
pub use demand::{DEMAND_FIRST_MINUTE, DemandKind, demand};
pub use estate::{Estate, Expectation, HostSpec};
pub use scenarios::SCENARIOS;
