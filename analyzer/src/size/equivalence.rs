//! How source CPUs become vCPUs of a shape.
//!
//! Input: what the assessment states of the source's CPU, and the catalog's
//! scores. Output: a [`CpuEquivalence`] with its source and its bound; where
//! nothing is known, one to one, which says so.

use serde::{Deserialize, Serialize};

use crate::catalog::models::ModelScore;
use crate::catalog::{Catalog, Shape};
use crate::policy::Membership;

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
            };
        }
        let Some(model) = &member.cpu_model else {
            return CpuEquivalence::OneToOne;
        };
        let Some(score) = score(model) else {
            return CpuEquivalence::OneToOne;
        };
        let cpus = cpus.unwrap_or(f64::from(score.threads_per_core));
        let each = score.per_busy_cpu(cpus, busy.unwrap_or(cpus));
        CpuEquivalence::Scored {
            source_score: (each * 1e4).round() / 1e4,
            origin: format!("{}: {}", model.trim(), score.origin),
            uncertainty: Some(score.uncertainty),
            unscored_types: weakest(),
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
                ..
            } => {
                let bound = uncertainty
                    .map(|uncertainty| format!(" ± {:.0} %", uncertainty * 100.0))
                    .unwrap_or_default();
                format!("a source core does {source_score:.2}{bound} of an m7i vCPU ({origin})")
            }
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
