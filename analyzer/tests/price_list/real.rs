//! The excerpts of real files; hand-computed.

use std::fs;
use std::path::PathBuf;

use sizewright_analyzer::catalog::commitment::{CommitmentTerm, Upfront};
use sizewright_analyzer::catalog::listed::SavingsPlan;
use sizewright_analyzer::catalog::operating_system::{OperatingSystem, SqlServerEdition};
use sizewright_analyzer::catalog::price_list::{Commitment, LeftOut, ListError, Offer, Subject, peek};

use super::lists::read_as;

/// Gives an excerpt, or says that it is not there.
fn sample(name: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/catalog/pricelist_samples")
        .join(name);
    let bytes = fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("not run: {} is not there", path.display());
    }
    bytes
}

#[test]
fn the_excerpt_of_ec2_has_one_row_that_the_catalog_takes_in_virginia() {
    let Some(bytes) = sample("AmazonEC2_index_sample_2025-09-12.csv") else {
        return;
    };
    let list = read_as(&bytes, "us-east-1", Some(Offer::Ec2), 1000).unwrap();
    let prices: Vec<_> = list.prices.iter().collect();
    let [(key, amount)] = prices.as_slice() else {
        panic!("{prices:?}");
    };
    assert_eq!(amount.to_string(), "0.634");
    assert_eq!(
        key.subject,
        Subject::Ec2 {
            shape: "c5d.2xlarge".into(),
            system: OperatingSystem::Rhel,
            sql_server: Some(SqlServerEdition::Web),
            own_license: false,
        }
    );
    assert_eq!(list.version, "20250912225308");
}

#[test]
fn the_dedicated_rows_of_tokyo_are_not_taken() {
    let Some(bytes) = sample("AmazonEC2_index_sample_2025-09-12.csv") else {
        return;
    };
    // c6i.large in Tokyo is there on demand and under twelve terms: on dedicated tenancy.
    let error = read_as(&bytes, "ap-northeast-1", None, 64).unwrap_err();
    assert!(matches!(error, ListError::Nothing(_)), "{error:?}");
    let error = read_as(&bytes, "eu-north-1", None, 64).unwrap_err();
    let ListError::OtherRegion { found, .. } = error else {
        panic!("{error:?}");
    };
    assert!(found.contains(&"ap-northeast-1".to_string()), "{found:?}");
}

#[test]
fn the_excerpt_of_the_compute_plan_has_one_ubuntu_pro_rate_which_is_not_kept() {
    let Some(bytes) = sample("AWSComputeSavingsPlan_ap-east-2_sample_2025-09-11.csv") else {
        return;
    };
    assert_eq!(peek(&bytes).unwrap().region.as_deref(), Some("ap-east-2"));
    let error = read_as(&bytes, "ap-east-2", None, usize::MAX).unwrap_err();
    assert!(matches!(error, ListError::Nothing(_)), "{error:?}");
    // The same rate for Linux is: 12xlarge, three years, partial upfront.
    let text = String::from_utf8(bytes).unwrap().replace(
        "APE2-BoxUsage:r7g.12xlarge,RunInstances:0g00",
        "APE2-BoxUsage:r7g.12xlarge,RunInstances",
    );
    let list = read_as(text.as_bytes(), "ap-east-2", None, usize::MAX).unwrap();
    let (key, amount) = list.prices.iter().next().unwrap();
    assert_eq!(
        key.commitment,
        Some(Commitment::Savings(
            SavingsPlan::Ec2Instance,
            CommitmentTerm::ThreeYears,
            Upfront::Partial
        ))
    );
    assert_eq!(amount.to_string(), "1.2268");
    assert_eq!(list.left_out[&LeftOut::OtherTenancy], 3);
    assert_eq!(list.left_out[&LeftOut::Reservation], 2);
}

#[test]
fn the_excerpt_of_the_database_plan_is_taken_whole() {
    let Some(bytes) = sample("AWSDatabaseSavingsPlans_ap-south-2_sample_2026-04-22.csv") else {
        return;
    };
    let list = read_as(&bytes, "ap-south-2", None, 7).unwrap();
    assert_eq!(list.offer, Offer::DatabaseSavingsPlans);
    assert_eq!(list.prices.len(), 12);
    assert_eq!(list.rows, 12);
    let rates: Vec<String> = list.prices.values().map(ToString::to_string).collect();
    for rate in ["1.824", "10.976", "0.06545", "3.06688"] {
        assert!(rates.contains(&rate.to_string()), "{rate} in {rates:?}");
    }
}

#[test]
fn indexes_are_no_price_lists() {
    for name in [
        "region_index_sample_2026-01.json",
        "savingsplan_region_index_sample_2026-04.json",
        "service_index_sample_2025-09.json",
        "version_index_sample_2025-09.json",
    ] {
        let Some(bytes) = sample(name) else { return };
        let known = peek(&bytes).unwrap();
        assert!(known.offer.is_none() || known.version.is_none(), "{name}: {known:?}");
        assert!(read_as(&bytes, "us-east-1", None, 100).is_err(), "{name}");
    }
}
