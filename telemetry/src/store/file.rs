//! Opens one telemetry file and decodes column chunks of it.
//!
//! Only a compact index is kept of the footer (16 bytes a chunk), since ten
//! thousand hosts over months have millions of chunks.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::metadata::FileMetadata;
use polars_parquet::parquet::read::read_metadata;

use super::error::StoreError;
use super::footer::{MEASURED_KEY, SERIES_KEY, SeriesSpan, TABLE_KEY, VERSION_KEY};
use super::pages::{ChunkDecoder, RawChunk};
use crate::schema::{FORMAT_VERSION, Table};

/// Where one column chunk lies in the file.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    offset: u64,
    length: u32,
    values: u32,
}

/// A row group: whole series, and where its columns are.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) first_row: usize,
    pub(crate) rows: usize,
    at: Chunk,
    numbers: Vec<Option<Chunk>>,
}

/// An open telemetry file.
#[derive(Debug)]
pub(crate) struct StoredFile {
    pub(crate) path: PathBuf,
    file: File,
    pub(crate) groups: Vec<Group>,
    compression: Compression,
}

impl StoredFile {
    /// Opens a file and checks that it is one of ours, whole, and of a version that is read here.
    pub(crate) fn open(path: &Path, table: Table) -> Result<(Self, Vec<SeriesSpan>), StoreError> {
        let mut file = File::open(path).map_err(|source| StoreError::io("open", path, source))?;
        let metadata = read_metadata(&mut file)
            .map_err(|error| StoreError::damaged(path, format!("no readable footer ({error})")))?;
        let value = |key: &str| {
            metadata
                .key_value_metadata
                .iter()
                .flatten()
                .find(|pair| pair.key == key)
                .and_then(|pair| pair.value.as_deref())
        };
        let version: u32 = value(VERSION_KEY)
            .ok_or_else(|| StoreError::damaged(path, "it does not name its format version"))?
            .parse()
            .map_err(|_| StoreError::damaged(path, "its format version is not a number"))?;
        match version {
            FORMAT_VERSION => {}
            version if version < FORMAT_VERSION => {
                return Err(StoreError::TooOld {
                    path: path.to_path_buf(),
                    version,
                });
            }
            version => {
                return Err(StoreError::TooNew {
                    path: path.to_path_buf(),
                    version,
                });
            }
        }
        match value(TABLE_KEY) {
            Some(name) if name == table.name() => {}
            Some(name) => {
                return Err(StoreError::damaged(
                    path,
                    format!("it holds table `{name}` in the folder of `{}`", table.name()),
                ));
            }
            None => return Err(StoreError::damaged(path, "it does not name its table")),
        }
        let spans: Vec<SeriesSpan> = value(SERIES_KEY)
            .ok_or_else(|| StoreError::damaged(path, "it does not list its series"))
            .and_then(|json| {
                serde_json::from_str(json)
                    .map_err(|error| StoreError::damaged(path, format!("its list of series: {error}")))
            })?;
        check_spans(&spans, metadata.num_rows, path)?;
        let measured: Vec<u64> = value(MEASURED_KEY)
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or_else(|| StoreError::damaged(path, "it does not say what was measured"))?;
        let (groups, compression) = index_groups(&metadata, &measured, table, path)?;
        Ok((
            Self {
                path: path.to_path_buf(),
                file,
                groups,
                compression,
            },
            spans,
        ))
    }

    /// Decodes the times of a row group.
    pub(crate) fn decode_at<'d>(&self, group: &Group, decoder: &'d mut ChunkDecoder) -> Result<&'d [i64], StoreError> {
        self.decode(group.at, false, decoder)
    }

    /// Decodes a number column of a row group; nothing where it was not measured at all.
    pub(crate) fn decode_number<'d>(
        &self,
        group: &Group,
        column: usize,
        decoder: &'d mut ChunkDecoder,
    ) -> Result<Option<&'d [i64]>, StoreError> {
        group.numbers[column]
            .map(|chunk| self.decode(chunk, true, decoder))
            .transpose()
    }

    fn decode<'d>(&self, chunk: Chunk, nullable: bool, decoder: &'d mut ChunkDecoder) -> Result<&'d [i64], StoreError> {
        let mut bytes = vec![0; chunk.length as usize];
        self.file
            .read_exact_at(&mut bytes, chunk.offset)
            .map_err(|source| StoreError::io("read", &self.path, source))?;
        decoder
            .decode(RawChunk {
                bytes,
                offset: chunk.offset,
                rows: chunk.values as usize,
                compression: self.compression,
                nullable,
            })
            .map_err(|error| StoreError::damaged(&self.path, error))
    }
}

fn check_spans(spans: &[SeriesSpan], rows: usize, path: &Path) -> Result<(), StoreError> {
    let mut next = 0;
    for span in spans {
        if span.first_row != next || span.rows == 0 {
            return Err(StoreError::damaged(
                path,
                format!("rows of `{}` are misplaced", span.host),
            ));
        }
        next += span.rows;
    }
    if next != rows {
        return Err(StoreError::damaged(
            path,
            format!("its list names {next} of {rows} rows"),
        ));
    }
    Ok(())
}

fn index_groups(
    metadata: &FileMetadata,
    measured: &[u64],
    table: Table,
    path: &Path,
) -> Result<(Vec<Group>, Compression), StoreError> {
    let position = |name: &str| {
        metadata
            .schema()
            .columns()
            .iter()
            .position(|column| column.path_in_schema.first().is_some_and(|part| part.as_str() == name))
    };
    let at = position("at").ok_or_else(|| StoreError::damaged(path, "it has no column `at`"))?;
    let numbers: Vec<Option<usize>> = table.columns().iter().map(|column| position(column.name)).collect();
    let mut compression = Compression::Zstd;
    let mut first_row = 0;
    let mut groups = Vec::with_capacity(metadata.row_groups.len());
    for (group, measured) in metadata.row_groups.iter().zip(measured) {
        let columns = group.parquet_columns();
        let chunk = |column: usize| -> Result<Chunk, StoreError> {
            let column = columns
                .get(column)
                .ok_or_else(|| StoreError::damaged(path, "a row group lacks a column"))?;
            let range = column.byte_range();
            let too_long = || StoreError::damaged(path, "a column chunk is longer than 4 GiB");
            Ok(Chunk {
                offset: range.start,
                length: u32::try_from(range.end - range.start).map_err(|_| too_long())?,
                values: u32::try_from(column.num_values()).map_err(|_| too_long())?,
            })
        };
        if let Some(column) = columns.first() {
            compression = column.compression();
        }
        groups.push(Group {
            first_row,
            rows: group.num_rows(),
            at: chunk(at)?,
            numbers: numbers
                .iter()
                .enumerate()
                .map(|(index, position)| position.filter(|_| measured >> index & 1 == 1).map(chunk).transpose())
                .collect::<Result<_, _>>()?,
        });
        first_row += group.num_rows();
    }
    if groups.len() != metadata.row_groups.len() {
        return Err(StoreError::damaged(
            path,
            "it does not say for every row group what was measured",
        ));
    }
    Ok((groups, compression))
}
