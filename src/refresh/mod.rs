//! `catalog refresh`: from price list files, on disk or on a server, to a catalog that replaces the one in use.
//!
//! Input: regions, offers, and where the files are. Output: a [`Refreshed`]
//! catalog with what was read, what was found odd, and nothing written yet.
//! What a file says is the analyzer's to tell; here are files, hashes and
//! progress.

mod disk;
mod file;
mod place;
mod server;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use analyzer::catalog::price_list::check::{Finding, check};
use analyzer::catalog::price_list::merge::{ReadFile, merge};
use analyzer::catalog::price_list::{Offer, PriceList};
use analyzer::catalog::{Catalog, CatalogOrigin, file as catalog_file};
use jiff::civil::Date;

use crate::failure::Failure;
use crate::interrupt;
use crate::printer::Printer;

pub use self::place::{NAME, Place};

/// What is to be refreshed.
#[derive(Clone, Debug)]
pub struct Request {
    /// Region codes.
    pub regions: Vec<String>,
    /// Offers asked for by name; those that can be had where none is named.
    pub offers: Vec<Offer>,
    /// Where the files are.
    pub from: From,
}

/// Where price list files are.
#[derive(Clone, Debug)]
pub enum From {
    /// A server with AWS's paths, such as `https://pricing.us-east-1.amazonaws.com`.
    Server(String),
    /// A folder, or one file.
    Disk(PathBuf),
}

/// AWS's own server.
pub const AWS: &str = "https://pricing.us-east-1.amazonaws.com";

/// A price list file that lies on this machine.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where it lies.
    path: PathBuf,
    /// What it should be.
    offer: Offer,
    /// The region it is wanted for.
    region: String,
    /// What its hash must be, if anyone said.
    sha256: Option<String>,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// What it says.
    pub list: PriceList,
    /// What it was.
    pub file: ReadFile,
    /// Its name.
    pub name: String,
}

/// A catalog with new price lists in it.
pub struct Refreshed {
    /// It, as it would be read.
    pub catalog: Catalog,
    /// It, as it would be written.
    pub bytes: Vec<u8>,
    /// The files.
    pub read: Vec<Read>,
    /// What the reader should know.
    pub remarks: Vec<String>,
    /// What does not look right.
    pub findings: Vec<Finding>,
    /// Whether files were downloaded, to be removed once the catalog is in place.
    pub is_downloaded: bool,
}

/// Reads the price lists and makes the catalog that they lead to.
pub fn refresh(
    request: &Request,
    base: &Catalog,
    downloads: &Path,
    today: Date,
    printer: &Printer,
) -> Result<Refreshed, Failure> {
    let (found, mut remarks, is_downloaded) = match &request.from {
        From::Disk(path) => {
            let (found, remarks) = disk::find(path, request)?;
            (found, remarks, false)
        }
        From::Server(url) => {
            let brought = server::bring(url, request, downloads, printer)?;
            (brought.found, brought.remarks, true)
        }
    };
    let mut tables = base.tables().clone();
    let mut read = Vec::new();
    for found in &found {
        interrupt::check()?;
        let one = file::read(found, printer).inspect_err(|_| {
            // A download that is wrong is fetched anew the next time; one that was not read to its end is kept.
            if is_downloaded && interrupt::check().is_ok() {
                let _ = std::fs::remove_file(&found.path);
            }
        })?;
        remarks.extend(
            merge(&mut tables, &one.list, &one.file)
                .into_iter()
                .map(|remark| format!("{} {}: {remark}", found.region, found.offer)),
        );
        read.push(one);
    }
    interrupt::check()?;
    let bytes = catalog_file::encode(&tables).map_err(Failure::internal)?;
    drop(tables);
    let catalog =
        Catalog::from_bytes(&bytes, CatalogOrigin::File("the new catalog".into())).map_err(Failure::internal)?;
    let mut findings = Vec::new();
    let regions: BTreeSet<&str> = request.regions.iter().map(String::as_str).collect();
    for region in regions {
        let lists: Vec<&PriceList> = read
            .iter()
            .map(|read| &read.list)
            .filter(|list| list.region == region)
            .collect();
        if !lists.is_empty() {
            findings.extend(check(base, &catalog, &lists, region, today));
        }
    }
    Ok(Refreshed {
        catalog,
        bytes,
        read,
        remarks,
        findings,
        is_downloaded,
    })
}
