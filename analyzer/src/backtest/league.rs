//! The league: what each entrant cost and risked, averaged over the cuts.

use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::cuts::Cut;
use super::entrant::{Entrant, Scope};
use crate::policy::Rule;

/// What sizes cost and how they served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Compute, US dollars a month; a ratio's base, not a bill.
    pub usd_per_month: f64,
    /// Share of the time short of CPU, averaged over the hosts.
    pub cpu_short: f64,
    /// Share of the time short of memory, averaged over the hosts whose memory was measured.
    pub memory_short: f64,
    /// Share of the hosts short in either dimension for more than 1 % of the time.
    pub hosts_over_1_percent: f64,
    /// Share of the hosts short in either dimension for more than 5 % of the time.
    pub hosts_over_5_percent: f64,
    /// Most core-hours that went unserved on one host within one hour.
    pub worst_hour_core_hours: f64,
    /// Core-hours that went unserved on all hosts.
    pub unserved_core_hours: f64,
    /// Mean use of the CPU that was bought, averaged over the hosts.
    pub utilisation: f64,
    /// Share of the time short of CPU that was expected, where the entrant says so.
    pub asked: Option<f64>,
    /// Hosts for which no type was large enough; they are in no other column.
    pub unplaced: usize,
    /// Hosts judged.
    pub hosts: usize,
}

/// An entrant and its scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Name of the row.
    pub name: String,
    /// Who it is; absent for hindsight.
    pub entrant: Option<Entrant>,
    /// By cut.
    pub by_cut: Vec<Score>,
    /// Averaged over the cuts.
    pub mean: Score,
}

/// All entries, and what they were judged on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct League {
    /// The cuts.
    pub cuts: Vec<Cut>,
    /// Region of the offers.
    pub region: String,
    /// Entries, in the order of the entrants; hindsight last.
    pub entries: Vec<Entry>,
    /// Asked against realised, by dial and cut.
    pub calibration: Vec<Calibration>,
    /// Hosts that took part in at least one cut.
    pub hosts: usize,
    /// Whether memory in use was measured on any host.
    pub memory_measured: bool,
}

/// How another rule compares with ours, in words that can be checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The other rule.
    pub name: String,
    /// The cheapest of our dials that is nowhere worse; absent where none is.
    pub ours: Option<String>,
    /// What ours saves, as a share of the other's cost; negative where it is dearer.
    pub saving: Option<f64>,
}

impl Entry {
    pub(super) fn new(name: String, entrant: Option<Entrant>, by_cut: Vec<Score>) -> Self {
        let mean = mean(&by_cut);
        Self {
            name,
            entrant,
            by_cut,
            mean,
        }
    }
}

impl League {
    /// Finds an entry by name and scope.
    #[must_use]
    pub fn entry(&self, name: &str, scope: &Scope) -> Option<&Entry> {
        self.entries.iter().find(|entry| {
            entry.name == name
                && entry
                    .entrant
                    .as_ref()
                    .map_or(*scope == Scope::Catalog, |entrant| entrant.scope == *scope)
        })
    }

    /// Gives what hindsight would have cost on the whole catalog.
    #[must_use]
    pub fn hindsight(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.entrant.is_none())
    }

    /// Gives our entries on the whole catalog, by dial.
    pub fn ours(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| {
            let entrant = entry.entrant.as_ref();
            entrant.is_some_and(|entrant| entrant.rule == Rule::Sizewright && entrant.scope == Scope::Catalog)
        })
    }

    /// Compares every other rule on the whole catalog with ours: the cheapest dial with no more shortage in either dimension and no more hosts short.
    #[must_use]
    pub fn verdicts(&self) -> Vec<Verdict> {
        self.entries
            .iter()
            .filter(|entry| {
                let entrant = entry.entrant.as_ref();
                entrant.is_some_and(|entrant| entrant.rule != Rule::Sizewright && entrant.scope == Scope::Catalog)
            })
            .map(|other| {
                let ours = self
                    .ours()
                    .filter(|ours| no_worse(&ours.mean, &other.mean))
                    .min_by(|a, b| a.mean.usd_per_month.total_cmp(&b.mean.usd_per_month));
                Verdict {
                    name: other.name.clone(),
                    ours: ours.map(|ours| ours.name.clone()),
                    saving: ours.map(|ours| 1.0 - ours.mean.usd_per_month / other.mean.usd_per_month),
                }
            })
            .collect()
    }
}

/// Says whether a score has no more shortage in either dimension, no more hosts short and no fewer hosts placed.
#[must_use]
pub fn no_worse(one: &Score, other: &Score) -> bool {
    let within = |one: f64, other: f64| one <= other + 1e-9;
    within(one.cpu_short, other.cpu_short)
        && within(one.memory_short, other.memory_short)
        && within(one.hosts_over_1_percent, other.hosts_over_1_percent)
        && one.unplaced <= other.unplaced
}

fn mean(scores: &[Score]) -> Score {
    let count = scores.len().max(1) as f64;
    let of = |get: fn(&Score) -> f64| scores.iter().map(get).sum::<f64>() / count;
    Score {
        usd_per_month: of(|score| score.usd_per_month),
        cpu_short: of(|score| score.cpu_short),
        memory_short: of(|score| score.memory_short),
        hosts_over_1_percent: of(|score| score.hosts_over_1_percent),
        hosts_over_5_percent: of(|score| score.hosts_over_5_percent),
        worst_hour_core_hours: scores
            .iter()
            .map(|score| score.worst_hour_core_hours)
            .fold(0.0, f64::max),
        unserved_core_hours: of(|score| score.unserved_core_hours),
        utilisation: of(|score| score.utilisation),
        asked: scores
            .iter()
            .map(|score| score.asked)
            .sum::<Option<f64>>()
            .map(|sum| sum / count),
        unplaced: scores.iter().map(|score| score.unplaced).sum(),
        hosts: scores.iter().map(|score| score.hosts).sum(),
    }
}
