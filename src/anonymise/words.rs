//! Words that name nobody: folders every system has, devices, products.

/// Folders of the file system hierarchy and of usual products, and names of products and processes.
const KNOWN: &[&str] = &[
    "",
    ".",
    "..",
    "activemq",
    "apache2",
    "backup",
    "beam.smp",
    "bin",
    "boot",
    "cache",
    "cassandra",
    "celery",
    "cgroup",
    "clickhouse",
    "conf",
    "containerd",
    "couchdb",
    "data",
    "db",
    "dev",
    "disk",
    "docker",
    "dockerd",
    "dotnet",
    "efi",
    "elasticsearch",
    "envoy",
    "etc",
    "etcd",
    "fs",
    "gitlab-runner",
    "gunicorn",
    "haproxy",
    "home",
    "httpd",
    "init.scope",
    "java",
    "kafka",
    "keepalived",
    "keydb",
    "kubelet",
    "ldap",
    "lib",
    "lib64",
    "local",
    "log",
    "logs",
    "lost+found",
    "mapper",
    "mariadb",
    "mariadbd",
    "media",
    "memcached",
    "mnt",
    "mongod",
    "mongodb",
    "mongos",
    "mysql",
    "mysqld",
    "named",
    "net",
    "nfs",
    "nginx",
    "node",
    "nodejs",
    "opensearch",
    "opt",
    "oracle",
    "overlay",
    "pg_wal",
    "pgbouncer",
    "pgsql",
    "php-fpm",
    "postfix",
    "postgres",
    "postgresql",
    "proc",
    "puma",
    "python",
    "python3",
    "rabbitmq",
    "redis",
    "redis-server",
    "root",
    "run",
    "samba",
    "sbin",
    "share",
    "shm",
    "smbd",
    "snap",
    "solr",
    "spool",
    "sqlservr",
    "squid",
    "srv",
    "sshd",
    "swap",
    "sys",
    "system.slice",
    "systemd",
    "tmp",
    "tmpfs",
    "tomcat",
    "user.slice",
    "usr",
    "uwsgi",
    "valkey",
    "valkey-server",
    "var",
    "varnish",
    "varnishd",
    "vsftpd",
    "zookeeper",
    "zram",
];

/// Beginnings of names that the kernel gives to devices; a number or a partition follows.
const DEVICES: &[&str] = &[
    "sd", "vd", "xvd", "hd", "nvme", "dm-", "md", "loop", "sr", "zd", "mmcblk", "ram", "zram", "eth", "en", "bond",
    "br", "lo", "wlan", "wl", "ib", "vlan", "veth", "docker", "virbr", "tun", "tap", "team", "cni", "flannel", "vnet",
];

/// Says whether a word names nobody.
pub(super) fn is_known(word: &str) -> bool {
    KNOWN.binary_search(&word).is_ok() || is_number(word)
}

/// Says whether a name is one that the kernel gives: a known beginning, at most six letters more, then digits.
pub(super) fn is_device(name: &str) -> bool {
    let beginning = DEVICES.iter().find(|beginning| name.starts_with(*beginning));
    let rest = beginning.and_then(|beginning| name.get(beginning.len()..));
    rest.is_some_and(|rest| {
        let plain = |letter: char| letter.is_ascii_digit() || "abcdefghijklmnopqrstuvwxyz".contains(letter);
        let letters = rest.chars().filter(|letter| letter.is_ascii_lowercase()).count();
        rest.chars().all(plain) && letters <= 4 && rest.len() <= 12
    })
}

/// Says whether a word is a number, with a unit or dots at most, such as a version.
fn is_number(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit())
        && word.len() <= 16
        && word
            .chars()
            .all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '-' | '%' | ':' | '+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted_and_devices_are_told_from_names() {
        assert!(KNOWN.windows(2).all(|pair| pair[0] < pair[1]));
        for device in [
            "sda1",
            "nvme0n1p2",
            "eth0",
            "ens192",
            "enp3s0f1",
            "lo",
            "md127",
            "dm-3",
            "bond0",
        ] {
            assert!(is_device(device), "{device}");
        }
        for name in ["acme", "brandenburg", "enterprise-db", "sdn-acme", "mdm_lotus"] {
            assert!(!is_device(name), "{name}");
        }
    }
}
