//! One host's recommendation: sized, priced, and with its proof.

use telemetry::store::HostQuality;

use super::build::{PHASE, Setting, decimal, gibibytes, rounded};
use super::row::{Alternative, Proof, Proposal, Recommendation, Rejected};
use crate::catalog::Offer;
use crate::money::{HOURS_PER_MONTH, UsdPerMonth};
use crate::policy::{Membership, Policy, Rule, risk_of};
use crate::price::{BillLine, Category, Payer, instance_line, storage_lines};
use crate::profile::{BusiestHour, HostProfile, MemoryMeasure, MetricProfile};
use crate::size::{
    Activity, Confidence, CpuEquivalence, Dimension, HostSize, KEPT_WITHIN, Requirements, SourceCapacity, Storage,
    activity, confidence, is_saturated, number, size_host_after, storage,
};

/// Sizes and prices one host.
pub(super) fn recommend(
    profile: &HostProfile,
    member: &Membership,
    quality: &HostQuality,
    setting: &Setting<'_>,
    earlier: Option<&str>,
) -> (Recommendation, Vec<BillLine>) {
    let source = source_capacity(profile, member);
    let busy = profile.cpu.as_ref().map(|metric| metric.quantile(0.99));
    let equivalence = CpuEquivalence::find(member, source.vcpus, busy, setting.catalog);
    let confidence = confidence(profile, quality, equivalence != CpuEquivalence::OneToOne);
    let undecided = undecided_because(source, profile, &confidence, setting.policy);
    // What is undecided is shown at its present size, never at a size nobody can stand by.
    let as_is_policy = as_is_policy(setting.policy);
    let no_credits_since = no_credits_since(profile, member, setting);
    let without_credits = Policy {
        burstable: false,
        ..setting.policy.clone()
    };
    let policy = match (&undecided, &no_credits_since) {
        (Some(_), _) => &as_is_policy,
        (None, Some(_)) => &without_credits,
        (None, None) => setting.policy,
    };
    let size = size_host_after(
        profile,
        source,
        policy,
        &equivalence,
        setting.searches,
        member.arm64_ready != Some(false),
        earlier,
    );
    let storage = storage(profile, setting.policy, setting.ebs, setting.month);
    let chosen = size.choice.chosen.filter(|_| {
        size.requirements.get(Dimension::Cpu).is_some() && size.requirements.get(Dimension::Memory).is_some()
    });

    let payer = Payer {
        phase: PHASE.to_string(),
        host: profile.host.clone(),
        environment: member.environment.clone(),
        group: member.group.clone(),
    };
    let mut lines: Vec<BillLine> = chosen
        .map(|offer| instance_line(&payer, offer, 1))
        .into_iter()
        .collect();
    lines.extend(storage_lines(&payer, &storage));
    let (activity, activity_evidence) = activity(profile);
    let proposal = proposal(chosen, member, undecided.is_some());
    let reason = reason(proposal, chosen, &size, undecided, activity, member);
    let compute = chosen.map(|offer| offer.price.amount.per_month());
    let storage_cost = match &storage {
        Storage::Known(_) => Some(
            lines
                .iter()
                .filter(|line| line.category == Category::Storage)
                .filter_map(|line| line.amount)
                .sum(),
        ),
        Storage::Unknown { .. } => None,
    };
    let binding = chosen.and(size.binding);
    let next = size.choice.rejected.first();
    let target = |dimension: Dimension| size.requirements.get(dimension).map(|requirement| requirement.target);
    let row = Recommendation {
        phase: PHASE.to_string(),
        host: profile.host.clone(),
        service: None,
        environment: member.environment.clone(),
        source_vcpu: source.vcpus,
        source_memory_gib: source.memory_bytes.map(gibibytes),
        target_service: "ec2".to_string(),
        instance_type: chosen.map(|offer| offer.shape.name.clone()),
        instance_count: u32::from(chosen.is_some()),
        vcpu: chosen.map(|offer| offer.shape.vcpu),
        memory_gib: chosen.map(|offer| offer.shape.memory_gib()),
        architecture: chosen.map(|offer| offer.shape.architecture.to_string()),
        region: setting.region.to_string(),
        deployment: "single-az".to_string(),
        engine: None,
        purchase_option: "on-demand".to_string(),
        price_usd_per_hour: chosen.map(|offer| offer.price.amount),
        compute_usd_per_month: compute,
        storage_usd_per_month: storage_cost,
        total_usd_per_month: compute.zip(storage_cost).map(|(compute, storage)| compute + storage),
        cpu_demand_cores: target(Dimension::Cpu).map(rounded),
        cpu_equivalence: chosen.map(|offer| rounded(equivalence.of(&offer.shape))),
        memory_demand_gib: target(Dimension::Memory).map(gibibytes),
        disk_iops_demand: target(Dimension::DiskOperations).map(rounded),
        disk_mbps_demand: target(Dimension::DiskThroughput).map(|bytes| rounded(bytes / 1e6)),
        network_mbps_demand: target(Dimension::Network).map(|bytes| rounded(bytes * 8.0 / 1e6)),
        storage_gib: storage_gib(&storage),
        binding_dimension: binding,
        peak_at_ms: binding.and_then(|dimension| size.requirements.get(dimension)?.peak_at_ms),
        rule: policy.rule.to_string(),
        violation_probability: chosen.and_then(|offer| exceeded(profile, offer, &equivalence)),
        confidence: rounded(confidence.value),
        confidence_reason: confidence.reason(),
        proposal,
        reason,
        next_cheaper: next.map(|(offer, _)| offer.shape.name.clone()),
        next_cheaper_shortfall: next.map(|(_, shortfalls)| {
            shortfalls
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; ")
        }),
        proof: Proof {
            group: member.group.clone(),
            rejected: rejected(&size),
            arm64: arm64(&size, chosen, member, setting.known.arm64(&profile.host)),
            current_type: member.current_type.clone(),
            current_usd_per_month: current_cost(member, setting),
            as_is: as_is(source, &equivalence, setting, chosen, member),
            storage,
            activity,
            activity_evidence,
            measured: measured(profile),
            assumed: assumed(profile, &size.requirements, &equivalence, member),
            first_at_ms: profile.observed.first_at_ms,
            last_at_ms: profile.observed.last_at_ms,
            coverage: rounded(profile.observed.coverage()),
            interval_s: profile.observed.interval_s,
            censored: profile.censored,
            quality: *quality,
            price_method: chosen.map(|offer| offer.price.method),
            price_as_of: chosen.map(|offer| offer.price.as_of),
            risk: super::risk::of_host(&size, chosen, &equivalence, profile),
            on_credits: super::on_credits::of_host(&size, setting.catalog, setting.region).filter(|_| chosen.is_some()),
            no_credits_since,
            busiest_hour: profile.busiest_hour.map(|hour| BusiestHour {
                mean: rounded(hour.mean),
                highest: rounded(hour.highest),
                ..hour
            }),
            is_saturated: is_saturated(profile, source),
            cpu_equivalence: equivalence,
            kept_instead_of: size
                .instead_of
                .filter(|_| chosen.is_some())
                .map(|offer| offer.shape.name.clone()),
            requirements: size.requirements.list,
            confidence,
        },
    };
    (row, lines)
}

/// Gives the policy by which a host is shown at its present size.
pub(super) fn as_is_policy(policy: &Policy) -> Policy {
    Policy {
        rule: Rule::AsIs,
        cap_at_source: false,
        cpu_headroom: 0.0,
        memory_headroom: 0.0,
        burstable: false,
        ..policy.clone()
    }
}

/// Says why no type with CPU credits is considered, where the policy allows them.
pub(super) fn no_credits_since(profile: &HostProfile, member: &Membership, setting: &Setting<'_>) -> Option<String> {
    if !setting.policy.burstable {
        return None;
    }
    if let Some(product) = setting.known.database(&profile.host)
        && risk_of(&member.environment) == risk_of("production")
    {
        return Some(format!(
            "it runs {product}, and a production database is never put on CPU credits"
        ));
    }
    profile
        .credits
        .is_none()
        .then(|| "its CPU use over time is not known, so the credits cannot be followed".to_string())
}

/// Gives what the machine has: as measured, else as the assessment states it.
pub(super) fn source_capacity(profile: &HostProfile, member: &Membership) -> SourceCapacity {
    SourceCapacity {
        vcpus: profile.source.vcpus.or(member.vcpus.map(f64::from)),
        memory_bytes: profile
            .source
            .memory_bytes
            .or(member.memory_gib.map(|gib| gib * telemetry::units::GIBIBYTE)),
    }
}

/// Says why nothing should be proposed, if so.
pub(super) fn undecided_because(
    source: SourceCapacity,
    profile: &HostProfile,
    confidence: &Confidence,
    policy: &Policy,
) -> Option<String> {
    if profile.cpu.is_none() && source.vcpus.is_none() {
        return Some("neither CPU use nor the number of cores is known".to_string());
    }
    if profile.memory.is_none() && source.memory_bytes.is_none() {
        return Some("neither memory use nor its size is known".to_string());
    }
    (confidence.value < policy.minimum_confidence).then(|| {
        let remedy = confidence.remedy().unwrap_or("measure longer");
        format!(
            "confidence {:.2} is below {:.2} ({}); to decide: {remedy}",
            confidence.value,
            policy.minimum_confidence,
            confidence.reason()
        )
    })
}

fn proposal(chosen: Option<&Offer>, member: &Membership, undecided: bool) -> Proposal {
    match chosen {
        _ if undecided => Proposal::Undecided,
        None => Proposal::Undecided,
        Some(offer) if member.current_type.as_deref() == Some(offer.shape.name.as_str()) => Proposal::Keep,
        Some(_) => Proposal::Change,
    }
}

fn reason(
    proposal: Proposal,
    chosen: Option<&Offer>,
    size: &HostSize<'_>,
    undecided: Option<String>,
    activity: Activity,
    member: &Membership,
) -> String {
    let mut words = match (proposal, chosen, undecided) {
        (_, _, Some(why)) => format!("undecided: {why}"),
        (_, None, None) => {
            let worst = size
                .choice
                .rejected
                .iter()
                .flat_map(|(_, shortfalls)| shortfalls)
                .map(ToString::to_string)
                .next()
                .unwrap_or_else(|| "the policy allows no type at all".to_string());
            format!("undecided: no type that the policy allows fits ({worst})")
        }
        (Proposal::Keep, Some(offer), None) => {
            format!("{} is already the cheapest type that fits", offer.shape.name)
        }
        (_, Some(offer), None) => {
            let binding = size.binding.map_or("nothing", Dimension::words);
            let requirement = size
                .binding
                .and_then(|dimension| size.requirements.get(dimension))
                .map(|requirement| format!(": {}", requirement.formula))
                .unwrap_or_default();
            let instead = member
                .current_type
                .as_ref()
                .map(|current| format!(" instead of {current}"))
                .unwrap_or_default();
            format!(
                "{} is the cheapest type that fits{instead}; {binding} decides{requirement}",
                offer.shape.name
            )
        }
    };
    if let (Some(fresh), Some(_), Proposal::Change | Proposal::Keep) = (size.instead_of, chosen, proposal) {
        words.push_str(&format!(
            "; kept from the plan before, since {} would be better by less than {:.0} % of price and priced risk",
            fresh.shape.name,
            KEPT_WITHIN * 100.0
        ));
    }
    if let Some(on_credits) = &size.on_credits
        && chosen.is_some_and(|chosen| chosen.shape.name == on_credits.offer.shape.name)
    {
        words.push_str(&format!(
            "; on CPU credits, which are expected to be enough but for {:.2} % of the time",
            on_credits.fit.short_expected * 100.0
        ));
    }
    match activity {
        Activity::Zombie => words.push_str("; it does no work: propose to retire it"),
        Activity::Idle => words.push_str("; it is idle: propose to retire it"),
        Activity::Active | Activity::Unknown => {}
    }
    words
}

fn rejected(size: &HostSize<'_>) -> Vec<Rejected> {
    size.choice
        .rejected
        .iter()
        .map(|(offer, shortfalls)| Rejected {
            instance_type: offer.shape.name.clone(),
            vcpu: offer.shape.vcpu,
            memory_gib: offer.shape.memory_gib(),
            price_usd_per_hour: offer.price.amount,
            shortfalls: shortfalls.clone(),
        })
        .collect()
}

fn alternative(offer: &Offer, saving: UsdPerMonth, remark: String) -> Alternative {
    Alternative {
        instance_type: offer.shape.name.clone(),
        vcpu: offer.shape.vcpu,
        memory_gib: offer.shape.memory_gib(),
        price_usd_per_hour: offer.price.amount,
        saving_usd_per_month: saving,
        remark,
    }
}

fn arm64(
    size: &HostSize<'_>,
    chosen: Option<&Offer>,
    member: &Membership,
    found: Option<String>,
) -> Option<Alternative> {
    let offer = size.arm64?;
    let chosen = chosen?;
    let saving = chosen.price.amount.per_month() - offer.price.amount.per_month();
    let remark = match member.arm64_ready {
        Some(true) => "stated to run on arm64".to_string(),
        Some(false) => "stated not to run on arm64".to_string(),
        None => found.unwrap_or_else(|| "whether the workload runs on arm64 is not known".to_string()),
    };
    Some(alternative(offer, saving, remark))
}

/// Finds the cheapest type with the source's own CPUs, by what they do where that is known, and its memory.
///
/// Counting vCPUs alone would set the plan beside machines that do less than the present ones.
fn as_is(
    source: SourceCapacity,
    equivalence: &CpuEquivalence,
    setting: &Setting<'_>,
    chosen: Option<&Offer>,
    member: &Membership,
) -> Option<Alternative> {
    let (vcpus, memory) = (source.vcpus?, source.memory_bytes?);
    let mut requirements = Requirements::default();
    for (dimension, target) in [(Dimension::Cpu, vcpus), (Dimension::Memory, memory)] {
        requirements.list.push(crate::size::Requirement {
            dimension,
            low: target,
            target,
            high: target,
            peak: None,
            peak_at_ms: None,
            formula: "what the source has".to_string(),
            measured: false,
        });
    }
    let offer = setting
        .searches
        .cheapest(&requirements, equivalence, member.arm64_ready != Some(false))
        .chosen?;
    let saving = chosen.map_or(UsdPerMonth::ZERO, |chosen| {
        chosen.price.amount.per_month() - offer.price.amount.per_month()
    });
    Some(alternative(
        offer,
        saving,
        match equivalence {
            CpuEquivalence::OneToOne => "the cheapest type with the source's vCPUs and memory",
            CpuEquivalence::Scored { .. } => "the cheapest type that does what the source's CPUs do, with its memory",
        }
        .to_string(),
    ))
}

fn current_cost(member: &Membership, setting: &Setting<'_>) -> Option<UsdPerMonth> {
    let current = member.current_type.as_deref()?;
    setting.catalog.shape(current)?;
    let offer = setting.offers.iter().find(|offer| offer.shape.name == current)?;
    Some(UsdPerMonth::from_decimal(
        offer.price.amount.as_decimal() * decimal(HOURS_PER_MONTH),
    ))
}

fn storage_gib(storage: &Storage) -> Option<f64> {
    let needs: Vec<u32> = match storage {
        Storage::Known(volumes) => volumes.iter().map(|volume| volume.need.size_gib).collect(),
        Storage::Unknown { needs, .. } => needs.iter().map(|need| need.size_gib).collect(),
    };
    (!needs.is_empty()).then(|| needs.iter().map(|&gib| f64::from(gib)).sum())
}

/// Gives the larger of the shares of intervals in which CPU and memory exceeded what the offer has.
fn exceeded(profile: &HostProfile, offer: &Offer, equivalence: &CpuEquivalence) -> Option<f64> {
    let cpu = profile
        .cpu
        .as_ref()
        .map(|metric| share_above(metric, offer.shape.vcpus().as_cores() * equivalence.of(&offer.shape)));
    let memory = profile
        .memory
        .as_ref()
        .map(|metric| share_above(metric, offer.shape.memory().as_bytes()));
    let share = cpu.into_iter().chain(memory).fold(None, |worst: Option<f64>, share| {
        Some(worst.map_or(share, |worst| worst.max(share)))
    })?;
    Some((share * 1e6).round() / 1e6)
}

/// Bounds the share of intervals above a capacity from the quantiles: straight between them, never below the truth's lower neighbour.
pub(super) fn share_above(metric: &MetricProfile, capacity: f64) -> f64 {
    if metric.maximum <= capacity {
        return 0.0;
    }
    let mut upper = (1.0, metric.maximum);
    for &(level, value) in metric.quantiles.iter().rev() {
        if value <= capacity {
            let width = upper.1 - value;
            let within = if width > 0.0 { (capacity - value) / width } else { 0.0 };
            return 1.0 - (level + (upper.0 - level) * within);
        }
        upper = (level, value);
    }
    1.0
}

fn measured(profile: &HostProfile) -> Vec<String> {
    let observed = &profile.observed;
    let mut words = vec![format!(
        "{} samples every {} s over {:.1} days, {:.1} % of those expected",
        observed.samples,
        number(observed.interval_s),
        observed.days(),
        observed.coverage() * 100.0
    )];
    let dimensions = [
        ("CPU", profile.cpu.is_some()),
        ("CPU within the minute", profile.cpu_interval_maxima.is_some()),
        ("memory", profile.memory.is_some()),
        ("disk operations", profile.disk_operations.is_some()),
        ("disk throughput", profile.disk_bytes.is_some()),
        (
            "network",
            profile.network_receive.is_some() || profile.network_transmit.is_some(),
        ),
        ("file systems", !profile.filesystems.is_empty()),
    ];
    words.extend(
        dimensions
            .iter()
            .filter(|(_, there)| *there)
            .map(|(name, _)| (*name).to_string()),
    );
    words
}

fn assumed(
    profile: &HostProfile,
    requirements: &Requirements,
    equivalence: &CpuEquivalence,
    member: &Membership,
) -> Vec<String> {
    let mut words = Vec::new();
    if *equivalence == CpuEquivalence::OneToOne {
        let model = member
            .cpu_model
            .as_ref()
            .map(|model| format!(" ({model})"))
            .unwrap_or_default();
        words.push(format!("{}{model}", equivalence.words()));
    }
    words.extend(equivalence.contradiction());
    for requirement in requirements.list.iter().filter(|requirement| !requirement.measured) {
        words.push(format!("{}: {}", requirement.dimension, requirement.formula));
    }
    if profile.memory_measure == MemoryMeasure::ActiveOnly {
        words.push("active memory of the hypervisor is not used: it is often 6 % of what is needed".to_string());
    }
    for (dimension, there) in [
        (Dimension::DiskOperations, profile.disk_operations.is_some()),
        (Dimension::DiskThroughput, profile.disk_bytes.is_some()),
        (
            Dimension::Network,
            profile.network_receive.is_some() || profile.network_transmit.is_some(),
        ),
    ] {
        if !there {
            words.push(format!("{dimension}: not measured, so not checked"));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric() -> MetricProfile {
        MetricProfile {
            samples: 1000,
            mean: 1.0,
            quantiles: vec![(0.5, 1.0), (0.9, 2.0), (0.95, 3.0), (0.99, 4.0), (0.995, 5.0)],
            maximum: 10.0,
            maximum_at_ms: 0,
            hour_of_week_mean: vec![],
            hour_of_week_p95: vec![],
            daily_maxima: vec![],
            first_half_mean: 1.0,
            second_half_mean: 1.0,
        }
    }

    #[test]
    fn the_share_above_a_capacity_falls_from_one_to_nothing() {
        let metric = metric();
        assert_eq!(share_above(&metric, 10.0), 0.0);
        assert_eq!(share_above(&metric, 0.5), 1.0);
        assert!((share_above(&metric, 4.0) - 0.01).abs() < 1e-12);
        let mut before = 1.0;
        for step in 0..110 {
            let share = share_above(&metric, f64::from(step) * 0.1);
            assert!(share <= before + 1e-12);
            before = share;
        }
    }
}
