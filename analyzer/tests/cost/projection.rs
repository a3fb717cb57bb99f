//! What the years to come cost, against arithmetic by hand.

use std::collections::BTreeMap;

use analyzer::catalog::Catalog;
use analyzer::projection::{Path, project};
use rust_decimal::Decimal;
use sizewright_analyzer as analyzer;

use crate::estate::{decimal, plan};

fn amounts(path: &Path, month: u32) -> BTreeMap<&str, Decimal> {
    let mut out = BTreeMap::new();
    for line in path.lines.iter().filter(|line| line.month == month) {
        if let Some(amount) = line.amount {
            *out.entry(line.category.word()).or_insert(Decimal::ZERO) += amount.as_decimal();
        }
    }
    out
}

const PREMISES: &str = "[on_premises]\nhardware_usd = 60000\nmaintenance_percent_per_year = 12\npower_kw = 2\nusd_per_kwh = 0.10\n\
    racks = 1\nusd_per_rack_month = 500\nlicenses_usd_per_year = 1200\nstaff = 0.5\nusd_per_staff_year = 48000\n";

#[test]
fn a_month_on_premises_is_what_the_hand_computes() {
    let projection = project(&plan(PREMISES), Catalog::embedded(), 12);
    let staying = projection.staying().unwrap();
    // 60,000 / 60 months + 12 % of it / 12 + 2 kW x 1.8 x 730 h x 0.10 + 500 + 1,200 / 12 + 0.5 x 48,000 / 12.
    let month = decimal("1000") + decimal("600") + decimal("262.8") + decimal("500") + decimal("100") + decimal("2000");
    assert_eq!(staying.mid.by_month[0].as_decimal(), month);
    assert_eq!(staying.mid.total.as_decimal(), month * Decimal::from(12));
    assert!(
        projection.notes.iter().any(|note| note.contains("1.8 times")),
        "{:?}",
        projection.notes
    );
}

#[test]
fn a_move_in_waves_pays_both_sides_for_a_while() {
    let text = format!(
        "{PREMISES}[transition]\nmonths = 4\ndouble_running_months = 1\nvpn_connections = 1\nservices_usd = 8000\n\
         [costs]\ninternet_gb_per_month = 0\ntax_percent = 10\n"
    );
    let projection = project(&plan(&text), Catalog::embedded(), 6);
    let way = projection
        .paths
        .iter()
        .find(|path| path.name == "rehost, on demand")
        .unwrap();
    let first = amounts(way, 1);
    // A quarter runs on AWS: 25 + 2.50; all still runs on premises, since it runs double for a month.
    assert_eq!(first["compute"], decimal("25"));
    assert_eq!(first["storage"], decimal("2.5"));
    assert_eq!(first["migration"], decimal("2000"));
    assert_eq!(first["premises"], decimal("4462.8"));
    // 730 hours of a VPN connection at 0.05; tax on 25 + 2.50 + 36.50.
    assert_eq!(first["link"], decimal("36.5"));
    assert_eq!(first["tax"], decimal("6.4"));
    // In the third month half is off on premises, in the fifth all is gone, and the VPN with it.
    assert_eq!(amounts(way, 3)["premises"], decimal("2231.4"));
    let fifth = amounts(way, 5);
    assert_eq!(
        (fifth.get("premises"), fifth.get("link"), fifth.get("migration")),
        (None, None, None)
    );
    assert_eq!(fifth["compute"], decimal("100"));
    assert_eq!(fifth["tax"], decimal("11"));
}

#[test]
fn what_is_not_known_makes_the_sums_read_at_least() {
    let projection = project(&plan(""), Catalog::embedded(), 3);
    assert!(projection.staying().is_none());
    let way = &projection.paths[0];
    assert!(way.mid.unknown_lines > 0, "nobody measured the traffic");
    assert!(
        way.lines
            .iter()
            .any(|line| line.amount.is_none() && line.item.contains("nobody measured"))
    );
    assert!(projection.notes.iter().any(|note| note.contains("[on_premises]")));
    assert_eq!(way.mid.payback_month, None);
}

#[test]
fn every_line_is_its_quantity_times_its_price_and_sums_are_sums_of_lines() {
    let text = format!(
        "{PREMISES}[growth]\npercent_per_year = 40\n[transition]\nmonths = 5\n[costs]\nsupport_plan = 'business'\nsnapshot_share = 0.5\ntax_percent = 8\ninternet_gb_per_month = 60000\n"
    );
    let projection = project(&plan(&text), Catalog::embedded(), 60);
    for path in &projection.paths {
        let mut sum = Decimal::ZERO;
        for line in &path.lines {
            if let (Some(price), Some(amount)) = (line.unit_price, line.amount) {
                assert_eq!(price.as_decimal() * line.quantity, amount.as_decimal(), "{line:?}");
                sum += amount.as_decimal();
            }
        }
        assert_eq!(sum, path.mid.total.as_decimal(), "{}", path.name);
        assert!(
            path.low.total <= path.mid.total && path.mid.total <= path.high.total,
            "{}",
            path.name
        );
    }
}

#[test]
fn a_host_costs_the_same_until_demand_exceeds_what_it_carries() {
    let mut plan = plan("[growth]\npercent_per_year = 100\n[costs]\ninternet_gb_per_month = 0\n");
    let row = &mut plan.recommendations[0];
    // It carries 1.5 times today's demand.
    row.cpu_demand_cores = Some(4.0);
    row.vcpu = Some(6);
    row.cpu_equivalence = Some(1.0);
    row.memory_demand_gib = Some(1.0);
    row.memory_gib = Some(100.0);
    let projection = project(&plan, Catalog::embedded(), 24);
    let way = &projection.paths[0];
    let compute = |month: u32| amounts(way, month)["compute"].round_dp(2);
    // Doubling each year, 1.5 is exceeded after 7.02 months: on 1 September, 243 days on, demand is
    // 2^(243 / 365.25) = 1.585896 times, and that / 1.5 = 1.057264; a year later 2^(608 / 365.25) / 1.5 = 2.113524.
    assert_eq!((compute(8), compute(9)), (decimal("100"), decimal("105.73")));
    assert_eq!(compute(21), decimal("211.35"));
}
