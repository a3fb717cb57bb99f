//! Telemetry without names: the same numbers under other hosts, labels and notes.

use std::collections::BTreeMap;

use telemetry::store::{Origin, SourceFile};
use telemetry::{ColumnId, Series, Store, Table};

use super::Disguise;
use super::inventory::service_name;
use crate::failure::Failure;
use crate::interrupt;

/// Copies every origin with its rows; gives how many rows there were.
pub fn telemetry(from: &Store, to: &Store, disguise: &mut Disguise) -> Result<usize, Failure> {
    let mut rows = 0;
    // Names of every host first: notes are searched for those that are known.
    for table in Table::ALL {
        for host in from.open(table)?.hosts() {
            disguise.host(host);
        }
    }
    for origin in from.origins()? {
        let mut writer = to.begin(&origin.id)?;
        for table in Table::ALL {
            let reader = from.open_origin(table, &origin.id)?;
            let columns: Vec<ColumnId> = (0..table.columns().len())
                .filter_map(|at| table.column_at(at))
                .collect();
            for block in reader.blocks() {
                interrupt::check()?;
                let series: Vec<Series> = reader
                    .read(block, &columns)?
                    .into_iter()
                    .map(|series| renamed(series, disguise))
                    .collect();
                rows += series.iter().map(Series::len).sum::<usize>();
                writer.write(series)?;
            }
        }
        writer.commit(&record(&origin, disguise))?;
    }
    Ok(rows)
}

fn renamed(mut series: Series, disguise: &mut Disguise) -> Series {
    series.host = disguise.host(&series.host);
    for (name, label) in series.table.labels().iter().zip(&mut series.labels) {
        *label = match *name {
            "type" | "metric" => label.clone(),
            "service" => service_name(label, disguise),
            _ => disguise.device(label),
        };
    }
    series
}

/// Gives the record of an origin: names of files, notes and hosts in other words; digests stay, since they name nobody.
fn record(origin: &Origin, disguise: &mut Disguise) -> Origin {
    Origin {
        sources: origin
            .sources
            .iter()
            .map(|source| SourceFile {
                name: disguise.word("file", &source.name),
                ..source.clone()
            })
            .collect(),
        notes: origin.notes.iter().map(|note| disguise.text(note)).collect(),
        quality: origin
            .quality
            .iter()
            .map(|(host, quality)| (disguise.host(host), *quality))
            .collect::<BTreeMap<_, _>>(),
        ..origin.clone()
    }
}
