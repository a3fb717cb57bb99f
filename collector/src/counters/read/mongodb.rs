//! MongoDB: `hello`, `buildInfo`, `serverStatus` and `listDatabases`.

use serde_json::Value;

use super::{at, number_at, text_at};
use crate::counters::answer::Answer;
use crate::counters::metric::*;

/// Reads the answers that there are; `databases` is asked seldom.
#[must_use]
pub fn read(hello: &Value, build: &Value, status: &Value, databases: Option<&Value>) -> Answer {
    let mut answer = Answer {
        uptime_s: number_at(status, "uptime"),
        ..Answer::default()
    };
    let of = |path: &str| number_at(status, path);
    answer.level(CONNECTIONS, of("connections/current"));
    answer.level(CONNECTIONS_ACTIVE, of("connections/active"));
    let limit = of("connections/available").and_then(|free| Some(free + of("connections/current")?));
    answer.level(CONNECTIONS_LIMIT, limit);
    answer.total(CONNECTIONS_OPENED, of("connections/totalCreated"));
    for name in ["insert", "query", "update", "delete", "getmore", "command"] {
        answer.total(OPERATIONS, of(&format!("opcounters/{name}")));
    }
    for name in ["query", "getmore"] {
        answer.total(READS, of(&format!("opcounters/{name}")));
    }
    for name in ["insert", "update", "delete"] {
        answer.total(WRITES, of(&format!("opcounters/{name}")));
    }
    answer.total(RECEIVED, of("network/bytesIn"));
    answer.total(SENT, of("network/bytesOut"));
    let mebibytes = |path: &str| of(path).map(|value| value * 1_048_576.0);
    answer.level(MEMORY_RESIDENT, mebibytes("mem/resident"));
    answer.level(BUFFER_SIZE, of("wiredTiger/cache/maximum bytes configured"));
    answer.level(BUFFER_USED, of("wiredTiger/cache/bytes currently in the cache"));
    answer.level(BUFFER_DIRTY, of("wiredTiger/cache/tracked dirty bytes in the cache"));
    let misses = of("wiredTiger/cache/pages read into cache");
    answer.total(MISSES, misses);
    answer.total(
        HITS,
        of("wiredTiger/cache/pages requested from the cache").and_then(|all| Some((all - misses?).max(0.0))),
    );
    answer.total(DISK_READ, of("wiredTiger/block-manager/bytes read"));
    answer.total(DISK_WRITTEN, of("wiredTiger/block-manager/bytes written"));
    answer.total(LOG_WRITTEN, of("wiredTiger/log/log bytes written"));
    if let Some(version) = text_at(build, "version").or_else(|| text_at(status, "version")) {
        answer.fact("version", version);
    }
    if let Some(role) = role(hello) {
        answer.fact("role", role);
    }
    if let Some(set) = text_at(hello, "setName") {
        answer.fact_of("setting", "replica set", set);
    }
    if let Some(engine) = text_at(status, "storageEngine/name") {
        answer.fact_of("engine", engine, "storage engine");
    }
    for database in databases
        .and_then(|all| at(all, "databases")?.as_array())
        .into_iter()
        .flatten()
    {
        if let (Some(name), Some(bytes)) = (text_at(database, "name"), number_at(database, "sizeOnDisk")) {
            answer.fact_of("database_bytes", name, &format!("{bytes:.0}"));
        }
    }
    answer.level(DATA, databases.and_then(|all| number_at(all, "totalSize")));
    answer
}

fn role(hello: &Value) -> Option<&'static str> {
    let is = |name: &str| at(hello, name).and_then(Value::as_bool).unwrap_or(false);
    if text_at(hello, "msg") == Some("isdbgrid") || is("arbiterOnly") {
        return Some("arbiter");
    }
    if text_at(hello, "setName").is_none() {
        return at(hello, "maxWireVersion").map(|_| "standalone");
    }
    if is("isWritablePrimary") || is("ismaster") {
        return Some("primary");
    }
    is("secondary").then_some("replica")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_the_documented_form_is_read() {
        let all: Value =
            serde_json::from_slice(include_bytes!("../../../tests/counters/answers/mongodb-7.0.json")).unwrap();
        let answer = read(
            &all["hello"],
            &all["buildInfo"],
            &all["serverStatus"],
            Some(&all["listDatabases"]),
        );
        assert_eq!(answer.fact_named("version"), Some("7.0.14"));
        assert_eq!(answer.fact_named("role"), Some("primary"));
        assert_eq!(answer.value(CONNECTIONS_LIMIT), Some(51_200.0));
        assert_eq!(answer.value(MEMORY_RESIDENT), Some(1_024.0 * 1_048_576.0));
        assert_eq!(answer.value(DATA), Some(3_221_225_472.0));
        assert!(read(&Value::Null, &Value::Null, &Value::Null, None).is_empty());
    }

    /// Recorded from a real server; see the README beside the file.
    #[test]
    fn what_a_real_server_said_is_read() {
        let status = crate::counters::read::bson::read(include_bytes!(
            "../../../tests/counters/recorded/mongodb-2.6-server-status.bson"
        ))
        .unwrap();
        let answer = read(&Value::Null, &Value::Null, &status, None);
        assert_eq!(answer.fact_named("version"), Some("2.6.7"));
        assert_eq!(answer.uptime_s, Some(127_859.0));
        assert_eq!(answer.value(CONNECTIONS), Some(1.0));
        assert_eq!(answer.value(CONNECTIONS_LIMIT), Some(819.0));
        assert_eq!(answer.value(CONNECTIONS_OPENED), Some(4_145.0));
        assert_eq!(answer.value(RECEIVED), Some(162_962_349.0));
        assert_eq!(answer.value(SENT), Some(399_007_475.0));
        assert_eq!(answer.value(MEMORY_RESIDENT), Some(10.0 * 1_048_576.0));
        let of = |metric| {
            let all = answer.values.iter().filter(|(known, _)| *known == metric);
            all.map(|(_, value)| match value {
                crate::counters::answer::Value::Total(value) => *value,
                crate::counters::answer::Value::Level(_) => f64::NAN,
            })
            .sum::<f64>()
        };
        assert_eq!((of(READS), of(WRITES)), (460_157.0, 221_200.0));
        assert_eq!(of(OPERATIONS), 1_323_696.0);
        // Its storage engine has no cache of its own: none of nought bytes is claimed.
        assert_eq!((answer.value(BUFFER_SIZE), answer.value(HITS)), (None, None));
        assert_eq!(answer.fact_named("role"), None);
    }
}
