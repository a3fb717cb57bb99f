//! What an audit can find: which check, how bad, what was expected and what stands there.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One question the audit asks of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Check {
    /// Every host of the telemetry has one row a phase or is ignored; no row is invented.
    Hosts,
    /// Rows stand in order of host and phase, each once.
    RowOrder,
    /// Environment, group, current type, region and policies are the assessment's.
    Membership,
    /// Telemetry can be read.
    TelemetryRead,
    /// The proposed type exists and is offered at a known price in the region.
    TypeOffered,
    /// The hourly price, its method and its month are the catalog's.
    Price,
    /// vCPUs, memory and architecture are the type's.
    ShapeColumns,
    /// The policy allows the type.
    PolicyAllows,
    /// The type offers what every dimension needs.
    RequirementsMet,
    /// No allowed offer that is cheaper has it all too.
    Cheapest,
    /// The rejected types are the nearest cheaper ones and lack what is claimed.
    Rejected,
    /// The columns about the next cheaper type repeat the first rejected one.
    NextCheaper,
    /// The binding dimension is what most rejected types lack, and the peak beside it is its own.
    Binding,
    /// The arm64, as-is and current types and their costs are right.
    Alternatives,
    /// The demand columns repeat the requirements.
    DemandColumns,
    /// Source cores were turned into vCPUs as stated, and an assumption is doubted.
    CpuEquivalence,
    /// What a shape must offer follows from the raw series by the rule.
    RequirementNumbers,
    /// How demand moves was learnt from the raw histories and what is shipped.
    Drift,
    /// No other type costs less together with the price of its risk.
    WorthItsPrice,
    /// A type on CPU credits has enough of them, by a balance followed anew.
    Credits,
    /// The peak is the highest raw value and its time the first at which it was reached.
    Peak,
    /// Each formula ends in the number that it stands beside.
    Formula,
    /// First and last sample, interval, coverage and the count of saturated intervals are the raw series'.
    Observation,
    /// The source's vCPUs and memory are those measured last, or else the assessment's.
    SourceCapacity,
    /// The share of intervals short of the proposal agrees with the raw series.
    Violation,
    /// Idle hosts and zombies are those of the raw series.
    Activity,
    /// Volumes hold every file system once and carry every disk's load.
    VolumeNeeds,
    /// Volumes are large and fast enough and within the limits of their kind.
    VolumeLimits,
    /// The lines of a volume are the catalog's prices of what is provisioned.
    VolumePrice,
    /// No other kind of volume would carry the same for less.
    VolumeCheapest,
    /// A row's costs follow from its price and volumes.
    RowCost,
    /// Every bill line is quantity times price, and a host's lines add up to its row.
    BillLines,
    /// The bill's totals are the sums of its lines, and count the unknown ones.
    BillTotals,
    /// The estate's sums are those of the rows.
    Summary,
    /// What is not known is absent, never zero, and a word says why.
    Unknown,
    /// Keep, change or undecided follows from the row.
    Proposal,
    /// The confidence is the product of its doubts.
    Confidence,
    /// Hosts to retire are the rows found idle, with what the bill says they cost.
    Retire,
    /// What scales has each host once, types that hold its memory, and a bill that follows from the replay's seconds.
    Scaling,
    /// Services have a class that holds what is asked at the catalog's price, and the bills of both phases add up.
    Phases,
    /// Identity, age and staleness of the catalog are right for the day of the plan.
    CatalogStamp,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The plan contradicts its own sources.
    Error,
    /// The plan may stand, but says less than it should or rests on something weak.
    Warning,
}

/// One contradiction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[must_use = "a finding that nobody reads changes nothing"]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The host; absent where the whole plan is meant.
    pub host: Option<String>,
    /// Which question was answered with no.
    pub check: Check,
    /// What should stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// What it is about, in words.
    pub words: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.host.as_deref().unwrap_or("plan");
        write!(
            out,
            "{place}: {}: expected {}, found {}",
            self.words, self.expected, self.found
        )
    }
}

/// Everything that was checked and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[must_use = "an unread audit is no audit"]
pub struct AuditReport {
    /// How often each question was asked; what is missing here was not checked.
    pub checks_run: BTreeMap<Check, usize>,
    /// Contradictions, in order of host.
    pub findings: Vec<Finding>,
}

impl AuditReport {
    /// Says whether nothing at all was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Gives the findings that make the plan wrong.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
    }
}
