//! A folder with one source file and one store, for tests.
#![allow(clippy::result_large_err, dead_code, clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};

use sizewright_collector::import::{
    ImportError, ImportOutcome, ImportReport, ImportRequest, Kind, Mapping, Watch, import,
};
use telemetry::{Series, Store, Table};

/// Header of a file with native columns.
pub const NATIVE: &str = "host,at,cpu_cores,cpu_busy_cores,memory_total_bytes\n";

/// Writes minute `minute` of 2024-05-01.
pub fn at(minute: u32) -> String {
    telemetry::series::instant(1_714_521_600_000 + i64::from(minute) * 60_000)
        .unwrap()
        .to_string()
}

/// Writes a native file of idle hosts: host, minute, cores.
pub fn cores(rows: &[(&str, u32, f64)]) -> String {
    rows.iter().fold(NATIVE.to_string(), |text, (host, minute, cores)| {
        text + &format!("{host},{},{cores},0.5,1073741824\n", at(*minute))
    })
}

pub struct Scene {
    folder: tempfile::TempDir,
    kind: Kind,
    path: PathBuf,
}

impl Scene {
    pub fn empty(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ending = if kind == Kind::Csv { "csv" } else { "parquet" };
        let path = folder.path().join(format!("source.{ending}"));
        Self { folder, kind, path }
    }

    pub fn csv(text: &str) -> Self {
        Self::bytes(Kind::Csv, text.as_bytes())
    }

    pub fn bytes(kind: Kind, bytes: &[u8]) -> Self {
        let scene = Self::empty(kind);
        std::fs::write(scene.path(), bytes).unwrap();
        scene
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn store(&self) -> Store {
        Store::at(self.folder.path().join("telemetry"))
    }

    pub fn request<'a>(&'a self, mapping: &'a Mapping) -> ImportRequest<'a> {
        ImportRequest {
            path: &self.path,
            kind: self.kind,
            mapping,
            table: None,
        }
    }

    pub fn try_import(&self, mapping: &str, watch: &Watch<'_>) -> Result<ImportOutcome, ImportError> {
        let mapping = Mapping::parse(mapping)?;
        import(&self.store(), &self.request(&mapping), watch)
    }

    pub fn import(&self, mapping: &str) -> ImportReport {
        match self.try_import(mapping, &Watch::nobody()).unwrap() {
            ImportOutcome::Imported(report) => *report,
            other => panic!("{other:?}"),
        }
    }

    /// Imports what must fail, and checks that nothing was left.
    pub fn error(&self, mapping: &str) -> ImportError {
        let error = self.try_import(mapping, &Watch::nobody()).unwrap_err();
        assert!(self.files().is_empty(), "{:?}", self.files());
        error
    }

    pub fn series(&self, table: Table) -> Vec<Series> {
        let reader = self.store().open(table).unwrap();
        let columns: Vec<_> = table
            .columns()
            .iter()
            .map(|column| table.column(column.name).unwrap())
            .collect();
        reader.read(0..reader.hosts().len(), &columns).unwrap()
    }

    /// Lists every file of the store with its content's length.
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.store().root().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.to_str().unwrap().to_string());
                }
            }
        }
        files.sort();
        files
    }
}
