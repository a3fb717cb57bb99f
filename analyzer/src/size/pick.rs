//! The choice for one host and nothing but the choice: what a what-if asks ten thousand times.
//!
//! Input and outcome are those of [`super::size_host`], through the same
//! arithmetic and searches; no formula is written, no rejected type explained
//! and no alternative looked for. A test holds both to the same type.

use super::equivalence::CpuEquivalence;
use super::host::Searches;
use super::requirement::{SourceCapacity, Telling, before_weighing};
use super::risk::{Outlooks, outlooks};
use crate::catalog::Offer;
use crate::policy::{Policy, Rule};
use crate::profile::HostProfile;

/// What is chosen for a host, and how likely it is too small.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pick<'a> {
    /// The offer; nothing when none fits.
    pub offer: Option<&'a Offer>,
    /// At most this share of the time short of CPU or memory is expected (the sum of both); absent where neither was measured.
    ///
    /// The yardstick is the same for every rule: the host's outlook by the
    /// drift of the searches, where as much as the source has is never short.
    pub short: Option<f64>,
}

/// Picks the type of one host.
#[must_use]
pub fn pick<'a>(
    profile: &HostProfile,
    source: SourceCapacity,
    policy: &Policy,
    equivalence: &CpuEquivalence,
    searches: &Searches<'a>,
    may_be_arm64: bool,
) -> Pick<'a> {
    let mut requirements = before_weighing(profile, source, policy, Telling::Nothing);
    let allowed = searches.allowed(may_be_arm64);
    let mut own = None;
    if policy.rule == Rule::Sizewright {
        let outlooks = requirements.outlooks(profile, source, policy, &searches.moves);
        match allowed.least_total(&requirements, &outlooks, |shape| equivalence.of(shape)) {
            Some(bought) => requirements.buy(&outlooks, bought, policy, &searches.moves, Telling::Nothing),
            None => requirements.ask_of_dial(&outlooks, policy, &searches.moves, Telling::Nothing),
        }
        own = Some(outlooks);
    }
    let mut offer = allowed.cheapest(&requirements, |shape| equivalence.of(shape), 0).chosen;
    if policy.burstable
        && let Some(fixed) = offer
    {
        let on_credits = searches.on_credits(
            profile,
            policy,
            &requirements,
            own.as_ref(),
            equivalence,
            may_be_arm64,
            (fixed, None),
        );
        offer = on_credits
            .filter(|on_credits| on_credits.is_enough)
            .map_or(offer, |on_credits| Some(on_credits.offer));
    }
    let short = offer.and_then(|offer| {
        let capped = own.filter(|_| policy.cap_at_source);
        let yardstick = capped.unwrap_or_else(|| {
            let capped = Policy {
                cap_at_source: true,
                ..policy.clone()
            };
            outlooks(profile, source, &capped, &searches.moves, [0.0; 2])
        });
        expected(&yardstick, offer, equivalence)
    });
    Pick { offer, short }
}

/// Gives the expected share of the time short of CPU or memory, at most; nothing where neither was measured.
fn expected(outlooks: &Outlooks, offer: &Offer, equivalence: &CpuEquivalence) -> Option<f64> {
    let cpu = offer.shape.vcpus().as_cores() * equivalence.of(&offer.shape);
    let known = outlooks.expected(cpu, offer.shape.memory().as_bytes());
    let sum = known
        .into_iter()
        .flatten()
        .map(|short| short.share)
        .reduce(|a, b| a + b)?;
    Some(sum.min(1.0))
}
