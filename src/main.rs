//! The command line of sizewright: reads what was typed, runs one command, says how it ended.
//!
//! The only code that talks to the user. Data goes to standard output;
//! progress, warnings and hints go to standard error.

mod anonymise;
mod cli;
mod command;
mod failure;
mod folder;
mod interrupt;
mod printer;
mod progress;
mod table;
mod units;

use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let printer = printer::Printer::new(&arguments.global);
    interrupt::listen();
    let ended = command::run(arguments, &printer);
    match ended {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            printer.failure(&failure);
            failure.exit_code()
        }
    }
}
