//! From the folder of source tables to the catalog's tables.
//!
//! Input: the CSV files named in their `SOURCES.md`. Output: [`Gathered`]. Each
//! module reads the files of one subject.

mod commitments;
mod cpu;
mod ebs;
mod ec2;
mod nodes;
mod operating_systems;
mod rds;
mod rows;
mod services;
mod transfer;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use sizewright_analyzer::catalog::Source;
use sizewright_analyzer::catalog::tables::Tables;

use self::rows::Rows;
pub use self::rows::SourceError;

/// Day the source tables were put together, as their `SOURCES.md` says.
const BUILT_ON: Date = jiff::civil::date(2026, 11, 22);

/// The catalog's tables, and what the sources have that they leave out or correct.
pub struct Gathered {
    /// The tables.
    pub tables: Tables,
    /// What was left out or corrected, with the reason.
    pub remarks: Vec<String>,
}

/// Reads all source tables.
pub fn gather(folder: &Path) -> Result<Gathered, SourceError> {
    let mut remarks = Vec::new();
    let sources = sources(folder)?;
    let family_scores = cpu::family_scores(folder)?;
    let shapes = ec2::shapes(folder, &family_scores)?;
    let priced = ec2::regions(folder, &shapes, &mut remarks)?;
    let rds = rds::on_demand(folder, &mut remarks)?;
    let cache = nodes::cache(folder)?;
    let search = nodes::search(folder)?;
    let services = services::prices(folder)?;
    Ok(Gathered {
        tables: Tables {
            built_on: BUILT_ON,
            sources,
            regions: ec2::region_names(folder, &priced.regions, &mut remarks)?,
            shapes,
            ec2: priced.regions,
            priced_without_shape: priced.without_shape,
            ebs: ebs::prices(folder, &mut remarks)?,
            spot: ec2::spot(folder)?,
            rds_classes: rds.classes,
            rds: rds.regions,
            rds_licensed: rds::licensed(folder)?,
            rds_other: rds::other(folder)?,
            cache_nodes: cache.nodes,
            cache: cache.regions,
            search_instances: search.instances,
            search: search.regions,
            os_uplifts: operating_systems::uplifts(folder)?,
            os_prices_eu_west_1: operating_systems::eu_west_1(folder)?,
            os_prices_us_east_1: operating_systems::us_east_1(folder)?,
            commitments: commitments::discounts(folder)?,
            database_savings_plan: commitments::database_savings_plan(folder)?,
            products: services::products(&services),
            managed: services::managed(&services),
            egress: transfer::egress(folder)?,
            services,
            family_scores,
            spec_rates: cpu::spec_rates(folder)?,
            spec_power: cpu::spec_power(folder)?,
            lists: BTreeMap::new(),
        },
        remarks,
    })
}

/// Reads where the tables come from, one entry per source.
fn sources(folder: &Path) -> Result<Vec<Source>, SourceError> {
    let mut sources: Vec<Source> = Vec::new();
    for row in Rows::read(folder, "PROVENANCE.csv")?.iter() {
        let table = row.text("file")?.to_owned();
        let key = row.text("source_key")?;
        match sources.iter_mut().find(|source| source.key == key) {
            Some(source) => source.tables.push(table),
            None => sources.push(Source {
                key: key.to_owned(),
                name: row.text("source")?.to_owned(),
                version: row.text("commit_or_version")?.to_owned(),
                dated: row.text("data_date")?.to_owned(),
                licence: row.text("licence")?.to_owned(),
                tables: vec![table],
            }),
        }
    }
    sources.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(sources)
}
