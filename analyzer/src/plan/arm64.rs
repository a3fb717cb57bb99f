//! Would a host's workload run on arm64? Input: the services that discovery found on it. Output: a remark in words.
//!
//! Discovery knows which programs run, not how each was built: a program of the house, a native extension of an
//! interpreter or an agent may hold code for x86-64 only. So the remark says what it rests on and what is to be checked;
//! only what `assessment.toml` states keeps arm64 from being taken or lets it be.

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
/// Things of one kind that a remark names.
const NAMED: usize = 6;

/// Says what discovery found that speaks for and against arm64; nothing where it found no service.
pub(super) fn remark(services: &[&Service]) -> Option<String> {
    let mut kinds: [Vec<&str>; 5] = Default::default();
    for service in services {
        let product = service.product.as_str();
        let kind = match product {
            _ if NOT_FOR_ARM64.contains(&product) => 0,
            _ if INTERPRETED.contains(&product) => 1,
            _ if ON_JVM.contains(&product) => 2,
            _ if PACKAGED.contains(&product) => 3,
            // The system's own services come with the system.
            _ if service.category == Category::Infrastructure => continue,
            _ => 4,
        };
        kinds[kind].push(product);
    }
    let words = [
        "not sold for arm64",
        "interpreted",
        "on the JVM",
        "packaged for arm64",
        "to be checked",
    ];
    let found: Vec<String> = kinds
        .iter_mut()
        .zip(words)
        .filter(|(products, _)| !products.is_empty())
        .map(|(products, words)| {
            products.sort_unstable();
            products.dedup();
            let more = products.len().saturating_sub(NAMED);
            let rest = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let named = products.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            format!("{words}: {named}{rest}")
        })
        .collect();
    if found.is_empty() {
        return None;
    }
    let verdict = match (kinds[0].is_empty(), kinds[4].is_empty()) {
        (false, _) => "arm64 is out while this stays",
        (true, false) => "arm64 needs a look at what is to be checked",
        (true, true) => "arm64 is likely to do, native extensions and own programs apart",
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
        remark(&list.iter().collect::<Vec<_>>())
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
        assert_eq!(remark(&[&ssh]), None);
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
