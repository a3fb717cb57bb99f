//! What is wrong with a scenario, and where.

use crate::catalog::UnknownRegion;
use crate::catalog::names::suggestion;
use crate::plan::PlanError;

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// A file is not TOML.
    #[error("{place} is not TOML")]
    Toml {
        /// File, or file and line.
        place: String,
        /// What the parser says, with line and column.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A key is not known.
    #[error("{place}: `{key}` is no setting of a scenario{}", suggestion(nearest))]
    UnknownKey {
        /// Where it is written.
        place: String,
        /// As it is written, made harmless.
        key: String,
        /// The nearest known ones.
        nearest: Vec<String>,
    },
    /// A value cannot be understood.
    #[error("{place}: `{key}` is {value}; expected {expected}")]
    Value {
        /// Where it is written.
        place: String,
        /// The key.
        key: String,
        /// As it is written, made harmless.
        value: String,
        /// What it should be, with an example.
        expected: String,
    },
    /// The same thing is said twice in one file.
    #[error("{place}: `{key}` is said twice; `percentile` and `rule` are the same setting")]
    Twice {
        /// Where the second is written.
        place: String,
        /// The key.
        key: String,
    },
    /// An environment without hosts.
    #[error("{place}: no host is in environment `{name}`{}", suggestion(nearest))]
    UnknownEnvironment {
        /// Where it is written.
        place: String,
        /// As it is written, made harmless.
        name: String,
        /// The nearest environments.
        nearest: Vec<String>,
    },
    /// A pattern that stands for nothing.
    #[error("{place}: `{key}` names `{pattern}`, which matches {what}")]
    MatchesNothing {
        /// Where it is written.
        place: String,
        /// The key.
        key: String,
        /// The pattern, made harmless.
        pattern: String,
        /// What it was held against, such as `no host`.
        what: &'static str,
    },
    /// A name that is no scenario.
    #[error("there is no scenario `{name}`{}", suggestion(nearest))]
    UnknownScenario {
        /// As it was asked for, made harmless.
        name: String,
        /// The nearest ones.
        nearest: Vec<String>,
    },
    /// Two files with one name.
    #[error("{first} and {second} are both scenario `{name}`")]
    SameName {
        /// The name.
        name: String,
        /// One file.
        first: String,
        /// The other.
        second: String,
    },
    /// Scenarios that are based on each other.
    #[error("scenario `{name}` is based on itself, through {through}")]
    Circle {
        /// The scenario.
        name: String,
        /// The scenarios in between.
        through: String,
    },
    /// The settings together make a policy that cannot be used.
    #[error("the policy of environment `{environment}` cannot be used: {reason}")]
    Policy {
        /// The environment.
        environment: String,
        /// What is wrong and what was expected.
        reason: String,
    },
    /// The region has no prices.
    #[error(transparent)]
    Region(#[from] UnknownRegion),
    /// No host is left.
    #[error("no host is left: `hosts.only` and `hosts.without` take all of them away")]
    NoHosts,
    /// There is nothing to plan from.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A phase of which the plan knows nothing.
    #[error("phase `{phase}` cannot be priced: {because}")]
    Phase {
        /// The phase.
        phase: String,
        /// Why, and what to do.
        because: String,
    },
    /// Several scenarios ask to be compared with.
    #[error("{first} and {second} both say `base = true`; expected one at most")]
    TwoBases {
        /// One scenario.
        first: String,
        /// The other.
        second: String,
    },
}
