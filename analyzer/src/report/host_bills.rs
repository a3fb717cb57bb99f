//! The plan's bill lines by host, found once instead of once a host.

use std::collections::HashMap;

use crate::money::UsdPerMonth;
use crate::price::{Bill, BillLine, Total};

/// Bill lines by host.
#[derive(Debug)]
pub(super) struct HostBills<'a>(HashMap<&'a str, Vec<&'a BillLine>>);

impl<'a> HostBills<'a> {
    /// Sorts the lines of a bill by host, in the bill's order.
    pub(super) fn of(bill: &'a Bill) -> Self {
        let mut lines: HashMap<&str, Vec<&BillLine>> = HashMap::new();
        for line in &bill.lines {
            lines.entry(line.host.as_str()).or_default().push(line);
        }
        Self(lines)
    }

    /// Gives the lines of a host.
    pub(super) fn lines(&self, host: &str) -> &[&'a BillLine] {
        self.0.get(host).map_or(&[], Vec::as_slice)
    }

    /// Sums the lines of a host, as [`Bill::of_host`] does.
    pub(super) fn total(&self, host: &str) -> Total {
        let lines = self.lines(host);
        let known: UsdPerMonth = lines.iter().filter_map(|line| line.amount).sum();
        Total {
            known,
            unknown_lines: lines.iter().filter(|line| line.amount.is_none()).count(),
        }
    }
}
