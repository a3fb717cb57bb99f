//! Sockets of real machines: recorded text, and connections that this test opens.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

use sizewright_collector::discovery::sockets::sockets;

#[test]
fn recorded_text_of_real_machines_is_understood() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures");
    let Ok(tulpen) = std::fs::read(fixtures.join("commands/ubuntu-18.04--ss-sudo-tulpen.out")) else {
        eprintln!("not run: ../shared/fixtures is not there");
        return;
    };
    let lines = String::from_utf8_lossy(&tulpen).lines().count() - 1;
    let found = sockets(&tulpen);
    assert!(
        found.listeners.len() * 10 >= lines * 9,
        "{} of {lines}",
        found.listeners.len()
    );
    let avahi = found
        .listeners
        .iter()
        .find(|one| one.pid == Some(1510) && one.port == 5353);
    assert_eq!(avahi.and_then(|one| one.uid), Some(112));
    let wide = std::fs::read(fixtures.join("commands/generic--ss-wide.out")).unwrap();
    let wide = sockets(&wide);
    assert!(
        wide.listeners
            .iter()
            .all(|one| one.pid.is_some() && one.control_group.is_some())
    );
    assert!(wide.listeners.len() > 5);
    for name in ["centos-7.7--ss-sudo-a.out", "ubuntu-18.04--ss-sudo-a.out"] {
        // With names for ports nothing can be known of most lines, and nothing must go wrong.
        let _ = sockets(&std::fs::read(fixtures.join("commands").join(name)).unwrap());
    }
    let mut proc = Vec::new();
    for name in ["udp", "udp6", "tcp6", "tcp"] {
        proc.extend(format!("==> net/{name} <==\n").into_bytes());
        proc.extend(std::fs::read(fixtures.join("proc/net").join(name)).unwrap());
        proc.push(b'\n');
    }
    let found = sockets(&proc);
    assert!(found.listeners.len() >= 2, "{found:?}");
    let broken = std::fs::read(fixtures.join("proc/net/udp_broken")).unwrap();
    assert_eq!(
        sockets(&[b"==> net/udp <==\n".as_slice(), &broken].concat()).listeners,
        []
    );
}
