//! Reads CSV text: any separator, row numbers for messages, fields of one column as text or numbers.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use csv::{ByteRecord, Reader, ReaderBuilder};
use polars::prelude::{Column, IntoColumn as _, StringChunkedBuilder};

use super::guard::{GuardedText, Meter, UNIT_SEPARATOR};
use super::{
    Batch, Holds, Inspected, Need, ROWS_LOOKED_AT, SourceColumn, examples, frame_name, frames, holds_by_majority,
    not_a_number, number,
};
use crate::import::error::{ImportError, RowPlace, shown};
use crate::import::mapping::Mapping;

/// The parser's own buffer: large enough that reads of the file do not count.
const BUFFER_BYTES: usize = 256 << 10;

/// An open CSV file behind its header.
struct Rows {
    path: PathBuf,
    reader: Reader<GuardedText>,
    meter: Arc<Meter>,
    separator: String,
    /// Lines before the header, which the parser does not see.
    lines_skipped: u64,
    header: Vec<String>,
    notes: Vec<String>,
    record: ByteRecord,
    rows_read: u64,
}

impl Rows {
    fn open(path: &Path, mapping: &Mapping) -> Result<Self, ImportError> {
        let io = |source| ImportError::io(path, source);
        let mut file = File::open(path).map_err(io)?;
        skip_lines(&mut file, mapping.skip_rows).map_err(io)?;
        let meter = Arc::new(Meter::default());
        let delimiter = match mapping.separator.as_bytes() {
            [single] => *single,
            _ => UNIT_SEPARATOR,
        };
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .comment(mapping.comment.map(|letter| letter as u8))
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(GuardedText::new(file, &mapping.separator, Arc::clone(&meter)));
        let mut rows = Self {
            path: path.to_path_buf(),
            reader,
            meter,
            separator: mapping.separator.clone(),
            lines_skipped: mapping.skip_rows,
            header: Vec::new(),
            notes: Vec::new(),
            record: ByteRecord::new(),
            rows_read: 0,
        };
        rows.read_header()?;
        Ok(rows)
    }

    fn read_header(&mut self) -> Result<(), ImportError> {
        if !self.advance()? {
            return Err(ImportError::NoRows {
                path: self.path.clone(),
                found: "has no header line",
            });
        }
        let place = RowPlace {
            row: 0,
            line: Some(self.line()),
        };
        for position in 0..self.record.len() {
            let name = self.text(position).map_err(|bytes| ImportError::BadCsvRow {
                path: self.path.clone(),
                place,
                found: format!("the header holds `{}`", shown(&bytes)),
                expected: "UTF-8 text".to_string(),
            })?;
            let name = name.trim().to_string();
            let name = self.unique_name(name, position);
            self.header.push(name);
        }
        Ok(())
    }

    /// Names columns without a name by their position, and tells apart those of the same name.
    fn unique_name(&mut self, name: String, position: usize) -> String {
        let given = if name.is_empty() {
            format!("column {}", position + 1)
        } else {
            name
        };
        let mut unique = given.clone();
        let mut count = 1;
        while self.header.contains(&unique) {
            count += 1;
            unique = format!("{given} ({count})");
        }
        if count > 1 {
            self.notes.push(format!(
                "the header has `{given}` {count} times; the column at position {} is called `{unique}` here",
                position + 1
            ));
        }
        unique
    }

    /// Reads the next record; false at the end of the file.
    fn advance(&mut self) -> Result<bool, ImportError> {
        let more = self.reader.read_byte_record(&mut self.record).map_err(|error| {
            let source = match error.into_kind() {
                csv::ErrorKind::Io(source) => source,
                other => std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{other:?}")),
            };
            ImportError::io(&self.path, source)
        })?;
        self.meter.row_ended();
        Ok(more)
    }

    /// Reads the next row and checks its width; false at the end of the file.
    fn next_row(&mut self) -> Result<bool, ImportError> {
        if !self.advance()? {
            return Ok(false);
        }
        self.rows_read += 1;
        let (found, expected) = (self.record.len(), self.header.len());
        // A separator at the end of a line makes one empty field more, which means nothing.
        if found < expected || self.record.iter().skip(expected).any(|field| !field.is_empty()) {
            return Err(ImportError::BadCsvRow {
                path: self.path.clone(),
                place: self.place(),
                found: format!("{found} field{}", if found == 1 { "" } else { "s" }),
                expected: format!("{expected} as in the header"),
            });
        }
        Ok(true)
    }

    fn line(&self) -> u64 {
        self.lines_skipped + self.record.position().map_or(0, csv::Position::line)
    }

    fn place(&self) -> RowPlace {
        RowPlace {
            row: self.rows_read,
            line: Some(self.line()),
        }
    }

    /// Gives a field as text, or its bytes made readable when they are not UTF-8.
    fn text(&self, position: usize) -> Result<std::borrow::Cow<'_, str>, String> {
        let bytes = self.record.get(position).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) if self.separator.len() > 1 && bytes.contains(&UNIT_SEPARATOR) => {
                Ok(text.replace(UNIT_SEPARATOR as char, &self.separator).into())
            }
            Ok(text) => Ok(text.into()),
            Err(_) => Err(bytes.escape_ascii().to_string()),
        }
    }

    fn field(&self, position: usize) -> Result<std::borrow::Cow<'_, str>, ImportError> {
        self.text(position).map_err(|bytes| ImportError::BadValue {
            path: self.path.clone(),
            place: self.place(),
            column: shown(&self.header[position]),
            value: shown(&bytes),
            expected: "UTF-8 text; convert the file, for example with `iconv -f latin1 -t utf-8`".to_string(),
        })
    }
}

/// Moves behind the first lines, which may be anything.
fn skip_lines(file: &mut File, lines: u64) -> std::io::Result<()> {
    let mut offset = 0;
    let mut reader = BufReader::new(&mut *file);
    for _ in 0..lines {
        offset += reader.skip_until(b'\n')? as u64;
    }
    drop(reader);
    file.seek(SeekFrom::Start(offset))?;
    Ok(())
}

pub(super) fn inspect(path: &Path, mapping: &Mapping) -> Result<Inspected, ImportError> {
    let mut rows = Rows::open(path, mapping)?;
    let mut seen: Vec<Vec<String>> = vec![Vec::new(); rows.header.len()];
    while rows.rows_read < ROWS_LOOKED_AT as u64 && rows.next_row()? {
        for (position, values) in seen.iter_mut().enumerate() {
            values.push(rows.field(position)?.into_owned());
        }
    }
    if rows.rows_read == 0 {
        return Err(ImportError::NoRows {
            path: path.to_path_buf(),
            found: "has a header but no rows",
        });
    }
    let columns = rows.header.iter().zip(&seen).map(|(name, values)| {
        let filled = || values.iter().map(String::as_str).filter(|value| !value.is_empty());
        let holds = holds_by_majority(filled(), mapping.decimal_comma);
        SourceColumn {
            name: name.clone(),
            type_name: match holds {
                _ if filled().next().is_none() => "empty",
                Holds::Numbers => "numbers",
                _ => "text",
            }
            .to_string(),
            holds,
            examples: examples(filled()),
        }
    });
    Ok(Inspected {
        columns: columns.collect(),
        rows: None,
        notes: rows.notes.clone(),
    })
}

/// The rows of a CSV file in batches.
pub(crate) struct CsvStream {
    rows: Rows,
    needs: Vec<Need>,
    rows_per_batch: usize,
    decimal_comma: bool,
    bytes: u64,
}

impl CsvStream {
    pub(super) fn open(
        path: &Path,
        mapping: &Mapping,
        inspected: &Inspected,
        needs: Vec<Need>,
        rows_per_batch: usize,
    ) -> Result<Self, ImportError> {
        let rows = Rows::open(path, mapping)?;
        let bytes = std::fs::metadata(path)
            .map_err(|source| ImportError::io(path, source))?
            .len();
        if rows.header.iter().map(String::as_str).ne(inspected.names()) {
            return Err(ImportError::Changed {
                path: path.to_path_buf(),
            });
        }
        Ok(Self {
            rows,
            needs,
            rows_per_batch,
            decimal_comma: mapping.decimal_comma,
            bytes,
        })
    }

    pub(super) fn fraction_done(&self) -> f64 {
        let done = self.rows.meter.bytes.load(Ordering::Relaxed);
        (done as f64 / self.bytes.max(1) as f64).min(1.0)
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, ImportError> {
        let first_row = self.rows.rows_read + 1;
        let mut lines = Vec::new();
        let wanted = |want: fn(&Need) -> bool| -> Vec<usize> {
            (0..self.needs.len())
                .filter(|&column| want(&self.needs[column]))
                .collect()
        };
        let mut text: Vec<(usize, StringChunkedBuilder)> = wanted(|need| need.text)
            .into_iter()
            .map(|column| {
                (
                    column,
                    StringChunkedBuilder::new(frame_name(column).into(), self.rows_per_batch),
                )
            })
            .collect();
        let mut numbers: Vec<(usize, Vec<Option<f64>>)> = wanted(|need| need.number)
            .into_iter()
            .map(|column| (column, Vec::new()))
            .collect();
        while lines.len() < self.rows_per_batch && self.rows.next_row()? {
            lines.push(self.rows.line());
            for (column, builder) in &mut text {
                let field = self.rows.field(*column)?;
                builder.append_option((!field.is_empty()).then_some(field.as_ref()));
            }
            for (column, values) in &mut numbers {
                let field = self.rows.field(*column)?;
                values.push(number::parse(&field, self.decimal_comma).ok_or_else(|| {
                    let name = &self.rows.header[*column];
                    not_a_number(&self.rows.path, self.rows.place(), name, &field, self.decimal_comma)
                })?);
            }
        }
        if lines.is_empty() {
            return Ok(None);
        }
        let text = text
            .into_iter()
            .map(|(_, builder)| builder.finish().into_column())
            .collect();
        let numbers = numbers
            .into_iter()
            .map(|(column, values)| Column::new(frame_name(column).into(), values))
            .collect();
        let (text, numbers) = frames(&self.rows.path, lines.len(), text, numbers)?;
        Ok(Some(Batch {
            first_row,
            lines,
            text,
            numbers,
        }))
    }
}
