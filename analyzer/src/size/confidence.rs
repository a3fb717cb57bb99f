//! How sure a proposal is, from 0 to 1, and why.
//!
//! Each thing that weakens the evidence multiplies the confidence by a factor
//! below one and says what would change it. The factors are judgements, laid
//! open here; method §10 names what they stand for.

use serde::{Deserialize, Serialize};
use telemetry::store::HostQuality;

use crate::profile::{HostProfile, MemoryMeasure};

/// One thing that weakens (or would strengthen) the evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Doubt {
    /// Multiplies the confidence, 0 to 1.
    pub factor: f64,
    /// What is wrong, in words.
    pub reason: String,
    /// What would remove it.
    pub remedy: String,
}

/// How sure a proposal is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Confidence {
    /// From 0 (a guess) to 1.
    pub value: f64,
    /// What weakens it, the heaviest first.
    pub doubts: Vec<Doubt>,
}

impl Confidence {
    /// Says in one sentence what weakens the confidence most.
    #[must_use]
    pub fn reason(&self) -> String {
        if self.doubts.is_empty() {
            return "all dimensions measured over a full month".to_string();
        }
        self.doubts
            .iter()
            .map(|doubt| doubt.reason.as_str())
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// Says what would help most.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.doubts.first().map(|doubt| doubt.remedy.as_str())
    }
}

/// Judges the evidence for one host.
#[must_use]
pub fn confidence(profile: &HostProfile, quality: &HostQuality, cpu_scored: bool) -> Confidence {
    let mut doubts = Vec::new();
    let mut doubt = |factor: f64, reason: String, remedy: &str| {
        if factor < 1.0 {
            doubts.push(Doubt {
                factor,
                reason,
                remedy: remedy.to_string(),
            });
        }
    };
    let observed = &profile.observed;
    let days = observed.days();
    // P99.9 from 1, 7, 14, 30 days is short 2.1, 1.4, 1.25, 0.7 % of the time (method §2).
    let span = match days {
        days if days >= 29.5 => 1.0,
        days if days >= 13.5 => 0.90,
        days if days >= 6.5 => 0.80,
        days if days >= 1.0 => 0.60,
        _ => 0.40,
    };
    doubt(
        span,
        format!("{} measured", span_words(days)),
        "measure 30 days that cover a month end",
    );
    let coverage = observed.coverage();
    if coverage < 0.98 {
        doubt(
            coverage.max(0.3),
            format!("{:.0} % of the samples are there", coverage * 100.0),
            "find out why samples are missing and measure on",
        );
    } else if observed.gaps > 0 && observed.longest_gap_s >= 6.0 * 3600.0 {
        doubt(
            0.95,
            format!("a pause of {:.0} hours", observed.longest_gap_s / 3600.0),
            "measure a full week without a pause",
        );
    }
    if profile.cpu.is_none() {
        doubt(0.30, "CPU was not measured".to_string(), "measure CPU");
    }
    match profile.memory_measure {
        MemoryMeasure::Available => {}
        // The machine's own memory is proposed then: safe, but perhaps more than is needed.
        MemoryMeasure::ActiveOnly => doubt(
            0.85,
            "memory in use is not known, only the hypervisor's active memory".to_string(),
            "measure memory on the host itself",
        ),
        MemoryMeasure::None => {
            doubt(
                0.45,
                "memory was not measured".to_string(),
                "measure memory on the host itself",
            );
        }
    }
    let missing: Vec<&str> = [
        ("disk operations", profile.disk_operations.is_none()),
        ("disk throughput", profile.disk_bytes.is_none()),
        (
            "network",
            profile.network_receive.is_none() && profile.network_transmit.is_none(),
        ),
        ("storage in use", profile.filesystems.is_empty()),
    ]
    .into_iter()
    .filter_map(|(name, missing)| missing.then_some(name))
    .collect();
    if !missing.is_empty() {
        doubt(
            0.95_f64.powi(missing.len() as i32),
            format!("not measured: {}", missing.join(", ")),
            "measure every dimension on the host itself",
        );
    }
    if profile.cpu.is_some() && profile.cpu_interval_maxima.is_none() {
        let factor = match observed.interval_s {
            interval if interval <= 60.0 => 0.97,
            interval if interval <= 300.0 => 0.92,
            interval if interval <= 900.0 => 0.85,
            _ => 0.65,
        };
        doubt(
            factor,
            format!("means of {:.0} s hide shorter bursts", observed.interval_s),
            "sample every 10 s and keep each minute's maximum",
        );
    }
    if let Some(cpu) = &profile.cpu {
        let share = profile.censored as f64 / cpu.samples.max(1) as f64;
        if share > 0.001 {
            doubt(
                if share > 0.05 { 0.70 } else { 0.85 },
                format!(
                    "CPU at its ceiling {:.1} % of the time: true demand may be higher",
                    share * 100.0
                ),
                "give the host more CPU for a week and measure again",
            );
        }
        let change = cpu.second_half_mean / cpu.first_half_mean.max(0.01) - 1.0;
        if days >= 2.0 && change.abs() > 0.3 && (cpu.second_half_mean - cpu.first_half_mean).abs() > 0.1 {
            doubt(
                0.90,
                format!(
                    "mean CPU changed by {:+.0} % between the halves of the window",
                    change * 100.0
                ),
                "measure on until the load is steady, or state its growth",
            );
        }
    }
    if profile.source.resized {
        doubt(
            0.92,
            "the machine was resized within the window".to_string(),
            "measure 14 days since the resize",
        );
    }
    if !cpu_scored {
        doubt(
            0.90,
            "CPU model not scored: one source core is taken as one vCPU".to_string(),
            "state the source's `cpu_score` in assessment.toml",
        );
    }
    let odd = quality.negative + quality.absurd + quality.above_capacity + quality.zero_cores;
    let share = odd as f64 / observed.samples.max(1) as f64;
    if share > 0.01 {
        doubt(
            0.92,
            format!("{:.1} % of the rows are odd ({})", share * 100.0, findings(quality)),
            "check the source of the data",
        );
    }
    doubts.sort_by(|a, b| a.factor.total_cmp(&b.factor));
    let value = doubts.iter().map(|doubt| doubt.factor).product();
    Confidence { value, doubts }
}

fn findings(quality: &HostQuality) -> String {
    quality
        .findings()
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join(", ")
}

fn span_words(days: f64) -> String {
    if days >= 2.0 {
        format!("{days:.0} days")
    } else {
        format!("{:.1} hours", days * 24.0)
    }
}
