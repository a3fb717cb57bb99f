//! How fast is an estate written, and how many bytes does a host's minute take on disk?
//!
//! `cargo run --release -p sizewright-sample-data --example weigh -- HOSTS DAYS`,
//! or `… -- demo`; the store is removed again unless a folder for it is named.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use sizewright_sample_data::{bench, payments_company};
use telemetry::{Store, Table};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let temporary = tempfile::tempdir()?;
    let (what, folder) = match arguments.as_slice() {
        ["demo", rest @ ..] => (None, rest.first()),
        [hosts, days, rest @ ..] => (Some((hosts.parse()?, days.parse()?)), rest.first()),
        _ => return Err("say how many hosts and days, or `demo`".into()),
    };
    let folder = folder.map_or(temporary.path(), |folder| Path::new(*folder));
    let store = Store::at(folder);
    let begin = Instant::now();
    let origin = match what {
        None => payments_company(1).write(&store, |_, _| {})?,
        Some((hosts, days)) => bench::write_estate(&store, hosts, days, 1, |_, _| {})?,
    };
    let seconds = begin.elapsed().as_secs_f64();
    let minutes = origin.rows[Table::Host.name()] as f64;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{minutes} host-minutes in {seconds:.2} s: {:.2} million a second",
        minutes / seconds / 1e6
    )?;
    let mut total = 0;
    for table in origin.rows.keys() {
        let mut bytes = 0;
        for file in std::fs::read_dir(folder.join(table))? {
            bytes += file?.metadata()?.len();
        }
        writeln!(
            out,
            "{table}: {bytes} bytes, {:.2} a host-minute",
            bytes as f64 / minutes
        )?;
        total += bytes;
    }
    writeln!(
        out,
        "together: {total} bytes, {:.2} a host-minute",
        total as f64 / minutes
    )?;
    Ok(())
}
