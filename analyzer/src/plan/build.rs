//! Makes the plan: every host sized and priced, then summed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use telemetry::Inventory;
use telemetry::store::{HostQuality, Origin};
use telemetry::units::GIBIBYTE;

use super::host::recommend;
use super::known::Known;
use super::row::Recommendation;
use super::{CatalogStamp, OriginStamp, PLAN_FORMAT_VERSION, Plan, Proposal, Retirement, Summary};
use crate::catalog::listed::ListedFile;
use crate::catalog::{Catalog, EbsPrices, Offer, UnknownRegion, YearMonth};
use crate::money::UsdPerMonth;
use crate::policy::{Assessment, AssessmentError, Membership, Overrides, Policy};
use crate::price::{Bill, BillLine};
use crate::profile::HostProfile;
use crate::size::{Activity, Drift, Searches};

/// The one phase that is planned so far: EC2 as it is.
pub(crate) const PHASE: &str = "rehost";

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct PlanInputs<'a> {
    /// The engagement.
    pub assessment: &'a Assessment,
    /// Changes from the command line.
    pub overrides: &'a Overrides,
    /// One profile a host.
    pub profiles: &'a [HostProfile],
    /// What discovery learnt of the hosts, where it looked.
    pub inventory: Option<&'a Inventory>,
    /// Records of the telemetry's origins.
    pub origins: &'a [Origin],
    /// Specifications and prices.
    pub catalog: &'a Catalog,
    /// The day the plan is for.
    pub today: Date,
}

/// Why no plan can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The region has no prices.
    #[error(transparent)]
    Region(#[from] UnknownRegion),
    /// A policy cannot be used.
    #[error(transparent)]
    Assessment(#[from] AssessmentError),
    /// There is no host to plan for.
    #[error("there is no telemetry to plan from; expected at least one host")]
    NoHosts,
}

/// What is the same for every host of one environment.
pub(super) struct Setting<'a> {
    pub(super) policy: &'a Policy,
    pub(super) searches: &'a Searches<'a>,
    pub(super) offers: &'a [Offer],
    pub(super) ebs: Option<&'a EbsPrices>,
    pub(super) catalog: &'a Catalog,
    pub(super) region: &'a str,
    pub(super) month: YearMonth,
    pub(super) known: &'a Known<'a>,
}

/// Makes the plan.
///
/// # Errors
/// When the region is not in the catalog, a policy is not usable, or there is no host.
pub fn make(inputs: &PlanInputs<'_>) -> Result<Plan, PlanError> {
    make_after(inputs, None)
}

/// Makes the plan that follows an earlier one of the same assessment.
///
/// Where nothing but telemetry has changed, proposals of rule `sizewright`
/// stay while the new ones differ little: see [`crate::size::size_host_after`].
///
/// # Errors
/// As [`make`].
pub fn make_after(inputs: &PlanInputs<'_>, earlier: Option<&Plan>) -> Result<Plan, PlanError> {
    let PlanInputs {
        assessment,
        overrides,
        catalog,
        ..
    } = *inputs;
    let region = overrides.region.as_deref().unwrap_or(&assessment.region);
    let offers = catalog.offers(region)?;
    let ebs = catalog.ebs(region).ok();

    let known = inputs.inventory.map(Known::of).unwrap_or_default();
    let mut members: Vec<(&HostProfile, Membership)> = inputs
        .profiles
        .iter()
        .map(|profile| {
            let member = assessment.membership(&profile.host);
            (profile, known.complete(&profile.host, member))
        })
        .collect();
    members.sort_by(|a, b| a.0.host.cmp(&b.0.host));
    let before = members.len();
    members.retain(|(_, member)| !member.ignored);
    let ignored_hosts = before - members.len();
    if members.is_empty() {
        return Err(PlanError::NoHosts);
    }

    let mut policies: BTreeMap<String, Policy> = BTreeMap::new();
    for (_, member) in &members {
        if !policies.contains_key(&member.environment) {
            let policy = assessment.policy(&member.environment, overrides)?;
            policies.insert(member.environment.clone(), policy);
        }
    }
    let drift = policies
        .values()
        .any(|policy| policy.rule.needs_history())
        .then(|| Drift::learn(members.iter().map(|(profile, _)| *profile)));
    let searches: BTreeMap<&str, Searches<'_>> = policies
        .iter()
        .map(|(name, policy)| {
            let searches = Searches::new(offers, policy);
            let searches = match &drift {
                Some(drift) => searches.with_drift(drift.clone()),
                None => searches,
            };
            (name.as_str(), searches)
        })
        .collect();
    let earlier = earlier
        .filter(|earlier| {
            earlier.assessment == *assessment
                && earlier.overrides == *overrides
                && earlier.policies == policies
                && earlier.catalog.id == catalog.id()
        })
        .map(proposals)
        .unwrap_or_default();
    let quality = quality_by_host(inputs.origins);
    let month = YearMonth::of(inputs.today);

    let rows: Vec<(Recommendation, Vec<BillLine>)> = members
        .par_iter()
        .map(|(profile, member)| {
            let setting = Setting {
                policy: &policies[&member.environment],
                searches: &searches[member.environment.as_str()],
                offers,
                ebs,
                catalog,
                region,
                month,
                known: &known,
            };
            recommend(
                profile,
                member,
                &quality.get(profile.host.as_str()).copied().unwrap_or_default(),
                &setting,
                earlier.get(profile.host.as_str()).copied(),
            )
        })
        .collect();
    let (recommendations, lines): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let bill = Bill::of(lines.into_iter().flatten().collect());
    let retire = retirements(&recommendations);
    let stamp = catalog_stamp(catalog, region, inputs.today)?;
    let summary = summarise(&recommendations, &bill, ignored_hosts);
    let warnings = warnings(&recommendations, &bill, &stamp, &summary, region);
    Ok(Plan {
        format_version: PLAN_FORMAT_VERSION,
        program: concat!("sizewright ", env!("CARGO_PKG_VERSION")).to_string(),
        planned_on: inputs.today,
        assessment: assessment.clone(),
        overrides: overrides.clone(),
        policies,
        catalog: stamp,
        origins: inputs
            .origins
            .iter()
            .map(|origin| OriginStamp {
                id: origin.id.clone(),
                kind: origin.kind.clone(),
                sources: origin.sources.iter().map(|source| source.name.clone()).collect(),
                notes: origin.notes.clone(),
            })
            .collect(),
        recommendations,
        retire,
        bill,
        summary,
        warnings,
        scaling: None,
        phases: None,
        purchases: None,
        commitments: None,
        outlook: None,
        drift,
    })
}

/// Gives the proposals of a plan that were decided, by host.
fn proposals(plan: &Plan) -> BTreeMap<&str, &str> {
    plan.recommendations
        .iter()
        .filter(|row| row.proposal != Proposal::Undecided)
        .filter_map(|row| Some((row.host.as_str(), row.instance_type.as_deref()?)))
        .collect()
}

pub(super) fn quality_by_host(origins: &[Origin]) -> BTreeMap<&str, HostQuality> {
    let mut quality: BTreeMap<&str, HostQuality> = BTreeMap::new();
    for (host, counts) in origins.iter().flat_map(|origin| &origin.quality) {
        quality.entry(host).or_default().add(counts);
    }
    quality
}

fn retirements(rows: &[Recommendation]) -> Vec<Retirement> {
    rows.iter()
        .filter(|row| matches!(row.proof.activity, Activity::Idle | Activity::Zombie))
        .map(|row| Retirement {
            host: row.host.clone(),
            activity: row.proof.activity,
            evidence: row.proof.activity_evidence.clone(),
            saving_usd_per_month: row.total_usd_per_month.or(row.compute_usd_per_month),
            saving_is_at_least: row.total_usd_per_month.is_none(),
        })
        .collect()
}

fn catalog_stamp(catalog: &Catalog, region: &str, today: Date) -> Result<CatalogStamp, UnknownRegion> {
    let dates = catalog.ec2_prices_as_of(region)?;
    Ok(CatalogStamp {
        id: catalog.id().to_string(),
        built_on: catalog.built_on(),
        prices_oldest: dates.oldest,
        prices_newest: dates.newest,
        age_days: catalog.age_days(region, today)?,
        stale: catalog.is_stale(region, today)?,
        price_lists: catalog
            .lists(region)
            .map(|lists| lists.files.iter().map(ListedFile::stamp).collect())
            .unwrap_or_default(),
    })
}

/// Gives the mean of values by weight, the same to the last bit in whatever order they come: names do not matter.
fn weighted_mean(mut pairs: Vec<(f64, f64)>) -> f64 {
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let weight: f64 = pairs.iter().map(|(weight, _)| weight).sum();
    let sum: f64 = pairs.iter().map(|(weight, value)| weight * value).sum();
    if weight > 0.0 { sum / weight } else { 0.0 }
}

fn summarise(rows: &[Recommendation], bill: &Bill, ignored_hosts: usize) -> Summary {
    let mut summary = Summary {
        hosts: rows.len(),
        ignored_hosts,
        ..Summary::default()
    };
    let mut weighted = Vec::new();
    for row in rows {
        match row.proposal {
            Proposal::Keep => summary.keep += 1,
            Proposal::Change => summary.change += 1,
            Proposal::Undecided => summary.undecided += 1,
        }
        summary.source_vcpus += row.source_vcpu.unwrap_or(0.0);
        summary.source_memory_gib += row.source_memory_gib.unwrap_or(0.0);
        summary.proposed_vcpus += f64::from(row.vcpu.unwrap_or(0) * row.instance_count);
        summary.proposed_memory_gib += row.memory_gib.unwrap_or(0.0) * f64::from(row.instance_count);
        if let Some(compute) = row.compute_usd_per_month {
            summary.compute_usd_per_month = summary.compute_usd_per_month + compute;
            if let Some(as_is) = &row.proof.as_is {
                summary.as_is_compute_usd_per_month =
                    summary.as_is_compute_usd_per_month + as_is.price_usd_per_hour.per_month();
            }
            weighted.push((compute.approximately(), row.confidence));
        }
        if let Some(arm64) = &row.proof.arm64
            && arm64.saving_usd_per_month > UsdPerMonth::ZERO
        {
            summary.arm64_saving_usd_per_month = summary.arm64_saving_usd_per_month + arm64.saving_usd_per_month;
        }
        let window = summary
            .window_ms
            .get_or_insert((row.proof.first_at_ms, row.proof.last_at_ms));
        *window = (window.0.min(row.proof.first_at_ms), window.1.max(row.proof.last_at_ms));
    }
    summary.confidence = weighted_mean(weighted);
    let storage = bill
        .lines
        .iter()
        .filter(|line| line.category == crate::price::Category::Storage);
    summary.storage_usd_per_month = storage.filter_map(|line| line.amount).sum();
    summary
}

fn warnings(
    rows: &[Recommendation],
    bill: &Bill,
    stamp: &CatalogStamp,
    summary: &Summary,
    region: &str,
) -> Vec<String> {
    let mut warnings = Vec::new();
    if stamp.stale {
        warnings.push(format!(
            "the newest EC2 price for {region} is of {}, {} days before the plan: refresh the catalog",
            stamp.prices_newest, stamp.age_days
        ));
    }
    if summary.undecided > 0 {
        warnings.push(format!(
            "{} of {} hosts are undecided; they are shown at their present size where it is known",
            summary.undecided, summary.hosts
        ));
    }
    if bill.total.is_at_least() {
        warnings.push(format!(
            "{} lines have no known price, so totals read \"at least\"",
            bill.total.unknown_lines
        ));
    }
    let estimated = rows
        .iter()
        .filter(|row| row.proof.price_method == Some(crate::catalog::PriceMethod::Estimated))
        .count();
    if estimated > 0 {
        warnings.push(format!("{estimated} proposals rest on an estimated price"));
    }
    let one_to_one = rows
        .iter()
        .filter(|row| row.proof.cpu_equivalence == crate::size::CpuEquivalence::OneToOne)
        .count();
    let saturated = rows.iter().filter(|row| row.proof.is_saturated).count();
    if saturated > 0 {
        warnings.push(format!(
            "{saturated} hosts are saturated: their CPU ran at 90 % of what they have or more for over 1 % of the time, \
             so more may have been wanted than was served"
        ));
    }
    if one_to_one > 0 {
        warnings.push(format!(
            "for {one_to_one} hosts the CPU model is not scored: one source core is taken as one vCPU"
        ));
    }
    let contradicted: Vec<&str> = rows
        .iter()
        .filter(|row| row.proof.cpu_equivalence.contradiction().is_some())
        .map(|row| row.host.as_str())
        .collect();
    if let Some((first, others)) = contradicted.split_first() {
        let more = match others.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        warnings.push(format!(
            "the benchmark of {first}{more} contradicts the CPU model and is not used; `explain` says by how much"
        ));
    }
    warnings
}

/// Turns bytes into GiB, rounded to thousandths, as tables show it.
pub(super) fn gibibytes(bytes: f64) -> f64 {
    rounded(bytes / GIBIBYTE)
}

/// Rounds to thousandths.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Gives the exact decimal of a small whole number.
pub(super) fn decimal(count: u32) -> Decimal {
    Decimal::from_u32(count).unwrap_or_default()
}
