//! Opens one telemetry file and decodes column chunks of it.
//!
//! Only a compact index is kept of the footer (16 bytes a chunk), since ten
//! thousand hosts over months have millions of chunks.

use std::fs::File;
use std::io::Cursor;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use polars_arrow::array::PrimitiveArray;
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_buffer::Buffer;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::metadata::{Descriptor, FileMetadata};
use polars_parquet::parquet::read::{PageMetaData, PageReader, read_metadata};
use polars_parquet::parquet::schema::Repetition;
use polars_parquet::parquet::schema::types::{FieldInfo, PhysicalType, PrimitiveType};
use polars_parquet::read::{BasicDecompressor, column_iter_to_arrays};

use super::error::StoreError;
use super::footer::{MEASURED_KEY, SERIES_KEY, SeriesSpan, TABLE_KEY, VERSION_KEY};
use crate::schema::{FORMAT_VERSION, NOT_MEASURED, Table};

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

    /// Decodes the times of a row group and hands them over.
    pub(crate) fn decode_at(&self, group: &Group, take: impl FnMut(&[i64])) -> Result<(), StoreError> {
        self.decode(group.at, false, take)
    }

    /// Decodes a number column of a row group and hands it over, in order, in one or more slices; nothing where it was
    /// not measured at all.
    pub(crate) fn decode_number(
        &self,
        group: &Group,
        column: usize,
        take: impl FnMut(&[i64]),
    ) -> Result<(), StoreError> {
        match group.numbers[column] {
            Some(chunk) => self.decode(chunk, true, take),
            None => Ok(()),
        }
    }

    fn decode(&self, chunk: Chunk, nullable: bool, mut take: impl FnMut(&[i64])) -> Result<(), StoreError> {
        let mut bytes = vec![0; chunk.length as usize];
        self.file
            .read_exact_at(&mut bytes, chunk.offset)
            .map_err(|source| StoreError::io("read", &self.path, source))?;
        let primitive = PrimitiveType {
            field_info: FieldInfo {
                name: "number".into(),
                repetition: if nullable {
                    Repetition::Optional
                } else {
                    Repetition::Required
                },
                id: None,
            },
            logical_type: None,
            converted_type: None,
            physical_type: PhysicalType::Int64,
        };
        let descriptor = Descriptor {
            primitive_type: primitive.clone(),
            max_def_level: i16::from(nullable),
            max_rep_level: 0,
        };
        let pages = PageReader::new_with_page_meta(
            Cursor::new(Buffer::from(bytes)),
            PageMetaData::new(chunk.offset, i64::from(chunk.values), self.compression, descriptor),
            Vec::new(),
            usize::MAX,
        );
        let (arrays, _) = column_iter_to_arrays(
            vec![BasicDecompressor::new(pages, Vec::new())],
            vec![&primitive],
            Field::new("number".into(), ArrowDataType::Int64, nullable),
            None,
        )
        .map_err(|error| StoreError::damaged(&self.path, error))?;
        let mut rows = 0;
        for array in &arrays {
            let numbers = array
                .as_any()
                .downcast_ref::<PrimitiveArray<i64>>()
                .ok_or_else(|| StoreError::damaged(&self.path, "a column is not of whole numbers"))?;
            rows += numbers.len();
            match numbers.validity().filter(|measured| measured.unset_bits() > 0) {
                None => take(numbers.values()),
                Some(measured) => {
                    let marked: Vec<i64> = numbers
                        .values()
                        .iter()
                        .zip(measured.iter())
                        .map(|(&raw, measured)| if measured { raw } else { NOT_MEASURED })
                        .collect();
                    take(&marked);
                }
            }
        }
        if rows != chunk.values as usize {
            return Err(StoreError::damaged(
                &self.path,
                format!("a column has {rows} of {} rows", chunk.values),
            ));
        }
        Ok(())
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
