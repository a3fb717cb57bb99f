//! The risk that a proposal carries, and what one step less would save and risk.

use serde::{Deserialize, Serialize};

use super::host::share_above;
use crate::catalog::Offer;
use crate::money::UsdPerMonth;
use crate::profile::{HostProfile, MetricProfile};
use crate::size::risk::Outlook;
use crate::size::{CpuEquivalence, Dimension, HostSize};

/// How likely a proposal is too small.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// Of CPU; absent where it was not measured.
    pub cpu: Option<ShortShare>,
    /// Of memory; absent where it was not measured.
    pub memory: Option<ShortShare>,
    /// At most this share of the time short in either: the sum, since the two may fall together or apart.
    pub either: f64,
    /// The nearest cheaper type that lacks nothing but CPU or memory.
    pub step_less: Option<StepLess>,
}

/// A share of the time, with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShortShare {
    /// Expected.
    pub expected: f64,
    /// Lowest of the futures, of which 98 % lie between.
    pub low: f64,
    /// Highest of the futures.
    pub high: f64,
}

/// What one step less would have meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepLess {
    /// Its type.
    pub instance_type: String,
    /// What it saves a month.
    pub saving_usd_per_month: UsdPerMonth,
    /// Minutes of the measured time in which it would have been short of CPU.
    pub cpu_minutes: Option<f64>,
    /// Minutes of the measured time in which it would have been short of memory.
    pub memory_minutes: Option<f64>,
    /// Expected share of the time short of CPU.
    pub cpu_expected: Option<f64>,
    /// Expected share of the time short of memory.
    pub memory_expected: Option<f64>,
}

/// Works out the risk of a host's proposal; nothing without a proposal or under another rule.
pub(super) fn of_host(
    size: &HostSize<'_>,
    chosen: Option<&Offer>,
    equivalence: &CpuEquivalence,
    profile: &HostProfile,
) -> Option<Risk> {
    let (outlooks, chosen) = (size.outlooks.as_ref()?, chosen?);
    let [cpu, memory] = outlooks.known();
    let offered = |offer: &Offer| {
        [
            offer.shape.vcpus().as_cores() * equivalence.of(&offer.shape),
            offer.shape.memory().as_bytes(),
        ]
    };
    let own = offered(chosen);
    let share = |outlook: Option<&Outlook>, capacity: f64| {
        let outlook = outlook?;
        let (low, high) = outlook.interval(capacity);
        Some(ShortShare {
            expected: rounded(outlook.short(capacity).share),
            low: rounded(low),
            high: rounded(high),
        })
    };
    let (cpu_share, memory_share) = (share(cpu, own[0]), share(memory, own[1]));
    let expected = |share: Option<ShortShare>| share.map_or(0.0, |share| share.expected);
    let step_less = size
        .choice
        .rejected
        .iter()
        .find(|(_, shortfalls)| {
            shortfalls
                .iter()
                .all(|one| matches!(one.dimension, Dimension::Cpu | Dimension::Memory))
        })
        .map(|(offer, _)| {
            let less = offered(offer);
            let minutes = |metric: Option<&MetricProfile>, capacity: f64| {
                let metric = metric?;
                let measured = metric.samples as f64 * profile.observed.interval_s / 60.0;
                Some((share_above(metric, capacity) * measured).round())
            };
            StepLess {
                instance_type: offer.shape.name.clone(),
                saving_usd_per_month: chosen.price.amount.per_month() - offer.price.amount.per_month(),
                cpu_minutes: minutes(profile.cpu.as_ref(), less[0]),
                memory_minutes: minutes(profile.memory.as_ref(), less[1]),
                cpu_expected: cpu.map(|outlook| rounded(outlook.short(less[0]).share)),
                memory_expected: memory.map(|outlook| rounded(outlook.short(less[1]).share)),
            }
        });
    Some(Risk {
        cpu: cpu_share,
        memory: memory_share,
        either: rounded((expected(cpu_share) + expected(memory_share)).min(1.0)),
        step_less,
    })
}

fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

impl Risk {
    /// Says it in lines for a screen.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let percent = |share: f64| format!("{:.2} %", share * 100.0);
        let mut lines = Vec::new();
        for (words, share) in [("CPU", self.cpu), ("memory", self.memory)] {
            if let Some(share) = share {
                lines.push(format!(
                    "{words} short {} of the time expected, {} to {} in 98 of 100 futures",
                    percent(share.expected),
                    percent(share.low),
                    percent(share.high)
                ));
            }
        }
        if let (Some(_), Some(_)) = (self.cpu, self.memory) {
            lines.push(format!(
                "either short at most {} of the time expected",
                percent(self.either)
            ));
        }
        if let Some(less) = &self.step_less {
            let mut parts = Vec::new();
            for (words, minutes, expected) in [
                ("CPU", less.cpu_minutes, less.cpu_expected),
                ("memory", less.memory_minutes, less.memory_expected),
            ] {
                if let (Some(minutes), Some(expected)) = (minutes, expected)
                    && (minutes > 0.0 || expected > 0.0)
                {
                    parts.push(format!(
                        "short of {words} for {minutes:.0} of the measured minutes, {} of the time expected",
                        percent(expected)
                    ));
                }
            }
            let shortage = if parts.is_empty() {
                "not short in any future".to_string()
            } else {
                parts.join(" and ")
            };
            lines.push(format!(
                "a step less, {}, saves USD {:.2} a month and would be {shortage}",
                less.instance_type,
                less.saving_usd_per_month.rounded_to_cents().as_decimal()
            ));
        }
        lines
    }
}
