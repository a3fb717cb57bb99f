//! Whether a type on CPU credits would have been enough: the balance followed once more, at the type's own rate.
//!
//! Input: the raw CPU series and the row. Output: findings where the credits
//! lasted for less than the row claims, or the type is not worth taking.

use super::demand::HostDemand;
use super::finding::Check;
use super::ledger::{Ledger, shown};
use super::market::{Market, cores_per_vcpu, is_on_credits};
use super::subject::Subject;
use crate::catalog::CpuPerformance;

/// A type kept from an earlier plan may be short for so many dials.
const DIALS: f64 = 2.0;

/// Checks a proposal on CPU credits; nothing to check where the proposal is on none.
pub(super) fn check(subject: &Subject<'_>, demand: &HostDemand, market: &Market<'_>, ledger: &mut Ledger) {
    let (row, proof) = (subject.row, &subject.row.proof);
    let chosen = row.instance_type.as_deref().and_then(|name| market.find(name));
    let Some(ware) = chosen.filter(|ware| is_on_credits(ware.shape)) else {
        let claims = proof.on_credits.as_ref().is_some_and(|one| one.is_proposed);
        ledger.expect(
            Check::Credits,
            !claims,
            "type on CPU credits that is said to be proposed",
            "none",
            claims,
        );
        return;
    };
    let check = Check::Credits;
    let Some(claim) = &proof.on_credits else {
        ledger.expect(
            check,
            false,
            "what is said of the type on CPU credits",
            "its balance",
            "nothing",
        );
        return;
    };
    ledger.same(
        check,
        "type on CPU credits",
        ware.shape.name.as_str(),
        claim.instance_type.as_str(),
    );
    let dearer = market.find(&claim.instead_of);
    ledger.expect(
        check,
        dearer.is_some_and(|dearer| ware.price.amount < dearer.price.amount && !is_on_credits(dearer.shape)),
        "type without credits that it is taken instead of",
        format!("one dearer than {}", ware.price.amount.as_decimal()),
        shown(dearer.map(|dearer| dearer.price.amount.as_decimal())),
    );
    ledger.expect(
        check,
        claim.fit.short_expected <= DIALS * subject.policy.risk + 1e-6,
        "expected share of the time in which credits are not enough",
        format!("at most {}", DIALS * subject.policy.risk),
        claim.fit.short_expected,
    );
    let (CpuPerformance::Burstable(terms), Some(cpu)) = (ware.shape.cpu_performance, &demand.cpu) else {
        ledger.expect(
            check,
            false,
            "credits of the proposed type",
            "known ones",
            "unknown ones",
        );
        return;
    };
    let baseline = terms.credits_per_hour / 60.0 * cores_per_vcpu(ware.shape, &proof.cpu_equivalence);
    let share = share_without(&cpu.at_ms, &cpu.values, proof.interval_s / 3600.0, baseline);
    ledger.expect(
        check,
        share <= claim.fit.short_measured + 2e-6,
        "share of the measured time in which credits were not enough",
        format!("at most the {} that are stated", claim.fit.short_measured),
        share,
    );
}

/// Follows one balance and gives the share of the time in which it could not pay.
fn share_without(at_ms: &[i64], values: &[f64], usual_hours: f64, baseline: f64) -> f64 {
    let mut balance = 0.0;
    let (mut all, mut without) = (0.0, 0.0);
    for (row, demand) in values.iter().enumerate() {
        let since = row
            .checked_sub(1)
            .map_or(f64::INFINITY, |before| (at_ms[row] - at_ms[before]) as f64 / 3.6e6);
        let hours = since.min(usual_hours);
        all += hours;
        balance += (baseline - demand) * hours;
        if balance < 0.0 {
            without += hours;
            balance = 0.0;
        } else if balance > 24.0 * baseline {
            balance = 24.0 * baseline;
        }
    }
    without / all
}
