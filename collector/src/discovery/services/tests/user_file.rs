//! The built-in list, and a user's file before it.

use std::path::Path;

use telemetry::inventory::Category;

use super::{names, table};
use crate::discovery::services::{Fingerprints, Look, find};

#[test]
fn a_user_adds_and_replaces_fingerprints() {
    let text = "[[fingerprint]]\nproduct = \"shop\"\ncategory = \"application\"\nmatch = [{ process = [\"shopd\"] }]\nports = [7777]\n\
        [[fingerprint]]\nproduct = \"redis\"\ncategory = \"database\"\nmatch = [{ process = [\"redis-server\"] }]\n";
    let own = Fingerprints::built_in()
        .extended_by(text, Path::new("fingerprints.toml"))
        .unwrap();
    let table = table(&[
        "1 0 0 init | init",
        "9 1 5 shopd | /opt/shopd",
        "10 1 6 redis-server | redis-server *:6379",
    ]);
    let look = Look {
        host: "h",
        at_ms: 1,
        table: &table,
        listeners: &[],
        packages: &[],
        keep_arguments: true,
    };
    let services = find(&look, &own);
    assert_eq!(names(&services), ["redis", "shop"]);
    assert_eq!(services[0].category, Category::Database);
}

#[test]
fn a_wrong_file_says_what_is_wrong() {
    for (text, part) in [
        ("[[fingerprint]]\nproduct = \"x\"\n", "category"),
        ("[[fingerprint]]\nproduct = \"x\"\ncategory = \"web\"\n", "neither"),
        (
            "[[fingerprint]]\nproduct = \"X Y\"\ncategory = \"web\"\nports = [1]\n",
            "small letters",
        ),
        (
            "[[fingerprint]]\nproduct = \"x\"\ncategory = \"web\"\nmatch = [{}]\n",
            "every process",
        ),
        (
            "[[fingerprint]]\nproduct = \"x\"\ncategory = \"web\"\nmatch = [{ process = [\"*\"] }]\n",
            "matches everything",
        ),
        (
            "[[fingerprint]]\nproduct = \"x\"\ncategory = \"web\"\nports = [1]\ncolour = 2\n",
            "colour",
        ),
        (
            "[[fingerprint]]\nproduct = \"x\"\ncategory = \"web\"\nports = [1]\nversion = [\"a\"]\n",
            "version",
        ),
    ] {
        let error = Fingerprints::built_in()
            .extended_by(text, Path::new("f.toml"))
            .unwrap_err();
        let said = format!(
            "{error} {:?}",
            std::error::Error::source(&error).map(ToString::to_string)
        );
        assert!(said.contains(part) && said.contains("f.toml"), "{said}");
    }
}

#[test]
fn every_product_of_the_issue_has_a_fingerprint() {
    let built_in = Fingerprints::built_in();
    let products: Vec<&str> = built_in.products().map(|(product, _)| product).collect();
    for product in [
        "postgresql",
        "mysql",
        "mariadb",
        "oracle",
        "sql-server",
        "mongodb",
        "redis",
        "valkey",
        "memcached",
        "rabbitmq",
        "activemq",
        "kafka",
        "zookeeper",
        "elasticsearch",
        "opensearch",
        "solr",
        "cassandra",
        "etcd",
        "nginx",
        "apache",
        "haproxy",
        "envoy",
        "keepalived",
        "tomcat",
        "jvm",
        "nodejs",
        "gunicorn",
        "uwsgi",
        "celery",
        "php-fpm",
        "dotnet",
        "docker",
        "containerd",
        "kubelet",
        "nfs-server",
        "samba",
        "smtp",
        "dns",
        "ldap",
        "openvpn",
        "wireguard",
        "ipsec",
        "firewall",
        "nats",
        "clickhouse",
        "db2",
        "couchdb",
        "influxdb",
        "varnish",
        "squid",
        "traefik",
        "pgbouncer",
        "proxysql",
        "maxscale",
        "keydb",
    ] {
        assert!(products.contains(&product), "{product}");
    }
    assert!(built_in.knows_package("postgresql-15") && !built_in.knows_package("libc6"));
}
