//! The demo estate: a payments company in Viet Nam, 55 machines, two weeks.
//!
//! Its tiers are the usual ones: proxies, web, services on the JVM, the common
//! databases, queues, search, batch; in production, staging and development.
//! Eleven hosts have a known right answer ([`Expectation`]).

mod answers;
mod back_office;
mod data_tier;
mod known;
mod production;
mod rehearsal;
mod tiers;
mod uses;
mod versions;

pub(crate) use uses::{Course, ServiceUse, uses};

pub use answers::{ServiceAnswer, service_answers};

use std::collections::BTreeMap;

use telemetry::series::DAY_MS;
use telemetry::units::Bytes;

use crate::behaviour::Behaviour;
use crate::calendar::{HOUR_MS, START_MS, TIME_ZONE};
use crate::estate::{Estate, Expectation, HostSpec};

/// Two weeks: the least that shows a weekly rhythm twice.
const DAYS: u32 = 14;

/// Describes the estate of a payments company, from Monday 2026-05-04 to Monday 2026-05-18, UTC.
///
/// Hosts and facts are the same for every seed; the seed draws their noise. For
/// less than two weeks lower [`Estate::days`]; special events after the end are
/// then missing.
#[must_use]
pub fn payments_company(seed: u64) -> Estate {
    let mut hosts = production::hosts();
    hosts.extend(back_office::hosts());
    hosts.extend(rehearsal::hosts());
    hosts.extend(data_tier::hosts());
    hosts.sort_by(|a, b| a.name.cmp(&b.name));
    Estate {
        name: "Lotus Pay".to_string(),
        time_zone: TIME_ZONE.to_string(),
        region: "ap-southeast-1".to_string(),
        hosts,
        start_ms: START_MS,
        days: DAYS,
        seed,
    }
}

/// Gives an instant by the day of the span (0 to 13) and the hour, UTC.
const fn at(day: i64, hour: i64) -> i64 {
    START_MS + day * DAY_MS + hour * HOUR_MS
}

/// What a machine is made of, as a discovery reads it.
#[derive(Clone, Copy)]
struct Make {
    os: &'static str,
    cpu_model: &'static str,
}

const HASWELL: Make = Make {
    os: "CentOS Linux 7 (Core)",
    cpu_model: "Intel(R) Xeon(R) CPU E5-2650 v3 @ 2.30GHz",
};
const BROADWELL: Make = Make {
    os: "Ubuntu 22.04.4 LTS",
    cpu_model: "Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz",
};
const SKYLAKE: Make = Make {
    os: "Red Hat Enterprise Linux 8.9 (Ootpa)",
    cpu_model: "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz",
};
const CASCADE_LAKE: Make = Make {
    os: "Rocky Linux 9.3 (Blue Onyx)",
    cpu_model: "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz",
};
const ROME: Make = Make {
    os: "Debian GNU/Linux 12 (bookworm)",
    cpu_model: "AMD EPYC 7302 16-Core Processor",
};

/// Starts a host; its environment follows from the name's beginning.
fn host(name: &str, group: &str, cores: u32, gibibytes: u32, behaviour: Behaviour) -> HostSpec {
    let environment = match name.split('-').next() {
        Some("stg") => "staging",
        Some("dev") => "development",
        _ => "production",
    };
    HostSpec {
        name: name.to_string(),
        environment: environment.to_string(),
        group: group.to_string(),
        tags: BTreeMap::new(),
        os: BROADWELL.os.to_string(),
        cores,
        memory: Bytes::from_gibibytes(f64::from(gibibytes)),
        roles: Vec::new(),
        cpu_model: BROADWELL.cpu_model.to_string(),
        expectation: None,
        behaviour,
    }
}

impl HostSpec {
    fn made(mut self, make: Make) -> Self {
        self.os = make.os.to_string();
        self.cpu_model = make.cpu_model.to_string();
        self
    }

    fn running(mut self, roles: &[&str]) -> Self {
        self.roles = roles.iter().map(ToString::to_string).collect();
        self
    }

    fn owned_by(mut self, team: &str) -> Self {
        self.tags.insert("owner".to_string(), team.to_string());
        self
    }

    fn expecting(mut self, expectation: Expectation) -> Self {
        self.expectation = Some(expectation);
        self
    }
}
