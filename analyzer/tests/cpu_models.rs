//! Is every CPU that hosts name scored, and does an old host land on fewer vCPUs?

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use std::fs;
use std::path::Path;

use analyzer::catalog::Catalog;
use analyzer::catalog::models::is_generic;
use analyzer::policy::Membership;
use analyzer::size::CpuEquivalence;
use sizewright_analyzer as analyzer;

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
