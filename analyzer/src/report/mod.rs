//! What does a person read of a plan: a page, a text, charts?
//!
//! Input: a [`Plan`], the profiles it was made from, the catalog, and a way to
//! read one host's series. Output: one self-contained HTML page, Markdown,
//! JSON, and charts as SVG and PNG. Series are read one host at a time and
//! dropped once drawn, so memory does not grow with the estate. Nothing is
//! computed here that the plan does not state; names of hosts are hostile and
//! are made harmless for each kind of output.

pub mod chart;

mod actions;
mod amount;
mod basis;
mod clock;
mod comparison;
mod environments;
mod estate_charts;
mod files;
mod headline;
mod host_bills;
mod host_charts;
mod host_section;
mod json;
mod ledger;
mod markdown;
mod page;
mod proof_lines;
mod rows;
mod selection;
mod shown;

use telemetry::StoreError;

pub use files::{ChartFile, chart_files};
pub use json::json;
pub use markdown::markdown;
pub use page::html;
pub use selection::charted_hosts;

use crate::catalog::Catalog;
use crate::plan::Plan;
use crate::profile::{HostProfile, HostSeries};

/// Hosts whose charts are drawn by default; the rest are in the tables. See [`charted_hosts`].
pub const CHARTED_HOSTS: usize = 150;

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct ReportInputs<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Profiles of its hosts, in any order; a host without one has no charts.
    pub profiles: &'a [HostProfile],
    /// The catalog of the plan: what the proposed types can do.
    pub catalog: &'a Catalog,
    /// Most hosts to draw charts for, such as [`CHARTED_HOSTS`].
    pub charted_hosts: usize,
}

/// Reads the series of a host; nothing when the store has none.
///
/// Called from several threads, once for each charted host.
pub type ReadSeries<'a> = dyn Fn(&str) -> Result<Option<HostSeries>, StoreError> + Sync + 'a;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The telemetry of a host cannot be read.
    #[error("telemetry of `{host}` cannot be read for its charts")]
    Series {
        /// The host, safe to print.
        host: String,
        /// What the store says.
        #[source]
        source: StoreError,
    },
    /// A chart cannot be drawn.
    #[error("chart `{chart}` cannot be drawn")]
    Chart {
        /// Its file name.
        chart: String,
        /// What the drawing says.
        #[source]
        source: chart::ChartError,
    },
    /// A chart cannot be handed over.
    #[error("chart `{chart}` cannot be written")]
    Write {
        /// Its file name.
        chart: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A template does not fit its values: a defect of this program.
    #[error("the page cannot be put together")]
    Template(#[from] minijinja::Error),
    /// The plan cannot be written as JSON: a defect of this program.
    #[error("the plan cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}
