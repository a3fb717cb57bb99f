//! Hosts one by one, for what looks at each of them once.
//!
//! A file keeps the rows of some hosts together, so that reading one host
//! decodes its neighbours too. Here a block is decoded once, and its hosts wait
//! until they are asked for; from several threads, in any order.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use telemetry::StoreError;

use super::host::HostSeries;
use super::stream::{CPU_ALONE, Columns, EstateReader, WITH_MAXIMA};

/// Blocks of which hosts wait; the oldest are forgotten.
const BLOCKS_KEPT: usize = 3;
/// The same of CPU alone, about 25 MiB each.
const CPU_BLOCKS_KEPT: usize = 8;
/// Rows of the host table that a block may have to be kept: 16 hosts with 45 days of minutes, about 300 MiB of all columns.
const ROWS_KEPT: usize = 16 * 45 * 1_440;

/// The hosts of a block that nobody asked for yet, by place; empty before it was read.
type Waiting = Arc<Mutex<Option<Vec<Option<HostSeries>>>>>;

/// Reads hosts by name; of neighbours it decodes all at once.
#[derive(Debug)]
pub struct HostByHost<'a> {
    reader: &'a EstateReader,
    columns: Columns,
    /// How many blocks are kept.
    most: usize,
    /// Whether hosts are kept for whoever asks again.
    again: bool,
    blocks: Vec<Range<usize>>,
    kept: Mutex<VecDeque<(usize, Waiting)>>,
}

impl<'a> HostByHost<'a> {
    /// Reads all that [`EstateReader::read_host`] reads.
    #[must_use]
    pub fn new(reader: &'a EstateReader) -> Self {
        Self::of(reader, WITH_MAXIMA, BLOCKS_KEPT, false)
    }

    /// Reads the CPU alone, a fraction of the work, for whoever asks more than once.
    #[must_use]
    pub fn of_cpu(reader: &'a EstateReader) -> Self {
        Self::of(reader, CPU_ALONE, CPU_BLOCKS_KEPT, true)
    }

    fn of(reader: &'a EstateReader, columns: Columns, most: usize, again: bool) -> Self {
        Self {
            most,
            again,
            blocks: reader.blocks(),
            kept: Mutex::new(VecDeque::new()),
            reader,
            columns,
        }
    }

    /// Reads one host; nothing when it is not there.
    ///
    /// # Errors
    /// When a file cannot be read or decoded.
    pub fn read(&self, name: &str) -> Result<Option<HostSeries>, StoreError> {
        let Some(index) = self.reader.index_of(name) else {
            return Ok(None);
        };
        let place = self.blocks.partition_point(|block| block.end <= index);
        let Some(block) = self.blocks.get(place).filter(|block| self.is_kept(block)) else {
            return self.alone(index);
        };
        let waiting = self.waiting(place);
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_none() {
            let read = self.reader.read_columns(block.clone(), self.columns)?;
            *waiting = Some(read.into_iter().map(|(_, series)| Some(series)).collect());
        }
        let host = waiting.as_mut().and_then(|hosts| hosts.get_mut(index - block.start));
        let found = host.and_then(|host| if self.again { host.clone() } else { host.take() });
        drop(waiting);
        match found {
            Some(series) => Ok(Some(series)),
            // It was asked for before.
            None => self.alone(index),
        }
    }

    fn is_kept(&self, block: &Range<usize>) -> bool {
        let rows_a_host = self.reader.host_rows() / self.reader.hosts().len().max(1);
        block.len() > 1 && rows_a_host * block.len() <= ROWS_KEPT
    }

    fn waiting(&self, place: usize) -> Waiting {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, waiting)) = kept.iter().find(|(known, _)| *known == place) {
            return Arc::clone(waiting);
        }
        if kept.len() >= self.most {
            kept.pop_front();
        }
        let waiting = Waiting::default();
        kept.push_back((place, Arc::clone(&waiting)));
        waiting
    }

    fn alone(&self, index: usize) -> Result<Option<HostSeries>, StoreError> {
        let mut read = self.reader.read_columns(index..index + 1, self.columns)?;
        Ok(read.pop().map(|(_, series)| series))
    }
}
