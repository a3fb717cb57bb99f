//! Two hundred hosts at once through the whole program.

use std::thread;
use std::time::Duration;

use crate::sshd::rig::{Rig, own_name};
use crate::sshd::{Assessment, assert_plausible, longest_pause_ms};

const HOSTS: usize = 200;

#[test]
fn two_hundred_hosts_are_collected_at_once() {
    let rig = Rig::new();
    let server = rig.start();
    let endpoint = rig.endpoint(&server);
    let names: Vec<String> = (1..=HOSTS).map(|number| format!("web-{number:03}")).collect();
    let mut hosts = format!(
        "[defaults]\nport = {}\nuser = {:?}\nkey = {:?}\nknown_hosts = {:?}\n\n",
        server.port,
        own_name(),
        rig.path("user"),
        endpoint.known_hosts[0],
    );
    for name in &names {
        hosts += &format!("[[hosts]]\nname = {name:?}\naddress = \"127.0.0.1\"\n\n");
    }
    let assessment = Assessment::with(&hosts);
    let mut collector = assessment.collect(&["--every", "6s", "--tick", "2s"]);
    for name in &names {
        collector.wait_for(name, "up", 1, Duration::from_secs(90));
    }
    thread::sleep(Duration::from_secs(13));
    let peak = collector.peak_memory_kibibytes();
    println!("{HOSTS} hosts: {peak} KiB");
    // With a tick five times the usual pace, and room for the program itself.
    assert!(peak < (HOSTS as u64) * 512 + (48 << 10), "{peak} KiB");
    let ended = collector.end_with("TERM", Duration::from_secs(30));
    assert_eq!(ended.code, Some(0), "{}", ended.talk);
    assert!(!ended.events.contains("\"down\""), "{}", ended.events);
    for name in &names {
        let rows = assessment.rows(name);
        assert!(rows.len() >= 2, "{name}: {rows:?}");
        assert!(longest_pause_ms(&rows) <= 6_000, "{name}: {rows:?}");
        assert_plausible(name, &rows);
    }
    assert!(!server.log().contains("MaxStartups"), "the server refused connections");
}
