//! How instances are paid for, by name.
//!
//! Input: text such as `compute-savings-plan-3y`, `reserved-1y-all-upfront` or
//! `optimised`. Output: a [`Buying`]; what a kind costs is in
//! [`crate::price::purchase`], what is optimal in [`super::optimised`].

use std::fmt;

use crate::catalog::commitment::{CommitmentTerm, Upfront};
use crate::price::purchase::PurchaseKind;

/// What to write, for messages.
pub(super) const EXPECTED: &str = "on-demand, optimised, spot, or reserved, convertible, compute-savings-plan or \
     instance-savings-plan with -1y or -3y, and perhaps -partial-upfront or -all-upfront, such as \
     `compute-savings-plan-3y`";

/// What the best mix is called.
const OPTIMISED: &str = "optimised";

/// How instances are paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buying {
    /// All in one way.
    All(PurchaseKind),
    /// The mix of plans, reservations, spot and on demand that is expected to cost least.
    Optimised,
}

impl fmt::Display for Buying {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(kind) => write!(out, "{kind}"),
            Self::Optimised => out.write_str(OPTIMISED),
        }
    }
}

/// Reads the name of a way to pay: its code, of which `-no-upfront` may be left out.
pub(super) fn read(text: &str) -> Option<Buying> {
    if text == OPTIMISED || text == "optimized" {
        return Some(Buying::Optimised);
    }
    kind(text).map(Buying::All)
}

fn kind(text: &str) -> Option<PurchaseKind> {
    // A savings plan without further words is the one that holds for all families.
    let plain = text
        .strip_prefix("savings-plan-")
        .map(|rest| format!("compute-savings-plan-{rest}"));
    let text = plain.as_deref().unwrap_or(text);
    known().into_iter().find(|kind| {
        let code = kind.code();
        code == text || code.strip_suffix("-no-upfront") == Some(text)
    })
}

/// Gives every way to pay for instances.
fn known() -> Vec<PurchaseKind> {
    let kinds: [fn(CommitmentTerm, Upfront) -> PurchaseKind; 4] = [
        PurchaseKind::Reserved,
        PurchaseKind::Convertible,
        PurchaseKind::InstanceSavingsPlan,
        PurchaseKind::ComputeSavingsPlan,
    ];
    let mut all = vec![PurchaseKind::OnDemand, PurchaseKind::Spot];
    for kind in kinds {
        for term in [CommitmentTerm::OneYear, CommitmentTerm::ThreeYears] {
            all.extend([Upfront::None, Upfront::Partial, Upfront::All].map(|upfront| kind(term, upfront)));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_way_reads_back_as_itself() {
        for kind in known() {
            assert_eq!(read(&kind.code()), Some(Buying::All(kind)));
        }
        let plan = Buying::All(PurchaseKind::ComputeSavingsPlan(
            CommitmentTerm::ThreeYears,
            Upfront::None,
        ));
        assert_eq!(read(&Buying::Optimised.to_string()), Some(Buying::Optimised));
        assert_eq!(read("savings-plan-3y"), Some(plan));
        assert_eq!(read("compute-savings-plan-3y"), Some(plan));
    }

    #[test]
    fn what_is_no_way_is_refused() {
        for text in [
            "",
            "reserved",
            "reserved-2y",
            "reserved-1y-",
            "savings-plan",
            "reserved-1y-half",
            "database",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
