//! Prometheus range queries, and Zabbix.

use sizewright_collector::import::Tool;
use telemetry::Table;

use super::{Work, fixture, near, said};

/// Scraped every minute, queried every 30 seconds: counters stand still at every other point.
fn answer() -> String {
    let start = 1_777_593_600;
    let mut series = Vec::new();
    let mut add = |metric: &str, labels: &str, per_minute: f64, first: f64| {
        let values: Vec<String> = (0..7)
            .map(|step| {
                let scrapes = f64::from((step + 1) / 2);
                format!("[{}, \"{}\"]", start + step * 30, first + scrapes * per_minute)
            })
            .collect();
        series.push(format!(
            "{{\"metric\": {{\"__name__\": \"{metric}\", \"instance\": \"db-1:9100\"{labels}}}, \"values\": [{}]}}",
            values.join(", ")
        ));
    };
    for cpu in 0..2 {
        for (mode, per_minute) in [
            ("idle", 45.0),
            ("iowait", 3.0),
            ("user", 9.0),
            ("system", 3.0),
            ("steal", 0.0),
        ] {
            add(
                "node_cpu_seconds_total",
                &format!(", \"cpu\": \"{cpu}\", \"mode\": \"{mode}\""),
                per_minute,
                1000.0,
            );
        }
    }
    add("node_memory_MemTotal_bytes", "", 0.0, 8_589_934_592.0);
    add("node_memory_MemAvailable_bytes", "", 0.0, 4_294_967_296.0);
    for device in ["sda", "dm-0"] {
        add(
            "node_disk_reads_completed_total",
            &format!(", \"device\": \"{device}\""),
            600.0,
            0.0,
        );
    }
    for device in ["eth0", "lo"] {
        add(
            "node_network_receive_bytes_total",
            &format!(", \"device\": \"{device}\""),
            6_000_000.0,
            0.0,
        );
    }
    let labels = ", \"mountpoint\": \"/\", \"device\": \"/dev/sda1\", \"fstype\": \"ext4\"";
    add("node_filesystem_size_bytes", labels, 0.0, 107_374_182_400.0);
    add("node_filesystem_free_bytes", labels, 0.0, 53_687_091_200.0);
    add("go_goroutines", "", 0.0, 9.0);
    format!(
        "{{\"status\": \"success\", \"data\": {{\"resultType\": \"matrix\", \"result\": [{}]}}}}",
        series.join(", ")
    )
}

#[test]
fn counters_become_rates_between_scrapes() {
    let work = Work::new();
    let report = work.import(Tool::Prometheus, &[work.write("range.json", &answer())]);
    let host = "db-1";
    // Scrapes are first seen at 30 s, 90 s and 150 s.
    let at = (1_777_593_600 + 90) * 1000;
    assert_eq!(work.host(host, at, "cpu_cores"), Some(2.0));
    near(work.host(host, at, "cpu_busy_cores"), 0.4, 0.001);
    near(work.host(host, at, "cpu_iowait_cores"), 0.1, 0.001);
    near(work.host(host, at, "interval_s"), 60.0, 0.0);
    near(work.host(host, at, "memory_available_bytes"), 4_294_967_296.0, 0.0);
    near(work.value(Table::Disk, host, "sda", at, "reads_per_s"), 10.0, 0.02);
    assert_eq!(work.value(Table::Disk, host, "dm-0", 0, "reads_per_s"), None);
    near(
        work.value(Table::Network, host, "eth0", at, "receive_bytes_per_s"),
        100_000.0,
        200.0,
    );
    assert_eq!(work.value(Table::Network, host, "lo", 0, "receive_bytes_per_s"), None);
    near(
        work.value(Table::Filesystem, host, "/", 0, "used_bytes"),
        53_687_091_200.0,
        0.0,
    );
    assert!(report.unused_columns.iter().any(|name| name.contains("go_goroutines")));
    assert_eq!(report.interval_s, Some(60.0));
}

#[test]
fn an_answer_that_is_an_error_is_said() {
    let work = Work::new();
    let path = work.write("e.json", "{\"status\": \"error\", \"error\": \"query timed out\"}");
    let text = said(&work.try_import(Tool::Prometheus, &[path]).unwrap_err());
    assert!(text.contains("query timed out"), "{text}");
    let path = work.write("v.json", &answer().replace("\"1000\"", "\"abc\""));
    let text = said(&work.try_import(Tool::Prometheus, &[path]).unwrap_err());
    assert!(
        text.contains("row 1") && text.contains("node_cpu_seconds_total") && text.contains("abc"),
        "{text}"
    );
}

#[test]
fn a_real_range_of_one_scrape_says_why_it_is_of_no_use() {
    let Some(path) = fixture("exports/prometheus/query_range_node_cpu.json") else {
        return;
    };
    let work = Work::new();
    let text = said(&work.try_import(Tool::Prometheus, &[path]).unwrap_err());
    assert!(text.contains("holds nothing") && text.contains("idle"), "{text}");
}

#[test]
fn zabbix_history_needs_its_items() {
    let work = Work::new();
    let history = "{\"jsonrpc\": \"2.0\", \"result\": [
        {\"itemid\": \"1\", \"clock\": \"1777593600\", \"value\": \"75.0\", \"ns\": \"1\"},
        {\"itemid\": \"2\", \"clock\": \"1777593600\", \"value\": \"8\", \"ns\": \"1\"},
        {\"itemid\": \"3\", \"clock\": \"1777593600\", \"value\": \"8000000\", \"ns\": \"1\"},
        {\"itemid\": \"4\", \"clock\": \"1777593600\", \"value\": \"4294967296\", \"ns\": \"1\"}], \"id\": 1}";
    let items = "[
        {\"itemid\": \"1\", \"key_\": \"system.cpu.util[,idle]\", \"units\": \"%\", \"hosts\": [{\"host\": \"app-1\"}]},
        {\"itemid\": \"2\", \"key_\": \"system.cpu.num\", \"units\": \"\", \"hosts\": [{\"host\": \"app-1\"}]},
        {\"itemid\": \"3\", \"key_\": \"net.if.in[\\\"eth0\\\"]\", \"units\": \"bps\", \"hosts\": [{\"host\": \"app-1\"}]},
        {\"itemid\": \"4\", \"key_\": \"vm.memory.size[available]\", \"units\": \"B\", \"hosts\": [{\"host\": \"app-1\"}]}]";
    let paths = [work.write("history.json", history), work.write("items.json", items)];
    work.import(Tool::Zabbix, &paths);
    near(work.host("app-1", 0, "cpu_busy_cores"), 2.0, 0.001);
    near(work.host("app-1", 0, "memory_available_bytes"), 4_294_967_296.0, 0.0);
    near(
        work.value(Table::Network, "app-1", "eth0", 0, "receive_bytes_per_s"),
        1_000_000.0,
        2_000.0,
    );
    if let Some(path) = fixture("exports/zabbix/history_get.json") {
        let text = said(&work.try_import(Tool::Zabbix, &[path]).unwrap_err());
        assert!(text.contains("item 23296") && text.contains("item.get"), "{text}");
    }
}
