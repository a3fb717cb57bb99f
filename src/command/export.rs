//! `export KIND`: tables, templates and files that other tools take, from the plan that is there.

use std::path::{Path, PathBuf};

use analyzer::dependency::drawio;
use analyzer::inventory::EstateSheet;
use analyzer::projection::project;
use analyzer::report::{tables, take_away};

use crate::cli::{Export, ExportKind};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::printer::Printer;

/// Months of the projection's tables, as the report has them; `project` writes others.
const PROJECTED_MONTHS: u32 = 36;

/// Writes the files, and says which.
pub fn run(flags: &Export, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    let plan = folder.plan()?;
    let inventory = EstateSheet::of(&folder.inventory()?);
    let map = super::graph::map(&plan.assessment, folder)?;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let name = match flags.kind {
        ExportKind::Tables => {
            let mut all = tables::tables(&plan, &inventory, &map);
            let projected = project(&plan, folder.catalog_of(&plan)?, PROJECTED_MONTHS);
            let what_if = super::report::what_if(&plan, folder, printer)?;
            let comparison = what_if.as_ref().map(|what_if| &what_if.comparison);
            all.extend(tables::tables_to_come(&plan, &projected, comparison));
            for table in &all {
                files.push((
                    format!("{}.csv", table.name),
                    tables::write::csv(table).map_err(Failure::internal)?,
                ));
                files.push((
                    format!("{}.json", table.name),
                    tables::write::json(table).map_err(Failure::internal)?,
                ));
                files.push((
                    format!("{}.parquet", table.name),
                    tables::write::parquet(table).map_err(Failure::internal)?,
                ));
                files.push((
                    format!("{}.md", table.name),
                    tables::write::markdown(table).into_bytes(),
                ));
            }
            let schema = tables::write::schema(&all).map_err(Failure::internal)?;
            files.push(("tables.schema.json".to_string(), schema));
            "tables"
        }
        ExportKind::MigrationHub => {
            let csv = take_away::migration_hub(&plan, &inventory, &map).map_err(Failure::internal)?;
            files.push(("migration-hub-import.csv".to_string(), csv));
            "migration-hub"
        }
        ExportKind::Cloudformation => {
            for (name, text) in take_away::cloudformation(&plan, &map).map_err(Failure::internal)? {
                files.push((name, text.into_bytes()));
            }
            "cloudformation"
        }
        ExportKind::Terraform => {
            for (name, text) in take_away::terraform(&plan, &map).map_err(Failure::internal)? {
                files.push((name, text.into_bytes()));
            }
            "terraform"
        }
        ExportKind::Drawio => {
            files.push(("architecture.drawio".to_string(), drawio(&map).into_bytes()));
            "drawio"
        }
        ExportKind::Mermaid => {
            files.push(("architecture.mmd".to_string(), take_away::mermaid(&map).into_bytes()));
            "mermaid"
        }
    };
    if files.is_empty() {
        printer.warning("the plan proposes nothing on EC2, so there is nothing to write");
        return Ok(Outcome::Partly);
    }
    let out = flags.out.clone().unwrap_or_else(|| folder.path("export").join(name));
    for (name, bytes) in &files {
        printer.note(&format!("wrote {}", write(&out, name, bytes)?.display()));
    }
    Ok(Outcome::Done)
}

fn write(out: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
    let path = out.join(name);
    telemetry::store::write_whole(&path, bytes)?;
    Ok(path)
}
