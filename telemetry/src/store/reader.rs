//! Reads the series of one table over all its files, a block of hosts at a time.
//!
//! Memory is bounded by the block (about 16 hosts), not by the estate.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use super::error::StoreError;
use super::file::{Group, StoredFile};
use super::pages::ChunkDecoder;
use crate::schema::{ColumnId, NOT_MEASURED, Table};
use crate::series::Series;

/// Where rows of one series stand in one file.
#[derive(Clone, Copy, Debug)]
struct Span {
    series: u32,
    first_row: u32,
    rows: u32,
    first_at_ms: i64,
    last_at_ms: i64,
    step_ms: Option<i64>,
}

/// A host with labels, as an entry of the reader's sorted list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    host: u32,
    labels: Vec<String>,
}

/// An open table: all its files, indexed.
#[derive(Debug)]
pub struct TableReader {
    table: Table,
    hosts: Vec<String>,
    series: Vec<Key>,
    files: Vec<(StoredFile, Vec<Span>)>,
}

/// How much of one host a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostSpan {
    /// Rows over all files, devices counted apart.
    pub rows: usize,
    /// End of the first interval, UTC milliseconds.
    pub first_at_ms: i64,
    /// End of the last interval, UTC milliseconds.
    pub last_at_ms: i64,
}

impl TableReader {
    /// Opens the files of a table, in the order their rows should be read.
    ///
    /// # Errors
    /// When a file is missing, damaged, too old or too new.
    pub fn open(table: Table, paths: &[PathBuf]) -> Result<Self, StoreError> {
        let mut opened = Vec::with_capacity(paths.len());
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut keys: BTreeSet<(String, Vec<String>)> = BTreeSet::new();
        for path in paths {
            let (file, spans) = StoredFile::open(path, table)?;
            for span in &spans {
                if !names.contains(&span.host) {
                    names.insert(span.host.clone());
                }
                if !keys.contains(&(span.host.clone(), span.labels.clone())) {
                    keys.insert((span.host.clone(), span.labels.clone()));
                }
            }
            opened.push((file, spans));
        }
        let hosts: Vec<String> = names.into_iter().collect();
        let host_index = |host: &str| {
            hosts
                .binary_search_by(|known| known.as_str().cmp(host))
                .map_or(u32::MAX, |index| index as u32)
        };
        let series: Vec<Key> = keys
            .into_iter()
            .map(|(host, labels)| Key {
                host: host_index(&host),
                labels,
            })
            .collect();
        let files = opened
            .into_iter()
            .map(|(file, spans)| {
                let mut spans: Vec<Span> = spans
                    .into_iter()
                    .map(|span| {
                        let key = Key {
                            host: host_index(&span.host),
                            labels: span.labels,
                        };
                        Span {
                            series: series.binary_search(&key).map_or(u32::MAX, |index| index as u32),
                            first_row: span.first_row as u32,
                            rows: span.rows as u32,
                            first_at_ms: span.first_at_ms,
                            last_at_ms: span.last_at_ms,
                            step_ms: span.step_ms,
                        }
                    })
                    .collect();
                spans.shrink_to_fit();
                (file, spans)
            })
            .collect();
        Ok(Self {
            table,
            hosts,
            series,
            files,
        })
    }

    /// Gives the hosts of the table, sorted by name.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Finds a host's position in [`TableReader::hosts`].
    #[must_use]
    pub fn host_index(&self, host: &str) -> Option<usize> {
        self.hosts.binary_search_by(|known| known.as_str().cmp(host)).ok()
    }

    /// Splits the hosts into runs that share row groups, so that each group is decoded once.
    #[must_use]
    pub fn blocks(&self) -> Vec<Range<usize>> {
        let Some((file, spans)) = self.files.iter().max_by_key(|(_, spans)| spans.len()) else {
            return Vec::new();
        };
        let mut blocks: Vec<Range<usize>> = Vec::new();
        let mut start = 0;
        for group in file.groups.iter().skip(1) {
            let at = spans.partition_point(|span| (span.first_row as usize) < group.first_row);
            let Some(span) = spans.get(at) else { break };
            let host = self.series[span.series as usize].host as usize;
            if host > start {
                blocks.push(start..host);
                start = host;
            }
        }
        if start < self.hosts.len() {
            blocks.push(start..self.hosts.len());
        }
        blocks
    }

    /// Reads the series of a run of hosts, sorted by host and labels, each sorted by time.
    ///
    /// Where two files have the same host, labels and time, the rows are merged:
    /// the first file's values stand, the second fills what was unmeasured.
    ///
    /// # Errors
    /// When a file cannot be read or its content does not decode.
    pub fn read(&self, hosts: Range<usize>, columns: &[ColumnId]) -> Result<Vec<Series>, StoreError> {
        let first = self.series.partition_point(|key| (key.host as usize) < hosts.start);
        let end = self.series.partition_point(|key| (key.host as usize) < hosts.end);
        let mut out: Vec<Series> = self.series[first..end]
            .iter()
            .map(|key| Series::new(self.table, self.hosts[key.host as usize].clone(), key.labels.clone()))
            .collect();
        self.reserve(first, end, columns, &mut out);
        let mut decoder = ChunkDecoder::default();
        for (file, spans) in &self.files {
            let from = spans.partition_point(|span| (span.series as usize) < first);
            let to = spans.partition_point(|span| (span.series as usize) < end);
            for group in &file.groups {
                // A row group holds whole series.
                let rows = group.first_row..group.first_row + group.rows;
                let begin = from + spans[from..to].partition_point(|span| (span.first_row as usize) < rows.start);
                let until = from + spans[from..to].partition_point(|span| (span.first_row as usize) < rows.end);
                if begin < until {
                    self.read_group(
                        file,
                        group,
                        &spans[begin..until],
                        (first, columns),
                        &mut decoder,
                        &mut out,
                    )?;
                }
            }
        }
        for series in &mut out {
            for column in &mut series.columns {
                match column {
                    Some(values) if values.is_empty() => *column = None,
                    Some(values) => values.resize(series.at_ms.len(), NOT_MEASURED),
                    None => {}
                }
            }
            merge_equal_times(series);
        }
        out.retain(|series| !series.is_empty());
        Ok(out)
    }

    /// Appends one row group's part of the wanted series.
    fn read_group(
        &self,
        file: &StoredFile,
        group: &Group,
        spans: &[Span],
        (first, columns): (usize, &[ColumnId]),
        decoder: &mut ChunkDecoder,
        out: &mut [Series],
    ) -> Result<(), StoreError> {
        let place = |span: &Span| {
            let start = span.first_row as usize - group.first_row;
            start..start + span.rows as usize
        };
        if spans.iter().any(|span| span.step_ms.is_none() && span.rows > 1) {
            let decoded = file.decode_at(group, decoder)?;
            for span in spans {
                out[span.series as usize - first]
                    .at_ms
                    .extend_from_slice(&decoded[place(span)]);
            }
        } else {
            for span in spans {
                let step = span.step_ms.unwrap_or(0);
                let times = (0..i64::from(span.rows)).map(|row| span.first_at_ms + row * step);
                out[span.series as usize - first].at_ms.extend(times);
            }
        }
        for &column in columns {
            let Some(decoded) = file.decode_number(group, column.index(), decoder)? else {
                continue;
            };
            for span in spans {
                let wanted = place(span);
                let series = &mut out[span.series as usize - first];
                let before = series.at_ms.len() - wanted.len();
                append_measured(&mut series.columns[column.index()], &decoded[wanted], before);
            }
        }
        Ok(())
    }

    /// Decodes every chunk of the columns, on all cores, and throws the numbers away; gives how many there were.
    ///
    /// Finds damage that opening does not see, and is the floor that any
    /// statistic over the columns is measured against.
    ///
    /// # Errors
    /// When a chunk cannot be read or decoded.
    pub fn decode_all(&self, columns: &[ColumnId]) -> Result<usize, StoreError> {
        use rayon::prelude::*;
        let groups: Vec<(&StoredFile, &Group)> = self
            .files
            .iter()
            .flat_map(|(file, _)| file.groups.iter().map(move |group| (file, group)))
            .collect();
        groups
            .into_par_iter()
            .map_init(ChunkDecoder::default, |decoder, (file, group)| {
                let mut count = 0;
                for &column in columns {
                    let decoded = file.decode_number(group, column.index(), decoder)?;
                    count += std::hint::black_box(decoded).map_or(0, <[i64]>::len);
                }
                Ok(count)
            })
            .try_reduce(|| 0, |a, b| Ok(a + b))
    }

    /// Says how much each host has, in the order of [`TableReader::hosts`], without decoding anything.
    #[must_use]
    pub fn spans(&self) -> Vec<HostSpan> {
        let mut spans = vec![
            HostSpan {
                rows: 0,
                first_at_ms: i64::MAX,
                last_at_ms: i64::MIN
            };
            self.hosts.len()
        ];
        for span in self.files.iter().flat_map(|(_, spans)| spans) {
            let host = &mut spans[self.series[span.series as usize].host as usize];
            host.rows += span.rows as usize;
            host.first_at_ms = host.first_at_ms.min(span.first_at_ms);
            host.last_at_ms = host.last_at_ms.max(span.last_at_ms);
        }
        spans
    }

    /// Counts the rows of the table.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.files
            .iter()
            .flat_map(|(_, spans)| spans)
            .map(|span| span.rows as usize)
            .sum()
    }

    fn reserve(&self, first: usize, end: usize, columns: &[ColumnId], out: &mut [Series]) {
        let mut rows = vec![0_usize; end - first];
        for (_, spans) in &self.files {
            let from = spans.partition_point(|span| (span.series as usize) < first);
            for span in spans[from..].iter().take_while(|span| (span.series as usize) < end) {
                rows[span.series as usize - first] += span.rows as usize;
            }
        }
        for (series, rows) in out.iter_mut().zip(rows) {
            series.at_ms.reserve_exact(rows);
            for column in columns {
                series.columns[column.index()] = Some(Vec::with_capacity(rows));
            }
        }
    }
}

/// Appends values to a column, which is first filled up to `rows_before` where it lags behind.
fn append_measured(column: &mut Option<Vec<i64>>, values: &[i64], rows_before: usize) {
    let column = column.get_or_insert_with(Vec::new);
    column.resize(rows_before, NOT_MEASURED);
    column.extend_from_slice(values);
}

/// Brings rows into time order and makes one row of rows with the same time.
fn merge_equal_times(series: &mut Series) {
    for column in &mut series.columns {
        if column
            .as_ref()
            .is_some_and(|raw| raw.iter().all(|&raw| raw == NOT_MEASURED))
        {
            *column = None;
        }
    }
    if series.at_ms.windows(2).all(|pair| pair[0] < pair[1]) {
        return;
    }
    series.sort_by_time();
    let mut keep: Vec<usize> = Vec::with_capacity(series.len());
    for row in 0..series.len() {
        match keep.last() {
            Some(&kept) if series.at_ms[kept] == series.at_ms[row] => {
                for column in series.columns.iter_mut().flatten() {
                    if column[kept] == NOT_MEASURED {
                        column[kept] = column[row];
                    }
                }
            }
            _ => keep.push(row),
        }
    }
    series.keep_rows(&keep);
}
