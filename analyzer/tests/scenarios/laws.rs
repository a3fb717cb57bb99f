//! What must hold for every estate and every scenario.

use estate::{any_load, assessment, hosts, inputs};
use proptest::prelude::*;
use rust_decimal::Decimal;
use sizewright_analyzer::money::UsdPerMonth;
use sizewright_analyzer::plan::{Estate, make};
use sizewright_analyzer::policy::{Overrides, Rule};
use sizewright_analyzer::profile::{HostProfile, cache};
use sizewright_analyzer::scenario::{
    Cause, HostCost, Named, Outcome, Pricer, Settings, budget, compare, flips, waterfall,
};

use super::estate;

fn settings(words: &[&str]) -> Settings {
    let mut settings = Settings::default();
    for word in words {
        settings.set_typed(word).unwrap();
    }
    settings
}

fn named(name: &str, words: &[&str]) -> Named {
    Named {
        name: name.to_string(),
        settings: settings(words),
    }
}

/// Settings of every cause, each of which can be used on any estate of these tests.
const ANY: [&str; 18] = [
    "growth=30%",
    "region=eu-west-1",
    "rule=compute-optimizer",
    "environments.staging.rule=peak",
    "risk=2%",
    "headroom=25%",
    "minimum_vcpus=2",
    "storage_growth=50%",
    "cap_at_source=false",
    "architectures=x86_64,arm64",
    "environments.development.architectures=arm64",
    "excluded_families=*-flex",
    "previous_generations=true",
    "environments.production.high_availability=true",
    "environments.development.schedule=Mon-Fri 08-19",
    "purchase=reserved-1y-all-upfront",
    "environments.production.purchase=compute-savings-plan-3y",
    "discounts.ec2=7%",
];

fn any_words() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(ANY.to_vec(), 0..8)
}

fn written(outcome: &Outcome<'_>) -> String {
    format!("{outcome:?}")
}

fn priced(profiles: &[HostProfile], words: &[&str]) -> String {
    let (assessment, overrides) = (assessment("us-east-1", ""), Overrides::default());
    let estate = Estate::of(&inputs(&assessment, &overrides, profiles)).unwrap();
    written(&Pricer::new(&estate).price(&settings(words)).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The short way and the plan itself choose the same types at the same cost and risk, by every rule.
    #[test]
    fn a_scenario_is_priced_as_a_plan_with_the_same_settings_is(
        loads in prop::collection::vec(any_load(), 1..14),
        rule in prop::sample::select(Rule::names()),
        headroom in prop::sample::select(vec![0, 10, 40]),
        arm in any::<bool>(), cap in any::<bool>(), burstable in any::<bool>(), dial in 1_u32..40,
    ) {
        let profiles = hosts(&loads);
        let (overrides, none) = (Overrides::default(), "");
        let plain = assessment("us-east-1", none);
        let estate = Estate::of(&inputs(&plain, &overrides, &profiles)).unwrap();
        let architectures = if arm { "x86_64,arm64" } else { "x86_64" };
        let words = [
            format!("rule={rule}"), format!("headroom={headroom}%"), format!("architectures={architectures}"),
            format!("cap_at_source={cap}"), format!("burstable={burstable}"), format!("risk={}%", f64::from(dial) / 10.0),
        ];
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let outcome = Pricer::new(&estate).price(&settings(&words)).unwrap();
        let changed = Overrides {
            rule: Some(rule.parse().unwrap()),
            risk: Some((f64::from(dial) / 10.0) / 100.0),
            headroom: Some(f64::from(headroom) / 100.0),
            cap_at_source: Some(cap),
            architectures: Some(if arm {
                vec![sizewright_analyzer::catalog::Architecture::X86_64, sizewright_analyzer::catalog::Architecture::Arm64]
            } else {
                vec![sizewright_analyzer::catalog::Architecture::X86_64]
            }),
            burstable: Some(burstable),
            ..Overrides::default()
        };
        let plan = make(&inputs(&plain, &changed, &profiles)).unwrap();
        prop_assert_eq!(plan.recommendations.len(), outcome.hosts.len());
        for (row, cost) in plan.recommendations.iter().zip(&outcome.hosts) {
            prop_assert_eq!(&row.host, &estate.hosts[cost.host].profile.host);
            prop_assert_eq!(row.instance_type.as_deref(), cost.offer().map(|offer| offer.shape.name.as_str()));
            prop_assert_eq!(row.compute_usd_per_month, cost.compute);
            prop_assert_eq!(row.storage_usd_per_month, cost.storage);
            if let (Some(risk), Some(short), true) = (&row.proof.risk, cost.sized.short, cap) {
                prop_assert!((risk.either - short).abs() < 2e-6, "{} {}", risk.either, short);
            }
        }
        prop_assert_eq!(plan.bill.total.known, outcome.total().known);
    }

    #[test]
    fn an_empty_scenario_is_the_base_and_settings_have_no_order(
        loads in prop::collection::vec(any_load(), 1..10), words in any_words(),
    ) {
        let profiles = hosts(&loads);
        let assessment = assessment("us-east-1", "");
        let overrides = Overrides::default();
        let estate = Estate::of(&inputs(&assessment, &overrides, &profiles)).unwrap();
        let pricer = Pricer::new(&estate);
        let empty = named("empty", &[]);
        let comparison = compare(&pricer, &named("base", &[]), std::slice::from_ref(&empty)).unwrap();
        let mut columns = comparison.columns.clone();
        columns[1].name = columns[0].name.clone();
        prop_assert_eq!(serde_json::to_string(&columns[0]).unwrap(), serde_json::to_string(&columns[1]).unwrap());
        prop_assert!(columns[1].changes.is_empty() && columns[1].waterfall.is_empty());

        let backwards: Vec<&str> = words.iter().rev().copied().collect();
        let one = pricer.price(&settings(&words)).unwrap();
        // A pricer that has sized nothing yet gives the same bytes as one that has.
        let other = Pricer::new(&estate).price(&settings(&backwards)).unwrap();
        prop_assert_eq!(written(&one), written(&other));
    }

    #[test]
    fn causes_add_up_exactly_and_totals_are_their_parts(
        loads in prop::collection::vec(any_load(), 1..10), from in any_words(), to in any_words(),
    ) {
        let profiles = hosts(&loads);
        let assessment = assessment("us-east-1", "");
        let overrides = Overrides::default();
        let estate = Estate::of(&inputs(&assessment, &overrides, &profiles)).unwrap();
        let pricer = Pricer::new(&estate);
        let (from, to) = (settings(&from), settings(&to));
        let (base, end) = (pricer.price(&from).unwrap(), pricer.price(&to).unwrap());
        let steps = waterfall(&pricer, (&from, &base), &to).unwrap();
        let sum: UsdPerMonth = steps.iter().map(|step| step.delta).sum();
        prop_assert_eq!(base.total().known + sum, end.total().known);
        let order: Vec<Cause> = steps.iter().flat_map(|step| step.causes.clone()).collect();
        prop_assert!(order.is_sorted());
        for outcome in [&base, &end] {
            let hosts: UsdPerMonth = outcome.hosts.iter().map(|cost| cost.total().known).sum();
            let environments: UsdPerMonth = outcome.environments.values().map(|part| part.total.known).sum();
            let services: UsdPerMonth = outcome.services.values().map(|total| total.known).sum();
            prop_assert_eq!(hosts, outcome.total().known);
            prop_assert_eq!(environments, outcome.total().known);
            prop_assert_eq!(services, outcome.total().known);
        }
    }

    #[test]
    fn a_discount_lowers_what_it_is_of_by_exactly_that(
        loads in prop::collection::vec(any_load(), 1..10), words in any_words(), off in 0_i64..=100,
    ) {
        let profiles = hosts(&loads);
        let assessment = assessment("us-east-1", "");
        let overrides = Overrides::default();
        let estate = Estate::of(&inputs(&assessment, &overrides, &profiles)).unwrap();
        let pricer = Pricer::new(&estate);
        let words: Vec<&str> = words.into_iter().filter(|word| !word.starts_with("discounts")).collect();
        let base = pricer.price(&settings(&words)).unwrap();
        let left = Decimal::ONE - Decimal::new(off, 2);
        let with = |word: String| {
            let mut settings = settings(&words);
            settings.set_typed(&word).unwrap();
            pricer.price(&settings).unwrap()
        };
        let (instances, volumes) = (with(format!("discounts.ec2={off}%")), with(format!("discounts.ebs={off}%")));
        for ((one, cheaper), stored) in base.hosts.iter().zip(&instances.hosts).zip(&volumes.hosts) {
            prop_assert_eq!(one.compute.map(|amount| amount.times(left)), cheaper.compute);
            prop_assert_eq!(one.storage, cheaper.storage);
            prop_assert_eq!(one.storage.map(|amount| amount.times(left)), stored.storage);
            prop_assert_eq!(one.compute, stored.compute);
        }
        // Of a family only that family's; the pattern goes before `ec2`.
        let family = with(format!("discounts.c6a={off}%"));
        for (one, cheaper) in base.hosts.iter().zip(&family.hosts) {
            let is_of = one.offer().is_some_and(|offer| offer.shape.family == "c6a");
            let factor = if is_of { left } else { Decimal::ONE };
            prop_assert_eq!(one.compute.map(|amount| amount.times(factor)), cheaper.compute);
        }
    }

    #[test]
    fn more_headroom_and_more_demand_never_cost_less(
        loads in prop::collection::vec(any_load(), 1..10), less in 0_u32..60, more in 0_u32..60,
    ) {
        let profiles = hosts(&loads);
        let assessment = assessment("us-east-1", "");
        let overrides = Overrides::default();
        let estate = Estate::of(&inputs(&assessment, &overrides, &profiles)).unwrap();
        let pricer = Pricer::new(&estate);
        for key in ["headroom", "growth"] {
            // Demand that is weighed against prices may go to another type whose total is as good; asked for plainly it may not.
            let rule = if key == "growth" { "rule=compute-optimizer" } else { "rule=sizewright" };
            let at = |percent: u32| pricer.price(&settings(&[rule, &format!("{key}={percent}%")])).unwrap();
            let (one, other) = (at(less.min(more)), at(less.max(more)));
            for (a, b) in one.hosts.iter().zip(&other.hosts) {
                if let (Some(a), Some(b)) = (a.compute, b.compute) {
                    prop_assert!(b >= a, "{key}");
                }
                prop_assert!(b.compute.is_none() || a.compute.is_some());
            }
        }
    }

    #[test]
    fn profiles_from_the_cache_give_the_same_bytes(
        loads in prop::collection::vec(any_load(), 1..10), words in any_words(), cut in 0_usize..4000, bit in 0_u8..8,
    ) {
        let whole = hosts(&loads);
        let mut slim = whole.clone();
        slim.iter_mut().for_each(cache::slim);
        let packed = cache::pack(&slim, "a key").unwrap();
        prop_assert_eq!(&packed, &cache::pack(&slim, "a key").unwrap());
        let unpacked = cache::unpack(&packed, "a key").unwrap();
        prop_assert_eq!(&unpacked, &slim);
        let out = priced(&whole, &words);
        prop_assert_eq!(&out, &priced(&unpacked, &words));
        // Another key, a cut or a flipped bit is noticed.
        prop_assert_eq!(cache::unpack(&packed, "other").unwrap_err(), cache::CacheError::Stale);
        let cut = cut % packed.len();
        prop_assert!(cache::unpack(&packed[..cut], "a key").is_err());
        let mut flipped = packed.clone();
        flipped[cut] ^= 1 << bit;
        if let Ok(read) = cache::unpack(&flipped, "a key") {
            prop_assert_eq!(read, slim);
        }
    }

    #[test]
    fn a_budget_is_kept_and_no_allowed_plan_is_safer(
        loads in prop::collection::vec(any_load(), 2..8), share in 0.3_f64..1.1,
    ) {
        let profiles = hosts(&loads);
        let assessment = assessment("us-east-1", "");
        let overrides = Overrides::default();
        let estate = Estate::of(&inputs(&assessment, &overrides, &profiles)).unwrap();
        let pricer = Pricer::new(&estate);
        let plan = named("plan", &[]);
        let now = pricer.price(&plan.settings).unwrap();
        let limit = Decimal::try_from(now.total().known.approximately() * share).unwrap().round_dp(2);
        let answer = budget(&pricer, &plan, limit).unwrap();
        for choice in answer.ladder.iter().chain(&answer.chosen).chain([&answer.least]) {
            let mut settings = plan.settings.clone();
            for word in &choice.settings {
                settings.set_typed(word).unwrap();
            }
            let priced = pricer.price(&settings).unwrap();
            prop_assert_eq!(priced.total(), choice.total, "{:?}", choice.settings);
            prop_assert_eq!(choice.within, priced.whole.at_most().usd_per_month.as_decimal() <= limit);
            prop_assert!((priced.whole.risk().unwrap() - choice.risk.unwrap()).abs() < 1e-12);
            prop_assert!(choice.at_most >= answer.least.at_most);
        }
        match &answer.chosen {
            Some(chosen) => prop_assert!(chosen.within),
            None => prop_assert!(answer.ladder.iter().all(|choice| !choice.within) && !answer.least.within),
        }
    }

    #[test]
    fn a_flip_line_flips(loads in prop::collection::vec(any_load(), 2..6)) {
        let profiles = hosts(&loads);
        let assessment = assessment("us-east-1", "");
        let overrides = Overrides::default();
        let estate = Estate::of(&inputs(&assessment, &overrides, &profiles)).unwrap();
        let pricer = Pricer::new(&estate);
        let all = [
            named("plan", &["headroom=20%"]),
            named("arm64", &["architectures=arm64"]),
            named("x86", &["excluded_families=*7a,*6a"]),
        ];
        for flip in flips(&pricer, &all, true).unwrap() {
            let (Some(at), Some(then)) = (flip.at, &flip.then) else { continue };
            let word = match flip.assumption {
                sizewright_analyzer::scenario::Assumption::Demand => "growth",
                sizewright_analyzer::scenario::Assumption::Headroom => "headroom",
                sizewright_analyzer::scenario::Assumption::Discount => "discounts.ec2",
                _ => continue,
            };
            let only_one = word == "discounts.ec2";
            let cost = |name: &str, value: f64| {
                let named = all.iter().find(|named| named.name == name).unwrap();
                let mut settings = named.settings.clone();
                if !only_one || name == then {
                    settings.set_typed(&format!("{word}={:.1}%", value * 100.0)).unwrap();
                }
                pricer.price(&settings).unwrap().whole.at_most()
            };
            prop_assert!(cost(then, at) < cost(&flip.winner, at), "{}", flip.words());
            // Nothing lies before the first step of a thousandth.
            let before = if at > 0.0 { at - 0.001 } else { at + 0.001 };
            prop_assert!(cost(then, before) >= cost(&flip.winner, before) || at.abs() < 0.0015, "{}", flip.words());
        }
    }
}

#[test]
fn a_copy_in_another_zone_is_for_hosts_that_stand_alone() {
    let load = estate::Load {
        vcpus: 4.0,
        cpu: 0.5,
        memory_gib: 16.0,
        memory: 0.5,
        iops: 100.0,
        used_gib: 100.0,
        shift: 0.0,
    };
    // Twelve hosts: those below ten are of one group in each environment, the others of none.
    let profiles = hosts(&vec![load; 12]);
    let (assessment, overrides) = (assessment("us-east-1", ""), Overrides::default());
    let estate = Estate::of(&inputs(&assessment, &overrides, &profiles)).unwrap();
    let pricer = Pricer::new(&estate);
    let plain = pricer.price(&Settings::default()).unwrap();
    let twice = pricer.price(&settings(&["high_availability=true"])).unwrap();
    let two = Decimal::TWO;
    for (one, other) in plain.hosts.iter().zip(&twice.hosts) {
        let alone = estate.hosts[one.host].member.group.is_none();
        assert_eq!(other.copies, if alone { 2 } else { 1 });
        if alone {
            assert_eq!(other.compute, one.compute.map(|amount| amount.times(two)));
            assert_eq!(other.storage, one.storage.map(|amount| amount.times(two)));
        } else {
            assert_eq!((other.compute, other.storage), (one.compute, one.storage));
        }
    }
    assert_eq!(
        twice
            .hosts
            .iter()
            .filter(|cost: &&HostCost<'_>| cost.copies == 2)
            .count(),
        2
    );
}
