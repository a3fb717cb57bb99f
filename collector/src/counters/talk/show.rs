//! Everything that is asked of services, in full, for whoever has to allow it.

use std::fmt::Write as _;

use super::{shell, sql};
use crate::counters::read;

/// Gives the programs that run on a host, and what is asked of services, in the order of the products.
#[must_use]
pub fn show_questions() -> String {
    let mut text = String::from(
        "# Services that discover found or hosts.toml names are asked for their counters (counters = false: none is).\n\
         # Redis: AUTH where there is an account; INFO; INFO commandstats\n\
         # Memcached: stats\n\
         # MongoDB: hello; SCRAM-SHA-256 where there is an account; buildInfo; serverStatus; listDatabases\n\
         # RabbitMQ: GET /api/overview, /api/nodes/NAME, /api/queues\n\
         # Elasticsearch, OpenSearch: GET /, /_cluster/health, /_nodes/_local/stats, /_cat/shards\n\
         # HAProxy: show info;show stat, or GET PAGE;csv\n\
         # nginx: GET /nginx_status, /stub_status, /basic_status, /status, or the page that is named\n\
         # The rest is asked by a shell that reads these lines from standard input.\n",
    );
    let programs = [
        ("before every program", shell::BEFORE),
        ("RabbitMQ without an account", shell::RABBITMQ),
        ("Java virtual machines", shell::JVM),
        ("PostgreSQL, followed by its queries", sql::POSTGRESQL),
        ("MySQL and MariaDB, followed by their statements", sql::MYSQL),
    ];
    for (what, program) in programs {
        let _ = writeln!(text, "# {what}\n{program}");
    }
    let queries = [
        ("PostgreSQL, every minute", read::postgresql::CHEAP),
        ("PostgreSQL, every 15 minutes", read::postgresql::SIZES),
        ("MySQL and MariaDB, first of all", read::mysql::GUARD),
        ("MySQL and MariaDB, every minute", read::mysql::CHEAP),
        ("MySQL and MariaDB, every 15 minutes", read::mysql::SIZES),
    ];
    for (what, queries) in queries {
        let _ = writeln!(text, "-- {what}");
        for query in queries {
            let _ = writeln!(text, "{query}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_that_is_asked_can_write() {
        let text = super::show_questions();
        for query in text.lines().filter(|line| line.ends_with(';')) {
            let query = query.trim_start_matches(|letter: char| !letter.is_ascii_uppercase());
            let reads = ["SELECT ", "SHOW ", "SET SESSION "]
                .iter()
                .any(|verb| query.starts_with(verb));
            // The comments that only one product runs hold a `SET SESSION` too.
            assert!(reads || query.starts_with("M!100101 SET SESSION "), "{query}");
        }
        assert!(text.contains("default_transaction_read_only=on") && text.contains("TRANSACTION READ ONLY"));
    }
}
