//! `import csv|parquet`: rows of any layout into the telemetry store; exports of other tools are in `tools`.
//!
//! Input: one file, a [`Mapping`] that says what its columns mean (the default
//! expects native columns), and the [`Store`]. Output: an [`ImportReport`] with
//! what was taken in and what was odd. An import is there as a whole or not at
//! all, and importing the same file with the same mapping again changes nothing.
//!
//! ```text
//! source ─► layout ─► rows ─► gather (judge, count, first time stands) ─► store
//!             ▲
//!          mapping
//! ```
//!
//! Memory: a batch, about four million buffered values, and the times seen so
//! far (`seen`). It deliberately does not repair: no value is clamped,
//! interpolated or guessed.

mod describe;
mod error;
mod formula;
mod gather;
mod instant;
mod layout;
mod mapping;
mod native;
mod nearest;
mod notes;
mod pending;
mod report;
mod rows;
mod sanity;
mod seen;
mod source;
mod survey;
mod tools;
mod watch;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::SystemTime;

use telemetry::store::{HostQuality, Origin, SourceFile};
use telemetry::{Store, StoreError, Table};

pub use describe::describe;
pub use error::{ImportError, Reading, RowPlace};
pub use mapping::{AtUnit, Formula, Mapping, MappingError, known_time_zone, separator};
pub use report::{Description, ImportOutcome, ImportReport, PreviewCells, PreviewRow, TableDescription};
pub use source::{Holds, Kind, SourceColumn};
pub use tools::{ServerRequest, Tool, ToolOptions, ToolReport, ToolRequest, fetch_prometheus, import_tool, try_tool};
pub use watch::{Progress, Step, Watch};

use gather::Gatherer;
use layout::Layout;
use source::{Inspected, Stream, inspect};
use survey::{Survey, survey};

/// Rows of a batch: enough that the cost of a batch does not count, few enough for memory.
const ROWS_PER_BATCH: usize = 100_000;
/// Rows on which each formula is tried before anything is written.
const ROWS_CHECKED: usize = 1_000;
/// Values buffered before they are written as one file for each table: 32 MiB.
const VALUES_PER_FILE: usize = 4_000_000;
/// Values buffered for very large sources, so that they do not become thousands of files: 256 MiB.
const VALUES_PER_FILE_OF_LARGE: usize = 32_000_000;
/// From this size a source is very large.
const LARGE_BYTES: u64 = 2 << 30;

/// What to import.
#[derive(Clone, Copy, Debug)]
pub struct ImportRequest<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its format.
    pub kind: Kind,
    /// What its columns mean; [`Mapping::default`] expects native columns.
    pub mapping: &'a Mapping,
    /// Only this table; needed where native columns alone do not tell.
    pub table: Option<Table>,
}

/// Imports a file into a store.
///
/// # Errors
/// When the file or the mapping is wrong (the error names file, row, column,
/// value and what was expected), when the store refuses, or when cancelled.
/// Nothing is imported then.
pub fn import(store: &Store, request: &ImportRequest<'_>, watch: &Watch<'_>) -> Result<ImportOutcome, ImportError> {
    let ImportRequest {
        path,
        kind,
        mapping,
        table,
    } = *request;
    let inspected = inspect(path, kind, mapping)?;
    let layout = Layout::new(path, &inspected, mapping, table)?;
    let before = fingerprint(path, watch)?;
    let id = origin_id(&before.digest, request);
    if store.has_origin(&id) {
        return already_imported(store, id);
    }
    let open = |needs| Stream::open(path, kind, mapping, &inspected, needs, ROWS_PER_BATCH);
    let needs_of_times = layout.needs_of_times(inspected.columns.len());
    let reached = |step| move |fraction: f64, rows: u64| watch.reached(path, step, before.bytes, fraction, rows);
    let surveyed = survey(path, &layout, open(needs_of_times)?, |fraction, _| {
        reached(Step::Survey)(fraction, 0)
    })?;

    let mut writer = store.begin(&id)?;
    let mut gatherer = Gatherer::new(&layout, mapping.interval_s);
    let most_values = if before.bytes < LARGE_BYTES {
        VALUES_PER_FILE
    } else {
        VALUES_PER_FILE_OF_LARGE
    };
    let mut stream = open(layout.needs.clone())?;
    let mut rows_read = 0;
    while let Some(batch) = stream.next_batch()? {
        if rows_read == 0 {
            layout.check(path, &inspected, &batch.head(ROWS_CHECKED))?;
        }
        let times = rows::times(path, &layout, &batch)?;
        gatherer.take(&times, &rows::tables(path, &layout, &batch)?, &surveyed);
        rows_read += batch.height() as u64;
        if gatherer.values >= most_values {
            gatherer
                .take_out()
                .into_iter()
                .try_for_each(|series| writer.write(series))?;
        }
        reached(Step::Rows)(stream.fraction_done(), rows_read)?;
    }
    gatherer
        .take_out()
        .into_iter()
        .try_for_each(|series| writer.write(series))?;
    if rows_read != surveyed.rows || before.is_outdated(path) {
        return Err(ImportError::Changed {
            path: path.to_path_buf(),
        });
    }
    reached(Step::Rows)(1.0, rows_read)?;

    let report = report(request, &inspected, &layout, &surveyed, &gatherer, id);
    let mut origin = Origin::new(
        report.origin.clone(),
        format!("import {}", kind.to_string().to_lowercase()),
    );
    origin.sources.push(before.source(path));
    origin.rows = report.rows.clone();
    origin.notes = report.notes.clone();
    origin.quality = report.quality_by_host.clone();
    writer.commit(&origin)?;
    Ok(ImportOutcome::Imported(Box::new(report)))
}

fn report(
    request: &ImportRequest<'_>,
    inspected: &Inspected,
    layout: &Layout,
    survey: &Survey,
    gatherer: &Gatherer,
    origin: String,
) -> ImportReport {
    let quality_by_host = gatherer.quality();
    let mut quality = HostQuality::default();
    quality_by_host.values().for_each(|host| quality.add(host));
    let interval_s = request
        .mapping
        .interval_s
        .or(survey.interval_ms.map(|ms| ms as f64 / 1000.0));
    let mut notes = vec![format!(
        "host from {}, time from {}",
        notes::quoted(&layout.host.written()),
        notes::quoted(&layout.at.text)
    )];
    match (request.mapping.interval_s, interval_s) {
        (Some(given), _) => notes.push(format!("every interval is {given} s long, as the mapping says")),
        (None, Some(usual)) => notes.push(format!(
            "intervals are as long as each host's usual step, mostly {usual} s"
        )),
        (None, None) => notes.push("no host has two times, so the interval is unknown".to_string()),
    }
    notes.extend(notes::of_layout(layout, inspected));
    notes.extend(notes::of_rows(gatherer.empty_rows, gatherer.repeated_cells));
    let rows: BTreeMap<String, u64> = layout
        .tables
        .iter()
        .zip(&gatherer.rows)
        .map(|(table, &rows)| (table.table.name().to_string(), rows))
        .collect();
    ImportReport {
        origin,
        rows_read: survey.rows,
        rows,
        hosts: gatherer.hosts(),
        first_at_ms: survey.first_at_ms,
        last_at_ms: survey.last_at_ms,
        interval_s,
        quality,
        quality_by_host,
        unused_columns: layout.unused(inspected).into_iter().map(str::to_string).collect(),
        notes,
    }
}

/// What tells one content of a file from another.
struct Fingerprint {
    digest: String,
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Fingerprint {
    /// Says whether somebody wrote to the file since.
    fn is_outdated(&self, path: &Path) -> bool {
        std::fs::metadata(path).map_or(true, |now| {
            now.len() != self.bytes || now.modified().ok() != self.modified
        })
    }

    fn source(&self, path: &Path) -> SourceFile {
        SourceFile {
            name: path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
            bytes: self.bytes,
            digest: format!("blake3:{}", self.digest),
        }
    }
}

/// Reads the whole file once and takes its digest.
fn fingerprint(path: &Path, watch: &Watch<'_>) -> Result<Fingerprint, ImportError> {
    let io = |source| ImportError::io(path, source);
    let mut file = File::open(path).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    let mut done = 0;
    loop {
        let read = file.read(&mut buffer).map_err(io)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        done += read as u64;
        let fraction = done as f64 / metadata.len().max(1) as f64;
        watch.reached(path, Step::Fingerprint, metadata.len(), fraction.min(1.0), 0)?;
    }
    Ok(Fingerprint {
        digest: hasher.finalize().to_hex().to_string(),
        bytes: metadata.len(),
        modified: metadata.modified().ok(),
    })
}

/// Names the origin after everything that decides which rows come out.
fn origin_id(digest: &str, request: &ImportRequest<'_>) -> String {
    let mut hasher = blake3::Hasher::new();
    let mapping = serde_json::to_string(request.mapping).unwrap_or_default();
    let table = request.table.map_or("", Table::name);
    // The file's own name is the host of its rows in some mappings.
    let stem = match request.mapping.host.as_ref().map(Formula::as_str) {
        Some(mapping::FILE_STEM) => request
            .path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        _ => String::new(),
    };
    let kind = request.kind.to_string();
    for part in [digest, &mapping, table, &stem, &kind] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    format!("import-{}", &hasher.finalize().to_hex()[..12])
}

fn already_imported(store: &Store, id: String) -> Result<ImportOutcome, ImportError> {
    let known = store.origins().map_err(|error: StoreError| ImportError::Store(error))?;
    let rows = known
        .into_iter()
        .find(|origin| origin.id == id)
        .map(|origin| origin.rows)
        .unwrap_or_default();
    Ok(ImportOutcome::AlreadyImported { origin: id, rows })
}
