//! The embedded catalog: what it must know, and that it is what its sources say.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stdout, reason = "says why a test did not run, and what was left out")]

#[path = "../examples/build-catalog/gather.rs"]
mod gather;

use std::path::Path;

use jiff::civil::date;
use sizewright_analyzer::catalog::ebs_limits::volume_limits;
use sizewright_analyzer::catalog::nodes::CacheEngine;
use sizewright_analyzer::catalog::price::Amount;
use sizewright_analyzer::catalog::services::{ManagedDeployment, ManagedService};
use sizewright_analyzer::catalog::shape::{Architecture, CpuPerformance, Hypervisor};
use sizewright_analyzer::catalog::tables::Tables;
use sizewright_analyzer::catalog::verify::{Check, Verification, verify};
use sizewright_analyzer::catalog::{
    Catalog, CatalogOrigin, CpuScore, Price, PriceMethod, Product, RdsEngine, VolumeType, YearMonth, file,
};
use sizewright_analyzer::money::UsdPerHour;

fn catalog() -> &'static Catalog {
    Catalog::embedded()
}

fn usd<T: Amount>(price: &Price<T>) -> String {
    price.amount.decimal().to_string()
}

fn hourly(region: &str, shape: &str) -> String {
    usd(&catalog().offer(region, shape).unwrap().unwrap().price)
}

fn month(text: &str) -> YearMonth {
    text.parse().unwrap()
}

#[test]
fn the_embedded_catalog_is_what_the_sources_give() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/catalog");
    if !sources.join("SOURCES.md").exists() {
        println!("not run: the source tables are not beside this checkout");
        return;
    }
    let gathered = gather::gather(&sources).unwrap();
    for remark in &gathered.remarks {
        println!("{remark}");
    }
    let bytes = file::encode(&gathered.tables).unwrap();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog/embedded.catalog");
    assert!(
        bytes == std::fs::read(committed).unwrap(),
        "analyzer/catalog/embedded.catalog is out of date: run the build-catalog example"
    );
}

#[test]
fn known_prices_are_there() {
    assert_eq!(hourly("us-east-1", "m7i.xlarge"), "0.2016");
    assert_eq!(hourly("ap-southeast-1", "m7i.xlarge"), "0.252");
    assert_eq!(hourly("us-east-1", "t3.medium"), "0.0416");
    assert_eq!(hourly("us-east-1", "m6gd.metal"), "2.8928");
    assert_eq!(hourly("ap-southeast-1", "t3.small"), "0.0264");
}

#[test]
fn known_capacities_are_there() {
    let shape = catalog().shape("r7g.2xlarge").unwrap();
    assert_eq!(shape.memory_gib(), 64.0);
    assert_eq!((shape.vcpu, shape.cores, shape.threads_per_core), (8, 8, 1));
    assert_eq!(shape.architecture, Architecture::Arm64);
    assert_eq!(shape.generation, Some(7));
    let shape = catalog().shape("m7i.xlarge").unwrap();
    assert_eq!(shape.network.baseline.as_megabits_per_second(), 1_562.0);
    assert_eq!(shape.network.burst.as_megabits_per_second(), 12_500.0);
    let ebs = shape.ebs.unwrap();
    assert_eq!(ebs.baseline.as_megabits_per_second(), 1_250.0);
    assert_eq!(ebs.maximum.as_megabits_per_second(), 10_000.0);
    assert_eq!(shape.hypervisor, Hypervisor::Nitro);
    assert!(catalog().shape("m7i.metal-24xl").unwrap().is_bare_metal());
    assert!(catalog().shape("g5.xlarge").unwrap().has_accelerators());
    assert!(catalog().shape("f2.6xlarge").unwrap().has_accelerators());
}

#[test]
fn a_t3_medium_earns_24_credits_an_hour() {
    let CpuPerformance::Burstable(credits) = catalog().shape("t3.medium").unwrap().cpu_performance else {
        panic!("t3.medium is burstable")
    };
    assert_eq!(credits.credits_per_hour, 24.0);
    assert!((credits.baseline_fraction_per_vcpu - 0.2).abs() < 1e-12);
}

#[test]
fn a_t8i_is_not_taken_for_a_fixed_type() {
    let shape = catalog().shape("t8i.medium").unwrap();
    assert_eq!(shape.cpu_performance, CpuPerformance::BurstableUnknown);
    assert!(shape.is_burstable());
}

#[test]
fn sizes_are_counted() {
    assert_eq!(catalog().shapes().len(), 1_395);
    assert_eq!(catalog().regions().len(), 36);
    let prices: usize = catalog().tables().ec2.values().map(|region| region.prices.len()).sum();
    let shapeless = catalog().tables().priced_without_shape.len();
    assert_eq!((prices, shapeless), (22_490, 31));
    let bytes = std::fs::metadata(Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog/embedded.catalog"));
    assert!(bytes.unwrap().len() < 1_500_000);
}

#[test]
fn memory_that_a_source_rounded_is_whole_mebibytes_again() {
    assert_eq!(catalog().shape("c1.medium").unwrap().memory_mib, 1_740);
    assert_eq!(catalog().shape("t1.micro").unwrap().memory_mib, 627);
}

#[test]
fn generations_come_from_the_names() {
    for (name, generation) in [
        ("m7i-flex.large", Some(7)),
        ("x2iedn.xlarge", Some(2)),
        ("u7i-12tb.224xlarge", Some(7)),
        ("u-6tb1.112xlarge", Some(1)),
        ("hpc7g.4xlarge", Some(7)),
        ("mac-m4.metal", None),
    ] {
        assert_eq!(catalog().shape(name).unwrap().generation, generation, "{name}");
    }
}

#[test]
fn cpu_scores_are_relative_to_m7i() {
    let score = |family: &str| catalog().family_score(family).unwrap().per_vcpu;
    assert!((score("m7i") - 1.0).abs() < 1e-12);
    assert!(score("m5") < score("m6i") && score("m6i") < score("m7i"));
    assert!(score("m8a") > 1.9);
    let of_type: CpuScore = catalog().shape("m7i.xlarge").unwrap().cpu_score.unwrap();
    assert!((of_type.per_vcpu - 1.0).abs() < 0.05);
    assert!(catalog().shape("mac1.metal").unwrap().cpu_score.is_none());
}

#[test]
fn offers_are_sorted_by_price_then_newer_then_name() {
    for region in catalog().regions() {
        let keys: Vec<_> = catalog()
            .offers(&region.code)
            .unwrap()
            .iter()
            .map(|offer| {
                let generation = std::cmp::Reverse(offer.shape.generation);
                (offer.price.amount, generation, offer.shape.name.clone())
            })
            .collect();
        assert!(!keys.is_empty() && keys.is_sorted(), "{}", region.code);
    }
}

#[test]
fn every_offered_current_type_is_an_offer_or_unpriced() {
    let mut unpriced = 0;
    for region in catalog().regions() {
        let offers = catalog().offers(&region.code).unwrap();
        let Some(missing) = catalog().unpriced(&region.code).unwrap() else {
            assert!(catalog().offered(&region.code).unwrap().is_none());
            continue;
        };
        for shape in catalog().offered(&region.code).unwrap().unwrap() {
            let is_offer = offers.iter().any(|offer| offer.shape.name == shape.name);
            let is_missing = missing.iter().any(|other| other.name == shape.name);
            assert!(
                is_offer != is_missing || !shape.current_generation,
                "{} {}",
                region.code,
                shape.name
            );
        }
        unpriced += missing.len();
    }
    assert_eq!(unpriced, 915);
}

#[test]
fn age_is_counted_from_the_newest_price_of_the_region() {
    let today = date(2026, 11, 22);
    assert_eq!(catalog().built_on(), today);
    let dates = catalog().ec2_prices_as_of("us-east-1").unwrap();
    assert_eq!((dates.oldest, dates.newest), (month("2025-11"), month("2026-10")));
    assert_eq!(catalog().age_days("us-east-1", today).unwrap(), 52);
    assert!(!catalog().is_stale("us-east-1", today).unwrap());
    assert_eq!(catalog().age_days("ap-southeast-1", today).unwrap(), 144);
    assert!(catalog().is_stale("ap-southeast-1", today).unwrap());
}

#[test]
fn ebs_prices_are_known_or_an_error_but_never_zero() {
    let ebs = catalog().ebs("us-east-1").unwrap();
    let gp3 = ebs.volume(VolumeType::Gp3).unwrap();
    assert_eq!(usd(&gp3.per_gib_month), "0.08");
    assert_eq!(usd(&gp3.iops_tiers[0].per_iops_month), "0.005");
    assert_eq!(usd(gp3.per_mib_per_second_month.as_ref().unwrap()), "0.04");
    let io2 = ebs.volume(VolumeType::Io2).unwrap();
    let starts: Vec<u32> = io2.iops_tiers.iter().map(|tier| tier.above_iops).collect();
    assert_eq!(starts, [0, 32_000, 64_000]);
    assert!(catalog().ebs("eu-west-3").unwrap().volume(VolumeType::Io2).is_none());
    let error = catalog().ebs("eu-south-2").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the catalog has no EBS prices for region `eu-south-2`; nearest: `eu-south-1`, `eu-north-1`, `af-south-1`"
    );
    let without: usize = catalog()
        .regions()
        .iter()
        .filter(|region| catalog().ebs(&region.code).is_err())
        .count();
    assert_eq!(without, 12);
    assert_eq!(volume_limits(VolumeType::Gp3, month("2026-11")).most_iops, 80_000);
}

#[test]
fn a_mistyped_region_is_met_with_near_ones() {
    let error = catalog().offers("eu-wset-1").unwrap_err();
    assert!(error.to_string().contains("nearest: `eu-west-1`"), "{error}");
}

#[test]
fn services_are_priced_in_their_own_unit() {
    let price = |region, product| catalog().product(region, product).map(usd);
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(price("ap-southeast-1", Product::NatGatewayHour), some("0.059"));
    assert_eq!(price("ap-southeast-1", Product::AlbHour), some("0.0252"));
    assert_eq!(price("eu-west-1", Product::T3SurplusVcpuHour), some("0.05"));
    assert_eq!(price("eu-west-1", Product::T4gSurplusVcpuHour), some("0.04"));
    assert_eq!(price("eu-west-1", Product::AuroraMillionIo), some("0.22"));
    assert_eq!(price("us-east-1", Product::AuroraMillionIo), some("0.2"));
    assert_eq!(price("us-east-1", Product::S3WriteRequest), some("0.000005"));
    assert_eq!(price("us-east-1", Product::InterZoneTransferGb), some("0.01"));
    assert_eq!(price("ap-southeast-1", Product::VpnConnectionHour), None);
    let tiers = catalog().internet_egress("us-east-1").unwrap();
    assert_eq!((tiers[0].above_gb, usd(&tiers[0].per_gb)), (0, "0.09".to_owned()));
}

#[test]
fn managed_services_are_priced_by_class() {
    let rabbit: Vec<_> = catalog()
        .managed("us-east-1", ManagedService::RabbitMq)
        .filter(|row| row.class == "mq.m5.large" && row.deployment == ManagedDeployment::Cluster)
        .collect();
    assert_eq!(usd(&rabbit[0].price), "0.864");
    assert_eq!(rabbit[0].price.method, PriceMethod::Derived);
    assert_eq!(catalog().managed("us-east-1", ManagedService::DocumentDb).count(), 9);
    assert_eq!(catalog().managed("ap-southeast-1", ManagedService::Msk).count(), 3);
    let rds = |region, engine, class: &str| {
        catalog()
            .rds_offers(region, engine)
            .unwrap()
            .find(|offer| offer.class.name == class)
            .unwrap()
            .clone()
    };
    let postgres = rds("us-east-1", RdsEngine::Postgres, "db.m7g.large");
    assert_eq!(usd(postgres.single_az.as_ref().unwrap()), "0.168");
    assert_eq!(postgres.class.memory().as_gibibytes(), 8.0);
    let cache = |engine| {
        catalog()
            .cache_offers("us-east-1", engine)
            .unwrap()
            .find(|offer| offer.node.name == "cache.r7g.large")
            .unwrap()
    };
    let (redis, valkey) = (cache(CacheEngine::Redis), cache(CacheEngine::Valkey));
    assert_eq!(usd(&redis.on_demand), "0.219");
    assert_eq!(usd(&valkey.on_demand), "0.1752");
    assert!(redis.node.redis_maxmemory.unwrap() < redis.node.memory.times(1.001));
    assert_eq!(catalog().search_offers("us-east-1").unwrap().len(), 177);
}

#[test]
fn aurora_of_milan_is_corrected_and_says_so() {
    let offer = catalog()
        .rds_offers("eu-south-1", RdsEngine::AuroraMysql)
        .unwrap()
        .find(|offer| offer.class.name == "db.r5.large")
        .unwrap();
    let price = offer.single_az.as_ref().unwrap();
    assert_eq!(usd(price), "0.336");
    assert_eq!(price.method, PriceMethod::Derived);
    assert!(price.detail.as_ref().unwrap().as_str().contains("divided by 1.30"));
}

#[test]
fn estimates_keep_the_words_of_their_source() {
    let offer = catalog().offer("ap-southeast-1", "c7a.large").unwrap().unwrap();
    assert_eq!(offer.price.method, PriceMethod::Estimated);
    let words = offer.price.detail.as_ref().unwrap().as_str();
    assert!(words.starts_with("us-east-1 price x region ratio of"), "{words}");
}

#[test]
fn other_tables_are_loaded() {
    let tables = catalog().tables();
    let sizes = [
        tables.sources.len(),
        tables.rds_licensed.len(),
        tables.rds_other.len(),
        tables.cache_nodes.len(),
        tables.search_instances.len(),
        tables.os_uplifts.len(),
        tables.os_prices_eu_west_1.len(),
        tables.os_prices_us_east_1.len(),
        tables.commitments.len(),
        tables.database_savings_plan.len(),
        tables.services.len(),
        tables.egress.len(),
        tables.family_scores.len(),
        tables.spec_rates.len(),
        tables.spec_power.len(),
    ];
    assert_eq!(
        sizes,
        [17, 2_017, 190, 91, 177, 11, 614, 647, 481, 455, 597, 32, 146, 982, 162]
    );
    assert_eq!(tables.rds.values().map(Vec::len).sum::<usize>(), 19_291);
    assert_eq!(tables.cache.values().map(Vec::len).sum::<usize>(), 5_033);
    assert_eq!(tables.search.values().map(Vec::len).sum::<usize>(), 3_662);
    let spot = catalog().old_spot("us-east-1", "m5.large").unwrap();
    assert_eq!(spot.as_of, month("2024-08"));
    let unseen = catalog().os_uplifts().iter().find(|uplift| uplift.price.is_none());
    assert_eq!(unseen.unwrap().product, "RHEL, 9-127 vCPU");
}

#[test]
fn a_catalog_file_survives_writing_and_reading() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.catalog");
    std::fs::write(&path, file::encode(catalog().tables()).unwrap()).unwrap();
    let read = Catalog::read(&path).unwrap();
    assert_eq!(read.tables(), catalog().tables());
    assert_eq!(read.id(), catalog().id());
    assert_eq!(read.origin(), &CatalogOrigin::File(path));
    let missing = Catalog::read(&folder.path().join("none.catalog")).unwrap_err();
    assert!(missing.to_string().starts_with("cannot read the catalog"));
}

fn verified(change: impl FnOnce(&mut Tables)) -> Verification {
    let mut tables = catalog().tables().clone();
    change(&mut tables);
    let bytes = file::encode(&tables).unwrap();
    verify(&Catalog::from_bytes(&bytes, CatalogOrigin::Embedded).unwrap())
}

fn price_of<'a>(tables: &'a mut Tables, region: &str, shape: &str) -> &'a mut Price<UsdPerHour> {
    let prices = &mut tables.ec2.get_mut(region).unwrap().prices;
    &mut prices.iter_mut().find(|(known, _)| known.name == shape).unwrap().1
}

#[test]
fn a_wrong_price_is_found() {
    let verification = verified(|tables| {
        let price = price_of(tables, "eu-west-1", "m7i.2xlarge");
        price.amount = UsdPerHour::from_decimal("0.2".parse().unwrap());
    });
    assert!(!verification.holds());
    assert!(verification.of(Check::BiggerIsNotCheaper).unwrap().violations() > 0);
    assert!(verification.of(Check::RegionIsInLine).unwrap().violations() > 0);
}

#[test]
fn a_free_instance_is_found() {
    let verification = verified(|tables| {
        price_of(tables, "eu-west-1", "t3.nano").amount = UsdPerHour::ZERO;
    });
    assert_eq!(verification.of(Check::PriceIsPlausible).unwrap().violations(), 1);
}

#[test]
fn an_io_optimized_aurora_price_is_found() {
    let verification = verified(|tables| {
        let offers = tables.rds.get_mut("eu-west-1").unwrap();
        let offer = offers
            .iter_mut()
            .find(|offer| offer.engine == RdsEngine::AuroraMysql && offer.class.name == "db.r6g.large")
            .unwrap();
        let price = offer.single_az.as_mut().unwrap();
        price.amount = price.amount.times("1.30".parse().unwrap());
    });
    let aurora = verification.of(Check::AuroraIsStandard).unwrap();
    let unexplained: Vec<&str> = aurora
        .findings
        .iter()
        .filter(|finding| finding.exception.is_none())
        .map(|finding| finding.subject.as_str())
        .collect();
    assert_eq!(unexplained, ["aurora-mysql db.r6g.large"]);
}

#[test]
fn a_region_without_its_ebs_prices_is_found() {
    let verification = verified(|tables| {
        tables.ebs.remove("us-east-1");
    });
    assert_eq!(verification.of(Check::EbsIsPricedOrNamed).unwrap().violations(), 1);
}
