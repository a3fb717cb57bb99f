//! What does a plan look like? Charts that are projected in meetings.
//!
//! Input: plain numbers, or a host's series, profile and recommendation.
//! Output: a [`Drawing`], which gives itself as SVG text or as PNG bytes at
//! twice its size. The same input gives the same bytes. No font of the system
//! is used: Inter is part of the program, and [`font_face_css`] gives it to an
//! HTML page that embeds the SVG.
//!
//! | function | what it shows |
//! |---|---|
//! | [`host_chart`] | one [`HostMetric`] of a host over time, with its capacities, quantiles and peak |
//! | [`week_map`] | CPU use by hour of day and day of week |
//! | [`estate_scatter`] | every host: the size it has against the size proposed or asked for |
//! | [`cost_by_environment`], [`cost_by_family`] | monthly cost, compute and storage stacked |
//! | [`size_comparison`] | compute cost of today's sizes, of the plan, and with arm64 |
//! | [`scaling_chart`] | a scaling policy at work: load, capacity ready, shortage |
//! | [`credit_chart`] | a host on CPU credits: demand, baseline and balance |
//! | [`phase_bars`] | the two phases side by side |
//! | [`gantt()`] | waves of moves over working days |
//! | [`league_chart`] | cost against risk of every sizing rule on the estate's own past |
//! | [`scenario_bars`], [`waterfall_chart`] | scenarios side by side, and the causes of a difference |
//! | [`sweep_chart`] | cost and risk of scenarios over a setting |
//! | [`projection_chart`] | what is paid until each month, staying and on each way to AWS |
//! | [`sparkline`] | daily maxima, for a row of a table |
//!
//! How it is made: a chart puts marks (lines, areas, dots, texts) in CSS pixels
//! on a `Drawing`; `paint` hands them to a plotters backend in tenths of a
//! pixel; `svg` and `raster` are the two backends. Names of hosts are hostile:
//! they are made visible, cut to length and escaped before they are drawn.

mod axis;
mod bars;
mod buckets;
mod cost;
mod credits;
mod days;
mod drawing;
mod estate;
mod estate_names;
mod font;
mod gantt;
mod host;
mod league;
mod paint;
mod palette;
mod phases;
mod projection;
mod raster;
mod scaling;
mod scenarios;
mod side_labels;
mod spark;
mod svg;
mod swarm;
mod sweep;
mod time_series;
mod week;
mod words;

pub use cost::{cost_by_environment, cost_by_family, size_comparison};
pub use credits::{CreditChart, credit_chart};
pub use drawing::Drawing;
pub use estate::{EstateHost, EstateMeasure, estate_hosts, estate_scatter};
pub use font::font_face_css;
pub use gantt::{GanttBar, gantt};
pub use host::{HostChartInputs, HostMetric, host_chart};
pub use league::league_chart;
pub use phases::phase_bars;
pub use projection::projection_chart;
pub use scaling::{ScalingChart, scaling_chart};
pub use scenarios::{scenario_bars, waterfall_chart};
pub use spark::sparkline;
pub use sweep::sweep_chart;
pub use time_series::{Capacity, Level, TimeSeries, Track, time_series};
pub use week::{WeekMap, WeekStatistic, week_map};

/// Why a chart cannot be turned into a picture.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The PNG encoder refused.
    #[error("the picture cannot be written as PNG")]
    Png(#[from] png::EncodingError),
}
