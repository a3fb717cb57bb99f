//! The laws of a plan, over many estates.

#![allow(clippy::unwrap_used, missing_docs)]

use analyzer::catalog::Catalog;
use analyzer::money::UsdPerMonth;
use analyzer::plan::{Plan, PlanInputs, Proposal, files, make, make_after};
use analyzer::policy::{Assessment, HostRule, Overrides, Rule};
use analyzer::profile::{FilesystemProfile, HostProfile, MemoryMeasure, MetricProfile, Observation, Source};
use jiff::civil::date;
use proptest::prelude::*;
use sizewright_analyzer as analyzer;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const REGIONS: [&str; 3] = ["us-east-1", "ap-southeast-1", "eu-west-1"];

/// A metric whose quantiles climb to its maximum.
fn metric(p50: f64, maximum: f64) -> MetricProfile {
    let at = |share: f64| p50 + (maximum - p50) * share;
    MetricProfile {
        samples: 43_200,
        mean: p50,
        quantiles: vec![
            (0.5, p50),
            (0.9, at(0.3)),
            (0.95, at(0.45)),
            (0.99, at(0.7)),
            (0.995, at(0.8)),
        ],
        maximum,
        maximum_at_ms: 1_778_000_000_000,
        hour_of_week_mean: vec![p50 as f32; 168],
        hour_of_week_p95: vec![maximum as f32; 168],
        daily_maxima: (0..30).map(|day| (day, at(0.9))).collect(),
        first_half_mean: p50,
        second_half_mean: p50,
    }
}

/// What one host asks for.
#[derive(Clone, Debug)]
struct Load {
    vcpus: f64,
    cpu: f64,
    memory_gib: f64,
    memory: f64,
    iops: f64,
    disk_mib: f64,
    network_mbit: f64,
    used_gib: f64,
}

fn any_load() -> impl Strategy<Value = Load> {
    (
        1_u32..64,
        0.01_f64..1.0,
        1_u32..256,
        0.05_f64..1.0,
        0.0_f64..20_000.0,
        0.0_f64..500.0,
        0.0_f64..3_000.0,
        1.0_f64..4_000.0,
    )
        .prop_map(
            |(vcpus, cpu, memory_gib, memory, iops, disk_mib, network_mbit, used_gib)| Load {
                vcpus: f64::from(vcpus),
                cpu,
                memory_gib: f64::from(memory_gib),
                memory,
                iops,
                disk_mib,
                network_mbit,
                used_gib,
            },
        )
}

fn profile(name: &str, load: &Load) -> HostProfile {
    let grow = |maximum: f64| Some(metric(maximum * 0.4, maximum));
    HostProfile {
        host: name.to_string(),
        observed: Observation {
            first_at_ms: 1_776_000_000_000,
            last_at_ms: 1_776_000_000_000 + 30 * 86_400_000,
            interval_s: 60.0,
            samples: 43_200,
            expected: 43_200,
            gaps: 0,
            longest_gap_s: 0.0,
            longest_gap_from_ms: 0,
        },
        source: Source {
            vcpus: Some(load.vcpus),
            memory_bytes: Some(load.memory_gib * GIB),
            resized: false,
        },
        memory_measure: MemoryMeasure::Available,
        cpu: grow(load.vcpus * load.cpu),
        cpu_interval_maxima: grow(load.vcpus * load.cpu),
        steal_mean_cores: None,
        censored: 0,
        memory: grow(load.memory_gib * load.memory * GIB),
        disk_operations: grow(load.iops),
        disk_bytes: grow(load.disk_mib * 1024.0 * 1024.0),
        network_receive: grow(load.network_mbit * 125_000.0),
        network_transmit: grow(load.network_mbit * 100_000.0),
        filesystems: vec![FilesystemProfile {
            mount: "/".to_string(),
            device: "/dev/sda1".to_string(),
            kind: "ext4".to_string(),
            size_bytes: load.used_gib * 2.0 * GIB,
            used_bytes: load.used_gib * GIB,
            growth_bytes_per_day: 0.0,
            drift: None,
        }],
        devices: vec![],
        cpu_decaying_p90: None,
        last_week_p99: None,
        history: None,
        busiest_hour: None,
        credits: None,
    }
}

fn plan(profiles: &[HostProfile], region: &str, overrides: &Overrides, hosts: Vec<HostRule>) -> Plan {
    let mut assessment = Assessment::new("laws", region);
    assessment.hosts = hosts;
    make(&PlanInputs {
        assessment: &assessment,
        overrides,
        profiles,
        inventory: None,
        origins: &[],
        catalog: Catalog::embedded(),
        today: date(2026, 5, 18),
    })
    .unwrap()
}

fn estate(loads: &[Load]) -> Vec<HostProfile> {
    loads
        .iter()
        .enumerate()
        .map(|(number, load)| profile(&format!("host-{number}"), load))
        .collect()
}

fn compute(plan: &Plan, row: usize) -> Option<UsdPerMonth> {
    plan.recommendations[row].compute_usd_per_month
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let rules: Vec<Rule> = Rule::names().iter().map(|name| name.parse().unwrap()).collect();
    prop::sample::select(rules)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn more_demand_never_costs_less(
        load in any_load(),
        factor in 1.0_f64..3.0,
        dimension in 0_usize..5,
        rule in any_rule(),
        region in prop::sample::select(REGIONS.to_vec()),
    ) {
        // Ours weighs price and risk: what never falls is their sum, a law of `size::risk`.
        prop_assume!(rule != Rule::Sizewright);
        let mut more = load.clone();
        match dimension {
            0 => { more.cpu *= factor; more.vcpus *= factor.ceil(); more.cpu = more.cpu.min(1.0).max(load.cpu) }
            1 => { more.memory_gib *= factor }
            2 => more.iops *= factor,
            3 => more.disk_mib *= factor,
            _ => more.network_mbit *= factor,
        }
        let overrides = Overrides { rule: Some(rule), ..Overrides::default() };
        let before = plan(&estate(&[load]), region, &overrides, vec![]);
        let after = plan(&estate(&[more]), region, &overrides, vec![]);
        // What no type can carry any more has no price; what has one costs at least as much.
        if let (Some(before), Some(after)) = (compute(&before, 0), compute(&after, 0)) {
            prop_assert!(after >= before);
        } else {
            prop_assert!(compute(&before, 0).is_some() || compute(&after, 0).is_none());
        }
        if let (Some(before), Some(after)) =
            (before.recommendations[0].storage_usd_per_month, after.recommendations[0].storage_usd_per_month)
        {
            prop_assert!(after >= before);
        }
    }

    #[test]
    fn more_headroom_never_gives_less(
        load in any_load(),
        rule in any_rule(),
        low in 0.0_f64..0.5,
        added in 0.0_f64..0.5,
    ) {
        let with = |headroom: f64| {
            let overrides = Overrides { rule: Some(rule), headroom: Some(headroom), ..Overrides::default() };
            plan(&estate(std::slice::from_ref(&load)), "us-east-1", &overrides, vec![])
        };
        let (small, large) = (with(low), with(low + added));
        let need = |plan: &Plan| {
            let row = &plan.recommendations[0];
            (row.cpu_demand_cores, row.memory_demand_gib)
        };
        prop_assert!(need(&large).0 >= need(&small).0 && need(&large).1 >= need(&small).1);
        if let (Some(small), Some(large)) = (compute(&small, 0), compute(&large, 0)) {
            prop_assert!(large >= small);
        }
    }

    #[test]
    fn planning_again_with_the_proposal_as_the_current_type_says_keep(
        loads in prop::collection::vec(any_load(), 1..8),
        rule in any_rule(),
        region in prop::sample::select(REGIONS.to_vec()),
    ) {
        let overrides = Overrides { rule: Some(rule), ..Overrides::default() };
        let profiles = estate(&loads);
        let first = plan(&profiles, region, &overrides, vec![]);
        let current = first
            .recommendations
            .iter()
            .map(|row| HostRule { pattern: row.host.clone(), current_type: row.instance_type.clone(), ..HostRule::default() })
            .collect();
        let second = plan(&profiles, region, &overrides, current);
        for (before, after) in first.recommendations.iter().zip(&second.recommendations) {
            prop_assert_eq!(&before.instance_type, &after.instance_type);
            if before.proposal != Proposal::Undecided {
                prop_assert_eq!(after.proposal, Proposal::Keep);
            }
        }
    }

    #[test]
    fn the_bill_is_the_sum_of_its_lines_and_the_same_input_gives_the_same_bytes(
        loads in prop::collection::vec(any_load(), 1..12),
        seed in any::<u64>(),
    ) {
        let mut profiles = estate(&loads);
        let plan_of = |profiles: &[HostProfile]| plan(profiles, "ap-southeast-1", &Overrides::default(), vec![]);
        let one = plan_of(&profiles);
        let sum: UsdPerMonth = one.bill.lines.iter().filter_map(|line| line.amount).sum();
        prop_assert_eq!(one.bill.total.known, sum);
        for line in &one.bill.lines {
            if let (Some(price), Some(amount)) = (line.unit_price, line.amount) {
                prop_assert_eq!(price.as_decimal() * line.quantity, amount.as_decimal());
            }
        }
        let rows: UsdPerMonth = one.recommendations.iter().filter_map(|row| row.total_usd_per_month).sum();
        prop_assert!(rows <= sum);
        // The order in which hosts come does not matter.
        let count = profiles.len();
        profiles.rotate_left(seed as usize % count);
        let two = plan_of(&profiles);
        prop_assert_eq!(files::to_json(&one).unwrap(), files::to_json(&two).unwrap());
        prop_assert_eq!(files::recommendations_parquet(&one).unwrap(), files::recommendations_parquet(&two).unwrap());
        let read = files::from_json(&files::to_json(&one).unwrap()).unwrap();
        prop_assert_eq!(read.bill, one.bill);
        prop_assert_eq!(read.recommendations.len(), one.recommendations.len());
    }
}

#[test]
fn the_contract_columns_are_those_of_the_design() {
    let load = Load {
        vcpus: 4.0,
        cpu: 0.5,
        memory_gib: 16.0,
        memory: 0.5,
        iops: 100.0,
        disk_mib: 10.0,
        network_mbit: 100.0,
        used_gib: 50.0,
    };
    let plan = plan(&estate(&[load]), "us-east-1", &Overrides::default(), vec![]);
    let csv = String::from_utf8(files::recommendations_csv(&plan).unwrap()).unwrap();
    insta::assert_snapshot!(csv.lines().next().unwrap(), @"phase,host,service,environment,source_vcpu,source_memory_gib,target_service,instance_type,instance_count,vcpu,memory_gib,architecture,region,deployment,engine,purchase_option,price_usd_per_hour,compute_usd_per_month,storage_usd_per_month,total_usd_per_month,cpu_demand_cores,cpu_equivalence,memory_demand_gib,disk_iops_demand,disk_mbps_demand,network_mbps_demand,storage_gib,binding_dimension,peak_at,rule,violation_probability,confidence,confidence_reason,proposal,reason,next_cheaper,next_cheaper_shortfall");
}

#[test]
fn an_idle_fleet_is_sized_to_the_smallest_type_and_a_giant_is_undecided() {
    let tiny = Load {
        vcpus: 2.0,
        cpu: 0.01,
        memory_gib: 1.0,
        memory: 0.1,
        iops: 0.0,
        disk_mib: 0.0,
        network_mbit: 0.0,
        used_gib: 1.0,
    };
    let giant = Load {
        vcpus: 5_000.0,
        cpu: 1.0,
        memory_gib: 90_000.0,
        memory: 1.0,
        ..tiny.clone()
    };
    let plan = plan(&estate(&[tiny, giant]), "us-east-1", &Overrides::default(), vec![]);
    assert!(plan.recommendations[0].instance_type.is_some());
    assert_eq!(plan.recommendations[1].proposal, Proposal::Undecided);
    assert!(
        plan.recommendations[1].reason.contains("no type"),
        "{}",
        plan.recommendations[1].reason
    );
    assert_eq!(plan.recommendations[1].total_usd_per_month, None);
}

/// Plans for profiles after an earlier plan.
fn plan_after(profiles: &[HostProfile], earlier: Option<&Plan>) -> Plan {
    let assessment = Assessment::new("laws", "us-east-1");
    make_after(
        &PlanInputs {
            assessment: &assessment,
            overrides: &Overrides::default(),
            profiles,
            inventory: None,
            origins: &[],
            catalog: Catalog::embedded(),
            today: date(2026, 5, 18),
        },
        earlier,
    )
    .unwrap()
}

#[test]
fn a_further_day_of_data_does_not_flip_proposals_back_and_forth() {
    let loads: Vec<Load> = (0..300)
        .map(|host| Load {
            vcpus: f64::from(4 << (host % 5)),
            cpu: 0.10 + f64::from(host) * 0.002,
            memory_gib: f64::from(8 << (host % 5)),
            memory: 0.15 + f64::from(host) * 0.002,
            iops: 100.0,
            disk_mib: 10.0,
            network_mbit: 50.0,
            used_gib: 50.0,
        })
        .collect();
    // Days that differ by some per cent, up and down.
    let day = |number: i32| -> Vec<HostProfile> {
        let moved = |load: &Load| Load {
            cpu: load.cpu * (1.0 + 0.05 * f64::from(number % 2)),
            memory: load.memory * (1.0 + 0.05 * f64::from((number + 1) % 2)),
            ..load.clone()
        };
        estate(&loads.iter().map(moved).collect::<Vec<_>>())
    };
    let changes = |before: &Plan, after: &Plan| {
        let pairs = before.recommendations.iter().zip(&after.recommendations);
        pairs
            .filter(|(one, other)| one.instance_type != other.instance_type)
            .count()
    };
    let (mut flips, mut kept_flips) = (0, 0);
    let mut kept = plan_after(&day(0), None);
    let mut fresh = kept.clone();
    for number in 1..8 {
        let next = plan_after(&day(number), Some(&kept));
        kept_flips += changes(&kept, &next);
        kept = next;
        let next = plan_after(&day(number), None);
        flips += changes(&fresh, &next);
        fresh = next;
    }
    assert!(flips > 20, "the days must differ enough to move proposals: {flips}");
    // A host may step once when its risk leaves the band or its price is a third off, and then stays there.
    assert!(kept_flips * 5 <= flips, "{kept_flips} of {flips}");
    let settled = plan_after(&day(8), Some(&kept));
    assert!(changes(&kept, &settled) * 20 <= flips, "{}", changes(&kept, &settled));
    assert!(
        kept.recommendations
            .iter()
            .any(|row| row.proof.kept_instead_of.is_some())
    );
}

#[test]
fn another_policy_is_not_held_to_an_earlier_plan() {
    let load = Load {
        vcpus: 16.0,
        cpu: 0.5,
        memory_gib: 64.0,
        memory: 0.3,
        iops: 100.0,
        disk_mib: 10.0,
        network_mbit: 50.0,
        used_gib: 50.0,
    };
    let profiles = estate(&[load]);
    let first = plan(&profiles, "us-east-1", &Overrides::default(), vec![]);
    let mut earlier = first.clone();
    earlier.recommendations[0].instance_type = Some("r7i.4xlarge".to_string());
    earlier.overrides.headroom = Some(0.1);
    let assessment = first.assessment.clone();
    let again = make_after(
        &PlanInputs {
            assessment: &assessment,
            overrides: &Overrides::default(),
            profiles: &profiles,
            inventory: None,
            origins: &[],
            catalog: Catalog::embedded(),
            today: date(2026, 5, 18),
        },
        Some(&earlier),
    )
    .unwrap();
    assert_eq!(
        again.recommendations[0].instance_type,
        first.recommendations[0].instance_type
    );
}
