//! MySQL and MariaDB: rows of fixed statements, as the client prints them in batch mode.
//!
//! A row `@name` begins a section; cells are separated by tabs, which the client
//! escapes within a value.

use std::collections::BTreeMap;

use crate::counters::answer::{Answer, number};
use crate::counters::metric::*;

/// Sent before all else: nothing can be written, nothing takes long. What a version does not know it skips.
pub const GUARD: &[&str] = &[
    "SET SESSION TRANSACTION READ ONLY;",
    "/*M!100101 SET SESSION max_statement_time=3*/;",
    "/*!50708 SET SESSION max_execution_time=3000*/;",
    "SET SESSION lock_wait_timeout=1;",
];

/// Asked every minute.
pub const CHEAP: &[&str] = &[
    "SELECT '@status';",
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime','Questions','Slow_queries','Threads_connected','Threads_running','Max_used_connections','Connections','Bytes_received','Bytes_sent','Com_select','Com_insert','Com_update','Com_delete','Com_replace','Com_insert_select','Com_replace_select','Com_update_multi','Com_delete_multi','Com_commit','Com_rollback','Innodb_buffer_pool_reads','Innodb_buffer_pool_read_requests','Innodb_buffer_pool_bytes_data','Innodb_buffer_pool_bytes_dirty','Innodb_data_read','Innodb_data_written','Innodb_os_log_written','Innodb_deadlocks','Created_tmp_disk_tables','Memory_used','Slaves_connected');",
    "SELECT '@variables';",
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version','version_comment','innodb_buffer_pool_size','max_connections','log_bin','binlog_format','read_only','character_set_server','default_storage_engine','innodb_file_per_table','innodb_log_file_size','innodb_redo_log_capacity','key_buffer_size','query_cache_size','sql_mode','lower_case_table_names','gtid_mode','wsrep_on','time_zone','table_open_cache','tmp_table_size','event_scheduler');",
    "SELECT '@replica';",
    "SHOW SLAVE STATUS\\G",
    "/*!80022 SHOW REPLICA STATUS*/\\G",
    "SELECT '@end';",
];

/// Asked every 15 minutes: the sizes in `information_schema` are estimates of the engine, and cheap only on few tables.
pub const SIZES: &[&str] = &[
    "SELECT '@sizes';",
    "SELECT table_schema, COALESCE(engine, ''), SUM(COALESCE(data_length, 0)), SUM(COALESCE(index_length, 0)), COUNT(*) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys') GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 200;",
    "SELECT '@tables';",
    "SELECT table_schema, table_name, COALESCE(data_length, 0) + COALESCE(index_length, 0) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys') ORDER BY 3 DESC LIMIT 20;",
    "SELECT '@end';",
];

/// Statements of [`Answer`] that change rows.
const WRITING: [&str; 8] = [
    "Com_insert",
    "Com_update",
    "Com_delete",
    "Com_replace",
    "Com_insert_select",
    "Com_replace_select",
    "Com_update_multi",
    "Com_delete_multi",
];

/// Reads rows; gives the answer and the first complaint between them.
#[must_use]
pub fn read(text: &[u8]) -> (Answer, Option<String>) {
    let text = String::from_utf8_lossy(text);
    let mut answer = Answer::default();
    let mut complaint = None;
    let mut section = "";
    let (mut status, mut variables) = (BTreeMap::new(), BTreeMap::new());
    let (mut data, mut index, mut tables) = (None, None, None);
    let (mut is_replica, mut lag) = (false, None);
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        match (section, cells.as_slice()) {
            (_, [mark]) if mark.starts_with('@') => section = mark,
            (_, [words]) if words.starts_with("ERROR") => {
                complaint.get_or_insert_with(|| (*words).to_string());
            }
            ("@status", [name, value]) => {
                status.insert(*name, *value);
            }
            ("@variables", [name, value]) => {
                variables.insert(*name, *value);
            }
            ("@replica", [row]) => {
                is_replica |= row.ends_with("1. row ***************************");
                if let Some((name, value)) = row.trim().split_once(": ")
                    && matches!(name, "Seconds_Behind_Master" | "Seconds_Behind_Source")
                {
                    lag = number(value);
                }
            }
            ("@sizes", [schema, engine, data_bytes, index_bytes, count]) => {
                let (Some(data_bytes), Some(index_bytes)) = (number(data_bytes), number(index_bytes)) else {
                    continue;
                };
                data = Some(data.unwrap_or(0.0) + data_bytes + index_bytes);
                index = Some(index.unwrap_or(0.0) + index_bytes);
                tables = Some(tables.unwrap_or(0.0) + number(count).unwrap_or(0.0));
                answer.fact_of("database_bytes", schema, &format!("{:.0}", data_bytes + index_bytes));
                answer.fact_of("engine", &format!("{schema} {engine}"), &format!("{count} tables"));
            }
            ("@tables", [schema, table, bytes]) => {
                answer.fact_of("table_bytes", &format!("{schema}.{table}"), bytes);
            }
            _ => {}
        }
    }
    if text.contains("@sizes") && complaint.is_none() {
        // A server without a table holds no data, which is known.
        (data, index, tables) = (data.or(Some(0.0)), index.or(Some(0.0)), tables.or(Some(0.0)));
    }
    let of = |name: &str| status.get(name).and_then(|value| number(value));
    answer.uptime_s = of("Uptime");
    answer.level(CONNECTIONS, of("Threads_connected"));
    answer.level(CONNECTIONS_ACTIVE, of("Threads_running"));
    answer.level(CONNECTIONS_PEAK, of("Max_used_connections"));
    answer.level(BUFFER_USED, of("Innodb_buffer_pool_bytes_data"));
    answer.level(BUFFER_DIRTY, of("Innodb_buffer_pool_bytes_dirty"));
    answer.level(MEMORY_USED, of("Memory_used"));
    answer.level(REPLICAS, of("Slaves_connected"));
    answer.total(CONNECTIONS_OPENED, of("Connections"));
    answer.total(OPERATIONS, of("Questions"));
    answer.total(SLOW_QUERIES, of("Slow_queries"));
    answer.total(READS, of("Com_select"));
    for name in WRITING {
        answer.total(WRITES, of(name));
    }
    for name in ["Com_commit", "Com_rollback"] {
        answer.total(TRANSACTIONS, of(name));
    }
    let misses = of("Innodb_buffer_pool_reads");
    answer.total(MISSES, misses);
    answer.total(
        HITS,
        of("Innodb_buffer_pool_read_requests").and_then(|all| Some((all - misses?).max(0.0))),
    );
    answer.total(RECEIVED, of("Bytes_received"));
    answer.total(SENT, of("Bytes_sent"));
    answer.total(DISK_READ, of("Innodb_data_read"));
    answer.total(DISK_WRITTEN, of("Innodb_data_written"));
    answer.total(LOG_WRITTEN, of("Innodb_os_log_written"));
    answer.total(DEADLOCKS, of("Innodb_deadlocks"));
    answer.level(DATA, data);
    answer.level(INDEX, index);
    answer.level(TABLES, tables);
    answer.level(REPLICATION_LAG, lag);
    let said = |name: &str| variables.get(name).copied();
    answer.level(BUFFER_SIZE, said("innodb_buffer_pool_size").and_then(number));
    answer.level(CONNECTIONS_LIMIT, said("max_connections").and_then(number));
    if let Some(version) = said("version") {
        answer.fact("version", version);
        answer.fact(
            "product",
            if version.contains("MariaDB") {
                "mariadb"
            } else {
                "mysql"
            },
        );
        let feeds = of("Slaves_connected").is_some_and(|replicas| replicas > 0.0);
        let role = match (is_replica, feeds, said("wsrep_on")) {
            (_, _, Some("ON")) => Some("member"),
            (true, _, _) => Some("replica"),
            (false, true, _) => Some("primary"),
            // Only who may ask knows that there is no source.
            (false, false, _) if complaint.is_none() => Some("standalone"),
            _ => None,
        };
        if let Some(role) = role {
            answer.fact("role", role);
        }
    }
    for (name, value) in variables {
        if name != "version" {
            answer.fact_of("setting", name, value);
        }
    }
    (answer, complaint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_answer_is_read() {
        let (answer, complaint) = read(include_bytes!("../../../tests/counters/answers/mariadb-10.11.txt"));
        assert_eq!(complaint, None);
        assert_eq!(answer.fact_named("product"), Some("mariadb"));
        assert_eq!(answer.fact_named("role"), Some("standalone"));
        assert_eq!(answer.value(BUFFER_SIZE), Some(134_217_728.0));
        assert_eq!(answer.value(TABLES), Some(1.0));
        assert!(answer.value(OPERATIONS).is_some_and(|questions| questions > 0.0));
        assert!(
            answer
                .facts
                .iter()
                .any(|(name, part, _)| *name == "engine" && part == "shop InnoDB")
        );
    }

    #[test]
    fn a_replica_says_how_far_behind_it_is_and_a_refusal_leaves_the_role_open() {
        let text = b"@variables\nversion\t8.0.36\n@replica\n*************************** 1. row ***************************\n  Seconds_Behind_Source: 12\n@end\n";
        let (answer, _) = read(text);
        assert_eq!(answer.fact_named("role"), Some("replica"));
        assert_eq!(answer.value(REPLICATION_LAG), Some(12.0));
        let (answer, complaint) =
            read(b"@variables\nversion\t8.0.36\n@replica\nERROR 1227 (42000) at line 1: Access denied\n");
        assert_eq!(answer.fact_named("role"), None);
        assert!(complaint.is_some());
    }
}
