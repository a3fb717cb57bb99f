//! `init DIR`: a new assessment, with commented files to start from.

use std::fs;

use analyzer::catalog::Catalog;
use analyzer::policy::Assessment;

use crate::cli::Init;
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;

const TEMPLATE: &str = include_str!("init/assessment.toml");

/// Starts an assessment.
pub fn run(flags: &Init, printer: &Printer) -> Result<Outcome, Failure> {
    Catalog::embedded()
        .offers(&flags.region)
        .map_err(|error| Failure::user(error).hint("`--region` takes a code such as ap-southeast-1"))?;
    let folder = Folder::at(&flags.folder);
    let path = folder.path("assessment.toml");
    if path.exists() {
        return Err(Failure::user(anyhow::anyhow!("`{}` exists already", path.display()))
            .hint("edit it, or start the assessment in another folder"));
    }
    fs::create_dir_all(&flags.folder)
        .map_err(|error| Failure::user(error).while_trying(format!("cannot create `{}`", flags.folder.display())))?;
    let name = flags
        .folder
        .file_name()
        .map_or("assessment".to_string(), |name| name.to_string_lossy().into_owned());
    let quoted = |text: &str| toml::Value::String(text.to_string()).to_string();
    let text = TEMPLATE
        .replace("{name}", &quoted(&name))
        .replace("{region}", &quoted(&flags.region))
        .replace("{time_zone}", &quoted(&flags.time_zone));
    Assessment::from_toml(&text).map_err(Failure::user)?;
    folder.write("assessment.toml", text.as_bytes())?;
    folder.write("hosts.toml", collector::hosts::template().as_bytes())?;
    printer.note(&format!("wrote {} and hosts.toml beside it", path.display()));
    printer.hint(&format!(
        "name the hosts in hosts.toml and try them with `sizewright -C {0} collect --check`, or bring in files with \
         `sizewright -C {0} import csv|parquet FILE`",
        flags.folder.display()
    ));
    Ok(Outcome::Done)
}
