//! A model without a result, from those of its generation that are most like it.
//!
//! Likeness: cores where they are known, the number in the name, the tier and
//! the letters behind; models of other generations stand further off and are
//! carried over by the generations' medians. A core of a larger chip does a
//! little less, since the chip's power is shared: points fall with about the
//! fifth root of the cores.

use std::collections::BTreeMap;

use super::architecture;
use super::name::Name;
use crate::catalog::cpu::SpecRate;

/// Models whose weighted mean is taken.
const NEIGHBOURS: usize = 3;
/// Points per core fall with this power of the cores.
const CORES_POWER: f64 = -0.2;
/// How far off a model of another generation stands: as far as four hundred numbers, or a core count apart by a factor of four.
const OTHER_GENERATION: f64 = 4.0;
/// How far off a model of another tier stands.
const OTHER_TIER: f64 = 4.0;

/// One model, its rows taken together.
struct Model {
    processor: String,
    name: Name,
    group: &'static str,
    cores: f64,
    points: f64,
}

const TIERS: [&str; 10] = [
    "platinum", "gold", "silver", "bronze", "epyc", "e-", "d-", "w-", "core", "ryzen",
];

fn tier(name: &Name) -> usize {
    TIERS
        .iter()
        .position(|tier| name.key.contains(tier))
        .unwrap_or(TIERS.len())
}

fn models(rows: &[SpecRate]) -> Vec<Model> {
    let mut models: Vec<Model> = Vec::new();
    let mut best: Vec<(u32, u32)> = Vec::new();
    for row in rows {
        let name = Name::of(&row.processor);
        let Some(known) = architecture::of(&name) else { continue };
        let rank = (row.results, row.threads_per_core);
        match models.iter().position(|model| model.name.key == name.key) {
            Some(at) if rank > best[at] => {
                best[at] = rank;
                models[at].points = row.per_core_median;
                models[at].cores = f64::from(row.cores_per_chip);
            }
            Some(_) => {}
            None => {
                best.push(rank);
                models.push(Model {
                    processor: row.processor.clone(),
                    name,
                    group: known.name,
                    cores: f64::from(row.cores_per_chip),
                    points: row.per_core_median,
                });
            }
        }
    }
    models
}

/// Median points per core of each group, without one model.
fn medians<'a>(models: impl Iterator<Item = &'a Model>) -> BTreeMap<&'static str, f64> {
    let mut groups: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    for model in models {
        groups.entry(model.group).or_default().push(model.points);
    }
    groups
        .into_iter()
        .map(|(group, mut points)| {
            points.sort_by(f64::total_cmp);
            (group, points[points.len() / 2])
        })
        .collect()
}

/// Estimates the points per core of a model from others; nothing when its generation has none.
fn estimate<'a>(
    name: &Name,
    group: &str,
    cores: Option<f64>,
    others: impl Iterator<Item = &'a Model> + Clone,
) -> Option<f64> {
    let (number, letters) = name.number()?;
    let medians = medians(others.clone());
    let own = medians.get(group)?.ln();
    let mut near: Vec<(f64, f64)> = others
        .filter_map(|other| {
            let (other_number, other_letters) = other.name.number()?;
            let (apart, carried) = if other.group == group {
                (f64::from(number.abs_diff(other_number).min(1000)) / 100.0, 0.0)
            } else {
                (OTHER_GENERATION, own - medians.get(other.group)?.ln())
            };
            let ratio = cores.map_or(0.0, |cores| (cores / other.cores).ln());
            let distance = 3.0 * ratio.abs()
                + apart
                + OTHER_TIER * f64::from(u8::from(tier(name) != tier(&other.name)))
                + 0.1 * f64::from(u8::from(letters != other_letters));
            Some((distance, other.points.ln() + carried + CORES_POWER * ratio))
        })
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    near.truncate(NEIGHBOURS);
    let weight: f64 = near.iter().map(|(distance, _)| 1.0 / (0.05 + distance)).sum();
    let sum: f64 = near.iter().map(|(distance, log)| log / (0.05 + distance)).sum();
    (!near.is_empty()).then(|| (sum / weight).exp())
}

/// Estimates the points per core of a model that has no row.
pub(super) fn points(rows: &[SpecRate], name: &Name) -> Option<f64> {
    let known = architecture::of(name)?;
    let models = models(rows);
    // A generation of one or two results says less than its clock does.
    if models.iter().filter(|model| model.group == known.name).count() < NEIGHBOURS {
        return None;
    }
    estimate(name, known.name, None, models.iter())
}

/// Estimates every model of a server without its own rows: processor, and estimate over truth.
pub(super) fn left_out(rows: &[SpecRate]) -> Vec<(String, f64)> {
    let models = models(rows);
    let of_servers = |model: &&Model| tier(&model.name) < 5;
    models
        .iter()
        .filter(of_servers)
        .filter_map(|model| {
            let others = models.iter().filter(|other| other.name.key != model.name.key);
            let estimate = estimate(&model.name, model.group, Some(model.cores), others)?;
            Some((model.processor.clone(), estimate / model.points))
        })
        .collect()
}
