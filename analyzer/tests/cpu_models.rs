//! Is every CPU that hosts name scored, and does an old host land on fewer vCPUs?

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs;
use std::path::Path;

use analyzer::catalog::Catalog;
use analyzer::catalog::benchmark::{calibrated, thread_score};
use analyzer::catalog::models::is_generic;
use analyzer::policy::{Benchmarked, Membership};
use analyzer::size::{BenchmarkUse, CpuEquivalence};
use sizewright_analyzer as analyzer;
use telemetry::inventory::CpuBenchmark;

fn score(model: &str) -> f64 {
    let score = Catalog::embedded().cpu_model(model);
    score.unwrap_or_else(|| panic!("`{model}` has no score")).per_core
}

/// Reads the model as the kernel of each kind of machine names it.
fn model_of(cpuinfo: &str) -> String {
    let field = |name: &str| {
        cpuinfo.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim().eq_ignore_ascii_case(name)).then(|| value.trim().to_string())
        })
    };
    field("model name")
        .or_else(|| Some(format!("ARM {} {}", field("CPU implementer")?, field("CPU part")?)))
        .or_else(|| field("cpu"))
        .or_else(|| field("uarch"))
        .unwrap()
}

#[test]
fn the_clouds_cpus_score_as_they_were_measured() {
    // Families of one model: what a core of them does is known.
    let mut seen = 0;
    for family in &Catalog::embedded().tables().family_scores {
        let [model] = family.cpu_models.as_slice() else {
            continue;
        };
        if family.types_run < 3 || family.family.starts_with("hpc") || family.family.starts_with('t') {
            continue;
        }
        let expected = family.per_vcpu * f64::from(family.threads_per_core);
        let found = score(model);
        assert!(
            (found / expected - 1.0).abs() < 0.16,
            "{model} on {}: {found} for {expected}",
            family.family
        );
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn models_without_a_run_land_near_their_kin() {
    for (model, low, high) in [
        ("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", 1.00, 1.40),
        ("Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz", 0.90, 1.30),
        ("Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz", 1.15, 1.65),
        ("Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz", 1.30, 2.00),
        ("AMD EPYC 7543 32-Core Processor", 1.60, 2.60),
        ("AMD Opteron(tm) Processor 6136", 0.40, 0.80),
        ("ARM 0x41 0xd0c", 0.80, 0.96),
        ("Neoverse-V2", 1.15, 1.45),
        ("Intel Xeon Processor (Skylake, IBRS)", 1.10, 1.70),
    ] {
        let found = score(model);
        assert!((low..high).contains(&found), "{model}: {found}");
    }
}

#[test]
fn a_made_up_model_has_no_score_and_is_known_as_one() {
    for model in ["QEMU Virtual CPU version 2.5+", "Common KVM processor"] {
        assert!(Catalog::embedded().cpu_model(model).is_none());
        assert!(is_generic(model));
    }
    assert!(Catalog::embedded().cpu_model("Wintermute 9000").is_none());
    assert!(!is_generic("Intel(R) Xeon(R) Gold 6148"));
}

#[test]
fn every_model_of_the_catalog_is_scored() {
    for family in &Catalog::embedded().tables().family_scores {
        for model in family.cpu_models.iter().filter(|model| !model.is_empty()) {
            assert!(score(model) > 0.0, "{model}");
        }
    }
}

#[test]
fn every_captured_cpuinfo_is_scored() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/cpuinfo");
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("not run: {} is not there", folder.display());
        return;
    };
    let mut seen = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        let model = model_of(&text);
        let score = Catalog::embedded().cpu_model(&model);
        let score = score.unwrap_or_else(|| panic!("{}: `{model}` has no score", path.display()));
        assert!((0.05..4.0).contains(&score.per_core), "{model}: {score:?}");
        assert!(score.uncertainty > 0.0 && !score.origin.is_empty());
        seen += 1;
    }
    assert!(seen > 10);
}

#[test]
fn a_ten_year_old_host_needs_far_fewer_modern_vcpus_and_the_bound_is_stated() {
    let member = Membership {
        cpu_model: Some("Intel(R) Xeon(R) CPU E5-2650 v2 @ 2.60GHz".to_string()),
        ..Membership::default()
    };
    let catalog = Catalog::embedded();
    // 16 cores, 32 threads, all busy.
    let equivalence = CpuEquivalence::find(&member, Some(32.0), Some(32.0), catalog);
    let modern = catalog.shape("m8a.xlarge").unwrap();
    let needed = 32.0 / equivalence.of(modern);
    assert!((8.0..14.0).contains(&needed), "{needed}");
    let [low, likely, high] = equivalence.in_m7i(32.0).unwrap();
    assert!(low < likely && likely < high && likely < 25.0, "{low} {likely} {high}");
    assert!(equivalence.words().contains('±') && equivalence.words().contains("E5-2650 v2"));
}

#[test]
fn a_second_thread_adds_less_than_the_first() {
    let score = Catalog::embedded()
        .cpu_model("Intel(R) Xeon(R) CPU E5-2680 v3 @ 2.50GHz")
        .unwrap();
    let work = |busy: f64| busy * score.per_busy_cpu(24.0, busy);
    assert!((work(24.0) - 12.0 * score.per_core).abs() < 1e-9);
    assert!((work(12.0) * (1.0 + score.smt_gain) - work(24.0)).abs() < 1e-9);
    let mut before = 0.0;
    for step in 1..=240 {
        let now = work(f64::from(step) * 0.1);
        assert!(now > before);
        before = now;
    }
}

#[test]
fn a_score_by_hand_goes_before_the_model() {
    let member = Membership {
        cpu_model: Some("AMD EPYC 7571".to_string()),
        cpu_score: Some(0.5),
        ..Membership::default()
    };
    let found = CpuEquivalence::find(&member, Some(8.0), Some(4.0), Catalog::embedded());
    assert!(matches!(found, CpuEquivalence::Scored { source_score, uncertainty: None, .. } if source_score == 0.5));
}

#[test]
fn a_type_without_a_score_is_never_taken_for_more_than_the_weakest_that_has_one() {
    let catalog = Catalog::embedded();
    let member = Membership {
        cpu_model: Some("AMD EPYC 7302 16-Core Processor".to_string()),
        ..Membership::default()
    };
    let found = CpuEquivalence::find(&member, Some(32.0), Some(16.0), catalog);
    let of = |name: &str| found.of(catalog.shape(name).unwrap());
    // r5b has the CPU of r5 and no score of its own; once it was taken for as much as the source's own core.
    assert!(catalog.shape("r5b.8xlarge").unwrap().family_cpu_score.is_none());
    assert!(of("r5b.8xlarge") < 0.6, "{}", of("r5b.8xlarge"));
    assert!(of("r5b.8xlarge") <= of("r5.8xlarge"));
}

/// Gives a host with a model and a reading of so much CPU time.
fn benchmarked(model: Option<&str>, cpu_ms: u32) -> Membership {
    let (program, output_bytes) = calibrated().next().unwrap();
    Membership {
        cpu_model: model.map(str::to_string),
        cpu_benchmark: Some(Benchmarked {
            reading: CpuBenchmark {
                program: format!("{program} 1.10"),
                output_bytes,
                cpu_ms,
                tick_ms: 10,
                runs: 5,
            },
            on: "2026-05-11".parse().unwrap(),
        }),
        ..Membership::default()
    }
}

#[test]
fn a_made_up_model_is_scored_by_its_benchmark_and_says_how_unsure_that_is() {
    let catalog = Catalog::embedded();
    let scored = |cpu_ms: u32| match CpuEquivalence::find(
        &benchmarked(Some("QEMU Virtual CPU version 2.5+"), cpu_ms),
        Some(8.0),
        Some(2.0),
        catalog,
    ) {
        CpuEquivalence::Scored {
            source_score,
            uncertainty,
            benchmark,
            ..
        } => (source_score, uncertainty.unwrap(), benchmark.unwrap()),
        CpuEquivalence::OneToOne => panic!("not scored"),
    };
    let (fast, bound, how) = scored(400);
    let (slow, ..) = scored(800);
    let thread = thread_score(&benchmarked(None, 400).cpu_benchmark.unwrap().reading).unwrap();
    // Two of eight vCPUs busy: each has a core to itself.
    assert!((fast - thread.per_thread).abs() < 1e-3, "{fast} {thread:?}");
    assert!((fast / slow - 2.0).abs() < 1e-3);
    assert!((bound - thread.bound_without_model).abs() < 1e-4 && bound > 0.35);
    assert!(matches!(how, BenchmarkUse::Alone { .. }));
    let words = CpuEquivalence::find(&benchmarked(None, 400), Some(8.0), Some(2.0), catalog).words();
    assert!(
        words.contains("CPU model unknown") && words.contains("measured on 2026-05-11"),
        "{words}"
    );
}

#[test]
fn a_benchmark_of_another_work_changes_nothing() {
    let mut member = benchmarked(Some("AMD EPYC 7302 16-Core Processor"), 400);
    let plain = Membership {
        cpu_benchmark: None,
        ..member.clone()
    };
    member.cpu_benchmark.as_mut().unwrap().reading.output_bytes += 1;
    let find = |member: &Membership| CpuEquivalence::find(member, Some(8.0), Some(8.0), Catalog::embedded());
    assert_eq!(find(&member), find(&plain));
    // Nor one beside a score by hand.
    let by_hand = Membership {
        cpu_score: Some(0.5),
        ..benchmarked(None, 400)
    };
    assert!(
        matches!(find(&by_hand), CpuEquivalence::Scored { benchmark: None, source_score, .. } if source_score == 0.5)
    );
}

#[test]
fn with_a_benchmark_no_bound_is_wider_and_no_score_leaves_the_models_bound() {
    let catalog = Catalog::embedded();
    let mut seen = (0, 0);
    for model in [
        "Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz",
        "Intel Xeon Processor (Skylake, IBRS)",
        "AMD EPYC 7571",
        "AMD Opteron(tm) Processor 6136",
        "ARM 0x41 0xd0c",
    ] {
        let found = |member: &Membership| match CpuEquivalence::find(member, Some(16.0), Some(8.0), catalog) {
            CpuEquivalence::Scored {
                source_score,
                uncertainty,
                benchmark,
                ..
            } => (source_score, uncertainty.unwrap(), benchmark),
            CpuEquivalence::OneToOne => panic!("{model} is not scored"),
        };
        let plain = Membership {
            cpu_model: Some(model.to_string()),
            ..Membership::default()
        };
        let (prior, bound, none) = found(&plain);
        assert_eq!(none, None);
        for cpu_ms in (100..6_000).step_by(50) {
            let (score, with, how) = found(&benchmarked(Some(model), cpu_ms));
            assert!(with <= bound, "{model} {cpu_ms}");
            assert!(
                (score / prior - 1.0).abs() <= bound + 1e-3,
                "{model} {cpu_ms}: {score} for {prior}"
            );
            match how.unwrap() {
                BenchmarkUse::Narrowed { from, to, .. } => {
                    assert!(from == bound && to < from && to == with);
                    seen.0 += 1;
                }
                BenchmarkUse::Contradicting { times, .. } => {
                    assert!(
                        (score, with) == (prior, bound) && !(0.75..1.3).contains(&times),
                        "{model} {times}"
                    );
                    seen.1 += 1;
                }
                BenchmarkUse::Alone { .. } => panic!("{model} has a score of its own"),
            }
        }
    }
    assert!(seen.0 > 20 && seen.1 > 20, "{seen:?}");
}

#[test]
fn a_name_without_a_model_in_it_has_no_score() {
    for model in [
        "Intel(R) Xeon(R) Processor",
        "Intel(R) Xeon(R) Processor @ 2.30GHz",
        "AMD EPYC Processor",
        "",
        " ",
    ] {
        assert!(Catalog::embedded().cpu_model(model).is_none(), "{model}");
    }
}
