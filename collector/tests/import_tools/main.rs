//! Exports of other tools into a store, read back: real files of `../shared/fixtures` where they are, and text of our own.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::new_without_default,
    clippy::result_large_err,
    missing_docs
)]

mod aws;
mod pmrep;
mod prometheus;
mod sar;
mod sheets;
mod whole;

use std::path::{Path, PathBuf};

use sizewright_collector::import::{
    ImportError, ImportReport, Tool, ToolOptions, ToolReport, ToolRequest, Watch, import_tool,
};
use telemetry::{Store, Table};

/// A folder with a store and files to import.
pub struct Work {
    folder: tempfile::TempDir,
    pub options: ToolOptions,
}

impl Work {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            options: ToolOptions::default(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn store(&self) -> Store {
        Store::at(self.path("telemetry"))
    }

    pub fn try_import(&self, tool: Tool, paths: &[PathBuf]) -> Result<ToolReport, ImportError> {
        let request = ToolRequest {
            paths,
            tool,
            options: &self.options,
        };
        import_tool(&self.store(), &request, &Watch::nobody())
    }

    pub fn import(&self, tool: Tool, paths: &[PathBuf]) -> ImportReport {
        let report = self.try_import(tool, paths).unwrap();
        assert!(report.failed.is_empty(), "{:?}", report.failed);
        report.imported.unwrap()
    }

    /// Gives a value at a time, or the first one for time 0.
    pub fn value(&self, table: Table, host: &str, label: &str, at_ms: i64, column: &str) -> Option<f64> {
        let reader = self.store().open(table).unwrap();
        let id = table.column(column).unwrap();
        let host = reader.host_index(host)?;
        for series in reader.read(host..host + 1, &[id]).unwrap() {
            if !label.is_empty() && series.labels.first().map(String::as_str) != Some(label) {
                continue;
            }
            let row = match at_ms {
                0 => Some(0),
                at => series.at_ms.iter().position(|&one| one == at),
            };
            if let Some(value) = row.and_then(|row| series.value(id, row)) {
                return Some(value);
            }
        }
        None
    }

    pub fn host(&self, host: &str, at_ms: i64, column: &str) -> Option<f64> {
        self.value(Table::Host, host, "", at_ms, column)
    }
}

/// Gives a file of the fixtures; nothing where they are not, and says so.
pub fn fixture(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/fixtures")
        .join(name);
    let found = path.exists().then_some(path);
    if found.is_none() {
        eprintln!("not run: {name} is not part of the repository and ../shared is not there");
    }
    found
}

/// Gives the first sentence of an error with its causes.
pub fn said(error: &ImportError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[track_caller]
pub fn near(found: Option<f64>, expected: f64, tolerance: f64) {
    let found = found.unwrap_or(f64::NAN);
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}
