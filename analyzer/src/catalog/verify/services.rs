//! Laws about managed services, commitments and traffic.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Check, CheckResult, Tally};
use crate::catalog::Catalog;
use crate::catalog::nodes::{CacheEngine, CacheOffer, ReservedRates};
use crate::catalog::rds::{RdsEngine, RdsOffer};

/// Lowest and highest ratio of Aurora `MySQL` to RDS `MySQL`, in hundredths.
///
/// Measured on 3,070 pairs: 1.098 to 1.269; the I/O-Optimized rate is 1.43 at least.
const AURORA_HUNDREDTHS: (i64, i64) = (105, 130);

/// How far an RDS size may be from the family's rate, in hundredths.
const RDS_SIZE_HUNDREDTHS: i64 = 3;

/// Most that a commitment may save, in hundredths; 52 to 55 is usual for three years all upfront.
const MOST_SAVED_HUNDREDTHS: i64 = 65;

pub(super) fn verify(catalog: &Catalog) -> Vec<CheckResult> {
    let tables = catalog.tables();
    let mut multi_az = Tally::of(Check::MultiAzIsTwice);
    let mut aurora = Tally::of(Check::AuroraIsStandard);
    let mut scale = Tally::of(Check::RdsScalesWithSize);
    for (region, offers) in &tables.rds {
        hold_multi_az(&mut multi_az, region, offers);
        hold_aurora(&mut aurora, region, offers);
        hold_scale(&mut scale, region, offers);
    }
    let mut valkey = Tally::of(Check::ValkeyIsFourFifths);
    let mut commitments = Tally::of(Check::CommitmentsDescend);
    for (region, offers) in &tables.cache {
        hold_valkey(&mut valkey, region, offers);
        for offer in offers {
            let subject = format!("{} {}", offer.engine, offer.node.name);
            let on_demand = offer.on_demand.amount.as_decimal();
            hold_reserved(&mut commitments, region, &subject, on_demand, &offer.reserved);
        }
    }
    for (region, offers) in &tables.search {
        for offer in offers {
            let on_demand = offer.on_demand.amount.as_decimal();
            let subject = &offer.instance.name;
            hold_reserved(&mut commitments, region, subject, on_demand, &offer.reserved);
        }
    }
    let mut egress = Tally::of(Check::EgressDescends);
    for (region, known) in &tables.egress {
        for pair in known.tiers.windows(2) {
            egress.hold(
                pair[1].per_gb.amount <= pair[0].per_gb.amount && pair[1].above_gb > pair[0].above_gb,
                || format!("above {} GB", pair[1].above_gb),
                Some(region),
                || pair[1].per_gb.amount.as_decimal().to_string(),
            );
        }
    }
    [multi_az, aurora, scale, valkey, commitments, egress, positive(catalog)]
        .into_iter()
        .map(Tally::finish)
        .collect()
}

/// How far Multi-AZ may be from twice Single-AZ: one and a half steps that both
/// prices are rounded to, or 0.5 %.
///
/// `GovCloud` lists round to 0.01 USD, old families in Frankfurt to 0.005, others to 0.001.
fn rounding(single: Decimal, multi: Decimal) -> Decimal {
    let step = [Decimal::new(1, 2), Decimal::new(5, 3)]
        .into_iter()
        .find(|step| (single % step).is_zero() && (multi % step).is_zero())
        .unwrap_or(Decimal::new(1, 3));
    (single * Decimal::new(1, 2)).max(step * Decimal::new(15, 1))
}

fn hold_multi_az(tally: &mut Tally, region: &str, offers: &[RdsOffer]) {
    for offer in offers {
        let (Some(single), Some(multi)) = (&offer.single_az, &offer.multi_az) else {
            continue;
        };
        let (single, multi) = (single.amount.as_decimal(), multi.amount.as_decimal());
        tally.hold(
            (multi - single * Decimal::TWO).abs() <= rounding(single, multi),
            || format!("{} {}", offer.engine, offer.class.name),
            Some(region),
            || format!("{multi} against {single} USD per hour"),
        );
    }
}

fn hold_aurora(tally: &mut Tally, region: &str, offers: &[RdsOffer]) {
    let mysql: BTreeMap<&str, Decimal> = offers
        .iter()
        .filter(|offer| offer.engine == RdsEngine::Mysql)
        .filter_map(|offer| Some((offer.class.name.as_str(), single(offer)?)))
        .collect();
    for offer in offers.iter().filter(|offer| offer.engine.is_aurora()) {
        let (Some(aurora), Some(mysql)) = (single(offer), mysql.get(offer.class.name.as_str())) else {
            continue;
        };
        let ratio = aurora / mysql;
        let (low, high) = AURORA_HUNDREDTHS;
        tally.hold(
            ratio >= Decimal::new(low, 2) && ratio <= Decimal::new(high, 2),
            || format!("{} {}", offer.engine, offer.class.name),
            Some(region),
            || format!("{ratio:.3} of RDS MySQL"),
        );
    }
}

fn single(offer: &RdsOffer) -> Option<Decimal> {
    offer.single_az.as_ref().map(|price| price.amount.as_decimal())
}

/// Compares each size from `large` on with the median rate per unit of size of its family.
fn hold_scale(tally: &mut Tally, region: &str, offers: &[RdsOffer]) {
    let mut families: BTreeMap<(RdsEngine, &str), Vec<(&RdsOffer, Decimal)>> = BTreeMap::new();
    for offer in offers {
        let Some((family, size)) = offer.class.name.rsplit_once('.') else {
            continue;
        };
        if let (Some(price), Some(units)) = (single(offer), size_units(size)) {
            families
                .entry((offer.engine, family))
                .or_default()
                .push((offer, price / Decimal::from(units)));
        }
    }
    for members in families.values() {
        let mut rates: Vec<Decimal> = members.iter().map(|(_, rate)| *rate).collect();
        rates.sort_unstable();
        let median = rates[rates.len() / 2];
        for (offer, rate) in members {
            tally.hold(
                (rate / median - Decimal::ONE).abs() <= Decimal::new(RDS_SIZE_HUNDREDTHS, 2),
                || format!("{} {}", offer.engine, offer.class.name),
                Some(region),
                || format!("{:.3} of the family's rate", rate / median),
            );
        }
    }
}

/// Gives how many `large` a size is, or nothing for smaller ones, whose prices round too coarsely.
fn size_units(size: &str) -> Option<u32> {
    match size {
        "large" => Some(1),
        "xlarge" => Some(2),
        _ => size.strip_suffix("xlarge")?.parse::<u32>().ok().map(|n| 2 * n),
    }
}

fn hold_valkey(tally: &mut Tally, region: &str, offers: &[CacheOffer]) {
    let redis: BTreeMap<&str, Decimal> = offers
        .iter()
        .filter(|offer| offer.engine == CacheEngine::Redis)
        .map(|offer| (offer.node.name.as_str(), offer.on_demand.amount.as_decimal()))
        .collect();
    for offer in offers.iter().filter(|offer| offer.engine == CacheEngine::Valkey) {
        let valkey = offer.on_demand.amount.as_decimal();
        let twin = redis.get(offer.node.name.as_str());
        tally.hold(
            twin.is_some_and(|redis| *redis * Decimal::new(80, 2) == valkey),
            || offer.node.name.clone(),
            Some(region),
            || format!("{valkey} against {twin:?} USD per hour"),
        );
    }
}

/// Holds reserved rates against the on-demand price, each other and the other term.
fn hold_reserved(tally: &mut Tally, region: &str, subject: &str, on_demand: Decimal, rates: &ReservedRates) {
    let ladder = |rate: Option<crate::money::UsdPerHour>| rate.map(|usd| usd.as_decimal());
    for (term, rates) in [("one year", rates.one_year), ("three years", rates.three_years)] {
        let steps: Vec<Decimal> = [
            Some(on_demand),
            ladder(rates.none),
            ladder(rates.partial),
            ladder(rates.all),
        ]
        .into_iter()
        .flatten()
        .collect();
        let Some(last) = steps.last().filter(|_| steps.len() > 1) else {
            continue;
        };
        // Hourly rates without upfront payment are published in thousandths.
        let descends = steps.windows(2).all(|pair| pair[1] <= pair[0] + Decimal::new(5, 4));
        let saved = Decimal::ONE - *last / on_demand;
        tally.hold(
            descends && saved <= Decimal::new(MOST_SAVED_HUNDREDTHS, 2),
            || subject.to_owned(),
            Some(region),
            || {
                let texts: Vec<String> = steps.iter().map(ToString::to_string).collect();
                format!("{term}: {} USD per hour", texts.join(", "))
            },
        );
    }
}

/// Every price of every other table is above zero.
fn positive(catalog: &Catalog) -> Tally {
    let tables = catalog.tables();
    let mut tally = Tally::of(Check::OtherPricesArePositive);
    let mut hold = |subject: &str, region: &str, amount: Decimal| {
        tally.hold(
            amount > Decimal::ZERO,
            || subject.to_owned(),
            Some(region),
            || amount.to_string(),
        );
    };
    for (region, prices) in &tables.ebs {
        for volume in &prices.volumes {
            let extra = volume.iops_tiers.iter().map(|tier| &tier.per_iops_month);
            for price in extra
                .chain(&volume.per_mib_per_second_month)
                .chain(&volume.per_io_request)
                .chain([&volume.per_gib_month])
            {
                hold(volume.volume_type.word(), region, price.amount.as_decimal());
            }
        }
    }
    for (region, offers) in &tables.rds {
        for offer in offers {
            for price in offer.single_az.iter().chain(&offer.multi_az) {
                hold(&offer.class.name, region, price.amount.as_decimal());
            }
        }
    }
    for (region, offers) in &tables.cache {
        for offer in offers {
            hold(&offer.node.name, region, offer.on_demand.amount.as_decimal());
        }
    }
    for (region, offers) in &tables.search {
        for offer in offers {
            hold(&offer.instance.name, region, offer.on_demand.amount.as_decimal());
        }
    }
    for row in &tables.services {
        hold(&row.item, &row.region, row.price.amount.as_decimal());
    }
    for row in &tables.rds_licensed {
        hold(&row.class, "eu-west-1", row.price.amount.as_decimal());
    }
    for (region, prices) in &tables.spot {
        for (name, price) in prices {
            hold(name, region, price.amount.as_decimal());
        }
    }
    tally
}
