#![allow(clippy::unwrap_used)]

use super::*;

const PLAIN: &str = "clock_ticks:100\npage_bytes:4096\ncontainer:\nstat:cpu  10 20 30 4000 5 6 7 8 9 9\naccount:1000\n\
    user:root:0\nuser:redis:112\n1/status:Uid:\t0\t0\t0\t0\n12/status:Uid:\t0\t112\t0\t0\n\
    12/cgroup:0::/system.slice/redis-server.service\n";

fn stat(pid: u32, name: &str, parent: u32) -> String {
    format!("{pid} ({name}) S {parent} 1 1 0 -1 4194560 1 2 3 4 100 20 30 4 20 0 1 0 5000 123456 256")
}

fn frame(rest: &str) -> ProcessTable {
    let text = format!(
        "{PLAIN}==> uptime <==\n836.26 1000.00\n\n==> 1/stat <==\n{}\n\n==> 12/stat <==\n{}\n{rest}",
        stat(1, "systemd", 0),
        stat(12, "redis-server", 1)
    );
    processes(text.as_bytes())
}

#[test]
fn a_process_is_put_together_from_its_files() {
    let table = frame(
        "\n==> 1/cmdline <==\n/sbin/init\u{1e}\n==> 12/cmdline <==\n/usr/bin/redis-server *:6379\u{1e}\u{1e}\u{1e}\n==> /dev/null <==\n",
    );
    assert_eq!((table.uptime_cs, table.host_busy_ticks), (Some(83_626), Some(73)));
    assert_eq!((table.account, table.clock_ticks_per_s), (Some(1000), 100));
    assert!(!table.hidden && !table.cut && table.not_understood == 0);
    let redis = table.process(12).unwrap();
    assert_eq!(
        *redis,
        Process {
            pid: 12,
            parent: 1,
            uid: Some(112),
            name: "redis-server".to_string(),
            arguments: vec!["/usr/bin/redis-server".to_string(), "*:6379".to_string()],
            control_group: Some("/system.slice/redis-server.service".to_string()),
            started_ticks: 5000,
            cpu_ticks: 120,
            children_ticks: 34,
            resident_bytes: 256 * 4096,
        }
    );
    assert_eq!(table.user(112), "redis");
    assert_eq!(table.user(4), "4");
}

#[test]
fn names_with_blanks_parentheses_and_line_breaks_are_read() {
    for name in [
        "a b",
        "a) S 1 (b",
        ")(",
        "a\nb",
        "\n==> 1/stat <==",
        "",
        "((x))",
        "\n\n\n\n\n\n\n\n\n\n\n\n\n\nx",
    ] {
        let table = frame(&format!("\n==> 77/stat <==\n{}\n", stat(77, name, 12)));
        let process = table.process(77).unwrap_or_else(|| panic!("{name:?} is lost"));
        assert_eq!((process.parent, process.cpu_ticks), (12, 120), "{name:?}");
        assert!(!process.name.chars().any(char::is_control));
        assert_eq!(table.processes.len(), 3);
        assert_eq!(
            table.process(1).unwrap().name,
            "systemd",
            "{name:?} took another's place"
        );
    }
}

#[test]
fn arguments_forge_nothing() {
    let hostile = "==> 1/cmdline <==";
    let table = frame(&format!(
        "\n==> 12/cmdline <==\n{hostile}\n\n==> 1/cmdline <==\n/sbin/init\u{1e}\n==> /dev/null <==\n"
    ));
    assert_eq!(table.process(1).unwrap().arguments, ["/sbin/init"]);
    let table = frame("\n==> 12/cmdline <==\n==> 1/stat <==\n\n==> 1/stat <==\n1 (evil) S 0\n");
    assert_eq!(table.process(1).unwrap().name, "systemd");
    let table =
        frame("\n==> 12/cmdline <==\nx\u{1e}--password=hunter2\u{1e}\u{1b}[2J\u{1e}=cmd|calc\u{1e}<script>\u{1e}\n");
    assert_eq!(
        table.process(12).unwrap().arguments,
        ["x", "--password=***", "***", "***", "***"]
    );
}

#[test]
fn what_vanishes_in_between_is_left_out() {
    let table = frame("\n==> 40/stat <==\n\n==> 41/cmdline <==\n/bin/late\u{1e}\n==> 12/cmdline <==\n/bin/r\u{1e}");
    assert_eq!(table.processes.len(), 2);
    assert_eq!(table.process(12).unwrap().arguments, ["/bin/r"]);
}

#[test]
fn hidden_and_cut_tables_are_said_to_be_so() {
    let text = format!(
        "{PLAIN}==> uptime <==\n1.00 1.00\n\n==> 900/stat <==\n{}\n",
        stat(900, "sh", 1)
    );
    assert!(processes(text.as_bytes()).hidden);
    assert!(frame("\n==> 13/stat <==\n13 (half) S 1 1").cut);
    assert!(processes(b"").processes.is_empty());
}

#[test]
fn units_come_from_the_host_or_are_the_usual_ones() {
    let of = |text: &str| {
        let text = format!(
            "{text}==> uptime <==\n1.00 1\n\n==> 1/stat <==\n{}\n",
            stat(1, "init", 0)
        );
        processes(text.as_bytes())
    };
    let arm = of("clock_ticks:\npage_bytes:KernelPageSize:       64 kB\ncontainer:docker\nstat:cpu  1 1 1 1\n");
    assert_eq!(arm.process(1).unwrap().resident_bytes, 256 * 65_536);
    assert_eq!(
        (arm.clock_ticks_per_s, arm.host_busy_ticks),
        (100, None),
        "a container sees the machine's time"
    );
    for wrong in [
        "page_bytes:0\n",
        "page_bytes:-1\n",
        "page_bytes:x\n",
        "clock_ticks:0\n",
        "clock_ticks:99999999999\n",
    ] {
        let table = of(wrong);
        assert_eq!(
            (table.clock_ticks_per_s, table.process(1).unwrap().resident_bytes),
            (100, 256 * 4096),
            "{wrong}"
        );
    }
}

#[test]
fn the_best_line_names_the_control_group() {
    let text = "5/cgroup:4:pids:/a\n5/cgroup:1:name=systemd:/system.slice/b.service\n5/cgroup:0::/c\n5/cgroup:0::/\n";
    let text = format!("{text}==> uptime <==\n1.00 1\n\n==> 5/stat <==\n{}\n", stat(5, "x", 1));
    let table = processes(text.as_bytes());
    assert_eq!(
        table.process(5).unwrap().control_group.as_deref(),
        Some("/system.slice/b.service")
    );
}
