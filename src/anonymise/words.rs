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

/// Beginnings of disks that are counted by letters: `sda`, `xvdb1`.
const LETTERED: &[&str] = &["sd", "vd", "xvd", "hd"];
/// Beginnings of devices that are counted by numbers: `eth0`, `nvme0n1p2`, `eth0.100`.
const NUMBERED: &[&str] = &[
    "bond", "br", "dm-", "docker", "eth", "ib", "loop", "md", "mmcblk", "nvme", "ram", "sr", "tap", "team", "tun",
    "virbr", "vlan", "vnet", "wlan", "zd", "zram",
];

/// Says whether a word names nobody.
pub(super) fn is_known(word: &str) -> bool {
    KNOWN.binary_search(&word).is_ok() || is_number(word)
}

/// Says whether a name is one that the kernel or systemd gives to a device.
pub(super) fn is_device(name: &str) -> bool {
    let digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
    let lettered = LETTERED
        .iter()
        .filter_map(|beginning| name.strip_prefix(beginning))
        .any(|rest| {
            let number = rest.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
            (1..=2).contains(&(rest.len() - number.len())) && digits(number)
        });
    let numbered = NUMBERED
        .iter()
        .filter_map(|beginning| name.strip_prefix(beginning))
        .any(|rest| {
            rest.starts_with(|letter: char| letter.is_ascii_digit())
                && rest.len() <= 12
                && rest
                    .chars()
                    .all(|letter| letter.is_ascii_digit() || matches!(letter, 'n' | 'p' | '.' | ':'))
        });
    // Predictable names: en, then o, s, p or x, then places in hexadecimal.
    let predictable = name.strip_prefix("en").is_some_and(|rest| {
        rest.starts_with(['o', 's', 'p', 'x'])
            && rest.len() <= 14
            && rest
                .chars()
                .skip(1)
                .all(|letter| letter.is_ascii_hexdigit() || matches!(letter, 's' | 'n' | 'p'))
            && rest.contains(|letter: char| letter.is_ascii_digit())
    });
    name == "lo" || lettered || numbered || predictable
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
        for name in [
            "acme",
            "brandenburg",
            "enterprise-db",
            "lotusd",
            "teams1-acme",
            "sdn-acme",
            "mdm_lotus",
        ] {
            assert!(!is_device(name), "{name}");
        }
    }
}
