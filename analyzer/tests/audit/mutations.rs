//! One thing broken at a time, each with all checks that must report it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use sizewright_analyzer::audit::{Check, Finding};
use sizewright_analyzer::catalog::{Architecture, Catalog, VolumeType};
use sizewright_analyzer::money::{Usd, UsdPerHour, UsdPerMonth};
use sizewright_analyzer::plan::{Plan, Proposal};
use sizewright_analyzer::policy::Overrides;
use sizewright_analyzer::size::{Activity, CpuEquivalence, Dimension, Requirement, Storage, VolumeProposal};

use crate::estate::{Estate, resum, row, row_mut, settle};
use crate::words;

fn cent() -> Decimal {
    Decimal::new(1, 2)
}

/// Breaks a good plan and expects exactly these checks to report it.
fn broken(breaks: impl FnOnce(&mut Plan), expected: &[Check]) {
    let estate = Estate::new();
    let mut plan = estate.plan.clone();
    breaks(&mut plan);
    assert_ne!(plan, estate.plan, "the mutation changes nothing");
    let report = estate.audit(&plan);
    let found: BTreeSet<Check> = report.findings.iter().map(|finding| finding.check).collect();
    assert_eq!(found, expected.iter().copied().collect(), "\n{}", words(&report));
}

fn requirement<'a>(plan: &'a mut Plan, host: &str, dimension: Dimension) -> &'a mut Requirement {
    let requirements = &mut row_mut(plan, host).proof.requirements;
    requirements
        .iter_mut()
        .find(|requirement| requirement.dimension == dimension)
        .unwrap()
}

fn volumes<'a>(plan: &'a mut Plan, host: &str) -> &'a mut Vec<VolumeProposal> {
    match &mut row_mut(plan, host).proof.storage {
        Storage::Known(volumes) => volumes,
        Storage::Unknown { reason, .. } => panic!("storage of {host} is unknown: {reason}"),
    }
}

// Rows.

#[test]
fn a_host_without_a_row_is_found() {
    broken(
        |plan| {
            plan.recommendations.retain(|row| row.host != "app-1");
            settle(plan);
        },
        &[Check::Hosts, Check::Drift],
    );
}

#[test]
fn a_row_without_a_host_is_found() {
    broken(
        |plan| {
            let mut ghost = row(plan, "app-1").clone();
            ghost.host = "zzz-1".into();
            plan.recommendations.push(ghost);
            settle(plan);
        },
        &[Check::Hosts],
    );
}

#[test]
fn rows_out_of_order_are_found() {
    broken(|plan| plan.recommendations.swap(0, 1), &[Check::RowOrder]);
}

#[test]
fn a_host_in_the_wrong_environment_is_found() {
    broken(
        |plan| {
            let row = row_mut(plan, "app-1");
            row.environment = "development".into();
            settle(plan);
        },
        &[Check::Membership],
    );
}

#[test]
fn a_policy_that_the_assessment_does_not_state_is_found() {
    broken(
        |plan| plan.policies.get_mut("development").unwrap().memory_headroom = 0.5,
        &[Check::Membership],
    );
}

// The proposed type.

#[test]
fn a_type_that_nobody_sells_is_found() {
    broken(
        |plan| {
            row_mut(plan, "app-1").instance_type = Some("m7i.teapot".into());
            settle(plan);
        },
        &[Check::TypeOffered],
    );
}

#[test]
fn a_price_that_is_a_cent_off_is_found() {
    broken(
        |plan| {
            let row = row_mut(plan, "app-1");
            row.price_usd_per_hour = row
                .price_usd_per_hour
                .map(|price| UsdPerHour::from_decimal(price.as_decimal() + cent()));
            settle(plan);
        },
        &[Check::Price],
    );
}

#[test]
fn vcpus_that_the_type_does_not_have_are_found() {
    broken(
        |plan| {
            let row = row_mut(plan, "app-1");
            row.vcpu = row.vcpu.map(|vcpu| vcpu + 1);
            settle(plan);
        },
        &[Check::ShapeColumns],
    );
}

#[test]
fn arm64_for_a_workload_that_does_not_run_on_it_is_found() {
    let estate = Estate::new();
    let overrides = Overrides {
        architectures: Some(vec![Architecture::Arm64]),
        ..Overrides::default()
    };
    let mut plan = estate.plan_with(&overrides);
    plan.assessment.hosts[2].arm64_ready = Some(false);
    let report = estate.audit(&plan);
    let refused = |finding: &&Finding| finding.check == Check::PolicyAllows;
    assert_eq!(report.findings.iter().filter(refused).count(), 1, "{}", words(&report));
    let elsewhere = report
        .findings
        .iter()
        .find(|finding| finding.host.as_deref() != Some("scored-1"));
    assert_eq!(elsewhere, None, "{}", words(&report));
}

/// Puts another type into a row, with everything that hangs on it.
fn swap_type(plan: &mut Plan, host: &str, name: &str) {
    let offer = Catalog::embedded().offer("ap-southeast-1", name).unwrap().unwrap();
    let row = row_mut(plan, host);
    let arm64 = row.proof.arm64.as_mut().unwrap();
    arm64.saving_usd_per_month = offer.price.amount.per_month() - arm64.price_usd_per_hour.per_month();
    if let CpuEquivalence::Scored { source_score, .. } = row.proof.cpu_equivalence {
        let score = offer.shape.cpu_score.or(offer.shape.family_cpu_score).unwrap();
        row.cpu_equivalence = Some(score.per_vcpu / source_score);
    }
    row.instance_type = Some(name.into());
    row.vcpu = Some(offer.shape.vcpu);
    row.memory_gib = Some(offer.shape.memory_gib());
    row.price_usd_per_hour = Some(offer.price.amount);
    row.proof.price_as_of = Some(offer.price.as_of);
    row.proof.price_method = Some(offer.price.method);
    settle(plan);
}

#[test]
fn a_dearer_type_than_needed_is_found() {
    broken(
        |plan| swap_type(plan, "app-1", "m7i.48xlarge"),
        &[Check::Cheapest, Check::Rejected, Check::WorthItsPrice],
    );
}

#[test]
fn a_type_that_is_too_small_is_found() {
    broken(
        |plan| swap_type(plan, "scored-1", "m7i.large"),
        &[
            Check::RequirementsMet,
            Check::Rejected,
            Check::RequirementNumbers,
            Check::WorthItsPrice,
            Check::Violation,
        ],
    );
}

#[test]
fn an_altered_shortfall_is_found() {
    broken(
        |plan| {
            let shortfall = &mut row_mut(plan, "db-1").proof.rejected[1].shortfalls[0];
            shortfall.offered = shortfall.offered.map(|offered| offered * 0.999);
        },
        &[Check::Rejected],
    );
}

#[test]
fn rejected_types_in_another_order_are_found() {
    broken(
        |plan| row_mut(plan, "app-1").proof.rejected.swap(3, 4),
        &[Check::Rejected],
    );
}

#[test]
fn another_next_cheaper_type_is_found() {
    broken(
        |plan| {
            let row = row_mut(plan, "app-1");
            row.next_cheaper = Some(row.proof.rejected[1].instance_type.clone());
        },
        &[Check::NextCheaper],
    );
}

#[test]
fn a_wrong_binding_dimension_is_found() {
    broken(
        |plan| {
            let peak = requirement(plan, "app-1", Dimension::NetworkPeak).peak_at_ms;
            let row = row_mut(plan, "app-1");
            row.binding_dimension = Some(Dimension::NetworkPeak);
            row.peak_at_ms = peak;
        },
        &[Check::Binding],
    );
}

#[test]
fn a_wrong_arm64_saving_is_found() {
    broken(
        |plan| {
            let arm64 = row_mut(plan, "app-1").proof.arm64.as_mut().unwrap();
            arm64.saving_usd_per_month = arm64.saving_usd_per_month + UsdPerMonth::from_decimal(cent());
            resum(plan);
        },
        &[Check::Alternatives],
    );
}

#[test]
fn a_demand_column_that_differs_from_its_requirement_is_found() {
    broken(
        |plan| {
            let row = row_mut(plan, "app-1");
            row.memory_demand_gib = row.memory_demand_gib.map(|gib| gib - 0.01);
        },
        &[Check::DemandColumns],
    );
}

#[test]
fn another_cpu_equivalence_is_found() {
    broken(
        |plan| row_mut(plan, "scored-1").cpu_equivalence = Some(1.0),
        &[Check::CpuEquivalence],
    );
}

// The numbers behind it.

#[test]
fn a_requirement_that_the_series_does_not_give_is_found() {
    broken(
        |plan| {
            let requirement = requirement(plan, "app-1", Dimension::DiskThroughputPeak);
            requirement.target *= 1.001;
            requirement.high = requirement.target;
        },
        &[Check::RequirementNumbers],
    );
}

#[test]
fn a_drift_that_no_host_showed_is_found() {
    broken(
        |plan| {
            let drift = plan.drift.as_mut().unwrap();
            drift.memory.shifts[1][40] += 0.5;
            drift.memory.shifts[1][49] += 0.5;
        },
        &[Check::Drift],
    );
}

#[test]
fn a_wrong_peak_minute_is_found() {
    broken(
        |plan| {
            let requirement = requirement(plan, "app-1", Dimension::DiskOperations);
            requirement.peak_at_ms = requirement.peak_at_ms.map(|at| at + 300_000);
        },
        &[Check::Peak],
    );
}

#[test]
fn a_formula_of_another_number_is_found() {
    broken(
        |plan| requirement(plan, "app-1", Dimension::Cpu).formula = "P99.5 1.00 cores = 1.00 vCPU".into(),
        &[Check::Formula],
    );
}

#[test]
fn a_made_up_coverage_is_found() {
    broken(
        |plan| row_mut(plan, "app-1").proof.coverage = 0.99,
        &[Check::Observation],
    );
}

#[test]
fn a_source_that_was_larger_is_found() {
    broken(
        |plan| {
            let row = row_mut(plan, "app-1");
            row.source_memory_gib = row.source_memory_gib.map(|gib| gib - 0.01);
            resum(plan);
        },
        &[Check::SourceCapacity],
    );
}

#[test]
fn a_risk_that_is_played_down_is_found() {
    broken(
        |plan| row_mut(plan, "app-1").violation_probability = Some(0.2),
        &[Check::Violation],
    );
}

#[test]
fn a_working_host_called_idle_is_found() {
    broken(
        |plan| {
            row_mut(plan, "app-1").proof.activity = Activity::Idle;
            resum(plan);
        },
        &[Check::Activity],
    );
}

// Volumes.

#[test]
fn a_file_system_without_a_volume_is_found() {
    broken(
        |plan| volumes(plan, "app-1")[1].need.mounts = vec!["/elsewhere".into()],
        &[Check::VolumeNeeds],
    );
}

#[test]
fn a_disk_whose_load_nothing_carries_is_found() {
    broken(
        |plan| {
            let need = &mut volumes(plan, "app-1")[1].need;
            need.iops = need.iops.map(|iops| iops / 2.0);
        },
        &[Check::VolumeNeeds],
    );
}

#[test]
fn a_volume_that_is_too_slow_is_found() {
    broken(
        |plan| volumes(plan, "app-1")[1].provisioned_iops = Some(50),
        &[Check::VolumeLimits],
    );
}

#[test]
fn a_volume_that_would_overflow_is_found() {
    broken(
        |plan| {
            let volume = &mut volumes(plan, "app-1")[1];
            volume.need.size_gib -= 1;
            let line = &mut volume.lines[0];
            line.quantity -= Decimal::ONE;
            line.amount = UsdPerMonth::from_decimal(line.quantity * line.unit_price.amount.as_decimal());
            let row = row_mut(plan, "app-1");
            row.storage_gib = row.storage_gib.map(|gib| gib - 1.0);
            settle(plan);
        },
        &[Check::VolumeLimits],
    );
}

#[test]
fn a_volume_at_another_price_is_found() {
    broken(
        |plan| {
            let line = &mut volumes(plan, "app-1")[0].lines[0];
            let price = line.unit_price.amount.as_decimal() - Decimal::new(1, 3);
            line.unit_price.amount = Usd::from_decimal(price);
            line.amount = UsdPerMonth::from_decimal(price * line.quantity);
            settle(plan);
        },
        &[Check::VolumePrice],
    );
}

#[test]
fn a_dearer_kind_of_volume_is_found() {
    broken(
        |plan| {
            let prices = Catalog::embedded()
                .ebs("ap-southeast-1")
                .unwrap()
                .volume(VolumeType::Io2)
                .unwrap();
            let volume = &mut volumes(plan, "app-1")[1];
            volume.kind = VolumeType::Io2;
            volume.provisioned_iops = Some(1000);
            volume.provisioned_mib_per_second = None;
            let mut iops = volume.lines[0].clone();
            for (line, quantity, price) in [
                (&mut volume.lines[0], volume.need.size_gib, &prices.per_gib_month),
                (&mut iops, 1000, &prices.iops_tiers[0].per_iops_month),
            ] {
                line.quantity = Decimal::from(quantity);
                line.unit_price = price.clone();
                line.amount = UsdPerMonth::from_decimal(line.quantity * price.amount.as_decimal());
            }
            volume.lines = vec![volume.lines[0].clone(), iops];
            settle(plan);
        },
        &[Check::VolumeCheapest],
    );
}

// Money.

#[test]
fn a_total_that_is_a_cent_off_is_found() {
    broken(
        |plan| {
            let row = row_mut(plan, "app-1");
            row.total_usd_per_month = row
                .total_usd_per_month
                .map(|total| total + UsdPerMonth::from_decimal(cent()));
        },
        &[Check::RowCost],
    );
}

#[test]
fn a_bill_line_that_is_a_cent_off_is_found() {
    broken(
        |plan| {
            let line = plan
                .bill
                .lines
                .iter_mut()
                .find(|line| line.host == "app-1" && line.item.contains("gp3"))
                .unwrap();
            line.amount = line.amount.map(|amount| amount + UsdPerMonth::from_decimal(cent()));
            resum(plan);
        },
        &[Check::BillLines],
    );
}

#[test]
fn a_sum_that_is_a_cent_off_is_found() {
    broken(
        |plan| {
            let total = plan.bill.by_environment.get_mut("production").unwrap();
            total.known = total.known + UsdPerMonth::from_decimal(cent());
        },
        &[Check::BillTotals],
    );
}

#[test]
fn a_hidden_unknown_is_found() {
    broken(|plan| plan.bill.total.unknown_lines = 0, &[Check::BillTotals]);
}

#[test]
fn an_unknown_that_became_zero_is_found() {
    broken(
        |plan| {
            let line = plan.bill.lines.iter_mut().find(|line| line.amount.is_none()).unwrap();
            line.amount = Some(UsdPerMonth::ZERO);
            resum(plan);
        },
        &[Check::Unknown],
    );
}

#[test]
fn an_empty_column_without_a_word_is_found() {
    broken(
        |plan| {
            let row = row_mut(plan, "short-1");
            row.reason = "undecided".into();
            row.confidence_reason.clear();
        },
        &[Check::Unknown, Check::Confidence],
    );
}

#[test]
fn a_miscounted_summary_is_found() {
    broken(|plan| plan.summary.keep += 1, &[Check::Summary]);
}

// Verdicts.

#[test]
fn a_change_to_what_it_already_is_is_found() {
    broken(
        |plan| {
            assert_eq!(row(plan, "kept-1").proposal, Proposal::Keep);
            row_mut(plan, "kept-1").proposal = Proposal::Change;
            resum(plan);
        },
        &[Check::Proposal],
    );
}

#[test]
fn a_proposal_on_weak_evidence_is_found() {
    broken(
        |plan| {
            assert_eq!(row(plan, "short-1").proposal, Proposal::Undecided);
            row_mut(plan, "short-1").proposal = Proposal::Change;
            resum(plan);
        },
        &[Check::Proposal],
    );
}

#[test]
fn a_confidence_above_its_doubts_is_found() {
    broken(
        |plan| {
            row_mut(plan, "app-1").confidence += 0.05;
            resum(plan);
        },
        &[Check::Confidence],
    );
}

#[test]
fn an_idle_host_missing_from_the_retire_list_is_found() {
    broken(
        |plan| {
            assert_eq!(plan.retire.len(), 1);
            plan.retire.clear();
        },
        &[Check::Retire],
    );
}

#[test]
fn a_saving_that_is_too_high_is_found() {
    broken(
        |plan| {
            let saving = &mut plan.retire[0].saving_usd_per_month;
            *saving = saving.map(|saving| saving + UsdPerMonth::from_decimal(cent()));
        },
        &[Check::Retire],
    );
}

#[test]
fn a_catalog_made_younger_is_found() {
    broken(|plan| plan.catalog.age_days -= 1, &[Check::CatalogStamp]);
}

#[test]
fn a_stale_flag_turned_round_is_found() {
    broken(|plan| plan.catalog.stale = !plan.catalog.stale, &[Check::CatalogStamp]);
}
