//! Many hosts, jump hosts and the user's own `ssh`, against real servers.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod sshd;

use sshd::visitor::*;

// ---- many hosts

#[test]
fn sixty_hosts_at_once_are_not_refused_by_max_startups() {
    let rig = Rig::new();
    let server = rig.start();
    let endpoint = rig.endpoint(&server);
    let lobby = Lobby::new(Limits::default());
    thread::scope(|scope| {
        for _ in 0..60 {
            let host = thread::Builder::new().stack_size(HOST_STACK);
            let host = host.spawn_scoped(scope, || {
                let mut connection = connect(&endpoint, &Settings::default(), &NoSecrets, &lobby).unwrap();
                assert_eq!(output(connection.as_mut(), "echo reached"), "reached\n");
            });
            host.unwrap();
        }
    });
    assert_eq!(server.count_in_log("Accepted publickey", 60), 60);
    assert!(!server.log().contains("MaxStartups"), "{}", server.log());
}

// ---- jump hosts

fn behind(jumps: Vec<Endpoint>, endpoint: Endpoint) -> Endpoint {
    Endpoint { jumps, ..endpoint }
}

#[test]
fn forty_hosts_share_one_connection_to_their_jump_host() {
    let rig = Rig::new();
    let (bastion, server) = (rig.start(), rig.start());
    let endpoint = behind(vec![rig.endpoint(&bastion)], rig.endpoint(&server));
    let lobby = Lobby::default();
    thread::scope(|scope| {
        for number in 0..40 {
            let (endpoint, lobby) = (&endpoint, &lobby);
            let host = thread::Builder::new().stack_size(HOST_STACK);
            let host = host.spawn_scoped(scope, move || {
                let mut connection = connect(endpoint, &Settings::default(), &NoSecrets, lobby).unwrap();
                for _ in 0..3 {
                    let command = format!("head -c 200000 /dev/zero | tr '\\0' x; echo {number}");
                    let text = output(connection.as_mut(), &command);
                    assert_eq!(text.len(), 200_000 + format!("{number}\n").len());
                    assert!(text.ends_with(&format!("x{number}\n")));
                }
            });
            host.unwrap();
        }
    });
    assert_eq!(server.count_in_log("Accepted publickey", 40), 40);
    assert_eq!(bastion.count_in_log("Accepted publickey", 1), 1);
    assert!(!server.log().contains("MaxStartups"));
    let start = Instant::now();
    drop(lobby);
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
}

#[test]
fn a_chain_of_jump_hosts_checks_every_host_key() {
    let rig = Rig::new();
    rig.key("old", &["-t", "ed25519"]);
    let (near, far, server) = (rig.start(), rig.start(), rig.start());
    let (first, second) = (rig.endpoint(&near), rig.endpoint(&far));
    let endpoint = behind(vec![first.clone(), second.clone()], rig.endpoint(&server));
    facts_of(&endpoint);
    for (index, hop) in [&first, &second].into_iter().enumerate() {
        let mut jumps = vec![first.clone(), second.clone()];
        let line = format!("[127.0.0.1]:{} {}\n", hop.port, rig.public("old"));
        jumps[index].known_hosts = vec![rig.write("changed", &line)];
        let error = failure_of(&behind(jumps, rig.endpoint(&server)));
        assert_eq!(error.kind(), FailureKind::HostKey, "{}", chain_of(&error));
        assert!(error.is_final());
        assert!(
            error
                .to_string()
                .contains(&format!("jump host {}@127.0.0.1:{}", own_name(), hop.port)),
            "{error}"
        );
    }
}

#[test]
fn a_dead_jump_host_is_told_once_and_connected_to_again() {
    let rig = Rig::new();
    let (bastion, server) = (rig.start(), rig.start());
    let endpoint = behind(vec![rig.endpoint(&bastion)], rig.endpoint(&server));
    let lobby = Lobby::default();
    let mut connection = connect(&endpoint, &quick(), &NoSecrets, &lobby).unwrap();
    let mut channel = connection.exec("cat").unwrap();
    bastion.kill_sessions();
    let start = Instant::now();
    assert_eq!(channel.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionAborted);
    assert!(start.elapsed() < Duration::from_secs(1));
    drop(channel);
    drop(connection);
    let mut connection = connect(&endpoint, &quick(), &NoSecrets, &lobby).unwrap();
    assert_eq!(output(connection.as_mut(), "echo again"), "again\n");
    assert_eq!(bastion.count_in_log("Accepted publickey", 2), 2);
}

#[test]
fn a_jump_host_that_refuses_us_is_asked_once_for_all_hosts_behind_it() {
    let rig = Rig::new();
    rig.key("stranger", &["-t", "ed25519"]);
    let (bastion, server) = (rig.start(), rig.start());
    let endpoint = behind(vec![with_key(&rig, &bastion, "stranger")], rig.endpoint(&server));
    let lobby = Lobby::default();
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let error = connect(&endpoint, &quick(), &NoSecrets, &lobby).err().unwrap();
                assert_eq!(error.kind(), FailureKind::Authentication, "{error}");
                assert!(error.is_final());
            });
        }
    });
    assert_eq!(bastion.count_in_log("Connection from", 1), 1);
}

#[test]
fn a_jump_host_that_may_not_forward_is_explained() {
    let rig = Rig::new();
    let (bastion, server) = (rig.server().line("AllowTcpForwarding no").start(), rig.start());
    let endpoint = behind(vec![rig.endpoint(&bastion)], rig.endpoint(&server));
    let error = failure_of(&endpoint);
    assert!(chain_of(&error).contains("prohibited"), "{}", chain_of(&error));
    assert!(error.hint().unwrap().contains("AllowTcpForwarding"));
    let open = rig.start();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nowhere = behind(vec![rig.endpoint(&open)], at_port(closed));
    let error = failure_of(&nowhere);
    assert_eq!(error.kind(), FailureKind::Unreachable, "{}", chain_of(&error));
}

/// A port that swallows connection attempts, as a host does that is switched off.
struct BlackHole {
    port: u16,
    _keep: (std::os::fd::OwnedFd, Vec<std::net::TcpStream>),
}

fn black_hole() -> BlackHole {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let listener = std::os::fd::OwnedFd::from(listener);
    // A queue for one: once it is full, the kernel drops what comes.
    rustix::net::listen(&listener, 0).unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        waiting.push(stream);
        assert!(waiting.len() < 300, "the queue does not fill");
    }
    BlackHole {
        port: address.port(),
        _keep: (listener, waiting),
    }
}

#[test]
fn a_host_that_swallows_packets_does_not_hold_up_the_others_behind_its_jump_host() {
    let rig = Rig::new();
    let (bastion, server) = (rig.start(), rig.start());
    let hole = black_hole();
    let dead = behind(vec![rig.endpoint(&bastion)], at_port(hole.port));
    let living = behind(vec![rig.endpoint(&bastion)], rig.endpoint(&server));
    let lobby = Lobby::default();
    let settings = Settings {
        connect_timeout: Duration::from_secs(3),
        ..quick()
    };
    thread::scope(|scope| {
        // One connection is there before and must go on.
        let mut before = connect(&living, &settings, &NoSecrets, &lobby).unwrap();
        let waiting = scope.spawn(|| {
            let start = Instant::now();
            let error = connect(&dead, &settings, &NoSecrets, &lobby).err().unwrap();
            (error, start.elapsed())
        });
        thread::sleep(Duration::from_millis(200));
        let start = Instant::now();
        for _ in 0..3 {
            let mut connection = connect(&living, &settings, &NoSecrets, &lobby).unwrap();
            assert_eq!(output(connection.as_mut(), "echo living"), "living\n");
        }
        assert!(start.elapsed() < Duration::from_millis(2500), "{:?}", start.elapsed());
        assert_eq!(output(before.as_mut(), "echo before"), "before\n");
        let (error, took) = waiting.join().unwrap();
        assert_eq!(error.kind(), FailureKind::TimedOut, "{error}");
        assert!(
            took >= Duration::from_secs(3) && took < Duration::from_secs(5),
            "{took:?}"
        );
        assert_eq!(output(before.as_mut(), "echo after"), "after\n");
    });
    assert_eq!(
        bastion.count_in_log("Accepted publickey", 2),
        2,
        "one lane more, not one per host"
    );
    let start = Instant::now();
    drop(lobby);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

// ---- the rig itself

#[test]
fn servers_end_with_a_test_that_panics() {
    let (send, receive) = std::sync::mpsc::channel();
    let panicked = thread::spawn(move || {
        let rig = Rig::new();
        let server = rig.start();
        let lobby = Lobby::default();
        let connection = connect(&rig.endpoint(&server), &quick(), &NoSecrets, &lobby).unwrap();
        server.freeze();
        send.send((server.port, server.sessions())).unwrap();
        // Without the message of a panic, which would look like a failure in the output of the tests.
        std::panic::resume_unwind(Box::new(connection.facts()));
    });
    assert!(panicked.join().is_err());
    let (port, sessions) = receive.recv().unwrap();
    assert!(matches!(failure_of(&at_port(port)), SshError::Refused { .. }));
    for session in sessions {
        // A process that was killed may take a moment to die on a busy machine.
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let stat = fs::read_to_string(format!("/proc/{session}/stat")).unwrap_or_default();
            if stat.is_empty() || stat.contains(") Z ") {
                break;
            }
            assert!(Instant::now() < deadline, "{stat}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

// ---- the user's own ssh

fn by_ssh(endpoint: Endpoint) -> Endpoint {
    Endpoint {
        client: Client::Ssh,
        ..endpoint
    }
}

#[test]
fn the_own_ssh_runs_commands_and_tells_the_same_facts() {
    let rig = Rig::new();
    let server = rig.start();
    let lobby = Lobby::default();
    let endpoint = by_ssh(rig.endpoint(&server));
    let mut connection = connect(&endpoint, &quick(), &NoSecrets, &lobby).unwrap();
    assert_eq!(output(connection.as_mut(), "echo lost >&2; echo reached"), "reached\n");
    let facts = connection.facts();
    assert!(facts.server.starts_with("SSH-2.0-OpenSSH_"), "{facts:?}");
    assert_eq!(facts.host_key, "ssh-ed25519");
    assert!(facts.fingerprint.starts_with("SHA256:"), "{}", facts.fingerprint);
    assert_eq!(facts.fingerprint, facts_of(&rig.endpoint(&server)).fingerprint);
    assert!(
        facts.authenticated_by.contains(rig.path("user").to_str().unwrap()),
        "{facts:?}"
    );
    let mut channel = connection.exec("cat").unwrap();
    channel.write_all(b"a").unwrap();
    channel.read_exact(&mut [0]).unwrap();
    server.freeze();
    channel.write_all(b"b").unwrap();
    channel.set_timeout(Duration::from_millis(300));
    let start = Instant::now();
    assert_eq!(channel.read(&mut [0]).unwrap_err().kind(), ErrorKind::TimedOut);
    assert!(start.elapsed() < Duration::from_millis(700));
    server.thaw();
    channel.read_exact(&mut [0]).unwrap();
    server.kill_sessions();
    assert_eq!(channel.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionAborted);
    let start = Instant::now();
    drop(channel);
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn the_own_ssh_fails_with_the_same_kinds() {
    let rig = Rig::new();
    rig.key("stranger", &["-t", "ed25519"]);
    rig.key("old", &["-t", "ed25519"]);
    let server = rig.start();
    let right = by_ssh(rig.endpoint(&server));
    let name = format!("[127.0.0.1]:{}", server.port);

    let error = failure_of(&by_ssh(with_key(&rig, &server, "stranger")));
    let SshError::Authentication { accepted, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(accepted, &["publickey"]);

    let unknown = Endpoint {
        known_hosts: vec![rig.path("missing")],
        ..right.clone()
    };
    let error = failure_of(&unknown);
    assert_eq!(error.kind(), FailureKind::HostKey, "{error}");
    assert!(error.to_string().contains("SHA256:"), "{error}");
    let changed = Endpoint {
        known_hosts: vec![rig.write("changed", &format!("{name} {}\n", rig.public("old")))],
        ..right.clone()
    };
    let error = failure_of(&changed);
    assert!(error.to_string().contains("HAS CHANGED"), "{error}");
    let revoked = Endpoint {
        known_hosts: vec![rig.write("revoked", &format!("@revoked {name} {}\n", rig.public("host")))],
        ..right.clone()
    };
    let error = failure_of(&revoked);
    assert!(error.to_string().contains("REVOKED"), "{error}");

    let settings = Settings {
        accept_new: Some(rig.path("accepted")),
        ..quick()
    };
    assert!(try_with(&unknown, &settings, &NoSecrets).unwrap().host_key_was_accepted);
    assert!(!try_with(&unknown, &settings, &NoSecrets).unwrap().host_key_was_accepted);

    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(failure_of(&by_ssh(at_port(closed))).kind(), FailureKind::Unreachable);
    let mute = listener(|stream| {
        thread::sleep(Duration::from_secs(20));
        drop(stream);
    });
    let start = Instant::now();
    let error = failure_of(&by_ssh(at_port(mute)));
    assert!(!error.is_final(), "{error}");
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?} {error}",
        start.elapsed()
    );
}

#[test]
fn the_own_ssh_goes_through_jump_hosts_as_strictly() {
    let rig = Rig::new();
    let (near, far, server) = (rig.start(), rig.start(), rig.start());
    let (first, second) = (rig.endpoint(&near), rig.endpoint(&far));
    let endpoint = by_ssh(behind(vec![first.clone(), second.clone()], rig.endpoint(&server)));
    facts_of(&endpoint);
    let stranger = Endpoint {
        known_hosts: vec![rig.path("missing")],
        ..second
    };
    let error = failure_of(&by_ssh(behind(vec![first, stranger], rig.endpoint(&server))));
    assert_eq!(error.kind(), FailureKind::HostKey, "{}", chain_of(&error));
}
