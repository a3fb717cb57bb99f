//! `import KIND FILE…`: telemetry from files, or a dry run; exports of other tools are in `import_tool`.

use analyzer::plan::explain::when;
use collector::import::{
    Description, ImportError, ImportOutcome, ImportReport, ImportRequest, Kind, Mapping, PreviewRow, Progress, Watch,
    describe, import,
};
use jiff::tz::TimeZone;
use telemetry::untrusted::for_terminal;

use crate::cli::{Format, Import, ImportKind};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::interrupt::INTERRUPTED;
use crate::printer::Printer;
use crate::progress;
use crate::table::Table;

/// Imports files, one after the other; the first that fails stops the rest, and what came before stays.
pub fn run(flags: &Import, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    if !flags.dry_run {
        // An assessment must be there before data goes into its folder.
        folder.assessment()?;
    }
    let kind = match flags.kind {
        ImportKind::Csv => Kind::Csv,
        ImportKind::Parquet => Kind::Parquet,
        _ => return super::import_tool::run(flags, folder, printer),
    };
    let mapping = match &flags.mapping {
        Some(path) => Mapping::read(path).map_err(|error| failure(ImportError::Mapping(error)))?,
        None => Mapping::default(),
    };
    for path in &flags.files {
        let request = ImportRequest {
            path,
            kind,
            mapping: &mapping,
            table: flags.table,
        };
        if flags.dry_run {
            let description = describe(&request).map_err(failure)?;
            if printer.format() == Format::Json {
                let json = serde_json::to_string_pretty(&description).map_err(Failure::internal)?;
                printer.data(&format!("{json}\n"))?;
            } else {
                printer.data(&dry_run(&path.display().to_string(), &description))?;
            }
            continue;
        }
        let bar = progress::bytes(printer, 0, "importing");
        let show = |progress: Progress| {
            bar.set_length(progress.bytes_total);
            bar.set_position(progress.bytes_done);
            bar.set_message(progress.step.in_words());
        };
        let outcome = import(
            &folder.store(),
            &request,
            &Watch {
                progress: &show,
                cancelled: &INTERRUPTED,
            },
        );
        bar.finish_and_clear();
        match outcome.map_err(failure)? {
            ImportOutcome::AlreadyImported { origin, .. } => {
                printer.note(&format!(
                    "{}: already imported as {origin}; nothing changed",
                    path.display()
                ));
            }
            ImportOutcome::Imported(report) => {
                if printer.format() == Format::Json {
                    let json = serde_json::to_string_pretty(&*report).map_err(Failure::internal)?;
                    printer.data(&format!("{json}\n"))?;
                } else {
                    printer.data(&imported(&path.display().to_string(), &report))?;
                }
            }
        }
    }
    if !flags.dry_run {
        printer.hint("see what is known now with `sizewright status`, then `sizewright plan`");
    }
    Ok(Outcome::Done)
}

/// Says whose fault a failed import is.
pub fn failure(error: ImportError) -> Failure {
    if matches!(error, ImportError::Cancelled { .. }) {
        return Failure::interrupted();
    }
    let hint = error.hint();
    let failure = match error {
        ImportError::Store(error) => return Failure::from(error),
        ImportError::WrongKind { .. }
        | ImportError::NoRows { .. }
        | ImportError::BadRow { .. }
        | ImportError::BadValue { .. }
        | ImportError::Missing { .. }
        | ImportError::Parquet { .. }
        | ImportError::Json { .. }
        | ImportError::Workbook { .. }
        | ImportError::Sadf { .. }
        | ImportError::NothingUsable { .. }
        | ImportError::Changed { .. } => Failure::data(error),
        _ => Failure::user(error),
    };
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Writes what came in.
pub fn imported(path: &str, report: &ImportReport) -> String {
    let zone = TimeZone::UTC;
    let mut text = format!(
        "{path}: {} rows of {} hosts as {}\n",
        report.rows_read, report.hosts, report.origin
    );
    text.push_str(&format!(
        "  from {} to {} UTC{}\n",
        when(report.first_at_ms, &zone),
        when(report.last_at_ms, &zone),
        report
            .interval_s
            .map(|interval| format!(", usually every {interval} s"))
            .unwrap_or_default()
    ));
    for (table, rows) in &report.rows {
        text.push_str(&format!("  {rows} rows in table {table}\n"));
    }
    for (name, count) in report.quality.findings() {
        text.push_str(&format!("  odd: {count} {name}\n"));
    }
    if !report.unused_columns.is_empty() {
        text.push_str(&format!(
            "  not used: {}\n",
            for_terminal(&report.unused_columns.join(", "))
        ));
    }
    for note in &report.notes {
        text.push_str(&format!("  note: {}\n", for_terminal(note)));
    }
    text
}

fn dry_run(path: &str, description: &Description) -> String {
    let mut text = format!("{path}: {} file", description.kind);
    if let Some(separator) = &description.separator {
        text.push_str(&format!(", separator {separator:?}"));
    }
    text.push_str(&format!(
        ", {}, times without a zone are {}\n\n",
        if description.native {
            "native columns"
        } else {
            "columns by mapping"
        },
        description.time_zone
    ));
    let mut columns = Table::new(&["column", "type", "examples"]);
    for column in &description.columns {
        columns.row(vec![
            column.name.clone(),
            column.type_name.clone(),
            column.examples.join("  "),
        ]);
    }
    text.push_str(&columns.render(Format::Table));
    text.push_str(&format!(
        "\nhost = {}\nat   = {}\n",
        for_terminal(&description.host),
        for_terminal(&description.at)
    ));
    for table in &description.tables {
        text.push_str(&format!("\ntable {}\n", table.table.name()));
        for (column, formula) in &table.columns {
            text.push_str(&format!("  {column:<26} = {}\n", for_terminal(formula)));
        }
    }
    text.push_str("\nfirst rows as they would be stored\n");
    text.push_str(&previewed(&description.preview));
    text.push_str(&format!(
        "\n{} hosts in the first {} rows, from {} to {} UTC{}\n",
        description.host_count,
        description.rows_looked_at,
        when(description.first_at_ms, &TimeZone::UTC),
        when(description.last_at_ms, &TimeZone::UTC),
        description
            .interval_s
            .map(|interval| format!(", usually every {interval} s"))
            .unwrap_or_default()
    ));
    for (name, count) in description.quality.findings() {
        text.push_str(&format!("odd: {count} {name}\n"));
    }
    for warning in &description.warnings {
        text.push_str(&format!("mind: {}\n", for_terminal(warning)));
    }
    text.push_str("nothing was imported\n");
    text
}

/// Writes rows as they would be stored.
pub fn previewed(rows: &[PreviewRow]) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(&format!(
            "  {} {}\n",
            for_terminal(&row.host),
            when(row.at_ms, &TimeZone::UTC)
        ));
        for cells in &row.tables {
            let numbers: Vec<String> = cells
                .numbers
                .iter()
                .map(|(name, value)| format!("{name} {}", value.map_or("-".to_string(), |value| value.to_string())))
                .collect();
            text.push_str(&format!(
                "    {} {}: {}\n",
                cells.table.name(),
                for_terminal(&cells.labels.join(" ")),
                numbers.join(", ")
            ));
        }
    }
    text
}
