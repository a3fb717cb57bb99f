//! Bills computed by hand, matched to the cent; the arithmetic stands beside each.

use analyzer::catalog::commitment::{CommitmentTerm, Upfront};
use analyzer::catalog::{Catalog, PriceMethod, Product, RdsEngine};
use analyzer::commit::{Commitments, Fleet, Sku, apply, optimum};
use analyzer::money::{UsdPerHour, UsdPerMonth};
use analyzer::price::purchase::{KnownRate, License, PurchaseKind, Subject, licenses, options};
use analyzer::price::{Bill, BillLine, Payer, instance_line};
use analyzer::projection::project;
use analyzer::scale::{Outcome, per_month};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use sizewright_analyzer as analyzer;

use crate::estate::{decimal, plan};

const HOURS: i64 = 730;

fn cents(amount: UsdPerMonth) -> String {
    format!("{:.2}", amount.rounded_to_cents().as_decimal())
}

fn instances(name: &str, count: u32) -> BillLine {
    let payer = Payer {
        phase: "rehost".to_string(),
        host: "web-01".to_string(),
        environment: "production".to_string(),
        group: None,
    };
    let offer = Catalog::embedded().offer("us-east-1", name).unwrap().unwrap();
    instance_line(&payer, offer, count)
}

fn rate(service: &str, name: &str, engine: Option<&str>, on_demand: &str, kind: PurchaseKind) -> KnownRate {
    let subject = Subject {
        service,
        instance_type: name,
        engine,
        deployment: "single-az",
        region: "us-east-1",
        on_demand: UsdPerHour::from_decimal(decimal(on_demand)),
        method: PriceMethod::Listed,
        as_of: "2025-11".parse().unwrap(),
    };
    let found = options(Catalog::embedded(), &subject);
    let option = found.into_iter().find(|option| option.kind == kind).unwrap();
    option.rate.known().unwrap().clone()
}

fn month(rate: &KnownRate) -> UsdPerMonth {
    rate.effective_usd_per_hour.per_month()
}

/// Dollars of some hours as a month of 730.
fn of_hours(usd: f64, hours: usize) -> UsdPerMonth {
    UsdPerMonth::from_decimal(Decimal::from_f64(usd / hours as f64 * 730.0).unwrap())
}

#[test]
fn bill_1_one_instance_on_demand() {
    // 730 h x 0.1008
    assert_eq!(cents(instances("m7i.large", 1).amount.unwrap()), "73.58");
}

#[test]
fn bill_2_several_lines_and_their_sum() {
    // 2 x 730 h x 0.192 = 280.32; 3 x 730 h x 0.0725 = 158.775; together 439.095
    let bill = Bill::of(vec![instances("m6i.xlarge", 2), instances("c7g.large", 3)]);
    assert_eq!(bill.total.known.as_decimal(), decimal("439.095"));
    assert_eq!(cents(bill.total.known), "439.10");
}

#[test]
fn bill_3_reserved_for_a_year_half_upfront() {
    // 26.676 x (1 - 0.414) = 15.632136 an hour; half of 8,760 h of it at once = 68,468.75568;
    // the other half each hour = 7.816068, x 730 = 5,705.72964 a month besides
    let kind = PurchaseKind::Reserved(CommitmentTerm::OneYear, Upfront::Partial);
    let rate = rate("ec2", "x2iedn.32xlarge", None, "26.676", kind);
    assert_eq!(rate.upfront_usd.as_decimal(), decimal("68468.75568"));
    assert_eq!(cents(rate.recurring_usd_per_hour.per_month()), "5705.73");
    assert_eq!(cents(month(&rate)), "11411.46");
}

#[test]
fn bill_4_a_savings_plan_that_covers_a_part() {
    // 10 dollars of use an hour at rate 0.72; 5 an hour committed cover 5 / 0.72 = 6.9444 of it;
    // 730 x 5 + 730 x (10 - 6.944444) = 3,650 + 2,230.56
    let fleet = Fleet::new(&[Sku {
        name: "all".to_string(),
        uses: vec![10.0; 8_760],
        bound_rate: None,
        flexible_rate: Some(0.72),
    }])
    .unwrap();
    let commitments = Commitments {
        bound_uses: vec![0.0],
        flexible_usd_per_hour: 5.0,
    };
    let applied = apply(&fleet, &commitments, 1.0);
    assert_eq!(cents(of_hours(applied.cost_usd(), 8_760)), "5880.56");
    assert_eq!(cents(of_hours(applied.on_demand_usd, 8_760)), "2230.56");
}

#[test]
fn bill_5_a_server_that_rests_at_night() {
    // Monday to Friday from 8 to 20: 60 of 168 hours; 0.1008 x 730 x 60 / 168 = 26.28;
    // no plan of rate 0.72 pays for what runs in 36 % of the hours
    let week: Vec<f64> = (0..168)
        .map(|hour| {
            if hour / 24 < 5 && (8..20).contains(&(hour % 24)) {
                0.1008
            } else {
                0.0
            }
        })
        .collect();
    assert_eq!(cents(of_hours(week.iter().sum(), 168)), "26.28");
    assert_eq!(optimum(&week, 0.72), 0.0);
    assert_eq!(optimum(&week, 0.3), 0.1008);
}

#[test]
fn bill_6_a_group_that_scales() {
    // Two instances all day and two more for eight hours: (2 x 24 + 2 x 8) h = 64 h a day;
    // 730 / 24 days x 64 h = 1,946.666667 h; x 0.0725 = 141.13
    let outcome = Outcome {
        minutes: 1_440,
        instance_seconds: vec![64 * 3_600],
        ..Outcome::default()
    };
    let price = UsdPerHour::from_decimal(decimal("0.0725"));
    assert_eq!(cents(per_month(price, &outcome)), "141.13");
}

#[test]
fn bill_7_a_database_in_two_zones_with_its_storage() {
    // 730 h x 0.337 = 246.01; 100 GiB x 0.23 = 23.00; together 269.01
    let catalog = Catalog::embedded();
    let mut offers = catalog.rds_offers("us-east-1", RdsEngine::Postgres).unwrap();
    let offer = offers.find(|offer| offer.class.name == "db.m7g.large").unwrap();
    let compute = offer.multi_az.as_ref().unwrap().amount.per_month();
    let gib = catalog.product("us-east-1", Product::RdsGp3MultiAzGibMonth).unwrap();
    let storage = UsdPerMonth::from_decimal(gib.amount.as_decimal() * Decimal::ONE_HUNDRED);
    assert_eq!(
        (cents(compute), cents(storage)),
        ("246.01".to_string(), "23.00".to_string())
    );
    assert_eq!(cents(compute + storage), "269.01");
}

#[test]
fn bill_8_a_month_with_transfer() {
    // To the internet 12,000 GB: 10,240 x 0.09 + 1,760 x 0.085 = 921.60 + 149.60 = 1,071.20;
    // with 100 of compute and 10 of storage 1,181.20; Business support 10 % of it = 118.12; together 1,299.32
    let plan = plan("[costs]\ninternet_gb_per_month = 12000\npremises_gb_per_month = 0\nsupport_plan = 'business'\n");
    let projection = project(&plan, Catalog::embedded(), 1);
    let sums = &projection.paths[0].mid;
    assert_eq!(cents(UsdPerMonth::from_decimal(sums.total.as_decimal())), "1299.32");
}

#[test]
fn bill_9_a_cache_node_reserved_for_three_years() {
    // Valkey on cache.r7g.large, listed: 0.0912 an hour, nothing upfront; x 730 = 66.576 against 127.896 on demand
    let kind = PurchaseKind::Reserved(CommitmentTerm::ThreeYears, Upfront::None);
    let reserved = rate("elasticache", "cache.r7g.large", Some("valkey"), "0.1752", kind);
    assert_eq!(cents(month(&reserved)), "66.58");
    assert_eq!(reserved.method, PriceMethod::Listed);
    let planned = rate(
        "elasticache",
        "cache.r7g.large",
        Some("valkey"),
        "0.1752",
        PurchaseKind::DatabaseSavingsPlan,
    );
    // 0.1752 x 0.8 = 0.14016; x 730 = 102.3168
    assert_eq!(cents(month(&planned)), "102.32");
}

#[test]
fn bill_10_red_hat_beside_the_server() {
    // 730 h x (8 vCPU x 0.0144) = 84.096
    let shape = Catalog::embedded().shape("m7i.2xlarge").unwrap();
    let all = licenses(Catalog::embedded(), shape);
    let rhel = all.iter().find(|one| one.license == License::Rhel).unwrap();
    assert_eq!(cents(month(rhel.rate.known().unwrap())), "84.10");
}

#[test]
fn bill_11_all_upfront_costs_the_same_in_all_as_it_does_by_the_hour() {
    // What is paid at once over three years is 26,280 hours of the effective rate.
    let kind = PurchaseKind::Reserved(CommitmentTerm::ThreeYears, Upfront::All);
    let rate = rate("ec2", "m7i.large", None, "0.1008", kind);
    let hours = Decimal::from(36 * HOURS);
    assert_eq!(
        rate.upfront_usd.as_decimal(),
        rate.effective_usd_per_hour.as_decimal() * hours
    );
}
