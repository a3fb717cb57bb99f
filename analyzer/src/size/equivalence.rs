//! How source CPUs become vCPUs of a shape.
//!
//! Input: what the assessment states of the source's CPU, what a benchmark
//! measured on it, and the catalog's scores. Output: a [`CpuEquivalence`] with its
//! source and its bound; where nothing is known, one to one, which says so.

use serde::{Deserialize, Serialize};

use super::narrowing::{Estimate, Joined, join};
use crate::catalog::benchmark::{SMT_GAIN_WITHOUT_MODEL, ThreadScore, thread_score};
use crate::catalog::models::ModelScore;
use crate::catalog::{Catalog, Shape};
use crate::policy::{Benchmarked, Membership};

/// How source cores are turned into vCPUs of a shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CpuEquivalence {
    /// One busy source core needs one vCPU, since the source's CPU is not known.
    OneToOne,
    /// The source's score per core, m7i vCPU = 1, and where it is from.
    Scored {
        /// Work of one source core, as a multiple of an m7i vCPU.
        source_score: f64,
        /// Where the score is from.
        origin: String,
        /// The score may be off by this much either way, as a fraction; absent where it was stated by hand.
        #[serde(default)]
        uncertainty: Option<f64>,
        /// What a vCPU of a type without a score is taken to do: as much as the weakest scored family that is current.
        #[serde(default)]
        unscored_types: Option<f64>,
        /// What a benchmark of the source added, where there was one that counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        benchmark: Option<BenchmarkUse>,
    },
}

/// What a benchmark of the source added to what its CPU model says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BenchmarkUse {
    /// It is all that is known: the CPU model is not scored.
    Alone {
        /// The day, UTC, as `2026-05-11`.
        on: String,
    },
    /// It agrees with the model, so that the bound is narrower.
    Narrowed {
        /// The day, UTC, as `2026-05-11`.
        on: String,
        /// The model's bound, as a fraction.
        from: f64,
        /// The bound of both together, as a fraction.
        to: f64,
    },
    /// It is too far from what the model says, so that it was not used.
    Contradicting {
        /// The day, UTC, as `2026-05-11`.
        on: String,
        /// What it would make of the model's score, as a multiple.
        times: f64,
    },
}

/// Gives the lowest score of a family that AWS counts as current and that is served in full.
pub(crate) fn weakest(catalog: &Catalog) -> Option<f64> {
    let shapes = catalog.tables().shapes.iter();
    shapes
        .filter(|shape| shape.current_generation && !shape.is_burstable())
        .filter_map(|shape| Some(shape.family_cpu_score.as_ref()?.per_vcpu))
        .reduce(f64::min)
}

impl CpuEquivalence {
    /// Finds the equivalence of a host: the score by hand, else that of its CPU model, else one to one.
    ///
    /// `cpus` and `busy` are its logical CPUs and how many of them its busiest
    /// hour in a hundred keeps busy: with a second thread a core does more,
    /// but not twice as much.
    #[must_use]
    pub fn find(member: &Membership, cpus: Option<f64>, busy: Option<f64>, catalog: &Catalog) -> Self {
        let score = |model: &str| catalog.cpu_model(model);
        Self::find_by(member, cpus, busy, || weakest(catalog), score)
    }

    /// Finds the equivalence of a host as [`Self::find`] does, from scores that a caller keeps for many hosts.
    #[must_use]
    pub(crate) fn find_by(
        member: &Membership,
        cpus: Option<f64>,
        busy: Option<f64>,
        weakest: impl Fn() -> Option<f64>,
        score: impl Fn(&str) -> Option<ModelScore>,
    ) -> Self {
        if let Some(source_score) = member.cpu_score.filter(|score| *score > 0.0) {
            return CpuEquivalence::Scored {
                source_score,
                origin: "stated in assessment.toml".to_string(),
                uncertainty: None,
                unscored_types: weakest(),
                benchmark: None,
            };
        }
        let model = member.cpu_model.as_deref().map(str::trim);
        let prior = member.cpu_model.as_deref().and_then(score);
        let measured = member.cpu_benchmark.as_ref();
        let measured = measured.and_then(|measured| Some((measured, thread_score(&measured.reading)?)));
        let (score, benchmark) = match (prior, measured) {
            (Some(prior), Some((measured, thread))) => {
                let (score, benchmark) = narrowed(prior, measured, &thread);
                (score, Some(benchmark))
            }
            (Some(prior), None) => (prior, None),
            (None, Some((measured, thread))) => {
                let on = measured.on.to_string();
                (alone(&thread), Some(BenchmarkUse::Alone { on }))
            }
            (None, None) => return CpuEquivalence::OneToOne,
        };
        let cpus = cpus.unwrap_or(f64::from(score.threads_per_core));
        let each = score.per_busy_cpu(cpus, busy.unwrap_or(cpus));
        CpuEquivalence::Scored {
            source_score: (each * 1e4).round() / 1e4,
            origin: format!("{}: {}", model.unwrap_or("CPU model unknown"), score.origin),
            uncertainty: Some(score.uncertainty),
            unscored_types: weakest(),
            benchmark,
        }
    }

    /// Says how many busy source cores one vCPU of the shape carries.
    #[must_use]
    pub fn of(&self, shape: &Shape) -> f64 {
        match self {
            CpuEquivalence::OneToOne => 1.0,
            CpuEquivalence::Scored {
                source_score,
                unscored_types,
                ..
            } => shape
                .cpu_score
                .as_ref()
                .or(shape.family_cpu_score.as_ref())
                .map(|score| score.per_vcpu)
                .or(*unscored_types)
                .map_or(1.0, |score| score / source_score),
        }
    }

    /// Says in words how the conversion was done.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            CpuEquivalence::OneToOne => {
                "one source core is taken as one vCPU, since the source's CPU model is not scored".to_string()
            }
            CpuEquivalence::Scored {
                source_score,
                origin,
                uncertainty,
                benchmark,
                ..
            } => {
                let bound = uncertainty
                    .map(|uncertainty| format!(" ± {:.0} %", uncertainty * 100.0))
                    .unwrap_or_default();
                let benchmark = benchmark.as_ref().map(BenchmarkUse::words).unwrap_or_default();
                format!("a source core does {source_score:.2}{bound} of an m7i vCPU ({origin}{benchmark})")
            }
        }
    }

    /// Says that a benchmark contradicts the CPU model, where it does.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        match self {
            CpuEquivalence::Scored {
                origin,
                benchmark: Some(BenchmarkUse::Contradicting { on, times }),
                ..
            } => Some(format!(
                "a benchmark of {on} makes the source's CPU {times:.2} times what its model is known for ({origin}): too \
                 far apart, so it is not used; is the model made up, the clock held down, or the host overcommitted?"
            )),
            _ => None,
        }
    }

    /// Gives busy source cores in vCPUs of m7i with the bound: low, likely, high; nothing where the source is not scored.
    #[must_use]
    pub fn in_m7i(&self, cores: f64) -> Option<[f64; 3]> {
        match self {
            CpuEquivalence::OneToOne => None,
            CpuEquivalence::Scored {
                source_score,
                uncertainty,
                ..
            } => {
                let likely = cores * source_score;
                let bound = uncertainty.unwrap_or(0.0);
                Some([likely * (1.0 - bound), likely, likely * (1.0 + bound)])
            }
        }
    }
}

impl BenchmarkUse {
    /// Says it behind the score's origin.
    fn words(&self) -> String {
        let percent = |bound: f64| format!("± {:.1} %", bound * 100.0);
        match self {
            Self::Alone { on } => format!("; measured on {on}, a vCPU taken as a thread of a core with two"),
            Self::Narrowed { on, from, to } => format!(
                "; narrowed by a benchmark of {on} from {} to {}",
                percent(*from),
                percent(*to)
            ),
            Self::Contradicting { on, times } => {
                format!("; a benchmark of {on} says {times:.2} times as much, which contradicts it and is not used")
            }
        }
    }
}

/// Joins what a model is known for with what was measured on one thread of it.
fn narrowed(prior: ModelScore, measured: &Benchmarked, thread: &ThreadScore) -> (ModelScore, BenchmarkUse) {
    let on = measured.on.to_string();
    // One thread with the core to itself; the model's second thread adds what it adds.
    let per_core = thread.per_thread * (1.0 + prior.smt_gain);
    let believed = Estimate {
        value: prior.per_core,
        bound: prior.uncertainty,
    };
    let read = Estimate {
        value: per_core,
        bound: thread.bound,
    };
    match join(believed, read) {
        Joined::Narrowed(joined) => {
            let used = BenchmarkUse::Narrowed {
                on,
                from: prior.uncertainty,
                to: rounded(joined.bound),
            };
            let score = ModelScore {
                per_core: joined.value,
                uncertainty: rounded(joined.bound),
                ..prior
            };
            (score, used)
        }
        Joined::Contradicting => {
            let times = rounded(per_core / prior.per_core);
            (prior, BenchmarkUse::Contradicting { on, times })
        }
    }
}

/// Gives what one thread says where no model does.
fn alone(thread: &ThreadScore) -> ModelScore {
    ModelScore {
        per_core: thread.per_thread * (1.0 + SMT_GAIN_WITHOUT_MODEL),
        threads_per_core: 2,
        smt_gain: SMT_GAIN_WITHOUT_MODEL,
        uncertainty: rounded(thread.bound_without_model),
        origin: format!("one thread beside {}", thread.beside),
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
