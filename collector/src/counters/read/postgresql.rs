//! PostgreSQL: rows of fixed queries, as `psql` prints them.
//!
//! Each row begins with the byte 0x1E and ends with a zero byte, its cells are
//! separated by 0x1F; what stands between rows is what `psql` complained of.

use crate::counters::answer::{Answer, number};
use crate::counters::metric::*;

/// Where the cells of a row begin, and what separates them.
pub const BEGIN: char = '\u{1e}';
/// What separates cells.
pub const CELL: char = '\u{1f}';

/// Asked every minute. `pg_stat_database` is kept in memory: the queries touch no table.
pub const CHEAP: &[&str] = &[
    "SELECT chr(30)||'total', 'commit', sum(xact_commit), 'rollback', sum(xact_rollback), 'read', sum(blks_read), 'hit', sum(blks_hit), 'returned', sum(tup_returned), 'fetched', sum(tup_fetched), 'inserted', sum(tup_inserted), 'updated', sum(tup_updated), 'deleted', sum(tup_deleted), 'temporary', sum(temp_bytes), 'deadlocks', sum(deadlocks) FROM pg_stat_database;",
    "SELECT chr(30)||'level', 'uptime', floor(extract(epoch FROM now() - pg_postmaster_start_time())), 'backends', (SELECT sum(numbackends) FROM pg_stat_database), 'active', (SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()), 'hidden', (SELECT count(*) FROM pg_stat_activity WHERE query = '<insufficient privilege>'), 'replicas', (SELECT count(*) FROM pg_stat_replication);",
    "SELECT chr(30)||'setting', name, setting, coalesce(unit, '') FROM pg_settings WHERE name IN ('block_size', 'shared_buffers', 'max_connections', 'superuser_reserved_connections', 'work_mem', 'maintenance_work_mem', 'effective_cache_size', 'wal_level', 'wal_segment_size', 'max_wal_size', 'shared_preload_libraries', 'server_version', 'autovacuum', 'synchronous_commit', 'ssl', 'default_transaction_isolation', 'lc_collate', 'server_encoding');",
    "SELECT chr(30)||'level', 'recovery', pg_is_in_recovery()::int, 'lag', CASE WHEN pg_is_in_recovery() THEN extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END;",
    "SELECT chr(30)||'total', 'wal', wal_bytes FROM pg_stat_wal;",
];

/// Asked every 15 minutes: sizes look at every file of a database.
pub const SIZES: &[&str] = &[
    "SELECT chr(30)||'database', datname, pg_database_size(oid) FROM pg_database WHERE datallowconn AND NOT datistemplate AND (has_database_privilege(oid, 'CONNECT')) ORDER BY 3 DESC LIMIT 200;",
    "SELECT chr(30)||'extension', extname, extversion FROM pg_extension WHERE extname <> 'plpgsql' LIMIT 100;",
    "SELECT chr(30)||'table', current_database(), n.nspname||'.'||c.relname, pg_total_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY c.relpages DESC LIMIT 20;",
    "SELECT chr(30)||'level', 'indexes', sum(pg_indexes_size(c.oid)), 'tables', count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast');",
];

/// Reads rows; gives the answer and the first complaint between them.
#[must_use]
pub fn read(text: &[u8]) -> (Answer, Option<String>) {
    let text = String::from_utf8_lossy(text);
    let mut answer = Answer::default();
    let mut complaint = None;
    let (mut data, mut block_bytes, mut reads) = (None, 8192.0, None);
    for record in text.split('\0') {
        let (said, row) = record
            .split_once(BEGIN)
            .map_or((record, None), |(said, row)| (said, Some(row)));
        if let Some(line) = said
            .lines()
            .find(|line| line.contains("FATAL") || line.contains("rror") || line.contains("ERROR"))
        {
            complaint.get_or_insert_with(|| line.trim().to_string());
        }
        let cells: Vec<&str> = row.unwrap_or_default().split(CELL).collect();
        match cells.as_slice() {
            ["total", pairs @ ..] => {
                for pair in pairs.chunks_exact(2) {
                    if let [name, value] = pair {
                        total(&mut answer, name, number(value));
                        if *name == "read" {
                            reads = number(value);
                        }
                    }
                }
            }
            ["level", pairs @ ..] => {
                for pair in pairs.chunks_exact(2) {
                    if let [name, value] = pair {
                        level(&mut answer, name, number(value));
                    }
                }
            }
            ["setting", name, value, unit] => {
                if *name == "block_size" {
                    block_bytes = number(value).unwrap_or(block_bytes);
                }
                setting(&mut answer, name, value, unit);
            }
            ["database", name, bytes] => {
                data = number(bytes).map(|bytes| data.unwrap_or(0.0) + bytes).or(data);
                answer.fact_of("database_bytes", name, bytes);
            }
            ["extension", name, version] => answer.fact_of("extension", name, version),
            ["table", database, table, bytes] => {
                answer.fact_of("table_bytes", &format!("{database}.{table}"), bytes);
            }
            _ => {}
        }
    }
    answer.level(DATA, data);
    answer.total(DISK_READ, reads.map(|blocks| blocks * block_bytes));
    (answer, complaint)
}

fn total(answer: &mut Answer, name: &str, value: Option<f64>) {
    match name {
        "commit" | "rollback" => {
            answer.total(TRANSACTIONS, value);
            answer.total(OPERATIONS, value);
        }
        "read" => answer.total(MISSES, value),
        "hit" => answer.total(HITS, value),
        "fetched" => answer.total(READS, value),
        "inserted" | "updated" | "deleted" => answer.total(WRITES, value),
        "temporary" => answer.total(TEMPORARY, value),
        "deadlocks" => answer.total(DEADLOCKS, value),
        "wal" => answer.total(LOG_WRITTEN, value),
        _ => {}
    }
}

fn level(answer: &mut Answer, name: &str, value: Option<f64>) {
    match name {
        "uptime" => answer.uptime_s = value,
        "backends" => answer.level(CONNECTIONS, value),
        "active" => answer.level(CONNECTIONS_ACTIVE, value),
        "hidden" if value.is_some_and(|count| count > 0.0) => {
            // What of others is hidden looks idle.
            answer.values.retain(|(metric, _)| *metric != CONNECTIONS_ACTIVE);
            answer
                .missing
                .push("what other accounts do is hidden; grant pg_monitor".to_string());
        }
        "replicas" => {
            answer.level(REPLICAS, value);
            if value.is_some_and(|replicas| replicas > 0.0) {
                answer.fact("role", "primary");
            }
        }
        "recovery" if value == Some(1.0) => answer.fact("role", "replica"),
        "recovery" if value == Some(0.0) && answer.fact_named("role").is_none() => answer.fact("role", "standalone"),
        "lag" => answer.level(REPLICATION_LAG, value),
        "indexes" => answer.level(INDEX, value),
        "tables" => answer.level(TABLES, value),
        _ => {}
    }
}

fn setting(answer: &mut Answer, name: &str, value: &str, unit: &str) {
    let bytes_per_unit = match unit {
        "B" => Some(1.0),
        "kB" => Some(1024.0),
        "8kB" => Some(8192.0),
        "16kB" => Some(16_384.0),
        "MB" => Some(1_048_576.0),
        _ => None,
    };
    let bytes = bytes_per_unit.and_then(|unit| Some(unit * number(value)?));
    match name {
        "server_version" => answer.fact("version", value.split_whitespace().next().unwrap_or_default()),
        "shared_buffers" => answer.level(BUFFER_SIZE, bytes),
        "max_connections" => answer.level(CONNECTIONS_LIMIT, number(value)),
        _ => {}
    }
    match bytes {
        Some(bytes) => answer.fact_of("setting", &format!("{name} (bytes)"), &format!("{bytes:.0}")),
        None => answer.fact_of("setting", name, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_answer_is_read() {
        let (answer, complaint) = read(include_bytes!("../../../tests/counters/answers/postgresql-15.txt"));
        // This version has every view that is asked for.
        assert_eq!(complaint, None);
        assert!(
            answer
                .fact_named("version")
                .is_some_and(|version| version.starts_with("15."))
        );
        assert_eq!(answer.fact_named("role"), Some("standalone"));
        assert_eq!(answer.value(BUFFER_SIZE), Some(134_217_728.0));
        assert_eq!(answer.value(CONNECTIONS_LIMIT), Some(100.0));
        assert!(answer.value(DATA).is_some_and(|bytes| bytes > 1e6));
        assert!(
            answer
                .facts
                .iter()
                .any(|(name, part, _)| *name == "table_bytes" && part == "shop.public.orders")
        );
    }

    #[test]
    fn a_refusal_is_a_complaint_and_what_is_hidden_is_not_zero() {
        let (answer, complaint) = read(b"psql: error: FATAL:  role \"x\" does not exist\n");
        assert!(answer.is_empty() && complaint.is_some_and(|words| words.contains("does not exist")));
        let row = format!("{BEGIN}level{CELL}active{CELL}0{CELL}hidden{CELL}4\0");
        let (answer, _) = read(row.as_bytes());
        assert_eq!(answer.value(CONNECTIONS_ACTIVE), None);
        assert_eq!(answer.missing.len(), 1);
    }

    #[test]
    fn a_name_that_holds_separators_breaks_its_own_row_only() {
        let rows = format!("{BEGIN}database{CELL}a{CELL}b{CELL}5\0{BEGIN}database{CELL}c\nERROR d{CELL}7\0");
        let (answer, complaint) = read(rows.as_bytes());
        assert_eq!(answer.value(DATA), Some(7.0));
        assert_eq!(complaint, None);
    }
}
