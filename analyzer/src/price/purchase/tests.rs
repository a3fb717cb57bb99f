#![allow(clippy::unwrap_used)]

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn subject<'a>(service: &'a str, instance_type: &'a str, region: &'a str, price: &str) -> Subject<'a> {
    Subject {
        service,
        instance_type,
        engine: None,
        deployment: "single-az",
        region,
        on_demand: UsdPerHour::from_decimal(decimal(price)),
        method: PriceMethod::Listed,
        as_of: "2025-11".parse().unwrap(),
    }
}

fn rate(subject: &Subject<'_>, kind: PurchaseKind) -> Rate {
    options(Catalog::embedded(), subject)
        .into_iter()
        .find(|option| option.kind == kind)
        .unwrap_or_else(|| panic!("{kind} is not sold"))
        .rate
}

fn known(subject: &Subject<'_>, kind: PurchaseKind) -> KnownRate {
    rate(subject, kind)
        .known()
        .unwrap_or_else(|| panic!("{kind} is unknown"))
        .clone()
}

const ONE: CommitmentTerm = CommitmentTerm::OneYear;
const THREE: CommitmentTerm = CommitmentTerm::ThreeYears;

#[test]
fn the_one_type_with_all_terms_has_them_as_observed() {
    let subject = subject("ec2", "x2iedn.32xlarge", "us-east-1", "26.676");
    // 26.676 x (1 - 0.3847), (1 - 0.703) and (1 - 0.3101).
    for (kind, expected) in [
        (PurchaseKind::Reserved(ONE, Upfront::None), "16.4137428"),
        (PurchaseKind::Reserved(THREE, Upfront::Partial), "7.922772"),
        (PurchaseKind::Convertible(ONE, Upfront::All), "18.4037724"),
    ] {
        let rate = known(&subject, kind);
        assert_eq!(rate.effective_usd_per_hour.as_decimal(), decimal(expected), "{kind}");
        assert_eq!(rate.method, PriceMethod::Derived, "{kind}");
    }
    let plan = known(&subject, PurchaseKind::InstanceSavingsPlan(ONE, Upfront::None));
    assert_eq!(plan.effective_usd_per_hour.as_decimal(), decimal("16.4137428"));
    assert_eq!(plan.method, PriceMethod::Estimated);
}

#[test]
fn what_is_paid_at_once_and_each_hour_adds_up_to_the_term() {
    let subject = subject("ec2", "m7i.large", "ap-southeast-1", "0.126");
    for option in options(Catalog::embedded(), &subject) {
        let Some((term, upfront)) = option.kind.commitment() else {
            continue;
        };
        let rate = option.rate.known().unwrap();
        let hours = Decimal::from(kind::hours(term));
        let total = rate.upfront_usd.as_decimal() + rate.recurring_usd_per_hour.as_decimal() * hours;
        assert_eq!(
            total,
            rate.effective_usd_per_hour.as_decimal() * hours,
            "{}",
            option.kind
        );
        assert_eq!(rate.upfront_usd == Usd::ZERO, upfront == Upfront::None);
        assert_eq!(rate.recurring_usd_per_hour == UsdPerHour::ZERO, upfront == Upfront::All);
    }
}

#[test]
fn longer_and_paid_sooner_is_cheaper_and_flexible_dearer() {
    for name in ["m7i.large", "c7g.xlarge", "r6i.2xlarge", "m5.large"] {
        let subject = subject("ec2", name, "eu-central-1", "0.2");
        let cost = |kind: PurchaseKind| known(&subject, kind).effective_usd_per_hour;
        for make in [PurchaseKind::Reserved, PurchaseKind::ComputeSavingsPlan] {
            assert!(
                cost(make(THREE, Upfront::All)) < cost(make(THREE, Upfront::Partial)),
                "{name}"
            );
            assert!(
                cost(make(THREE, Upfront::Partial)) < cost(make(THREE, Upfront::None)),
                "{name}"
            );
            assert!(
                cost(make(THREE, Upfront::None)) < cost(make(ONE, Upfront::All)),
                "{name}"
            );
            assert!(cost(make(ONE, Upfront::None)) < subject.on_demand, "{name}");
        }
        for term in [ONE, THREE] {
            assert!(
                cost(PurchaseKind::InstanceSavingsPlan(term, Upfront::None))
                    < cost(PurchaseKind::ComputeSavingsPlan(term, Upfront::None)),
                "{name}"
            );
        }
    }
}

#[test]
fn a_family_without_a_discount_is_unknown_and_never_zero() {
    let subject = subject("ec2", "zz9.large", "us-east-1", "1");
    for option in options(Catalog::embedded(), &subject).into_iter().skip(1) {
        assert!(
            matches!(&option.rate, Rate::Unknown(why) if !why.is_empty()),
            "{option:?}"
        );
    }
}

#[test]
fn no_rate_of_any_type_is_free() {
    let catalog = Catalog::embedded();
    for offer in catalog.offers("ap-southeast-1").unwrap() {
        let subject = Subject {
            on_demand: offer.price.amount,
            method: offer.price.method,
            as_of: offer.price.as_of,
            ..subject("ec2", &offer.shape.name, "ap-southeast-1", "0")
        };
        for option in options(catalog, &subject) {
            if let Rate::Known(rate) = &option.rate {
                assert!(
                    rate.effective_usd_per_hour > UsdPerHour::ZERO,
                    "{} {}",
                    offer.shape.name,
                    option.kind
                );
                let cheaper = rate.effective_usd_per_hour <= subject.on_demand;
                assert!(
                    cheaper || option.kind == PurchaseKind::Spot,
                    "{} {}",
                    offer.shape.name,
                    option.kind
                );
            }
        }
    }
}

#[test]
fn a_cache_node_has_the_reserved_price_of_its_own_region() {
    let mut subject = subject("elasticache", "cache.m5.12xlarge", "af-south-1", "4.912");
    subject.engine = Some("memcached");
    let reserved = known(&subject, PurchaseKind::Reserved(ONE, Upfront::None));
    assert_eq!(reserved.effective_usd_per_hour.as_decimal(), decimal("3.353"));
    assert_eq!(reserved.method, PriceMethod::Listed);
}

#[test]
fn databases_of_the_newest_generations_have_the_database_savings_plan() {
    let mut subject = subject("rds", "db.m7g.large", "ap-southeast-1", "0.5");
    subject.engine = Some("postgres");
    let plan = known(&subject, PurchaseKind::DatabaseSavingsPlan);
    assert_eq!(plan.effective_usd_per_hour.as_decimal(), decimal("0.4"));
    assert_eq!(plan.method, PriceMethod::Estimated);
    subject.instance_type = "db.m5.large";
    assert!(rate(&subject, PurchaseKind::DatabaseSavingsPlan).known().is_none());
    subject.instance_type = "db.t3.medium";
    let reserved = known(&subject, PurchaseKind::Reserved(ONE, Upfront::None));
    // 0.5 x (1 - 0.2963), the discount of db.t3.large.
    assert_eq!(reserved.effective_usd_per_hour.as_decimal(), decimal("0.35185"));
}

#[test]
fn licences_cost_what_the_lists_say() {
    let catalog = Catalog::embedded();
    let of = |name: &str, license: License| {
        let shape = catalog.shape(name).unwrap();
        licenses(catalog, shape)
            .into_iter()
            .find(|one| one.license == license)
            .unwrap()
            .rate
    };
    let amount = |rate: Rate| rate.known().unwrap().effective_usd_per_hour.as_decimal();
    // Windows is 0.046 for each vCPU.
    assert_eq!(amount(of("m7i.xlarge", License::Windows)), decimal("0.184"));
    // RHEL up to eight vCPUs 0.0144 each; from nine to 127 nobody saw it.
    assert_eq!(amount(of("m7i.2xlarge", License::Rhel)), decimal("0.1152"));
    assert!(of("m7i.4xlarge", License::Rhel).known().is_none());
    // SQL Server is licensed for four vCPUs at least.
    assert_eq!(amount(of("m7i.large", License::SqlServerStandard)), decimal("0.48"));
    assert_eq!(
        License::of_system("Red Hat Enterprise Linux 9.4 (Plow)"),
        Some(License::Rhel)
    );
    assert_eq!(License::of_system("openSUSE Leap 15.5"), None);
    assert_eq!(License::of_system("Debian GNU/Linux 12"), None);
}
