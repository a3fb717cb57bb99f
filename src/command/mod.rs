//! One file per command; here only which is which.

mod anonymise;
mod audit;
mod autoscale;
mod backtest;
mod budget;
mod catalog;
mod catalog_refresh;
mod collect;
mod compare;
mod demo;
mod discover;
mod explain;
mod export;
mod graph;
mod import;
mod import_tool;
mod init;
mod inventory;
mod phases;
mod plan;
mod project;
mod reach;
mod reference;
mod report;
mod status;
mod what_if;

use clap::CommandFactory as _;

use crate::cli::{Arguments, Command};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;

/// Runs what was typed.
pub fn run(arguments: Arguments, printer: &Printer) -> Result<Outcome, Failure> {
    let folder = Folder::at(&arguments.global.directory).with_catalog(arguments.global.catalog.clone());
    match arguments.command {
        Command::Demo(flags) => demo::run(&flags, printer),
        Command::Init(flags) => init::run(&flags, printer),
        Command::Discover(flags) => discover::run(&flags, &folder, printer),
        Command::Collect(flags) => collect::run(&flags, &folder, printer),
        Command::Import(flags) => import::run(&flags, &folder, printer),
        Command::Status(_) => status::run(&folder, printer),
        Command::Plan(flags) => plan::run(&flags, &folder, printer),
        Command::Autoscale(flags) => autoscale::run(&flags, &folder, printer),
        Command::Compare(flags) => what_if::run(&flags, &folder, printer),
        Command::Budget(flags) => budget::run(&flags, &folder, printer),
        Command::Project(flags) => project::run(&flags, &folder, printer),
        Command::Backtest(flags) => backtest::run(&flags, &folder, printer),
        Command::Explain(flags) => explain::run(&flags, &folder, printer),
        Command::Export(flags) => export::run(&flags, &folder, printer),
        Command::Report(flags) => report::run(&flags, &folder, printer),
        Command::Anonymise(flags) => anonymise::run(&flags, &folder, printer),
        Command::Audit => audit::run(&folder, printer),
        Command::Catalog(flags) => catalog::run(&flags, &folder, printer),
        Command::Completions { shell } => {
            let mut bytes = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "sizewright", &mut bytes);
            printer.bytes(&bytes)?;
            Ok(Outcome::Done)
        }
        Command::Reference => {
            printer.data(&reference::markdown(Arguments::command()))?;
            Ok(Outcome::Done)
        }
        Command::Man => {
            let mut bytes = Vec::new();
            clap_mangen::Man::new(Arguments::command()).render(&mut bytes)?;
            printer.bytes(&bytes)?;
            Ok(Outcome::Done)
        }
    }
}

/// The telemetry as it stands, with what is only in the log of a collector yet.
pub struct Telemetry {
    /// Reads both.
    pub store: telemetry::Store,
    /// A collector is at work.
    pub is_growing: bool,
    /// Where the rows of its log are while they are needed.
    _beside: Option<tempfile::TempDir>,
}

/// Gives the telemetry: takes in what a killed collector left in its log; of one at work, reads its log along.
pub fn telemetry(folder: &Folder, printer: &Printer) -> Result<Telemetry, Failure> {
    let root = folder.path("telemetry");
    let failed = |error: collector::campaign::CampaignError| {
        let hint = error.hint();
        let failure = Failure::data(error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    };
    let Some(owner) = collector::log::owner(&root) else {
        let taken_in = collector::campaign::settle(&root).map_err(failed)?;
        if taken_in > 0 {
            printer.note(&format!("took in {taken_in} logs that a killed collector had left"));
        }
        return Ok(Telemetry {
            store: folder.store(),
            is_growing: false,
            _beside: None,
        });
    };
    // The store belongs to the collector: its log becomes telemetry in a folder of our own.
    let beside = tempfile::Builder::new()
        .prefix("sizewright-")
        .tempdir()
        .map_err(|error| Failure::user(error).while_trying("cannot make a temporary folder"))?;
    let live = telemetry::Store::at(beside.path());
    let rows = collector::campaign::copy_live_rows(&root, &live).map_err(failed)?;
    printer.note(&format!(
        "a collector is at work ({owner}); {rows} rows come from its log"
    ));
    Ok(Telemetry {
        store: folder.store().reading_along(&live),
        is_growing: true,
        _beside: Some(beside),
    })
}
