//! Whether the proposed type carries the requirements, and nothing cheaper does.
//!
//! Input: a row's requirements and the region's wares. Every allowed type is
//! tried against every dimension; no order, index or shortcut of the search
//! that is checked is used.

use super::finding::Check;
use super::ledger::{Ledger, enough, near, shown, surely_enough};
use super::market::{Market, Ware, architecture_allowed, capacity, forbidden, memory_gib};
use super::subject::Subject;
use crate::catalog::Architecture;
use crate::plan::Rejected;
use crate::size::{CpuEquivalence, Requirement};

/// Rejected types that a row shows at most.
const SHOWN: usize = 5;

/// Checks the choice and its rejected neighbours.
pub(super) fn check(subject: &Subject<'_>, market: &Market<'_>, ledger: &mut Ledger) {
    let allowed = |ware: &Ware<'_>| {
        forbidden(ware.shape, &subject.policy).is_none() && architecture_allowed(ware.shape, &subject.policy)
    };
    let chosen = subject.row.instance_type.as_deref();
    let cheaper: Vec<Ware<'_>> = market
        .wares()
        .iter()
        .take_while(|ware| Some(ware.shape.name.as_str()) != chosen)
        .filter(|ware| allowed(ware))
        .copied()
        .collect();
    if let Some(ware) = chosen.and_then(|name| market.find(name)) {
        met(subject, ware, ledger);
    } else if chosen.is_some() {
        return;
    }
    // A proposal kept from an earlier plan need not be the cheapest; that it may be kept is checked beside the series.
    if subject.is_sized() && subject.row.proof.kept_instead_of.is_none() {
        cheapest(subject, &cheaper, ledger);
        nearest(subject, &cheaper, ledger);
    }
    for rejected in &subject.row.proof.rejected {
        claims(subject, rejected, market, ledger);
    }
}

fn met(subject: &Subject<'_>, ware: Ware<'_>, ledger: &mut Ledger) {
    let proof = &subject.row.proof;
    for requirement in &proof.requirements {
        let offered = capacity(ware.shape, requirement.dimension, &proof.cpu_equivalence);
        ledger.expect(
            Check::RequirementsMet,
            enough(requirement.target, offered),
            &format!("{} of the proposed {}", requirement.dimension.words(), ware.shape.name),
            format!("at least {}", requirement.target),
            shown(offered),
        );
    }
}

fn cheapest(subject: &Subject<'_>, cheaper: &[Ware<'_>], ledger: &mut Ledger) {
    let proof = &subject.row.proof;
    let better = cheaper
        .iter()
        .find(|ware| carries(ware, &proof.requirements, &proof.cpu_equivalence));
    ledger.expect(
        Check::Cheapest,
        better.is_none(),
        "cheapest allowed type that has everything needed",
        better.map_or("the proposed one", |ware| ware.shape.name.as_str()),
        shown(subject.row.instance_type.as_deref()),
    );
}

/// Says whether a type is enough in every dimension, beyond any rounding.
pub(super) fn carries(ware: &Ware<'_>, requirements: &[Requirement], equivalence: &CpuEquivalence) -> bool {
    requirements.iter().all(|requirement| {
        surely_enough(
            requirement.target,
            capacity(ware.shape, requirement.dimension, equivalence),
        )
    })
}

fn nearest(subject: &Subject<'_>, cheaper: &[Ware<'_>], ledger: &mut Ledger) {
    let expected: Vec<&str> = cheaper
        .iter()
        .rev()
        .take(SHOWN)
        .map(|ware| ware.shape.name.as_str())
        .collect();
    let found: Vec<&str> = subject
        .row
        .proof
        .rejected
        .iter()
        .map(|rejected| rejected.instance_type.as_str())
        .collect();
    ledger.same(
        Check::Rejected,
        "nearest cheaper types, nearest first",
        expected.join(", "),
        found.join(", "),
    );
}

/// Checks one rejected type: its figures, its price and what it is said to lack.
fn claims(subject: &Subject<'_>, rejected: &Rejected, market: &Market<'_>, ledger: &mut Ledger) {
    let check = Check::Rejected;
    let name = &rejected.instance_type;
    let Some(ware) = market.find(name) else {
        ledger.expect(check, false, "rejected type", "a type that is offered", name);
        return;
    };
    ledger.same(
        check,
        &format!("price of rejected {name}"),
        ware.price.amount.as_decimal(),
        rejected.price_usd_per_hour.as_decimal(),
    );
    ledger.same(
        check,
        &format!("vCPUs of rejected {name}"),
        ware.shape.vcpu,
        rejected.vcpu,
    );
    ledger.near(
        check,
        &format!("memory of rejected {name}, GiB"),
        memory_gib(ware.shape),
        rejected.memory_gib,
    );
    if let Some(price) = subject
        .row
        .instance_type
        .as_deref()
        .and_then(|chosen| market.find(chosen))
    {
        ledger.expect(
            check,
            ware.price.amount <= price.price.amount,
            &format!("price of rejected {name}"),
            format!("at most {}", price.price.amount.as_decimal()),
            ware.price.amount.as_decimal(),
        );
    }
    ledger.expect(
        check,
        !rejected.shortfalls.is_empty(),
        &format!("what rejected {name} lacks"),
        "at least one shortfall",
        "none",
    );
    let proof = &subject.row.proof;
    for requirement in &proof.requirements {
        let offered = capacity(ware.shape, requirement.dimension, &proof.cpu_equivalence);
        let claim = rejected
            .shortfalls
            .iter()
            .find(|shortfall| shortfall.dimension == requirement.dimension);
        let words = format!("{} of rejected {name}", requirement.dimension.words());
        match claim {
            None => {
                ledger.expect(
                    check,
                    enough(requirement.target, offered),
                    &words,
                    "a shortfall",
                    "none claimed",
                );
            }
            Some(claim) => {
                ledger.expect(
                    check,
                    !surely_enough(requirement.target, offered),
                    &words,
                    "no shortfall, since it offers enough",
                    "one claimed",
                );
                ledger.near(check, &format!("need in {words}"), requirement.target, claim.needed);
                let holds = match (offered, claim.offered) {
                    (Some(offered), Some(claimed)) => near(offered, claimed),
                    (None, None) => true,
                    _ => false,
                };
                ledger.expect(
                    check,
                    holds,
                    &format!("offer in {words}"),
                    shown(offered),
                    shown(claim.offered),
                );
            }
        }
    }
    for shortfall in &rejected.shortfalls {
        ledger.expect(
            check,
            subject.requirement(shortfall.dimension).is_some(),
            &format!("{} of rejected {name}", shortfall.dimension.words()),
            "no shortfall, since nothing is required",
            "one claimed",
        );
    }
}

/// Finds the cheapest arm64 type that the policy would allow if it allowed arm64.
pub(super) fn cheapest_arm64<'a>(subject: &Subject<'_>, market: &Market<'a>) -> Option<Ware<'a>> {
    let proof = &subject.row.proof;
    market
        .wares()
        .iter()
        .filter(|ware| {
            ware.shape.architecture == Architecture::Arm64 && forbidden(ware.shape, &subject.policy).is_none()
        })
        .find(|ware| carries(ware, &proof.requirements, &proof.cpu_equivalence))
        .copied()
}
