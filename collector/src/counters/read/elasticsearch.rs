//! Elasticsearch and OpenSearch: `/`, `/_cluster/health`, `/_nodes/_local/stats`, `/_cat/shards`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{at, number_at, text_at};
use crate::counters::answer::{Answer, number};
use crate::counters::metric::*;

/// Reads the answers that there are; `shards` is asked seldom.
#[must_use]
pub fn read(root: &Value, health: &Value, stats: &Value, shards: Option<&Value>) -> Answer {
    let mut answer = Answer::default();
    // The host's own node alone was asked for.
    let node = at(stats, "nodes")
        .and_then(Value::as_object)
        .and_then(|nodes| nodes.values().next());
    if let Some(node) = node {
        let of = |path: &str| number_at(node, path);
        answer.uptime_s = of("jvm/uptime_in_millis").map(|milliseconds| milliseconds / 1000.0);
        answer.level(HEAP_USED, of("jvm/mem/heap_used_in_bytes"));
        answer.level(HEAP_COMMITTED, of("jvm/mem/heap_committed_in_bytes"));
        answer.level(HEAP_LIMIT, of("jvm/mem/heap_max_in_bytes"));
        for generation in ["young", "old"] {
            let milliseconds = of(&format!("jvm/gc/collectors/{generation}/collection_time_in_millis"));
            answer.total(GC_BUSY, milliseconds.map(|milliseconds| milliseconds / 1000.0));
        }
        answer.level(KEYS, of("indices/docs/count"));
        answer.level(DATA, of("indices/store/size_in_bytes"));
        answer.total(SEARCHES, of("indices/search/query_total"));
        answer.total(INDEXED, of("indices/indexing/index_total"));
        answer.total(HITS, of("indices/query_cache/hit_count"));
        answer.total(MISSES, of("indices/query_cache/miss_count"));
        answer.level(DISK_FREE, of("fs/total/available_in_bytes"));
        answer.level(CONNECTIONS, of("http/current_open"));
        answer.total(CONNECTIONS_OPENED, of("http/total_opened"));
        for role in at(node, "roles").and_then(Value::as_array).into_iter().flatten() {
            if let Some(role) = role.as_str() {
                answer.fact_of("feature", &format!("node role {role}"), "yes");
            }
        }
    }
    answer.level(NODES, number_at(health, "number_of_nodes"));
    answer.level(SHARDS, number_at(health, "active_shards"));
    answer.level(SHARDS_UNASSIGNED, number_at(health, "unassigned_shards"));
    if let Some(version) = text_at(root, "version/number") {
        answer.fact("version", version);
        answer.fact(
            "product",
            text_at(root, "version/distribution").unwrap_or("elasticsearch"),
        );
    }
    for (value, name) in [
        (text_at(root, "cluster_name"), "cluster name"),
        (text_at(health, "status"), "health"),
    ] {
        if let Some(value) = value {
            answer.fact_of("setting", name, value);
        }
    }
    match number_at(health, "number_of_nodes") {
        Some(1.0) => answer.fact("role", "standalone"),
        Some(_) => answer.fact("role", "member"),
        None => {}
    }
    if let Some(shards) = shards {
        read_shards(&mut answer, shards);
    }
    answer
}

/// Shards of an index: bytes of primaries, primaries, copies.
type Shards = (f64, u32, u32);

/// Adds up the primary shards of each index; copies are what replicas cost, not what there is.
fn read_shards(answer: &mut Answer, shards: &Value) {
    let mut indexes: BTreeMap<&str, Shards> = BTreeMap::new();
    let mut without_size = 0_u32;
    for shard in shards.as_array().into_iter().flatten() {
        let (Some(index), Some(kind)) = (text_at(shard, "index"), text_at(shard, "prirep")) else {
            continue;
        };
        let entry = indexes.entry(index).or_default();
        if kind == "p" {
            entry.1 += 1;
            match text_at(shard, "store").and_then(bytes) {
                Some(bytes) => entry.0 += bytes,
                None => without_size += 1,
            }
        } else {
            entry.2 += 1;
        }
    }
    if indexes.is_empty() {
        return;
    }
    let primaries: u32 = indexes.values().map(|(_, primaries, _)| primaries).sum();
    if primaries == 0 {
        answer.missing.push("no primary shard is listed".to_string());
    } else if without_size > 0 {
        answer
            .missing
            .push(format!("{without_size} of {primaries} primary shards have no size"));
    } else {
        answer.level(PRIMARY_DATA, Some(indexes.values().map(|(bytes, ..)| bytes).sum()));
    }
    answer.level(TABLES, Some(indexes.len() as f64));
    let mut largest: Vec<(&str, Shards)> = indexes.into_iter().collect();
    largest.sort_by(|(_, one), (_, other)| other.0.total_cmp(&one.0));
    for (index, (bytes, primaries, copies)) in largest.into_iter().take(20) {
        if bytes > 0.0 {
            answer.fact_of("index_bytes", index, &format!("{bytes:.0}"));
        }
        answer.fact_of(
            "setting",
            &format!("shards of {index}"),
            &format!("{primaries} primary, {copies} copies"),
        );
    }
}

/// Reads a size: bytes as they were asked for, or words such as `9.9gb` of a proxy or server that leaves `bytes=b` out.
fn bytes(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let factor = match unit {
        "" | "b" => 1.0,
        "kb" => 1_024.0,
        "mb" => 1_048_576.0,
        "gb" => 1_073_741_824.0,
        "tb" => 1_099_511_627_776.0,
        "pb" => 1_125_899_906_842_624.0,
        _ => return None,
    };
    Some(number(text.strip_suffix(unit)?)? * factor)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_the_documented_form_is_read() {
        let all: Value =
            serde_json::from_slice(include_bytes!("../../../tests/counters/answers/elasticsearch-8.json")).unwrap();
        let answer = read(&all["root"], &all["health"], &all["stats"], Some(&all["shards"]));
        assert_eq!(answer.fact_named("version"), Some("8.15.2"));
        assert_eq!(answer.fact_named("role"), Some("member"));
        assert_eq!(answer.value(HEAP_LIMIT), Some(4_294_967_296.0));
        assert_eq!(answer.value(PRIMARY_DATA), Some(3_000_000_000.0), "copies do not count");
        assert_eq!(answer.value(TABLES), Some(2.0));
        assert!(read(&Value::Null, &Value::Null, &Value::Null, None).is_empty());
    }

    /// Recorded from real servers; see the README beside the files.
    #[test]
    fn what_real_servers_said_is_read() {
        let stats: Value = serde_json::from_slice(include_bytes!(
            "../../../tests/counters/recorded/elasticsearch-7.9-nodes-stats.json"
        ))
        .unwrap();
        let health: Value = serde_json::from_slice(include_bytes!(
            "../../../tests/counters/recorded/elasticsearch-cluster-health.json"
        ))
        .unwrap();
        let shards: Value = serde_json::from_slice(include_bytes!(
            "../../../tests/counters/recorded/elasticsearch-cat-shards.json"
        ))
        .unwrap();
        let answer = read(&Value::Null, &health, &stats, Some(&shards));
        assert_eq!(answer.uptime_s, Some(2_591_563.875));
        assert_eq!(answer.value(HEAP_USED), Some(18_251_576_896.0));
        assert_eq!(answer.value(HEAP_LIMIT), Some(33_319_550_976.0));
        assert_eq!(answer.value(KEYS), Some(38_419_194.0));
        assert_eq!(answer.value(INDEXED), Some(302_912_596.0));
        assert_eq!(answer.value(DISK_FREE), Some(157_375_385_600.0));
        assert_eq!(answer.value(CONNECTIONS), Some(3.0));
        assert_eq!(answer.value(NODES), Some(135.0));
        assert_eq!(answer.value(SHARDS), Some(1_140.0));
        assert_eq!(answer.fact_named("role"), Some("member"));
        // The excerpt lists replicas alone: that is no primary data of zero bytes.
        assert_eq!(answer.value(PRIMARY_DATA), None);
        assert_eq!(answer.missing, ["no primary shard is listed"]);
        assert!(
            answer
                .facts
                .iter()
                .any(|(_, part, value)| part == "shards of my-index" && value == "0 primary, 1 copies")
        );
    }

    #[test]
    fn a_size_in_words_is_a_size_and_an_unknown_one_is_missing() {
        assert_eq!(bytes("9.9gb"), Some(9.9 * 1_073_741_824.0));
        assert_eq!(bytes(" 512b"), Some(512.0));
        assert_eq!((bytes("9.9gib"), bytes("-"), bytes("")), (None, None, None));
        let shard = |store: Value| serde_json::json!({"index": "i", "prirep": "p", "state": "STARTED", "store": store});
        let of = |shards: Vec<Value>| read(&Value::Null, &Value::Null, &Value::Null, Some(&Value::Array(shards)));
        assert_eq!(
            of(vec![shard("1kb".into()), shard("1024".into())]).value(PRIMARY_DATA),
            Some(2_048.0)
        );
        let lost = of(vec![shard("1kb".into()), shard(Value::Null)]);
        assert_eq!(lost.value(PRIMARY_DATA), None);
        assert_eq!(lost.missing, ["1 of 2 primary shards have no size"]);
    }
}
