//! What a host asked for over time, summarised.
//!
//! Input: the telemetry store. Output: a [`HostProfile`] per host. One host's
//! slice is decoded and summarised at a time, blocks of hosts in parallel, so
//! memory does not grow with the estate.

mod busiest;
mod by_host;
pub mod cache;
mod calendar;
mod credit_trace;
mod credits;
mod demand;
mod filesystem;
mod growth;
mod history;
mod host;
mod metric;
mod part;
mod quantile;
mod special;
mod stream;

pub use busiest::BusiestHour;
pub use by_host::HostByHost;
pub use calendar::HOURS_OF_WEEK;
pub use credit_trace::CreditTrace;
pub use credits::Credits;
pub use demand::cpu_samples;
pub use filesystem::FilesystemProfile;
pub use history::{History, Past, Turn, offset};
pub(crate) use host::profile_host;
pub use host::{
    CENSORED_FROM, DeviceProfile, HostProfile, HostSeries, MemoryMeasure, Observation, ProfileOptions, Source,
};
pub(crate) use metric::MetricScratch;
pub use metric::{LEVELS, MetricProfile, TAIL};
pub use stream::{EstateReader, profile_estate};
