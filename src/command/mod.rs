//! One file per command; here only which is which.

mod audit;
mod backtest;
mod catalog;
mod collect;
mod demo;
mod explain;
mod import;
mod init;
mod plan;
mod report;
mod status;

use clap::CommandFactory as _;

use crate::cli::{Arguments, Command};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;

/// Runs what was typed.
pub fn run(arguments: Arguments, printer: &Printer) -> Result<Outcome, Failure> {
    let folder = Folder::at(&arguments.global.directory);
    match arguments.command {
        Command::Demo(flags) => demo::run(&flags, printer),
        Command::Init(flags) => init::run(&flags, printer),
        Command::Collect(flags) => collect::run(&flags, &folder, printer),
        Command::Import(flags) => import::run(&flags, &folder, printer),
        Command::Status(_) => status::run(&folder, printer),
        Command::Plan(flags) => plan::run(&flags.flags, &folder, printer),
        Command::Backtest(flags) => backtest::run(&flags, &folder, printer),
        Command::Explain(flags) => explain::run(&flags, &folder, printer),
        Command::Report(flags) => report::run(&flags, &folder, printer),
        Command::Audit => audit::run(&folder, printer),
        Command::Catalog(flags) => catalog::run(&flags, printer),
        Command::Completions { shell } => {
            let mut bytes = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "sizewright", &mut bytes);
            printer.bytes(&bytes)?;
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

/// Gives the store, after taking in what a killed collector left in its log.
///
/// While a collector is at work, its last minutes are not in the store yet; that is said.
fn settled(folder: &Folder, printer: &Printer) -> Result<telemetry::Store, Failure> {
    let telemetry = folder.path("telemetry");
    if let Some(owner) = collector::log::owner(&telemetry) {
        printer.note(&format!(
            "a collector is at work ({owner}); its last quarter of an hour at most is not in here yet"
        ));
    } else {
        let taken_in = collector::campaign::settle(&telemetry).map_err(Failure::data)?;
        if taken_in > 0 {
            printer.note(&format!("took in {taken_in} logs that a killed collector had left"));
        }
    }
    Ok(folder.store())
}
