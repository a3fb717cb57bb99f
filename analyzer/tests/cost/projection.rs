//! What the years to come cost, against arithmetic by hand.

use std::collections::BTreeMap;

use analyzer::catalog::Catalog;
use analyzer::commit::Stranding;
use analyzer::money::{UsdPerHour, UsdPerMonth};
use analyzer::plan::Plan;
use analyzer::plan::commitments::{CommitmentLine, FamilyTerms, PlanCommitments, Strategy, TermOfFamily};
use analyzer::plan::outlook::{HostOutlook, PlanOutlook, Runway};
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

fn usd_per_hour(text: &str) -> UsdPerHour {
    UsdPerHour::from_decimal(decimal(text))
}

fn strategy(name: &str, expected_usd: f64) -> Strategy {
    Strategy {
        phase: "rehost".to_string(),
        basis: "always-on".to_string(),
        scope: "compute".to_string(),
        name: name.to_string(),
        years: 0,
        lines: Vec::new(),
        terms: Vec::new(),
        usd_per_month: UsdPerMonth::ZERO,
        used_usd_per_month: UsdPerMonth::from_decimal(decimal("7300")),
        on_demand_usd_per_month: UsdPerMonth::ZERO,
        coverage: 0.0,
        utilisation: 1.0,
        saving: 0.0,
        break_even_month: None,
        expected_usd,
        stranding: Stranding::default(),
    }
}

/// One family that uses USD 10 an hour: up to 6 for three years at 0.5, up to 10 by the year at 0.7.
fn two_terms() -> PlanCommitments {
    let term = |item: &str, rate: &str, up_to: &str| {
        Some(TermOfFamily {
            item: item.to_string(),
            rate: decimal(rate),
            up_to_usd_per_hour: usd_per_hour(up_to),
        })
    };
    let line = |item: &str, usd: &str| CommitmentLine {
        item: item.to_string(),
        covers: "m7i".to_string(),
        usd_per_hour: usd_per_hour(usd),
        usd_per_month: usd_per_hour(usd).per_month(),
    };
    let both = Strategy {
        lines: vec![line("3 years", "3"), line("1 year", "2.8")],
        terms: vec![FamilyTerms {
            covers: "m7i".to_string(),
            used_usd_per_hour: usd_per_hour("10"),
            long: term("3 years", "0.5", "6"),
            short: term("1 year", "0.7", "10"),
        }],
        ..strategy("layer by layer", 1.0)
    };
    PlanCommitments {
        strategies: vec![both, strategy("on demand", 2.0)],
        ..PlanCommitments::default()
    }
}

/// A plan whose host's demand becomes 1.5 times today's on 1 July 2026, the first day of the seventh month.
fn plan_of_two_terms(more: &str) -> Plan {
    let launch = "[[growth.launches]]\nname = 'app'\non = '2026-07-01'\ntimes = 1.5\n";
    let mut plan = plan(&format!("{launch}[costs]\ninternet_gb_per_month = 0\n{more}"));
    let row = &mut plan.recommendations[0];
    (row.cpu_demand_cores, row.vcpu, row.cpu_equivalence) = (Some(4.0), Some(4), Some(1.0));
    (row.memory_demand_gib, row.memory_gib) = (Some(1.0), Some(100.0));
    plan.commitments = Some(two_terms());
    plan
}

#[test]
fn terms_of_one_and_three_years_are_renewed_when_each_ends() {
    let projection = project(&plan_of_two_terms(""), Catalog::embedded(), 48);
    let way = projection
        .paths
        .iter()
        .find(|path| path.name == "rehost, with commitments")
        .unwrap();
    let of = |month: u32| {
        let lines = way.lines.iter().filter(|line| line.month == month);
        let amounts = lines.filter_map(|line| Some((line.item.as_str(), line.amount?.as_decimal())));
        amounts.collect::<BTreeMap<_, _>>()
    };
    let (long, short) = ("3 years for m7i", "1 year for m7i");
    let open = "compute beyond commitments, on demand, of today's";
    // 6 x 0.5 x 730 h and (10 - 6) x 0.7 x 730 h; all use is covered.
    assert_eq!((of(1)[long], of(1)[short]), (decimal("2190"), decimal("2044")));
    assert_eq!(of(6).get(open), None);
    // Use is 15 from July on, and 10 are bought: half of today's use is on demand.
    assert_eq!((of(7)[long], of(7)[short]), (decimal("2190"), decimal("2044")));
    assert_eq!(of(7)[open], decimal("3650"));
    // The year is bought anew to fit 15: 9 above the 6 that are bought already.
    assert_eq!((of(13)[long], of(13)[short]), (decimal("2190"), decimal("4599")));
    assert_eq!(of(13).get(open), None);
    // After three years all is bought anew: 9 x 0.5 and 6 x 0.7.
    assert_eq!((of(36)[long], of(36)[short]), (decimal("2190"), decimal("4599")));
    assert_eq!((of(37)[long], of(37)[short]), (decimal("3285"), decimal("3066")));
}

#[test]
fn three_years_are_not_bought_before_a_second_phase() {
    let found = two_terms();
    assert_eq!(found.best_within("rehost", "compute", 2), None);
    let within = found.best_within("rehost", "compute", 3).unwrap();
    assert_eq!(within.longest_years(), Some(3));
    // A plan of an older program does not say what its mixture of terms is.
    let mut old = two_terms();
    old.strategies[0].terms.clear();
    assert_eq!(old.best_within("rehost", "compute", 3), None);
}

#[test]
fn what_runs_out_within_the_months_is_listed_by_its_month() {
    let mut plan = plan("");
    let runway = |what: &str, early: &str, likely: Option<&str>| Runway {
        what: what.to_string(),
        capacity: 100.0,
        used: 50.0,
        unit: "GiB".to_string(),
        has_interval: true,
        early: Some(early.parse().unwrap()),
        likely: likely.map(|day| day.parse().unwrap()),
        late: None,
        basis: "data".to_string(),
    };
    plan.outlook = Some(PlanOutlook {
        hosts: vec![HostOutlook {
            host: "web-01".to_string(),
            days: 30,
            cpu_cores_ahead: None,
            runways: vec![
                runway("/late", "2026-12-31", Some("2027-06-01")),
                runway("/soon", "2026-02-10", Some("2026-03-31")),
                runway("/never", "2029-01-01", None),
            ],
        }],
        ..PlanOutlook::default()
    });
    let of = |months: u32| {
        let found = project(&plan, Catalog::embedded(), months).runs_out;
        let each = found.into_iter().map(|one| (one.runway.what, one.month));
        each.collect::<Vec<_>>()
    };
    // The plan is of 1 January 2026: March is its third month.
    assert_eq!(of(12), [("/soon".to_string(), Some(3)), ("/late".to_string(), None)]);
    assert_eq!(
        of(24),
        [("/soon".to_string(), Some(3)), ("/late".to_string(), Some(18))]
    );
    assert_eq!(of(2), [("/soon".to_string(), None)]);
    assert_eq!(of(1), []);
}
