//! Bills worked out by hand, to the cent.
//!
//! One host of 2 CPUs and 8 GiB on an m7i.large of us-east-1, which the
//! catalog lists at 0.1008 dollars an hour, with 80 GiB of gp3 at 0.08.

use rust_decimal::Decimal;
use sizewright_analyzer::plan::Estate;
use sizewright_analyzer::policy::Overrides;
use sizewright_analyzer::scenario::{Pricer, Settings};

use super::estate::{Load, assessment, inputs, profile};

/// Gives compute and storage a month of the host under a scenario, to the cent.
fn bill(words: &[&str]) -> (String, String) {
    let load = Load {
        vcpus: 2.0,
        cpu: 0.5,
        memory_gib: 8.0,
        memory: 0.5,
        iops: 100.0,
        // 53.3333 GiB with 20 % growth at 80 % are 80 GiB.
        used_gib: 53.333,
        shift: 0.0,
    };
    let profiles = [profile("dev-a", &load)];
    let (assessment, overrides) = (assessment("us-east-1", ""), Overrides::default());
    let estate = Estate::of(&inputs(&assessment, &overrides, &profiles)).unwrap();
    let mut settings = Settings::default();
    for word in ["rule=as-is", "families=m7i"].iter().chain(words) {
        settings.set_typed(word).unwrap();
    }
    let outcome = Pricer::new(&estate).price(&settings).unwrap();
    let cost = outcome.hosts[0];
    assert_eq!(cost.offer().unwrap().shape.name, "m7i.large");
    let cents = |amount: Option<sizewright_analyzer::money::UsdPerMonth>| {
        amount.unwrap().rounded_to_cents().as_decimal().round_dp(2).to_string()
    };
    assert_eq!(outcome.total().known, cost.compute.unwrap() + cost.storage.unwrap());
    assert_eq!(outcome.total().unknown_lines, 0);
    (cents(cost.compute), cents(cost.storage))
}

fn is(words: &[&str], compute: &str, storage: &str) {
    let (own_compute, own_storage) = bill(words);
    let number = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!(number(&own_compute), number(compute), "{words:?}");
    assert_eq!(number(&own_storage), number(storage), "{words:?}");
}

#[test]
fn on_demand() {
    // 0.1008 × 730; 80 × 0.08
    is(&[], "73.58", "6.40");
}

#[test]
fn reserved_for_a_year_all_upfront() {
    // m7i saves 38.26 %: 0.1008 × 0.6174 = 0.062234 an hour; × 730
    is(&["purchase=reserved-1y-all-upfront"], "45.43", "6.40");
}

#[test]
fn reserved_for_three_years_all_upfront() {
    // m7i saves 60.52 %: 0.1008 × 0.3948 = 0.039796; × 730
    is(&["purchase=reserved-3y-all-upfront"], "29.05", "6.40");
}

#[test]
fn a_compute_savings_plan_of_three_years_without_upfront() {
    // 0.3948 × 0.3856 / 0.2792 = 0.545254 of it is paid: 0.1008 × 0.545254 = 0.054962; × 730
    is(&["purchase=compute-savings-plan-3y"], "40.12", "6.40");
}

#[test]
fn on_weekdays_from_eight_to_seven() {
    // 55 of 168 hours: 730 × 55 / 168 = 238.9881 hours; × 0.1008. Volumes are paid for all the same.
    is(&["schedule=Mon-Fri 08-19"], "24.09", "6.40");
}

#[test]
fn what_is_committed_to_is_paid_day_and_night() {
    is(
        &["schedule=Mon-Fri 08-19", "purchase=reserved-3y-all-upfront"],
        "29.05",
        "6.40",
    );
}

#[test]
fn private_prices() {
    // 73.584 × 0.88; 6.40 × 0.95
    is(&["discounts.ec2=12%", "discounts.ebs=5%"], "64.75", "6.08");
    // The family goes before the service.
    is(&["discounts.ec2=12%", "discounts.m7*=20%"], "58.87", "6.40");
    // On top of a commitment: 0.039796 × 730 × 0.88
    is(
        &["discounts.ec2=12%", "purchase=reserved-3y-all-upfront"],
        "25.56",
        "6.40",
    );
}

#[test]
fn twice_in_two_zones() {
    is(&["high_availability=true"], "147.17", "12.80");
}

#[test]
fn storage_that_grows_and_fills_otherwise() {
    // 53.333 × 1.5 / 0.5 = 160 GiB
    is(&["storage_growth=50%", "storage_fill=50%"], "73.58", "12.80");
}

#[test]
fn in_another_region() {
    // m7i.large in eu-west-1: 0.11235 an hour; gp3 there 0.088.
    is(&["region=eu-west-1"], "82.02", "7.04");
}

#[test]
fn a_price_of_ones_own_goes_before_all_others() {
    // 0.09 × 730, whatever is taken off or committed to besides.
    let own = "prices.m7i.large=0.09 from our agreement of 2026-04";
    is(&[own], "65.70", "6.40");
    is(
        &[own, "discounts.ec2=12%", "purchase=reserved-3y-all-upfront"],
        "65.70",
        "6.40",
    );
    is(&[own, "purchase=optimised"], "65.70", "6.40");
    // 0.09 × 730 × 55 / 168 hours, as far as it runs.
    is(&[own, "schedule=Mon-Fri 08-19"], "21.51", "6.40");
}

#[test]
fn the_best_mix_is_the_cheapest_way_for_what_always_runs_and_on_demand_for_what_seldom_does() {
    let compute = |words: &[&str]| bill(words).0.parse::<Decimal>().unwrap();
    let ways = [
        "compute-savings-plan-3y",
        "instance-savings-plan-3y",
        "reserved-3y",
        "reserved-1y",
    ];
    let least = ways
        .map(|way| compute(&[&format!("purchase={way}")]))
        .into_iter()
        .min()
        .unwrap();
    let best = compute(&["purchase=optimised"]);
    // A share of a dollar has six digits, an hour of a commitment as well.
    assert!((best - least).abs() <= Decimal::new(1, 2), "{best} against {least}");
    assert!(best < compute(&[]));
    // Eleven hours on five days are a third of the week: less than any rate.
    let office = "schedule=Mon-Fri 08-19";
    assert_eq!(compute(&["purchase=optimised", office]), compute(&[office]));
}
