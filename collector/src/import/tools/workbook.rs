//! Sheets of a workbook, cell by cell: however far away a stray cell lies, only those that are there cost anything.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use calamine::{DataRef, Reader as _, Xlsx};

use super::when;
use crate::import::error::{ImportError, RowPlace, shown};

/// Most bytes that a workbook's parts may have together once unpacked: a hostile archive ends here.
const UNPACKED_AT_MOST: u64 = 8 << 30;
/// Most bytes of its shared texts, which are kept in memory.
const TEXTS_AT_MOST: u64 = 2 << 30;

/// A workbook.
pub(crate) struct Workbook {
    path: PathBuf,
    book: Xlsx<BufReader<File>>,
    /// When it was last saved, as it says itself.
    pub saved_at_ms: Option<i64>,
}

/// One row of a sheet: text by the position of its column; empty cells are absent.
pub(crate) type Cells = BTreeMap<usize, String>;

impl Workbook {
    /// Opens a workbook.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| ImportError::Workbook {
            path: path.to_path_buf(),
            source,
        };
        let file = || File::open(path).map_err(|source| ImportError::io(path, source));
        let mut archive = zip::ZipArchive::new(BufReader::new(file()?)).map_err(|error| failed(error.into()))?;
        let mut unpacked = 0;
        for position in 0..archive.len() {
            let part = archive.by_index_raw(position).map_err(|error| failed(error.into()))?;
            unpacked += part.size();
            if unpacked > UNPACKED_AT_MOST || part.name().ends_with("sharedStrings.xml") && part.size() > TEXTS_AT_MOST
            {
                return Err(failed("its parts are larger than any workbook's".into()));
            }
        }
        let mut about = String::new();
        if let Ok(part) = archive.by_name("docProps/core.xml") {
            // Without it the workbook only does not say when it was saved.
            let _ = part.take(1 << 20).read_to_string(&mut about);
        }
        let saved_at_ms = ["dcterms:modified", "dcterms:created"].iter().find_map(|tag| {
            let (_, rest) = about.split_once(&format!("<{tag}"))?;
            let text = rest.split_once('>')?.1.split_once('<')?.0;
            when::iso(text, &jiff::tz::TimeZone::UTC)
        });
        let book = Xlsx::new(BufReader::new(file()?)).map_err(|error| failed(Box::new(error)))?;
        Ok(Self {
            path: path.to_path_buf(),
            book,
            saved_at_ms,
        })
    }

    /// Lists the sheets.
    pub fn sheets(&self) -> Vec<String> {
        self.book.sheet_names()
    }

    /// Reads a sheet: its header, then each row that has a cell.
    ///
    /// `take` is told the header once and gives the positions it wants, then gets the rows with those cells only.
    pub fn read(
        &mut self,
        sheet: &str,
        wanted: impl FnOnce(&[String]) -> Vec<usize>,
        mut take: impl FnMut(RowPlace, &Cells) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let path = self.path.clone();
        let failed = |error: calamine::XlsxError| ImportError::Workbook {
            path: path.clone(),
            source: Box::new(error),
        };
        let mut reader = self.book.worksheet_cells_reader(sheet).map_err(failed)?;
        let mut header: Vec<String> = Vec::new();
        let mut choose = Some(wanted);
        let mut positions: Vec<usize> = Vec::new();
        let mut row: Option<u32> = None;
        let mut cells = Cells::new();
        let place = |row: u32| RowPlace {
            row: u64::from(row),
            line: None,
        };
        while let Some(cell) = reader.next_cell().map_err(failed)? {
            let (at_row, at_column) = cell.get_position();
            let at_column = at_column as usize;
            if at_row == 0 {
                if let Some(text) = text_of(cell.get_value()) {
                    // A sheet has at most 16,384 columns.
                    if header.len() <= at_column {
                        header.resize(at_column + 1, String::new());
                    }
                    header[at_column] = text;
                }
                continue;
            }
            if let Some(choose) = choose.take() {
                positions = choose(&header);
            }
            if row != Some(at_row) {
                if let Some(row) = row.filter(|_| !cells.is_empty()) {
                    take(place(row), &cells)?;
                }
                cells.clear();
                row = Some(at_row);
            }
            if positions.contains(&at_column)
                && let Some(text) = text_of(cell.get_value())
            {
                cells.insert(at_column, text);
            }
        }
        if let Some(row) = row.filter(|_| !cells.is_empty()) {
            take(place(row), &cells)?;
        }
        Ok(())
    }

    /// Says that a cell is not what its column must hold.
    pub fn bad(path: &Path, sheet: &str, place: RowPlace, column: &str, value: &str, expected: &str) -> ImportError {
        ImportError::BadValue {
            path: path.to_path_buf(),
            place,
            column: shown(&format!("{sheet}!{column}")),
            value: shown(value),
            expected: expected.to_string(),
        }
    }
}

fn text_of(value: &DataRef<'_>) -> Option<String> {
    let text = match value {
        DataRef::Empty | DataRef::Error(_) => return None,
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::String(text) => text.trim().to_string(),
        DataRef::SharedString(text) => text.trim().to_string(),
        DataRef::DateTime(time) => time.as_f64().to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
    };
    (!text.is_empty()).then_some(text)
}
