//! Memcached: the lines of `stats`.

use std::collections::BTreeMap;

use crate::counters::answer::{Answer, number};
use crate::counters::metric::*;

/// Reads `STAT name value` lines.
#[must_use]
pub fn read(text: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(text);
    let said: BTreeMap<&str, &str> = text
        .lines()
        .filter_map(|line| line.trim_end().strip_prefix("STAT ")?.split_once(' '))
        .collect();
    let of = |key: &str| said.get(key).and_then(|value| number(value));
    let mut answer = Answer {
        uptime_s: of("uptime"),
        ..Answer::default()
    };
    answer.level(MEMORY_USED, of("bytes"));
    answer.level(MEMORY_LIMIT, of("limit_maxbytes"));
    answer.level(CONNECTIONS, of("curr_connections"));
    answer.level(CONNECTIONS_LIMIT, of("max_connections"));
    answer.level(KEYS, of("curr_items"));
    answer.total(CONNECTIONS_OPENED, of("total_connections"));
    // Reads and writes are all there is; touching a key changes when it goes.
    for key in ["cmd_get", "cmd_set", "cmd_touch"] {
        answer.total(OPERATIONS, of(key));
    }
    answer.total(READS, of("cmd_get"));
    answer.total(WRITES, of("cmd_set"));
    answer.total(HITS, of("get_hits"));
    answer.total(MISSES, of("get_misses"));
    answer.total(EVICTED, of("evictions"));
    answer.total(EXPIRED, of("reclaimed"));
    answer.total(RECEIVED, of("bytes_read"));
    answer.total(SENT, of("bytes_written"));
    answer.total(
        CPU_BUSY,
        of("rusage_user").and_then(|user| Some(user + of("rusage_system")?)),
    );
    if let Some(version) = said.get("version") {
        answer.fact("version", version);
        answer.fact("role", "standalone");
    }
    for name in ["limit_maxbytes", "threads", "max_connections"] {
        if let Some(value) = said.get(name) {
            answer.fact_of("setting", name, value);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_answer_is_read() {
        let answer = read(include_bytes!("../../../tests/counters/answers/memcached-1.6.txt"));
        assert_eq!(answer.fact_named("version"), Some("1.6.18"));
        assert_eq!(answer.value(MEMORY_LIMIT), Some(67_108_864.0));
        assert_eq!(answer.value(CONNECTIONS_LIMIT), Some(1024.0));
        assert!(answer.uptime_s.is_some());
        assert!(read(b"ERROR\r\n").is_empty());
    }
}
