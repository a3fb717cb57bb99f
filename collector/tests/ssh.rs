//! Both SSH transports against real OpenSSH servers on loopback ports.
#![allow(clippy::result_large_err, clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod sshd;

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sizewright_collector::hosts::target::{Client, Credential, Endpoint, SecretSource};
use sizewright_collector::ssh::{
    Connection, ConnectionFacts, FailureKind, Limits, Lobby, Secret, SecretError, SecretRequest, SecretStore, Secrets,
    Settings, SshError, connect,
};
use sshd::account::Account;
use sshd::agent::Agent;
use sshd::{Rig, Sshd, own_name};

/// Stack of a thread that serves a host in a campaign.
const HOST_STACK: usize = 256 * 1024;

/// Who asks for no secret gets none.
struct NoSecrets;

impl Secrets for NoSecrets {
    fn password(&self, of: &SecretRequest) -> Result<Secret, SecretError> {
        panic!("the {of} was asked for");
    }
}

/// Gives one secret to everybody and counts.
#[derive(Default)]
struct OneSecret(&'static str, AtomicUsize);

impl Secrets for OneSecret {
    fn password(&self, _of: &SecretRequest) -> Result<Secret, SecretError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Ok(Secret::new(self.0.to_string()))
    }
}

fn try_with(endpoint: &Endpoint, settings: &Settings, secrets: &dyn Secrets) -> Result<ConnectionFacts, SshError> {
    thread::scope(|scope| {
        let host = thread::Builder::new().stack_size(HOST_STACK).spawn_scoped(scope, || {
            let lobby = Lobby::default();
            let mut connection = connect(endpoint, settings, secrets, &lobby)?;
            let mut text = String::new();
            // The user's own `ssh` connects with the command only.
            connection.exec("echo reached")?.read_to_string(&mut text).unwrap();
            assert_eq!(text, "reached\n");
            Ok(connection.facts())
        });
        host.unwrap().join().unwrap()
    })
}

fn facts_of(endpoint: &Endpoint) -> ConnectionFacts {
    try_with(endpoint, &Settings::default(), &NoSecrets).unwrap()
}

fn failure_of(endpoint: &Endpoint) -> SshError {
    try_with(endpoint, &quick(), &NoSecrets).unwrap_err()
}

/// Time-outs that a test can wait for.
fn quick() -> Settings {
    Settings {
        connect_timeout: Duration::from_secs(2),
        handshake_timeout: Duration::from_secs(2),
        authentication_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
        ..Settings::default()
    }
}

fn output(connection: &mut dyn Connection, command: &str) -> String {
    let mut channel = connection.exec(command).unwrap();
    let mut text = String::new();
    channel.read_to_string(&mut text).unwrap();
    text
}

fn with_key(rig: &Rig, server: &Sshd, key: &str) -> Endpoint {
    Endpoint {
        credentials: vec![rig.credential(key)],
        ..rig.endpoint(server)
    }
}

fn chain_of(error: &SshError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

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

/// Listens and does with each connection what it is told.
fn listener(serve: impl Fn(std::net::TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    port
}

fn at_port(port: u16) -> Endpoint {
    Endpoint {
        address: "localhost".to_string(),
        port,
        user: own_name(),
        host_key_alias: None,
        credentials: Vec::new(),
        known_hosts: vec![PathBuf::from("/dev/null")],
        jumps: Vec::new(),
        client: Client::BuiltIn,
    }
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
        let stat = fs::read_to_string(format!("/proc/{session}/stat")).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
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
