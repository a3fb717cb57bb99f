//! Redis and Valkey: the sections of `INFO`.

use std::collections::BTreeMap;

use crate::counters::answer::{Answer, number};
use crate::counters::metric::*;

/// Commands that change data; what a script or a transaction does is counted by its own commands.
const WRITING: &str = " append bitfield bitop blmove blpop brpop brpoplpush copy decr decrby del expire expireat flushall flushdb geoadd getdel getex getset hdel hincrby hincrbyfloat hmset hset hsetnx incr incrby incrbyfloat linsert lmove lpop lpush lpushx lrem lset ltrim move mset msetnx persist pexpire pexpireat pfadd pfmerge psetex rename renamenx restore rpop rpoplpush rpush rpushx sadd sdiffstore set setbit setex setnx setrange sinterstore smove sort spop srem sunionstore swapdb touch unlink xadd xack xautoclaim xclaim xdel xgroup xreadgroup xsetid xtrim zadd zdiffstore zincrby zinterstore zpopmax zpopmin zrangestore zrem zremrangebylex zremrangebyrank zremrangebyscore zunionstore ";

/// Reads the text of `INFO` and `INFO commandstats`, one after the other.
#[must_use]
pub fn read(text: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(text);
    let mut said: BTreeMap<&str, &str> = BTreeMap::new();
    let mut answer = Answer::default();
    let (mut keys, mut writes, mut calls_are_known) = (0.0, 0.0, false);
    let mut has_keyspace = false;
    for line in text.lines() {
        has_keyspace |= line.trim() == "# Keyspace";
        let Some((key, value)) = line.trim_end().split_once(':') else {
            continue;
        };
        if let Some(command) = key.strip_prefix("cmdstat_") {
            calls_are_known = true;
            // `calls=2,usec=…`; a subcommand stands behind a bar.
            let command = command.split('|').next().unwrap_or_default();
            if WRITING.contains(&format!(" {command} ")) {
                writes += field(value, "calls").unwrap_or(0.0);
            }
        } else if key
            .strip_prefix("db")
            .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        {
            keys += field(value, "keys").unwrap_or(0.0);
        } else if key == "module" {
            let name = value.split(',').find_map(|part| part.strip_prefix("name="));
            answer.fact_of("feature", &format!("module {}", name.unwrap_or_default()), "yes");
        } else {
            said.insert(key, value);
        }
    }
    let of = |key: &str| said.get(key).and_then(|value| number(value));
    let above_zero = |key: &str| of(key).filter(|value| *value > 0.0);
    answer.uptime_s = of("uptime_in_seconds");
    answer.level(MEMORY_USED, of("used_memory"));
    answer.level(MEMORY_PEAK, of("used_memory_peak"));
    answer.level(MEMORY_LIMIT, above_zero("maxmemory"));
    answer.level(MEMORY_RESIDENT, of("used_memory_rss"));
    answer.level(CONNECTIONS, of("connected_clients"));
    answer.level(CONNECTIONS_LIMIT, of("maxclients"));
    answer.level(REPLICAS, of("connected_slaves"));
    answer.level(KEYS, has_keyspace.then_some(keys));
    answer.level(
        REPLICATION_LAG,
        of("master_last_io_seconds_ago").filter(|_| said.get("role") == Some(&"slave")),
    );
    answer.total(CONNECTIONS_OPENED, of("total_connections_received"));
    answer.total(OPERATIONS, of("total_commands_processed"));
    answer.total(WRITES, calls_are_known.then_some(writes));
    answer.total(RECEIVED, of("total_net_input_bytes"));
    answer.total(SENT, of("total_net_output_bytes"));
    answer.total(HITS, of("keyspace_hits"));
    answer.total(MISSES, of("keyspace_misses"));
    answer.total(EVICTED, of("evicted_keys"));
    answer.total(EXPIRED, of("expired_keys"));
    answer.total(
        CPU_BUSY,
        of("used_cpu_user").and_then(|user| Some(user + of("used_cpu_sys")?)),
    );
    facts(&mut answer, &said);
    answer
}

fn facts(answer: &mut Answer, said: &BTreeMap<&str, &str>) {
    let valkey = said.get("valkey_version");
    if let Some(version) = valkey.or_else(|| said.get("redis_version")) {
        answer.fact("version", version);
        answer.fact("product", if valkey.is_some() { "valkey" } else { "redis" });
    }
    let is_on = |key: &str| said.get(key).is_some_and(|value| *value == "1");
    let replicas = said
        .get("connected_slaves")
        .and_then(|value| number(value))
        .unwrap_or(0.0);
    match (said.get("role").copied(), said.get("redis_mode").copied()) {
        (_, Some("sentinel")) => answer.fact("role", "arbiter"),
        (Some("slave"), _) => answer.fact("role", "replica"),
        (Some("master"), _) if replicas > 0.0 => answer.fact("role", "primary"),
        (Some("master"), _) if is_on("cluster_enabled") => answer.fact("role", "member"),
        (Some("master"), _) => answer.fact("role", "standalone"),
        _ => {}
    }
    for (key, name) in [("maxmemory", "maxmemory"), ("maxmemory_policy", "maxmemory-policy")] {
        if let Some(value) = said.get(key) {
            answer.fact_of("setting", name, value);
        }
    }
    for (key, name) in [("cluster_enabled", "cluster"), ("aof_enabled", "append-only file")] {
        if is_on(key) {
            answer.fact_of("feature", name, "yes");
        }
    }
}

/// Gives a field of `name=value,name=value`.
fn field(text: &str, name: &str) -> Option<f64> {
    text.split(',')
        .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        .and_then(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_answer_is_read() {
        let answer = read(include_bytes!("../../../tests/counters/answers/redis-7.0.txt"));
        assert_eq!(answer.fact_named("version"), Some("7.0.15"));
        assert_eq!(answer.fact_named("role"), Some("standalone"));
        assert_eq!(answer.value(KEYS), Some(1.0));
        assert_eq!(answer.value(WRITES), Some(1.0), "one SET");
        assert_eq!(answer.value(HITS), Some(1.0));
        assert_eq!(answer.value(MEMORY_LIMIT), None, "no limit is no limit of zero");
        assert!(answer.value(MEMORY_USED).is_some_and(|bytes| bytes > 5e5));
    }

    #[test]
    fn an_empty_server_has_no_keys_and_a_garbled_one_says_nothing() {
        assert_eq!(read(b"# Keyspace\r\n").value(KEYS), Some(0.0));
        assert!(read(b"\xff\xfe:\0\nused_memory:nan\nmaxclients:-3\n").values.is_empty());
    }
}
