//! The telemetry store on disk.
//!
//! ```text
//! telemetry/
//!   origins/<origin>.json             one record per import, campaign or demo; written last
//!   <table>/<day>.<origin>[.n].parquet  rows sorted by host, labels and time; immutable
//!   <table>/*.partial                 a writer was killed: never read, reported by `leftovers`
//! ```
//!
//! A file counts only when the record of its origin exists. The record of an
//! import is written (beside, synced, renamed) after all its files, so an import
//! is either there as a whole or not at all; that of a campaign is written
//! first, so each of its segments counts at once. Each file carries
//! `sizewright.format_version`; a reader says *too old*, *too new* or
//! *damaged*, with the path.

mod error;
mod file;
mod footer;
mod origin;
mod pages;
mod reader;
mod segment;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

pub use error::StoreError;
pub use origin::{HostQuality, Origin, SourceFile};
pub use reader::{HostSpan, TableReader};
pub use writer::FileBeside;

use crate::schema::Table;
use crate::series::{Series, day_name, day_of};

/// Times that the files of a table are listed again because one of them was merged away in between.
const TRIES_WHILE_MERGING: usize = 5;

/// The telemetry folder of an assessment.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    /// A second folder of the same kind that is read along; it never holds what is written.
    beside: Option<PathBuf>,
}

impl Store {
    /// Names the folder; nothing is read or made yet.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            beside: None,
        }
    }

    /// Reads another store's folder along with this one; nothing is ever written there.
    ///
    /// Where both have a row of the same host, labels and time, they are merged as rows of two files are; where both have
    /// the record of an origin, the other store's counts.
    #[must_use]
    pub fn reading_along(mut self, other: &Self) -> Self {
        self.beside = Some(other.root.clone());
        self
    }

    /// Gives the folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Says whether this origin's rows are already here.
    #[must_use]
    pub fn has_origin(&self, id: &str) -> bool {
        self.record_path(id).is_file()
    }

    /// Reads the records of all origins, sorted by name.
    ///
    /// # Errors
    /// When a record cannot be read or is not what this program wrote.
    pub fn origins(&self) -> Result<Vec<Origin>, StoreError> {
        let mut origins: BTreeMap<String, Origin> = BTreeMap::new();
        for root in self.roots() {
            for path in files_in(&root.join("origins"), ".json")? {
                let text = fs::read_to_string(&path).map_err(|source| StoreError::io("read", &path, source))?;
                let origin: Origin = serde_json::from_str(&text).map_err(|error| StoreError::damaged(&path, error))?;
                origins.insert(origin.id.clone(), origin);
            }
        }
        Ok(origins.into_values().collect())
    }

    /// Opens a table for reading: the files of all complete origins.
    ///
    /// # Errors
    /// When a file of a complete origin is damaged, too old or too new.
    pub fn open(&self, table: Table) -> Result<TableReader, StoreError> {
        let mut tries = 0;
        loop {
            let mut complete = Vec::new();
            for root in self.roots() {
                complete.extend(files_of(root, table)?.0);
            }
            match TableReader::open(table, &complete) {
                // A collector at work has just merged a day's segments into one file, which is listed next time.
                Err(StoreError::Io { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound && tries < TRIES_WHILE_MERGING =>
                {
                    tries += 1;
                }
                opened => return opened,
            }
        }
    }

    /// Opens what one origin wrote into a table; empty when it wrote nothing there or is not complete.
    ///
    /// # Errors
    /// When a file of it is damaged, too old or too new.
    pub fn open_origin(&self, table: Table, id: &str) -> Result<TableReader, StoreError> {
        let mut complete = Vec::new();
        for root in self.roots() {
            complete.extend(files_of(root, table)?.0);
        }
        complete.retain(|path| origin_of(path) == Some(id));
        TableReader::open(table, &complete)
    }

    /// Lists what an interrupted writer left behind; none of it is ever read.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub fn leftovers(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut left = Vec::new();
        for table in Table::ALL {
            left.extend(files_of(&self.root, table)?.1);
            left.extend(files_in(&self.root.join(table.name()), ".partial")?);
        }
        left.extend(files_in(&self.root.join("origins"), ".partial")?);
        Ok(left)
    }

    /// Starts writing the rows of an origin; leftovers of an earlier try under the same name are removed.
    ///
    /// # Errors
    /// When leftovers cannot be removed.
    pub fn begin(&self, id: &str) -> Result<OriginWriter, StoreError> {
        for path in self.leftovers()? {
            if origin_of(&path) == Some(id) {
                fs::remove_file(&path).map_err(|source| StoreError::io("remove", &path, source))?;
            }
        }
        Ok(OriginWriter {
            store: self.clone(),
            id: id.to_string(),
            written: Vec::new(),
            committed: false,
        })
    }

    fn record_path(&self, id: &str) -> PathBuf {
        self.root.join("origins").join(format!("{id}.json"))
    }

    fn roots(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(self.root.as_path()).chain(self.beside.as_deref())
    }
}

/// Lists the files of a table: those that count, and those that an interrupted writer left.
fn files_of(root: &Path, table: Table) -> Result<(Vec<PathBuf>, Vec<PathBuf>), StoreError> {
    let origins: BTreeSet<String> = files_in(&root.join("origins"), ".json")?
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_string()))
        .collect();
    Ok(files_in(&root.join(table.name()), ".parquet")?
        .into_iter()
        .partition(|path| origin_of(path).is_some_and(|origin| origins.contains(origin))))
}

/// Writes the files of one origin and, at the end, its record.
pub struct OriginWriter {
    store: Store,
    id: String,
    written: Vec<PathBuf>,
    committed: bool,
}

impl OriginWriter {
    /// Writes series, in any order, as one more file of a table; the name takes the first row's day.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&mut self, mut series: Vec<Series>) -> Result<(), StoreError> {
        series.retain(|series| !series.is_empty());
        let Some(first) = series.iter().map(|series| series.at_ms[0]).min() else {
            return Ok(());
        };
        let table = series[0].table;
        series.sort_by(|a, b| (&a.host, &a.labels).cmp(&(&b.host, &b.labels)));
        let mut file = self.file(table, day_of(first))?;
        for series in series {
            file.push(series)?;
        }
        self.keep(file)
    }

    /// Starts one more file of a table, for a caller that streams series in order.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn file(&mut self, table: Table, day: i64) -> Result<FileBeside, StoreError> {
        let folder = self.store.root.join(table.name());
        let number = self.written.len();
        let path = folder.join(format!("{}.{}.{number:05}.parquet", day_name(day), self.id));
        self.written.push(path.clone());
        FileBeside::create(table, &path)
    }

    /// Completes a file that [`OriginWriter::file`] started.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(&mut self, file: FileBeside) -> Result<(), StoreError> {
        file.finish()
    }

    /// Writes the origin's record, which makes its files count.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn commit(mut self, origin: &Origin) -> Result<(), StoreError> {
        let path = self.store.record_path(&self.id);
        let json = serde_json::to_string_pretty(origin).map_err(|error| StoreError::damaged(&path, error))?;
        write_whole(&path, json.as_bytes())?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for OriginWriter {
    fn drop(&mut self) {
        if !self.committed {
            for path in &self.written {
                // Best effort: what stays is not read and is reported as a leftover.
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Writes a small file as a whole: beside, synced, renamed.
///
/// # Errors
/// When the disk refuses.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| StoreError::io("create folder", folder, source))?;
    }
    let mut beside = path.as_os_str().to_os_string();
    beside.push(".partial");
    let beside = PathBuf::from(beside);
    fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|source| StoreError::io("write", &beside, source))?;
    writer::rename_into_place(&beside, path)
}

/// Lists the files of a folder whose name ends so, sorted; a missing folder has none.
fn files_in(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(StoreError::io("list", folder, source)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| StoreError::io("list", folder, source))?.path();
        if path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.ends_with(ending))
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Gives the origin in a file's name: the part after the day.
fn origin_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.split('.').nth(1)
}
