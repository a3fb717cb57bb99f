//! Hosts that are lost and come back: the collector takes them up again, and what was missed is a gap.

use std::thread;
use std::time::Duration;

use crate::namespace::{Namespace, entry_in};
use crate::sshd::rig::{Rig, is_root};
use crate::sshd::{Assessment, assert_plausible, entry, longest_pause_ms};

/// A host is asked for 10 s before it counts as lost.
const NOTICED: Duration = Duration::from_secs(25);
/// The first waits before a host is tried again, with room for a slow machine.
const TAKEN_UP: Duration = Duration::from_secs(40);

#[test]
fn hosts_that_stop_answering_or_restart_are_taken_up_again_with_a_gap() {
    let rig = Rig::new();
    let (steady, frozen, restarted) = (rig.start(), rig.start(), rig.start());
    let names = ["steady", "frozen", "restarted"];
    let hosts: String = [&steady, &frozen, &restarted]
        .iter()
        .zip(names)
        .map(|(server, name)| entry(&rig, name, server))
        .collect();
    let assessment = Assessment::with(&hosts);
    let mut collector = assessment.collect(&[]);
    for name in names {
        collector.wait_for(name, "up", 1, TAKEN_UP);
    }
    thread::sleep(Duration::from_secs(5));
    let stopped = frozen.freeze();
    assert!(!stopped.is_empty(), "nothing was stopped");
    let port = restarted.port;
    drop(restarted);
    collector.wait_for("restarted", "down", 1, NOTICED);
    // Away for long enough to be a gap of its own.
    thread::sleep(Duration::from_secs(4));
    let _again = rig.server().port(port).start();
    let down = collector.wait_for("frozen", "down", 1, NOTICED);
    assert!(down["trouble"].as_str().unwrap().contains("no reply"), "{down}");
    collector.wait_for("frozen", "up", 2, TAKEN_UP);
    collector.wait_for("restarted", "up", 2, TAKEN_UP);
    frozen.thaw();
    thread::sleep(Duration::from_secs(5));
    let ended = collector.end_with("TERM", Duration::from_secs(10));
    assert_eq!(ended.code, Some(0), "{}", ended.talk);
    for (name, least_ms) in [("frozen", 8_000), ("restarted", 4_000)] {
        let rows = assessment.rows(name);
        assert_plausible(name, &rows);
        assert!(longest_pause_ms(&rows) >= least_ms, "{name}: {rows:?}");
        assert!(assessment.status(name)["gaps"].as_f64().unwrap() >= 1.0, "{name}");
    }
    let rows = assessment.rows("steady");
    assert!(rows.len() >= 10, "{rows:?}");
    assert!(longest_pause_ms(&rows) <= 4_000, "the others were held up: {rows:?}");
}

#[test]
fn a_network_that_drops_packets_is_waited_out() {
    if !is_root() {
        println!("NOT RUN: dropping packets needs a network namespace, which only root can make");
        return;
    }
    let rig = Rig::new();
    let steady = rig.start();
    let namespace = Namespace::make();
    let far = namespace.start(&rig);
    let hosts = entry(&rig, "steady", &steady) + &entry_in(&rig, "far", &far);
    let assessment = Assessment::with(&hosts);
    let mut collector = assessment.collect(&[]);
    collector.wait_for("far", "up", 1, TAKEN_UP);
    thread::sleep(Duration::from_secs(4));
    namespace.drop_packets(true);
    let down = collector.wait_for("far", "down", 1, NOTICED);
    assert!(down["trouble"].as_str().unwrap().contains("no reply"), "{down}");
    thread::sleep(Duration::from_secs(3));
    namespace.drop_packets(false);
    collector.wait_for("far", "up", 2, TAKEN_UP);
    thread::sleep(Duration::from_secs(4));
    // The address is reached by nobody any more while the end is asked for: that must not take time either.
    namespace.drop_packets(true);
    let ended = collector.end_with("TERM", Duration::from_secs(15));
    assert!(matches!(ended.code, Some(0 | 1)), "{}", ended.talk);
    let rows = assessment.rows("far");
    assert_plausible("far", &rows);
    assert!(longest_pause_ms(&rows) >= 8_000, "{rows:?}");
    assert!(longest_pause_ms(&assessment.rows("steady")) <= 4_000);
}
