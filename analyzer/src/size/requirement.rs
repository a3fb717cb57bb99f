//! From demand to a requirement: the rules' arithmetic, with bounds and reasons.
//!
//! Input: a host's profile and the policy. Output: [`Requirements`]: what a
//! shape must offer in each dimension, and how each number came about.
//! Source of every rule: method §2.

use serde::{Deserialize, Serialize};

use super::dimension::{Dimension, number};
use super::rates::rates;
use super::risk::{Drift, Moves, Outlooks, outlooks};
use crate::policy::{Policy, Rule, Statistic};
use crate::profile::{HostProfile, MemoryMeasure, MetricProfile};

/// Netflix's fit of Erlang C: the share of cores to keep free is 0.712 / cores^0.448.
const ERLANG_SCALE: f64 = 0.712;
const ERLANG_POWER: f64 = 0.448;

/// What a shape must offer in one dimension, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    /// The dimension.
    pub dimension: Dimension,
    /// What the workload needs at least most of the time (its P95), base unit.
    pub low: f64,
    /// What a shape must offer, base unit.
    pub target: f64,
    /// What it may need if the highest demand was cut off or grows, base unit.
    pub high: f64,
    /// Highest value measured, base unit; absent where nothing was measured.
    pub peak: Option<f64>,
    /// End of the interval of the peak, UTC milliseconds.
    pub peak_at_ms: Option<i64>,
    /// The formula with its numbers filled in.
    pub formula: String,
    /// Whether the number rests on a measurement, or else on an assumption.
    pub measured: bool,
}

/// What a shape must offer in every dimension.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Requirements {
    /// By dimension, in checking order; a dimension that nothing is known of is absent.
    pub list: Vec<Requirement>,
}

impl Requirements {
    /// Gives one dimension's requirement.
    #[must_use]
    pub fn get(&self, dimension: Dimension) -> Option<&Requirement> {
        self.list.iter().find(|requirement| requirement.dimension == dimension)
    }

    /// Gives one dimension's target; zero where nothing is required.
    #[must_use]
    pub(crate) fn target(&self, dimension: Dimension) -> f64 {
        self.get(dimension).map_or(0.0, |requirement| requirement.target)
    }
}

/// What is known of the machine the demand was measured on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceCapacity {
    /// Logical CPUs.
    pub vcpus: Option<f64>,
    /// Memory, bytes.
    pub memory_bytes: Option<f64>,
}

/// A rule's answer: the number before any cap, and the formula in words.
struct Answer {
    value: f64,
    /// Nothing where the number is weighed later and the formula written then: see [`set_bought`].
    words: Option<String>,
}

impl Answer {
    fn told(mut self, telling: Telling) -> Self {
        if telling == Telling::Nothing {
            self.words = None;
        }
        self
    }
}

/// Whether formulas are written out, which takes longer than to work them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// With their numbers filled in.
    Words,
    /// Left empty: only the targets are wanted.
    Nothing,
}

impl Telling {
    /// Gives the words, or none.
    pub(super) fn words(self, words: impl FnOnce() -> String) -> String {
        match self {
            Telling::Words => words(),
            Telling::Nothing => String::new(),
        }
    }
}

/// Works out the requirements of a host.
///
/// Under rule `sizewright` CPU and memory are what the dial asks for by the
/// shipped drift; [`super::size_host`] weighs them against the price of more.
#[must_use]
pub fn requirements(profile: &HostProfile, source: SourceCapacity, policy: &Policy) -> Requirements {
    requirements_with(profile, source, policy, &Moves::of(Drift::shipped()))
}

/// Works out the requirements of a host by the drift of its fleet.
#[must_use]
pub fn requirements_with(
    profile: &HostProfile,
    source: SourceCapacity,
    policy: &Policy,
    moves: &Moves,
) -> Requirements {
    let mut requirements = before_weighing(profile, source, policy, Telling::Words);
    if policy.rule == Rule::Sizewright {
        let outlooks = requirements.outlooks(profile, source, policy, moves);
        requirements.ask_of_dial(&outlooks, policy, moves, Telling::Words);
    }
    requirements
}

/// Works out the requirements of a host, CPU and memory of rule `sizewright` at their maximum, since they are weighed later.
pub(crate) fn before_weighing(
    profile: &HostProfile,
    source: SourceCapacity,
    policy: &Policy,
    telling: Telling,
) -> Requirements {
    let mut list = Vec::with_capacity(8);
    list.extend(cpu(profile, source, policy, telling));
    list.extend(memory(profile, source, policy, telling));
    list.extend(rates(profile, policy, telling));
    list.sort_by_key(|requirement| requirement.dimension);
    Requirements { list }
}

/// Lays out the outlooks of a host whose CPU and memory requirements are in the list.
fn outlooks_of(
    list: &[Requirement],
    profile: &HostProfile,
    source: SourceCapacity,
    policy: &Policy,
    moves: &Moves,
) -> Outlooks {
    let target = |dimension: Dimension| {
        let known = list.iter().find(|requirement| requirement.dimension == dimension);
        known.map_or(0.0, |requirement| requirement.target)
    };
    outlooks(
        profile,
        source,
        policy,
        moves,
        [target(Dimension::Cpu), target(Dimension::Memory)],
    )
}

/// Sets the measured ones of CPU and memory to what was bought, and says which risk that leaves.
fn set_bought(
    list: &mut [Requirement],
    outlooks: &Outlooks,
    bought: [f64; 2],
    policy: &Policy,
    moves: &Moves,
    telling: Telling,
) {
    let risks = outlooks.expected(bought[0], bought[1]);
    let ceilings = outlooks.ceilings();
    let minimum = [policy.minimum_cores().as_cores(), policy.minimum_memory().as_bytes()];
    for (index, dimension) in [Dimension::Cpu, Dimension::Memory].into_iter().enumerate() {
        let (Some(requirement), Some(risk)) = (
            list.iter_mut().find(|requirement| requirement.dimension == dimension),
            risks[index],
        ) else {
            continue;
        };
        let show = |value: f64| format!("{} {}", number(dimension.show(value)), dimension.unit());
        let hosts = [moves.drift().cpu.hosts, moves.drift().memory.hosts][index];
        let mut words = telling.words(|| {
            let moved = match hosts {
                0 => "as hosts usually move".to_string(),
                hosts => format!("as {hosts} hosts of this estate moved"),
            };
            format!(
                "enough for {} of the time if demand moves {moved} = {}",
                percent(1.0 - risk.share),
                show(bought[index])
            )
        });
        let headroom = [policy.cpu_headroom, policy.memory_headroom][index];
        let mut wanted = bought[index];
        if headroom > 0.0 {
            wanted *= 1.0 + headroom;
            words += &telling.words(|| format!(" + {:.0} % headroom = {}", headroom * 100.0, show(wanted)));
        }
        if wanted > ceilings[index] {
            wanted = ceilings[index];
            words += &telling.words(|| format!(", capped at the source's {}", show(wanted)));
        }
        let target = wanted.max(minimum[index]);
        // What was cut off at the ceiling widens the bound by as much as before.
        let widened = requirement.high
            / requirement
                .target
                .max(requirement.peak.unwrap_or(0.0))
                .max(f64::MIN_POSITIVE);
        if target > wanted {
            words += &telling.words(|| format!(", lifted to the policy's minimum of {}", show(target)));
        }
        requirement.low = requirement.low.min(target);
        requirement.high = requirement.peak.unwrap_or(0.0).max(target) * widened.max(1.0);
        requirement.target = target;
        requirement.formula = words;
    }
}

/// Writes a share in per cent, with as many digits as are needed to tell it from 100 %.
fn percent(share: f64) -> String {
    let digits = match 1.0 - share {
        short if short <= 0.0 => 0,
        short if short < 0.000_1 => 4,
        short if short < 0.01 => 2,
        _ => 1,
    };
    format!("{:.digits$} %", share * 100.0)
}

impl Requirements {
    /// Sets CPU and memory to the least that carry no more risk than a choice does.
    pub(crate) fn buy(
        &mut self,
        outlooks: &Outlooks,
        (cpu, memory): (f64, f64),
        policy: &Policy,
        moves: &Moves,
        telling: Telling,
    ) {
        let bought = outlooks.as_good_as(cpu, memory);
        set_bought(&mut self.list, outlooks, bought, policy, moves, telling);
    }

    /// Sets CPU and memory to what the dial asks for, each by itself.
    pub(crate) fn ask_of_dial(&mut self, outlooks: &Outlooks, policy: &Policy, moves: &Moves, telling: Telling) {
        let asked = outlooks.needed(policy.risk);
        set_bought(&mut self.list, outlooks, asked, policy, moves, telling);
    }

    /// Lays out the host's outlooks.
    pub(crate) fn outlooks(
        &self,
        profile: &HostProfile,
        source: SourceCapacity,
        policy: &Policy,
        moves: &Moves,
    ) -> Outlooks {
        outlooks_of(&self.list, profile, source, policy, moves)
    }
}

/// A host whose CPU P99 is at least this share of what it has is saturated. Method §2.
const SATURATED_FROM: f64 = 0.90;

/// Says whether a host ran so near its ceiling that more may have been wanted than was served.
///
/// A requirement that is capped at the source then says what was served, not what was asked for.
#[must_use]
pub fn is_saturated(profile: &HostProfile, source: SourceCapacity) -> bool {
    match (&profile.cpu, source.vcpus) {
        (Some(metric), Some(vcpus)) => vcpus > 0.0 && metric.quantile(0.99) >= SATURATED_FROM * vcpus,
        _ => false,
    }
}

fn cpu(profile: &HostProfile, source: SourceCapacity, policy: &Policy, telling: Telling) -> Option<Requirement> {
    let Some(metric) = &profile.cpu else {
        return as_is(Dimension::Cpu, source.vcpus?, "CPU was not measured", telling);
    };
    let answer = cpu_rule(profile, metric, source, &policy.rule).told(telling);
    let (target, formula) = finish(
        answer,
        policy.cpu_headroom,
        policy.minimum_cores().as_cores(),
        source.vcpus.filter(|_| policy.cap_at_source),
        Dimension::Cpu,
    );
    // Cut-off demand: known only to be at least as high; the upper bound is a judgement, said so in the confidence.
    let widened = if profile.censored > 0 || is_saturated(profile, source) {
        1.25
    } else {
        1.0
    };
    Some(Requirement {
        dimension: Dimension::Cpu,
        low: metric.quantile(0.95).min(target),
        target,
        high: metric.maximum.max(target) * widened,
        peak: Some(metric.maximum),
        peak_at_ms: Some(metric.maximum_at_ms),
        formula,
        measured: true,
    })
}

fn memory(profile: &HostProfile, source: SourceCapacity, policy: &Policy, telling: Telling) -> Option<Requirement> {
    let Some(metric) = &profile.memory else {
        let why = match profile.memory_measure {
            MemoryMeasure::ActiveOnly => "only the hypervisor's active memory is known, which is no measure of use",
            _ => "memory was not measured",
        };
        return as_is(Dimension::Memory, source.memory_bytes?, why, telling);
    };
    let answer = memory_rule(profile, metric, source, &policy.rule).told(telling);
    let (target, formula) = finish(
        answer,
        policy.memory_headroom,
        policy.minimum_memory().as_bytes(),
        // Swap counts as memory in use, so a host may use more than it has: never cap below what was measured.
        source
            .memory_bytes
            .filter(|_| policy.cap_at_source)
            .map(|bytes| bytes.max(metric.maximum)),
        Dimension::Memory,
    );
    Some(Requirement {
        dimension: Dimension::Memory,
        low: metric.quantile(0.95).min(target),
        target,
        high: metric.maximum.max(target),
        peak: Some(metric.maximum),
        peak_at_ms: Some(metric.maximum_at_ms),
        formula,
        measured: true,
    })
}

/// Requires what the source has, where the demand is not known.
fn as_is(dimension: Dimension, capacity: f64, why: &str, telling: Telling) -> Option<Requirement> {
    Some(Requirement {
        dimension,
        low: 0.0,
        target: capacity,
        high: capacity,
        peak: None,
        peak_at_ms: None,
        formula: telling.words(|| {
            format!(
                "{why}: what the source has, {} {}",
                number(dimension.show(capacity)),
                dimension.unit()
            )
        }),
        measured: false,
    })
}

fn cpu_rule(profile: &HostProfile, metric: &MetricProfile, source: SourceCapacity, rule: &Rule) -> Answer {
    let show = |value: f64| format!("{} cores", number(value));
    match *rule {
        Rule::Sizewright => until_weighed(metric),
        Rule::Peak => times("maximum", metric.maximum, 1.0, show),
        Rule::AzureMigrate => times("P95", metric.quantile(0.95), 1.3, show),
        Rule::ComputeOptimizer => kept_free("P99.5", metric.quantile(0.995), 0.20, show),
        Rule::ComputeOptimizerSavings => kept_free("P90", metric.quantile(0.90), 0.0, show),
        Rule::ComputeOptimizerBalanced => kept_free("P95", metric.quantile(0.95), 0.30, show),
        Rule::ComputeOptimizerPerformance => kept_free("P99.5", metric.quantile(0.995), 0.30, show),
        Rule::MigrationHub { statistic, added } => {
            let (name, value) = pick(metric, statistic);
            times(&name, value, 1.0 + added, show)
        }
        Rule::Vpa => {
            let p90 = profile.cpu_decaying_p90.unwrap_or_else(|| metric.quantile(0.90));
            times("P90 with a half-life of 24 h", p90, 1.15, show)
        }
        Rule::Krr => times("P95", metric.quantile(0.95), 1.0, show),
        Rule::Crane => {
            let p99 = profile
                .last_week_p99
                .map_or_else(|| metric.quantile(0.99), |(cpu, _)| cpu);
            times("P99 of the last 7 days", p99, 1.15, show)
        }
        Rule::Netflix => {
            let mean = metric.busiest_hour_mean();
            let value = with_erlang_headroom(mean);
            Answer {
                value,
                words: Some(format!(
                    "mean of the busiest hour of the week {} with {:.0} % kept free (0.712 / cores^0.448)",
                    show(mean),
                    if value > 0.0 { (1.0 - mean / value) * 100.0 } else { 0.0 }
                )),
            }
        }
        Rule::AsIs => match source.vcpus {
            Some(vcpus) => times("what the source has", vcpus, 1.0, show),
            None => times(
                "maximum, since the source's size is not known",
                metric.maximum,
                1.0,
                show,
            ),
        },
    }
}

fn memory_rule(profile: &HostProfile, metric: &MetricProfile, source: SourceCapacity, rule: &Rule) -> Answer {
    let show = |value: f64| format!("{} GiB", number(Dimension::Memory.show(value)));
    match *rule {
        Rule::Sizewright => until_weighed(metric),
        Rule::Peak => times("maximum", metric.maximum, 1.0, show),
        Rule::AzureMigrate => times("P95", metric.quantile(0.95), 1.3, show),
        Rule::ComputeOptimizer => kept_free("maximum", metric.maximum, 0.20, show),
        Rule::ComputeOptimizerSavings => kept_free("maximum", metric.maximum, 0.10, show),
        Rule::ComputeOptimizerBalanced | Rule::ComputeOptimizerPerformance => {
            kept_free("maximum", metric.maximum, 0.30, show)
        }
        Rule::MigrationHub { statistic, added } => {
            let (name, value) = pick(metric, statistic);
            times(&name, value, 1.0 + added, show)
        }
        Rule::Vpa => times("P90 of the daily peaks", metric.daily_peak_p90(), 1.15, show),
        Rule::Krr => times("maximum", metric.maximum, 1.15, show),
        Rule::Crane => {
            let p99 = profile
                .last_week_p99
                .and_then(|(_, memory)| memory)
                .unwrap_or_else(|| metric.quantile(0.99));
            times("P99 of the last 7 days", p99, 1.15, show)
        }
        Rule::Netflix => times("maximum", metric.maximum, 1.25, show),
        Rule::AsIs => match source.memory_bytes {
            Some(bytes) => times("what the source has", bytes, 1.0, show),
            None => times(
                "maximum, since the source's size is not known",
                metric.maximum,
                1.0,
                show,
            ),
        },
    }
}

/// Solves `c · (1 − 0.712 · c^−0.448) = demand` for c; nothing demanded needs nothing.
///
/// What c cores carry, `c − 0.712 · c^0.552`, only grows where it is positive,
/// so halving the bracket finds the one solution.
#[must_use]
pub fn with_erlang_headroom(demand: f64) -> f64 {
    if demand <= 0.0 {
        return 0.0;
    }
    let carried = |cores: f64| cores - ERLANG_SCALE * cores.powf(1.0 - ERLANG_POWER);
    // One core carries 0.29; beyond that at most 71 % are kept free.
    let (mut low, mut high) = (demand, demand * 4.0 + 1.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if carried(middle) < demand {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn pick(metric: &MetricProfile, statistic: Statistic) -> (String, f64) {
    match statistic {
        Statistic::Mean => ("mean".to_string(), metric.mean),
        Statistic::Maximum => ("maximum".to_string(), metric.maximum),
        Statistic::Quantile(level) => {
            let percent = (level * 100_000.0).round() / 1000.0;
            (format!("P{percent}"), metric.quantile(level))
        }
    }
}

/// Gives the bound that stands until the outlook is weighed.
fn until_weighed(metric: &MetricProfile) -> Answer {
    Answer {
        value: metric.maximum,
        words: None,
    }
}

fn times(name: &str, value: f64, factor: f64, show: impl Fn(f64) -> String) -> Answer {
    let words = if factor == 1.0 {
        format!("{name} {}", show(value))
    } else {
        format!("{name} {} × {}", show(value), number(factor))
    };
    Answer {
        value: value * factor,
        words: Some(words),
    }
}

fn kept_free(name: &str, value: f64, free: f64, show: impl Fn(f64) -> String) -> Answer {
    let words = if free == 0.0 {
        format!("{name} {}", show(value))
    } else {
        format!("{name} {} / (1 − {:.0} %)", show(value), free * 100.0)
    };
    Answer {
        value: value / (1.0 - free),
        words: Some(words),
    }
}

/// Adds the policy's headroom, lifts to its minimum, caps at the source, and says so.
fn finish(answer: Answer, headroom: f64, minimum: f64, cap: Option<f64>, dimension: Dimension) -> (f64, String) {
    let show = |value: f64| format!("{} {}", number(dimension.show(value)), dimension.unit());
    let mut value = answer.value;
    if headroom > 0.0 {
        value *= 1.0 + headroom;
    }
    let Some(mut words) = answer.words else {
        let capped = cap.map_or(value, |cap| value.min(cap));
        return (capped.max(minimum), String::new());
    };
    if headroom > 0.0 {
        words.push_str(&format!(" + {:.0} % headroom", headroom * 100.0));
    }
    words.push_str(&format!(" = {}", show(value)));
    if let Some(cap) = cap
        && value > cap
    {
        value = cap;
        words.push_str(&format!(", capped at the source's {}", show(cap)));
    }
    if value < minimum {
        value = minimum;
        words.push_str(&format!(", lifted to the policy's minimum of {}", show(minimum)));
    }
    (value, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erlang_headroom_shrinks_with_size() {
        for (demand, free) in [(0.96, 0.52), (5.7, 0.28), (57.0, 0.11)] {
            let cores = with_erlang_headroom(demand);
            let kept_free = 1.0 - demand / cores;
            assert!((kept_free - free).abs() < 0.02, "{demand}: {cores} {kept_free}");
        }
    }

    #[test]
    fn erlang_headroom_is_monotonic() {
        let mut before = 0.0;
        for step in 0..2000 {
            let cores = with_erlang_headroom(f64::from(step) * 0.05);
            assert!(cores >= before - 1e-9, "at {step}");
            before = cores;
        }
    }
}
