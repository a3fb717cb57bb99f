//! Records of a price list CSV, one at a time, in bounded memory.
//!
//! Input: bytes. Output: the five lines about the file, then rows whose cells
//! are found by the names of line 6. Quoting is `csv-core`'s; its buffers are
//! ours, so that a quote that never closes is an error and not the machine's
//! whole memory.

use std::io::Read;

use csv_core::ReadRecordResult;

use super::collect::{Collector, Terms};
use super::error::ListError;
use super::field::{Field, Row};
use super::offer::Offer;
use super::read::{Identity, Progress};
use super::select;

/// Most bytes of a row; real ones have about 1,200.
const LONGEST_ROW: usize = 64 * 1024;
/// Most cells of a row; real ones have 20 to 91.
const MOST_CELLS: usize = 512;
/// Bytes asked for at a time.
const BLOCK: usize = 256 * 1024;
/// Lines about the file before the heading, at most; there are five.
const MOST_ABOUT: usize = 20;

struct Records<R> {
    source: R,
    parser: csv_core::Reader,
    block: Vec<u8>,
    at: usize,
    filled: usize,
    is_over: bool,
    last_byte: u8,
    cells: Vec<u8>,
    ends: Vec<usize>,
    line: u64,
    bytes: u64,
}

/// Where a record begins, and how many cells it has.
struct Found {
    line: u64,
    cells: usize,
    length: usize,
}

impl<R: Read> Records<R> {
    fn new(source: R) -> Self {
        Self {
            source,
            parser: csv_core::Reader::new(),
            block: vec![0; BLOCK],
            at: 0,
            filled: 0,
            is_over: false,
            last_byte: b'\n',
            cells: vec![0; LONGEST_ROW],
            ends: vec![0; MOST_CELLS],
            line: 1,
            bytes: 0,
        }
    }

    fn next(&mut self) -> Result<Option<Found>, ListError> {
        let (mut length, mut cells) = (0, 0);
        // Empty lines before it do not count: none of a price list is empty.
        let line = self.line;
        loop {
            if self.at == self.filled && !self.is_over {
                self.fill()?;
            }
            let (result, read, written, ended) = self.parser.read_record(
                &self.block[self.at..self.filled],
                &mut self.cells[length..],
                &mut self.ends[cells..],
            );
            self.at += read;
            length += written;
            cells += ended;
            self.line = self.parser.line();
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(ListError::Endless(line));
                }
                ReadRecordResult::Record => {
                    return Ok(Some(Found { line, cells, length }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn fill(&mut self) -> Result<(), ListError> {
        loop {
            match self.source.read(&mut self.block) {
                Ok(0) => {
                    self.is_over = true;
                    (self.at, self.filled) = (0, 0);
                    return Ok(());
                }
                Ok(read) => {
                    self.last_byte = self.block[read - 1];
                    self.bytes += read as u64;
                    (self.at, self.filled) = (0, read);
                    return Ok(());
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ListError::Read(error)),
            }
        }
    }

    fn text(&self, found: &Found) -> Result<&str, ListError> {
        std::str::from_utf8(&self.cells[..found.length]).map_err(|_| ListError::NotText(found.line))
    }
}

/// Gives one cell of a record's text.
fn cell<'t>(text: &'t str, ends: &[usize], number: usize) -> Option<&'t str> {
    let end = *ends.get(number)?;
    let start = match number {
        0 => 0,
        _ => ends[number - 1],
    };
    text.get(start..end)
}

/// Reads a CSV file of an offer into the collector.
pub(super) fn read(
    source: impl Read,
    expected: Option<Offer>,
    collector: &mut Collector,
    progress: &mut Progress<'_>,
) -> Result<Identity, ListError> {
    let mut records = Records::new(source);
    let mut identity = Identity::default();
    let mut heading: Option<Vec<(usize, Field)>> = None;
    let mut width = 0;
    for _ in 0..MOST_ABOUT {
        let Some(found) = records.next()? else {
            return Err(ListError::NoHeading);
        };
        let text = records.text(&found)?;
        let ends = &records.ends[..found.cells];
        if found.cells > 2 {
            width = found.cells;
            heading = Some(
                (0..found.cells)
                    .filter_map(|number| Some((number, Field::of_name(cell(text, ends, number)?)?)))
                    .collect(),
            );
            break;
        }
        if let (Some(name), Some(value)) = (cell(text, ends, 0), cell(text, ends, 1)) {
            identity.put(name, value);
        }
    }
    let heading = heading.ok_or(ListError::NoHeading)?;
    let offer = identity.offer(expected)?;
    demand(offer, &heading)?;
    loop {
        let Some(found) = records.next()? else {
            // A last line without its end may be half a line.
            if records.last_byte != b'\n' {
                return Err(ListError::Cut);
            }
            return Ok(identity);
        };
        if found.cells != width {
            return Err(ListError::Ragged {
                line: found.line,
                found: found.cells,
                expected: width,
            });
        }
        let text = records.text(&found)?;
        let ends = &records.ends[..found.cells];
        let mut row = Row::EMPTY;
        for (number, field) in &heading {
            // Cells that begin within a letter cannot be: both their ends follow a separator.
            row.put(*field, cell(text, ends, *number).unwrap_or_default());
        }
        let place = || format!("line {}", found.line);
        if offer.is_savings_plan() {
            select::take_rate(offer, &row, collector, place)?;
        } else {
            match select::select(offer, &row, collector) {
                Ok(selected) => collector.take(&selected, &terms(&row), place)?,
                Err(why) => collector.leave_out(why),
            }
        }
        progress.tell(records.bytes)?;
    }
}

fn terms<'a>(row: &Row<'a>) -> Terms<'a> {
    Terms {
        term_type: row.cell(Field::TermType),
        lease: row.cell(Field::LeaseContractLength),
        purchase: row.cell(Field::PurchaseOption),
        class: row.cell(Field::OfferingClass),
        from: row.cell(Field::StartingRange),
        unit: row.cell(Field::Unit),
        price: row.cell(Field::PricePerUnit),
        currency: row.cell(Field::Currency),
    }
}

/// Holds a heading to the columns without which products cannot be told apart.
fn demand(offer: Offer, heading: &[(usize, Field)]) -> Result<(), ListError> {
    let common: &[(Field, &str)] = if offer.is_savings_plan() {
        &[
            (Field::DiscountedRate, "DiscountedRate"),
            (Field::Currency, "Currency"),
            (Field::DiscountedUsageType, "DiscountedUsageType"),
            (Field::DiscountedOperation, "DiscountedOperation"),
            (Field::DiscountedRegionCode, "DiscountedRegionCode"),
            (Field::PurchaseOption, "PurchaseOption"),
            (Field::ProductFamily, "Product Family"),
        ]
    } else {
        &[
            (Field::TermType, "TermType"),
            (Field::PricePerUnit, "PricePerUnit"),
            (Field::Currency, "Currency"),
            (Field::Unit, "Unit"),
            (Field::ProductFamily, "Product Family"),
            (Field::LocationType, "Location Type"),
            (Field::UsageType, "usageType"),
        ]
    };
    let own: &[(Field, &str)] = match offer {
        Offer::Ec2 => &[
            (Field::Tenancy, "Tenancy"),
            (Field::CapacityStatus, "CapacityStatus"),
            (Field::PreInstalledSoftware, "Pre Installed S/W"),
            (Field::OperatingSystem, "Operating System"),
            (Field::LicenseModel, "License Model"),
            (Field::Operation, "operation"),
            (Field::InstanceType, "Instance Type"),
        ],
        Offer::Rds => &[
            (Field::DatabaseEngine, "Database Engine"),
            (Field::Operation, "operation"),
            (Field::InstanceType, "Instance Type"),
        ],
        Offer::ElastiCache => &[(Field::CacheEngine, "Cache Engine")],
        Offer::Mq => &[
            (Field::BrokerEngine, "Broker Engine"),
            (Field::DeploymentOption, "Deployment Option"),
        ],
        _ => &[],
    };
    for (field, name) in common.iter().chain(own) {
        if !heading.iter().any(|(_, known)| known == field) {
            return Err(ListError::NoColumn(name));
        }
    }
    Ok(())
}

/// What a first look at a file's beginning tells.
pub(super) fn about(beginning: &[u8]) -> (Identity, Option<String>) {
    let mut records = Records::new(beginning);
    let mut identity = Identity::default();
    let mut region_cell = None;
    let mut rows = 0;
    while let Ok(Some(found)) = records.next() {
        let Ok(text) = records.text(&found) else { break };
        let ends = &records.ends[..found.cells];
        if found.cells == 2 && region_cell.is_none() {
            if let (Some(name), Some(value)) = (cell(text, ends, 0), cell(text, ends, 1)) {
                identity.put(name, value);
            }
        } else if let Some(number) = region_cell {
            // The beginning may end within a row, and first rows may be of zones.
            rows += 1;
            if let Some(region) = cell(text, ends, number)
                && rows < 50
                && is_region(region)
                && found.cells > number + 1
            {
                return (identity, Some(region.to_owned()));
            }
        } else {
            region_cell = (0..found.cells).find(|number| {
                cell(text, ends, *number)
                    .and_then(Field::of_name)
                    .is_some_and(|field| matches!(field, Field::RegionCode | Field::DiscountedRegionCode))
            });
            if region_cell.is_none() {
                break;
            }
        }
    }
    (identity, None)
}

/// Says whether a code is a region's own: a Local Zone's has more parts (`us-east-1-nyc-1`).
fn is_region(code: &str) -> bool {
    let parts: Vec<&str> = code.split('-').collect();
    let number = parts.last().copied().unwrap_or_default();
    (3..=4).contains(&parts.len())
        && number.len() == 1
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && parts[..parts.len() - 1]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
}
