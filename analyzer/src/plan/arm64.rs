//! Would a host's workload run on arm64? Input: services, packages and programs that discovery found on it. Output: a remark in words.
//!
//! Discovery sees what runs, which packages of other makers are there (`arm64-packages.toml` says which of those exist
//! for arm64, with its source), and for which processor programs outside the system's folders were built. A native
//! extension of an interpreter may still hold code for x86-64 only. So the remark says what it rests on and what is to
//! be checked; only what `assessment.toml` states keeps arm64 from being taken or lets it be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;
use telemetry::inventory::{Category, Service};

/// Runs what does not depend on the processor, natively built extensions apart.
const INTERPRETED: [&str; 10] = [
    "celery", "gunicorn", "nodejs", "php-fpm", "puma", "python", "ruby", "sidekiq", "uvicorn", "uwsgi",
];
/// Runs on a Java virtual machine, native libraries apart.
const ON_JVM: [&str; 15] = [
    "activemq",
    "cassandra",
    "elasticsearch",
    "hazelcast",
    "jenkins",
    "jvm",
    "kafka",
    "kafka-connect",
    "neo4j",
    "opensearch",
    "pulsar",
    "puppet-server",
    "solr",
    "tomcat",
    "zookeeper",
];
/// Has packages for arm64 in the distributions or from its maker.
const PACKAGED: [&str; 48] = [
    "apache",
    "caddy",
    "ceph",
    "clickhouse",
    "cockroachdb",
    "consul",
    "containerd",
    "couchdb",
    "docker",
    "dotnet",
    "envoy",
    "etcd",
    "glusterfs",
    "grafana",
    "haproxy",
    "influxdb",
    "keepalived",
    "keydb",
    "kubelet",
    "lighttpd",
    "mariadb",
    "memcached",
    "minio",
    "mongodb",
    "mongodb-router",
    "mosquitto",
    "mysql",
    "nats",
    "nfs-server",
    "nginx",
    "patroni",
    "pgbouncer",
    "pgpool",
    "podman",
    "postgresql",
    "prometheus",
    "proxysql",
    "rabbitmq",
    "redis",
    "samba",
    "scylladb",
    "squid",
    "traefik",
    "valkey",
    "varnish",
    "vault",
    "wildfly",
    "zabbix-server",
];
/// Its maker sells nothing for Linux on arm64.
const NOT_FOR_ARM64: [&str; 2] = ["db2", "sql-server"];
/// Programs that run others: a build for arm64 takes their place.
const RUN_TIMES: [&str; 8] = ["dotnet", "java", "node", "perl", "php", "php-fpm", "python", "ruby"];
/// Things of one kind that a remark names.
const NAMED: usize = 6;

/// What discovery found on a host that tells for which processor it works.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence<'a> {
    /// Services that run.
    pub(super) services: &'a [&'a Service],
    /// Names of the packages that matter.
    pub(super) packages: &'a [&'a str],
    /// Programs that no package of the system brought: path, and the processor each was built for.
    pub(super) programs: &'a [(&'a str, &'a str)],
}

/// What a thing says of arm64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    NotSold,
    Interpreted,
    OnJvm,
    Packaged,
    RunTime,
    ToCheck,
    BuiltForX86,
    NotKnown,
}

impl Kind {
    const fn words(self) -> &'static str {
        match self {
            Self::NotSold => "not sold for arm64",
            Self::Interpreted => "interpreted",
            Self::OnJvm => "on the JVM",
            Self::Packaged => "packaged for arm64",
            Self::RunTime => "run times built for x86-64, to be replaced by those for arm64",
            Self::ToCheck => "to be checked",
            Self::BuiltForX86 => "built for x86-64, to be checked",
            Self::NotKnown => "not known whether its maker packages it for arm64",
        }
    }
}

#[derive(Deserialize)]
struct Document {
    source: Vec<Source>,
}

/// What one source says of packages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    says: Says,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for who reads the file; a test holds that it is there")
    )]
    month: String,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for who reads the file; a test holds that it is there")
    )]
    source: String,
    /// Beginnings of names.
    packages: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Says {
    Offered,
    NotOffered,
    NotKnown,
}

static PACKAGES: &str = include_str!("arm64-packages.toml");

fn sources() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    // A test reads the file as strictly; a program with a broken one says nothing rather than something wrong.
    SOURCES.get_or_init(|| toml::from_str::<Document>(PACKAGES).map_or_else(|_| Vec::new(), |document| document.source))
}

/// Says what is known of a package of a maker outside the distributions; nothing of others.
fn of_package(name: &str) -> Option<Kind> {
    let name = name.to_ascii_lowercase();
    let says = sources()
        .iter()
        .find(|source| {
            source
                .packages
                .iter()
                .any(|beginning| name.starts_with(beginning.as_str()))
        })?
        .says;
    Some(match says {
        Says::Offered => Kind::Packaged,
        Says::NotOffered => Kind::NotSold,
        Says::NotKnown => Kind::NotKnown,
    })
}

/// Says what a program tells by the processor it was built for; nothing where that is arm64 already.
fn of_program(path: &str, built_for: &str) -> Option<Kind> {
    if built_for != "x86-64" && built_for != "x86, 32 bits" {
        return None;
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    let name = file.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    Some(if RUN_TIMES.contains(&name) {
        Kind::RunTime
    } else {
        Kind::BuiltForX86
    })
}

fn of_service(service: &Service) -> Option<Kind> {
    let product = service.product.as_str();
    match product {
        _ if NOT_FOR_ARM64.contains(&product) => Some(Kind::NotSold),
        _ if INTERPRETED.contains(&product) => Some(Kind::Interpreted),
        _ if ON_JVM.contains(&product) => Some(Kind::OnJvm),
        _ if PACKAGED.contains(&product) => Some(Kind::Packaged),
        // The system's own services come with the system.
        _ if service.category == Category::Infrastructure => None,
        _ => Some(Kind::ToCheck),
    }
}

/// Says what discovery found that speaks for and against arm64; nothing where it found nothing that does.
pub(super) fn remark(evidence: Evidence<'_>) -> Option<String> {
    let services = evidence
        .services
        .iter()
        .map(|service| (of_service(service), service.product.as_str()));
    let packages = evidence.packages.iter().map(|name| (of_package(name), *name));
    let programs = evidence
        .programs
        .iter()
        .map(|(path, built_for)| (of_program(path, built_for), *path));
    let mut kinds: BTreeMap<Kind, BTreeSet<&str>> = BTreeMap::new();
    for (kind, name) in services.chain(packages).chain(programs) {
        if let Some(kind) = kind {
            kinds.entry(kind).or_default().insert(name);
        }
    }
    if kinds.is_empty() {
        return None;
    }
    let found: Vec<String> = kinds
        .iter()
        .map(|(kind, names)| {
            let more = names.len().saturating_sub(NAMED);
            let rest = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let named = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            format!("{}: {named}{rest}", kind.words())
        })
        .collect();
    let to_check = [Kind::ToCheck, Kind::BuiltForX86, Kind::NotKnown];
    let verdict = if kinds.contains_key(&Kind::NotSold) {
        "arm64 is out while this stays"
    } else if to_check.iter().any(|kind| kinds.contains_key(kind)) {
        "arm64 needs a look at what is to be checked"
    } else {
        "arm64 is likely to do, native extensions and own programs apart"
    };
    Some(format!("{verdict} (discovery found {})", found.join("; ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use telemetry::inventory::{Learnt, Sureness};

    fn service(product: &str, category: Category) -> Service {
        Service {
            host: "a".to_string(),
            service: product.to_string(),
            product: product.to_string(),
            category,
            version: None,
            role: None,
            ports: Vec::new(),
            process: None,
            user: None,
            unit: None,
            arguments: None,
            processes: 1,
            rested_on: Vec::new(),
            sureness: Sureness::Seen,
            learnt: Learnt::default(),
        }
    }

    fn of(products: &[&str]) -> Option<String> {
        let list: Vec<Service> = products
            .iter()
            .map(|product| service(product, Category::Application))
            .collect();
        let services: Vec<&Service> = list.iter().collect();
        remark(Evidence {
            services: &services,
            ..Evidence::default()
        })
    }

    /// What packages and programs say beside a web server.
    fn beside_nginx(packages: &[&str], programs: &[(&str, &str)]) -> String {
        let nginx = service("nginx", Category::Web);
        let services = [&nginx];
        remark(Evidence {
            services: &services,
            packages,
            programs,
        })
        .unwrap()
    }

    #[test]
    fn packages_of_other_makers_are_told_by_what_their_makers_say() {
        assert_eq!(
            beside_nginx(&["datadog-agent", "postgresql-15", "openssl"], &[]),
            "arm64 is likely to do, native extensions and own programs apart (discovery found packaged for arm64: \
             datadog-agent, nginx)"
        );
        let unknown = beside_nginx(&["NessusAgent", "rubrik-agent"], &[]);
        assert!(unknown.starts_with("arm64 needs a look"), "{unknown}");
        assert!(
            unknown.contains("not known whether its maker packages it for arm64: rubrik-agent"),
            "{unknown}"
        );
        let out = beside_nginx(&["mssql-server"], &[]);
        assert!(
            out.starts_with("arm64 is out") && out.contains("not sold for arm64: mssql-server"),
            "{out}"
        );
    }

    #[test]
    fn a_program_built_for_x86_is_to_be_checked_a_run_time_is_replaced_and_one_for_arm64_is_nothing() {
        let own = beside_nginx(
            &[],
            &[("/opt/orders/bin/orderd", "x86-64"), ("/opt/new/agent", "arm64")],
        );
        assert!(own.starts_with("arm64 needs a look"), "{own}");
        assert!(
            own.ends_with("built for x86-64, to be checked: /opt/orders/bin/orderd)"),
            "{own}"
        );
        let java = beside_nginx(
            &[],
            &[
                ("/opt/jdk-17/bin/java", "x86-64"),
                ("/usr/local/bin/python3.11", "x86-64"),
            ],
        );
        assert!(java.starts_with("arm64 is likely"), "{java}");
        assert!(
            java.contains("to be replaced by those for arm64: /opt/jdk-17/bin/java, /usr/local/bin/python3.11"),
            "{java}"
        );
        let only = Evidence {
            programs: &[("/opt/new/agent", "arm64")],
            ..Evidence::default()
        };
        assert_eq!(remark(only), None);
    }

    #[test]
    fn the_list_of_packages_names_its_sources_and_no_package_twice() {
        let document: Document = toml::from_str(PACKAGES).unwrap();
        let mut seen = BTreeSet::new();
        for source in &document.source {
            assert!(source.source.len() > 20 && !source.month.is_empty() && !source.packages.is_empty());
            for name in &source.packages {
                assert!(
                    name.bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte)),
                    "{name}"
                );
                assert!(seen.insert(name.clone()), "{name} is there twice");
            }
        }
    }

    #[test]
    fn what_is_found_decides_the_verdict() {
        assert_eq!(
            of(&["tomcat", "python", "nginx", "python"]).unwrap(),
            "arm64 is likely to do, native extensions and own programs apart (discovery found interpreted: python; \
             on the JVM: tomcat; packaged for arm64: nginx)"
        );
        assert!(of(&["python", "billing"]).unwrap().contains("to be checked: billing"));
        assert!(of(&["billing", "sql-server"]).unwrap().starts_with("arm64 is out"));
        assert_eq!(of(&[]), None);
        let ssh = service("ssh-server", Category::Infrastructure);
        let services = [&ssh];
        let evidence = Evidence {
            services: &services,
            ..Evidence::default()
        };
        assert_eq!(remark(evidence), None);
    }

    #[test]
    fn no_product_is_in_two_lists() {
        let mut all: Vec<&str> = Vec::new();
        all.extend(INTERPRETED);
        all.extend(ON_JVM);
        all.extend(PACKAGED);
        all.extend(NOT_FOR_ARM64);
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
