//! Does the audit find what is broken, and nothing in what is not?
//!
//! Good plans of every rule and policy have no findings; in [`mutations`]
//! each good plan has one thing broken and names all checks that must report
//! it: a check that stays silent, or one more that speaks, fails.

#![allow(clippy::unwrap_used)]

#[path = "audit/estate.rs"]
mod estate;
#[path = "audit/mutations.rs"]
mod mutations;

use std::collections::BTreeSet;

use sizewright_analyzer::audit::{AuditReport, Check, Severity, audit};
use sizewright_analyzer::catalog::{Architecture, Catalog};
use sizewright_analyzer::policy::{Overrides, Rule};
use sizewright_analyzer::profile::EstateReader;
use telemetry::schema::{disk, filesystem, network};
use telemetry::{Store, Table};

use estate::{Estate, Machine, ROWS, settle};

fn words(report: &AuditReport) -> String {
    report
        .findings
        .iter()
        .map(|finding| format!("{:?} {finding}\n", finding.check))
        .collect()
}

fn assert_clean(report: &AuditReport, what: &str) {
    assert!(report.is_clean(), "{what}:\n{}", words(report));
}

#[test]
fn a_good_plan_has_no_findings_and_every_check_was_asked() {
    let estate = Estate::new();
    let proposals: BTreeSet<&str> = estate
        .plan
        .recommendations
        .iter()
        .map(|row| row.proposal.word())
        .collect();
    assert_eq!(proposals, BTreeSet::from(["change", "keep", "undecided"]));
    let mut report = estate.audit(&estate.plan);
    // That storage which is not known leaves savings open is a warning, not a contradiction.
    report.findings.retain(|finding| finding.severity == Severity::Error);
    assert_clean(&report, "small estate");
    assert_eq!(report.checks_run.len(), 39, "{:?}", report.checks_run);
}

#[test]
fn a_plan_that_keeps_an_earlier_proposal_is_good_too() {
    let estate = Estate::new();
    let mut earlier = estate.plan.clone();
    let row = earlier
        .recommendations
        .iter_mut()
        .find(|row| row.host == "app-1")
        .unwrap();
    // The step beside it: dearer, and with less risk.
    let beside = row.proof.rejected.first().map(|one| one.instance_type.clone()).unwrap();
    let family = row.instance_type.clone().unwrap();
    let mut kept = 0;
    for name in [
        beside,
        family.replace("6a", "6i"),
        family.replace("c6a", "c5a"),
        "m7i.2xlarge".to_string(),
    ] {
        let row = earlier
            .recommendations
            .iter_mut()
            .find(|row| row.host == "app-1")
            .unwrap();
        row.instance_type = Some(name);
        let plan = estate.plan_after(&earlier);
        let mut report = estate.audit(&plan);
        report.findings.retain(|finding| finding.severity == Severity::Error);
        assert_clean(&report, "after an earlier plan");
        kept += plan
            .recommendations
            .iter()
            .filter(|row| row.proof.kept_instead_of.is_some())
            .count();
    }
    assert!(kept > 0);
}

#[test]
fn settling_a_good_plan_changes_nothing_the_audit_sees() {
    let estate = Estate::new();
    let mut plan = estate.plan.clone();
    settle(&mut plan);
    assert_clean(&estate.audit(&plan), "settled");
}

#[test]
fn without_telemetry_what_was_measured_is_not_said_to_be_checked() {
    let estate = Estate::new();
    let report = audit(&estate.plan, Catalog::embedded(), None);
    assert_clean(&report, "without telemetry");
    for check in [
        Check::RequirementNumbers,
        Check::Peak,
        Check::Observation,
        Check::Activity,
        Check::TelemetryRead,
    ] {
        assert!(!report.checks_run.contains_key(&check), "{check:?}");
    }
}

#[test]
fn plans_of_every_rule_have_no_findings() {
    let estate = Estate::new();
    for name in Rule::names() {
        let overrides = Overrides {
            rule: Some(name.parse().unwrap()),
            ..Overrides::default()
        };
        assert_clean(&estate.audit(&estate.plan_with(&overrides)), name);
    }
}

#[test]
fn plans_of_other_policies_have_no_findings() {
    let estate = Estate::new();
    let both = vec![Architecture::X86_64, Architecture::Arm64];
    let changes = [
        Overrides {
            architectures: Some(both),
            ..Overrides::default()
        },
        Overrides {
            architectures: Some(vec![Architecture::Arm64]),
            ..Overrides::default()
        },
        Overrides {
            burstable: Some(true),
            ..Overrides::default()
        },
        Overrides {
            families: Some(vec!["m7*".into(), "r6i".into()]),
            ..Overrides::default()
        },
        Overrides {
            cap_at_source: Some(false),
            ..Overrides::default()
        },
        Overrides {
            region: Some("eu-west-1".into()),
            ..Overrides::default()
        },
    ];
    for overrides in changes {
        assert_clean(&estate.audit(&estate.plan_with(&overrides)), &format!("{overrides:?}"));
    }
}

#[test]
fn an_undecided_host_is_shown_at_its_own_size_whatever_the_headroom() {
    let estate = Estate::new();
    let overrides = Overrides {
        headroom: Some(0.2),
        ..Overrides::default()
    };
    assert_clean(&estate.audit(&estate.plan_with(&overrides)), "headroom of 20 %");
}

#[test]
fn a_peak_in_the_less_busy_direction_is_told_as_it_is() {
    let estate = Estate::one(Machine("spiky-1", 8.0, 32.0, 0.5, 400.0, 4e6, ROWS), |series| {
        let card = series.iter_mut().find(|series| series.table == Table::Network).unwrap();
        let sent = (0..ROWS).map(|row| if row == 1000 { 3e7 } else { 1e6 });
        card.set(network::TRANSMIT_BYTES_PER_S, sent);
    });
    assert_clean(&estate.audit(&estate.plan), "one spike of sending");
}

#[test]
fn a_device_that_is_mounted_twice_is_stored_once() {
    let estate = Estate::one(Machine("bound-1", 8.0, 32.0, 0.5, 400.0, 4e6, ROWS), |series| {
        let mut again = series
            .iter()
            .find(|series| series.labels.first().is_some_and(|mount| mount == "/srv"))
            .unwrap()
            .clone();
        again.labels[0] = "/var/lib/again".into();
        series.push(again);
    });
    assert_clean(&estate.audit(&estate.plan), "a bind mount");
}

#[test]
fn a_small_fast_volume_may_have_the_operations_it_is_given() {
    let estate = Estate::one(Machine("stream-1", 16.0, 64.0, 0.5, 400.0, 4e6, ROWS), |series| {
        for part in series
            .iter_mut()
            .filter(|series| series.table == Table::Disk && series.labels[0] == "sda")
        {
            part.set(disk::READ_BYTES_PER_S, vec![1.6e9; ROWS]);
        }
        for part in series
            .iter_mut()
            .filter(|series| series.labels.first().is_some_and(|mount| mount == "/"))
        {
            let rows = part.len();
            part.set(filesystem::USED_BYTES, vec![2e9; rows]);
        }
    });
    assert_clean(&estate.audit(&estate.plan), "much throughput on little storage");
}

#[test]
fn a_workload_that_does_not_run_on_arm64_is_not_put_there() {
    let estate = Estate::one(Machine("x86-1", 8.0, 32.0, 0.5, 400.0, 4e6, ROWS), |_| {});
    let both = vec![Architecture::X86_64, Architecture::Arm64];
    let overrides = Overrides {
        architectures: Some(both),
        ..Overrides::default()
    };
    assert_clean(
        &estate.audit(&estate.plan_with(&overrides)),
        "stated not to run on arm64",
    );
}

#[test]
fn a_third_of_a_core_gets_the_headroom_of_the_formula() {
    let estate = Estate::one(Machine("quiet-1", 4.0, 8.0, 0.09, 400.0, 4e6, ROWS), |_| {});
    let rule = Some(Rule::Netflix);
    let overrides = Overrides {
        rule,
        headroom: Some(0.5),
        cap_at_source: Some(false),
        ..Overrides::default()
    };
    assert_clean(&estate.audit(&estate.plan_with(&overrides)), "netflix on a small host");
}

#[test]
fn the_plan_of_the_sample_estate_has_no_findings() {
    let sample = sample_data::payments_company(1);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    sample.write(&store, |_, _| {}).unwrap();
    let reader = EstateReader::open(&store).unwrap();
    let assessment = estate::assessment(&sample.assessment_toml());
    let plan = estate::plan(&store, &reader, &assessment, &Overrides::default());
    assert_clean(&audit(&plan, Catalog::embedded(), Some(&reader)), "sample estate");
}

#[test]
fn the_load_of_an_array_is_carried() {
    let estate = Estate::one(Machine("array-1", 8.0, 32.0, 0.5, 9000.0, 4e6, ROWS), |series| {
        for part in series
            .iter_mut()
            .filter(|series| series.labels.first().is_some_and(|mount| mount == "/srv"))
        {
            part.labels[1] = "/dev/md0".into();
        }
    });
    assert_clean(&estate.audit(&estate.plan), "an array beside a system disk");
}
