//! Whether a catalog's figures can be true.
//!
//! Input: a [`Catalog`]. Output: a [`Verification`]: for each law how much was
//! checked and what breaks it. A breach that was looked into and is a fact of
//! AWS or of a source is an exception with its reason; any other is a violation.

mod exceptions;
mod prices;
mod services;
mod shapes;

use serde::Serialize;

use super::Catalog;

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident => $law:literal,)+) => {
        /// A law that a catalog's figures should keep.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Check { $($(#[$doc])* $name,)+ }

        impl Check {
            /// All laws, in the order that tables show them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Gives the law as a sentence.
            #[must_use]
            pub const fn law(self) -> &'static str {
                match self { $(Self::$name => $law,)+ }
            }
        }
    };
}

checks! {
    /// vCPUs are what the cores carry.
    VcpuIsCoresTimesThreads => "vCPUs are cores times threads per core",
    /// Memory sizes are what AWS builds.
    MemoryIsWhole => "memory of current types is a whole number of 256 MiB",
    /// Size order holds for capacities.
    BiggerIsNotSmaller => "a bigger size of a family is in nothing smaller",
    /// A burst is not below what is always served.
    BurstIsNotBelowBaseline => "burst and maximum bandwidth are not below the baseline",
    /// The two statements about CPU credits agree.
    CreditsMatchBaseline => "credits per hour are baseline times vCPUs times 60",
    /// T types do not pass as fixed.
    BurstableBaselineIsKnown => "the CPU baseline of every T type is known",
    /// Single runs are near the family's.
    TypeScoreIsNearFamily => "a type's CoreMark per vCPU is within 25 % of its family's",
    /// Prices are in a believable range.
    PriceIsPlausible => "an EC2 price is 0.001 to 1 USD per vCPU and hour",
    /// No region is out of line.
    RegionIsInLine => "an EC2 price is 0.60 to 2.15 times that of us-east-1",
    /// Size order holds for prices.
    BiggerIsNotCheaper => "a bigger size of a family is nowhere cheaper",
    /// Bare metal costs what the same size costs.
    MetalCostsTheSame => "bare metal costs what the size with equal vCPUs costs",
    /// No current type is forgotten.
    CurrentIsPricedOrNamed => "a current type offered in a region has a price there",
    /// Regions with EC2 have EBS.
    EbsIsPricedOrNamed => "a region with EC2 prices has EBS prices",
    /// A standby doubles the price.
    MultiAzIsTwice => "RDS Multi-AZ costs twice Single-AZ within 0.5 % and rounding",
    /// Aurora is priced with Standard storage.
    AuroraIsStandard => "Aurora costs 1.05 to 1.30 times RDS MySQL, so it is not the I/O-Optimized rate",
    /// RDS sizes are multiples.
    RdsScalesWithSize => "RDS sizes from large on scale with the family's rate within 3 %",
    /// Valkey is cheaper than Redis.
    ValkeyIsFourFifths => "Valkey nodes cost 0.80 of Redis",
    /// Paying earlier is never dearer.
    CommitmentsDescend => "paying more at once or for longer is not dearer, and saves at most 65 %",
    /// More traffic is not dearer.
    EgressDescends => "a later tier of internet traffic is not dearer",
    /// Nothing is free.
    OtherPricesArePositive => "every other price is above zero",
}

/// What one breach of a law looks like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What it is about: a type, a class, a pair of them.
    pub subject: String,
    /// Where, if the law holds per region.
    pub region: Option<String>,
    /// What the catalog says.
    pub observed: String,
    /// Why it is no violation, if someone looked into it.
    pub exception: Option<&'static str>,
}

/// What came of one law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// The law.
    pub check: Check,
    /// How many facts were held against it.
    pub checked: usize,
    /// What breaks it, exceptions included.
    pub findings: Vec<Finding>,
}

impl CheckResult {
    /// Counts the breaches that have a reason.
    #[must_use]
    pub fn exceptions(&self) -> usize {
        self.findings.len() - self.violations()
    }

    /// Counts the breaches that have none.
    #[must_use]
    pub fn violations(&self) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.exception.is_none())
            .count()
    }
}

/// What came of all laws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[must_use = "an unread verification verifies nothing"]
pub struct Verification {
    /// One result per law, in the order of [`Check::ALL`].
    pub results: Vec<CheckResult>,
}

impl Verification {
    /// Says whether every breach has a reason.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.results.iter().all(|result| result.violations() == 0)
    }

    /// Gives the result of one law.
    #[must_use]
    pub fn of(&self, check: Check) -> Option<&CheckResult> {
        self.results.iter().find(|result| result.check == check)
    }
}

/// Holds a catalog against every law.
pub fn verify(catalog: &Catalog) -> Verification {
    let mut results: Vec<CheckResult> = [
        shapes::verify(catalog),
        prices::verify(catalog),
        services::verify(catalog),
    ]
    .into_iter()
    .flatten()
    .collect();
    results.sort_by_key(|result| result.check);
    Verification { results }
}

/// Collects what is held against one law.
struct Tally {
    check: Check,
    checked: usize,
    findings: Vec<Finding>,
}

impl Tally {
    const fn of(check: Check) -> Self {
        Self {
            check,
            checked: 0,
            findings: Vec::new(),
        }
    }

    /// Holds one fact against the law; the texts are made only for a breach.
    fn hold(
        &mut self,
        keeps: bool,
        subject: impl FnOnce() -> String,
        region: Option<&str>,
        observed: impl FnOnce() -> String,
    ) {
        self.checked += 1;
        if keeps {
            return;
        }
        let subject = subject();
        self.findings.push(Finding {
            exception: exceptions::reason(self.check, &subject, region),
            subject,
            region: region.map(str::to_owned),
            observed: observed(),
        });
    }

    fn finish(mut self) -> CheckResult {
        self.findings.sort();
        CheckResult {
            check: self.check,
            checked: self.checked,
            findings: self.findings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_law_is_held_once_against_something() {
        let verification = verify(Catalog::embedded());
        let held: Vec<Check> = verification.results.iter().map(|result| result.check).collect();
        assert_eq!(held, Check::ALL);
        for result in &verification.results {
            assert!(result.checked > 0, "{:?}", result.check);
        }
    }

    #[test]
    fn the_embedded_catalog_breaks_no_law_without_a_reason() {
        let violations: Vec<String> = verify(Catalog::embedded())
            .results
            .iter()
            .flat_map(|result| {
                result
                    .findings
                    .iter()
                    .filter(|finding| finding.exception.is_none())
                    .map(|finding| {
                        let region = finding.region.as_deref().unwrap_or("everywhere");
                        let (subject, observed) = (&finding.subject, &finding.observed);
                        format!("{:?}: {subject} in {region}: {observed}", result.check)
                    })
            })
            .collect();
        assert!(violations.is_empty(), "{}", violations.join("\n"));
    }
}
