//! What must be found out about the services of the demo estate.

use serde::Serialize;

/// A known right answer about a service: what its telemetry shows, within a tenth, and where it must go.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ServiceAnswer {
    /// The host of its first node.
    pub host: &'static str,
    /// Name within the host.
    pub service: &'static str,
    /// Nodes that are one workload with it, itself included.
    pub nodes: usize,
    /// The AWS service of phase `replatform`, as `target_service` has it; `ec2` where it stays for
    /// lack of a price in the estate's region.
    pub target: &'static str,
    /// What decides its size, in words.
    pub decides: &'static str,
    /// The highest value of that, in `unit`, as the generator was told: loads end at 1.4 of the crest; absent where it is
    /// not one number.
    pub need: Option<f64>,
    /// Unit of `need`.
    pub unit: &'static str,
}

const fn answer(
    host: &'static str,
    service: &'static str,
    nodes: usize,
    target: &'static str,
    (decides, need, unit): (&'static str, Option<f64>, &'static str),
) -> ServiceAnswer {
    ServiceAnswer {
        host,
        service,
        nodes,
        target,
        decides,
        need,
        unit,
    }
}

const ANSWERS: &[ServiceAnswer] = &[
    answer(
        "dev-app-01",
        "rabbitmq",
        1,
        "mq",
        ("messages", Some(2_302.0), "messages/s"),
    ),
    answer("dev-app-01", "redis", 1, "elasticache", ("memory", Some(0.205), "GiB")),
    answer("dev-app-02", "redis", 1, "elasticache", ("memory", Some(0.205), "GiB")),
    answer("dev-db-01", "mongodb", 1, "documentdb", ("memory", Some(3.52), "GiB")),
    answer("dev-db-01", "mysql", 1, "rds", ("storage", Some(86.7), "GiB")),
    answer(
        "prod-cache-01",
        "memcached",
        1,
        "elasticache",
        ("memory", Some(4.2), "GiB"),
    ),
    answer(
        "prod-cache-01",
        "valkey",
        1,
        "elasticache",
        ("memory", Some(3.4), "GiB"),
    ),
    answer("prod-crm-01", "mariadb", 1, "rds", ("storage", Some(87.9), "GiB")),
    answer(
        "prod-es-01",
        "elasticsearch",
        3,
        "opensearch",
        ("storage", Some(1_447.0), "GiB"),
    ),
    answer("prod-kafka-01", "kafka", 3, "msk", ("storage", Some(2_620.0), "GiB")),
    answer("prod-lb-01", "haproxy", 2, "alb", ("capacity units", None, "")),
    answer(
        "prod-mongo-01",
        "mongodb",
        3,
        "documentdb",
        ("memory", Some(28.2), "GiB"),
    ),
    answer(
        "prod-mq-01",
        "rabbitmq",
        3,
        "mq",
        ("messages", Some(5_856.0), "messages/s"),
    ),
    answer("prod-mssql-01", "sql-server", 1, "ec2", ("storage", None, "GiB")),
    answer("prod-mysql-01", "mysql", 2, "rds", ("storage", Some(808.0), "GiB")),
    answer("prod-nas-01", "nfs-server", 1, "efs", ("storage", Some(2_952.0), "GiB")),
    answer("prod-oracle-01", "oracle", 1, "ec2", ("storage", None, "GiB")),
    answer("prod-pg-01", "postgresql", 3, "rds", ("storage", Some(450.6), "GiB")),
    answer(
        "prod-redis-01",
        "redis",
        2,
        "elasticache",
        ("memory", Some(14.4), "GiB"),
    ),
    answer(
        "prod-report-01",
        "postgresql",
        1,
        "rds",
        ("storage", Some(2_399.0), "GiB"),
    ),
    answer(
        "stg-amq-01",
        "activemq",
        1,
        "mq",
        ("messages", Some(727.0), "messages/s"),
    ),
    answer(
        "stg-os-01",
        "opensearch",
        1,
        "opensearch",
        ("storage", Some(64.1), "GiB"),
    ),
    answer("stg-pg-01", "postgresql", 1, "rds", ("storage", Some(95.7), "GiB")),
    answer("stg-proxy-01", "nginx", 1, "alb", ("capacity units", None, "")),
];

/// Gives the known right answers about the services of the demo estate, by host and service.
#[must_use]
pub fn service_answers() -> &'static [ServiceAnswer] {
    ANSWERS
}
