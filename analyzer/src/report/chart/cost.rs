//! What the plan costs, as bars: by environment, by instance family, and against today's sizes.
//!
//! Amounts are summed exactly and become floats only as lengths. Where a price
//! is not known the value reads "at least".

use std::collections::BTreeMap;

use super::bars::{Bar, Bars, draw};
use super::drawing::Drawing;
use super::palette::{BLUE, GREEN, ORANGE, TODAY};
use super::words::{count, dollars, name};
use crate::money::UsdPerMonth;
use crate::plan::{Plan, Recommendation};
use crate::price::Category;

/// Bars of a chart; what is beyond is summed as one.
const MOST_BARS: usize = 14;
const NAME_LETTERS: usize = 28;

/// What one bar costs.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    compute: UsdPerMonth,
    storage: UsdPerMonth,
    at_least: bool,
    hosts: usize,
}

impl Cost {
    fn total(&self) -> UsdPerMonth {
        self.compute + self.storage
    }

    fn add(&mut self, other: &Cost) {
        self.compute = self.compute + other.compute;
        self.storage = self.storage + other.storage;
        self.at_least |= other.at_least;
        self.hosts += other.hosts;
    }

    fn words(&self) -> String {
        let amount = dollars(self.total().approximately());
        if self.at_least {
            format!("at least {amount}")
        } else {
            amount
        }
    }
}

/// Draws the cost a month by environment, from the bill; nothing without a line.
#[must_use]
pub fn cost_by_environment(plan: &Plan) -> Option<Drawing> {
    let mut costs: BTreeMap<String, Cost> = BTreeMap::new();
    for line in &plan.bill.lines {
        let cost = costs.entry(line.environment.clone()).or_default();
        match (line.amount, line.category) {
            (Some(amount), Category::Compute) => cost.compute = cost.compute + amount,
            (Some(amount), Category::Storage) => cost.storage = cost.storage + amount,
            (None, _) => cost.at_least = true,
        }
    }
    stacked(
        "Cost a month by environment",
        "US dollars for 730 hours, on demand",
        "other environments",
        costs,
    )
}

/// Draws the cost a month by proposed instance family; nothing without a row.
#[must_use]
pub fn cost_by_family(plan: &Plan) -> Option<Drawing> {
    let mut costs: BTreeMap<String, Cost> = BTreeMap::new();
    for row in &plan.recommendations {
        let family = match &row.instance_type {
            Some(name) => name.split('.').next().unwrap_or_default().to_string(),
            None => "no proposal yet".to_string(),
        };
        costs.entry(family).or_default().add(&Cost {
            compute: row.compute_usd_per_month.unwrap_or(UsdPerMonth::ZERO),
            storage: row.storage_usd_per_month.unwrap_or(UsdPerMonth::ZERO),
            at_least: row.compute_usd_per_month.is_none() || row.storage_usd_per_month.is_none(),
            hosts: 1,
        });
    }
    let named = costs.into_iter().map(|(family, cost)| {
        let hosts = count(cost.hosts, "host", "hosts");
        (format!("{} · {hosts}", name(&family, NAME_LETTERS)), cost)
    });
    stacked(
        "Cost a month by instance family",
        "US dollars for 730 hours, on demand; storage is that of the family's hosts",
        "other families",
        named.collect(),
    )
}

fn stacked(title: &str, subtitle: &str, others: &str, costs: BTreeMap<String, Cost>) -> Option<Drawing> {
    let mut sorted: Vec<(String, Cost)> = costs.into_iter().collect();
    sorted.sort_by(|a, b| b.1.total().cmp(&a.1.total()).then_with(|| a.0.cmp(&b.0)));
    if sorted.len() > MOST_BARS {
        let rest = sorted.split_off(MOST_BARS - 1);
        let mut sum = Cost::default();
        rest.iter().for_each(|(_, cost)| sum.add(cost));
        sorted.push((format!("{} {others}", rest.len()), sum));
    }
    let rows = sorted.into_iter().map(|(bar, cost)| Bar {
        name: name(&bar, NAME_LETTERS),
        parts: vec![
            (cost.compute.approximately(), BLUE),
            (cost.storage.approximately(), ORANGE),
        ],
        value: cost.words(),
    });
    draw(&Bars {
        title: title.to_string(),
        subtitle: subtitle.to_string(),
        parts: vec![("compute".to_string(), BLUE), ("storage".to_string(), ORANGE)],
        rows: rows.collect(),
    })
}

/// Draws the compute cost a month of today's sizes, of the plan, and with arm64 where that is cheaper.
///
/// Only hosts whose cost is known both ways count, so that the bars compare
/// the same hosts; nothing where there is none.
#[must_use]
pub fn size_comparison(plan: &Plan) -> Option<Drawing> {
    let both = |row: &Recommendation| {
        let as_is = row.proof.as_is.as_ref()?.price_usd_per_hour.per_month();
        let planned = row.compute_usd_per_month?;
        let saving = row
            .proof
            .arm64
            .as_ref()
            .map_or(UsdPerMonth::ZERO, |arm64| arm64.saving_usd_per_month);
        Some([as_is, planned, planned - saving.max(UsdPerMonth::ZERO)])
    };
    let rows: Vec<[UsdPerMonth; 3]> = plan.recommendations.iter().filter_map(both).collect();
    compared(&rows, plan.recommendations.len())
}

/// Draws the sums of a host's costs: as it is, planned, and with arm64.
fn compared(rows: &[[UsdPerMonth; 3]], all_hosts: usize) -> Option<Drawing> {
    if rows.is_empty() {
        return None;
    }
    let [as_is, planned, with_arm64] = [0, 1, 2].map(|way| rows.iter().map(|row| row[way]).sum::<UsdPerMonth>());
    let bar = |name: &str, cost: UsdPerMonth, ink, value: String| Bar {
        name: name.to_string(),
        parts: vec![(cost.approximately(), ink)],
        value,
    };
    let mut bars = vec![
        bar("today's sizes", as_is, TODAY, dollars(as_is.approximately())),
        bar("this plan", planned, BLUE, against(planned, as_is)),
    ];
    if with_arm64 < planned {
        bars.push(bar(
            "with arm64 where cheaper",
            with_arm64,
            GREEN,
            against(with_arm64, as_is),
        ));
    }
    let all = count(all_hosts, "host", "hosts");
    let which = if rows.len() == all_hosts {
        format!("all {all}")
    } else {
        format!("{} of {all}: those whose cost is known both ways", rows.len())
    };
    draw(&Bars {
        title: "Compute cost a month on AWS".to_string(),
        subtitle: format!("US dollars for 730 hours, on demand · {which}"),
        parts: Vec::new(),
        rows: bars,
    })
}

/// Writes a cost with its change against another.
fn against(cost: UsdPerMonth, before: UsdPerMonth) -> String {
    let (cost, before) = (cost.approximately(), before.approximately());
    if before <= 0.0 {
        return dollars(cost);
    }
    let change = ((cost / before - 1.0) * 100.0).round();
    if change == 0.0 {
        return format!("{} (same)", dollars(cost));
    }
    let sign = if change < 0.0 { "−" } else { "+" };
    format!("{} ({sign}{:.0}%)", dollars(cost), change.abs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rust_decimal::Decimal;

    fn usd(amount: i64) -> UsdPerMonth {
        UsdPerMonth::from_decimal(Decimal::from(amount))
    }

    fn costs(bars: usize) -> BTreeMap<String, Cost> {
        let cost = |bar: usize| Cost {
            compute: usd(100 * (bar as i64 + 1)),
            storage: usd(10),
            at_least: bar == 1,
            hosts: 2,
        };
        (0..bars)
            .map(|bar| (format!("family-{bar:02} <&>"), cost(bar)))
            .collect()
    }

    #[test]
    fn an_unknown_price_reads_at_least() {
        let svg = stacked("Cost", "a month", "others", costs(3)).unwrap().svg();
        assert!(svg.contains(">at least $210<") && svg.contains(">$310<"), "{svg}");
        assert!(svg.contains("family-02 &lt;&amp;&gt;"));
    }

    #[test]
    fn what_has_no_bar_of_its_own_is_summed() {
        let svg = stacked("Cost", "a month", "other families", costs(40)).unwrap().svg();
        assert!(svg.contains("27 other families"), "{svg}");
        // 27 bars of 100 to 2,700 with 10 of storage each, one of them not fully known.
        assert!(svg.contains(">at least $38,070<"), "{svg}");
        assert!(stacked("Cost", "a month", "others", BTreeMap::new()).is_none());
    }

    #[test]
    fn a_comparison_says_by_how_much_and_over_which_hosts() {
        let rows = [[usd(100), usd(60), usd(50)], [usd(100), usd(70), usd(70)]];
        let svg = compared(&rows, 3).unwrap().svg();
        assert!(svg.contains(">$130 (−35%)<") && svg.contains(">$120 (−40%)<"), "{svg}");
        assert!(svg.contains("2 of 3 hosts: those whose cost is known both ways"));
        assert!(compared(&[], 3).is_none());
        assert_eq!(against(usd(100), usd(100)), "$100 (same)");
    }
}
