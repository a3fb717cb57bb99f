//! `import sar|nmon|rvtools|… FILE…`: exports of other tools, or a dry run.

use std::path::PathBuf;

use collector::import::{
    Progress, ServerRequest, Tool, ToolOptions, ToolReport, ToolRequest, Watch, fetch_prometheus, import_tool, try_tool,
};
use jiff::tz::TimeZone;
use telemetry::Inventory;
use telemetry::inventory::add;
use telemetry::untrusted::for_terminal;

use super::import::{failure, imported, previewed};
use crate::cli::{Format, Import, ImportKind};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::interrupt::INTERRUPTED;
use crate::printer::Printer;
use crate::progress;

/// Imports files; one that is damaged is named, and the others come in.
pub fn run(flags: &Import, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let tool = tool(flags.kind)?;
    if flags.mapping.is_some() || flags.table.is_some() {
        return Err(Failure::user(anyhow::anyhow!(
            "`--mapping` and `--table` are for `import csv` and `import parquet`; `import {}` knows its columns",
            tool.name()
        )));
    }
    let unsaid = &flags.unsaid;
    let zone = match &unsaid.time_zone {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name).map_err(|error| {
            Failure::user(error)
                .while_trying(format!("`{}` is not a time zone", for_terminal(name)))
                .hint("expected an IANA name such as Asia/Ho_Chi_Minh")
        })?,
    };
    let options = ToolOptions {
        zone,
        host: unsaid.host.clone(),
        vcpus: unsaid.vcpus.map(f64::from),
        at_ms: unsaid.at.map(|at| at.as_millisecond()),
        cache_is_available: unsaid.cache_is_available,
    };
    let fetched = fetched(tool, flags, printer)?;
    let files = fetched.as_ref().map_or(&flags.files, |(_, files)| files);
    let request = ToolRequest {
        paths: files,
        tool,
        options: &options,
    };
    let bar = progress::bytes(printer, 0, "importing");
    let show = |progress: Progress| {
        bar.set_length(progress.bytes_total);
        bar.set_position(progress.bytes_done);
        bar.set_message(progress.step.in_words());
    };
    let watch = Watch {
        progress: &show,
        cancelled: &INTERRUPTED,
    };
    let store = folder.store();
    let outcome = if flags.dry_run {
        let known = folder.path("telemetry").is_dir().then_some(&store);
        try_tool(known, &request, &watch)
    } else {
        import_tool(&store, &request, &watch)
    };
    bar.finish_and_clear();
    let report = outcome.map_err(failure)?;
    if !flags.dry_run && !report.facts.is_empty() {
        let newer = Inventory {
            facts: report.facts.clone(),
            ..Inventory::default()
        };
        add(&folder.path("inventory"), newer)?;
    }
    tell(tool, flags, &report, printer)?;
    if report.failed.is_empty() {
        Ok(Outcome::Done)
    } else {
        Ok(Outcome::Partly)
    }
}

/// Asks a server, if one is named; its answers are in a temporary folder as long as they are needed.
fn fetched(
    tool: Tool,
    flags: &Import,
    printer: &Printer,
) -> Result<Option<(tempfile::TempDir, Vec<PathBuf>)>, Failure> {
    let server = &flags.server;
    let (Some(url), Some(from)) = (&server.url, server.from) else {
        return Ok(None);
    };
    if tool != Tool::Prometheus {
        return Err(Failure::user(anyhow::anyhow!("`--url` is for `import prometheus`")));
    }
    let token = match &server.token_file {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Failure::user(error).while_trying(format!("cannot read the token in `{}`", path.display()))
            })?;
            let token = text.trim().to_string();
            if token.is_empty() || token.contains(|letter: char| letter.is_control() || letter == ' ') {
                return Err(Failure::user(anyhow::anyhow!(
                    "`{}` does not hold one token, on one line",
                    path.display()
                )));
            }
            Some(token)
        }
    };
    let folder = tempfile::Builder::new()
        .prefix("sizewright-")
        .tempdir()
        .map_err(|error| Failure::user(error).while_trying("cannot make a temporary folder"))?;
    let request = ServerRequest {
        url,
        from_ms: from.as_millisecond(),
        to_ms: server.to.unwrap_or_else(jiff::Timestamp::now).as_millisecond(),
        step_s: i64::try_from(server.step.as_secs()).unwrap_or(i64::MAX).max(1),
        token: token.as_deref(),
        ca: server.ca.as_deref(),
    };
    let watch = Watch {
        progress: &|_| {},
        cancelled: &INTERRUPTED,
    };
    let files = fetch_prometheus(&request, folder.path(), &watch).map_err(failure)?;
    printer.note(&format!("{}: {} answers", for_terminal(url), files.len()));
    Ok(Some((folder, files)))
}

fn tell(tool: Tool, flags: &Import, report: &ToolReport, printer: &Printer) -> Result<(), Failure> {
    for (path, origin) in &report.known {
        printer.note(&format!(
            "{}: already imported as {origin}; nothing changed",
            for_terminal(&path.display().to_string())
        ));
    }
    for (path, error) in &report.failed {
        let mut reasons = vec![error.to_string()];
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            reasons.push(cause.to_string());
            source = cause.source();
        }
        let shown = path.display().to_string();
        let text = reasons.join(": ");
        printer.warning(&if text.contains(&shown) {
            format!("left out: {text}")
        } else {
            format!("left out {}: {text}", for_terminal(&shown))
        });
    }
    let Some(imported_now) = &report.imported else {
        return Ok(());
    };
    if printer.format() == Format::Json {
        let json = serde_json::to_string_pretty(imported_now).map_err(Failure::internal)?;
        return printer.data(&format!("{json}\n"));
    }
    let what = match flags.files.as_slice() {
        [] => for_terminal(flags.server.url.as_deref().unwrap_or_default()).into_owned(),
        [one] => for_terminal(&one.display().to_string()).into_owned(),
        many => format!("{} files and folders of {}", many.len(), tool.name()),
    };
    let mut text = imported(&what, imported_now);
    if !report.facts.is_empty() {
        text.push_str(&format!("  {} facts for the inventory\n", report.facts.len()));
    }
    if flags.dry_run {
        text.push_str("first rows as they would be stored\n");
        text.push_str(&previewed(&report.preview));
        text.push_str("nothing was imported\n");
    }
    printer.data(&text)?;
    if !flags.dry_run {
        printer.hint("see what is known now with `sizewright status`, then `sizewright plan`");
    }
    Ok(())
}

fn tool(kind: ImportKind) -> Result<Tool, Failure> {
    Ok(match kind {
        ImportKind::Sar => Tool::Sar,
        ImportKind::Nmon => Tool::Nmon,
        ImportKind::Prometheus => Tool::Prometheus,
        ImportKind::Cloudwatch => Tool::CloudWatch,
        ImportKind::Rvtools => Tool::RvTools,
        ImportKind::Vsphere => Tool::Vsphere,
        ImportKind::AzureMigrate => Tool::AzureMigrate,
        ImportKind::MigrationHub => Tool::MigrationHub,
        ImportKind::DiscoveryAgent => Tool::DiscoveryAgent,
        ImportKind::Stratozone => Tool::StratoZone,
        ImportKind::Zabbix => Tool::Zabbix,
        ImportKind::Pmrep => Tool::Pmrep,
        ImportKind::Csv | ImportKind::Parquet => {
            return Err(Failure::internal(anyhow::anyhow!(
                "CSV and Parquet are imported by their mapping"
            )));
        }
    })
}
