//! Everything a scenario can say: one row a key, from which reading, help and documentation follow.

use super::cause::Cause;
use super::value::Kind;
use crate::policy::Relational;

/// Where a key may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// At the top, for every environment, and in `[environments.NAME]`, which goes before it.
    Policy,
    /// At the top only.
    Whole,
    /// In a table, under any name.
    Table,
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name; of [`Scope::Table`] that of the table.
    pub name: &'static str,
    /// Where it may stand.
    pub scope: Scope,
    /// What its value is.
    pub kind: Kind,
    /// What a change of it is counted as; nothing where it changes no cost.
    pub cause: Option<Cause>,
    /// What it does, in a sentence.
    pub does: &'static str,
    /// A value.
    pub example: &'static str,
}

const fn key(
    name: &'static str,
    scope: Scope,
    kind: Kind,
    cause: Cause,
    example: &'static str,
    does: &'static str,
) -> Key {
    Key {
        name,
        scope,
        kind,
        cause: Some(cause),
        does,
        example,
    }
}

/// The phases of a migration that a scenario can price.
pub const PHASES: [&str; 3] = [EC2, "rehost", "replatform"];
/// Every host on EC2: no phase.
pub(super) const EC2: &str = "ec2";

/// Every key, in the order of the documentation.
pub const KEYS: [Key; 33] = {
    use Cause::{
        Architecture, Commitment, Discount, Families, Growth, HighAvailability, Hosts, Phase, Region, Schedule, Sizing,
    };
    use Scope::{Policy, Table, Whole};
    [
        key(
            "hosts.only",
            Whole,
            Kind::Words,
            Hosts,
            "prod-*",
            "Only hosts whose names match one of these patterns.",
        ),
        key(
            "hosts.without",
            Whole,
            Kind::Words,
            Hosts,
            "*-legacy-*",
            "Leaves out hosts whose names match.",
        ),
        key(
            "hosts.without_idle",
            Whole,
            Kind::Flag,
            Hosts,
            "true",
            "Leaves out hosts that do little or nothing.",
        ),
        key(
            "growth",
            Policy,
            Kind::Share(-90, 1000),
            Growth,
            "20%",
            "Multiplies CPU, memory, disk and network demand, and what the source has, by 1 + this.",
        ),
        key(
            "region",
            Whole,
            Kind::Text,
            Region,
            "ap-southeast-1",
            "Another AWS region.",
        ),
        key(
            "rule",
            Policy,
            Kind::Rule,
            Sizing,
            "compute-optimizer",
            "The sizing rule.",
        ),
        key(
            "percentile",
            Policy,
            Kind::Percentile,
            Sizing,
            "p95",
            "Sizes at a percentile of CPU and memory: the rule `migration-hub` by another name.",
        ),
        key(
            "risk",
            Policy,
            Kind::Share(0, 20),
            Sizing,
            "1%",
            "The dial of rule `sizewright`: the share of the time a host may be short of CPU.",
        ),
        key(
            "headroom",
            Policy,
            Kind::Share(0, 1000),
            Sizing,
            "20%",
            "Extra CPU and memory on top of the rule.",
        ),
        key(
            "cpu_headroom",
            Policy,
            Kind::Share(0, 1000),
            Sizing,
            "10%",
            "Extra CPU; goes before `headroom`.",
        ),
        key(
            "memory_headroom",
            Policy,
            Kind::Share(0, 1000),
            Sizing,
            "25%",
            "Extra memory; goes before `headroom`.",
        ),
        key(
            "disk_headroom",
            Policy,
            Kind::Share(0, 1000),
            Sizing,
            "20%",
            "Extra disk operations and throughput.",
        ),
        key(
            "network_headroom",
            Policy,
            Kind::Share(0, 1000),
            Sizing,
            "20%",
            "Extra network bandwidth.",
        ),
        key(
            "cap_at_source",
            Policy,
            Kind::Flag,
            Sizing,
            "false",
            "Whether no more CPU or memory is asked for than the source has.",
        ),
        key(
            "minimum_vcpus",
            Policy,
            Kind::Count,
            Sizing,
            "2",
            "Fewest vCPUs of a proposal.",
        ),
        key(
            "minimum_memory",
            Policy,
            Kind::Gibibytes,
            Sizing,
            "2 GiB",
            "Least memory of a proposal.",
        ),
        key(
            "minimum_confidence",
            Policy,
            Kind::Share(0, 100),
            Sizing,
            "50%",
            "Confidence below which a host is shown at its present size.",
        ),
        key(
            "storage_growth",
            Policy,
            Kind::Share(0, 1000),
            Sizing,
            "30%",
            "Growth of the used storage over the planning horizon.",
        ),
        key(
            "storage_fill",
            Policy,
            Kind::Share(5, 100),
            Sizing,
            "80%",
            "How full a volume may be at the end of the horizon.",
        ),
        key(
            "architectures",
            Policy,
            Kind::Architectures,
            Architecture,
            "x86_64,arm64",
            "Architectures that may be proposed.",
        ),
        key(
            "families",
            Policy,
            Kind::Words,
            Families,
            "m7*,r7*",
            "Families that may be proposed, as patterns.",
        ),
        key(
            "excluded_families",
            Policy,
            Kind::Words,
            Families,
            "*-flex",
            "Families that may not be proposed, as patterns.",
        ),
        key(
            "previous_generations",
            Policy,
            Kind::Flag,
            Families,
            "true",
            "Whether previous generations may be proposed.",
        ),
        key(
            "burstable",
            Policy,
            Kind::Flag,
            Families,
            "true",
            "Whether types on CPU credits may be proposed.",
        ),
        key(
            "high_availability",
            Policy,
            Kind::Flag,
            HighAvailability,
            "true",
            "Gives each host that has no other of its group a second copy in another zone.",
        ),
        key(
            "phase",
            Whole,
            Kind::OneOf(&PHASES),
            Phase,
            "replatform",
            "What the plan moves to managed services: nothing (`ec2`), relational databases (`rehost`), or all (`replatform`).",
        ),
        key(
            "relational",
            Policy,
            Kind::OneOf(&Relational::WORDS),
            Phase,
            "aurora",
            "Where a phase takes PostgreSQL and MySQL: `rds`, `aurora` (the cheaper kind of it) or `cheapest`; what somebody said of one database stays.",
        ),
        key(
            "schedule",
            Policy,
            Kind::Schedule,
            Schedule,
            "Mon-Fri 08-19",
            "Hours in which hosts run; volumes are paid for all the same, and so are committed instances.",
        ),
        key(
            "purchase",
            Policy,
            Kind::Purchase,
            Commitment,
            "compute-savings-plan-3y",
            "How all instances are paid for; `optimised` is the mix of plans, reservations, spot and on demand that is expected to cost least.",
        ),
        key(
            "discounts",
            Table,
            Kind::Share(0, 100),
            Discount,
            "8%",
            "Private prices: per cent off `ec2`, `ebs`, a managed service such as `rds`, or a family pattern such as \"m7*\", which goes before `ec2`.",
        ),
        key(
            "prices",
            Table,
            Kind::Price,
            Discount,
            "0.1512 from our agreement of 2026-04",
            "Prices of your own, each with its source: for an hour of an instance type, or for a unit of an item of the managed services' bill; no discount or commitment goes on top.",
        ),
        Key {
            name: "on_premises",
            scope: Whole,
            kind: Kind::Dollars,
            cause: None,
            does: "What the hosts cost a month today, US dollars; shown beside the scenario.",
            example: "41000",
        },
        Key {
            name: "description",
            scope: Whole,
            kind: Kind::Text,
            cause: None,
            does: "A sentence for the reader.",
            example: "every host on Graviton",
        },
    ]
};

impl Key {
    /// Finds the key of a path such as `headroom`, `environments.production.headroom` or `discounts.ec2`.
    #[must_use]
    pub fn of(path: &Path) -> Option<&'static Self> {
        KEYS.iter().find(|key| match (key.scope, path) {
            (Scope::Policy | Scope::Whole, Path::Whole(name)) => key.name == name,
            (Scope::Policy, Path::Environment(_, name)) => key.name == name,
            (Scope::Table, Path::Table(table, _)) => key.name == table,
            _ => false,
        })
    }
}

/// Where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// `headroom`, `hosts.only`.
    Whole(String),
    /// `environments.NAME.headroom`.
    Environment(String, String),
    /// `discounts.NAME`.
    Table(String, String),
}

impl Path {
    /// Reads the parts of a key as they are written.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        match parts {
            ["environments", name @ .., key] if !name.is_empty() => {
                Self::Environment(name.join("."), (*key).to_string())
            }
            [table, name @ ..] if !name.is_empty() && is_table(table) => {
                Self::Table((*table).to_string(), name.join("."))
            }
            parts => Self::Whole(parts.join(".")),
        }
    }
}

fn is_table(name: &str) -> bool {
    KEYS.iter().any(|key| key.scope == Scope::Table && key.name == name)
}

impl std::fmt::Display for Path {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Path::Whole(name) => out.write_str(name),
            Path::Environment(environment, name) => write!(out, "environments.{environment}.{name}"),
            Path::Table(table, name) => write!(out, "{table}.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_example_is_a_value_of_its_key() {
        for key in KEYS {
            let texts: Vec<String> = key.example.split(',').map(str::to_string).collect();
            let texts = match key.kind {
                Kind::Words | Kind::Architectures => texts,
                _ => vec![key.example.to_string()],
            };
            key.kind.read(&texts).unwrap();
        }
    }

    #[test]
    fn no_key_is_there_twice() {
        let names: std::collections::BTreeSet<&str> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(names.len(), KEYS.len());
    }
}
