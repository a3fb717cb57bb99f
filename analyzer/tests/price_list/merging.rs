//! From lists to a catalog: what is replaced, what stays, what is refused, what changed.

use jiff::civil::date;
use rust_decimal::Decimal;
use sample_data::price_list::ListedType;
use sizewright_analyzer::catalog::commitment::{CommitmentClass, CommitmentTerm, Upfront};
use sizewright_analyzer::catalog::listed::SavingsPlan;
use sizewright_analyzer::catalog::operating_system::OperatingSystem;
use sizewright_analyzer::catalog::price_list::PriceList;
use sizewright_analyzer::catalog::price_list::check::{Finding, check};
use sizewright_analyzer::catalog::price_list::diff::{Change, PriceTable, diff};
use sizewright_analyzer::catalog::price_list::merge::{ReadFile, merge};
use sizewright_analyzer::catalog::{Catalog, CatalogOrigin, PriceMethod, Product, RdsEngine, VolumeType, file};
use sizewright_analyzer::price::purchase::{PurchaseKind, Subject, options};

use super::lists::{REGION, classes, ec2_csv, nano, rds, read_here, savings_csv, types};

fn with(base: &Catalog, lists: &[&PriceList]) -> (Catalog, Vec<String>) {
    let mut tables = base.tables().clone();
    let mut remarks = Vec::new();
    for list in lists {
        let read = ReadFile {
            sha256: "ab".repeat(32),
            bytes: 1,
        };
        remarks.extend(merge(&mut tables, list, &read));
    }
    let bytes = file::encode(&tables).unwrap();
    let catalog = Catalog::from_bytes(&bytes, CatalogOrigin::File("new".into())).unwrap();
    assert_eq!(catalog.tables(), &tables, "a catalog survives being written and read");
    (catalog, remarks)
}

fn checked(base: &Catalog, lists: &[PriceList]) -> Vec<Finding> {
    let all: Vec<&PriceList> = lists.iter().collect();
    let (after, _) = with(base, &all);
    check(base, &after, &all, REGION, date(2026, 11, 29))
}

fn refusals(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .filter(|finding| finding.refuses)
        .map(|finding| finding.words.as_str())
        .collect()
}

fn ec2(types: &[ListedType], reserved: u64) -> PriceList {
    read_here(&ec2_csv(types, reserved)).unwrap()
}

#[test]
fn the_same_prices_change_nothing_but_their_date() {
    let list = ec2(&types(), 2_000_000);
    let before = Catalog::embedded();
    let (after, remarks) = with(before, &[&list]);
    assert_eq!(refusals(&checked(before, &[list])), Vec::<&str>::new());
    assert!(remarks.is_empty(), "{remarks:?}");
    for offer in before.offers(REGION).unwrap() {
        let now = after.offer(REGION, &offer.shape.name).unwrap().unwrap();
        assert_eq!(now.price.amount, offer.price.amount, "{}", offer.shape.name);
        assert_eq!(now.price.method, PriceMethod::Listed);
        assert_eq!(now.price.as_of.to_string(), "2026-05");
        assert_eq!(
            now.price.detail.as_ref().unwrap().as_str(),
            "price list AmazonEC2 20260507192915"
        );
    }
    let changed: Vec<_> = diff(before, &after, REGION)
        .changes
        .into_iter()
        .filter(|change| change.table == PriceTable::Ec2Linux)
        .map(|change| (change.item, change.change))
        .collect();
    // What the built-in catalog knows to be withdrawn is not on the list, so it is gone.
    let withdrawn: Vec<_> = before
        .withdrawn(REGION)
        .unwrap()
        .iter()
        .map(|offer| (offer.shape.name.clone(), Change::Gone))
        .collect();
    assert_eq!(changed, withdrawn);
    // Nothing else moved.
    let (old, new) = (before.tables(), after.tables());
    for (region, known) in &old.ec2 {
        assert!(region == REGION || new.ec2[region] == *known);
    }
    assert_eq!(old.rds, new.rds);
    assert_eq!(old.shapes, new.shapes);
    assert_ne!(before.id(), after.id());
    let file = &after.lists(REGION).unwrap().files[0];
    assert_eq!(file.offer, "AmazonEC2");
    assert_eq!(file.published, date(2026, 5, 7));
}

#[test]
fn a_catalog_without_lists_is_written_as_before() {
    let bytes = file::encode(Catalog::embedded().tables()).unwrap();
    assert_eq!(bytes[8..10], 1_u16.to_le_bytes());
    let again = Catalog::from_bytes(&bytes, CatalogOrigin::Embedded).unwrap();
    assert_eq!(again.id(), Catalog::embedded().id());
}

#[test]
fn merging_twice_is_merging_once() {
    let list = ec2(&types(), 500_000);
    let (once, _) = with(Catalog::embedded(), &[&list]);
    let (twice, _) = with(Catalog::embedded(), &[&list, &list]);
    assert_eq!(once.id(), twice.id());
    assert_eq!(once.tables(), twice.tables());
}

#[test]
fn new_gone_dearer_and_cheaper_are_told_by_family() {
    let mut types = types();
    types.retain(|listed| listed.name != "m5.large");
    for listed in &mut types {
        match listed.name.as_str() {
            "m7i.xlarge" => listed.linux_nano = listed.linux_nano * 110 / 100,
            "m7i.large" => listed.linux_nano = listed.linux_nano * 95 / 100,
            _ => {}
        }
    }
    types.push(ListedType {
        name: "m99z.large".into(),
        vcpu: 2,
        memory_mib: 8192,
        linux_nano: 100_000_000,
    });
    let list = ec2(&types, 0);
    let (after, remarks) = with(Catalog::embedded(), &[&list]);
    let difference = diff(Catalog::embedded(), &after, REGION);
    let family = |name: &str| {
        difference
            .families
            .iter()
            .find(|family| family.table == PriceTable::Ec2Linux && family.family == name)
            .unwrap()
    };
    assert_eq!((family("m5").gone, family("m5").new), (1, 0));
    let m7i = family("m7i");
    assert_eq!((m7i.dearer, m7i.cheaper, m7i.new, m7i.gone), (1, 1, 0, 0));
    assert_eq!(m7i.range, Some((Decimal::new(-50, 1), Decimal::new(100, 1))));
    let gone = difference
        .changes
        .iter()
        .find(|change| change.item == "m5.large")
        .unwrap();
    assert_eq!((gone.change, gone.after), (Change::Gone, None));
    // AWS lists a type that the catalog knows nothing of: it is named and never proposed.
    assert!(remarks[0].contains("m99z.large"), "{remarks:?}");
    assert!(after.offer(REGION, "m99z.large").unwrap().is_none());
    assert_eq!(after.lists(REGION).unwrap().without_capacities, ["m99z.large"]);
    assert!(after.offer(REGION, "m5.large").unwrap().is_none());
}

#[test]
fn volumes_and_products_are_replaced_line_by_line() {
    let list = ec2(&types(), 0);
    let (after, _) = with(Catalog::embedded(), &[&list]);
    let ebs = after.ebs(REGION).unwrap();
    let gp3 = ebs.volume(VolumeType::Gp3).unwrap();
    assert_eq!(gp3.per_gib_month.amount.as_decimal().to_string(), "0.096");
    assert_eq!(gp3.per_gib_month.as_of.to_string(), "2026-05");
    assert_eq!(
        gp3.per_mib_per_second_month
            .as_ref()
            .unwrap()
            .amount
            .as_decimal()
            .to_string(),
        "0.048"
    );
    let io2 = ebs.volume(VolumeType::Io2).unwrap();
    assert_eq!(io2.iops_tiers.len(), 3);
    let credits = after.product(REGION, Product::T3SurplusVcpuHour).unwrap();
    assert_eq!(credits.amount.as_decimal().to_string(), "0.05", "Linux, not Windows");
    // What the list does not name keeps its price.
    for product in Product::ALL {
        let (before, now) = (
            Catalog::embedded().product(REGION, *product),
            after.product(REGION, *product),
        );
        assert!(now.is_some() || before.is_none(), "{product:?}");
    }
}

#[test]
fn commitments_are_exact() {
    let one = types().into_iter().find(|listed| listed.name == "m7i.xlarge").unwrap();
    let linux = one.linux_nano;
    let lists = [
        ec2(std::slice::from_ref(&one), u64::MAX),
        read_here(&savings_csv(&[one])).unwrap(),
    ];
    let (after, _) = with(Catalog::embedded(), &[&lists[0], &lists[1]]);
    let reserved = after.reserved(REGION, "m7i.xlarge", OperatingSystem::Linux).unwrap();
    assert_eq!(reserved.rates.len(), 12);
    let rate = |term, class, upfront| {
        reserved
            .rates
            .iter()
            .find(|rate| (rate.term, rate.class, rate.upfront) == (term, class, upfront))
            .unwrap()
    };
    let all = rate(CommitmentTerm::ThreeYears, CommitmentClass::Standard, Upfront::All);
    assert!(all.hourly.amount.as_decimal().is_zero());
    // 61.7 % off, over 26,280 hours, in whole dollars.
    let fee = linux * 383 / 1000 * 26_280 / 1_000_000_000;
    assert_eq!(all.at_once.as_ref().unwrap().amount.as_decimal(), Decimal::from(fee));
    assert_eq!(
        all.effective_per_hour().as_decimal(),
        Decimal::from(fee) / Decimal::from(26_280)
    );
    let none = rate(CommitmentTerm::OneYear, CommitmentClass::Convertible, Upfront::None);
    assert_eq!(
        nano(none.effective_per_hour().as_decimal()),
        linux * 720 / 1000 / 10_000 * 10_000
    );
    let plans = after
        .savings_plans(REGION, "m7i.xlarge", OperatingSystem::Linux)
        .unwrap();
    assert_eq!(plans.rates.len(), 12);
    let compute = plans
        .rates
        .iter()
        .find(|rate| {
            rate.plan == SavingsPlan::Compute && rate.term == CommitmentTerm::OneYear && rate.upfront == Upfront::None
        })
        .unwrap();
    assert_eq!(
        nano(compute.hourly.amount.as_decimal()),
        linux * 730 / 1000 / 100_000 * 100_000
    );
    assert!(after.os_prices(REGION, "m7i.xlarge").unwrap().len() >= 15);
}

#[test]
fn ways_to_buy_have_the_rates_of_the_lists() {
    let one = types().into_iter().find(|listed| listed.name == "m7i.xlarge").unwrap();
    let plans = read_here(&savings_csv(std::slice::from_ref(&one))).unwrap();
    let (after, _) = with(
        Catalog::embedded(),
        &[&ec2(std::slice::from_ref(&one), u64::MAX), &plans],
    );
    let offer = after.offer(REGION, "m7i.xlarge").unwrap().unwrap();
    let subject = Subject {
        service: "ec2",
        instance_type: "m7i.xlarge",
        engine: None,
        deployment: "single-az",
        region: REGION,
        on_demand: offer.price.amount,
        method: offer.price.method,
        as_of: offer.price.as_of,
    };
    let listed = options(&after, &subject);
    let rate = |kind: PurchaseKind| {
        let option = listed.iter().find(|option| option.kind == kind).unwrap();
        option.rate.known().unwrap().clone()
    };
    let reserved = rate(PurchaseKind::Reserved(CommitmentTerm::ThreeYears, Upfront::All));
    let fee = one.linux_nano * 383 / 1000 * 26_280 / 1_000_000_000;
    assert_eq!(reserved.upfront_usd.as_decimal(), Decimal::from(fee));
    assert!(reserved.recurring_usd_per_hour.as_decimal().is_zero());
    assert_eq!(reserved.method, PriceMethod::Listed);
    let plan = rate(PurchaseKind::ComputeSavingsPlan(
        CommitmentTerm::OneYear,
        Upfront::Partial,
    ));
    let hourly = one.linux_nano * 695 / 1000 / 100_000 * 100_000;
    assert_eq!(nano(plan.effective_usd_per_hour.as_decimal()), hourly);
    assert_eq!(nano(plan.recurring_usd_per_hour.as_decimal()), hourly / 2);
    assert_eq!(plan.as_of.to_string(), "2026-05");
    // Every one of the four kinds, three ways to pay and two terms.
    let known = listed.iter().filter_map(|option| option.rate.known());
    assert_eq!(known.filter(|rate| rate.method == PriceMethod::Listed).count(), 24 + 1);
    // Another region has what was estimated before.
    let elsewhere = Subject {
        region: "eu-west-1",
        ..subject
    };
    assert_eq!(options(&after, &elsewhere), options(Catalog::embedded(), &elsewhere));
}

#[test]
fn databases_come_with_their_layouts_and_no_io_optimized_rate() {
    let classes = classes();
    let list = read_here(&rds(&classes).0).unwrap();
    let before = Catalog::embedded();
    let (after, remarks) = with(before, &[&list]);
    assert!(remarks.is_empty(), "{remarks:?}");
    let of = |catalog: &Catalog, engine| -> Vec<(String, Option<Decimal>)> {
        catalog
            .rds_offers(REGION, engine)
            .unwrap()
            .filter(|offer| offer.single_az.is_some())
            .map(|offer| {
                (
                    offer.class.name.clone(),
                    offer.single_az.as_ref().map(|price| price.amount.as_decimal()),
                )
            })
            .collect()
    };
    for engine in RdsEngine::ALL {
        assert_eq!(of(&after, engine), of(before, engine), "{engine}");
        assert!(!of(&after, engine).is_empty());
    }
    let reserved = after
        .rds_reserved(REGION, "db.m6g.large", RdsEngine::Postgres, true)
        .unwrap();
    assert_eq!(reserved.rates.len(), 6);
    assert_eq!(
        after
            .product(REGION, Product::AuroraMillionIo)
            .unwrap()
            .amount
            .as_decimal()
            .to_string(),
        "0.22"
    );
    assert_eq!(refusals(&checked(before, &[list])), Vec::<&str>::new());
}

/// Every way in which a list can be absurd, and the words that refuse it.
#[test]
fn absurd_lists_are_refused() {
    let scaled = |permille: u64, only: &str| {
        let mut types = types();
        for listed in types.iter_mut().filter(|listed| listed.name.starts_with(only)) {
            listed.linux_nano = listed.linux_nano * permille / 1000;
        }
        ec2(&types, 0)
    };
    let base = Catalog::embedded();
    let refused = |list: PriceList, words: &str| {
        let findings = checked(base, &[list]);
        let said = refusals(&findings).join("\n");
        assert!(said.contains(words), "expected `{words}` in\n{said}");
    };
    refused(
        scaled(2000, "m7i."),
        "prices of 1 families were multiplied (m7i by 2.00)",
    );
    refused(scaled(100, ""), "were multiplied");
    refused(
        scaled(1_000_000, ""),
        "an EC2 price is 0.001 to 1 USD per vCPU and hour",
    );
    refused(scaled(1300, ""), "prices moved by more than a quarter");
    refused(ec2(&types()[..300], 0), "only 300 of");
    refused(ec2(&types()[..20], 0), "20 types have a price");
    let mut wrong = types();
    for listed in &mut wrong {
        listed.vcpu *= 2;
    }
    refused(ec2(&wrong, 0), "types have other vCPUs or memory than known");
    let mut later = ec2(&types(), 0);
    later.published = date(2027, 3, 1);
    refused(later, "days from now");
}

#[test]
fn a_list_older_than_the_one_in_use_is_refused() {
    let list = ec2(&types(), 0);
    let (in_use, _) = with(Catalog::embedded(), &[&list]);
    let mut older = list.clone();
    older.published = date(2026, 4, 1);
    assert!(refusals(&checked(&in_use, &[older]))[0].contains("before the list in use (2026-05-07)"));
    assert!(refusals(&checked(&in_use, &[list])).is_empty());
}

#[test]
fn rates_above_the_price_on_demand_are_refused() {
    let types = types();
    let mut plan = read_here(&savings_csv(&types)).unwrap();
    for amount in plan.prices.values_mut() {
        *amount *= Decimal::TWO;
    }
    let findings = checked(Catalog::embedded(), &[ec2(&types, 0), plan]);
    assert!(
        refusals(&findings)
            .iter()
            .any(|words| words.contains("savings plan rates are above")),
        "{findings:?}"
    );
}
