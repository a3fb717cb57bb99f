//! The command line of sizewright: reads what was typed, runs one command, says how it ended.
//!
//! The only code that talks to the user. Data goes to standard output;
//! progress, warnings and hints go to standard error.
//!
//! Memory comes from the system's allocator: one that gives each thread heaps of its own costs `collect`, with a thread
//! per host, several times what the host's connection needs.

mod anonymise;
mod cli;
mod command;
mod failure;
mod folder;
mod interrupt;
mod printer;
mod profiles;
mod progress;
mod refresh;
mod table;
mod units;

use std::process::ExitCode;

use clap::Parser as _;

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
