//! From files on disk: found by what they say, checked, put in use; another assessment is not touched.

use std::fs;

use analyzer::catalog::Catalog;
use sha2::{Digest as _, Sha256};

use super::files::{Assessment, REGION, ec2_csv, gzip, put, said, savings_csv};

#[test]
fn files_on_disk_become_the_catalog_of_one_assessment() {
    let acme = Assessment::new();
    // Names do not matter, and one is packed.
    put(&acme.path("lists/deep/one.csv.gz"), &gzip(&ec2_csv(1100)));
    put(&acme.path("lists/two.csv"), &savings_csv());
    put(&acme.path("lists/notes.csv"), b"host,cpu\n");
    let output = acme.refresh("lists", &["--diff"]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("EC2 Linux") && text.contains("m7i") && text.contains("+10.0"),
        "{text}"
    );
    let before = Catalog::embedded().offer(REGION, "m7i.xlarge").unwrap().unwrap();
    let now: f64 = acme.price("m7i.xlarge").parse().unwrap();
    assert!((now / before.price.amount.approximately() - 1.1).abs() < 1e-6);
    // The catalog in use is the assessment's; elsewhere it is the built-in one.
    let shown = said(&acme.run(&["-C", "acme", "catalog", "show", "m7i.xlarge", "--region", REGION]));
    assert!(shown.contains("price list AmazonEC2 20260507192915"), "{shown}");
    let shown = said(&acme.run(&["catalog", "show", "m7i.xlarge", "--region", REGION]));
    assert!(!shown.contains("price list AmazonEC2"), "{shown}");
    let shown = said(&acme.run(&[
        "-C",
        "acme",
        "--catalog",
        "built-in",
        "catalog",
        "show",
        "m7i.xlarge",
        "--region",
        REGION,
    ]));
    assert!(!shown.contains("price list AmazonEC2"), "{shown}");
    let verified = acme.run(&["-C", "acme", "catalog", "verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
}

#[test]
fn the_same_files_give_the_same_bytes_and_the_one_before_is_kept() {
    let acme = Assessment::new();
    put(&acme.path("lists/a.csv"), &ec2_csv(1000));
    assert!(acme.refresh("lists", &[]).status.success());
    let first = fs::read(acme.catalog()).unwrap();
    assert!(acme.refresh("lists", &[]).status.success());
    assert_eq!(fs::read(acme.catalog()).unwrap(), first);
    put(&acme.path("lists/a.csv"), &ec2_csv(900));
    assert!(acme.refresh("lists", &[]).status.success());
    assert_ne!(fs::read(acme.catalog()).unwrap(), first);
    let former: Vec<_> = fs::read_dir(acme.path("acme/catalog/former")).unwrap().collect();
    assert_eq!(former.len(), 1);
    assert_eq!(fs::read(former[0].as_ref().unwrap().path()).unwrap(), first);
}

#[test]
fn a_dry_run_writes_nothing() {
    let acme = Assessment::new();
    put(&acme.path("lists/a.csv"), &ec2_csv(1100));
    let output = acme.refresh("lists", &["--dry-run", "--diff", "--format", "csv"]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        text.starts_with("region,table,family,price,change,usd_before,usd_after,percent\n"),
        "{text}"
    );
    let line = text.lines().find(|line| line.contains(",m7i.xlarge,")).unwrap();
    assert!(line.ends_with(",10.0") && line.contains(",dearer,"), "{line}");
    assert!(!acme.catalog().exists());
}

#[test]
fn a_sum_that_does_not_hold_is_refused() {
    let acme = Assessment::new();
    let bytes = ec2_csv(1000);
    put(&acme.path("lists/a.csv"), &bytes);
    let sum: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    put(&acme.path("lists/SHA256SUMS"), format!("{sum}  a.csv\n").as_bytes());
    let output = acme.refresh("lists", &["--dry-run"]);
    assert!(output.status.success(), "{}", said(&output));
    put(
        &acme.path("lists/SHA256SUMS"),
        format!("{}  a.csv\n", "0".repeat(64)).as_bytes(),
    );
    let output = acme.refresh("lists", &[]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("its SHA-256 is") && text.contains("hint: "), "{text}");
    assert!(!acme.catalog().exists());
}

#[test]
fn what_is_missing_is_said() {
    let acme = Assessment::new();
    put(&acme.path("lists/a.csv"), &ec2_csv(1000));
    for (from, words, expected) in [
        ("nowhere", vec![], "cannot read `nowhere`"),
        ("acme", vec![], "has no price list for ap-southeast-1"),
        (
            "lists",
            vec!["--offers", "rds"],
            "has no price list of AmazonRDS for ap-southeast-1",
        ),
        (
            "lists",
            vec!["--region", "eu-west-1"],
            "has no price list for eu-west-1",
        ),
        ("lists", vec!["--region", "EU West"], "is not a region code"),
    ] {
        let output = acme.refresh(from, &words);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let output = acme.run(&["catalog", "refresh", "--region", REGION, "--from", "lists"]);
    assert!(said(&output).contains("there is no assessment"), "{}", said(&output));
    let output = acme.run(&[
        "catalog",
        "refresh",
        "--region",
        REGION,
        "--from",
        "lists",
        "--out",
        "own.catalog",
    ]);
    assert!(output.status.success(), "{}", said(&output));
    let shown = said(&acme.run(&["--catalog", "own.catalog", "catalog", "show"]));
    assert!(
        shown.contains("own.catalog") && shown.contains("AWS price list AmazonEC2"),
        "{shown}"
    );
}

#[test]
fn a_plan_names_its_catalog_and_can_be_audited_after_the_next_refresh() {
    let acme = Assessment::new();
    let made = acme.run(&["demo", "--out", "demo", "--no-charts", "--as-of", "2026-11-29"]);
    assert!(
        made.status.success() || made.status.code() == Some(1),
        "{}",
        said(&made)
    );
    put(&acme.path("lists/a.csv"), &ec2_csv(1100));
    let refresh = |words: &[&str]| {
        let mut all = vec![
            "-C", "demo", "catalog", "refresh", "--region", REGION, "--from", "lists",
        ];
        all.extend(words);
        let output = acme.run(&all);
        assert!(output.status.success(), "{}", said(&output));
    };
    refresh(&[]);
    let plan = [
        "-C",
        "demo",
        "plan",
        "--no-scaling",
        "--region",
        REGION,
        "--as-of",
        "2026-11-29",
    ];
    let planned = acme.run(&plan);
    assert!(matches!(planned.status.code(), Some(0 | 1)), "{}", said(&planned));
    let text = fs::read_to_string(acme.path("demo/plan/plan.json")).unwrap();
    let used = Catalog::read(&acme.path("demo/catalog/prices.catalog")).unwrap();
    assert!(text.contains(used.id()), "the plan names the catalog");
    assert!(
        text.contains("AmazonEC2 20260507192915 of 2026-05-07, sha256 "),
        "and its files"
    );
    let host = text
        .split("\"host\":")
        .nth(1)
        .and_then(|rest| rest.split('"').nth(1))
        .unwrap();
    let explained = said(&acme.run(&["-C", "demo", "explain", host]));
    assert!(
        explained.contains("from price list AmazonEC2 20260507192915"),
        "{explained}"
    );
    // A further refresh: the plan's own catalog is found again.
    put(&acme.path("lists/a.csv"), &ec2_csv(900));
    refresh(&[]);
    let audited = acme.run(&["-C", "demo", "audit"]);
    assert!(audited.status.success(), "{}", said(&audited));
    let audited = acme.run(&["-C", "demo", "--catalog", "built-in", "audit"]);
    assert!(!audited.status.success(), "another catalog is not the plan's");
}

#[test]
fn two_refreshes_at_once_are_one_too_many() {
    let acme = Assessment::new();
    put(&acme.path("lists/a.csv"), &ec2_csv(1000));
    fs::create_dir_all(acme.path("acme/catalog")).unwrap();
    let held = fs::File::create(acme.path("acme/catalog/refresh.lock")).unwrap();
    held.lock().unwrap();
    let output = acme.refresh("lists", &[]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("another refresh of"), "{text}");
    drop(held);
    assert!(acme.refresh("lists", &[]).status.success());
}

#[test]
fn a_damaged_catalog_is_named_and_can_be_gone_around() {
    let acme = Assessment::new();
    put(&acme.catalog(), b"SZWCATLG\x02\x00garbage and more garbage");
    let output = acme.run(&["-C", "acme", "catalog", "show"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(
        text.contains("catalog damaged") && text.contains("--catalog built-in"),
        "{text}"
    );
    put(&acme.path("lists/a.csv"), &ec2_csv(1000));
    let output = acme.run(&[
        "-C",
        "acme",
        "--catalog",
        "built-in",
        "catalog",
        "refresh",
        "--from",
        "lists",
    ]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(acme.run(&["-C", "acme", "catalog", "show"]).status.success());
}
