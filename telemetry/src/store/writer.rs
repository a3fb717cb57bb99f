//! Writes one telemetry file: beside its place first, then renamed into it.
//!
//! Rows come as series, sorted by host and labels; a row group holds whole
//! series. Numbers are whole, packed as [`super::pages`] says and then by zstd,
//! and declared as `DECIMAL` so that any reader sees the true value.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use polars_arrow::array::{Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, TimeUnit};
use polars_error::{PolarsError, PolarsResult};
use polars_parquet::write::{
    CompressionOptions, Compressor, DynIter, DynStreamingIterator, Encoding, FallibleStreamingIterator as _,
    FileWriter, KeyValue, Page, ParquetType, RowGroupIterColumns, StatisticsOptions, Version, WriteOptions,
    array_to_columns, schema_to_metadata_key,
};

use super::error::StoreError;
use super::footer::{MEASURED_KEY, SERIES_KEY, SeriesSpan, TABLE_KEY, VERSION_KEY, constant_step};
use super::pages::split_page;
use crate::schema::{FORMAT_VERSION, NOT_MEASURED, Table};
use crate::series::Series;

/// A row group is closed at the first series boundary after this many rows: about 16 hosts' minutes of a day.
const ROWS_PER_GROUP: usize = 16 * 1440;

/// Digits of the `DECIMAL` annotation: the most that a 64-bit number holds.
const DECIMAL_DIGITS: usize = 18;

/// Writes one file of one table; nothing is visible under its name before [`FileBeside::finish`].
pub struct FileBeside {
    table: Table,
    path: PathBuf,
    beside: Partial,
    writer: FileWriter<BufWriter<File>>,
    fields: Vec<ParquetType>,
    schema: ArrowSchema,
    pending: Vec<Series>,
    pending_rows: usize,
    spans: Vec<SeriesSpan>,
    measured: Vec<u64>,
    rows: usize,
}

/// A file that is removed again unless it was completed.
struct Partial {
    path: PathBuf,
    complete: bool,
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.complete {
            // Already gone is as good as removed; a reader never reads partial files anyway.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl FileBeside {
    /// Starts a file that will stand at `path`; its folder is made.
    ///
    /// # Errors
    /// When the folder or the file cannot be made.
    pub fn create(table: Table, path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|source| StoreError::io("create folder", folder, source))?;
        }
        let beside = path.with_extension("parquet.partial");
        let file = File::create(&beside).map_err(|source| StoreError::io("create", &beside, source))?;
        let schema = file_schema(table);
        let options = WriteOptions {
            statistics: StatisticsOptions::empty(),
            version: Version::V1,
            compression: CompressionOptions::Zstd(None),
            data_page_size: Some(4 << 20),
        };
        let writer = FileWriter::try_new(BufWriter::new(file), schema.clone(), options).map_err(|source| {
            StoreError::Encode {
                path: path.to_path_buf(),
                source,
            }
        })?;
        let fields = writer.parquet_schema().fields().to_vec();
        Ok(Self {
            table,
            path: path.to_path_buf(),
            beside: Partial {
                path: beside,
                complete: false,
            },
            writer,
            fields,
            schema,
            pending: Vec::new(),
            pending_rows: 0,
            spans: Vec::new(),
            measured: Vec::new(),
            rows: 0,
        })
    }

    /// Adds one series; they must come sorted by host, then labels, and not be empty of rows.
    ///
    /// # Errors
    /// When the order is broken or the disk refuses.
    pub fn push(&mut self, series: Series) -> Result<(), StoreError> {
        debug_assert_eq!(series.table, self.table);
        let Some((&first_at_ms, &last_at_ms)) = series.at_ms.first().zip(series.at_ms.last()) else {
            return Ok(());
        };
        if let Some(last) = self.spans.last()
            && (&last.host, &last.labels) >= (&series.host, &series.labels)
        {
            return Err(StoreError::OutOfOrder {
                path: self.path.clone(),
                host: series.host,
            });
        }
        self.spans.push(SeriesSpan {
            host: series.host.clone(),
            labels: series.labels.clone(),
            first_row: self.rows,
            rows: series.len(),
            first_at_ms,
            last_at_ms,
            step_ms: constant_step(&series.at_ms),
        });
        self.rows += series.len();
        self.pending_rows += series.len();
        self.pending.push(series);
        if self.pending_rows >= ROWS_PER_GROUP {
            self.write_group()?;
        }
        Ok(())
    }

    /// Counts the rows added so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Completes the file, syncs it and moves it to its place.
    ///
    /// # Errors
    /// When the disk refuses; the partial file is removed then.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.write_group()?;
        let json =
            |value: Result<String, serde_json::Error>| value.map_err(|error| StoreError::damaged(&self.path, error));
        let spans = json(serde_json::to_string(&self.spans))?;
        let measured = json(serde_json::to_string(&self.measured))?;
        let key = |key: &str, value: String| KeyValue {
            key: key.to_string(),
            value: Some(value),
        };
        let metadata = vec![
            schema_to_metadata_key(&self.schema),
            key(VERSION_KEY, FORMAT_VERSION.to_string()),
            key(TABLE_KEY, self.table.name().to_string()),
            key(SERIES_KEY, spans),
            key(MEASURED_KEY, measured),
        ];
        self.writer.end(Some(metadata)).map_err(|source| StoreError::Encode {
            path: self.path.clone(),
            source,
        })?;
        let mut buffered = self.writer.into_inner();
        buffered
            .flush()
            .and_then(|()| buffered.get_ref().sync_all())
            .map_err(|source| StoreError::io("write", &self.beside.path, source))?;
        rename_into_place(&self.beside.path, &self.path)?;
        self.beside.complete = true;
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), StoreError> {
        if self.pending_rows == 0 {
            return Ok(());
        }
        self.measured.push(measured_columns(&self.pending));
        let columns = group_pages(
            self.table,
            &self.pending,
            self.pending_rows,
            &self.fields,
            self.writer.options(),
        )
        .and_then(|columns| self.writer.write(self.pending_rows as u64, columns))
        .map_err(|source| StoreError::Encode {
            path: self.path.clone(),
            source,
        });
        columns?;
        self.pending.clear();
        self.pending_rows = 0;
        Ok(())
    }
}

/// Gives a bit for each number column that some series of the group has.
fn measured_columns(group: &[Series]) -> u64 {
    group
        .iter()
        .flat_map(|series| series.columns.iter().enumerate())
        .filter(|(_, column)| column.is_some())
        .fold(0, |bits, (index, _)| bits | 1 << index)
}

/// Renames a synced file to its name and syncs the folder, so that a crash leaves either no file or the whole one.
pub(crate) fn rename_into_place(beside: &Path, path: &Path) -> Result<(), StoreError> {
    fs::rename(beside, path).map_err(|source| StoreError::io("rename into place", path, source))?;
    if let Some(folder) = path.parent()
        && let Ok(folder) = File::open(folder)
    {
        // Some network file systems refuse to sync a folder; the file itself is synced.
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Gives the Arrow schema of a table's file: host, labels, `at`, then the numbers as decimals.
fn file_schema(table: Table) -> ArrowSchema {
    let text = |name: &'static str| Field::new(name.into(), ArrowDataType::Utf8View, false);
    let at = Field::new(
        "at".into(),
        ArrowDataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        false,
    );
    let numbers = table.columns().iter().map(|column| {
        Field::new(
            column.name.into(),
            ArrowDataType::Decimal(DECIMAL_DIGITS, column.decimals as usize),
            true,
        )
    });
    std::iter::once(text("host"))
        .chain(table.labels().iter().map(|name| text(name)))
        .chain(std::iter::once(at))
        .chain(numbers)
        .map(|field| (field.name.clone(), field))
        .collect()
}

/// Encodes one row group: text by dictionary, times by their steps, numbers by byte planes.
fn group_pages(
    table: Table,
    group: &[Series],
    rows: usize,
    fields: &[ParquetType],
    options: WriteOptions,
) -> PolarsResult<RowGroupIterColumns<'static, PolarsError>> {
    let text = |of: &dyn Fn(&Series) -> &str| -> Box<dyn Array> {
        Box::new(Utf8ViewArray::from_slice_values(
            group
                .iter()
                .flat_map(|series| std::iter::repeat_n(of(series), series.len()))
                .collect::<Vec<&str>>(),
        ))
    };
    let mut fields = fields.iter();
    let mut field = || {
        fields
            .next()
            .ok_or_else(|| PolarsError::ComputeError("a column has no field".into()))
    };
    let mut columns = vec![array_pages(
        text(&|series| &series.host),
        field()?,
        Encoding::RleDictionary,
        options,
    )?];
    for label in 0..table.labels().len() {
        let array = text(&move |series| &series.labels[label]);
        columns.push(array_pages(array, field()?, Encoding::RleDictionary, options)?);
    }
    let at: Vec<i64> = group.iter().flat_map(|series| series.at_ms.iter().copied()).collect();
    columns.push(array_pages(
        Box::new(PrimitiveArray::<i64>::from_vec(at)),
        field()?,
        Encoding::DeltaBinaryPacked,
        options,
    )?);
    for index in 0..table.columns().len() {
        let mut values = Vec::with_capacity(rows);
        for series in group {
            match &series.columns[index] {
                Some(raw) => values.extend_from_slice(raw),
                None => values.resize(values.len() + series.len(), NOT_MEASURED),
            }
        }
        columns.push(vec![split_page(&values, field()?)?]);
    }
    Ok(DynIter::new(columns.into_iter().map(move |pages| {
        let compressed = Compressor::new(pages.into_iter().map(Ok), options.compression, Vec::new());
        Ok(DynStreamingIterator::new(
            compressed.map_err(|error| PolarsError::ComputeError(error.to_string().into())),
        ))
    })))
}

fn array_pages(
    array: Box<dyn Array>,
    field: &ParquetType,
    encoding: Encoding,
    options: WriteOptions,
) -> PolarsResult<Vec<Page>> {
    array_to_columns(array, field.clone(), options, &[encoding])?
        .into_iter()
        .flatten()
        .collect()
}
