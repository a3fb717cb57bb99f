//! Measures the data tier: which kinds of service get a size, how near sizes are to the known answers, what it costs in time.
//!
//! Run with `make bench ONLY=data-tier`. The estate is the sample one, whose answers
//! are known; for time, hosts of its data tier are repeated under other names.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]

#[path = "../figures/mod.rs"]
mod figures;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use analyzer::audit::audit;
use analyzer::catalog::Catalog;
use analyzer::plan::phases::{PhaseInputs, Phases, add_phases};
use analyzer::plan::{Plan, PlanInputs, make};
use analyzer::policy::{Assessment, HostRule, Overrides};
use analyzer::profile::{EstateReader, HostProfile, ProfileOptions, profile_estate};
use analyzer::service::{HostMemory, ServiceReader, Used, UsedByService};
use figures::{Figures, Goal};
use sample_data::{Estate, payments_company, service_answers};
use telemetry::{Inventory, Store};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Products that the issue names, each of which must go somewhere.
const PRODUCTS: [&str; 17] = [
    "postgresql",
    "mysql",
    "mariadb",
    "oracle",
    "sql-server",
    "redis",
    "valkey",
    "memcached",
    "mongodb",
    "rabbitmq",
    "activemq",
    "kafka",
    "elasticsearch",
    "opensearch",
    "haproxy",
    "nginx",
    "nfs-server",
];
/// Hosts of a small estate and of a large one: ten times the hosts may take little more than ten times as long.
const HOSTS: [usize; 2] = [1_000, 10_000];
const HOW: &str = "make bench ONLY=data-tier";

/// What is measured of an estate once, and used for every plan.
struct Measured {
    estate: Estate,
    assessment: Assessment,
    profiles: Vec<HostProfile>,
    inventory: Inventory,
    used: UsedByService,
    folder: tempfile::TempDir,
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut figures = Figures::of("data-tier");
    let measured = measure();
    quality(&mut figures, &measured);
    speed(&mut figures, &measured);
    figures.finish(&root.join("target")).unwrap();
}

fn measure() -> Measured {
    let estate = payments_company(42);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    estate.write(&store, |_, _| {}).unwrap();
    let assessment = Assessment::from_toml(&estate.assessment_toml()).unwrap();
    let reader = EstateReader::open(&store).unwrap();
    let rules = vec![assessment.policy("production", &Overrides::default()).unwrap().rule];
    let options = ProfileOptions::for_rules(assessment.zone().unwrap(), &rules);
    let profiles = profile_estate(&reader, &options, &|_| {}, &AtomicBool::new(false)).unwrap();
    let hosts: BTreeSet<&str> = profiles.iter().map(|profile| profile.host.as_str()).collect();
    let used = ServiceReader::open(&store).unwrap().used(&hosts).unwrap();
    Measured {
        inventory: estate.inventory(),
        estate,
        assessment,
        profiles,
        used,
        folder,
    }
}

fn planned(
    assessment: &Assessment,
    profiles: &[HostProfile],
    inventory: &Inventory,
    used: Option<&UsedByService>,
) -> Plan {
    let mut plan = make(&PlanInputs {
        assessment,
        overrides: &Overrides::default(),
        profiles,
        inventory: Some(inventory),
        origins: &[],
        catalog: Catalog::embedded(),
        today: jiff::civil::date(2026, 5, 20),
    })
    .unwrap();
    if let Some(used) = used {
        let inputs = PhaseInputs {
            catalog: Catalog::embedded(),
            profiles,
            inventory,
            stated: &[],
            read: &|_| Ok(used.clone()),
        };
        add_phases(&mut plan, &inputs).unwrap();
    }
    plan
}

fn quality(figures: &mut Figures, measured: &Measured) {
    // Licensed databases have a price in eu-west-1 alone.
    let mut sized: BTreeSet<String> = BTreeSet::new();
    let mut reasons: BTreeSet<String> = BTreeSet::new();
    for region in ["ap-southeast-1", "us-east-1", "eu-west-1"] {
        let mut assessment = measured.assessment.clone();
        assessment.region = region.to_string();
        let plan = planned(
            &assessment,
            &measured.profiles,
            &measured.inventory,
            Some(&measured.used),
        );
        let phases = plan.phases.as_ref().unwrap();
        for one in &phases.workloads {
            if one.parts.is_empty() {
                reasons.insert(one.workload.product.clone());
            } else {
                sized.insert(one.workload.product.clone());
            }
        }
        let report = audit(&plan, Catalog::embedded(), None);
        figures.add(
            format!("audit errors of both phases in {region}"),
            report.errors().count() as f64,
            "errors",
            Goal::AtMost(0.0),
            HOW,
        );
        lines(figures, phases, region);
    }
    let share = PRODUCTS.iter().filter(|product| sized.contains(**product)).count() as f64 / PRODUCTS.len() as f64;
    figures.add(
        "kinds of service of the issue with a sized row",
        share * 100.0,
        "%",
        Goal::AtLeast(100.0),
        format!("{HOW}; three regions"),
    );

    let plan = planned(
        &measured.assessment,
        &measured.profiles,
        &measured.inventory,
        Some(&measured.used),
    );
    let phases = plan.phases.as_ref().unwrap();
    let (mut errors, mut right, mut all) = (Vec::new(), 0, 0);
    for answer in service_answers() {
        let name = format!("{}/{}", answer.host, answer.service);
        let one = phases.workloads.iter().find(|one| one.workload.name == name);
        all += 1;
        let target = one
            .and_then(|one| one.parts.first())
            .map_or("ec2", |part| part.part.target_service.as_str());
        right +=
            usize::from(one.is_some_and(|one| one.workload.nodes.len() == answer.nodes) && target == answer.target);
        let found = one
            .into_iter()
            .flat_map(|one| &one.parts)
            .flat_map(|part| &part.part.needs)
            .find(|need| need.ask.words() == answer.decides)
            .and_then(|need| need.peak);
        if let (Some(wanted), Some(found)) = (answer.need, found) {
            errors.push((found / wanted - 1.0).abs() * 100.0);
        }
    }
    errors.sort_by(f64::total_cmp);
    figures.add(
        "known answers: nodes of one workload and target are right",
        f64::from(right as u32) / f64::from(all) * 100.0,
        "%",
        Goal::AtLeast(100.0),
        HOW,
    );
    figures.add(
        "known answers: error of the need that decides, median",
        errors[errors.len() / 2],
        "%",
        Goal::AtMost(5.0),
        HOW,
    );
    figures.add(
        "known answers: error of the need that decides, worst",
        errors[errors.len() - 1],
        "%",
        Goal::AtMost(10.0),
        HOW,
    );
}

/// How much of the managed bill has a known price.
fn lines(figures: &mut Figures, phases: &Phases, region: &str) {
    let bill = &phases.replatform.managed_bill;
    let known = bill.lines.iter().filter(|line| line.amount.is_some()).count();
    figures.add(
        format!("lines of managed services with a known price in {region}"),
        known as f64 / bill.lines.len() as f64 * 100.0,
        "%",
        Goal::Reported,
        HOW,
    );
}

/// Times the planning of estates of several sizes.
fn speed(figures: &mut Figures, measured: &Measured) {
    let mut seconds = Vec::new();
    for hosts in HOSTS {
        let estate = repeated(measured, hosts);
        let time = |used: Option<&UsedByService>| {
            let runs = (0..3).map(|_| {
                let start = Instant::now();
                let plan = planned(&estate.assessment, &estate.profiles, &estate.inventory, used);
                let took = start.elapsed().as_secs_f64();
                (took, plan.phases.map_or(0, |phases| phases.workloads.len()))
            });
            runs.min_by(|one, other| one.0.total_cmp(&other.0)).unwrap()
        };
        let (without, _) = time(None);
        let (with, workloads) = time(Some(&estate.used));
        let mut add = |name: String, value: f64, unit: &'static str| {
            figures.add(name, value, unit, Goal::Reported, format!("{HOW}; best of three"));
        };
        add(format!("planning {hosts} profiled hosts, EC2 only"), without, "s");
        add(
            format!("planning {hosts} hosts with {workloads} workloads, both phases"),
            with,
            "s",
        );
        add(
            format!("both phases against EC2 only, {hosts} hosts"),
            with / without,
            "times",
        );
        seconds.push(with);
    }
    figures.add(
        format!("planning both phases: {} against {} hosts", HOSTS[1], HOSTS[0]),
        seconds[1] / seconds[0],
        "times",
        Goal::AtMost(12.0),
        format!("{HOW}; best of three"),
    );
    println!(
        "telemetry of the sample estate was in {}",
        measured.folder.path().display()
    );
}

/// An estate of many hosts.
struct Repeated {
    assessment: Assessment,
    profiles: Vec<HostProfile>,
    inventory: Inventory,
    used: UsedByService,
}

/// Repeats the sample estate under other names until it has so many hosts.
fn repeated(measured: &Measured, hosts: usize) -> Repeated {
    let copies = hosts.div_ceil(measured.estate.hosts.len());
    let mut profiles = Vec::new();
    let mut inventory = Inventory::default();
    let mut used = UsedByService::default();
    let mut assessment = measured.assessment.clone();
    for copy in 0..copies {
        let named = |host: &str| format!("{host}-c{copy:03}");
        profiles.extend(measured.profiles.iter().map(|profile| HostProfile {
            host: named(&profile.host),
            ..profile.clone()
        }));
        inventory
            .services
            .extend(measured.inventory.services.iter().cloned().map(|mut one| {
                one.host = named(&one.host);
                one
            }));
        inventory
            .facts
            .extend(measured.inventory.facts.iter().cloned().map(|mut one| {
                one.host = named(&one.host);
                one
            }));
        inventory
            .dependencies
            .extend(measured.inventory.dependencies.iter().cloned().map(|mut one| {
                for peer in [&mut one.client, &mut one.server] {
                    peer.host = peer.host.as_deref().map(named);
                }
                one
            }));
        let services: BTreeMap<(String, String), Used> = measured
            .used
            .services
            .iter()
            .map(|((host, service), one)| ((named(host), service.clone()), one.clone()))
            .collect();
        let hosts: BTreeMap<String, HostMemory> = measured
            .used
            .hosts
            .iter()
            .map(|(host, one)| (named(host), one.clone()))
            .collect();
        used.services.extend(services);
        used.hosts.extend(hosts);
    }
    profiles.truncate(hosts);
    // The estate's patterns end in two figures: a copy's names end otherwise.
    let rules: Vec<HostRule> = assessment
        .hosts
        .iter()
        .map(|rule| HostRule {
            pattern: format!("{}*", rule.pattern.trim_end_matches('*')),
            ..rule.clone()
        })
        .collect();
    assessment.hosts = rules;
    inventory.sort();
    Repeated {
        assessment,
        profiles,
        inventory,
        used,
    }
}
