//! Every row filter by itself, and that CSV and JSON of one version say the same.

use proptest::prelude::*;
use rust_decimal::Decimal;
use sizewright_analyzer::catalog::VolumeType;
use sizewright_analyzer::catalog::commitment::{CommitmentClass, CommitmentTerm, Upfront};
use sizewright_analyzer::catalog::operating_system::{OperatingSystem, SqlServerEdition};
use sizewright_analyzer::catalog::price_list::{Commitment, Key, LeftOut, Offer, Subject, VolumePart};

use super::lists::{REGION, classes, ec2_csv, ec2_json, rds, read_as, read_here, savings_csv, small_csv, types};

fn linux(shape: &str) -> Key {
    Key {
        subject: Subject::Ec2 {
            shape: shape.into(),
            system: OperatingSystem::Linux,
            sql_server: None,
            own_license: false,
        },
        commitment: None,
        at_once: false,
    }
}

fn usd(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn a_plain_row_is_the_linux_price() {
    let list = read_here(&small_csv(&[&[]])).unwrap();
    assert_eq!(
        list.prices.into_iter().collect::<Vec<_>>(),
        [(linux("m7i.xlarge"), usd("0.24"))]
    );
    assert_eq!(list.published.to_string(), "2026-05-07");
    assert_eq!((list.offer, list.version.as_str()), (Offer::Ec2, "20260507192915"));
}

#[test]
fn every_filter_leaves_its_row_out() {
    let cases: &[(&str, &str, LeftOut)] = &[
        ("Tenancy", "Dedicated", LeftOut::OtherTenancy),
        ("Tenancy", "Host", LeftOut::OtherTenancy),
        ("CapacityStatus", "UnusedCapacityReservation", LeftOut::Reservation),
        ("CapacityStatus", "AllocatedCapacityReservation", LeftOut::Reservation),
        ("usageType", "APS1-UnusedBox:m7i.xlarge", LeftOut::Reservation),
        ("usageType", "APS1-HostBoxUsage:m7i.xlarge", LeftOut::Reservation),
        ("Location Type", "AWS Local Zone", LeftOut::OtherPlace),
        ("Region Code", "ap-southeast-1-bkk-1", LeftOut::OtherPlace),
        ("Region Code", "ap-southeast-2", LeftOut::OtherPlace),
        ("Product Family", "Dedicated Host", LeftOut::NotKept),
        ("Operating System", "NA", LeftOut::NotKept),
        ("License Model", "NA", LeftOut::NotKept),
        ("Pre Installed S/W", "SQL Express", LeftOut::NotKept),
        ("operation", "RunInstances:0002", LeftOut::UnfamiliarOperation),
        ("operation", "RunInstances:SV001", LeftOut::UnfamiliarOperation),
        ("Unit", "GB-Mo", LeftOut::UnfamiliarUnit),
        ("PricePerUnit", "0.0000000000", LeftOut::Free),
        ("StartingRange", "100", LeftOut::LaterTier),
        ("TermType", "Spot", LeftOut::OtherTerms),
    ];
    for (column, value, why) in cases {
        let other = [("Instance Type", "m7i.large"), (*column, *value)];
        let list = read_here(&small_csv(&[&[], &other])).unwrap();
        assert_eq!(list.prices.len(), 1, "{column} {value}");
        assert_eq!(
            list.left_out.get(why),
            Some(&1),
            "{column} {value}: {:?}",
            list.left_out
        );
        assert_eq!(list.rows, 2);
    }
}

#[test]
fn systems_and_licences_are_told_apart() {
    let row = |system, software, license, operation, price| {
        vec![
            ("Operating System", system),
            ("Pre Installed S/W", software),
            ("License Model", license),
            ("operation", operation),
            ("PricePerUnit", price),
        ]
    };
    let free = "No License required";
    let rows = [
        row("Windows", "NA", free, "RunInstances:0002", "0.4"),
        row("Windows", "NA", "Bring your own license", "RunInstances:0800", "0.24"),
        row("Windows", "SQL Std", free, "RunInstances:0006", "0.9"),
        row("RHEL", "NA", free, "RunInstances:0010", "0.3"),
        row(
            "Red Hat Enterprise Linux with HA",
            "NA",
            free,
            "RunInstances:1010",
            "0.32",
        ),
        row("SUSE", "NA", free, "RunInstances:000g", "0.35"),
        row("Ubuntu Pro", "NA", free, "RunInstances:0g00", "0.25"),
    ];
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    let list = read_here(&small_csv(&rows)).unwrap();
    assert_eq!(list.prices.len(), 7, "{:?}", list.left_out);
    let with_sql = Key {
        subject: Subject::Ec2 {
            shape: "m7i.xlarge".into(),
            system: OperatingSystem::Windows,
            sql_server: Some(SqlServerEdition::Standard),
            own_license: false,
        },
        commitment: None,
        at_once: false,
    };
    assert_eq!(list.prices[&with_sql], usd("0.9"));
}

#[test]
fn a_reserved_rate_is_an_hour_and_a_fee() {
    let terms = [
        ("TermType", "Reserved"),
        ("LeaseContractLength", "3yr"),
        ("PurchaseOption", "Partial Upfront"),
        ("OfferingClass", "convertible"),
    ];
    let hour: Vec<_> = terms.into_iter().chain([("PricePerUnit", "0.05")]).collect();
    let fee: Vec<_> = terms
        .into_iter()
        .chain([("PricePerUnit", "1314"), ("Unit", "Quantity"), ("StartingRange", "")])
        .collect();
    let list = read_here(&small_csv(&[&[], &hour, &fee])).unwrap();
    let key = |at_once| Key {
        commitment: Some(Commitment::Reserved(
            CommitmentTerm::ThreeYears,
            CommitmentClass::Convertible,
            Upfront::Partial,
        )),
        at_once,
        ..linux("m7i.xlarge")
    };
    assert_eq!(list.prices[&key(false)], usd("0.05"));
    assert_eq!(list.prices[&key(true)], usd("1314"));
}

#[test]
fn two_prices_for_one_thing_are_neither() {
    let dearer = [("PricePerUnit", "0.25")];
    let other = [("Instance Type", "m7i.large"), ("PricePerUnit", "0.12")];
    let list = read_here(&small_csv(&[&[], &dearer, &other])).unwrap();
    assert_eq!(list.prices.keys().collect::<Vec<_>>(), [&linux("m7i.large")]);
    assert_eq!(list.conflicts.len(), 1);
    assert_eq!(
        (list.conflicts[0].first, list.conflicts[0].second),
        (usd("0.24"), usd("0.25"))
    );
}

#[test]
fn throughput_priced_by_gib_is_kept_by_mib() {
    let row = [
        ("Product Family", "Provisioned Throughput"),
        ("usageType", "APS1-EBS:VolumeP-Throughput.gp3"),
        ("Unit", "GiBps-mo"),
        ("PricePerUnit", "49.152"),
    ];
    let list = read_here(&small_csv(&[&row])).unwrap();
    let key = Key {
        subject: Subject::Volume(VolumeType::Gp3, VolumePart::Throughput),
        commitment: None,
        at_once: false,
    };
    assert_eq!(list.prices[&key], usd("0.048"));
}

#[test]
fn a_file_from_before_region_codes_is_told_by_its_usage_types() {
    let list = read_here(&small_csv(&[&[("Region Code", "")]])).unwrap();
    assert_eq!(list.prices.len(), 1);
}

#[test]
fn csv_and_json_of_ec2_say_the_same() {
    let types = &types()[..40];
    let csv = read_here(&ec2_csv(types, u64::MAX)).unwrap();
    let json = read_as(&ec2_json(types), REGION, Some(Offer::Ec2), 4096).unwrap();
    // Seventeen systems, and twenty rows of terms for each of four.
    assert!(csv.prices.len() > 40 * 90, "{}", csv.prices.len());
    assert_eq!(csv.prices, json.prices);
    assert_eq!(csv.capacities, json.capacities);
    assert_eq!((csv.version, csv.published), (json.version, json.published));
    assert!(csv.conflicts.is_empty() && json.conflicts.is_empty());
}

#[test]
fn csv_and_json_of_rds_say_the_same() {
    let classes = classes();
    let (csv, json) = rds(&classes);
    let csv = read_here(&csv).unwrap();
    let json = read_here(&json).unwrap();
    assert_eq!(csv.offer, Offer::Rds);
    assert_eq!(csv.prices, json.prices);
    let io_optimized = csv
        .prices
        .keys()
        .filter(|key| key.commitment.is_none() && matches!(key.subject, Subject::Rds { .. }))
        .count();
    let expected: usize = classes
        .iter()
        .map(|class| if class.engine.starts_with("aurora") { 1 } else { 2 })
        .sum();
    assert_eq!(io_optimized, expected);
}

#[test]
fn savings_plans_are_told_by_what_they_discount() {
    let types = &types()[..10];
    let list = read_here(&savings_csv(types)).unwrap();
    assert_eq!(list.offer, Offer::ComputeSavingsPlans);
    // Linux, Windows and RHEL under two plans, two terms, three ways of paying; SQL Server is not kept.
    assert_eq!(list.prices.len(), 10 * 3 * 12);
    assert_eq!(list.left_out[&LeftOut::OtherTenancy], 10 * 4 * 12);
    assert_eq!(list.left_out[&LeftOut::Reservation], 10 * 4 * 12);
    assert_eq!(list.left_out[&LeftOut::NotKept], 10 * 12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn neither_blocks_nor_the_order_of_rows_matter(block in 1_usize..5_000, turned in 0_usize..40, seed in any::<u64>()) {
        let types = types();
        let from = (seed % 800) as usize;
        let bytes = ec2_csv(&types[from..from + 2], u64::MAX);
        let expected = read_here(&bytes).unwrap();
        prop_assert_eq!(&read_as(&bytes, REGION, None, block).unwrap(), &expected);
        let text = String::from_utf8(bytes).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        let (heading, rows) = lines.split_at_mut(6);
        let middle = turned % rows.len();
        rows.rotate_left(middle);
        rows.swap(0, 1);
        let mixed = format!("{}\n{}\n", heading.join("\n"), rows.join("\n"));
        prop_assert_eq!(&read_here(mixed.as_bytes()).unwrap().prices, &expected.prices);
    }

    #[test]
    fn the_order_of_columns_does_not_matter(turn in 0_usize..86) {
        let types = types();
        let text = String::from_utf8(ec2_csv(&types[..1], u64::MAX)).unwrap();
        let expected = read_here(text.as_bytes()).unwrap();
        let mut turned = String::new();
        for (number, line) in text.lines().enumerate() {
            if number < 5 {
                turned.push_str(line);
            } else {
                // Generated cells hold no quotation marks or commas within, but for features and descriptions.
                let mut reader = csv_cells(line);
                reader.rotate_left(turn);
                turned.push_str(&reader.join(","));
            }
            turned.push('\n');
        }
        prop_assert_eq!(read_here(turned.as_bytes()).unwrap().prices, expected.prices);
    }
}

/// Splits a line at commas outside quotation marks.
fn csv_cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        quoted ^= letter == '"';
        if letter == ',' && !quoted {
            cells.push(String::new());
        } else {
            cells.last_mut().unwrap().push(letter);
        }
    }
    cells
}
