//! CloudWatch, Migration Hub and the discovery agent.

use sizewright_collector::import::Tool;
use telemetry::Table;

use super::{Work, fixture, near, said};

#[test]
fn statistics_end_with_their_period_and_need_cpus() {
    let Some(path) = fixture("exports/cloudwatch/get-metric-statistics.json") else {
        return;
    };
    let mut work = Work::new();
    work.options.host = Some("web".to_string());
    let text = said(
        &work
            .try_import(Tool::CloudWatch, std::slice::from_ref(&path))
            .unwrap_err(),
    );
    assert!(text.contains("--vcpus"), "{text}");
    work.options.vcpus = Some(2.0);
    let report = work.import(Tool::CloudWatch, &[path]);
    assert_eq!(report.rows["host"], 21);
    assert_eq!(report.quality.gaps, 0, "one missing hour is no pause of more than two");
    // The datapoint of 03:18 is of the hour that ends at 04:18, unsorted in the file.
    let at = "2014-02-19T04:18:00Z"
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_millisecond();
    near(work.host("web", at, "cpu_busy_cores_max"), 2.0 * 0.9967, 0.001);
    assert_eq!(work.host("web", at, "cpu_busy_cores"), None, "a maximum is no mean");
}

#[test]
fn totals_of_a_period_become_rates_and_queries_tell_whose() {
    let queries = "[{\"Id\": \"m1\", \"MetricStat\": {\"Metric\": {\"Namespace\": \"AWS/EC2\", \"MetricName\": \"NetworkIn\",
        \"Dimensions\": [{\"Name\": \"InstanceId\", \"Value\": \"i-0123456789abcdef0\"}]}, \"Period\": 300, \"Stat\": \"Sum\"}}]";
    let results = "{\"MetricDataResults\": [{\"Id\": \"m1\", \"Label\": \"NetworkIn\", \"StatusCode\": \"Complete\",
        \"Timestamps\": [\"2026-05-01T00:05:00+00:00\", \"2026-05-01T00:00:00+00:00\"], \"Values\": [600000.0, 300000.0]}]}";
    let work = Work::new();
    let results = work.write("results.json", results);
    let text = said(
        &work
            .try_import(Tool::CloudWatch, std::slice::from_ref(&results))
            .unwrap_err(),
    );
    assert!(text.contains("give the file of queries"), "{text}");
    work.import(Tool::CloudWatch, &[results, work.write("queries.json", queries)]);
    let at = "2026-05-01T00:05:00Z"
        .parse::<jiff::Timestamp>()
        .unwrap()
        .as_millisecond();
    near(
        work.value(Table::Network, "i-0123456789abcdef0", "all", at, "receive_bytes_per_s"),
        1000.0,
        10.0,
    );
}

#[test]
fn a_metric_stream_is_read_line_by_line() {
    let line = |minute: i64, metric: &str, sum: f64, count: f64, max: f64| {
        let at = 1_777_593_600_000_i64 + minute * 60_000;
        format!(
            "{{\"metric_stream_name\": \"s\", \"namespace\": \"AWS/EC2\", \"metric_name\": \"{metric}\", \"dimensions\": {{\"InstanceId\": \"i-0aa\"}}, \"timestamp\": {at}, \"value\": {{\"count\": {count}, \"sum\": {sum}, \"max\": {max}, \"min\": 0}}, \"unit\": \"x\"}}\n"
        )
    };
    let text: String = (0..3)
        .map(|minute| {
            line(minute, "CPUUtilization", 100.0, 2.0, 80.0) + &line(minute, "EBSReadOps", 6000.0, 12.0, 900.0)
        })
        .collect();
    let mut work = Work::new();
    work.options.vcpus = Some(4.0);
    work.import(Tool::CloudWatch, &[work.write("stream.json", &text)]);
    near(work.host("i-0aa", 1_777_593_660_000, "cpu_busy_cores"), 2.0, 0.001);
    near(work.host("i-0aa", 1_777_593_660_000, "cpu_busy_cores_max"), 3.2, 0.001);
    near(work.value(Table::Disk, "i-0aa", "ebs", 0, "reads_per_s"), 100.0, 0.2);
}

#[test]
fn the_recommendations_export_and_the_template_of_migration_hub_are_read() {
    let (Some(sample), Some(header)) = (
        fixture("exports/aws/EC2InstanceRecommendations.sample.csv"),
        fixture("exports/aws/migration_hub_import_template.header.csv"),
    ) else {
        return;
    };
    let mut work = Work::new();
    work.options.at_ms = Some(1_777_593_600_000);
    work.import(Tool::MigrationHub, &[sample]);
    let host = "test.hostname.com";
    assert_eq!(work.host(host, 0, "cpu_cores"), Some(16.0));
    near(work.host(host, 0, "cpu_busy_cores"), 10.755, 0.001);
    near(work.host(host, 0, "cpu_busy_cores_max"), 15.734, 0.001);
    near(
        work.host(host, 0, "memory_available_bytes"),
        (12_005.376 - 6_002.688) * 1_048_576.0,
        1_048_576.0,
    );
    near(work.value(Table::Disk, host, "all", 0, "writes_per_s_max"), 1031.2, 2.1);
    let text = std::fs::read_to_string(&header).unwrap();
    let mut row = vec![String::new(); text.trim().split(',').count()];
    row[0] = "srv-1".to_string();
    row[9] = "eight".to_string();
    let path = work.write("import.csv", &format!("{}\n{}\n", text.trim(), row.join(",")));
    let text = said(&work.try_import(Tool::MigrationHub, &[path]).unwrap_err());
    for part in ["import.csv", "row 1", "CPU.NumberOfLogicalCores", "eight"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn the_discovery_agent_s_rows_carry_the_host_s_name() {
    let work = Work::new();
    let performance = work.write(
        "performance.csv",
        "account_number,agent_id,total_disk_bytes_read_per_sec_in_kbps,total_disk_read_ops_per_sec,total_num_logical_processors,total_cpu_usage_pct,total_ram_in_mb,total_free_ram_in_mb,timestamp\n\
         1,o-11111111111111111,100,10,4,25.0,8192,2048,2026-05-01T00:15:00.000Z\n\
         1,o-11111111111111111,100,10,4,50.0,8192,2048,2026-05-01T00:30:00.000Z\n",
    );
    let names = work.write(
        "os.csv",
        "account_number,agent_id,os_name,os_version,cpu_type,host_name,hypervisor,timestamp\n1,o-11111111111111111,Linux,7,x86_64,app-1,vmware,2026-05-01T00:00:00Z\n",
    );
    let report = work.import(Tool::DiscoveryAgent, &[performance, names]);
    assert_eq!(report.interval_s, Some(900.0));
    near(work.host("app-1", 0, "cpu_busy_cores"), 1.0, 0.001);
    near(
        work.value(Table::Disk, "app-1", "all", 0, "read_bytes_per_s"),
        102_400.0,
        200.0,
    );
}
