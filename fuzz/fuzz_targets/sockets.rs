//! A reply about sockets, of `ss` or of `/proc/net`: does anything of it become unsafe or unbounded?
#![no_main]

use libfuzzer_sys::fuzz_target;
use subject::discovery::sockets::{SOCKETS_AT_MOST, sockets};

fuzz_target!(|reply: &[u8]| {
    let found = sockets(reply);
    assert!(found.listeners.len() + found.connections.len() <= SOCKETS_AT_MOST);
    for listener in &found.listeners {
        let group = listener.control_group.as_deref().unwrap_or_default();
        assert!(group.len() <= 4_096 && !group.chars().any(char::is_control));
    }
    for connection in &found.connections {
        let name = connection.process.as_deref().unwrap_or_default();
        assert!(name.len() <= 1_024 && !name.chars().any(char::is_control));
        assert!(connection.remote.1 != 0);
        assert!(!connection.closed || connection.uid.is_none() || found.by_ss);
    }
    assert_eq!(found, sockets(reply), "the same text says the same");
});
