//! RabbitMQ: its management interface, or `rabbitmqctl status` and `list_queues`.

use serde_json::Value;

use super::{at, number_at, text_at};
use crate::counters::answer::Answer;
use crate::counters::metric::*;

/// Reads `/api/overview`, `/api/nodes/NAME` and, now and then, `/api/queues`.
#[must_use]
pub fn read_management(overview: &Value, node: &Value, queues: Option<&Value>) -> Answer {
    let mut answer = Answer {
        uptime_s: number_at(node, "uptime").map(|milliseconds| milliseconds / 1000.0),
        ..Answer::default()
    };
    let of = |path: &str| number_at(overview, path);
    answer.level(CONNECTIONS, of("object_totals/connections"));
    answer.level(CHANNELS, of("object_totals/channels"));
    answer.level(QUEUES, of("object_totals/queues"));
    answer.level(CONSUMERS, of("object_totals/consumers"));
    answer.level(MESSAGES, of("queue_totals/messages"));
    answer.level(MESSAGES_READY, of("queue_totals/messages_ready"));
    answer.level(MESSAGES_UNACKNOWLEDGED, of("queue_totals/messages_unacknowledged"));
    answer.total(CONNECTIONS_OPENED, of("churn_rates/connection_created"));
    answer.total(PUBLISHED, of("message_stats/publish"));
    answer.total(DELIVERED, of("message_stats/deliver_get"));
    answer.total(DISK_READ, number_at(node, "io_read_bytes"));
    answer.total(DISK_WRITTEN, number_at(node, "io_write_bytes"));
    answer.level(MEMORY_USED, number_at(node, "mem_used"));
    answer.level(MEMORY_LIMIT, number_at(node, "mem_limit"));
    answer.level(DISK_FREE, number_at(node, "disk_free"));
    let alarms = ["mem_alarm", "disk_free_alarm"].map(|name| at(node, name).and_then(Value::as_bool));
    if let [Some(memory), Some(disk)] = alarms {
        answer.level(ALARMS, Some(f64::from(u8::from(memory) + u8::from(disk))));
    }
    if let Some(version) = text_at(overview, "rabbitmq_version") {
        answer.fact("version", version);
    }
    let nodes = at(overview, "listeners").and_then(Value::as_array).map(|listeners| {
        let mut names: Vec<&str> = listeners.iter().filter_map(|one| text_at(one, "node")).collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    });
    role(&mut answer, nodes);
    for (path, name) in [("erlang_version", "erlang"), ("cluster_name", "cluster name")] {
        if let Some(value) = text_at(overview, path) {
            answer.fact_of("setting", name, value);
        }
    }
    if let Some(queues) = queues {
        read_queues(&mut answer, queues);
    }
    answer
}

/// Reads `rabbitmqctl status --formatter json` and `list_queues --formatter json`.
#[must_use]
pub fn read_control(status: &Value, queues: Option<&Value>) -> Answer {
    let mut answer = Answer {
        uptime_s: number_at(status, "uptime"),
        ..Answer::default()
    };
    let of = |path: &str| number_at(status, path);
    answer.level(CONNECTIONS, of("totals/connection_count"));
    answer.level(QUEUES, of("totals/queue_count"));
    let strategy = text_at(status, "vm_memory_calculation_strategy").unwrap_or("rss");
    answer.level(
        MEMORY_USED,
        of(&format!("memory/total/{strategy}")).or_else(|| of("memory/total/rss")),
    );
    answer.level(MEMORY_RESIDENT, of("memory/total/rss"));
    answer.level(MEMORY_LIMIT, of("vm_memory_high_watermark_limit"));
    answer.level(DISK_FREE, of("disk_free"));
    answer.level(
        ALARMS,
        at(status, "alarms")
            .and_then(Value::as_array)
            .map(|alarms| alarms.len() as f64),
    );
    if let Some(version) = text_at(status, "rabbitmq_version") {
        answer.fact("version", version);
    }
    if let Some(erlang) = text_at(status, "erlang_version") {
        answer.fact_of("setting", "erlang", erlang.lines().next().unwrap_or_default());
    }
    for plugin in at(status, "active_plugins")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Some(name) = plugin.as_str() {
            answer.fact_of("feature", &format!("plugin {name}"), "yes");
        }
    }
    if let Some(queues) = queues {
        read_queues(&mut answer, queues);
        let all = queues.as_array().map(Vec::as_slice).unwrap_or_default();
        let sum = |name: &str| all.iter().map(|queue| number_at(queue, name)).sum::<Option<f64>>();
        answer.level(MESSAGES, sum("messages"));
        answer.level(MESSAGES_READY, sum("messages_ready"));
        answer.level(MESSAGES_UNACKNOWLEDGED, sum("messages_unacknowledged"));
        answer.level(CONSUMERS, sum("consumers"));
    }
    answer
}

/// Names the kinds of queues, and the longest of them.
fn read_queues(answer: &mut Answer, queues: &Value) {
    let mut queues: Vec<&Value> = queues.as_array().into_iter().flatten().collect();
    for kind in ["classic", "quorum", "stream"] {
        let count = queues
            .iter()
            .filter(|queue| text_at(queue, "type") == Some(kind))
            .count();
        if count > 0 {
            answer.fact_of("feature", &format!("{kind} queues"), &count.to_string());
        }
    }
    let length = |queue: &Value| number_at(queue, "messages").unwrap_or(0.0);
    queues.sort_by(|one, other| length(other).total_cmp(&length(one)));
    for queue in queues.into_iter().take(20) {
        if let Some(name) = text_at(queue, "name") {
            answer.fact_of("queue_messages", name, &format!("{:.0}", length(queue)));
        }
    }
}

fn role(answer: &mut Answer, nodes: Option<usize>) {
    match nodes {
        Some(1) => answer.fact("role", "standalone"),
        Some(count) if count > 1 => {
            answer.fact("role", "member");
            answer.level(NODES, Some(count as f64));
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_real_status_is_read() {
        let status = serde_json::from_slice(include_bytes!(
            "../../../tests/counters/answers/rabbitmq-3.10-status.json"
        ));
        let queues = serde_json::from_slice(include_bytes!(
            "../../../tests/counters/answers/rabbitmq-3.10-queues.json"
        ));
        let answer = read_control(&status.unwrap(), Some(&queues.unwrap()));
        assert!(
            answer
                .fact_named("version")
                .is_some_and(|version| version.starts_with("3.10"))
        );
        assert!(answer.value(MEMORY_USED).is_some_and(|bytes| bytes > 1e7));
        assert!(answer.value(MEMORY_LIMIT).is_some_and(|bytes| bytes > 1e8));
        assert_eq!(answer.value(ALARMS), Some(0.0));
        assert_eq!(answer.value(MESSAGES), Some(0.0));
        assert!(read_control(&Value::Null, None).is_empty());
    }

    #[test]
    fn a_real_answer_of_the_management_interface_is_read() {
        let all: Value = serde_json::from_slice(include_bytes!(
            "../../../tests/counters/answers/rabbitmq-3.10-management.json"
        ))
        .unwrap();
        let answer = read_management(&all["overview"], &all["node"], Some(&all["queues"]));
        assert_eq!(answer.fact_named("role"), Some("standalone"));
        assert_eq!(answer.value(QUEUES), Some(1.0));
        assert_eq!(answer.value(MESSAGES), Some(1.0));
        assert!(answer.value(MEMORY_LIMIT).is_some() && answer.uptime_s.is_some());
    }
}
