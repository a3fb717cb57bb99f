//! The cheapest class that has everything, and what the cheaper ones lack.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::need::{Ask, Need};
use crate::catalog::{Catalog, Price, PriceMethod, Shape};
use crate::money::UsdPerHour;
use crate::size::CpuEquivalence;

/// Cheaper classes that are named.
const REJECTED: usize = 5;

/// A class of a managed service: what it offers and costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// Name, such as `db.r6g.xlarge`.
    pub name: String,
    /// Logical CPUs.
    pub vcpu: u32,
    /// Memory, GiB.
    pub memory_gib: f64,
    /// `x86_64` or `arm64`, where the EC2 type is known.
    pub architecture: Option<String>,
    /// Price of an hour of one; absent where the region has none.
    pub price: Option<Price<UsdPerHour>>,
    /// What it offers in each thing, in [`Ask::unit`].
    pub offers: BTreeMap<Ask, f64>,
    /// What orders classes of unknown price: the price in another region, USD an hour.
    pub rank_usd_per_hour: f64,
}

impl Class {
    /// Makes a class that runs on an EC2 type: its CPU in source cores, its network and EBS baselines.
    pub(super) fn on_shape(
        name: &str,
        (vcpu, memory_gib): (u32, f64),
        shape: Option<&Shape>,
        equivalence: &CpuEquivalence,
        price: Option<Price<UsdPerHour>>,
    ) -> Self {
        let each = shape.map_or(1.0, |shape| equivalence.of(shape));
        let share = shape.and_then(baseline_share).unwrap_or(1.0);
        let mut offers = BTreeMap::from([
            (Ask::Cpu, f64::from(vcpu) * each * share),
            (Ask::SingleThread, each * share),
            (Ask::Memory, memory_gib),
        ]);
        if let Some(shape) = shape {
            offers.insert(Ask::Network, shape.network.baseline.as_bytes_per_second() * 8.0 / 1e6);
            if let Some(ebs) = &shape.ebs {
                offers.insert(Ask::DiskOperations, ebs.baseline_iops.as_operations_per_second());
                offers.insert(
                    Ask::DiskThroughput,
                    ebs.baseline.as_bytes_per_second() / telemetry::units::MEBIBYTE,
                );
            }
        }
        Self {
            name: name.to_string(),
            vcpu,
            memory_gib,
            architecture: shape.map(|shape| shape.architecture.to_string()),
            rank_usd_per_hour: price.as_ref().map_or(f64::MAX, |price| price.amount.approximately()),
            price,
            offers,
        }
    }

    /// Says whether its price is only estimated, so that it is not sure whether the region has it.
    pub(super) fn is_estimated(&self) -> bool {
        self.price
            .as_ref()
            .is_some_and(|price| price.method == PriceMethod::Estimated)
    }

    fn lacks(&self, needs: &[Need]) -> Vec<Lack> {
        needs
            .iter()
            .filter_map(|need| {
                let offered = self.offers.get(&need.ask).copied();
                let is_enough = offered.is_none_or(|offered| offered >= need.amount * (1.0 - 1e-9));
                (!is_enough).then_some(Lack {
                    ask: need.ask,
                    needed: need.amount,
                    offered: rounded(offered.unwrap_or_default()),
                })
            })
            .collect()
    }
}

/// Gives what share of its vCPUs a type on CPU credits may use for ever; nothing for others.
fn baseline_share(shape: &Shape) -> Option<f64> {
    match &shape.cpu_performance {
        crate::catalog::CpuPerformance::Burstable(credits) => Some(credits.baseline_fraction_per_vcpu),
        _ => None,
    }
}

fn rounded(value: f64) -> f64 {
    super::need::rounded(value)
}

/// What a class lacks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lack {
    /// In what.
    pub ask: Ask,
    /// How much is needed, in [`Ask::unit`].
    pub needed: f64,
    /// How much it offers.
    pub offered: f64,
}

impl std::fmt::Display for Lack {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = crate::size::number;
        write!(
            out,
            "{}: needs {} {}, offers {}",
            self.ask,
            number(self.needed),
            self.ask.unit(),
            number(self.offered)
        )
    }
}

/// A cheaper class that was rejected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectedClass {
    /// Its name.
    pub name: String,
    /// Logical CPUs.
    pub vcpu: u32,
    /// Memory, GiB.
    pub memory_gib: f64,
    /// Price of an hour of one; absent where the region has none.
    pub price_usd_per_hour: Option<UsdPerHour>,
    /// What it lacks; never empty.
    pub lacks: Vec<Lack>,
}

/// What was chosen of classes.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    pub(super) class: Option<Class>,
    pub(super) binding: Option<Ask>,
    pub(super) rejected: Vec<RejectedClass>,
}

/// Chooses the cheapest class that fits; of equal price the newer generation, then the name.
///
/// A class whose price is only estimated counts only where no other fits.
pub(super) fn choose(needs: &[Need], mut classes: Vec<Class>) -> Choice {
    for offered in classes.iter_mut().flat_map(|class| class.offers.values_mut()) {
        *offered = rounded(*offered);
    }
    classes.sort_by(|one, other| {
        one.rank_usd_per_hour
            .total_cmp(&other.rank_usd_per_hour)
            .then_with(|| generation(&other.name).cmp(&generation(&one.name)))
            .then_with(|| one.name.cmp(&other.name))
    });
    let sure = classes
        .iter()
        .position(|class| !class.is_estimated() && class.lacks(needs).is_empty());
    let at = sure.or_else(|| classes.iter().position(|class| class.lacks(needs).is_empty()));
    let cheaper = &classes[..at.unwrap_or(classes.len())];
    let rejected: Vec<RejectedClass> = cheaper
        .iter()
        .rev()
        .filter_map(|class| {
            let lacks = class.lacks(needs);
            (!lacks.is_empty()).then(|| RejectedClass {
                name: class.name.clone(),
                vcpu: class.vcpu,
                memory_gib: class.memory_gib,
                price_usd_per_hour: class.price.as_ref().map(|price| price.amount),
                lacks,
            })
        })
        .take(REJECTED)
        .collect();
    let mut counts: BTreeMap<Ask, usize> = BTreeMap::new();
    for lack in rejected.iter().flat_map(|one| &one.lacks) {
        *counts.entry(lack.ask).or_default() += 1;
    }
    let binding = counts
        .iter()
        .max_by(|one, other| one.1.cmp(other.1).then_with(|| other.0.cmp(one.0)))
        .map(|(ask, _)| *ask);
    Choice {
        class: at.map(|at| classes[at].clone()),
        binding,
        rejected,
    }
}

/// Gives the generation in a class's name: the first digits after its first letters of a family.
pub(super) fn generation(name: &str) -> u32 {
    let family = family(name);
    let digits: String = family
        .chars()
        .skip_while(|letter| !letter.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or(0)
}

/// Gives the family in a class's name: `r6g` of `db.r6g.xlarge` and of `r6g.large.search`.
pub(super) fn family(name: &str) -> &str {
    let bare = ["db.", "cache.", "mq.", "kafka.", "dms."]
        .iter()
        .find_map(|beginning| name.strip_prefix(beginning))
        .unwrap_or(name);
    bare.split('.').next().unwrap_or(bare)
}

/// Says whether a class may be proposed: a generation that is sold on, and CPU credits only outside production.
pub(super) fn is_allowed(name: &str, is_production: bool) -> bool {
    let family = family(name);
    let letters: String = family.chars().take_while(|letter| !letter.is_ascii_digit()).collect();
    match letters.as_str() {
        "t" => !is_production && generation(name) >= 3,
        _ => generation(name) >= 5 || letters.starts_with('x'),
    }
}

/// Gives the EC2 type that a class runs on.
pub(super) fn shape_of<'a>(catalog: &'a Catalog, name: &str) -> Option<&'a Shape> {
    catalog.shape(name).map(AsRef::as_ref)
}

/// Says why the chosen class is the one, in a sentence.
pub(super) fn reason(choice: &Choice, needs: &[Need]) -> String {
    let Some(class) = &choice.class else {
        let worst = choice
            .rejected
            .first()
            .and_then(|one| Some(format!(": {} lacks {}", one.name, one.lacks.first()?)))
            .unwrap_or_else(|| ": the catalog has no class for it".to_string());
        return format!("no class fits{worst}");
    };
    let why = choice
        .binding
        .and_then(|ask| needs.iter().find(|need| need.ask == ask))
        .map_or_else(
            || smallest(class, needs),
            |need| format!("{} decides: {} ({})", need.ask, need.formula, need.from.words()),
        );
    let estimated = if class.is_estimated() {
        "; its price is estimated, so check that the region offers it"
    } else {
        ""
    };
    format!("{} is the cheapest class that fits; {why}{estimated}", class.name)
}

/// Says that no smaller class is offered, and what fills this one most.
fn smallest(class: &Class, needs: &[Need]) -> String {
    let fullest = needs
        .iter()
        .filter_map(|need| {
            let offered = class.offers.get(&need.ask).copied().filter(|offered| *offered > 0.0)?;
            Some((need.amount / offered, need, offered))
        })
        .reduce(|most, other| if other.0 > most.0 { other } else { most });
    match fullest {
        Some((_, need, offered)) => format!(
            "it is the smallest class that may be proposed, and {} fills it most: {} of {} {} ({})",
            need.ask,
            crate::size::number(need.amount),
            crate::size::number(offered),
            need.ask.unit(),
            need.from.words()
        ),
        None => "it is the smallest class that may be proposed".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managed::need::Evidence;

    #[test]
    fn the_smallest_class_says_what_fills_it_most() {
        let class = Class {
            name: "cache.t4g.micro".to_string(),
            vcpu: 2,
            memory_gib: 0.5,
            architecture: None,
            price: None,
            offers: BTreeMap::from([(Ask::Cpu, 2.0), (Ask::Memory, 0.5)]),
            rank_usd_per_hour: 0.01,
        };
        let need = |ask, amount| Need::new(ask, amount, Evidence::OwnCounters, String::new());
        let needs = [need(Ask::Cpu, 0.1), need(Ask::Memory, 0.25), need(Ask::Storage, 9.0)];
        let choice = choose(&needs, vec![class]);
        assert_eq!(choice.binding, None);
        let words = reason(&choice, &needs);
        assert!(
            words.contains("smallest class") && words.contains("memory fills it most: 0.250 of 0.500 GiB"),
            "{words}"
        );
    }

    #[test]
    fn a_class_is_read_from_its_name() {
        assert_eq!(family("db.r6g.xlarge"), "r6g");
        assert_eq!(family("r6g.large.search"), "r6g");
        assert_eq!(generation("db.x2iedn.xlarge"), 2);
        assert!(is_allowed("db.t4g.medium", false) && !is_allowed("db.t4g.medium", true));
        assert!(!is_allowed("db.m3.large", true) && is_allowed("cache.r7g.large", true));
    }
}
