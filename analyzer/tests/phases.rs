//! Does the sample estate get both phases, with every kind of service where it belongs?

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use sample_data::{payments_company, service_answers};
use sizewright_analyzer::audit::audit;
use sizewright_analyzer::catalog::Catalog;
use sizewright_analyzer::managed::Ask;
use sizewright_analyzer::plan::phases::{EC2_ONLY, PhaseInputs, Phases, REHOST, REPLATFORM, add_phases};
use sizewright_analyzer::plan::{Plan, PlanInputs, files, make};
use sizewright_analyzer::policy::{Assessment, Overrides};
use sizewright_analyzer::profile::{EstateReader, ProfileOptions, profile_estate};
use sizewright_analyzer::service::{ServiceReader, stated_services};
use telemetry::{Inventory, Store};

#[path = "phases/told.rs"]
mod told;

use told::told;

/// The sample estate planned in its own region.
fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| planned_in("ap-southeast-1", 14, "", true))
}

fn planned_in(region: &str, days: u32, services_toml: &str, with_inventory: bool) -> Plan {
    let mut estate = payments_company(42);
    estate.days = days;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    estate.write(&store, |_, _| {}).unwrap();
    let mut assessment = Assessment::from_toml(&estate.assessment_toml()).unwrap();
    assessment.region = region.to_string();
    let reader = EstateReader::open(&store).unwrap();
    let overrides = Overrides::default();
    let rules = vec![assessment.policy("production", &overrides).unwrap().rule];
    let options = ProfileOptions::for_rules(assessment.zone().unwrap(), &rules);
    let profiles = profile_estate(&reader, &options, &|_| {}, &AtomicBool::new(false)).unwrap();
    let inventory = if with_inventory {
        estate.inventory()
    } else {
        Inventory::default()
    };
    let mut plan = make(&PlanInputs {
        assessment: &assessment,
        overrides: &overrides,
        profiles: &profiles,
        inventory: Some(&inventory),
        origins: &store.origins().unwrap(),
        catalog: Catalog::embedded(),
        today: jiff::civil::date(2026, 5, 20),
    })
    .unwrap();
    let services = ServiceReader::open(&store).unwrap();
    add_phases(
        &mut plan,
        &PhaseInputs {
            catalog: Catalog::embedded(),
            profiles: &profiles,
            inventory: &inventory,
            stated: &stated_services(services_toml).unwrap(),
            read: &|hosts| services.used(hosts),
        },
    )
    .unwrap();
    let report = audit(&plan, Catalog::embedded(), Some(&reader));
    let errors: Vec<String> = report.errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{region}:\n{}", errors.join("\n"));
    plan
}

fn phases() -> &'static Phases {
    plan().phases.as_ref().unwrap()
}

#[test]
fn every_known_answer_is_found() {
    let mut wrong = String::new();
    for answer in service_answers() {
        let name = format!("{}/{}", answer.host, answer.service);
        let Some(one) = phases().workloads.iter().find(|one| one.workload.name == name) else {
            writeln!(wrong, "{name} is no workload").unwrap();
            continue;
        };
        if one.workload.nodes.len() != answer.nodes {
            writeln!(
                wrong,
                "{name} has {} nodes, not {}",
                one.workload.nodes.len(),
                answer.nodes
            )
            .unwrap();
        }
        let target = one
            .parts
            .first()
            .map_or("ec2", |part| part.part.target_service.as_str());
        if target != answer.target {
            writeln!(wrong, "{name} goes to {target}, not {}", answer.target).unwrap();
        }
        let Some(need) = answer.need else { continue };
        let measured: Vec<f64> = one
            .parts
            .iter()
            .flat_map(|part| &part.part.needs)
            .filter(|found| found.ask.words() == answer.decides)
            .filter_map(|found| found.peak)
            .collect();
        let close = measured.first().is_some_and(|found| (found / need - 1.0).abs() <= 0.1);
        if !close {
            writeln!(
                wrong,
                "{name}: {} is {measured:?}, not {need} {}",
                answer.decides, answer.unit
            )
            .unwrap();
        }
    }
    let known: BTreeSet<String> = service_answers()
        .iter()
        .map(|answer| format!("{}/{}", answer.host, answer.service))
        .collect();
    for one in &phases().workloads {
        if !known.contains(&one.workload.name) {
            writeln!(wrong, "{} has no known answer", one.workload.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_host_is_on_ec2_or_retired_and_totals_follow() {
    for phase in [&phases().rehost, &phases().replatform] {
        assert_eq!(
            phase.ec2_hosts + phase.retired_hosts.len(),
            plan().recommendations.len(),
            "{}",
            phase.name
        );
        assert!(phase.managed_parts > 0);
    }
    assert!(phases().rehost.retired_hosts.len() < phases().replatform.retired_hosts.len());
    let shared: Vec<&String> = phases()
        .replatform
        .retired_hosts
        .iter()
        .filter(|host| *host == "dev-app-01")
        .collect();
    assert!(shared.is_empty(), "an application stays on it");
    let only: BTreeSet<&str> = plan()
        .recommendations
        .iter()
        .filter(|row| row.phase == EC2_ONLY)
        .map(|row| row.host.as_str())
        .collect();
    let smaller = phases().shrunk(REHOST);
    let retired = phases().rehost.retired_hosts.iter().map(String::as_str);
    assert_eq!(only, retired.chain(smaller.keys().copied()).collect());
}

#[test]
fn the_tables_of_a_phase_add_up_to_its_total() {
    let csv = String::from_utf8(files::bill_csv(plan()).unwrap()).unwrap();
    let mut reader = csv_rows(&csv);
    let header = reader.remove(0);
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (phase, amount) = (at("phase"), at("amount_usd_per_month"));
    for expected in [&phases().rehost, &phases().replatform] {
        let sum: rust_decimal::Decimal = reader
            .iter()
            .filter(|row| row[phase] == expected.name)
            .filter_map(|row| row[amount].parse::<rust_decimal::Decimal>().ok())
            .sum();
        assert_eq!(sum, expected.total.known.as_decimal(), "{}", expected.name);
    }
    let csv = String::from_utf8(files::recommendations_csv(plan()).unwrap()).unwrap();
    let rows = csv_rows(&csv);
    for name in [REHOST, REPLATFORM] {
        let managed = rows.iter().filter(|row| row[0] == name && !row[2].is_empty()).count();
        assert_eq!(managed, phases().phase(name).unwrap().managed_parts);
    }
}

fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_string).collect())
        .collect()
}

#[test]
fn the_plan_with_phases_reads_back_and_is_made_the_same_again() {
    let json = files::to_json(plan()).unwrap();
    let back = files::from_json(&json).unwrap();
    assert!(!back.phases.as_ref().unwrap().remaining.is_empty());
    assert!(files::to_json(&back).unwrap() == json, "the same file again");
    // And what is read back twice is the same to the last bit.
    assert!(files::from_json(&json).unwrap() == back);
    let short = planned_in("ap-southeast-1", 2, "", true);
    let again = planned_in("ap-southeast-1", 2, "", true);
    assert!(files::to_json(&short).unwrap() == files::to_json(&again).unwrap());
}

#[test]
fn every_part_says_what_it_rests_on_and_names_what_it_does_not_know() {
    for one in &phases().workloads {
        assert_eq!(
            one.stays_because.is_none(),
            !one.parts.is_empty(),
            "{}",
            one.workload.name
        );
        for part in &one.parts {
            assert!(!part.part.needs.is_empty(), "{}", one.workload.name);
            assert!(
                part.part
                    .needs
                    .iter()
                    .all(|need| need.amount.is_finite() && need.amount >= 0.0)
            );
            for line in &part.part.lines {
                assert_eq!(line.amount.is_some(), line.unit_price.is_some());
            }
        }
    }
    let unknown = phases().replatform.managed_bill.total.unknown_lines;
    assert!(unknown > 0, "the catalog has no DocumentDB price in ap-southeast-1");
    assert!(phases().replatform.total.is_at_least());
}

#[test]
fn replicas_are_not_counted_twice() {
    let redis = phases()
        .workloads
        .iter()
        .find(|one| one.workload.name == "prod-redis-01/redis")
        .unwrap();
    let memory = redis.parts[0]
        .part
        .needs
        .iter()
        .find(|need| need.ask == Ask::Memory)
        .unwrap();
    assert!(memory.peak.unwrap() < 15.0, "{memory:?}");
    let mongo = phases()
        .workloads
        .iter()
        .find(|one| one.workload.name == "prod-mongo-01/mongodb")
        .unwrap();
    assert_eq!(mongo.parts.len(), 1);
    let storage = mongo.parts[0].part.storage_gib.unwrap();
    assert!(storage < 800.0, "three copies would be {}", storage * 3.0);
}

#[test]
fn services_toml_stands_where_nobody_looked() {
    let stated = "[[services]]\nhosts = 'prod-pg-0?'\nproduct = 'postgresql'\ncluster = 'payments'\n\
                  [[services]]\nhosts = 'prod-redis-*'\nproduct = 'redis'\ntarget = 'ec2'\n";
    let plan = planned_in("us-east-1", 2, stated, false);
    let phases = plan.phases.as_ref().unwrap();
    let names: Vec<&str> = phases.workloads.iter().map(|one| one.workload.name.as_str()).collect();
    assert_eq!(
        names,
        ["prod-pg-01/postgresql", "prod-redis-01/redis", "prod-redis-02/redis"]
    );
    assert_eq!(phases.workloads[0].workload.nodes.len(), 3);
    assert!(
        phases.workloads[1]
            .stays_because
            .as_deref()
            .unwrap()
            .contains("services.toml")
    );
    assert_eq!(phases.rehost.retired_hosts, ["prod-pg-01", "prod-pg-02", "prod-pg-03"]);
}

#[test]
fn licensed_databases_have_a_price_in_one_region_and_a_reason_elsewhere() {
    let ireland = planned_in("eu-west-1", 2, "", true);
    let of = |plan: &Plan, name: &str| {
        let phases = plan.phases.as_ref().unwrap();
        phases
            .workloads
            .iter()
            .find(|one| one.workload.name == name)
            .unwrap()
            .clone()
    };
    for name in ["prod-oracle-01/oracle", "prod-mssql-01/sql-server"] {
        let priced = of(&ireland, name);
        assert_eq!(priced.parts[0].part.target_service, "rds", "{name}");
        assert!(priced.parts[0].part.class.as_ref().unwrap().price.is_some());
        assert!(of(plan(), name).stays_because.unwrap().contains("no RDS price"));
    }
}

#[test]
fn both_phases_of_the_sample_estate_are_the_golden_ones() {
    insta::assert_snapshot!("phases_of_the_sample_estate", told(phases()));
}

/// Breaks one thing of the phases and gives what the audit finds about them.
fn broken(change: impl FnOnce(&mut Phases)) -> Vec<String> {
    let mut plan = plan().clone();
    change(plan.phases.as_mut().unwrap());
    let report = audit(&plan, Catalog::embedded(), None);
    report.errors().map(ToString::to_string).collect()
}

fn part(phases: &mut Phases, name: &str) -> usize {
    phases
        .workloads
        .iter()
        .position(|one| one.workload.name == name)
        .unwrap()
}

#[test]
fn the_audit_finds_whatever_is_broken_in_the_phases() {
    let usd = |amount: i64| rust_decimal::Decimal::from(amount);
    assert!(broken(|_| {}).is_empty(), "the whole plan holds");
    let redis = "prod-redis-01/redis";
    let price = broken(|phases| {
        let at = part(phases, redis);
        let class = phases.workloads[at].parts[0].part.class.as_mut().unwrap();
        let price = class.price.as_mut().unwrap();
        price.amount = sizewright_analyzer::money::UsdPerHour::from_decimal(usd(1));
    });
    assert!(
        price.iter().any(|words| words.contains("hourly price of cache.")),
        "{price:?}"
    );
    let too_small = broken(|phases| {
        let at = part(phases, redis);
        let needs = &mut phases.workloads[at].parts[0].part.needs;
        needs.iter_mut().find(|need| need.ask == Ask::Memory).unwrap().amount = 1_000.0;
    });
    assert!(
        too_small.iter().any(|words| words.contains("memory of cache.")),
        "{too_small:?}"
    );
    let invented = broken(|phases| {
        let at = part(phases, redis);
        let class = phases.workloads[at].parts[0].part.class.as_mut().unwrap();
        class.offers.insert(Ask::Memory, 5_000.0);
    });
    assert!(
        invented.iter().any(|words| words.contains("usable memory")),
        "{invented:?}"
    );
    let line = broken(|phases| {
        let at = part(phases, redis);
        phases.workloads[at].parts[0].part.lines[0].quantity = usd(1);
    });
    assert!(line.len() >= 2, "{line:?}");
    let total = broken(|phases| {
        phases.replatform.total.known = sizewright_analyzer::money::UsdPerMonth::from_decimal(usd(1));
    });
    assert!(
        total
            .iter()
            .any(|words| words.contains("sum of all in phase replatform")),
        "{total:?}"
    );
    let gone = broken(|phases| phases.replatform.retired_hosts.push("prod-web-01".to_string()));
    assert!(
        gone.iter().any(|words| words.contains("`prod-web-01` that retires")),
        "{gone:?}"
    );
    let difference = broken(|phases| {
        phases.differences.pop();
    });
    assert!(
        difference.iter().any(|words| words.contains("differences")),
        "{difference:?}"
    );
    let twice = broken(|phases| {
        let again = phases.workloads[0].clone();
        phases.workloads.push(again);
    });
    assert!(twice.iter().any(|words| words.contains("more than once")), "{twice:?}");
    let moved = broken(|phases| phases.workloads[0].stays_because = Some("no reason".to_string()));
    assert!(!moved.is_empty());
}

#[test]
fn waves_hold_every_host_that_moves_once_and_rehearse_before_production() {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut day = 0;
    let mut production = false;
    for (at, wave) in phases().waves.iter().enumerate() {
        assert_eq!((wave.number, wave.first_day), (at + 1, day));
        assert!(wave.days > 0 && !wave.because.is_empty());
        day += wave.days;
        if wave.phase == REHOST {
            assert!(!production || wave.environment == "production", "wave {}", wave.number);
            production |= wave.environment == "production";
        }
        for name in &wave.moves {
            assert!(seen.insert(name), "{name} moves twice");
        }
    }
    let retire: BTreeSet<&str> = plan().retire.iter().map(|one| one.host.as_str()).collect();
    for row in &plan().recommendations {
        assert_eq!(
            seen.contains(row.host.as_str()),
            !retire.contains(row.host.as_str()),
            "{}",
            row.host
        );
    }
    for one in phases()
        .workloads
        .iter()
        .filter(|one| one.moves_in.as_deref() == Some(REPLATFORM))
    {
        assert!(seen.contains(one.workload.name.as_str()), "{}", one.workload.name);
    }
}

#[test]
fn what_makes_a_move_harder_is_found_with_its_source() {
    let of = |name: &str| -> BTreeSet<&str> {
        let one = phases().workloads.iter().find(|one| one.workload.name == name).unwrap();
        one.readiness.iter().map(|finding| finding.id.as_str()).collect()
    };
    assert!(of("prod-pg-01/postgresql").contains("postgresql-extension-not-on-rds"));
    assert!(of("prod-pg-01/postgresql").contains("large-table"));
    assert!(of("prod-report-01/postgresql").contains("postgresql-out-of-standard-support"));
    assert!(of("prod-report-01/postgresql").contains("postgresql-not-utf8"));
    assert!(of("prod-mysql-01/mysql").contains("mysql-myisam"));
    assert!(of("prod-redis-01/redis").contains("redis-modules"));
    assert!(of("prod-mongo-01/mongodb").contains("documentdb-is-not-mongodb"));
    assert!(of("prod-mq-01/rabbitmq").contains("rabbitmq-quorum-queues"));
    assert!(of("prod-es-01/elasticsearch").contains("elasticsearch-after-the-fork"));
    assert!(!of("stg-pg-01/postgresql").contains("postgresql-out-of-standard-support"));
    assert!(!of("dev-app-01/redis").contains("redis-modules"));
}

#[test]
fn a_host_that_some_services_leave_is_sized_for_what_stays_or_says_why_not() {
    assert!(
        !phases().remaining.is_empty(),
        "the estate has hosts of several services"
    );
    for one in &phases().remaining {
        let retired = &phases().phase(&one.phase).unwrap().retired_hosts;
        assert!(!retired.contains(&one.host), "{} has something left", one.host);
        assert!(one.words.contains(&one.leaves.join(", ")), "{}", one.words);
        let whole = plan().recommendations.iter().find(|row| row.host == one.host).unwrap();
        match &one.row {
            Some(row) => {
                assert!(row.compute_usd_per_month < whole.compute_usd_per_month, "{}", one.host);
                assert!(row.reason.contains("by process groups") && !one.lines.is_empty());
            }
            None => assert!(one.words.contains("it keeps its size"), "{}", one.words),
        }
    }
    // A share that nobody measured is found by the audit.
    let mut plan = plan().clone();
    if let Some(one) = plan
        .phases
        .as_mut()
        .unwrap()
        .remaining
        .iter_mut()
        .find(|one| one.row.is_some())
    {
        one.cpu_share = Some(1.5);
        assert!(audit(&plan, Catalog::embedded(), None).errors().next().is_some());
    }
}

#[test]
fn aurora_is_planned_where_it_is_asked_for_and_the_audit_agrees() {
    let toml = "[[services]]\nhosts = 'prod-pg-*'\nproduct = 'postgresql'\ntarget = 'aurora'\n";
    let plan = planned_in("us-east-1", 2, toml, true);
    let phases = plan.phases.as_ref().unwrap();
    let one = phases
        .workloads
        .iter()
        .find(|one| one.workload.name == "prod-pg-01/postgresql")
        .unwrap();
    assert_eq!(one.parts[0].part.target_service, "aurora");
    assert!(one.others.iter().any(|other| other.name == "RDS"));
    assert!(one.notes[0].starts_with("side by side"), "{:?}", one.notes);
}

#[test]
fn transfers_zones_and_stranded_hosts_follow_from_the_plan() {
    let transfer = |name: &str| phases().transfers.iter().find(|one| one.workload == name).unwrap();
    let pg = transfer("prod-pg-01/postgresql");
    // 450.6 GiB at 700 Mbit/s, less what the log changes: about an hour and a half.
    assert!((1.4..1.8).contains(&pg.hours.unwrap()), "{pg:?}");
    assert!(
        pg.dms_class.is_some() && pg.dms_usd_per_hour.is_none(),
        "the catalog has no such price"
    );
    assert_eq!(transfer("prod-redis-01/redis").hours, Some(0.0));
    let zones = |tier: &str, phase: &str| {
        phases()
            .zones
            .iter()
            .find(|one| one.tier == tier && one.phase == phase)
            .unwrap()
    };
    assert!(zones("prod-pg-01/postgresql", REHOST).holds);
    assert!(!zones("prod-cache-01/memcached", REPLATFORM).holds);
    assert!(!zones("documents", REHOST).holds, "one host is gone with its zone");
    let stranded: BTreeSet<&str> = phases().stranded.iter().map(|one| one.host.as_str()).collect();
    assert!(
        stranded.contains("prod-redis-01") && !stranded.contains("prod-pg-01") && !stranded.contains("prod-web-01")
    );
}
