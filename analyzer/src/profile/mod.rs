//! What a host asked for over time, summarised.
//!
//! Input: the telemetry store. Output: a [`HostProfile`] per host. One host's
//! slice is decoded and summarised at a time, blocks of hosts in parallel, so
//! memory does not grow with the estate.

mod calendar;
mod demand;
mod host;
mod metric;
mod quantile;
mod special;
mod stream;

pub use calendar::HOURS_OF_WEEK;
pub use demand::cpu_samples;
pub use host::{
    CENSORED_FROM, DeviceProfile, FilesystemProfile, HostProfile, HostSeries, MemoryMeasure, Observation,
    ProfileOptions, Source,
};
pub use metric::{LEVELS, MetricProfile};
pub use stream::{EstateReader, profile_estate};
