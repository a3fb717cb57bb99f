//! What a discovery would find in the demo estate: services and dependencies that fit its tiers.

use telemetry::inventory::{
    Category, Dependency, Direction, Fact, Inventory, Learnt, Peer, Privilege, Role, Service, Sureness, Transport,
};
use telemetry::series::DAY_MS;

use crate::estate::{Estate, HostSpec};
use crate::noise::Noise;

use super::versions::{said, version};

/// Looks at connections in two weeks, one a minute.
const LOOKS: u32 = 14 * 1_440;
/// Of a thousand dependencies, those whose bytes no kernel told: hosts without `ss`.
const WITHOUT_BYTES: [&str; 1] = ["prod-legacy-01"];

/// A role as [`HostSpec::roles`] has it, and what it is as a service.
struct Kind {
    role: &'static str,
    product: &'static str,
    category: Category,
    ports: &'static [u16],
    process: &'static str,
}

const fn kind(
    role: &'static str,
    product: &'static str,
    category: Category,
    ports: &'static [u16],
    process: &'static str,
) -> Kind {
    Kind {
        role,
        product,
        category,
        ports,
        process,
    }
}

const KINDS: &[Kind] = &[
    kind("haproxy", "haproxy", Category::Proxy, &[80, 443], "haproxy"),
    kind("keepalived", "keepalived", Category::Infrastructure, &[], "keepalived"),
    kind("nginx", "nginx", Category::Web, &[80], "nginx"),
    kind("java payments-api", "java", Category::Application, &[8080], "java"),
    kind("java ledger", "java", Category::Application, &[8081], "java"),
    kind("java fraud-scoring", "java", Category::Application, &[8082], "java"),
    kind("java documents", "java", Category::Application, &[8083], "java"),
    kind("java reporting", "java", Category::Application, &[8084], "java"),
    kind("java settlement", "java", Category::Application, &[8085], "java"),
    kind("java notifications", "java", Category::Application, &[3000], "java"),
    kind("node notifications", "nodejs", Category::Application, &[3000], "node"),
    kind("postgresql", "postgresql", Category::Database, &[5432], "postgres"),
    kind("pgbouncer", "pgbouncer", Category::Proxy, &[6432], "pgbouncer"),
    kind("mysql", "mysql", Category::Database, &[3306], "mysqld"),
    kind("mongodb", "mongodb", Category::DocumentDatabase, &[27017], "mongod"),
    kind("redis", "redis", Category::Cache, &[6379], "redis-server"),
    kind("rabbitmq", "rabbitmq", Category::Queue, &[5672, 25672], "beam.smp"),
    kind(
        "elasticsearch data",
        "elasticsearch",
        Category::Search,
        &[9200, 9300],
        "java",
    ),
    kind("sshd", "sshd", Category::Infrastructure, &[22], "sshd"),
    kind("vsftpd", "vsftpd", Category::Files, &[21], "vsftpd"),
    kind("mariadb", "mariadb", Category::Database, &[3306], "mariadbd"),
    kind("oracle", "oracle", Category::Database, &[1521], "ora_pmon_CORE"),
    kind("sql-server", "sql-server", Category::Database, &[1433], "sqlservr"),
    kind("valkey", "valkey", Category::Cache, &[6379], "valkey-server"),
    kind("memcached", "memcached", Category::Cache, &[11211], "memcached"),
    kind("kafka", "kafka", Category::Queue, &[9092], "java"),
    kind("activemq", "activemq", Category::Queue, &[61616], "java"),
    kind("opensearch", "opensearch", Category::Search, &[9200, 9300], "java"),
    kind("nfs-server", "nfs-server", Category::Files, &[2049], "nfsd"),
    kind("samba", "samba", Category::Files, &[445], "smbd"),
    kind("apache crm", "apache", Category::Web, &[8090], "apache2"),
    kind(
        "gitlab-runner",
        "gitlab-runner",
        Category::Application,
        &[],
        "gitlab-runner",
    ),
    kind("docker", "docker", Category::Containers, &[], "dockerd"),
];

/// Who talks to whom: beginnings of client and server names, port, kilobytes per second to the server and back.
const TALK: &[(&str, &str, u16, f64, f64)] = &[
    ("prod-lb-01", "prod-web-", 80, 5_800.0, 22_000.0),
    ("prod-lb-02", "prod-web-", 80, 2.0, 6.0),
    ("prod-web-", "prod-api-", 8080, 1_400.0, 2_600.0),
    ("prod-api-", "prod-ledger-", 8081, 420.0, 310.0),
    ("prod-api-", "prod-fraud-", 8082, 260.0, 40.0),
    ("prod-api-", "prod-pg-01", 6432, 700.0, 1_900.0),
    ("prod-api-", "prod-pg-02", 5432, 180.0, 1_300.0),
    ("prod-api-", "prod-redis-01", 6379, 1_900.0, 5_200.0),
    ("prod-api-", "prod-mq-", 5672, 150.0, 20.0),
    ("prod-api-", "prod-es-", 9200, 60.0, 480.0),
    ("prod-ledger-", "prod-mysql-01", 3306, 380.0, 820.0),
    ("prod-ledger-", "prod-mq-", 5672, 40.0, 120.0),
    ("prod-fraud-", "prod-mongo-01", 27_017, 300.0, 900.0),
    ("prod-fraud-", "prod-redis-01", 6379, 240.0, 610.0),
    ("prod-notify-", "prod-mq-", 5672, 12.0, 150.0),
    ("prod-kyc-", "prod-mongo-02", 27_017, 90.0, 1_700.0),
    ("prod-kyc-", "prod-es-", 9200, 210.0, 70.0),
    ("prod-batch-", "prod-pg-01", 6432, 90.0, 600.0),
    ("prod-batch-", "prod-mysql-02", 3306, 40.0, 950.0),
    ("prod-report-", "prod-pg-03", 5432, 30.0, 2_400.0),
    ("prod-pg-02", "prod-pg-01", 5432, 4.0, 2_900.0),
    ("prod-pg-03", "prod-pg-01", 5432, 4.0, 2_900.0),
    ("prod-mysql-02", "prod-mysql-01", 3306, 3.0, 1_600.0),
    ("prod-mongo-", "prod-mongo-", 27_017, 30.0, 900.0),
    ("prod-redis-02", "prod-redis-01", 6379, 2.0, 1_100.0),
    ("prod-mq-", "prod-mq-", 25_672, 220.0, 220.0),
    ("prod-es-", "prod-es-", 9300, 800.0, 800.0),
    ("prod-bastion-", "", 22, 0.4, 1.1),
    ("stg-loadtest-", "stg-web-", 80, 40.0, 160.0),
    ("stg-web-", "stg-api-", 8080, 30.0, 70.0),
    ("stg-api-", "stg-pg-", 5432, 22.0, 90.0),
    ("dev-app-", "dev-db-", 3306, 6.0, 19.0),
    ("dev-app-", "dev-db-", 27_017, 3.0, 8.0),
    ("prod-api-", "prod-kafka-", 9092, 900.0, 60.0),
    ("prod-fraud-", "prod-kafka-", 9092, 40.0, 1_700.0),
    ("prod-kafka-", "prod-kafka-", 9092, 1_900.0, 40.0),
    ("prod-batch-", "prod-oracle-01", 1521, 60.0, 480.0),
    ("prod-ledger-", "prod-oracle-01", 1521, 120.0, 260.0),
    ("prod-report-", "prod-mssql-01", 1433, 8.0, 310.0),
    ("prod-web-", "prod-cache-01", 11_211, 190.0, 1_450.0),
    ("prod-api-", "prod-cache-01", 6379, 160.0, 420.0),
    ("prod-kyc-", "prod-nas-01", 2049, 220.0, 640.0),
    ("prod-batch-", "prod-nas-01", 445, 90.0, 30.0),
    ("stg-api-", "stg-amq-01", 61_616, 18.0, 14.0),
    ("stg-api-", "stg-os-01", 9200, 9.0, 36.0),
    ("stg-loadtest-", "stg-proxy-01", 80, 44.0, 150.0),
    ("stg-proxy-", "stg-web-", 80, 42.0, 146.0),
];

/// Who talks to the estate from outside, and whom it talks to there.
const OUTSIDE: &[(&str, &str, u16, f64, f64, bool)] = &[
    ("203.0.113.17", "prod-lb-01", 443, 2_600.0, 9_400.0, true),
    ("203.0.113.88", "prod-lb-01", 443, 2_100.0, 8_800.0, true),
    ("198.51.100.23", "prod-lb-01", 443, 900.0, 3_100.0, true),
    ("2001:db8:40::9", "prod-lb-01", 443, 700.0, 2_300.0, true),
    ("10.8.4.31", "prod-bastion-01", 22, 2.0, 6.0, true),
    ("10.8.4.44", "prod-report-01", 8084, 8.0, 260.0, true),
    ("10.8.12.9", "prod-report-01", 8084, 5.0, 190.0, true),
    ("10.8.12.9", "prod-legacy-01", 21, 0.0, 0.0, true),
    ("10.8.4.60", "dev-app-01", 8080, 2.0, 9.0, true),
    ("10.8.4.61", "dev-app-02", 8080, 2.0, 8.0, true),
    ("192.0.2.40", "prod-notify-01", 443, 14.0, 3.0, false),
    ("192.0.2.41", "prod-notify-02", 443, 13.0, 3.0, false),
    ("198.18.5.20", "prod-batch-01", 443, 60.0, 20.0, false),
    ("198.18.5.21", "prod-api-01", 443, 45.0, 30.0, false),
];

/// Talks within one host, over loopback.
const WITHIN: &[(&str, u16, f64, f64)] = &[
    ("dev-app-01", 6379, 5.0, 11.0),
    ("dev-app-01", 5672, 2.0, 2.0),
    ("dev-app-02", 6379, 4.0, 9.0),
    ("prod-pg-01", 5432, 900.0, 2_300.0),
    ("prod-crm-01", 3306, 40.0, 210.0),
];

/// Name servers of the data centre, which every host asks.
const NAME_SERVER: &str = "10.0.0.53";

impl Estate {
    /// Gives what discovery would know of the estate: machines, services by the hosts' roles, and who talks to whom.
    ///
    /// Follows from the seed and the hosts' names alone; hosts that an estate does not have are left out.
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        let mut inventory = Inventory {
            facts: self.hosts.iter().flat_map(|host| self.facts(host)).collect(),
            services: self.hosts.iter().flat_map(|host| self.services(host)).collect(),
            ..Inventory::default()
        };
        inventory.dependencies = self.dependencies(&inventory.services);
        inventory.sort();
        inventory
    }

    fn learnt(&self, how: &str) -> Learnt {
        Learnt {
            first_at_ms: self.start_ms,
            last_at_ms: self.start_ms + i64::from(self.days) * DAY_MS,
            how: how.to_string(),
            privilege: Privilege::User,
        }
    }

    fn facts(&self, host: &HostSpec) -> Vec<Fact> {
        let address = format!("{}/24", self.peer(&host.name).address);
        [
            ("os.name", "", host.os.clone()),
            ("machine.architecture", "", "x86_64".to_string()),
            ("machine.kind", "", "virtual".to_string()),
            ("machine.hypervisor", "", "vmware".to_string()),
            ("cpu.model", "", host.cpu_model.clone()),
            ("cpu.threads", "", host.cores.to_string()),
            ("memory.size_bytes", "", format!("{:.0}", host.memory.as_bytes())),
            ("interface.addresses", "eth0", address),
        ]
        .into_iter()
        .map(|(name, item, value)| (name.to_string(), item.to_string(), value))
        .chain(said(&host.name))
        .map(|(name, item, value)| Fact {
            host: host.name.clone(),
            name,
            item,
            value,
            learnt: self.learnt("the sample estate"),
        })
        .collect()
    }

    fn services(&self, host: &HostSpec) -> Vec<Service> {
        let mut found: Vec<Service> = Vec::new();
        for (role, kind, name) in runs(host) {
            found.push(Service {
                host: host.name.clone(),
                service: name,
                product: kind.product.to_string(),
                category: kind.category,
                version: version(&host.name, kind.product).map(str::to_string),
                role: part(role),
                ports: kind.ports.to_vec(),
                process: Some(kind.process.to_string()),
                user: None,
                unit: None,
                arguments: None,
                processes: 1,
                rested_on: vec![format!("process name {}", kind.process)],
                sureness: Sureness::Seen,
                learnt: self.learnt("the sample estate"),
            });
        }
        found
    }

    fn dependencies(&self, services: &[Service]) -> Vec<Dependency> {
        let mut rows = Vec::new();
        for &(clients, servers, port, to_server, to_client) in TALK {
            for client in self.hosts.iter().filter(|host| host.name.starts_with(clients)) {
                let servers: Vec<&HostSpec> = self
                    .hosts
                    .iter()
                    .filter(|host| host.name.starts_with(servers) && host.name != client.name)
                    .collect();
                for server in &servers {
                    // Work is spread over equals, except from a bastion.
                    let share = if port == 22 { 1.0 } else { servers.len() as f64 };
                    let ends = (self.peer(&client.name), self.peer(&server.name));
                    rows.push(self.row(ends, port, (to_server / share, to_client / share), services));
                }
            }
        }
        for &(address, host, port, to_server, to_client, from_outside) in OUTSIDE {
            if self.host(host).is_some() {
                let (inside, outside) = (self.peer(host), external(address));
                let ends = if from_outside {
                    (outside, inside)
                } else {
                    (inside, outside)
                };
                rows.push(self.row(ends, port, (to_server, to_client), services));
            }
        }
        for &(host, port, to_server, to_client) in WITHIN {
            if self.host(host).is_some() {
                let end = || Peer {
                    address: "127.0.0.1".to_string(),
                    ..self.peer(host)
                };
                rows.push(self.row((end(), end()), port, (to_server, to_client), services));
            }
        }
        for host in &self.hosts {
            let ends = (self.peer(&host.name), external(NAME_SERVER));
            let mut row = self.row(ends, 53, (0.05, 0.09), services);
            row.transport = Transport::Udp;
            rows.push(row);
        }
        rows
    }

    /// Gives a host's end: its address follows from its place in the estate.
    fn peer(&self, host: &str) -> Peer {
        let place = self.hosts.iter().position(|known| known.name == host).unwrap_or(0);
        let network = match host.split('-').next() {
            Some("stg") => 30,
            Some("dev") => 40,
            _ => 20,
        };
        Peer {
            host: Some(host.to_string()),
            address: format!("10.{network}.{}.{}", place / 200, place % 200 + 11),
            service: None,
        }
    }

    fn row(&self, ends: (Peer, Peer), port: u16, kilobytes: (f64, f64), services: &[Service]) -> Dependency {
        let (mut client, mut server) = ends;
        let own_server = |one: &&Service| Some(&one.host) == server.host.as_ref() && one.ports.contains(&port);
        server.service = services.iter().find(own_server).map(|one| one.service.clone());
        let is_itself = |one: &Service| client.host == server.host && Some(&one.service) == server.service.as_ref();
        let own_client = |one: &&Service| Some(&one.host) == client.host.as_ref() && !is_itself(one);
        client.service = services.iter().find(own_client).map(|one| one.service.clone());
        let name = |peer: &Peer| peer.host.clone().unwrap_or_else(|| peer.address.clone());
        let mut noise = Noise::new(self.seed, &format!("{} to {} {port}", name(&client), name(&server)));
        let known = ![&client, &server]
            .iter()
            .any(|peer| peer.host.as_deref().is_some_and(|host| WITHOUT_BYTES.contains(&host)));
        let factor = noise.factor(0.12);
        let rate = |kilobytes: f64| known.then_some((kilobytes * factor * 1_000.0).round());
        let busy = (kilobytes.0 + kilobytes.1).sqrt();
        let seen = (noise.uniform() * 0.02 + if busy < 1.0 { 0.3 } else { 0.98 }).min(1.0);
        Dependency {
            client,
            server,
            port,
            transport: Transport::Tcp,
            direction: Direction::Listening,
            connections_max: 1 + (busy * 0.6) as u32,
            looks_seen: (seen * f64::from(LOOKS)) as u32,
            looks_taken: LOOKS,
            to_server_bytes_per_s: rate(kilobytes.0),
            to_client_bytes_per_s: rate(kilobytes.1),
            learnt: self.learnt(if known { "ss" } else { "/proc/net" }),
        }
    }
}

fn external(address: &str) -> Peer {
    Peer {
        host: None,
        address: address.to_string(),
        service: None,
    }
}

/// Gives what runs on a host: the role, what it is, and the service's name within the host.
fn runs(host: &HostSpec) -> Vec<(&str, &'static Kind, String)> {
    let mut found: Vec<(&str, &'static Kind, String)> = Vec::new();
    for role in &host.roles {
        let Some(kind) = KINDS.iter().find(|kind| role.starts_with(kind.role)) else {
            continue;
        };
        let mut name = kind.product.to_string();
        if kind.product == "java" || found.iter().any(|(_, _, other)| *other == name) {
            name = role.replace(' ', "-");
        }
        found.push((role, kind, name));
    }
    found
}

/// Gives the services of a host: the name within the host and the product.
pub(crate) fn services_of(host: &HostSpec) -> Vec<(String, &'static str)> {
    runs(host)
        .into_iter()
        .map(|(_, kind, name)| (name, kind.product))
        .collect()
}

/// Reads the part of a node from its role.
fn part(role: &str) -> Option<Role> {
    match role.rsplit(' ').next()? {
        "primary" | "active" => Some(Role::Primary),
        "replica" | "secondary" | "standby" => Some(Role::Replica),
        "standalone" | "warehouse" => Some(Role::Standalone),
        "data" | "master" => Some(Role::Member),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::payments_company;

    #[test]
    fn every_server_within_the_estate_listens_on_the_port() {
        let estate = payments_company(7);
        let inventory = estate.inventory();
        assert!(inventory.dependencies.len() > 150);
        for row in inventory.dependencies.iter().filter(|row| row.port != 22) {
            let Some(host) = &row.server.host else { continue };
            let listens = inventory
                .services
                .iter()
                .any(|service| &service.host == host && service.ports.contains(&row.port));
            assert!(listens, "{row:?}");
        }
        for host in &estate.hosts {
            let known = inventory.services.iter().any(|service| service.host == host.name);
            assert!(known || host.roles.iter().all(|role| role == "k6"), "{}", host.name);
        }
    }

    #[test]
    fn traffic_fits_what_the_interfaces_show() {
        let estate = payments_company(42);
        let inventory = estate.inventory();
        for host in estate.hosts.iter().filter(|host| host.name.starts_with("prod-pg")) {
            let total: f64 = inventory
                .dependencies
                .iter()
                .filter(|row| row.server.host.as_ref() == Some(&host.name))
                .filter_map(|row| row.to_client_bytes_per_s)
                .sum();
            assert!(total < 40e6, "{}: {total}", host.name);
        }
        assert_eq!(
            inventory,
            payments_company(42).inventory(),
            "the same seed, the same rows"
        );
        assert_ne!(inventory, payments_company(43).inventory());
    }
}
