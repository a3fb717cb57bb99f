//! Breaches that were looked into, and what they are.
//!
//! Input: a law, what breaks it and where. Output: the reason, if there is one.
//! A new breach has none and is a violation until someone looks at it.

use super::Check;

/// Where an exception holds.
#[derive(Clone, Copy)]
enum Place {
    Anywhere,
    In(&'static str),
}

use Place::{Anywhere, In};

/// A breach with a reason: subjects that start with the text, at the place.
type Exception = (Check, &'static str, Place, &'static str);

const ONE_GPU_AGAINST_FOUR: &str =
    "a fact of AWS: the 16xlarge has one GPU, the 12xlarge four, with network and price to match";
const BURST_ENDS: &str = "a fact of AWS: the 4xlarge bursts to 25 Gbit/s, the 8xlarge has 18.75 for ever";
const DEDICATED_DOUBLE: &str = "the source holds 2 × 1.06 of the size's price: the dedicated-tenancy price of twice the size; too dear, so never chosen";
const RATIO_OF_ANOTHER_FAMILY: &str =
    "the bare-metal price is an estimate from another family's region ratio, the size's is listed";
const METAL_RUN: &str = "one CoreMark run on bare metal with 192 vCPU, far below what the same CPU shows with a hypervisor; the family figure is the steadier one";
const FULL_HOST_RUN: &str = "one CoreMark run on a whole host without neighbours, above what smaller sizes show";
const WHOLE_CORE: &str = "one vCPU whose sibling thread is idle, so it ran as a whole core";
const T8I: &str =
    "the sources state no baseline for t8i, and do not mark it burstable; it must not be sized as a fixed type";
const UPFRONT_TOO_LOW: &str =
    "the upfront fee of the source is too low by a factor of about three to four; use the discounts of other regions";
const MILAN: &str = "the source has 8xlarge and 16xlarge of m5 and r5 for MySQL 17 % below the family's line in eu-south-1; the other sizes agree with PostgreSQL's";
const T1: &str = "the first T type, of 2010: AWS never stated its baseline";
const MILAN_TWIN: &str =
    "the Aurora price is in line; the price of RDS MySQL in eu-south-1 that it is compared with is not";
const COARSE_ROUNDING: &str = "a small price in a region whose list is rounded to 0.01 USD";
const ROUNDED_APART: &str = "the source rounds the two small prices apart";
const RATES_OF_SYDNEY: &str =
    "the source has the reserved rates of ap-southeast-2 here; the on-demand price is in line";
const RATE_DOUBTFUL: &str =
    "one reserved rate of the source is out of line with its neighbours; use the family's discount";
const VALKEY_MICRO: &str = "the rate without upfront payment is rounded to 0.001 USD, here by 6 %";
const EBS_REGION_TOO_NEW: &str = "the EBS source (2022-02) is older than the region; the price is unknown";
const NO_SOURCE: &str = "no source has a price: newest or accelerated families";

/// Breaches with a reason, by law.
const EXCEPTIONS: &[Exception] = &[
    (
        Check::BiggerIsNotSmaller,
        "g5.16xlarge against g5.12xlarge",
        Anywhere,
        ONE_GPU_AGAINST_FOUR,
    ),
    (
        Check::BiggerIsNotSmaller,
        "g6.16xlarge against g6.12xlarge",
        Anywhere,
        ONE_GPU_AGAINST_FOUR,
    ),
    (
        Check::BiggerIsNotSmaller,
        "g6e.16xlarge against g6e.12xlarge",
        Anywhere,
        ONE_GPU_AGAINST_FOUR,
    ),
    (
        Check::BiggerIsNotSmaller,
        "i4g.8xlarge against i4g.4xlarge",
        Anywhere,
        BURST_ENDS,
    ),
    (
        Check::BiggerIsNotSmaller,
        "i4i.8xlarge against i4i.4xlarge",
        Anywhere,
        BURST_ENDS,
    ),
    (
        Check::BiggerIsNotCheaper,
        "g5.16xlarge against g5.12xlarge",
        Anywhere,
        ONE_GPU_AGAINST_FOUR,
    ),
    (
        Check::BiggerIsNotCheaper,
        "g6.16xlarge against g6.12xlarge",
        Anywhere,
        ONE_GPU_AGAINST_FOUR,
    ),
    (
        Check::BiggerIsNotCheaper,
        "g6e.16xlarge against g6e.12xlarge",
        Anywhere,
        ONE_GPU_AGAINST_FOUR,
    ),
    (
        Check::MetalCostsTheSame,
        "m8gb.metal-24xl",
        In("us-east-1"),
        DEDICATED_DOUBLE,
    ),
    (
        Check::MetalCostsTheSame,
        "r8gb.metal-24xl",
        In("us-east-1"),
        DEDICATED_DOUBLE,
    ),
    (
        Check::MetalCostsTheSame,
        "c8g.metal-",
        In("ap-southeast-4"),
        RATIO_OF_ANOTHER_FAMILY,
    ),
    (
        Check::MetalCostsTheSame,
        "x8g.metal-",
        In("eu-central-1"),
        RATIO_OF_ANOTHER_FAMILY,
    ),
    (Check::TypeScoreIsNearFamily, "c8gb.metal-48xl", Anywhere, METAL_RUN),
    (Check::TypeScoreIsNearFamily, "m8g.metal-48xl", Anywhere, METAL_RUN),
    (Check::TypeScoreIsNearFamily, "r8g.metal-48xl", Anywhere, METAL_RUN),
    (Check::TypeScoreIsNearFamily, "r4.16xlarge", Anywhere, FULL_HOST_RUN),
    (Check::TypeScoreIsNearFamily, "m1.small", Anywhere, WHOLE_CORE),
    (Check::TypeScoreIsNearFamily, "m1.medium", Anywhere, WHOLE_CORE),
    (Check::TypeScoreIsNearFamily, "m3.medium", Anywhere, WHOLE_CORE),
    (Check::BurstableBaselineIsKnown, "t8i.", Anywhere, T8I),
    (Check::BurstableBaselineIsKnown, "t1.micro", Anywhere, T1),
    (
        Check::MultiAzIsTwice,
        "mysql db.t2.large",
        In("us-east-2"),
        ROUNDED_APART,
    ),
    (
        Check::MultiAzIsTwice,
        "mariadb db.t2.large",
        In("us-east-2"),
        ROUNDED_APART,
    ),
    (
        Check::MultiAzIsTwice,
        "postgres db.t3.micro",
        In("af-south-1"),
        ROUNDED_APART,
    ),
    (
        Check::AuroraIsStandard,
        "aurora-mysql db.r5.8xlarge",
        In("eu-south-1"),
        MILAN_TWIN,
    ),
    (
        Check::AuroraIsStandard,
        "aurora-mysql db.r5.16xlarge",
        In("eu-south-1"),
        MILAN_TWIN,
    ),
    (
        Check::AuroraIsStandard,
        "aurora-postgresql db.r5.8xlarge",
        In("eu-south-1"),
        MILAN_TWIN,
    ),
    (
        Check::AuroraIsStandard,
        "aurora-postgresql db.r5.16xlarge",
        In("eu-south-1"),
        MILAN_TWIN,
    ),
    (
        Check::RdsScalesWithSize,
        "postgres db.m3.large",
        In("us-gov-west-1"),
        COARSE_ROUNDING,
    ),
    (
        Check::RdsScalesWithSize,
        "mysql db.t3.large",
        In("us-gov-east-1"),
        COARSE_ROUNDING,
    ),
    (
        Check::RdsScalesWithSize,
        "mysql db.t3.large",
        In("us-gov-west-1"),
        COARSE_ROUNDING,
    ),
    (
        Check::RdsScalesWithSize,
        "mariadb db.t3.large",
        In("us-gov-east-1"),
        COARSE_ROUNDING,
    ),
    (
        Check::RdsScalesWithSize,
        "mariadb db.t3.large",
        In("us-gov-west-1"),
        COARSE_ROUNDING,
    ),
    (
        Check::CommitmentsDescend,
        "redis cache.r6gd.",
        In("sa-east-1"),
        RATES_OF_SYDNEY,
    ),
    (
        Check::CommitmentsDescend,
        "valkey cache.r6gd.",
        In("sa-east-1"),
        RATES_OF_SYDNEY,
    ),
    (
        Check::CommitmentsDescend,
        "m5.large.search",
        In("ap-northeast-3"),
        RATE_DOUBTFUL,
    ),
    (
        Check::CommitmentsDescend,
        "t3.medium.search",
        In("ap-northeast-3"),
        RATE_DOUBTFUL,
    ),
    (
        Check::CommitmentsDescend,
        "t3.medium.search",
        In("eu-south-1"),
        RATE_DOUBTFUL,
    ),
    (
        Check::CommitmentsDescend,
        "valkey cache.r6g.12xlarge",
        In("eu-south-1"),
        RATE_DOUBTFUL,
    ),
    (
        Check::CommitmentsDescend,
        "valkey cache.t3.micro",
        In("il-central-1"),
        VALKEY_MICRO,
    ),
    (Check::EbsIsPricedOrNamed, "EBS", In("ap-east-2"), EBS_REGION_TOO_NEW),
    (Check::EbsIsPricedOrNamed, "EBS", In("ap-south-2"), EBS_REGION_TOO_NEW),
    (
        Check::EbsIsPricedOrNamed,
        "EBS",
        In("ap-southeast-4"),
        EBS_REGION_TOO_NEW,
    ),
    (
        Check::EbsIsPricedOrNamed,
        "EBS",
        In("ap-southeast-5"),
        EBS_REGION_TOO_NEW,
    ),
    (
        Check::EbsIsPricedOrNamed,
        "EBS",
        In("ap-southeast-6"),
        EBS_REGION_TOO_NEW,
    ),
    (
        Check::EbsIsPricedOrNamed,
        "EBS",
        In("ap-southeast-7"),
        EBS_REGION_TOO_NEW,
    ),
    (Check::EbsIsPricedOrNamed, "EBS", In("ca-west-1"), EBS_REGION_TOO_NEW),
    (Check::EbsIsPricedOrNamed, "EBS", In("eu-central-2"), EBS_REGION_TOO_NEW),
    (Check::EbsIsPricedOrNamed, "EBS", In("eu-south-2"), EBS_REGION_TOO_NEW),
    (Check::EbsIsPricedOrNamed, "EBS", In("il-central-1"), EBS_REGION_TOO_NEW),
    (Check::EbsIsPricedOrNamed, "EBS", In("me-central-1"), EBS_REGION_TOO_NEW),
    (Check::EbsIsPricedOrNamed, "EBS", In("mx-central-1"), EBS_REGION_TOO_NEW),
    (Check::RdsScalesWithSize, "mysql db.m5.8xlarge", In("eu-south-1"), MILAN),
    (
        Check::RdsScalesWithSize,
        "mysql db.m5.16xlarge",
        In("eu-south-1"),
        MILAN,
    ),
    (Check::RdsScalesWithSize, "mysql db.r5.8xlarge", In("eu-south-1"), MILAN),
    (
        Check::RdsScalesWithSize,
        "mysql db.r5.16xlarge",
        In("eu-south-1"),
        MILAN,
    ),
    (
        Check::RdsScalesWithSize,
        "mariadb db.m5.8xlarge",
        In("eu-south-1"),
        MILAN,
    ),
    (
        Check::RdsScalesWithSize,
        "mariadb db.m5.16xlarge",
        In("eu-south-1"),
        MILAN,
    ),
    (
        Check::RdsScalesWithSize,
        "mariadb db.r5.8xlarge",
        In("eu-south-1"),
        MILAN,
    ),
    (
        Check::RdsScalesWithSize,
        "mariadb db.r5.16xlarge",
        In("eu-south-1"),
        MILAN,
    ),
    (Check::CommitmentsDescend, "c5.", In("af-south-1"), UPFRONT_TOO_LOW),
    (Check::CommitmentsDescend, "i3.", In("af-south-1"), UPFRONT_TOO_LOW),
    (Check::CommitmentsDescend, "m5.", In("af-south-1"), UPFRONT_TOO_LOW),
    (Check::CommitmentsDescend, "r5.", In("af-south-1"), UPFRONT_TOO_LOW),
    (Check::CurrentIsPricedOrNamed, "", Anywhere, NO_SOURCE),
];

/// Gives the reason for a breach, if it was looked into.
pub(super) fn reason(check: Check, subject: &str, region: Option<&str>) -> Option<&'static str> {
    EXCEPTIONS
        .iter()
        .find(|(law, start, place, _)| {
            *law == check
                && subject.starts_with(start)
                && match place {
                    Anywhere => true,
                    In(code) => region == Some(*code),
                }
        })
        .map(|(.., reason)| *reason)
}
