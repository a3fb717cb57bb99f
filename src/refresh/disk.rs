//! Which files of a folder are the price lists that are wanted.
//!
//! Names do not matter: a file says itself which offer, version and region it
//! is of. Endings do: `.csv` and `.json`, both also with `.gz`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use analyzer::catalog::price_list::{Offer, Peek, peek};
use anyhow::anyhow;

use super::{Found, Request, file};
use crate::failure::Failure;

/// Folders within folders that are looked into; AWS's own paths have six.
const DEEPEST: usize = 10;
/// Most files that are looked at.
const MOST_FILES: usize = 20_000;
/// Bytes of a file's beginning that are looked at.
const BEGINNING: usize = 128 * 1024;

struct Candidate {
    path: PathBuf,
    peek: Peek,
}

/// Finds the newest file of each offer and region.
pub(super) fn find(from: &Path, request: &Request) -> Result<(Vec<Found>, Vec<String>), Failure> {
    let unreadable =
        |error: std::io::Error| Failure::user(error).while_trying(format!("cannot read `{}`", from.display()));
    let mut files = Vec::new();
    // A file that is named is the one that is meant, whatever it begins with.
    let is_named = !fs::metadata(from).map_err(unreadable)?.is_dir();
    if !is_named {
        walk(from, 0, &mut files)?;
        files.sort();
    } else {
        files.push(from.to_path_buf());
    }
    let sums = sums(from)?;
    let mut candidates: BTreeMap<Offer, Vec<Candidate>> = BTreeMap::new();
    for path in files {
        let beginning = file::beginning(&path, BEGINNING)?;
        let Some(peek) = peek(&beginning) else { continue };
        if let (Some(offer), Some(_)) = (peek.offer, &peek.version) {
            candidates.entry(offer).or_default().push(Candidate { path, peek });
        }
    }
    let wanted: Vec<Offer> = if request.offers.is_empty() {
        candidates.keys().copied().collect()
    } else {
        request.offers.clone()
    };
    let mut found = Vec::new();
    let mut remarks = Vec::new();
    for region in &request.regions {
        let before = found.len();
        for offer in &wanted {
            let of_offer = candidates.get(offer).map(Vec::as_slice).unwrap_or_default();
            match newest(of_offer, region, is_named) {
                Some(candidate) => found.push(Found {
                    sha256: sums.get(&candidate.path).cloned(),
                    path: candidate.path.clone(),
                    offer: *offer,
                    region: region.clone(),
                }),
                None if request.offers.contains(offer) => {
                    return Err(Failure::user(anyhow!(
                        "`{}` has no price list of {} for {region}",
                        from.display(),
                        offer.code()
                    ))
                    .hint(format!(
                        "fetch the region's file (its address is in /offers/v1.0/aws/{}/current/region_index.json) into that folder",
                        offer.code()
                    )));
                }
                None => remarks.push(format!("{region}: no file of {}", offer.code())),
            }
        }
        if found.len() == before {
            return Err(
                Failure::user(anyhow!("`{}` has no price list for {region}", from.display())).hint(
                    "a price list begins with FormatVersion (CSV) or formatVersion (JSON); regional files are taken, with .gz or without",
                ),
            );
        }
    }
    Ok((found, remarks))
}

/// Gives the newest file that is of a region, or may be: JSON does not say before its products.
fn newest<'c>(candidates: &'c [Candidate], region: &str, is_named: bool) -> Option<&'c Candidate> {
    let names_region = |candidate: &Candidate| {
        candidate
            .path
            .iter()
            .any(|part| part.to_string_lossy().contains(region))
    };
    candidates
        .iter()
        .filter(|candidate| match &candidate.peek.region {
            _ if is_named => true,
            Some(known) => known == region,
            None => names_region(candidate) || candidates.len() == 1,
        })
        .max_by_key(|candidate| (candidate.peek.version.clone(), candidate.peek.region.is_some()))
}

fn walk(folder: &Path, depth: usize, into: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| Failure::user(error).while_trying(format!("cannot read `{}`", folder.display()));
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        let kind = fs::metadata(&path).map_err(unreadable)?;
        if kind.is_dir() && depth < DEEPEST {
            walk(&path, depth + 1, into)?;
        } else if kind.is_file() && is_price_list_name(&path) {
            into.push(path);
        }
        if into.len() > MOST_FILES {
            return Err(Failure::user(anyhow!(
                "`{}` has more than {MOST_FILES} files that may be price lists",
                folder.display()
            ))
            .hint("name the folder that holds them alone with `--from DIR`"));
        }
    }
    Ok(())
}

fn is_price_list_name(path: &Path) -> bool {
    let name = path.to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.ends_with(".csv") || name.ends_with(".json")
}

/// Reads SHA256SUMS beside the files, as `sha256sum` writes it.
fn sums(from: &Path) -> Result<BTreeMap<PathBuf, String>, Failure> {
    let folder = if from.is_dir() {
        from
    } else {
        from.parent().unwrap_or(from)
    };
    let path = folder.join("SHA256SUMS");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(Failure::user(error).while_trying(format!("cannot read `{}`", path.display()))),
    };
    Ok(text
        .lines()
        .filter_map(|line| {
            let (sum, name) = line.split_once(char::is_whitespace)?;
            let name = name.trim_start().trim_start_matches('*').trim_start_matches("./");
            Some((folder.join(name), sum.to_lowercase()))
        })
        .collect())
}
