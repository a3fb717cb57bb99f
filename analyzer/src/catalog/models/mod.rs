//! What does a CPU do, given nothing but its model string?
//!
//! Input: a string from `/proc/cpuinfo` (or an ARM implementer and part) and the
//! catalog's results. Output: a [`ModelScore`] in vCPUs of m7i, with source,
//! date and uncertainty. In this order: the EC2 family that runs the model; a
//! SPEC CPU 2017 result; a `SPECpower` result; the nearest models of its
//! generation; its micro-architecture and clock. Scores derived from SPEC
//! results are no SPEC metrics. A hypervisor's made-up model has no score.

mod architecture;
mod name;
mod nearest;

use serde::{Deserialize, Serialize};

use self::name::Name;
use super::Catalog;
use super::cpu::REFERENCE_FAMILY;

/// Work of a core per SPECrate2017 integer point, Intel: median of m5, c5, m6i and m7i beside the nearest retail models.
const PER_SPEC_POINT_INTEL: f64 = 0.235;
/// The same for AMD: m6a beside EPYC 7643, c5a beside EPYC 7542.
const PER_SPEC_POINT_AMD: f64 = 0.265;
/// Work of a core per `SPECpower` operation and second, anchored on Xeon Platinum 8180, which has both results.
const PER_SSJ: f64 = 1.17e-5;

/// What a CPU model does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelScore {
    /// Work of a physical core with all its threads busy, in vCPUs of m7i.
    pub per_core: f64,
    /// Threads per core.
    pub threads_per_core: u32,
    /// What the other threads of a busy core add to the first, as a fraction.
    pub smt_gain: f64,
    /// The score may be off by this much either way, as a fraction.
    pub uncertainty: f64,
    /// Where it is from, with its date.
    pub origin: String,
}

impl ModelScore {
    /// Gives the work of one busy logical CPU of a machine with so many of them, so many busy.
    ///
    /// `work(b) = min(b, C)·s₁ + max(b − C, 0)·(s_N − C·s₁)/(T − C)`: while no
    /// core has a second thread busy, each thread has a whole core (method §3).
    #[must_use]
    pub fn per_busy_cpu(&self, cpus: f64, busy: f64) -> f64 {
        let threads = f64::from(self.threads_per_core.max(1));
        let cores = cpus / threads;
        if cores < 1.0 || threads < 2.0 {
            return self.per_core / threads;
        }
        let first = self.per_core / (1.0 + self.smt_gain);
        let busy = busy.clamp(cpus * 1e-3, cpus);
        let rest = (cores * self.per_core - cores * first) / (cpus - cores);
        (busy.min(cores) * first + (busy - cores).max(0.0) * rest) / busy
    }
}

/// Words of hypervisors that hide the CPU.
const GENERIC: [&str; 5] = [
    "qemu virtual cpu",
    "common kvm processor",
    "common 32-bit kvm",
    "virtual cpu",
    "qemu tcg",
];

/// Says whether a hypervisor made the model up, so that nothing is known of the CPU.
#[must_use]
pub fn is_generic(model: &str) -> bool {
    let model = model.to_lowercase();
    GENERIC.iter().any(|words| model.contains(words))
}

impl Catalog {
    /// Scores a CPU by its model string; nothing for a hypervisor's made-up model and for what is not known.
    #[must_use]
    pub fn cpu_model(&self, model: &str) -> Option<ModelScore> {
        if is_generic(model) {
            return None;
        }
        let name = Name::of(model);
        // "Intel(R) Xeon(R) Processor" names no model: it must not meet a table's row without a name.
        if name.key.is_empty() {
            return None;
        }
        self.by_family(&name)
            .or_else(|| self.by_spec(&name))
            .or_else(|| self.by_ssj(&name))
            .or_else(|| self.by_nearest(&name))
            .or_else(|| by_architecture(&name))
    }

    /// `CoreMark` on the EC2 families that run the model, those with no other model first.
    fn by_family(&self, name: &Name) -> Option<ModelScore> {
        let reference = self
            .tables()
            .family_scores
            .iter()
            .find(|family| family.family == REFERENCE_FAMILY)?
            .coremark_per_vcpu;
        let mut found: Vec<(usize, f64, u32, &str)> = self
            .tables()
            .family_scores
            .iter()
            .filter(|family| family.cpu_models.iter().any(|known| Name::of(known).key == name.key))
            .map(|family| {
                (
                    family.cpu_models.len(),
                    family.coremark_per_core / reference,
                    family.threads_per_core,
                    family.latest_run.as_str(),
                )
            })
            .collect();
        let fewest = found.iter().map(|(models, ..)| *models).min()?;
        found.retain(|(models, ..)| *models == fewest);
        found.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (_, per_core, threads, run) = found[found.len() / 2];
        let known = architecture::of(name);
        Some(ModelScore {
            per_core,
            threads_per_core: threads,
            smt_gain: known.filter(|_| threads > 1).map_or(0.0, |known| known.smt_gain),
            uncertainty: if fewest == 1 { 0.08 } else { 0.15 },
            origin: format!("CoreMark on EC2, {run}"),
        })
    }

    fn by_spec(&self, name: &Name) -> Option<ModelScore> {
        let rows = self.tables().spec_rates.iter();
        let row = rows
            .filter(|row| Name::of(&row.processor).key == name.key)
            .max_by_key(|row| (row.results, row.threads_per_core))?;
        Some(spec_score(
            name,
            row.per_core_median,
            0.15,
            format!(
                "derived from {} SPECrate2017 integer results, {}",
                row.results, row.published
            ),
        ))
    }

    fn by_ssj(&self, name: &Name) -> Option<ModelScore> {
        let row = self
            .tables()
            .spec_power
            .iter()
            .filter(|row| Name::of(&row.processor).key == name.key)
            .max_by_key(|row| row.results)?;
        let known = architecture::of(name);
        let threads = known.map_or_else(
            || (row.example.threads / row.example.cores.max(1)).clamp(1, 2),
            |known| known.threads,
        );
        Some(ModelScore {
            per_core: row.ssj_ops_per_core_median * PER_SSJ,
            threads_per_core: threads,
            smt_gain: known.filter(|_| threads > 1).map_or(0.0, |known| known.smt_gain),
            uncertainty: if row.may_be_several_nodes() { 0.30 } else { 0.20 },
            origin: format!("derived from {} SPECpower results, {}", row.results, row.last_year),
        })
    }

    /// The nearest models of the same generation with SPEC results.
    fn by_nearest(&self, name: &Name) -> Option<ModelScore> {
        let points = nearest::points(&self.tables().spec_rates, name)?;
        Some(spec_score(
            name,
            points,
            0.25,
            "derived from the nearest models of its generation with SPECrate2017 integer results".to_string(),
        ))
    }

    /// Leaves each model with SPEC results out in turn and scores it without its own: processor, and estimate over truth.
    #[must_use]
    pub fn models_left_out(&self) -> Vec<(String, f64)> {
        nearest::left_out(&self.tables().spec_rates)
    }
}

fn spec_score(name: &Name, points: f64, uncertainty: f64, origin: String) -> ModelScore {
    let known = architecture::of(name);
    let amd = name.whole.contains("amd") || name.whole.contains("epyc") || name.whole.contains("ryzen");
    let per_point = if amd { PER_SPEC_POINT_AMD } else { PER_SPEC_POINT_INTEL };
    ModelScore {
        per_core: points * per_point,
        threads_per_core: known.map_or(2, |known| known.threads),
        smt_gain: known.map_or(0.1, |known| known.smt_gain),
        uncertainty,
        origin,
    }
}

fn by_architecture(name: &Name) -> Option<ModelScore> {
    let known = architecture::of(name)?;
    let (ghz, uncertainty, clock) = match name.ghz {
        Some(ghz) => (ghz, 0.20, format!("at {ghz} GHz")),
        None => (known.usual_ghz, 0.35, format!("at a usual {} GHz", known.usual_ghz)),
    };
    Some(ModelScore {
        per_core: known.per_ghz * ghz,
        threads_per_core: known.threads,
        smt_gain: known.smt_gain,
        uncertainty,
        origin: format!("{} {clock}, no result of its own", known.name),
    })
}
