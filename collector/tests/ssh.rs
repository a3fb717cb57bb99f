//! Both SSH transports against real OpenSSH servers on loopback ports.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod sshd;

use sshd::visitor::*;

// ---- credentials

#[test]
fn keys_of_every_kind_are_accepted_on_a_small_stack() {
    let rig = Rig::new();
    rig.key("ecdsa", &["-t", "ecdsa"]);
    rig.key("rsa", &["-t", "rsa", "-b", "3072"]);
    rig.key("rsa-pem", &["-t", "rsa", "-b", "2048", "-m", "PEM"]);
    rig.key("rsa-pkcs8", &["-t", "rsa", "-b", "2048", "-m", "PKCS8"]);
    let keys = ["user", "ecdsa", "rsa", "rsa-pem", "rsa-pkcs8"];
    let server = rig.server().authorize(&keys).start();
    for key in keys {
        let facts = facts_of(&with_key(&rig, &server, key));
        assert!(facts.server.starts_with("SSH-2.0-OpenSSH_"), "{}", facts.server);
        assert_eq!(facts.host_key, "ssh-ed25519");
        assert_eq!(facts.authenticated_by, format!("key `{}`", rig.path(key).display()));
        assert!(!facts.host_key_was_accepted);
    }
}

#[test]
fn encrypted_keys_ask_for_their_pass_phrase_and_a_wrong_one_is_told() {
    let rig = Rig::new();
    rig.locked_key("locked", "canary", &["-t", "ed25519"]);
    rig.locked_key("locked-ecdsa", "canary", &["-t", "ecdsa"]);
    rig.locked_key("locked-pem", "canary", &["-t", "rsa", "-b", "2048", "-m", "PEM"]);
    let keys = ["locked", "locked-ecdsa", "locked-pem"];
    let server = rig.server().authorize(&keys).start();
    for key in keys {
        let endpoint = with_key(&rig, &server, key);
        let right = OneSecret("canary", AtomicUsize::new(0));
        try_with(&endpoint, &Settings::default(), &right).unwrap();
        assert_eq!(right.1.load(Ordering::SeqCst), 1);
        let error = try_with(
            &endpoint,
            &Settings::default(),
            &OneSecret("mouse", AtomicUsize::new(0)),
        )
        .unwrap_err();
        assert!(error.is_final());
        assert!(
            chain_of(&error).contains("pass phrase is wrong"),
            "{}",
            chain_of(&error)
        );
        let unasked = SecretStore::new(None);
        let error = try_with(&endpoint, &Settings::default(), &unasked).unwrap_err();
        assert_eq!(error.kind(), FailureKind::Authentication);
        assert!(chain_of(&error).contains("no terminal"), "{}", chain_of(&error));
    }
}

#[test]
fn a_certificate_beside_the_key_is_shown() {
    let rig = Rig::new();
    rig.key("authority", &["-t", "ed25519"]);
    rig.key("rsa", &["-t", "rsa", "-b", "2048"]);
    let trusted = rig.write("authority-list", &rig.public("authority"));
    let server = rig
        .server()
        .authorize(&[])
        .line(&format!("TrustedUserCAKeys {}", trusted.display()))
        .start();
    for key in ["user", "rsa"] {
        let authority = rig.path("authority");
        let public = rig.path(&format!("{key}.pub"));
        let arguments = ["-q", "-s", authority.to_str().unwrap(), "-I", "id", "-n", &own_name()];
        let mut arguments = arguments.to_vec();
        arguments.push(public.to_str().unwrap());
        sshd::run("ssh-keygen", &arguments);
        let mut endpoint = with_key(&rig, &server, key);
        let error = failure_of(&endpoint);
        assert!(matches!(&error, SshError::Authentication { .. }), "{error}");
        endpoint.credentials = vec![Credential::KeyFile {
            path: rig.path(key),
            certificate: Some(rig.path(&format!("{key}-cert.pub"))),
        }];
        let facts = facts_of(&endpoint);
        assert!(
            facts.authenticated_by.ends_with("with its certificate"),
            "{}",
            facts.authenticated_by
        );
    }
}

#[test]
fn an_agent_with_eight_keys_offers_few_and_the_right_one_first_when_it_is_named() {
    let rig = Rig::new();
    let socket = rig.path("agent");
    let agent = Agent::start(&socket);
    for number in 0..7 {
        agent.add(&rig.key(&format!("other-{number}"), &["-t", "ed25519"]));
    }
    agent.add(&rig.path("user"));
    let server = rig.start();
    let settings = Settings {
        agent: Some(socket),
        ..quick()
    };
    let mut endpoint = rig.endpoint(&server);
    endpoint.credentials = vec![Credential::Agent { only: None }];
    let error = try_with(&endpoint, &settings, &NoSecrets).unwrap_err();
    let SshError::Authentication { tried, accepted, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(tried.iter().filter(|tried| tried.outcome == "refused").count(), 5);
    assert!(
        tried
            .iter()
            .any(|tried| tried.outcome.contains("3 of its keys were not offered"))
    );
    assert_eq!(accepted, &["publickey"]);

    endpoint.credentials = vec![Credential::Agent {
        only: Some(rig.path("user.pub")),
    }];
    let facts = try_with(&endpoint, &settings, &NoSecrets).unwrap();
    assert!(
        facts.authenticated_by.starts_with("agent key SHA256:"),
        "{}",
        facts.authenticated_by
    );

    // A key file that comes later makes the agent offer that key first, as with OpenSSH.
    endpoint.credentials = vec![Credential::Agent { only: None }, rig.credential("user")];
    let facts = try_with(&endpoint, &settings, &NoSecrets).unwrap();
    assert!(
        facts.authenticated_by.starts_with("agent key SHA256:"),
        "{}",
        facts.authenticated_by
    );
    drop(agent);
    endpoint.credentials = vec![Credential::Agent { only: None }, rig.credential("user")];
    assert!(
        try_with(&endpoint, &settings, &NoSecrets)
            .unwrap()
            .authenticated_by
            .starts_with("key ")
    );
}

#[test]
fn a_password_is_sent_once_and_answers_one_hidden_question() {
    let Some(account) = Account::make() else {
        println!("not run: passwords need a throw-away account, which only root can make");
        return;
    };
    let rig = Rig::new();
    let plain = rig.server().line("PasswordAuthentication yes").start();
    let asking = rig
        .server()
        .line("UsePAM yes")
        .line("KbdInteractiveAuthentication yes")
        .start();
    let to = |server: &Sshd, command: String| Endpoint {
        user: account.name.clone(),
        credentials: vec![
            Credential::Password(SecretSource::Command(command.clone())),
            Credential::Password(SecretSource::Command(command)),
        ],
        ..rig.endpoint(server)
    };
    let right = format!("echo '{}'", account.password);
    for server in [&plain, &asking] {
        let store = SecretStore::new(None);
        let facts = try_with(&to(server, right.clone()), &quick(), &store).unwrap();
        assert_eq!(facts.authenticated_by, "password");
    }
    assert!(asking.log().contains("keyboard-interactive/pam"), "{}", asking.log());
    let store = SecretStore::new(None);
    let error = try_with(&to(&plain, "echo canary-wrong".to_string()), &quick(), &store).unwrap_err();
    assert!(error.is_password_refused() && error.is_final(), "{error}");
    assert!(!format!("{error:?} {error}").contains("canary"), "{error}");
    assert_eq!(
        plain.count_in_log("Failed password", 1),
        1,
        "a wrong password is sent once"
    );
}

#[test]
fn a_refusal_says_what_was_tried_and_what_is_accepted() {
    let rig = Rig::new();
    rig.key("stranger", &["-t", "ed25519"]);
    let server = rig.start();
    let mut endpoint = with_key(&rig, &server, "stranger");
    endpoint.credentials.push(rig.credential("missing"));
    endpoint.credentials.push(Credential::Password(SecretSource::Prompt));
    let error = failure_of(&endpoint);
    assert!(error.is_final() && !error.is_password_refused());
    let text = error.to_string();
    let expected = [
        format!("key `{}` (refused)", rig.path("stranger").display()),
        format!("key `{}` (No such file", rig.path("missing").display()),
        "a password, not sent (the server takes none)".to_string(),
        "the server takes publickey".to_string(),
    ];
    for words in expected {
        assert!(text.contains(&words), "{words} in {text}");
    }
    assert!(error.hint().unwrap().contains("authorized_keys"));
}

// ---- host keys

#[test]
fn an_unknown_host_is_refused_with_its_fingerprint_and_accepted_once_when_asked_for() {
    let rig = Rig::new();
    let server = rig.start();
    let mut endpoint = rig.endpoint(&server);
    endpoint.known_hosts = vec![rig.path("missing")];
    let error = failure_of(&endpoint);
    assert_eq!(error.kind(), FailureKind::HostKey);
    assert!(error.is_final());
    let public = rig.path("host.pub");
    let listed = sshd::run("ssh-keygen", &["-lf", public.to_str().unwrap()]);
    let fingerprint = listed.split_whitespace().nth(1).unwrap();
    assert!(chain_of(&error).contains(fingerprint), "{}", chain_of(&error));
    assert!(error.hint().unwrap().contains("--accept-new"));
    assert_eq!(
        server.log().matches("Accepted").count(),
        0,
        "nothing was said about who we are"
    );

    let own = rig.path("accepted");
    let settings = Settings {
        accept_new: Some(own.clone()),
        ..Settings::default()
    };
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| try_with(&endpoint, &settings, &NoSecrets).unwrap());
        }
    });
    assert_eq!(fs::read_to_string(&own).unwrap().lines().count(), 1);
    assert!(!rig.path("missing").exists(), "the user's own file is left alone");
    let facts = try_with(&endpoint, &settings, &NoSecrets).unwrap();
    assert!(!facts.host_key_was_accepted, "it is known by now");
    fs::remove_file(&own).unwrap();
    assert!(
        try_with(&endpoint, &settings, &NoSecrets)
            .unwrap()
            .host_key_was_accepted
    );
}

#[test]
fn changed_and_revoked_host_keys_are_refused_even_with_accept_new() {
    let rig = Rig::new();
    rig.key("old", &["-t", "ed25519"]);
    let server = rig.start();
    let mut endpoint = rig.endpoint(&server);
    let settings = Settings {
        accept_new: Some(rig.path("accepted")),
        ..quick()
    };
    let name = format!("[127.0.0.1]:{}", server.port);
    let changed = format!("{name} {}\n", rig.public("old"));
    let revoked = format!("@revoked * {0}\n{name} {0}\n", rig.public("host"));
    for (text, words) in [(changed, "HAS CHANGED"), (revoked, "IS REVOKED")] {
        endpoint.known_hosts = vec![rig.write("known", &text)];
        let error = try_with(&endpoint, &settings, &NoSecrets).unwrap_err();
        assert!(chain_of(&error).contains(words), "{}", chain_of(&error));
        assert!(error.is_final());
    }
    assert!(!rig.path("accepted").exists());
}

#[test]
fn the_kind_of_host_key_on_record_is_asked_for() {
    let rig = Rig::new();
    rig.key("host-rsa", &["-t", "rsa", "-b", "2048"]);
    rig.key("host-ecdsa", &["-t", "ecdsa"]);
    let server = rig.server().host_keys(&["host", "host-rsa", "host-ecdsa"]).start();
    let mut endpoint = rig.endpoint(&server);
    let name = format!("[127.0.0.1]:{}", server.port);
    for (key, kind) in [
        ("host-rsa", "ssh-rsa"),
        ("host-ecdsa", "ecdsa-sha2-nistp256"),
        ("host", "ssh-ed25519"),
    ] {
        let known = rig.write("known", &format!("{name} {}\n", rig.public(key)));
        endpoint.known_hosts = vec![known.clone()];
        assert_eq!(facts_of(&endpoint).host_key, kind);
        sshd::run("ssh-keygen", &["-q", "-H", "-f", known.to_str().unwrap()]);
        assert!(fs::read_to_string(&known).unwrap().starts_with("|1|"));
        assert_eq!(facts_of(&endpoint).host_key, kind, "hashed");
    }
    endpoint.known_hosts = vec![rig.write("known", &format!("alias {}\n", rig.public("host-rsa")))];
    endpoint.host_key_alias = Some("alias".to_string());
    assert_eq!(
        facts_of(&endpoint).host_key,
        "ssh-rsa",
        "the alias stands without its port"
    );
}

#[test]
fn a_host_certificate_does_not_hide_the_key_on_record() {
    let rig = Rig::new();
    rig.key("authority", &["-t", "ed25519"]);
    let (authority, public) = (rig.path("authority"), rig.path("host.pub"));
    let arguments = [
        "-q",
        "-s",
        authority.to_str().unwrap(),
        "-I",
        "id",
        "-h",
        public.to_str().unwrap(),
    ];
    sshd::run("ssh-keygen", &arguments);
    let certificate = rig.path("host-cert.pub");
    let server = rig
        .server()
        .line(&format!("HostCertificate {}", certificate.display()))
        .start();
    assert_eq!(facts_of(&rig.endpoint(&server)).host_key, "ssh-ed25519");
}

// ---- commands and channels

#[test]
fn commands_run_one_after_the_other_and_their_errors_are_thrown_away() {
    let rig = Rig::new();
    let server = rig.start();
    let lobby = Lobby::default();
    let mut connection = connect(&rig.endpoint(&server), &quick(), &NoSecrets, &lobby).unwrap();
    for number in 0..30 {
        let command = format!("echo lost >&2; echo {number}");
        assert_eq!(output(connection.as_mut(), &command), format!("{number}\n"));
    }
    let flood = "head -c 5000000 /dev/zero >&2; head -c 3000000 /dev/zero | tr '\\0' x";
    assert_eq!(output(connection.as_mut(), flood).len(), 3_000_000);
    let mut channel = connection
        .exec("/bin/sh -c 'while read -r line; do echo \"<$line>\"; done'")
        .unwrap();
    for word in ["one", "two"] {
        channel.write_all(format!("{word}\n").as_bytes()).unwrap();
        let mut answer = [0; 6];
        channel.read_exact(&mut answer).unwrap();
        assert_eq!(answer, format!("<{word}>\n").as_bytes());
    }
    drop(channel);
    let mut endless = connection.exec("yes").unwrap();
    endless.read_exact(&mut vec![0; 1_000_000]).unwrap();
    let start = Instant::now();
    drop(endless);
    assert!(
        start.elapsed() < Duration::from_millis(200),
        "leaving an endless command took {:?}",
        start.elapsed()
    );
    assert_eq!(output(connection.as_mut(), "echo still"), "still\n");
    assert_eq!(server.log().matches("Accepted publickey").count(), 1);
}

#[test]
fn a_large_input_arrives_whole() {
    let rig = Rig::new();
    let server = rig.start();
    let lobby = Lobby::default();
    let mut connection = connect(&rig.endpoint(&server), &quick(), &NoSecrets, &lobby).unwrap();
    let mut channel = connection.exec("head -c 5000000 | cksum").unwrap();
    let input: Vec<u8> = (0..5_000_000u32).map(|number| (number % 251) as u8).collect();
    channel.write_all(&input).unwrap();
    let mut sum = String::new();
    channel.read_to_string(&mut sum).unwrap();
    let local = rig.path("input");
    fs::write(&local, &input).unwrap();
    let expected = sshd::run("cksum", &[local.to_str().unwrap()]);
    assert_eq!(sum.split_whitespace().next(), expected.split_whitespace().next());
}

// ---- servers that misbehave

#[test]
fn a_server_that_stops_answering_ends_a_read_in_time_and_goes_on_later() {
    let rig = Rig::new();
    let server = rig.start();
    let lobby = Lobby::default();
    // Keep-alives more often than the time-out: they must not cut the read short.
    let settings = Settings {
        keep_alive: Duration::from_secs(1),
        ..quick()
    };
    let mut connection = connect(&rig.endpoint(&server), &settings, &NoSecrets, &lobby).unwrap();
    let mut channel = connection.exec("cat").unwrap();
    channel.write_all(b"a").unwrap();
    channel.read_exact(&mut [0]).unwrap();
    server.freeze();
    channel.write_all(b"b").unwrap();
    channel.set_timeout(Duration::from_millis(2300));
    let start = Instant::now();
    let error = channel.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let took = start.elapsed();
    assert!(
        took >= Duration::from_millis(2300) && took < Duration::from_millis(2700),
        "{took:?}"
    );
    server.thaw();
    let mut answer = [0];
    channel.read_exact(&mut answer).unwrap();
    assert_eq!(answer, *b"b", "the channel is of use again");
    server.freeze();
    let start = Instant::now();
    drop(channel);
    drop(connection);
    drop(lobby);
    assert!(
        start.elapsed() < Duration::from_millis(500),
        "leaving took {:?}",
        start.elapsed()
    );
}

#[test]
fn a_write_that_nobody_takes_ends_in_time() {
    let rig = Rig::new();
    let server = rig.start();
    let lobby = Lobby::default();
    let mut connection = connect(&rig.endpoint(&server), &quick(), &NoSecrets, &lobby).unwrap();
    let mut channel = connection.exec("sleep 60").unwrap();
    channel.set_timeout(Duration::from_millis(400));
    let start = Instant::now();
    let error = channel.write_all(&vec![0; 20_000_000]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    drop(channel);
    drop(connection);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn a_server_that_dies_is_noticed_at_once() {
    let rig = Rig::new();
    let server = rig.start();
    let lobby = Lobby::default();
    let mut connection = connect(&rig.endpoint(&server), &quick(), &NoSecrets, &lobby).unwrap();
    let mut channel = connection.exec("cat").unwrap();
    channel.write_all(b"a").unwrap();
    channel.read_exact(&mut [0]).unwrap();
    server.kill_sessions();
    let start = Instant::now();
    let error = channel.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionAborted, "{error}");
    assert!(start.elapsed() < Duration::from_secs(1));
    drop(channel);
    let error = connection.exec("true").err().unwrap();
    assert_eq!(error.kind(), FailureKind::Closed);
    assert!(!error.is_final());
}

#[test]
fn listeners_that_are_mute_or_drip_or_talk_nonsense_are_left_in_time() {
    let settings = Settings {
        handshake_timeout: Duration::from_millis(600),
        ..quick()
    };
    let mute = listener(|stream| {
        thread::sleep(Duration::from_secs(20));
        drop(stream);
    });
    let drip = listener(|mut stream| {
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let flood = listener(|mut stream| while stream.write_all(&[b'\n'; 4096]).is_ok() {});
    // The library does not come back while a flood lasts; the watchdog ends that three seconds later.
    for (port, longest_s) in [(mute, 2), (drip, 2), (flood, 5)] {
        let start = Instant::now();
        let error = try_with(&at_port(port), &settings, &NoSecrets).unwrap_err();
        assert!(!error.is_final(), "{error}");
        assert!(
            start.elapsed() < Duration::from_secs(longest_s),
            "{:?} {error}",
            start.elapsed()
        );
    }
    let error = try_with(&at_port(mute), &settings, &NoSecrets).unwrap_err();
    assert_eq!(error.kind(), FailureKind::TimedOut, "{error}");
    let web = listener(|mut stream| drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")));
    let garbage = listener(|mut stream| {
        let noise: Vec<u8> = (0..100_000u32)
            .map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let _ = stream.write_all(b"SSH-2.0-Noise\x1b[2J\r\n");
        let _ = stream.write_all(&noise);
    });
    let closing = listener(drop);
    for port in [web, garbage, closing] {
        let error = try_with(&at_port(port), &settings, &NoSecrets).unwrap_err();
        assert_eq!(error.kind(), FailureKind::Handshake, "{error}");
        assert!(!chain_of(&error).chars().any(char::is_control));
    }
}

#[test]
fn addresses_that_lead_nowhere_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(matches!(failure_of(&at_port(closed)), SshError::Refused { .. }));
    let nameless = Endpoint {
        address: "no-such-host.invalid".to_string(),
        ..at_port(22)
    };
    let error = failure_of(&nameless);
    assert_eq!(error.kind(), FailureKind::Address);
    assert!(!error.is_final());
    for address in ["-oProxyCommand=id", "db\u{1b}[2J\n", ""] {
        for client in [Client::BuiltIn, Client::Ssh] {
            let odd = Endpoint {
                address: address.to_string(),
                client,
                ..at_port(22)
            };
            let error = failure_of(&odd);
            assert_eq!(error.kind(), FailureKind::Settings);
            assert!(!error.to_string().chars().any(char::is_control), "{error}");
        }
    }
}

#[test]
fn a_server_with_old_algorithms_only_is_explained() {
    let rig = Rig::new();
    let server = rig.server().line("KexAlgorithms diffie-hellman-group1-sha1").start();
    let error = failure_of(&rig.endpoint(&server));
    assert!(matches!(error, SshError::NoCommonAlgorithm { .. }), "{error}");
    assert!(error.hint().unwrap().contains("client = \"ssh\""));
}
