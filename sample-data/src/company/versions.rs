//! Which versions run in the demo estate, and what its services say of themselves; what makes a move harder is among it.

/// Versions by the beginning of the host's name and the product; the first that fits counts.
const VERSIONS: &[(&str, &str, &str)] = &[
    ("prod-report-", "postgresql", "11.22"),
    ("stg-pg-", "postgresql", "15.6"),
    ("", "postgresql", "14.11"),
    ("dev-", "mysql", "8.0.36"),
    ("", "mysql", "5.7.44"),
    ("", "mariadb", "10.11.6"),
    ("", "oracle", "19.3"),
    ("", "sql-server", "15.0.4355"),
    ("", "redis", "6.2.14"),
    ("", "valkey", "7.2.5"),
    ("", "memcached", "1.6.18"),
    ("dev-", "mongodb", "6.0.14"),
    ("", "mongodb", "4.4.29"),
    ("dev-", "rabbitmq", "3.12.13"),
    ("", "rabbitmq", "3.10.25"),
    ("", "activemq", "5.17.6"),
    ("", "kafka", "2.8.2"),
    ("", "elasticsearch", "7.17.18"),
    ("", "opensearch", "2.11.1"),
    ("", "haproxy", "2.6.12"),
    ("", "nginx", "1.22.1"),
];

/// What services say of themselves: host, fact, item, value.
const SAID: &[(&str, &str, &str, &str)] = &[
    (
        "prod-pg-01",
        "service.extension",
        "postgresql/pg_stat_statements",
        "1.9",
    ),
    ("prod-pg-01", "service.extension", "postgresql/postgis", "3.2.0"),
    ("prod-pg-01", "service.extension", "postgresql/timescaledb", "2.14.2"),
    ("prod-pg-01", "service.setting", "postgresql/max_connections", "600"),
    ("prod-pg-01", "service.setting", "postgresql/server_encoding", "UTF8"),
    (
        "prod-pg-01",
        "service.table_bytes",
        "postgresql/payments.public.transactions",
        "231928233984",
    ),
    (
        "prod-report-01",
        "service.setting",
        "postgresql/server_encoding",
        "SQL_ASCII",
    ),
    ("prod-mysql-01", "service.engine", "mysql/ledger InnoDB", "214 tables"),
    ("prod-mysql-01", "service.engine", "mysql/archive MyISAM", "12 tables"),
    (
        "prod-mysql-01",
        "service.setting",
        "mysql/character_set_server",
        "latin1",
    ),
    ("prod-redis-01", "service.feature", "redis/module bf", "yes"),
    ("prod-mongo-01", "service.setting", "mongodb/replica set", "rs0"),
    (
        "prod-mongo-01",
        "service.engine",
        "mongodb/wiredTiger",
        "storage engine",
    ),
    ("prod-mq-01", "service.feature", "rabbitmq/quorum queues", "6"),
    ("prod-mq-01", "service.feature", "rabbitmq/classic queues", "31"),
    (
        "prod-mq-01",
        "service.feature",
        "rabbitmq/plugin rabbitmq_delayed_message_exchange",
        "yes",
    ),
];

/// Gives the version of a product on a host.
pub(super) fn version(host: &str, product: &str) -> Option<&'static str> {
    let of = VERSIONS
        .iter()
        .find(|(beginning, of, _)| *of == product && host.starts_with(beginning));
    of.map(|(_, _, version)| *version)
}

/// Gives what the services of a host say of themselves: name, item and value of facts.
pub(super) fn said(host: &str) -> impl Iterator<Item = (String, String, String)> {
    SAID.iter()
        .filter(move |(of, ..)| *of == host)
        .map(|(_, name, item, value)| (name.to_string(), item.to_string(), value.to_string()))
}
