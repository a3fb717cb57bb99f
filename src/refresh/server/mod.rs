//! Which files a server has for a region, and bringing them here.
//!
//! The server has AWS's paths: an offer's `region_index.json` names the file
//! of each region, as JSON; the CSV of the same version stands beside it and is
//! taken where it is there.

mod client;
mod download;

use std::path::{Path, PathBuf};

use analyzer::catalog::price_list::Offer;
use anyhow::anyhow;
use serde_json::Value;

use self::client::Client;
use self::download::{Fetched, Partial};
use super::{Found, Request};
use crate::failure::Failure;
use crate::printer::Printer;

/// What a server had.
pub(super) struct Brought {
    pub(super) found: Vec<Found>,
    pub(super) remarks: Vec<String>,
}

/// Brings the newest file of each offer and region into a folder.
pub(super) fn bring(url: &str, request: &Request, folder: &Path, printer: &Printer) -> Result<Brought, Failure> {
    let client = Client::new(url)?;
    let _inside = client.enter();
    let offers: &[Offer] = if request.offers.is_empty() {
        &Offer::ALL
    } else {
        &request.offers
    };
    let mut wanted = Vec::new();
    let mut remarks = Vec::new();
    for offer in offers {
        let index = index_path(*offer);
        let known = match client.small(&index)? {
            Some(bytes) => regions_of(*offer, &bytes).ok_or_else(|| {
                client.refused(
                    &index,
                    "it is no index of regions",
                    "a proxy or login page may have answered instead",
                )
            })?,
            None => Vec::new(),
        };
        for region in &request.regions {
            match known.iter().find(|(code, _)| code == region) {
                Some((_, path)) => wanted.push((*offer, region.clone(), path.clone())),
                None if request.offers.contains(offer) => {
                    return Err(Failure::user(anyhow!(
                        "{} has no price list of {} for {region}",
                        client.base(),
                        offer.code()
                    ))
                    .hint("see which regions there are in its region_index.json"));
                }
                None => remarks.push(format!("{region}: the server has no file of {}", offer.code())),
            }
        }
    }
    if wanted.is_empty() {
        return Err(
            Failure::user(anyhow!("{} has no price list for what was asked", client.base()))
                .hint("the address stands before /offers/v1.0/aws/…, as https://pricing.us-east-1.amazonaws.com does"),
        );
    }
    let mut found = Vec::new();
    for (offer, region, path) in wanted {
        let fetched = fetch(&client, offer, &region, &path, folder, printer)?;
        found.push(Found {
            path: fetched.path,
            offer,
            region,
            sha256: fetched.sha256,
        });
    }
    Ok(Brought { found, remarks })
}

/// Fetches the CSV of a version, or the JSON where there is none.
fn fetch(
    client: &Client,
    offer: Offer,
    region: &str,
    path: &str,
    folder: &Path,
    printer: &Printer,
) -> Result<Fetched, Failure> {
    let what = format!("fetching {region} {offer}");
    let stem = path.strip_suffix(".json").unwrap_or(path);
    for ending in ["csv", "json"] {
        let path = format!("{stem}.{ending}");
        let partial = Partial::of(folder, &file_name(offer, region, &path, ending));
        if let Some(fetched) = download::fetch(client, &path, &partial, &what, printer)? {
            return Ok(fetched);
        }
    }
    Err(client.refused(
        path,
        "the server answered that it is not there",
        "the index and the files of a mirror must be of one time",
    ))
}

/// Names a file after what it is; its version is part of its address.
fn file_name(offer: Offer, region: &str, path: &str, ending: &str) -> PathBuf {
    let version: String = path
        .split('/')
        .find(|part| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or_else(|| "current".to_string(), |version| version.chars().take(20).collect());
    PathBuf::from(format!("{}-{version}-{region}.{ending}", offer.code()))
}

fn index_path(offer: Offer) -> String {
    let kind = if offer.is_savings_plan() {
        "savingsPlan"
    } else {
        "offers"
    };
    format!("/{kind}/v1.0/aws/{}/current/region_index.json", offer.code())
}

/// Reads an index: region codes and the path of each region's file. Savings plans have an array, offers a map.
fn regions_of(offer: Offer, bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let index: Value = serde_json::from_slice(bytes).ok()?;
    let regions = index.get("regions")?;
    let entry = |value: &Value, field: &str| {
        let code = value.get("regionCode")?.as_str()?.to_string();
        let path = value.get(field)?.as_str()?;
        // A path within the server, so that an index cannot send us elsewhere.
        let is_plain = path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains("..")
            && path
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#');
        is_plain.then(|| (code, path.to_string()))
    };
    if offer.is_savings_plan() {
        let regions = regions.as_array()?;
        Some(regions.iter().filter_map(|value| entry(value, "versionUrl")).collect())
    } else {
        let regions = regions.as_object()?;
        Some(
            regions
                .values()
                .filter_map(|value| entry(value, "currentVersionUrl"))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_index_are_read() {
        let offers = br#"{"regions":{"ap-south-1":{"regionCode":"ap-south-1","currentVersionUrl":"/offers/v1.0/aws/AmazonEC2/20260116160258/ap-south-1/index.json"}}}"#;
        let known = regions_of(Offer::Ec2, offers).unwrap_or_default();
        assert_eq!(known.len(), 1);
        assert_eq!(
            file_name(Offer::Ec2, "ap-south-1", &known[0].1, "csv"),
            PathBuf::from("AmazonEC2-20260116160258-ap-south-1.csv")
        );
        let plans = br#"{"regions":[{"regionCode":"ap-south-2","versionUrl":"/savingsPlan/v1.0/aws/AWSDatabaseSavingsPlans/20260422194203/ap-south-2/index.json"}]}"#;
        assert_eq!(
            regions_of(Offer::DatabaseSavingsPlans, plans).map(|known| known.len()),
            Some(1)
        );
        assert_eq!(regions_of(Offer::Ec2, plans), None);
        assert_eq!(regions_of(Offer::Ec2, b"<html>"), None);
    }

    #[test]
    fn an_index_does_not_send_us_elsewhere() {
        for path in [
            "https://evil.example/x.json",
            "//evil.example/x.json",
            "/a/../../b.json",
            "/a?b",
        ] {
            let text = format!(r#"{{"regions":{{"a":{{"regionCode":"a","currentVersionUrl":"{path}"}}}}}}"#);
            assert_eq!(regions_of(Offer::Ec2, text.as_bytes()), Some(Vec::new()), "{path}");
        }
    }
}
