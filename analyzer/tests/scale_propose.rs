//! What is proposed for a group: laws of the choice, and what is emitted of it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use jiff::tz::TimeZone;
use sample_data::{DEMAND_FIRST_MINUTE, DemandKind, demand};
use sizewright_analyzer::catalog::{Catalog, Offer};
use sizewright_analyzer::scale::emit::{Emission, cloudformation, hpa, keda, terraform};
use sizewright_analyzer::scale::{
    Event, Fleet, Foresight, Goal, Load, Metric, Proposal, SizeOffer, Stage, hours_per_month, propose, replayed,
};

const REGION: &str = "us-east-1";

fn offers() -> &'static [Offer] {
    Catalog::embedded().offers(REGION).unwrap()
}

/// The sizes of two families on x86 and one on arm64, which is not allowed.
fn sizes() -> Vec<SizeOffer<'static>> {
    offers()
        .iter()
        .filter(|offer| ["m7i", "c7i", "m7g"].contains(&offer.shape.family.as_str()) && !offer.shape.is_bare_metal())
        .map(|offer| SizeOffer {
            offer,
            cores: offer.shape.vcpus().as_cores(),
            allowed: offer.shape.family != "m7g",
        })
        .collect()
}

fn load(kind: DemandKind, days: u32) -> Load {
    Load::from_minutes(DEMAND_FIRST_MINUTE, demand(kind, 11, days))
}

fn proposed(kind: DemandKind, goal: &Goal) -> Proposal {
    let fleets = [3, 2].map(|zones| Fleet {
        zones,
        ..Fleet::default()
    });
    propose(
        &load(kind, 28),
        &TimeZone::UTC,
        &Foresight::default(),
        &sizes(),
        &fleets,
        goal,
    )
    .unwrap()
}

#[test]
fn the_cheapest_of_those_searched_is_chosen_and_its_bill_is_price_times_hours() {
    let proposal = proposed(DemandKind::Diurnal, &Goal::default());
    let fitted = sizewright_analyzer::scale::per_month(proposal.price_usd_per_hour, &proposal.selection.chosen.fitted);
    assert!(proposal.others.iter().all(|other| other.fitted_usd_per_month >= fitted));
    let hours = hours_per_month(&proposal.selection.chosen.held_out);
    assert_eq!(
        proposal.usd_per_month.as_decimal(),
        proposal.price_usd_per_hour.as_decimal() * hours
    );
    assert!(proposal.oracle_usd_per_month <= proposal.usd_per_month);
    assert!(
        !proposal.selection.chosen.policy.is_fixed(),
        "{:?}",
        proposal.selection.static_because
    );
    let beside = proposal.other_architecture.unwrap();
    assert!(beside.instance_type.starts_with("m7g."), "{}", beside.instance_type);
    assert!(
        !proposal.instance_type.starts_with("m7g."),
        "{}",
        proposal.instance_type
    );
}

#[test]
fn what_bears_the_loss_of_a_zone_costs_more_and_does_bear_it() {
    let goal = |survives_zone_loss| Goal {
        survives_zone_loss,
        ..Goal::default()
    };
    let (plain, careful) = (
        proposed(DemandKind::Diurnal, &goal(false)),
        proposed(DemandKind::Diurnal, &goal(true)),
    );
    assert!(careful.usd_per_month > plain.usd_per_month);
    let share = |proposal: &Proposal| proposal.selection.chosen.held_out.short_without_a_zone_share();
    assert!(share(&careful) < 0.03, "{}", share(&careful));
    assert!(share(&plain) > share(&careful));
    assert!(careful.selection.best_static.is_some());
}

#[test]
fn a_load_without_rhythm_is_static_and_says_why() {
    let proposal = proposed(DemandKind::Spiky, &Goal::default());
    let because = proposal.selection.static_because.as_ref().unwrap();
    assert!(proposal.selection.chosen.policy.is_fixed());
    assert!(!because.words().is_empty());
    let short = propose(
        &load(DemandKind::Diurnal, 3),
        &TimeZone::UTC,
        &Foresight::default(),
        &sizes(),
        &[Fleet::default()],
        &Goal::default(),
    )
    .unwrap();
    assert!(
        short
            .selection
            .static_because
            .unwrap()
            .words()
            .contains("days of history")
    );
}

#[test]
fn nothing_is_proposed_where_no_size_is_allowed_or_nothing_ran() {
    let none: Vec<SizeOffer<'_>> = sizes().into_iter().filter(|size| !size.allowed).collect();
    let fleets = [Fleet::default()];
    let goal = Goal::default();
    let diurnal = load(DemandKind::Diurnal, 14);
    assert!(propose(&diurnal, &TimeZone::UTC, &Foresight::default(), &none, &fleets, &goal).is_none());
    let idle = Load::from_minutes(0, vec![0.0; 14 * 1_440]);
    assert!(propose(&idle, &TimeZone::UTC, &Foresight::default(), &sizes(), &fleets, &goal).is_none());
}

#[test]
fn a_chart_shows_the_minutes_that_were_scored() {
    let load = load(DemandKind::Diurnal, 28);
    let proposal = proposed(DemandKind::Diurnal, &Goal::default());
    let replay = replayed(&load, &TimeZone::UTC, &Foresight::default(), &proposal);
    assert_eq!(replay.load.len() as u64, proposal.selection.chosen.held_out.minutes);
    let short = replay
        .load
        .iter()
        .zip(&replay.ready)
        .filter(|(load, ready)| load > ready)
        .count() as u64;
    let counted = proposal.selection.chosen.held_out.short_minutes;
    // Load and capacity are compared in other units here: a minute that is just full may fall on either side.
    assert!(short.abs_diff(counted) <= 2, "{short} drawn, {counted} counted");
}

#[test]
fn an_event_that_people_know_of_is_ready_for() {
    // The second Saturday of the held-out part is three times the usual.
    let mut values = demand(DemandKind::Diurnal, 11, 28);
    let event = 26 * 1_440..27 * 1_440;
    values[event.clone()].iter_mut().for_each(|value| *value *= 3.0);
    let load = Load::from_minutes(DEMAND_FIRST_MINUTE, values);
    let foresight = Foresight {
        events: vec![Event {
            name: "campaign".to_string(),
            first_minute: DEMAND_FIRST_MINUTE + event.start as i64,
            end_minute: DEMAND_FIRST_MINUTE + event.end as i64,
            times: 3.0,
        }],
        growth: None,
    };
    let (with, without) = (
        Stage::new(&load, &TimeZone::UTC, &foresight),
        Stage::new(&load, &TimeZone::UTC, &Foresight::default()),
    );
    let policy = |level: f64| sizewright_analyzer::scale::ScalingPolicy {
        predictive: Some(sizewright_analyzer::scale::Predictive {
            mode: sizewright_analyzer::scale::PredictiveMode::ForecastAndScale,
            target: 1.0,
            level,
            lead_minutes: 10,
        }),
        ..sizewright_analyzer::scale::ScalingPolicy::tracking(0.95, 2, 400)
    };
    let fleet = Fleet::default();
    let short = |stage: &Stage| stage.in_units(0.5, &fleet).on_held_out(&policy(0.8)).short_minutes;
    assert!(
        short(&with) < short(&without),
        "{} and {}",
        short(&with),
        short(&without)
    );
}

#[test]
fn what_is_emitted_holds_the_policy_and_nothing_that_a_name_smuggles_in() {
    let proposal = proposed(DemandKind::Diurnal, &Goal::default());
    let emission = Emission {
        group: "web\" }\n${self.id}\u{202e} <b>",
        time_zone: "Asia/Ho_Chi_Minh",
        region: REGION,
        proposal: &proposal,
        spot_share: 0.0,
        requests_per_target_minute: None,
    };
    let forms = [
        cloudformation(&emission),
        terraform(&emission),
        hpa(&emission),
        keda(&emission),
    ];
    for text in &forms {
        assert!(text.contains(&proposal.selection.chosen.policy.maximum.to_string()));
        for smuggled in ["${self", "\u{202e}", "<b>", "web\""] {
            assert!(!text.contains(smuggled), "{smuggled} in {text}");
        }
    }
    let template: serde_json::Value = serde_json::from_str(&forms[0]).unwrap();
    let group = &template["Resources"]["Group"]["Properties"];
    assert_eq!(group["MinSize"], proposal.selection.chosen.policy.minimum.to_string());
    assert_eq!(
        template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["InstanceType"],
        proposal.instance_type.as_str()
    );
}

#[test]
fn a_share_of_spot_is_emitted_where_it_is_borne() {
    let proposal = proposed(DemandKind::Smooth, &Goal::default());
    let emission = |spot_share| Emission {
        group: "workers",
        time_zone: "UTC",
        region: REGION,
        proposal: &proposal,
        spot_share,
        requests_per_target_minute: None,
    };
    let template: serde_json::Value = serde_json::from_str(&cloudformation(&emission(0.5))).unwrap();
    let distribution = &template["Resources"]["Group"]["Properties"]["MixedInstancesPolicy"]["InstancesDistribution"];
    assert_eq!(distribution["OnDemandPercentageAboveBaseCapacity"], 50);
    assert!(terraform(&emission(0.5)).contains("on_demand_percentage_above_base_capacity = 50"));
    assert!(!terraform(&emission(0.0)).contains("mixed_instances_policy"));
}

#[test]
fn a_policy_that_was_replayed_on_requests_watches_requests() {
    let goal = Goal {
        metric: Metric::Requests,
        ..Goal::default()
    };
    let proposal = proposed(DemandKind::Diurnal, &goal);
    let emission = |requests_per_target_minute| Emission {
        group: "web",
        time_zone: "UTC",
        region: REGION,
        proposal: &proposal,
        spot_share: 0.0,
        requests_per_target_minute,
    };
    let policy = &proposal.selection.chosen.policy;
    assert!(
        policy.tracking.is_some() || policy.steps.is_some(),
        "{}",
        policy.words()
    );
    let template: serde_json::Value = serde_json::from_str(&cloudformation(&emission(Some(12_000.0)))).unwrap();
    let resources = &template["Resources"];
    if let Some(tracking) = policy.tracking {
        let told = &resources["TrackingPolicy"]["Properties"]["TargetTrackingConfiguration"];
        let metric = &told["PredefinedMetricSpecification"];
        assert_eq!(metric["PredefinedMetricType"], "ALBRequestCountPerTarget");
        assert_eq!(metric["ResourceLabel"]["Ref"], "LoadBalancerLabel");
        assert!((told["TargetValue"].as_f64().unwrap() - tracking.target * 12_000.0).abs() < 0.1);
    }
    if let Some(steps) = &policy.steps {
        let alarm = &resources["LowAlarm"]["Properties"];
        assert_eq!(alarm["MetricName"], "RequestCountPerTarget");
        assert!((alarm["Threshold"].as_f64().unwrap() - steps.low * 12_000.0).abs() < 0.1);
        // The step that holds half of the threshold removes half of the instances at most.
        let adjustments = resources["StepInPolicy"]["Properties"]["StepAdjustments"]
            .as_array()
            .unwrap();
        let lowest = adjustments.last().unwrap();
        let bound = lowest["MetricIntervalUpperBound"].as_f64().unwrap();
        assert!(
            bound < -0.9 * steps.low * 12_000.0,
            "{bound} is in requests, not in points"
        );
    }
    assert!(terraform(&emission(Some(12_000.0))).contains("RequestCount"));
    // Where the cost of a request is not known, the CPU is watched, and no load balancer is asked for.
    let text = cloudformation(&emission(None));
    assert!(!text.contains("RequestCount") && !text.contains("LoadBalancerLabel"));
    assert!(!terraform(&emission(None)).contains("RequestCount"));
}
