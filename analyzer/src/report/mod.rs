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
mod answers_section;
mod basis;
mod clock;
mod comparison;
mod cost_section;
mod environments;
mod estate_charts;
mod files;
mod found;
mod headline;
mod host_bills;
mod host_charts;
mod host_section;
mod inventory_section;
mod json;
pub mod language;
mod ledger;
mod map_section;
mod markdown;
mod page;
mod proof_lines;
mod rows;
mod scaling_section;
mod scenario_section;
mod selection;
mod services_markdown;
mod services_section;
mod shown;
pub mod tables;
pub mod take_away;
mod workbook;

use telemetry::StoreError;

pub use files::{ChartFile, chart_files, proof_files};
pub use found::{FoundInputs, found};
pub use json::json;
pub use markdown::markdown;
pub use page::html;
pub use selection::charted_hosts;
pub use workbook::workbook;

use crate::catalog::Catalog;
use crate::dependency::DependencyMap;
use crate::inventory::EstateSheet;
use crate::plan::Plan;
use crate::profile::{HostProfile, HostSeries};
use crate::scenario::WhatIf;

/// Estates of up to this many hosts have charts of every host.
///
/// A host with its charts takes about 140 kB of the page.
pub const ALL_CHARTED_UP_TO: usize = 150;
/// Hosts of a larger estate that have charts: the page of 1,000 hosts stays below 10 MB.
pub const CHARTED_OF_MANY: usize = 40;

/// Gives how many hosts of an estate have charts unless the user says otherwise.
#[must_use]
pub const fn charted_by_default(hosts: usize) -> usize {
    if hosts <= ALL_CHARTED_UP_TO {
        hosts
    } else {
        CHARTED_OF_MANY
    }
}

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct ReportInputs<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Profiles of its hosts, in any order; a host without one has no charts.
    pub profiles: &'a [HostProfile],
    /// The catalog of the plan: what the proposed types can do.
    pub catalog: &'a Catalog,
    /// What is known of the machines and their services.
    pub inventory: Option<&'a EstateSheet>,
    /// Who needs whom, where something is known of it.
    pub map: Option<&'a DependencyMap>,
    /// Scenarios side by side, where there are some.
    pub scenarios: Option<&'a WhatIf>,
    /// Another tool's answers beside the plan's, where they were compared with this plan.
    pub answers: Option<&'a crate::plan::Comparison>,
    /// Most hosts to draw charts for; see [`charted_by_default`] and [`charted_hosts()`].
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
    /// The workbook cannot be put together: a defect of this program.
    #[error("the workbook cannot be put together")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// A table cannot be written: a defect of this program.
    #[error("a table cannot be written")]
    Table(#[from] crate::plan::files::PlanFileError),
    /// The plan cannot be written as JSON: a defect of this program.
    #[error("the plan cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}
