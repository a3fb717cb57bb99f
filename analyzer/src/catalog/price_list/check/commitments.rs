//! Whether systems cost more than Linux, and commitments less than none.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{EXAMPLES, Finding};
use crate::catalog::Catalog;
use crate::catalog::operating_system::OperatingSystem;

/// Share that may be out of order, in hundredths.
const MOST_ODD_HUNDREDTHS: usize = 1;
/// Most that a commitment saves, in hundredths: AWS says "up to 72 %"; 75 leaves room for rounding.
const MOST_SAVED_HUNDREDTHS: i64 = 75;

/// Counts what is out of order, with examples.
#[derive(Default)]
struct Odd {
    checked: usize,
    odd: Vec<String>,
}

impl Odd {
    fn hold(&mut self, keeps: bool, words: impl FnOnce() -> String) {
        self.checked += 1;
        if !keeps {
            self.odd.push(words());
        }
    }

    fn finish(self, what: &str, findings: &mut Vec<Finding>) {
        if self.odd.is_empty() {
            return;
        }
        let words = format!(
            "{} of {} {what} ({})",
            self.odd.len(),
            self.checked,
            self.odd.iter().take(EXAMPLES).cloned().collect::<Vec<_>>().join("; ")
        );
        findings.push(if self.odd.len() * 100 > self.checked * MOST_ODD_HUNDREDTHS {
            Finding::refusal(words)
        } else {
            Finding::note(words)
        });
    }
}

pub(super) fn check(after: &Catalog, region: &str, findings: &mut Vec<Finding>) {
    let Some(lists) = after.lists(region) else { return };
    let mut on_demand: BTreeMap<(&str, OperatingSystem), Decimal> = BTreeMap::new();
    for row in &lists.os_prices {
        for price in row
            .prices
            .iter()
            .filter(|price| price.sql_server.is_none() && !price.own_license)
        {
            on_demand.insert(
                (&row.shape_name, price.operating_system),
                price.price.amount.as_decimal(),
            );
        }
    }
    let mut systems = Odd::default();
    for ((shape, system), amount) in &on_demand {
        if let Some(linux) = on_demand.get(&(*shape, OperatingSystem::Linux)) {
            systems.hold(amount >= linux, || {
                format!("{shape} {system:?}: {amount} against {linux} with Linux")
            });
        }
    }
    systems.finish("systems are cheaper than Linux", findings);
    let mut reserved = Odd::default();
    for row in &lists.reserved {
        let Some(price) = on_demand.get(&(row.shape_name.as_str(), row.operating_system)) else {
            continue;
        };
        for rate in &row.rates {
            hold_rate(
                &mut reserved,
                &row.shape_name,
                *price,
                rate.effective_per_hour().as_decimal(),
            );
        }
    }
    reserved.finish(
        "reserved rates are above the price on demand or save more than 75 %",
        findings,
    );
    let mut plans = Odd::default();
    for row in &lists.savings_plans {
        let Some(price) = on_demand.get(&(row.shape_name.as_str(), row.operating_system)) else {
            continue;
        };
        for rate in &row.rates {
            hold_rate(&mut plans, &row.shape_name, *price, rate.hourly.amount.as_decimal());
        }
    }
    plans.finish(
        "savings plan rates are above the price on demand or save more than 75 %",
        findings,
    );
}

fn hold_rate(odd: &mut Odd, shape: &str, price: Decimal, rate: Decimal) {
    // A tenth of a cent of rounding on the smallest types.
    let is_lower = rate <= price + Decimal::new(1, 3);
    let is_credible = rate >= price * (Decimal::ONE - Decimal::new(MOST_SAVED_HUNDREDTHS, 2)) - Decimal::new(1, 3);
    odd.hold(is_lower && is_credible, || {
        format!("{shape}: {:.5} against {price}", rate)
    });
}
