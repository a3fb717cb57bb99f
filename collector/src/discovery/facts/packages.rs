//! Packages that matter to a migration: databases, brokers, web servers, run times, agents.

use super::Notes;
use super::answer::Answer;

/// Beginnings of names that matter; `=` at the end means the whole name.
const MATTER: &[&str] = &[
    // Databases, caches, queues, search.
    "postgresql-",
    "postgresql=",
    "postgresql1",
    "postgresql9",
    "pgbouncer",
    "mysql-",
    "mysql=",
    "mariadb",
    "percona-",
    "galera-",
    "oracle-database",
    "mssql-",
    "mongodb",
    "redis",
    "valkey",
    "keydb",
    "memcached",
    "rabbitmq-server",
    "activemq",
    "kafka",
    "confluent-",
    "zookeeper",
    "elasticsearch",
    "opensearch",
    "solr",
    "cassandra",
    "scylla",
    "etcd",
    "influxdb",
    "clickhouse-",
    "couchdb",
    "neo4j",
    "nats-server",
    "proxysql",
    "db2",
    "sqlite3=",
    "beanstalkd",
    "mosquitto",
    "erlang-base",
    "consul",
    "vault",
    "minio",
    // Web, proxies, applications.
    "nginx",
    "apache2=",
    "httpd=",
    "haproxy",
    "envoy",
    "varnish",
    "squid",
    "traefik",
    "keepalived",
    "lighttpd",
    "caddy",
    "tomcat",
    "jetty",
    "wildfly",
    "openjdk-",
    "java-1",
    "java-2",
    "jdk",
    "temurin-",
    "zulu",
    "nodejs=",
    "python3=",
    "python2=",
    "python=",
    "php-fpm",
    "php7",
    "php8",
    "php=",
    "php-cli",
    "ruby=",
    "golang-go",
    "dotnet-",
    "aspnetcore-",
    "mono-runtime",
    "perl=",
    "uwsgi",
    "gunicorn",
    "libc6=",
    "glibc=",
    "musl=",
    "openssl=",
    // Containers, clusters, files.
    "docker",
    "containerd",
    "podman",
    "cri-o",
    "kubelet",
    "kubeadm",
    "k3s",
    "lxc=",
    "lxd",
    "libvirt-daemon",
    "qemu-",
    "pacemaker",
    "corosync",
    "drbd-",
    "nfs-kernel-server",
    "nfs-utils",
    "samba=",
    "ceph",
    "glusterfs",
    "lvm2=",
    "multipath-tools",
    "device-mapper-multipath",
    "zfsutils",
    // Infrastructure and agents.
    "postfix",
    "exim4",
    "sendmail",
    "dovecot",
    "bind9=",
    "bind=",
    "unbound",
    "dnsmasq=",
    "slapd",
    "openldap-servers",
    "389-ds",
    "freeipa",
    "ipa-server",
    "sssd=",
    "krb5-kdc",
    "openvpn",
    "wireguard",
    "strongswan",
    "libreswan",
    "iptables=",
    "nftables=",
    "firewalld",
    "ufw=",
    "fail2ban",
    "chrony",
    "ntp=",
    "open-vm-tools",
    "qemu-guest-agent",
    "hyperv-daemons",
    "amazon-ssm-agent",
    "amazon-cloudwatch",
    "walinuxagent",
    "google-guest-agent",
    "cloud-init=",
    "zabbix-agent",
    "node_exporter",
    "prometheus",
    "telegraf",
    "collectd",
    "datadog-agent",
    "newrelic",
    "filebeat",
    "metricbeat",
    "td-agent",
    "fluent",
    "splunkforwarder",
    "falcon-sensor",
    "ds_agent",
    "ds-agent",
    "mdatp",
    "crowdstrike",
    "qualys",
    "nessusagent",
    "wazuh-agent",
    "ossec",
    "clamav=",
    "aide=",
    "puppet-agent",
    "chef=",
    "salt-minion",
    "bacula-",
    "bareos-",
    "veeam",
    "veritas",
    "commvault",
    "rubrik",
    "rsync=",
    "openssh-server=",
    "sudo=",
];

/// Packages of one host that are handed on.
const PACKAGES_AT_MOST: usize = 40_000;

/// Notes the packages that matter; gives all that are installed, with their versions.
pub(super) fn note(answer: &Answer<'_>, notes: &mut Notes<'_>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut manager = None;
    let mut keep = |name: &str, version: &str, how: &'static str| {
        let plain =
            |word: &str| !word.is_empty() && word.len() <= 200 && word.bytes().all(|byte| byte.is_ascii_graphic());
        // Debian appends the architecture where packages of several are installed.
        let name = name.split(':').next().unwrap_or_default();
        if !plain(name) || !plain(version) || all.len() >= PACKAGES_AT_MOST {
            return;
        }
        if matters(name) {
            notes.of("package.version", name, version, how);
        }
        all.push((name.to_string(), version.to_string()));
    };
    for line in answer.lines("package") {
        let mut words = line.split(' ');
        let (Some(kind), Some(name), Some(version)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let (kind, how) = match kind {
            "dpkg" => ("dpkg", "dpkg-query"),
            "rpm" => ("rpm", "rpm"),
            _ => continue,
        };
        // Debian keeps the names of packages that were removed.
        if kind == "dpkg" && words.next_back() != Some("installed") {
            continue;
        }
        manager = Some((kind, how));
        keep(name, version, how);
    }
    let mut name = None;
    for line in answer.lines("apk") {
        match line.split_once(':') {
            Some(("P", value)) => {
                name = Some(value);
                manager = Some(("apk", "/lib/apk/db"));
            }
            Some(("V", value)) => {
                if let Some(name) = name.take() {
                    keep(name, value, "/lib/apk/db");
                }
            }
            _ => {}
        }
    }
    if let Some((manager, how)) = manager {
        notes.one("packages.manager", manager, how);
        notes.one("packages.installed", all.len().to_string(), how);
    }
    all
}

fn matters(name: &str) -> bool {
    // Documentation and header files run nothing.
    let idle = [
        "-doc",
        "-dev",
        "-devel",
        "-common",
        "-dbg",
        "-dbgsym",
        "-debuginfo",
        "-lang",
        "-langpack",
    ];
    if idle.iter().any(|ending| name.ends_with(ending)) {
        return false;
    }
    MATTER.iter().any(|pattern| match pattern.strip_suffix('=') {
        Some(whole) => name == whole,
        None => name.starts_with(pattern),
    })
}
