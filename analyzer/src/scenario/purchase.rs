//! How instances are paid for, by name.
//!
//! Input: text such as `compute-savings-plan-3y` or `reserved-1y-all-upfront`.
//! Output: a [`Purchase`]. What an option saves is in [`super::rates`].

use std::fmt;
use std::str::FromStr;

use crate::catalog::commitment::{CommitmentTerm, Upfront};

/// How the whole use of an environment is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purchase {
    /// By the hour.
    OnDemand,
    /// Committed to, and paid for every hour whether it is used or not.
    Committed(CommitmentKind, CommitmentTerm, Upfront),
}

/// Kinds of commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommitmentKind {
    /// Reserved instances that keep their family.
    Reserved,
    /// Reserved instances that can be exchanged.
    Convertible,
    /// A savings plan over all families and regions.
    ComputeSavingsPlan,
    /// A savings plan for one family in one region.
    Ec2SavingsPlan,
}

const PLANS: [(&str, CommitmentKind); 4] = [
    ("reserved-convertible", CommitmentKind::Convertible),
    ("reserved", CommitmentKind::Reserved),
    ("compute-savings-plan", CommitmentKind::ComputeSavingsPlan),
    ("ec2-savings-plan", CommitmentKind::Ec2SavingsPlan),
];
const TERMS: [(&str, CommitmentTerm); 2] = [("1y", CommitmentTerm::OneYear), ("3y", CommitmentTerm::ThreeYears)];
/// What nobody asks for is paid monthly: it claims the least.
const UPFRONTS: [(&str, Upfront); 4] = [
    ("", Upfront::None),
    ("-no-upfront", Upfront::None),
    ("-partial-upfront", Upfront::Partial),
    ("-all-upfront", Upfront::All),
];

impl Purchase {
    /// What to write, for messages.
    pub const EXPECTED: &'static str = "on-demand, or reserved, reserved-convertible, compute-savings-plan or \
         ec2-savings-plan with -1y or -3y, and perhaps -partial-upfront or -all-upfront, such as \
         `compute-savings-plan-3y`";

    /// Says whether every hour is paid for, used or not.
    #[must_use]
    pub const fn is_committed(self) -> bool {
        matches!(self, Self::Committed(..))
    }

    /// Says it for a line of a bill.
    #[must_use]
    pub fn words(self) -> String {
        let Self::Committed(plan, term, upfront) = self else {
            return "on demand".to_string();
        };
        let plan = match plan {
            CommitmentKind::Reserved => "reserved",
            CommitmentKind::Convertible => "reserved convertible",
            CommitmentKind::ComputeSavingsPlan => "Compute Savings Plan",
            CommitmentKind::Ec2SavingsPlan => "EC2 Instance Savings Plan",
        };
        let term = match term {
            CommitmentTerm::OneYear => "1 year",
            CommitmentTerm::ThreeYears => "3 years",
        };
        let upfront = match upfront {
            Upfront::None => "no upfront",
            Upfront::Partial => "partial upfront",
            Upfront::All => "all upfront",
        };
        format!("{plan}, {term}, {upfront}")
    }
}

impl FromStr for Purchase {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "on-demand" {
            return Ok(Self::OnDemand);
        }
        // A savings plan without further words is the one that holds for all families.
        let plain = text
            .strip_prefix("savings-plan-")
            .map(|rest| format!("compute-savings-plan-{rest}"));
        let text = plain.as_deref().unwrap_or(text);
        let found = PLANS.iter().find_map(|(name, plan)| {
            let rest = text.strip_prefix(name)?.strip_prefix('-')?;
            let (term, rest) = TERMS
                .iter()
                .find_map(|(name, term)| Some((*term, rest.strip_prefix(name)?)))?;
            let (_, upfront) = UPFRONTS.iter().find(|(name, _)| *name == rest)?;
            Some(Self::Committed(*plan, term, *upfront))
        });
        found.ok_or(())
    }
}

impl fmt::Display for Purchase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Committed(plan, term, upfront) = self else {
            return out.write_str("on-demand");
        };
        let plan = PLANS
            .iter()
            .find(|(_, known)| known == plan)
            .map_or("", |(name, _)| name);
        let term = TERMS
            .iter()
            .find(|(_, known)| known == term)
            .map_or("", |(name, _)| name);
        let upfront = UPFRONTS
            .iter()
            .find(|(_, known)| known == upfront)
            .map_or("", |(name, _)| name);
        write!(out, "{plan}-{term}{upfront}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_option_reads_back_as_itself() {
        for (plan, _) in PLANS {
            for (term, _) in TERMS {
                for (upfront, _) in UPFRONTS {
                    let text = format!("{plan}-{term}{upfront}");
                    let purchase: Purchase = text.parse().unwrap();
                    assert_eq!(purchase.to_string().parse::<Purchase>().unwrap(), purchase);
                    assert!(purchase.is_committed());
                }
            }
        }
        assert_eq!("on-demand".parse::<Purchase>().unwrap(), Purchase::OnDemand);
        let short: Purchase = "savings-plan-3y".parse().unwrap();
        assert_eq!(short.to_string(), "compute-savings-plan-3y");
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for text in [
            "",
            "reserved",
            "reserved-2y",
            "reserved-1y-",
            "savings-plan",
            "spot",
            "reserved-1y-half",
        ] {
            assert!(text.parse::<Purchase>().is_err(), "{text}");
        }
    }
}
