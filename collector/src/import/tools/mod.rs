//! `import sar|nmon|prometheus|…`: exports of other tools into the telemetry store.
//!
//! Input: files of one [`Tool`], and what the files do not say ([`ToolOptions`]).
//! Output: telemetry, facts about hosts, and a [`ToolReport`] with what was
//! odd and what could not be used. Parsers turn a file into [`Parsed`] and
//! touch nothing else; only then is anything written. Where files stand for
//! themselves (sar, nmon …), one that is damaged is named and the others come
//! in; where they belong together (StratoZone …), all come in or none.
//!
//! ```text
//! file ─► parser (one a tool) ─► Parsed ─► gather (judge, count, first time stands) ─► store
//! ```

mod azure_migrate;
mod cloudwatch;
mod devices;
mod discovery_agent;
mod fields;
mod migration_hub;
mod nmon;
mod open;
mod parsed;
mod pmrep;
mod prometheus;
mod rvtools;
mod sar;
mod stratozone;
mod take_in;
mod vsphere;
mod when;
mod workbook;
mod zabbix;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use telemetry::inventory::Fact;

use super::error::ImportError;
use super::report::{ImportReport, PreviewRow};
use parsed::Parsed;

pub use prometheus::{ServerRequest, fetch_prometheus};
pub use take_in::{import_tool, try_tool};

/// A tool whose exports can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// sysstat: text, `sadf -d`, `-j`, `-x`, and binary files through `sadf`.
    Sar,
    /// nmon of Linux and AIX.
    Nmon,
    /// Range queries of Prometheus over node_exporter's metrics.
    Prometheus,
    /// CloudWatch: get-metric-data, get-metric-statistics, metric streams.
    CloudWatch,
    /// RVTools workbooks.
    RvTools,
    /// Performance counters of vCenter as CSV.
    Vsphere,
    /// The import template of Azure Migrate.
    AzureMigrate,
    /// The import template of AWS Migration Hub.
    MigrationHub,
    /// The agent export of AWS Application Discovery Service.
    DiscoveryAgent,
    /// StratoZone (Google Migration Center).
    StratoZone,
    /// Zabbix history and items.
    Zabbix,
    /// Performance Co-Pilot, and collectl through it: `pmrep -o csv`.
    Pmrep,
}

impl Tool {
    /// Every tool, in the order of the documentation.
    pub const ALL: [Tool; 12] = [
        Tool::Sar,
        Tool::Nmon,
        Tool::Prometheus,
        Tool::CloudWatch,
        Tool::RvTools,
        Tool::Vsphere,
        Tool::AzureMigrate,
        Tool::MigrationHub,
        Tool::DiscoveryAgent,
        Tool::StratoZone,
        Tool::Zabbix,
        Tool::Pmrep,
    ];

    /// Gives the name that is typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Tool::Sar => "sar",
            Tool::Nmon => "nmon",
            Tool::Prometheus => "prometheus",
            Tool::CloudWatch => "cloudwatch",
            Tool::RvTools => "rvtools",
            Tool::Vsphere => "vsphere",
            Tool::AzureMigrate => "azure-migrate",
            Tool::MigrationHub => "migration-hub",
            Tool::DiscoveryAgent => "discovery-agent",
            Tool::StratoZone => "stratozone",
            Tool::Zabbix => "zabbix",
            Tool::Pmrep => "pmrep",
        }
    }

    /// Says whether the files of one import explain each other.
    const fn belongs_together(self) -> bool {
        matches!(
            self,
            Tool::Prometheus | Tool::CloudWatch | Tool::DiscoveryAgent | Tool::StratoZone | Tool::Zabbix
        )
    }

    /// Says whether its percentages need CPUs that only other telemetry knows.
    const fn needs_known_cores(self) -> bool {
        matches!(self, Tool::CloudWatch | Tool::Vsphere | Tool::Zabbix | Tool::Pmrep)
    }

    fn read(self, paths: &[PathBuf], options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
        match self {
            Tool::Sar => sar::read(options, parsed),
            Tool::Nmon => nmon::read(options, parsed),
            Tool::Prometheus => prometheus::read(paths, options, parsed),
            Tool::CloudWatch => cloudwatch::read(paths, options, parsed),
            Tool::RvTools => rvtools::read(options, parsed),
            Tool::Vsphere => vsphere::read(options, parsed),
            Tool::AzureMigrate => azure_migrate::read(options, parsed),
            Tool::MigrationHub => migration_hub::read(options, parsed),
            Tool::DiscoveryAgent => discovery_agent::read(paths, options, parsed),
            Tool::StratoZone => stratozone::read(paths, options, parsed),
            Tool::Zabbix => zabbix::read(paths, options, parsed),
            Tool::Pmrep => pmrep::read(options, parsed),
        }
    }
}

/// What files do not say themselves.
#[derive(Clone, Debug)]
pub struct ToolOptions {
    /// Zone of times that name none.
    pub zone: TimeZone,
    /// The host of all rows, whatever the files say.
    pub host: Option<String>,
    /// CPUs of every host of the files, where they do not say.
    pub vcpus: Option<f64>,
    /// When figures without a time were taken, UTC milliseconds.
    pub at_ms: Option<i64>,
    /// Takes free + buffers + cached as available where sar does not tell.
    pub cache_is_available: bool,
}

impl Default for ToolOptions {
    fn default() -> Self {
        Self {
            zone: TimeZone::UTC,
            host: None,
            vcpus: None,
            at_ms: None,
            cache_is_available: false,
        }
    }
}

impl ToolOptions {
    /// Writes down what decides which rows come out.
    fn key(&self) -> String {
        format!(
            "{:?} {:?} {:?} {:?} {}",
            self.zone.iana_name(),
            self.host,
            self.vcpus,
            self.at_ms,
            self.cache_is_available
        )
    }
}

/// What a parser is told: the options, and the file at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'o> {
    pub path: &'o Path,
    pub zone: &'o TimeZone,
    pub host: Option<&'o str>,
    pub vcpus: Option<f64>,
    pub at_ms: Option<i64>,
    pub cache_is_available: bool,
    /// CPUs of hosts that other telemetry knows.
    pub known_cores: &'o BTreeMap<String, f64>,
}

impl Options<'_> {
    /// Gives the name of the file without its endings.
    pub fn stem(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.split('.').next().unwrap_or_default().to_string()
    }

    /// Gives the day of the month that names such as `sa28` and `sar-28.txt` tell.
    pub fn day_of_file(&self) -> Option<i8> {
        let stem = self.stem();
        let digits = stem.len() - stem.bytes().rev().take_while(u8::is_ascii_digit).count();
        let day = &stem[digits..];
        (day.len() == 2).then(|| day.parse().ok()).flatten()
    }

    /// Gives the CPUs of a host: what was given, or what other telemetry knows.
    pub fn cores(&self, host: &str) -> Option<f64> {
        self.vcpus.or_else(|| self.known_cores.get(host).copied())
    }

    /// Gives when figures without a time were taken: as given, else when the file was last changed.
    pub fn taken_at(&self, parsed: &mut Parsed) -> Result<i64, ImportError> {
        if let Some(at) = self.at_ms {
            return Ok(at);
        }
        let changed = std::fs::metadata(self.path)
            .and_then(|metadata| metadata.modified())
            .map_err(|source| ImportError::io(self.path, source))?;
        let since = changed
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_millis());
        parsed.note(
            "the figures have no time; they stand at the last change of the file unless --at says when they were taken",
        );
        i64::try_from(since)
            .ok()
            .and_then(when::plausible)
            .ok_or_else(|| ImportError::NoRows {
                path: self.path.to_path_buf(),
                found: "has no plausible time of its last change; give --at",
            })
    }
}

/// What to import.
#[derive(Clone, Copy, Debug)]
pub struct ToolRequest<'a> {
    /// Files, or folders of files.
    pub paths: &'a [PathBuf],
    /// What wrote them.
    pub tool: Tool,
    /// What they do not say.
    pub options: &'a ToolOptions,
}

/// How an import of a tool's files ended.
#[derive(Debug)]
#[must_use = "an unread report is not actionable"]
pub struct ToolReport {
    /// What came in; nothing where all of it was there before.
    pub imported: Option<ImportReport>,
    /// Facts that the files state; the caller adds them to the inventory.
    pub facts: Vec<Fact>,
    /// The first rows, as they are stored.
    pub preview: Vec<PreviewRow>,
    /// Files that were imported before, each with its origin.
    pub known: Vec<(PathBuf, String)>,
    /// Files that could not be imported, and why.
    pub failed: Vec<(PathBuf, ImportError)>,
}
