//! What would an import understand of a file? Looks at the first rows, writes nothing.

use telemetry::store::HostQuality;

use telemetry::ColumnId;

use super::ImportRequest;
use super::error::ImportError;
use super::gather::Gatherer;
use super::instant::written;
use super::layout::Layout;
use super::notes;
use super::report::{Description, PreviewCells, PreviewRow, TableDescription};
use super::rows::{TableRows, Times, tables, times};
use super::sanity::Judge;
use super::source::{Inspected, Kind, Stream, inspect};
use super::survey::survey;

/// Rows that a dry run looks at.
const ROWS: usize = 10_000;
/// Rows that a dry run shows.
const PREVIEW_ROWS: usize = 5;
/// Hosts that a dry run names.
const HOSTS: usize = 20;

/// Says what an import would understand of a file; reads its first rows and writes nothing.
///
/// # Errors
/// Like [`super::import`], as far as the first rows show it.
pub fn describe(request: &ImportRequest<'_>) -> Result<Description, ImportError> {
    let ImportRequest {
        path,
        kind,
        mapping,
        table,
    } = *request;
    let inspected = inspect(path, kind, mapping)?;
    let layout = Layout::new(path, &inspected, mapping, table)?;
    let open = |needs| Stream::open(path, kind, mapping, &inspected, needs, ROWS);
    let Some(batch) = open(layout.needs.clone())?.next_batch()? else {
        return Err(ImportError::Changed {
            path: path.to_path_buf(),
        });
    };
    let batch = batch.head(ROWS);
    layout.check(path, &inspected, &batch)?;
    let times = times(path, &layout, &batch)?;
    let cells = tables(path, &layout, &batch)?;
    let survey = survey(path, &layout, Stream::Once(Some(Box::new(batch))), |_, _| Ok(()))?;
    let mut gatherer = Gatherer::new(&layout, mapping.interval_s);
    gatherer.take(&times, &cells, &survey);
    let mut quality = HostQuality::default();
    gatherer.quality().values().for_each(|host| quality.add(host));
    let mut hosts: Vec<String> = Vec::new();
    for row in 0..times.at_ms.len() {
        let host = times.hosts.get(row);
        if hosts.len() < HOSTS && !hosts.iter().any(|known| known == host) {
            hosts.push(host.to_string());
        }
    }
    let mut warnings = notes::of_layout(&layout, &inspected);
    warnings.extend(notes::of_quality(&quality));
    warnings.extend(not_read_to_the_end(&inspected, times.at_ms.len(), survey.last_at_ms));
    Ok(Description {
        kind,
        native: layout.native,
        separator: (kind == Kind::Csv).then(|| mapping.separator.clone()),
        time_zone: mapping.time_zone.clone(),
        host: layout.host.written(),
        at: layout.at.text.clone(),
        tables: layout.tables.iter().map(described).collect(),
        rows_in_file: inspected.rows,
        rows_looked_at: times.at_ms.len() as u64,
        preview: (0..times.at_ms.len().min(PREVIEW_ROWS))
            .map(|row| preview(&layout, &times, &cells, row))
            .collect(),
        hosts,
        host_count: gatherer.hosts(),
        first_at_ms: survey.first_at_ms,
        last_at_ms: survey.last_at_ms,
        interval_s: mapping.interval_s.or(survey.interval_ms.map(|ms| ms as f64 / 1000.0)),
        quality,
        warnings,
        columns: inspected.columns,
    })
}

fn not_read_to_the_end(inspected: &Inspected, looked_at: usize, last_at_ms: i64) -> Option<String> {
    let more = inspected.rows.is_none_or(|rows| rows > looked_at as u64);
    (more && looked_at >= ROWS).then(|| {
        format!(
            "only the first {looked_at} rows were looked at, up to {}; a value further on may still be refused",
            written(last_at_ms)
        )
    })
}

fn described(table: &super::layout::TableLayout) -> TableDescription {
    let labels = table.table.labels().iter().zip(&table.labels);
    let numbers = table.numbers.iter();
    TableDescription {
        table: table.table,
        columns: labels
            .map(|(name, from)| (name.to_string(), from.written()))
            .chain(numbers.map(|number| {
                let name = table.table.columns()[number.id.index()].name;
                (name.to_string(), number.formula.text.clone())
            }))
            .collect(),
    }
}

fn preview(layout: &Layout, times: &Times, cells: &[TableRows], row: usize) -> PreviewRow {
    let tables = layout.tables.iter().zip(cells).map(|(table, cells)| {
        let mut numbers: Vec<f64> = cells.numbers.iter().map(|numbers| numbers.get(row)).collect();
        let ids: Vec<ColumnId> = table.numbers.iter().map(|number| number.id).collect();
        Judge::new(table.table, &ids).clean(&mut numbers, &mut HostQuality::default());
        PreviewCells {
            table: table.table,
            labels: cells.labels.iter().map(|label| label.get(row).to_string()).collect(),
            numbers: table
                .numbers
                .iter()
                .zip(numbers)
                .map(|(number, value)| {
                    let column = table.table.columns()[number.id.index()];
                    (column.name, column.to_value(column.to_raw(value)))
                })
                .collect(),
        }
    });
    PreviewRow {
        host: times.hosts.get(row).to_string(),
        at_ms: times.at_ms[row],
        tables: tables.collect(),
    }
}
