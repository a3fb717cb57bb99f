//! Runs the league: profiles and sizes on the fitted part, then judges on what followed.
//!
//! The telemetry is read twice, block by block, so that memory does not grow
//! with the estate: once for profiles, once for what followed.

use rayon::prelude::*;
use telemetry::StoreError;

use super::calibration::{Calibration, Sample};
use super::cuts::{Cut, TooShort, cuts};
use super::entrant::{DIALS, Entrant, Scope, entrants};
use super::later::Later;
use super::league::{Entry, League, Score};
use crate::catalog::{Catalog, Offer, UnknownFamily, UnknownRegion};
use crate::policy::{Assessment, AssessmentError, Overrides, Policy, Rule};
use crate::profile::{EstateReader, HostProfile, MetricScratch, ProfileOptions, profile_host};
use crate::size::risk::{Outlook, outlooks};
use crate::size::{
    CpuEquivalence, Dimension, Drift, Moves, Requirement, Requirements, Searches, SourceCapacity, requirements_with,
    size_host,
};

/// Hindsight may be short of CPU for this share of the time: the production dial.
const HINDSIGHT_CPU: f64 = 0.005;
/// Hindsight may be short of memory for this share of the time.
const HINDSIGHT_MEMORY: f64 = 0.001;
/// Hosts with fewer samples than this share of a part take no part in the cut.
const LEAST_COVERAGE: f64 = 0.25;

/// What a back-test is made from.
#[derive(Debug)]
pub struct BacktestInputs<'a> {
    /// The telemetry.
    pub reader: &'a EstateReader,
    /// The engagement; hosts it ignores take no part.
    pub assessment: &'a Assessment,
    /// Changes from the command line; rule, dial, headroom and cap are the league's own.
    pub overrides: &'a Overrides,
    /// Specifications and prices.
    pub catalog: &'a Catalog,
    /// The single family.
    pub family: &'a str,
}

/// Why there is no league.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BacktestError {
    /// There is too little history.
    #[error(transparent)]
    TooShort(#[from] TooShort),
    /// The region has no prices.
    #[error(transparent)]
    Region(#[from] UnknownRegion),
    /// The catalog does not know the single family.
    #[error(transparent)]
    Family(#[from] UnknownFamily),
    /// The policy cannot be used.
    #[error(transparent)]
    Assessment(#[from] AssessmentError),
    /// The telemetry cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No host has CPU measured over a cut.
    #[error("no host has its CPU measured on both sides of a cut; a back-test needs the CPU of at least one host")]
    NoHosts,
}

/// What an entrant chose for a host on a cut.
#[derive(Clone, Copy, Debug)]
struct Chosen {
    usd_per_month: f64,
    cpu: f64,
    memory: f64,
    asked: Option<f64>,
}

/// One host on one cut, before it is judged.
struct Fitted {
    choices: Vec<Option<Chosen>>,
    outlook: Option<Outlook>,
    /// The requirements that hindsight does not change.
    others: Requirements,
    source: SourceCapacity,
    equivalence: CpuEquivalence,
}

/// Runs the league.
///
/// # Errors
/// When there is too little history, the region or policy is not usable, or the telemetry cannot be read.
pub fn backtest(inputs: &BacktestInputs<'_>) -> Result<League, BacktestError> {
    let BacktestInputs { assessment, .. } = *inputs;
    let region = inputs.overrides.region.as_deref().unwrap_or(&assessment.region);
    let offers = inputs.catalog.offers(region)?;
    inputs.catalog.known_family(inputs.family)?;
    let base = assessment.policy(&assessment.default_environment, inputs.overrides)?;
    let entrants = entrants(inputs.family);
    let zone = assessment.zone()?;
    let rules: Vec<Rule> = entrants.iter().map(|entrant| entrant.rule).collect();
    let options = ProfileOptions::for_rules(zone, &rules);
    let hosts: Vec<bool> = inputs
        .reader
        .hosts()
        .iter()
        .map(|host| !assessment.membership(host).ignored)
        .collect();
    let (first_ms, last_ms) = span(inputs.reader)?.ok_or(BacktestError::NoHosts)?;
    let cuts = cuts(first_ms, last_ms)?;

    let profiles = profiles(inputs.reader, &hosts, &cuts, &options)?;
    let policies: Vec<Policy> = entrants.iter().map(|entrant| entrant.policy(&base)).collect();
    let mut fitted: Vec<Vec<Option<Fitted>>> = Vec::new();
    for cut in 0..cuts.len() {
        let drift = Drift::learn(profiles.iter().filter_map(|host| host[cut].as_ref()));
        let moves = Moves::of(drift.clone());
        let searches: Vec<Searches<'_>> = policies
            .iter()
            .map(|policy| Searches::new(offers, policy).with_drift(drift.clone()))
            .collect();
        fitted.push(
            profiles
                .par_iter()
                .map(|host| {
                    host[cut].as_ref().map(|profile| {
                        fit(
                            profile,
                            (assessment, inputs.catalog),
                            &base,
                            &policies,
                            &searches,
                            &moves,
                        )
                    })
                })
                .collect(),
        );
    }
    judge(inputs, &entrants, &base, offers, &cuts, &fitted, region)
}

/// Gives the first and the last instant of the host table; nothing when it has no row.
fn span(reader: &EstateReader) -> Result<Option<(i64, i64)>, StoreError> {
    let spans: Result<Vec<Option<(i64, i64)>>, StoreError> = reader
        .blocks()
        .into_par_iter()
        .map(|block| {
            let hosts = reader.read(block)?;
            let times = hosts.iter().filter_map(|(_, series)| series.host.as_ref());
            let spans = times.filter_map(|series| Some((*series.at_ms.first()?, *series.at_ms.last()?)));
            Ok(spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))))
        })
        .collect();
    Ok(spans?.into_iter().flatten().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))))
}

/// Profiles every host on the fitted part of every cut; nothing where too little was measured.
fn profiles(
    reader: &EstateReader,
    wanted: &[bool],
    cuts: &[Cut],
    options: &ProfileOptions,
) -> Result<Vec<Vec<Option<HostProfile>>>, StoreError> {
    let blocks: Result<Vec<Vec<Vec<Option<HostProfile>>>>, StoreError> = reader
        .blocks()
        .into_par_iter()
        .with_max_len(1)
        .map_init(MetricScratch::default, |scratch, block| {
            let hosts = reader.read(block.clone())?;
            Ok(hosts
                .iter()
                .zip(block)
                .map(|((name, series), index)| {
                    cuts.iter()
                        .map(|cut| {
                            let part = series.between(cut.from_ms, cut.at_ms);
                            let mut profile = profile_host(name, &part, options, scratch)
                                .filter(|profile| wanted[index] && enough(profile, cut))?;
                            // The maps of a metric are large, and only Netflix's rule needs their mean.
                            for metric in [&mut profile.disk_operations, &mut profile.disk_bytes] {
                                metric.iter_mut().for_each(|metric| metric.drop_maps());
                            }
                            Some(profile)
                        })
                        .collect()
                })
                .collect())
        })
        .collect();
    Ok(blocks?.into_iter().flatten().collect())
}

fn enough(profile: &HostProfile, cut: &Cut) -> bool {
    let expected = (cut.at_ms - cut.from_ms) as f64 / 1000.0 / profile.observed.interval_s;
    profile
        .cpu
        .as_ref()
        .is_some_and(|cpu| cpu.samples as f64 >= LEAST_COVERAGE * expected)
}

fn fit(
    profile: &HostProfile,
    (assessment, catalog): (&Assessment, &Catalog),
    base: &Policy,
    policies: &[Policy],
    searches: &[Searches<'_>],
    moves: &Moves,
) -> Fitted {
    let member = assessment.membership(&profile.host);
    let source = SourceCapacity {
        vcpus: profile.source.vcpus.or(member.vcpus.map(f64::from)),
        memory_bytes: profile.source.memory_bytes,
    };
    let busy = profile.cpu.as_ref().map(|metric| metric.quantile(0.99));
    let equivalence = CpuEquivalence::find(&member, source.vcpus, busy, catalog);
    let choices = policies
        .iter()
        .zip(searches)
        .map(|(policy, searches)| {
            let size = size_host(
                profile,
                source,
                policy,
                &equivalence,
                searches,
                member.arm64_ready != Some(false),
            );
            let offer = size.choice.chosen?;
            let cpu = offer.shape.vcpus().as_cores() * equivalence.of(&offer.shape);
            let memory = offer.shape.memory().as_bytes();
            let asked = size.outlooks.as_ref().and_then(|own| own.expected(cpu, memory)[0]);
            Some(Chosen {
                usd_per_month: offer.price.amount.per_month().approximately(),
                cpu,
                memory,
                asked: asked.map(|short| short.share),
            })
        })
        .collect();
    let capped = Policy {
        cap_at_source: true,
        ..base.clone()
    };
    let outlook = outlooks(profile, source, &capped, moves, [0.0, 0.0]).known()[0].cloned();
    let mut others = requirements_with(profile, source, &capped, moves);
    others.list.retain(|one| one.dimension != Dimension::Cpu);
    Fitted {
        choices,
        outlook,
        others,
        source,
        equivalence,
    }
}

/// What one host adds to the league on one cut.
struct Judged {
    scores: Vec<Option<Score>>,
    samples: Vec<Sample>,
    hindsight: Option<Score>,
    memory: bool,
}

fn judge(
    inputs: &BacktestInputs<'_>,
    entrants: &[Entrant],
    base: &Policy,
    offers: &[Offer],
    cuts: &[Cut],
    fitted: &[Vec<Option<Fitted>>],
    region: &str,
) -> Result<League, BacktestError> {
    let reader = inputs.reader;
    let searches = Searches::new(offers, base);
    let blocks: Result<Vec<Vec<Vec<Option<Judged>>>>, StoreError> = reader
        .blocks()
        .into_par_iter()
        .with_max_len(1)
        .map(|block| {
            let hosts = reader.read(block.clone())?;
            Ok(hosts
                .iter()
                .zip(block)
                .map(|((_, series), index)| {
                    cuts.iter()
                        .enumerate()
                        .map(|(number, cut)| {
                            let own = fitted[number][index].as_ref()?;
                            let later = Later::of(&series.between(cut.at_ms, cut.to_ms))?;
                            Some(judge_host(own, &later, &searches))
                        })
                        .collect()
                })
                .collect())
        })
        .collect();
    let judged: Vec<Vec<Option<Judged>>> = blocks?.into_iter().flatten().collect();
    let of_cut = |cut: usize| judged.iter().filter_map(move |host| host[cut].as_ref());
    let hosts = judged.iter().filter(|host| host.iter().any(Option::is_some)).count();
    if hosts == 0 {
        return Err(BacktestError::NoHosts);
    }
    let mut entries: Vec<Entry> = entrants
        .iter()
        .enumerate()
        .map(|(number, entrant)| {
            let by_cut = (0..cuts.len())
                .map(|cut| sum(of_cut(cut).map(|host| host.scores[number])))
                .collect();
            Entry::new(entrant.name(), Some(entrant.clone()), by_cut)
        })
        .filter(|entry| entry.mean.hosts > 0 || entry.entrant.as_ref().is_some_and(|one| one.scope == Scope::Catalog))
        .collect();
    let hindsight = (0..cuts.len())
        .map(|cut| sum(of_cut(cut).map(|host| host.hindsight)))
        .collect();
    entries.push(Entry::new("hindsight".to_string(), None, hindsight));
    let calibration = (0..cuts.len())
        .flat_map(|cut| {
            let samples = |dial: usize| -> Vec<Sample> {
                of_cut(cut).filter_map(|host| host.samples.get(dial).copied()).collect()
            };
            (0..DIALS.len())
                .map(|dial| Calibration::of(cut, DIALS[dial], &samples(dial)))
                .collect::<Vec<_>>()
        })
        .collect();
    Ok(League {
        cuts: cuts.to_vec(),
        region: region.to_string(),
        entries,
        calibration,
        hosts,
        memory_measured: judged.iter().flatten().flatten().any(|host| host.memory),
    })
}

fn judge_host(own: &Fitted, later: &Later, searches: &Searches<'_>) -> Judged {
    let score = |chosen: &Chosen| {
        let served = later.served(chosen.cpu);
        let memory = later.memory_short(chosen.memory).unwrap_or(0.0);
        let worst = served.short.max(memory);
        Score {
            usd_per_month: chosen.usd_per_month,
            cpu_short: served.short,
            memory_short: memory,
            hosts_over_1_percent: f64::from(u8::from(worst > 0.01)),
            hosts_over_5_percent: f64::from(u8::from(worst > 0.05)),
            worst_hour_core_hours: served.worst_hour_core_hours,
            unserved_core_hours: served.unserved_core_hours,
            utilisation: served.utilisation,
            asked: chosen.asked,
            unplaced: 0,
            hosts: 1,
        }
    };
    Judged {
        scores: own.choices.iter().map(|chosen| chosen.as_ref().map(score)).collect(),
        samples: own
            .outlook
            .as_ref()
            .map(|outlook| DIALS.iter().map(|&dial| Sample::of(outlook, dial, later)).collect())
            .unwrap_or_default(),
        hindsight: hindsight(own, later, searches).map(|chosen| score(&chosen)),
        memory: later.memory_short(0.0).is_some(),
    }
}

/// Finds the cheapest offer that would have met the target, had one known.
fn hindsight(own: &Fitted, later: &Later, searches: &Searches<'_>) -> Option<Chosen> {
    let (cpu, memory) = later.hindsight(HINDSIGHT_CPU, HINDSIGHT_MEMORY);
    let mut requirements = own.others.clone();
    let fixed = |dimension: Dimension, target: f64| Requirement {
        dimension,
        low: target,
        target,
        high: target,
        peak: None,
        peak_at_ms: None,
        formula: "what followed".to_string(),
        measured: true,
    };
    requirements.list.insert(0, fixed(Dimension::Cpu, cpu));
    let known = requirements
        .list
        .iter_mut()
        .find(|one| one.dimension == Dimension::Memory);
    match (known, memory.or(own.source.memory_bytes)) {
        (Some(known), Some(target)) => known.target = target,
        (None, Some(target)) => requirements.list.insert(1, fixed(Dimension::Memory, target)),
        (_, None) => {}
    }
    let offer = searches.cheapest(&requirements, &own.equivalence, true).chosen?;
    Some(Chosen {
        usd_per_month: offer.price.amount.per_month().approximately(),
        cpu: offer.shape.vcpus().as_cores() * own.equivalence.of(&offer.shape),
        memory: offer.shape.memory().as_bytes(),
        asked: None,
    })
}

/// Adds up money and unserved work over hosts and averages the rest.
fn sum(hosts: impl Iterator<Item = Option<Score>>) -> Score {
    let mut total = Score {
        asked: Some(0.0),
        ..Score::default()
    };
    for host in hosts {
        let Some(host) = host else {
            total.unplaced += 1;
            continue;
        };
        total.hosts += 1;
        total.usd_per_month += host.usd_per_month;
        total.cpu_short += host.cpu_short;
        total.memory_short += host.memory_short;
        total.hosts_over_1_percent += host.hosts_over_1_percent;
        total.hosts_over_5_percent += host.hosts_over_5_percent;
        total.worst_hour_core_hours = total.worst_hour_core_hours.max(host.worst_hour_core_hours);
        total.unserved_core_hours += host.unserved_core_hours;
        total.utilisation += host.utilisation;
        total.asked = total.asked.zip(host.asked).map(|(sum, own)| sum + own);
    }
    let count = total.hosts.max(1) as f64;
    for share in [
        &mut total.cpu_short,
        &mut total.memory_short,
        &mut total.hosts_over_1_percent,
        &mut total.hosts_over_5_percent,
        &mut total.utilisation,
    ] {
        *share /= count;
    }
    total.asked = total.asked.filter(|_| total.hosts > 0).map(|sum| sum / count);
    total
}
