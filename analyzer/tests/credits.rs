//! Types on CPU credits: proposed where the credits last, passed over where they do not, never for a production database.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::atomic::AtomicBool;

use sizewright_analyzer::audit::audit;
use sizewright_analyzer::catalog::Catalog;
use sizewright_analyzer::plan::explain::explain;
use sizewright_analyzer::plan::{Plan, PlanInputs, Recommendation, make, make_after};
use sizewright_analyzer::policy::{Assessment, Overrides, Rule};
use sizewright_analyzer::profile::{EstateReader, ProfileOptions, profile_estate};
use telemetry::inventory::{Category, Inventory, Learnt, Service, Sureness};
use telemetry::schema::host;
use telemetry::store::Origin;
use telemetry::units::GIBIBYTE;
use telemetry::{Series, Store, Table};

const START_MS: i64 = 20_577 * 86_400_000;
const STEP_MS: i64 = 300_000;
const DAYS: usize = 30;
/// A region for which the catalog has the price of surplus credits.
const REGION: &str = "eu-west-1";

/// Two CPUs and 4 GiB, of which 2 are used; `busy` gives the busy CPUs of a five-minute row of the day.
fn series(name: &str, busy: impl Fn(usize) -> f64) -> Series {
    let mut own = Series::new(Table::Host, name, vec![]);
    for row in 0..DAYS * 288 {
        own.push(
            START_MS + (row as i64 + 1) * STEP_MS,
            &[
                (host::CPU_CORES, 2.0),
                (host::CPU_BUSY_CORES, busy(row % 288)),
                (host::MEMORY_TOTAL_BYTES, 4.0 * GIBIBYTE),
                (host::MEMORY_AVAILABLE_BYTES, 2.0 * GIBIBYTE),
            ],
        );
    }
    own
}

struct Estate {
    _folder: tempfile::TempDir,
    store: Store,
    reader: EstateReader,
}

impl Estate {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let mut writer = store.begin("hand").unwrap();
        // A quarter of an hour a day of full load; half a load all day long.
        let quarter_hour = |row| if row < 3 { 1.9 } else { 0.05 };
        writer
            .write(vec![
                series("busy", |_| 1.0),
                series("database", quarter_hour),
                series("quiet", quarter_hour),
            ])
            .unwrap();
        writer.commit(&Origin::new("hand", "test")).unwrap();
        let reader = EstateReader::open(&store).unwrap();
        Self {
            _folder: folder,
            store,
            reader,
        }
    }

    fn plan(&self, overrides: &Overrides, environment: &str, earlier: Option<&Plan>) -> Plan {
        let mut assessment = Assessment::new("credits", REGION);
        assessment.default_environment = environment.to_string();
        let policy = assessment.policy(environment, overrides).unwrap();
        let options = ProfileOptions {
            credits: policy.burstable,
            ..ProfileOptions::for_rules(assessment.zone().unwrap(), &[policy.rule])
        };
        let profiles = profile_estate(&self.reader, &options, &|_| {}, &AtomicBool::new(false)).unwrap();
        let inventory = Inventory {
            services: vec![postgres()],
            ..Inventory::default()
        };
        let inputs = PlanInputs {
            assessment: &assessment,
            overrides,
            profiles: &profiles,
            inventory: Some(&inventory),
            origins: &self.store.origins().unwrap(),
            catalog: Catalog::embedded(),
            today: jiff::civil::date(2026, 6, 18),
        };
        match earlier {
            Some(_) => make_after(&inputs, earlier).unwrap(),
            None => make(&inputs).unwrap(),
        }
    }
}

fn postgres() -> Service {
    Service {
        host: "database".to_string(),
        service: "postgresql".to_string(),
        product: "postgresql".to_string(),
        category: Category::Database,
        version: None,
        role: None,
        ports: vec![5432],
        process: Some("postgres".to_string()),
        user: None,
        unit: None,
        arguments: None,
        processes: 7,
        rested_on: vec!["process name postgres".to_string()],
        sureness: Sureness::Seen,
        learnt: Learnt::default(),
    }
}

fn burstable(rule: Option<Rule>) -> Overrides {
    Overrides {
        rule,
        burstable: Some(true),
        ..Overrides::default()
    }
}

fn row<'a>(plan: &'a Plan, host: &str) -> &'a Recommendation {
    plan.recommendations.iter().find(|row| row.host == host).unwrap()
}

fn is_on_credits(row: &Recommendation) -> bool {
    Catalog::embedded()
        .shape(row.instance_type.as_deref().unwrap())
        .unwrap()
        .is_burstable()
}

#[test]
fn credits_are_taken_where_they_last_and_passed_over_where_they_do_not() {
    let estate = Estate::new();
    for rule in [None, Some(Rule::Peak), Some(Rule::ComputeOptimizer)] {
        let plan = estate.plan(&burstable(rule), "production", None);
        let fixed = estate.plan(
            &Overrides {
                rule,
                ..Overrides::default()
            },
            "production",
            None,
        );
        let quiet = row(&plan, "quiet");
        assert!(is_on_credits(quiet), "{rule:?}: {}", quiet.reason);
        assert!(quiet.compute_usd_per_month < row(&fixed, "quiet").compute_usd_per_month);
        let proof = quiet.proof.on_credits.as_ref().unwrap();
        assert!(proof.is_proposed && proof.fit.short_expected <= 0.005, "{proof:?}");

        let busy = row(&plan, "busy");
        assert!(!is_on_credits(busy), "{}", busy.reason);
        assert_eq!(busy.instance_type, row(&fixed, "busy").instance_type);
        if let Some(proof) = &busy.proof.on_credits {
            assert!(!proof.is_proposed && proof.fit.short_measured > 0.5, "{proof:?}");
            assert!(
                proof
                    .surplus_usd_per_month
                    .is_none_or(|surplus| surplus.approximately() > 5.0)
            );
        }
        let report = audit(&plan, Catalog::embedded(), Some(&estate.reader));
        assert!(report.is_clean(), "{rule:?}: {:#?}", report.findings);
        assert!(report.checks_run.keys().any(|check| format!("{check:?}") == "Credits"));
    }
}

#[test]
fn a_production_database_is_never_put_on_credits_and_a_development_one_may_be() {
    let estate = Estate::new();
    let production = estate.plan(&burstable(None), "production", None);
    let database = row(&production, "database");
    assert!(!is_on_credits(database));
    let screen = explain(&production, "database").unwrap();
    assert!(screen.contains("not considered: it runs postgresql"), "{screen}");
    let development = estate.plan(&burstable(None), "development", None);
    assert!(is_on_credits(row(&development, "database")));
}

#[test]
fn the_screen_tells_the_balance_and_the_busiest_hour() {
    let estate = Estate::new();
    let plan = estate.plan(&burstable(None), "production", None);
    let screen = explain(&plan, "quiet").unwrap();
    for words in [
        "On CPU credits",
        "within the dial of 0.50 %",
        "unlimited mode would have added USD 0.00",
        "busiest hour           from ",
        "cores on average",
        "1.90 at its highest",
    ] {
        assert!(screen.contains(words), "no `{words}` in\n{screen}");
    }
}

#[test]
fn planning_again_with_the_proposal_on_credits_keeps_it() {
    let estate = Estate::new();
    let first = estate.plan(&burstable(None), "production", None);
    let again = estate.plan(&burstable(None), "production", Some(&first));
    assert_eq!(row(&again, "quiet").instance_type, row(&first, "quiet").instance_type);
    let report = audit(&again, Catalog::embedded(), Some(&estate.reader));
    assert!(report.is_clean(), "{:#?}", report.findings);
}

#[test]
fn an_audit_finds_a_balance_that_is_told_too_kindly() {
    let estate = Estate::new();
    let mut plan = estate.plan(&burstable(None), "production", None);
    let name = row(&plan, "quiet").instance_type.clone();
    // The busy host is said to do as well on the quiet one's type.
    let proof = row(&plan, "quiet").proof.on_credits.clone();
    let busy = plan.recommendations.iter_mut().find(|row| row.host == "busy").unwrap();
    busy.instance_type = name;
    busy.proof.on_credits = proof;
    let report = audit(&plan, Catalog::embedded(), Some(&estate.reader));
    let found = report
        .findings
        .iter()
        .any(|finding| finding.host.as_deref() == Some("busy") && finding.words.contains("credits were not enough"));
    assert!(found, "{:#?}", report.findings);
}
