//! `discover --benchmark`, from the host to the proof: asked for by name only, calibrated for the work that hosts do, told in the plan.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

// The rig names the crate as its own tests do.
extern crate collector as sizewright_collector;

mod sshd;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use analyzer::catalog::Catalog;
use analyzer::catalog::benchmark::{calibrated, thread_score};
use collector::campaign::visit_local;
use collector::discovery::benchmark::{Outcome, outcome};
use collector::sampler::Question;
use sshd::rig::Rig;
use sshd::{Assessment, text};
use telemetry::Inventory;
use telemetry::inventory::{
    self, CPU_BENCHMARK, CPU_BENCHMARK_AT_LEAST, CPU_BENCHMARK_UNAVAILABLE, CpuBenchmark, Fact, Learnt,
};

fn sizewright(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sizewright"));
    command.arg("-C").arg(folder).args(arguments).output().unwrap()
}

#[test]
fn the_work_that_a_host_does_is_the_work_that_was_calibrated() {
    let mut frame = Vec::new();
    visit_local(&mut |feed| {
        frame = feed.ask(Question::Benchmark)?;
        Ok(())
    })
    .unwrap();
    let (Outcome::Measured(reading) | Outcome::AtLeast(reading, _)) = outcome(&frame) else {
        panic!("{}", String::from_utf8_lossy(&frame));
    };
    let score = thread_score(&reading).unwrap();
    println!("{reading}: {score:?}");
    assert!((0.1..4.0).contains(&score.per_thread), "{score:?}");
}

#[test]
fn a_host_is_loaded_only_when_asked_for_and_what_came_of_it_is_told() {
    let rig = Rig::new();
    let server = rig.start();
    let assessment = Assessment::with(&sshd::entry(&rig, "db-1", &server));
    let known = || -> Vec<Fact> {
        let inventory = inventory::read(&assessment.root().join("inventory")).unwrap();
        let is_benchmark = |fact: &Fact| fact.name.starts_with("cpu.benchmark");
        inventory.facts.into_iter().filter(is_benchmark).collect()
    };
    let without = assessment.run(&["discover"]);
    assert_eq!(without.status.code(), Some(0), "{}", text(&without.stderr));
    assert_eq!(known(), []);
    assert!(!text(&without.stderr).contains("benchmark"));

    let with = assessment.run(&["discover", "--benchmark", "--format", "json"]);
    let said = text(&with.stderr);
    assert_eq!(with.status.code(), Some(0), "{said}");
    assert!(said.contains("loads one core of each host"), "{said}");
    let facts = known();
    let [fact] = facts.as_slice() else { panic!("{facts:?}") };
    println!("{}: {} ({})", fact.name, fact.value, fact.learnt.how);
    let rows: serde_json::Value = serde_json::from_slice(&with.stdout).unwrap();
    let cell = rows[0]["benchmark"].as_str().unwrap();
    assert!(said.contains(&format!("db-1: benchmark: {cell}")), "{said}");
    // Which of the three depends on what else runs here.
    match fact.name.as_str() {
        CPU_BENCHMARK => {
            assert_eq!(cell, fact.value);
            assert!(thread_score(&CpuBenchmark::read(&fact.value).unwrap()).is_some());
        }
        CPU_BENCHMARK_AT_LEAST => assert!(cell.contains("a lower bound only: "), "{cell}"),
        CPU_BENCHMARK_UNAVAILABLE => assert_eq!(cell, format!("not measured: {}", fact.value)),
        other => panic!("{other}"),
    }
    let refused = assessment.run(&["discover", "--graph", "dot", "--benchmark"]);
    assert_eq!(refused.status.code(), Some(2));
}

/// Gives the reading that makes a core of the model do so many times what the model is known for.
fn reading(model: &str, times: f64) -> CpuBenchmark {
    let score = Catalog::embedded().cpu_model(model).unwrap();
    let (program, output_bytes) = calibrated().next().unwrap();
    let of = |cpu_ms: u32| CpuBenchmark {
        program: format!("{program} 1.12"),
        output_bytes,
        cpu_ms,
        tick_ms: 10,
        runs: 6,
    };
    let per_core = thread_score(&of(1_000)).unwrap().per_thread * (1.0 + score.smt_gain);
    of((per_core / score.per_core * 1_000.0 / times).round() as u32)
}

#[test]
fn the_plan_says_how_a_benchmark_narrowed_the_bound_or_contradicts_the_model() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path().join("demo");
    let out = [
        "demo",
        "--no-charts",
        "--as-of",
        "2026-05-18",
        "--out",
        folder.to_str().unwrap(),
    ];
    let made = sizewright(work.path(), &out);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let known = inventory::read(&folder.join("inventory")).unwrap();
    let model = |host: &str| {
        let is_it = |fact: &&&Fact| fact.host == host && fact.name == "cpu.model";
        known.current_facts().iter().find(is_it).unwrap().value.clone()
    };
    let explained = |host: &str| text(&sizewright(&folder, &["explain", host]).stdout);
    let fact = |host: &str, times: f64| Fact {
        host: host.to_string(),
        name: CPU_BENCHMARK.to_string(),
        item: String::new(),
        value: reading(&model(host), times).to_string(),
        learnt: Learnt {
            first_at_ms: 1_778_500_000_000,
            last_at_ms: 1_778_500_000_000,
            how: "benchmark".to_string(),
            ..Learnt::default()
        },
    };
    let found = Inventory {
        facts: vec![fact("prod-web-01", 1.1), fact("prod-web-02", 5.0)],
        ..Inventory::default()
    };
    inventory::add(&folder.join("inventory"), found).unwrap();
    let planned = sizewright(&folder, &["plan", "--as-of", "2026-05-18"]);
    let said = text(&planned.stderr);
    assert!(planned.status.success(), "{said}");
    assert!(
        said.contains("benchmark of prod-web-02 contradicts the CPU model"),
        "{said}"
    );

    let narrowed = explained("prod-web-01");
    println!("{narrowed}");
    let prior = Catalog::embedded().cpu_model(&model("prod-web-01")).unwrap();
    let from = format!(
        "narrowed by a benchmark of 2026-05-11 from ± {:.1} % to ± ",
        prior.uncertainty * 100.0
    );
    let (_, to) = narrowed.split_once(&from).unwrap_or_else(|| panic!("{narrowed}"));
    let to: f64 = to.split(' ').next().unwrap().parse().unwrap();
    assert!(to < prior.uncertainty * 100.0, "{to}");
    let contradicted = explained("prod-web-02");
    assert!(
        contradicted.contains("5.0") && contradicted.contains("too far apart, so it is not used"),
        "{contradicted}"
    );
    let audited = sizewright(&folder, &["audit"]);
    assert!(
        audited.status.success(),
        "{}{}",
        text(&audited.stdout),
        text(&audited.stderr)
    );
    let report = sizewright(&folder, &["report", "--no-charts"]);
    assert!(report.status.success(), "{}", text(&report.stderr));
    let page = fs::read_to_string(folder.join("report/report.html")).unwrap();
    assert!(page.contains("arrowed by a benchmark of 2026-05-11"));
}
