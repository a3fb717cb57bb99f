//! Seven real hosts that were collected over SSH under load: do their services get both phases?

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use sizewright_analyzer::audit::audit;
use sizewright_analyzer::catalog::Catalog;
use sizewright_analyzer::managed::{Ask, Evidence};
use sizewright_analyzer::plan::phases::{PhaseInputs, Phases, PlannedWorkload, add_phases};
use sizewright_analyzer::plan::{Plan, PlanInputs, Proposal, make};
use sizewright_analyzer::policy::{Assessment, Overrides};
use sizewright_analyzer::profile::{EstateReader, ProfileOptions, profile_estate};
use sizewright_analyzer::service::ServiceReader;
use telemetry::Store;

fn plan() -> Plan {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../sample-data/collected"));
    let store = Store::at(folder.join("telemetry"));
    let text = std::fs::read_to_string(folder.join("assessment.toml")).unwrap();
    let assessment = Assessment::from_toml(&text).unwrap();
    let reader = EstateReader::open(&store).unwrap();
    let overrides = Overrides::default();
    let rules = vec![assessment.policy("production", &overrides).unwrap().rule];
    let options = ProfileOptions::for_rules(assessment.zone().unwrap(), &rules);
    let profiles = profile_estate(&reader, &options, &|_| {}, &AtomicBool::new(false)).unwrap();
    let inventory = telemetry::inventory::read(&folder.join("inventory")).unwrap();
    let mut plan = make(&PlanInputs {
        assessment: &assessment,
        overrides: &overrides,
        profiles: &profiles,
        inventory: Some(&inventory),
        origins: &store.origins().unwrap(),
        catalog: Catalog::embedded(),
        today: jiff::civil::date(2026, 11, 26),
    })
    .unwrap();
    let services = ServiceReader::open(&store).unwrap();
    add_phases(
        &mut plan,
        &PhaseInputs {
            catalog: Catalog::embedded(),
            profiles: &profiles,
            inventory: &inventory,
            stated: &[],
            read: &|hosts| services.used(hosts),
        },
    )
    .unwrap();
    let report = audit(&plan, Catalog::embedded(), Some(&reader));
    let errors: Vec<String> = report.errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    plan
}

fn find<'a>(phases: &'a Phases, name: &str) -> &'a PlannedWorkload {
    phases.workloads.iter().find(|one| one.workload.name == name).unwrap()
}

#[test]
fn what_real_services_said_sizes_them() {
    let plan = plan();
    let phases = plan.phases.as_ref().unwrap();
    let targets: Vec<(&str, &str)> = phases
        .workloads
        .iter()
        .map(|one| (one.workload.name.as_str(), one.parts[0].part.target_service.as_str()))
        .collect();
    assert_eq!(
        targets,
        [
            ("cache-1/memcached", "elasticache"),
            ("cache-1/redis", "elasticache"),
            ("lb-1/haproxy", "alb"),
            ("maria-1/mariadb", "rds"),
            ("pg-1/postgresql", "rds"),
        ]
    );
    assert_eq!(phases.rehost.retired_hosts, ["maria-1", "pg-1"]);
    assert_eq!(phases.replatform.retired_hosts, ["cache-1", "lb-1", "maria-1", "pg-1"]);
    assert_eq!(
        phases.staying["web-1"],
        ["nginx"],
        "it serves pages and passes nothing on"
    );

    // Redis said itself what it holds and does; pgbench kept PostgreSQL busy.
    let redis = &find(phases, "cache-1/redis").parts[0].part;
    assert_eq!(redis.evidence(), Evidence::OwnCounters);
    let operations = redis.needs.iter().find(|need| need.ask == Ask::Operations).unwrap();
    assert!((10_000.0..20_000.0).contains(&operations.amount), "{operations:?}");
    let postgresql = &find(phases, "pg-1/postgresql").parts[0].part;
    let connections = postgresql
        .needs
        .iter()
        .find(|need| need.ask == Ask::Connections)
        .unwrap();
    assert_eq!(connections.peak, Some(9.0));
    assert_eq!(postgresql.evidence(), Evidence::ProcessGroup);
    assert!(
        postgresql
            .needs
            .iter()
            .any(|need| need.ask == Ask::Storage && need.from == Evidence::OwnCounters)
    );

    // Ten minutes decide nothing, and the rows say so.
    for one in &phases.workloads {
        for part in &one.parts {
            assert_eq!(part.proposal, Proposal::Undecided, "{}", one.workload.name);
            assert!(part.confidence < 0.3);
        }
    }
    assert_eq!(
        phases.rehost.total.unknown_lines, 0,
        "us-east-1 has every price of these"
    );
}
