//! The products whose counters can be read.

/// A product, or a family of products that speak one protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Product {
    /// Redis, Valkey, KeyDB.
    Redis,
    /// Memcached.
    Memcached,
    /// PostgreSQL.
    Postgresql,
    /// MySQL and MariaDB.
    Mysql,
    /// MongoDB.
    Mongodb,
    /// RabbitMQ.
    Rabbitmq,
    /// Elasticsearch and OpenSearch.
    Elasticsearch,
    /// HAProxy.
    Haproxy,
    /// nginx.
    Nginx,
    /// Java virtual machines, all of one host together.
    Jvm,
}

/// Names that are understood, the usual one of each product first.
const NAMES: [(&str, Product); 14] = [
    ("redis", Product::Redis),
    ("valkey", Product::Redis),
    ("keydb", Product::Redis),
    ("memcached", Product::Memcached),
    ("postgresql", Product::Postgresql),
    ("mysql", Product::Mysql),
    ("mariadb", Product::Mysql),
    ("mongodb", Product::Mongodb),
    ("rabbitmq", Product::Rabbitmq),
    ("elasticsearch", Product::Elasticsearch),
    ("opensearch", Product::Elasticsearch),
    ("haproxy", Product::Haproxy),
    ("nginx", Product::Nginx),
    ("jvm", Product::Jvm),
];

impl Product {
    /// Finds a product by its name in hosts.toml and in the inventory.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|&(_, product)| product)
    }

    /// Lists the names, for messages.
    #[must_use]
    pub fn names() -> String {
        NAMES.map(|(name, _)| name).join(", ")
    }

    /// Gives the usual name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|&&(_, product)| product == self)
            .map_or("service", |(name, _)| name)
    }

    /// Gives the port that it is asked at when nothing else is said; none when it is not asked by TCP.
    #[must_use]
    pub fn usual_port(self) -> Option<u16> {
        match self {
            Self::Redis => Some(6379),
            Self::Memcached => Some(11211),
            Self::Postgresql => Some(5432),
            Self::Mysql => Some(3306),
            Self::Mongodb => Some(27017),
            Self::Rabbitmq => Some(15672),
            Self::Elasticsearch => Some(9200),
            Self::Nginx => Some(80),
            Self::Haproxy | Self::Jvm => None,
        }
    }

    /// Says whether one question costs the host so much (a program that takes a CPU second to start) that it is asked
    /// every 15 minutes only.
    #[must_use]
    pub fn is_costly(self) -> bool {
        matches!(self, Self::Jvm)
    }
}
