//! Which services are told from processes, ports and packages.
#![allow(clippy::unwrap_used, clippy::panic)]

mod products;
mod user_file;

use std::net::{IpAddr, Ipv4Addr};

use telemetry::inventory::{Category, Role, Sureness, Transport};

use super::*;
use crate::discovery::redact::redact;
use crate::discovery::seen::Process;

/// Makes a table of `pid parent uid name | arguments`; after ` @ ` the control group.
fn table(lines: &[&str]) -> ProcessTable {
    let mut processes: Vec<Process> = lines
        .iter()
        .map(|line| {
            let (head, rest) = line.split_once(" | ").unwrap();
            let (arguments, group) = rest
                .split_once(" @ ")
                .map_or((rest, None), |(front, back)| (front, Some(back)));
            let head: Vec<&str> = head.split(' ').collect();
            let raw: Vec<String> = arguments
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(str::to_string)
                .collect();
            Process {
                pid: head[0].parse().unwrap(),
                parent: head[1].parse().unwrap(),
                uid: Some(head[2].parse().unwrap()),
                name: head[3].to_string(),
                arguments: redact(&raw),
                control_group: group.map(str::to_string),
                ..Process::default()
            }
        })
        .collect();
    processes.sort_by_key(|process| process.pid);
    ProcessTable {
        processes,
        account: Some(1000),
        ..ProcessTable::default()
    }
}

fn listener(port: u16, uid: u32, pid: Option<u32>) -> Listener {
    Listener {
        transport: Transport::Tcp,
        address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        port,
        uid: Some(uid),
        inode: None,
        pid,
        control_group: None,
    }
}

fn found(table: &ProcessTable, listeners: &[Listener], packages: &[Package]) -> Vec<Service> {
    let look = Look {
        host: "h",
        at_ms: 1,
        table,
        listeners,
        packages,
        keep_arguments: true,
    };
    find(&look, &Fingerprints::built_in())
}

fn names(services: &[Service]) -> Vec<&str> {
    services.iter().map(|service| service.service.as_str()).collect()
}

#[test]
fn several_instances_are_told_apart_by_their_ports() {
    let table = table(&[
        "1 0 0 systemd | /sbin/init",
        "10 1 112 redis-server | /usr/bin/redis-server 127.0.0.1:6379",
        "11 1 112 redis-server | /usr/bin/redis-server *:6380 [cluster]",
        "12 1 112 redis-sentinel | /usr/bin/redis-sentinel *:26379 [sentinel]",
    ]);
    let listeners = [6379, 6380, 16380, 26379].map(|port| listener(port, 112, None));
    let services = found(&table, &listeners[..2], &[]);
    assert_eq!(names(&services), ["redis", "redis-6379", "redis-6380"]);
    // The port of the cluster bus stands in nobody's arguments; with the process it is plain.
    let mut listeners = listeners;
    listeners[2].pid = Some(11);
    let services = found(&table, &listeners, &[]);
    assert_eq!(names(&services), ["redis-26379", "redis-6379", "redis-6380"]);
    let roles: Vec<Option<Role>> = services.iter().map(|service| service.role).collect();
    assert_eq!(roles, [Some(Role::Arbiter), None, Some(Role::Member)]);
    assert_eq!(services[2].ports, [6380, 16380]);
}

#[test]
fn a_hidden_owner_is_inferred_from_the_account() {
    let table = table(&[
        "1 0 0 systemd | /sbin/init",
        "20 1 110 postgres | /usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main",
        "21 20 110 postgres | postgres: 15/main: walreceiver streaming 0/3000148",
        "22 20 110 postgres | postgres: 15/main: checkpointer",
        "30 1 0 nginx | nginx: master process /usr/sbin/nginx",
        "31 30 33 nginx | nginx: worker process",
        "40 1 0 haproxy | /usr/sbin/haproxy -f /etc/haproxy/haproxy.cfg",
        "50 1 0 sshd | sshd: /usr/sbin/sshd -D",
    ]);
    let listeners = [
        listener(5432, 110, None),
        listener(80, 0, None),
        listener(22, 0, None),
        listener(8080, 0, None),
    ];
    let services = found(&table, &listeners, &[]);
    assert_eq!(
        names(&services),
        ["haproxy", "nginx", "port-8080", "postgresql", "ssh-server"]
    );
    let postgresql = &services[3];
    assert_eq!(
        (postgresql.ports.as_slice(), postgresql.processes),
        ([5432].as_slice(), 3)
    );
    assert_eq!(postgresql.role, Some(Role::Replica));
    assert_eq!(postgresql.version.as_deref(), Some("15"));
    assert_eq!(postgresql.sureness, Sureness::Seen);
    assert!(
        postgresql.rested_on.iter().any(|reason| reason.contains("inferred")),
        "{:?}",
        postgresql.rested_on
    );
    assert_eq!(services[1].ports, [80]);
    assert_eq!(
        services[2].category,
        Category::Unknown,
        "either nginx or haproxy: not guessed"
    );
}

#[test]
fn a_low_port_that_root_opened_may_be_of_a_server_that_gave_up_root() {
    let lines = ["1 0 0 init | init", "20 1 113 haproxy | /usr/sbin/haproxy -db -f /x"];
    let services = found(&table(&lines), &[listener(80, 0, None)], &[]);
    assert_eq!((names(&services), &*services[0].ports), (vec!["haproxy"], &[80][..]));
    let both = [lines[0], lines[1], "30 1 33 nginx | nginx: worker process"];
    let services = found(&table(&both), &[listener(80, 0, None)], &[]);
    assert!(names(&services).contains(&"port-80"), "not guessed: {services:?}");
    let services = found(&table(&lines), &[listener(8404, 0, None)], &[]);
    assert!(names(&services).contains(&"port-8404"), "{services:?}");
}

#[test]
fn with_its_process_a_service_is_confirmed() {
    let table = table(&[
        "1 0 0 init | init",
        "20 1 110 postgres | /usr/lib/postgresql/15/bin/postgres -D /x",
    ]);
    let services = found(&table, &[listener(5432, 110, Some(20))], &[]);
    assert_eq!(services[0].sureness, Sureness::Confirmed);
    assert_eq!(services[0].rested_on, ["process name postgres", "port 5432"]);
}

#[test]
fn what_is_seen_to_be_something_else_is_no_database() {
    let table = table(&[
        "1 0 0 init | init",
        "20 1 1000 python3 | python3 -m http.server 5432",
        "21 1 1000 nc | nc -l 3306",
    ]);
    let listeners = [
        listener(5432, 1000, Some(20)),
        listener(3306, 1000, Some(21)),
        listener(27017, 1000, None),
    ];
    let services = found(&table, &listeners, &[]);
    for service in &services {
        assert!(
            !matches!(service.category, Category::Database | Category::DocumentDatabase),
            "{service:?}"
        );
    }
    assert_eq!(names(&services), ["port-27017", "port-3306", "python-server"]);
}

#[test]
fn a_port_alone_says_something_where_processes_are_hidden() {
    let mut table = table(&["900 1 1000 sh | sh"]);
    table.hidden = true;
    let package = Package {
        name: "redis-server".to_string(),
        version: Some("5:7.0.15-1~deb12u1".to_string()),
    };
    let services = found(
        &table,
        &[
            listener(6379, 112, None),
            listener(15672, 113, None),
            listener(5672, 113, None),
        ],
        &[package],
    );
    assert_eq!(names(&services), ["rabbitmq", "redis"]);
    assert_eq!(services[0].ports, [5672, 15672]);
    assert!(services.iter().all(|service| service.sureness == Sureness::Inferred));
    assert_eq!(services[1].version.as_deref(), Some("7.0.15"));
    assert!(
        services[1]
            .rested_on
            .iter()
            .any(|reason| reason == "package redis-server")
    );
}

#[test]
fn a_container_is_reached_through_docker_proxy() {
    let group = format!("/system.slice/docker-{}.scope", "3f2a9c1bd4e5f6a7".repeat(4));
    let table = table(&[
        "1 0 0 systemd | /sbin/init",
        "5 1 0 dockerd | /usr/bin/dockerd -H fd://",
        "6 5 0 docker-proxy | /usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 15432 -container-ip 172.17.0.2 -container-port 5432",
        "7 1 0 containerd-shim | /usr/bin/containerd-shim-runc-v2 -namespace moby -id x",
        &format!("8 7 999 postgres | postgres @ {group}"),
    ]);
    let services = found(&table, &[listener(15432, 0, None)], &[]);
    assert_eq!(names(&services), ["containerd", "docker", "postgresql"]);
    assert_eq!(services[2].ports, [15432]);
    assert_eq!(services[2].unit.as_deref(), Some("docker-3f2a9c1bd4e5"));
    assert_eq!(services[1].processes, 2);
}

#[test]
fn a_package_tells_mariadb_from_mysql() {
    let table = table(&[
        "1 0 0 init | init",
        "20 1 27 mysqld | /usr/libexec/mysqld --basedir=/usr",
    ]);
    let package = |name: &str| Package {
        name: name.to_string(),
        version: None,
    };
    assert_eq!(found(&table, &[], &[package("mariadb-server")])[0].product, "mariadb");
    assert_eq!(
        found(&table, &[], &[package("mysql-community-server")])[0].product,
        "mysql"
    );
    assert_eq!(
        found(&table, &[], &[package("mariadb-server"), package("mysql-server")])[0].product,
        "mysql"
    );
}

#[test]
fn what_a_service_starts_belongs_to_it_and_what_a_session_starts_does_not() {
    let table = table(&[
        "1 0 0 systemd | /sbin/init",
        "20 1 33 apache2 | /usr/sbin/apache2 -k start",
        "21 20 33 apache2 | /usr/sbin/apache2 -k start",
        "22 21 33 perl | perl /srv/report.cgi",
        "30 1 0 sshd | sshd",
        "31 30 1000 bash | -bash",
        "32 31 1000 redis-server | redis-server *:6379",
    ]);
    let look = Look {
        host: "h",
        at_ms: 1,
        table: &table,
        listeners: &[],
        packages: &[],
        keep_arguments: false,
    };
    let found = find_with_processes(&look, &Fingerprints::built_in());
    let pids: Vec<(&str, &[u32])> = found
        .iter()
        .map(|found| (found.service.service.as_str(), found.pids.as_slice()))
        .collect();
    assert_eq!(
        pids,
        [
            ("apache", [20, 21, 22].as_slice()),
            ("redis", &[32]),
            ("ssh-server", &[30])
        ]
    );
    assert!(
        found.iter().all(|found| found.service.arguments.is_none()),
        "--no-arguments"
    );
}

#[test]
fn roles_are_read_from_arguments_and_titles() {
    for (line, role) in [
        ("mongod | mongod --replSet rs0 --port 27017", Some(Role::Member)),
        ("mongod | mongod --port 27017", None),
        ("mongos | mongos --configdb rs/c:1", Some(Role::Arbiter)),
        (
            "etcd | etcd --initial-cluster a=http://10.0.0.1:2380,b=http://10.0.0.2:2380",
            Some(Role::Member),
        ),
        ("etcd | etcd --initial-cluster a=http://10.0.0.1:2380", None),
        (
            "java | java -Des.path.home=/x -Ediscovery.type=single-node org.elasticsearch.bootstrap.Elasticsearch",
            Some(Role::Standalone),
        ),
        (
            "java | java -Des.path.home=/x -Enode.roles=data,ingest org.elasticsearch.bootstrap.Elasticsearch",
            Some(Role::Member),
        ),
        (
            "redis-server | redis-server --port 6380 --replicaof 10.0.0.1 6379",
            Some(Role::Replica),
        ),
        (
            "mysqld | mysqld --read-only=1 --relay-log=/var/lib/mysql/relay",
            Some(Role::Replica),
        ),
        ("mariadbd | mariadbd --wsrep_on=ON", Some(Role::Member)),
    ] {
        let table = table(&["1 0 0 init | init", &format!("9 1 5 {line}")]);
        assert_eq!(found(&table, &[], &[])[0].role, role, "{line}");
    }
}

#[test]
fn names_of_programs_name_services() {
    let table = table(&[
        "1 0 0 init | init",
        "9 1 5 java | java -Xmx1g -cp /a.jar:/b.jar -Dx.y=1 -jar /opt/app/orders-service-1.2.3.jar --server.port=8081",
        "10 1 5 java | java -jar /opt/app/orders-service-1.2.3.jar --server.port=8082",
        "11 1 6 dotnet | dotnet /srv/Shop.Web.dll",
    ]);
    let listeners = [listener(8081, 5, None), listener(8082, 5, None)];
    assert_eq!(
        names(&found(&table, &listeners, &[])),
        ["dotnet-shop-web", "jvm-orders-service-8081", "jvm-orders-service-8082"]
    );
}

#[test]
fn hostile_names_do_no_harm() {
    let table = table(&[
        "1 0 0 init | init",
        "9 9 5 redis-server | redis-server \u{1b}[2J<script>alert(1)</script> =cmd|calc \u{202e}evil --password hunter2",
        "10 11 5 nginx | nginx",
        "11 10 5 nginx | nginx",
    ]);
    for service in found(&table, &[], &[]) {
        let text = format!(
            "{} {:?} {:?} {:?}",
            service.service, service.arguments, service.process, service.rested_on
        );
        for harm in ["\u{1b}", "<script", "=cmd", "\u{202e}", "hunter2"] {
            assert!(!text.contains(harm), "{text}");
        }
    }
}
