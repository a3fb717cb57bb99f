//! Builds the embedded price catalog from the folder of its source tables.
//!
//! ```text
//! cargo run -p sizewright-analyzer --example build-catalog -- <folder of CSV files> analyzer/catalog/embedded.catalog
//! ```
//!
//! Equal sources give equal bytes. What a source has and the catalog leaves
//! out, or corrects, is said on stderr with the reason.

#[path = "build-catalog/gather.rs"]
mod gather;

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use sizewright_analyzer::catalog::file;

fn main() -> ExitCode {
    let mut stderr = std::io::stderr().lock();
    match build() {
        Ok(lines) => {
            for line in lines {
                let _ = writeln!(stderr, "{line}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(stderr, "error: {error}");
            let mut cause = error.source();
            while let Some(deeper) = cause {
                let _ = writeln!(stderr, "  caused by: {deeper}");
                cause = deeper.source();
            }
            ExitCode::from(2)
        }
    }
}

fn build() -> Result<Vec<String>, Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(target), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("expected two arguments: the folder of CSV files and the catalog to write".into());
    };
    let gathered = gather::gather(&folder)?;
    let bytes = file::encode(&gathered.tables)?;
    std::fs::write(&target, &bytes)?;
    let mut lines = gathered.remarks;
    lines.push(format!("wrote {} bytes to {}", bytes.len(), target.display()));
    Ok(lines)
}
