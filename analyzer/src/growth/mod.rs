//! How demand grows: forecasts of daily P95 with bands, what people assume, and when a size runs out.
//!
//! Input: one value a day for each host (its P95), and assumptions in words of
//! the business. Output: a point and an 80 % band for each day to come, judged
//! on the estate's own past; and the day on which a capacity is reached.
//!
//! The point is the median of five simple members; the band is learnt from the
//! errors such forecasts made on the whole fleet (method §8: this beat every
//! model of a well-known library on three months of 259 machines).

mod assumption;
mod bands;
mod daily;
mod ensemble;
mod members;
mod runway;
mod trend;

pub use assumption::{Case, factor};
pub use bands::{Bands, Judgement, LEAST_RESIDUALS};
pub use daily::Daily;
pub use ensemble::forecast;
pub use runway::{CrossingDays, Drifting, first_day_above};
pub use trend::{damped_slope_per_day, theil_sen};
