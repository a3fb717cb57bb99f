//! Sizes one host: the cheapest offer that fits, on the policy's architectures and on arm64.

use super::candidates::{Candidates, Choice};
use super::credits::CreditFit;
use super::dimension::Dimension;
use super::equivalence::CpuEquivalence;
use super::requirement::{Requirements, SourceCapacity, Telling, before_weighing};
use super::risk::{Drift, Moves, Outlook, Outlooks};
use crate::catalog::{Architecture, Offer};
use crate::policy::{Policy, Rule};
use crate::profile::HostProfile;

/// Rejected candidates that are kept with their shortfalls.
pub const EXPLAINED: usize = 5;

/// The searches that one policy needs in one region: laid out once, used for every host.
#[derive(Debug)]
pub struct Searches<'a> {
    allowed: Candidates<'a>,
    allowed_x86: Candidates<'a>,
    arm64: Candidates<'a>,
    on_credits: Candidates<'a>,
    on_credits_x86: Candidates<'a>,
    pub(super) moves: Moves,
}

impl<'a> Searches<'a> {
    /// Lays out the offers of a region for a policy; `offers` must be sorted cheapest first.
    #[must_use]
    pub fn new(offers: &'a [Offer], policy: &Policy) -> Self {
        let on = |architecture: Architecture| policy.architectures.contains(&architecture);
        let (x86, arm) = (on(Architecture::X86_64), on(Architecture::Arm64));
        let allowed = Candidates::new(offers, policy, |shape| {
            (x86 && shape.architecture.runs_x86_64_linux()) || (arm && shape.architecture.runs_arm64_linux())
        });
        let allowed_x86 = Candidates::new(offers, policy, |shape| x86 && shape.architecture.runs_x86_64_linux());
        let arm64 = Candidates::new(offers, policy, |shape| shape.architecture.runs_arm64_linux());
        let on_credits = Candidates::on_credits(offers, policy, |shape| {
            (x86 && shape.architecture.runs_x86_64_linux()) || (arm && shape.architecture.runs_arm64_linux())
        });
        let on_credits_x86 =
            Candidates::on_credits(offers, policy, |shape| x86 && shape.architecture.runs_x86_64_linux());
        Self {
            allowed,
            allowed_x86,
            arm64,
            on_credits,
            on_credits_x86,
            moves: Moves::of(Drift::shipped()),
        }
    }

    /// Takes the drift of the fleet instead of the shipped one.
    #[must_use]
    pub fn with_drift(mut self, drift: Drift) -> Self {
        self.moves = Moves::of(drift);
        self
    }

    /// Gives the types without credits that the policy allows, without arm64 where the workload does not run there.
    pub(super) fn allowed(&self, may_be_arm64: bool) -> &Candidates<'a> {
        if may_be_arm64 { &self.allowed } else { &self.allowed_x86 }
    }

    /// Says whether the policy allows a type, on CPU credits or not.
    #[must_use]
    pub fn allow(&self, name: &str) -> bool {
        self.allowed.has(name) || self.on_credits.has(name)
    }

    /// Gives the earlier type if it may stay.
    fn kept(
        &self,
        earlier: &str,
        fresh: &Offer,
        requirements: &Requirements,
        outlooks: &Outlooks,
        equivalence: &CpuEquivalence,
        may_be_arm64: bool,
    ) -> Option<&'a Offer> {
        let allowed = if may_be_arm64 { &self.allowed } else { &self.allowed_x86 };
        let kept = allowed.fitting(earlier, requirements)?;
        let total = |offer: &Offer| {
            let cpu = offer.shape.vcpus().as_cores() * equivalence.of(&offer.shape);
            let charge = outlooks.charge(cpu, offer.shape.memory().as_bytes())?;
            Some(offer.price.amount.approximately() + charge)
        };
        (total(kept)? <= (1.0 + KEPT_WITHIN) * total(fresh)?).then_some(kept)
    }

    /// Finds the cheapest type on credits that is enough, else the cheapest that is not, below the price of the fixed one.
    #[allow(clippy::too_many_arguments, reason = "what a host is and what it needs")]
    pub(super) fn on_credits(
        &self,
        profile: &HostProfile,
        policy: &Policy,
        requirements: &Requirements,
        outlooks: Option<&Outlooks>,
        equivalence: &CpuEquivalence,
        may_be_arm64: bool,
        (fixed, earlier): (&'a Offer, Option<&str>),
    ) -> Option<OnCredits<'a>> {
        let credits = profile.credits.as_ref().filter(|_| policy.burstable)?;
        let factors = outlooks
            .and_then(|outlooks| outlooks.known()[0])
            .map_or(&[][..], Outlook::factors);
        let allowed = if may_be_arm64 {
            &self.on_credits
        } else {
            &self.on_credits_x86
        };
        // A little more of telemetry moves the balance a little; nobody wants to resize for that.
        let if_earlier = |name: &str| {
            if earlier == Some(name) {
                CREDITS_KEPT_WITHIN
            } else {
                1.0
            }
        };
        let mut found = allowed
            .below(fixed.price.amount, requirements, |shape| equivalence.of(shape))
            .filter_map(|offer| {
                let fit = CreditFit::of(credits, &offer.shape, equivalence, factors)?;
                Some(OnCredits {
                    offer,
                    fit,
                    is_enough: fit.short_expected <= policy.risk * if_earlier(&offer.shape.name),
                    fixed,
                })
            })
            .collect::<Vec<_>>()
            .into_iter();
        let first = found.next()?;
        if first.is_enough {
            return Some(first);
        }
        Some(found.find(|on_credits| on_credits.is_enough).unwrap_or(first))
    }

    /// Finds the cheapest fit among the allowed architectures, without arm64 where the workload does not run there.
    #[must_use]
    pub fn cheapest(
        &self,
        requirements: &Requirements,
        equivalence: &CpuEquivalence,
        may_be_arm64: bool,
    ) -> Choice<'a> {
        let allowed = if may_be_arm64 { &self.allowed } else { &self.allowed_x86 };
        allowed.cheapest(requirements, |shape| equivalence.of(shape), EXPLAINED)
    }
}

/// A type on CPU credits that has everything a host needs while the credits last, below the price of one without.
#[derive(Clone, Copy, Debug)]
pub struct OnCredits<'a> {
    /// The type.
    pub offer: &'a Offer,
    /// How the host would do on its credits.
    pub fit: CreditFit,
    /// Whether the credits are enough for the policy's dial, so that it is proposed.
    pub is_enough: bool,
    /// The type without credits that would be proposed.
    pub fixed: &'a Offer,
}

/// The size of one host.
#[derive(Debug)]
pub struct HostSize<'a> {
    /// What a shape must offer.
    pub requirements: Requirements,
    /// The cheapest offer that fits, and the cheaper ones that do not.
    pub choice: Choice<'a>,
    /// The cheapest fit on arm64, when the choice is not on arm64 already.
    pub arm64: Option<&'a Offer>,
    /// The dimension that decides: the one the nearest cheaper offer falls shortest in.
    pub binding: Option<Dimension>,
    /// What may be asked of the host, under rule `sizewright`.
    pub outlooks: Option<Outlooks>,
    /// What would be proposed afresh, where an earlier proposal was kept.
    pub instead_of: Option<&'a Offer>,
    /// The cheapest type on credits that is enough, else the cheapest that is not; nothing where the policy allows none.
    pub on_credits: Option<OnCredits<'a>>,
}

/// An earlier proposal is kept while its price with the price of its risk is at most this share above the new one's.
///
/// A further day of data moves the risk of neighbouring types a little; nobody wants to resize for that. Where two
/// steps of a family are as good, their totals are equal though the prices differ twofold: so totals are compared.
pub const KEPT_WITHIN: f64 = 0.30;

/// A type on CPU credits that was proposed before stays while its expected shortage is at most this many dials.
pub const CREDITS_KEPT_WITHIN: f64 = 2.0;

/// Sizes one host.
#[must_use]
pub fn size_host<'a>(
    profile: &HostProfile,
    source: SourceCapacity,
    policy: &Policy,
    equivalence: &CpuEquivalence,
    searches: &Searches<'a>,
    may_be_arm64: bool,
) -> HostSize<'a> {
    size_host_after(profile, source, policy, equivalence, searches, may_be_arm64, None)
}

/// Sizes one host that was proposed `earlier`.
///
/// Under rule `sizewright` the earlier type stays while it carries what
/// cannot be weighed, its risk is within the dial's band, and its total
/// within [`KEPT_WITHIN`] of the type that would be proposed afresh.
#[must_use]
pub fn size_host_after<'a>(
    profile: &HostProfile,
    source: SourceCapacity,
    policy: &Policy,
    equivalence: &CpuEquivalence,
    searches: &Searches<'a>,
    may_be_arm64: bool,
    earlier: Option<&str>,
) -> HostSize<'a> {
    let mut requirements = before_weighing(profile, source, policy, Telling::Words);
    let mut outlooks = None;
    if policy.rule == Rule::Sizewright {
        let own = requirements.outlooks(profile, source, policy, &searches.moves);
        let allowed = if may_be_arm64 {
            &searches.allowed
        } else {
            &searches.allowed_x86
        };
        if let Some(bought) = allowed.least_total(&requirements, &own, |shape| equivalence.of(shape)) {
            requirements.buy(&own, bought, policy, &searches.moves, Telling::Words);
        } else {
            requirements.ask_of_dial(&own, policy, &searches.moves, Telling::Words);
        }
        outlooks = Some(own);
    }
    let mut choice = searches.cheapest(&requirements, equivalence, may_be_arm64);
    let on_credits = choice.chosen.and_then(|fixed| {
        searches.on_credits(
            profile,
            policy,
            &requirements,
            outlooks.as_ref(),
            equivalence,
            may_be_arm64,
            (fixed, earlier),
        )
    });
    if let Some(taken) = on_credits.filter(|on_credits| on_credits.is_enough) {
        // With headroom on top the requirement stands: what the type has is more than was bought.
        if let Some(own) = outlooks
            .as_ref()
            .filter(|_| policy.cpu_headroom + policy.memory_headroom == 0.0)
        {
            let offered = (
                taken.offer.shape.vcpus().as_cores() * equivalence.of(&taken.offer.shape),
                taken.offer.shape.memory().as_bytes(),
            );
            requirements.buy(own, offered, policy, &searches.moves, Telling::Words);
        }
        let allowed = if may_be_arm64 {
            &searches.allowed
        } else {
            &searches.allowed_x86
        };
        choice = Choice {
            rejected: allowed.before(taken.offer, &requirements, |shape| equivalence.of(shape), EXPLAINED),
            chosen: Some(taken.offer),
        };
    }
    let mut instead_of = None;
    if let (Some(own), Some(fresh), Some(earlier)) = (&outlooks, choice.chosen, earlier)
        && earlier != fresh.shape.name
        && let Some(kept) = searches.kept(earlier, fresh, &requirements, own, equivalence, may_be_arm64)
    {
        let offered = (
            kept.shape.vcpus().as_cores() * equivalence.of(&kept.shape),
            kept.shape.memory().as_bytes(),
        );
        requirements.buy(own, offered, policy, &searches.moves, Telling::Words);
        choice = searches.cheapest(&requirements, equivalence, may_be_arm64);
        choice.chosen = Some(kept);
        instead_of = Some(fresh);
    }
    let arm64 = match choice.chosen {
        Some(chosen) if chosen.shape.architecture.runs_arm64_linux() => None,
        _ => {
            searches
                .arm64
                .cheapest(&requirements, |shape| equivalence.of(shape), 0)
                .chosen
        }
    };
    let binding = binding(&choice, &requirements, equivalence);
    HostSize {
        requirements,
        choice,
        arm64,
        binding,
        outlooks,
        instead_of,
        on_credits,
    }
}

/// Finds the dimension that keeps the proposal from being cheaper.
///
/// It is the one that most of the five nearest cheaper offers lack, the
/// relatively larger shortfall breaking ties; where nothing is cheaper, the
/// dimension in which the choice is fullest.
fn binding(choice: &Choice<'_>, requirements: &Requirements, equivalence: &CpuEquivalence) -> Option<Dimension> {
    let mut lacks: Vec<(Dimension, usize, f64)> = Vec::new();
    for shortfall in choice.rejected.iter().flat_map(|(_, shortfalls)| shortfalls) {
        let depth = shortfall
            .offered
            .map_or(1.0, |offered| 1.0 - offered / shortfall.needed);
        match lacks
            .iter_mut()
            .find(|(dimension, ..)| *dimension == shortfall.dimension)
        {
            Some((_, count, sum)) => {
                *count += 1;
                *sum += depth;
            }
            None => lacks.push((shortfall.dimension, 1, depth)),
        }
    }
    let most = lacks.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(a.2.total_cmp(&b.2)));
    if let Some((dimension, ..)) = most {
        return Some(dimension);
    }
    let shape = &choice.chosen?.shape;
    let share = |dimension: Dimension| {
        let offered = match dimension {
            Dimension::Cpu => shape.vcpus().as_cores() * equivalence.of(shape),
            Dimension::Memory => shape.memory().as_bytes(),
            _ => return 0.0,
        };
        requirements.target(dimension) / offered
    };
    [Dimension::Cpu, Dimension::Memory]
        .into_iter()
        .max_by(|a, b| share(*a).total_cmp(&share(*b)))
}
