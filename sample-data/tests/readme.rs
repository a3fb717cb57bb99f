//! Does the README tell what the estate is?

#![allow(clippy::unwrap_used)]

use sizewright_sample_data::{Expectation, HostSpec, payments_company};

/// Writes a host's row of the README's table.
fn row(host: &HostSpec) -> String {
    format!(
        "| {} | {} | {} | {} GiB | {} | {} |",
        host.name,
        host.group,
        host.cores,
        host.memory.as_gibibytes(),
        host.roles.join(", "),
        host.expectation.as_ref().map_or("", answer),
    )
}

fn answer(expectation: &Expectation) -> &'static str {
    match expectation {
        Expectation::Idle { .. } => "idle",
        Expectation::Zombie { .. } => "zombie",
        Expectation::MemoryLeak { .. } => "memory leak",
        Expectation::MonthlyBatch { .. } => "monthly batch",
        Expectation::Pinned { .. } => "pinned",
        Expectation::Gap { .. } => "gap",
        Expectation::OverProvisioned { .. } => "over-provisioned",
        Expectation::Swapping { .. } => "swapping",
        Expectation::Resized { .. } => "resized",
        Expectation::DiskBound { .. } => "disk-bound",
        Expectation::NetworkBound { .. } => "network-bound",
        other => panic!("the README has no word for {other:?}"),
    }
}

#[test]
fn the_table_of_the_readme_is_the_estate() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let described: Vec<&str> = readme
        .lines()
        .filter(|line| {
            ["| prod-", "| stg-", "| dev-"]
                .iter()
                .any(|name| line.starts_with(name))
        })
        .collect();
    let hosts: Vec<String> = payments_company(1).hosts.iter().map(row).collect();
    assert_eq!(
        described.join("\n"),
        hosts.join("\n"),
        "replace the rows of the README by the right side"
    );
}
