//! What of the plan runs out within the months that are projected, and in which.
//!
//! Input: a [`Plan`] with its runways, of hosts and of services alike. Output:
//! one [`RunsOut`] for each thing that is expected to be full, or may be,
//! before the projection ends; soonest first. It changes no amount: growth of
//! cost is what `[growth]` says.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::catalog::YearMonth;
use crate::plan::outlook::Runway;
use crate::plan::{FIRST_PHASE, Plan};

/// Something that is given to a host or a service and runs out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunsOut {
    /// The month of the projection in which it is expected to, from 1; 0 for before the first.
    /// Absent where it is expected later, and only the early end of its interval is within.
    pub month: Option<u32>,
    /// The host or service.
    pub subject: String,
    /// `host` or `service`.
    pub subject_is: String,
    /// The phase that gives it.
    pub phase: String,
    /// When: early, likely and late day.
    pub runway: Runway,
}

impl RunsOut {
    /// Gives the day by which it is sorted: the expected one, else the earliest.
    fn day(&self) -> Option<Date> {
        self.runway.likely.or(self.runway.early)
    }
}

/// Gives what runs out within so many months from the first on.
pub(super) fn runs_out(plan: &Plan, first: YearMonth, months: u32) -> Vec<RunsOut> {
    let gone = plan.phases.iter().flat_map(|phases| &phases.rehost.retired_hosts);
    let gone: BTreeSet<&str> = gone.map(String::as_str).collect();
    let hosts = plan.outlook.iter().flat_map(|outlook| &outlook.hosts);
    // A host whose services all moved at once is never given a size on EC2.
    let hosts = hosts.filter(|host| !gone.contains(host.host.as_str()));
    let of_hosts = hosts.flat_map(|host| {
        let one = move |runway| (host.host.as_str(), "host", FIRST_PHASE, runway);
        host.runways.iter().map(one)
    });
    let services = plan.phases.iter().flat_map(|phases| &phases.workloads);
    let of_services = services.flat_map(|service| {
        let phase = service.moves_in.as_deref().unwrap_or(FIRST_PHASE);
        let one = move |runway| (service.workload.name.as_str(), "service", phase, runway);
        service.runways.iter().map(one)
    });
    let mut found: Vec<RunsOut> = of_hosts
        .chain(of_services)
        .filter_map(|(subject, subject_is, phase, runway)| {
            let month = |day: Option<Date>| month_of(first, day?).filter(|month| *month <= months);
            let likely = month(runway.likely);
            likely.or(month(runway.early))?;
            Some(RunsOut {
                month: likely,
                subject: subject.to_string(),
                subject_is: subject_is.to_string(),
                phase: phase.to_string(),
                runway: runway.clone(),
            })
        })
        .collect();
    found.sort_by(|one, other| {
        let key = |of: &RunsOut| (of.day(), of.subject.clone(), of.runway.what.clone());
        key(one).cmp(&key(other))
    });
    found
}

/// Gives the month of a projection, from 1, that a day is in; 0 for days before the first.
fn month_of(first: YearMonth, day: Date) -> Option<u32> {
    let begins = first.first_day();
    let months =
        (i32::from(day.year()) - i32::from(begins.year())) * 12 + i32::from(day.month()) - i32::from(begins.month());
    u32::try_from((months + 1).max(0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn months_are_counted_from_the_first_of_the_projection() {
        let first = YearMonth::of(date(2026, 11, 20));
        let of = |year, month, day| month_of(first, date(year, month, day));
        assert_eq!(of(2026, 11, 1), Some(1));
        assert_eq!(of(2026, 11, 30), Some(1));
        assert_eq!(of(2026, 12, 1), Some(2));
        assert_eq!(of(2027, 11, 1), Some(13));
        assert_eq!((of(2026, 10, 31), of(2020, 1, 1)), (Some(0), Some(0)));
    }
}
