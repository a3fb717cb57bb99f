//! Columns of a small Parquet file: text, whole numbers, real numbers, times.
//!
//! Plain Parquet that any reader opens; zstd, one row group, names that say the unit.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::Path;

use polars_arrow::array::{Array, Float64Array, Int64Array, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, TimeUnit};
use polars_buffer::Buffer;
use polars_error::{PolarsError, PolarsResult};
use polars_parquet::parquet::metadata::FileMetadata;
use polars_parquet::parquet::read::read_metadata;
use polars_parquet::read::{BasicDecompressor, ColumnChunkMetadata, column_iter_to_arrays, get_page_iterator};
use polars_parquet::write::{
    CompressionOptions, Compressor, DynIter, DynStreamingIterator, Encoding, FallibleStreamingIterator as _,
    FileWriter, KeyValue, Page, StatisticsOptions, Version, WriteOptions, array_to_columns, schema_to_metadata_key,
};

use super::error::InventoryError;

/// Largest file that is read: a hundred times the inventory of ten thousand hosts.
const BYTES_AT_MOST: u64 = 2 << 30;

/// Values of a column; absent ones are null.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Values {
    Text(Vec<Option<String>>),
    Whole(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    /// UTC milliseconds.
    Time(Vec<Option<i64>>),
}

/// What kind a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    Real,
    Time,
}

impl Kind {
    fn arrow(self) -> ArrowDataType {
        match self {
            Self::Text => ArrowDataType::Utf8View,
            Self::Whole => ArrowDataType::Int64,
            Self::Real => ArrowDataType::Float64,
            Self::Time => ArrowDataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        }
    }
}

impl Values {
    fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Whole(_) => Kind::Whole,
            Self::Real(_) => Kind::Real,
            Self::Time(_) => Kind::Time,
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Whole(values) | Self::Time(values) => values.len(),
            Self::Real(values) => values.len(),
        }
    }

    fn array(&self) -> Box<dyn Array> {
        match self {
            Self::Text(values) => Box::new(Utf8ViewArray::from_slice(values)),
            Self::Whole(values) => Box::new(PrimitiveArray::<i64>::from_iter(values.iter().copied())),
            Self::Real(values) => Box::new(PrimitiveArray::<f64>::from_iter(values.iter().copied())),
            Self::Time(values) => {
                Box::new(PrimitiveArray::<i64>::from_iter(values.iter().copied()).to(Kind::Time.arrow()))
            }
        }
    }
}

/// Encodes columns of equal length as one Parquet file, with keys of our own in its footer.
pub(super) fn encode(columns: &[(&'static str, Values)], keys: &[(&str, String)]) -> PolarsResult<Vec<u8>> {
    let schema: ArrowSchema = columns
        .iter()
        .map(|(name, values)| Field::new((*name).into(), values.kind().arrow(), true))
        .map(|field| (field.name.clone(), field))
        .collect();
    let options = WriteOptions {
        statistics: StatisticsOptions::empty(),
        version: Version::V1,
        compression: CompressionOptions::Zstd(None),
        data_page_size: None,
    };
    let mut writer = FileWriter::try_new(Vec::new(), schema.clone(), options)?;
    let fields = writer.parquet_schema().fields().to_vec();
    let rows = columns.first().map_or(0, |(_, values)| values.len());
    if rows > 0 {
        let mut pages = Vec::with_capacity(columns.len());
        for ((_, values), field) in columns.iter().zip(fields) {
            let encoding = match values.kind() {
                Kind::Text => Encoding::RleDictionary,
                _ => Encoding::Plain,
            };
            let encoded: Vec<Page> = array_to_columns(values.array(), field, options, &[encoding])?
                .into_iter()
                .flatten()
                .collect::<PolarsResult<_>>()?;
            pages.push(encoded);
        }
        let group = DynIter::new(pages.into_iter().map(move |pages| {
            let compressed = Compressor::new(pages.into_iter().map(Ok), options.compression, Vec::new());
            Ok(DynStreamingIterator::new(
                compressed.map_err(|error| PolarsError::ComputeError(error.to_string().into())),
            ))
        }));
        writer.write(rows as u64, group)?;
    }
    let mut metadata = vec![schema_to_metadata_key(&schema)];
    metadata.extend(keys.iter().map(|(key, value)| KeyValue {
        key: (*key).to_string(),
        value: Some(value.clone()),
    }));
    writer.end(Some(metadata))?;
    Ok(writer.into_inner())
}

/// A file that was read: keys of its footer, and its columns by name.
pub(super) struct Decoded<'p> {
    path: &'p Path,
    bytes: Buffer<u8>,
    pub(super) keys: BTreeMap<String, String>,
    pub(super) rows: usize,
    metadata: FileMetadata,
}

/// Reads the footer of a file; nothing where there is no file.
pub(super) fn open(path: &Path) -> Result<Option<Decoded<'_>>, InventoryError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(InventoryError::io("open", path, source)),
    };
    let mut bytes = Vec::new();
    file.take(BYTES_AT_MOST)
        .read_to_end(&mut bytes)
        .map_err(|source| InventoryError::io("read", path, source))?;
    let metadata = read_metadata(&mut Cursor::new(&bytes))
        .map_err(|error| InventoryError::damaged(path, format!("no readable footer ({error})")))?;
    let keys = metadata
        .key_value_metadata
        .iter()
        .flatten()
        .filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?)))
        .collect();
    Ok(Some(Decoded {
        path,
        bytes: Buffer::from(bytes),
        keys,
        rows: metadata.num_rows,
        metadata,
    }))
}

impl Decoded<'_> {
    fn column(&self, name: &str, kind: Kind) -> Result<Values, InventoryError> {
        let damaged = |reason: String| InventoryError::damaged(self.path, format!("column `{name}`: {reason}"));
        let mut values = match kind {
            Kind::Text => Values::Text(Vec::new()),
            Kind::Whole => Values::Whole(Vec::new()),
            Kind::Real => Values::Real(Vec::new()),
            Kind::Time => Values::Time(Vec::new()),
        };
        for group in &self.metadata.row_groups {
            let chunk = group.parquet_columns().iter().find(|chunk| {
                let path = &chunk.descriptor().path_in_schema;
                path.len() == 1 && path.first().is_some_and(|part| part.as_str() == name)
            });
            match chunk {
                Some(chunk) => self.chunk(chunk, name, kind, &mut values).map_err(damaged)?,
                None => return Err(damaged("it is not there".to_string())),
            }
        }
        if values.len() != self.rows {
            return Err(damaged(format!("it has {} of {} rows", values.len(), self.rows)));
        }
        Ok(values)
    }

    fn chunk(&self, chunk: &ColumnChunkMetadata, name: &str, kind: Kind, out: &mut Values) -> Result<(), String> {
        let range = chunk.byte_range();
        if range.end > self.bytes.len() as u64 {
            return Err("it lies outside the file".to_string());
        }
        // The iterator goes to the column's place in the file by itself.
        let bytes = self.bytes.clone();
        let pages =
            get_page_iterator(chunk, Cursor::new(bytes), Vec::new(), usize::MAX).map_err(|error| error.to_string())?;
        let primitive = &chunk.descriptor().descriptor.primitive_type;
        let (arrays, _) = column_iter_to_arrays(
            vec![BasicDecompressor::new(pages, Vec::new())],
            vec![primitive],
            Field::new(name.into(), kind.arrow(), true),
            None,
        )
        .map_err(|error| error.to_string())?;
        for array in &arrays {
            let array = array.as_any();
            let other = "it is of another type";
            match out {
                Values::Text(values) => {
                    let array: &Utf8ViewArray = array.downcast_ref().ok_or(other)?;
                    values.extend(array.iter().map(|value| value.map(str::to_string)));
                }
                Values::Whole(values) | Values::Time(values) => {
                    let array: &Int64Array = array.downcast_ref().ok_or(other)?;
                    values.extend(array.iter().map(|value| value.copied()));
                }
                Values::Real(values) => {
                    let array: &Float64Array = array.downcast_ref().ok_or(other)?;
                    values.extend(array.iter().map(|value| value.copied()));
                }
            }
        }
        Ok(())
    }

    /// Decodes a text column in which nothing is null.
    pub(super) fn text(&self, name: &str) -> Result<Vec<String>, InventoryError> {
        self.optional_text(name)?
            .into_iter()
            .map(|value| value.ok_or_else(|| self.null(name)))
            .collect()
    }

    /// Decodes a text column.
    pub(super) fn optional_text(&self, name: &str) -> Result<Vec<Option<String>>, InventoryError> {
        match self.column(name, Kind::Text)? {
            Values::Text(values) => Ok(values),
            _ => Err(self.null(name)),
        }
    }

    /// Decodes a column of whole numbers in which nothing is null and each fits.
    pub(super) fn whole<T: TryFrom<i64>>(&self, name: &str, kind: Kind) -> Result<Vec<T>, InventoryError> {
        match self.column(name, kind)? {
            Values::Whole(values) | Values::Time(values) => values
                .into_iter()
                .map(|value| {
                    value
                        .and_then(|value| T::try_from(value).ok())
                        .ok_or_else(|| self.null(name))
                })
                .collect(),
            _ => Err(self.null(name)),
        }
    }

    /// Decodes a column of real numbers.
    pub(super) fn real(&self, name: &str) -> Result<Vec<Option<f64>>, InventoryError> {
        match self.column(name, Kind::Real)? {
            Values::Real(values) => Ok(values),
            _ => Err(self.null(name)),
        }
    }

    fn null(&self, name: &str) -> InventoryError {
        InventoryError::damaged(self.path, format!("column `{name}` has a value that cannot be"))
    }
}
