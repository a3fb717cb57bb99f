//! The `known_hosts` matcher: the cases that other matchers get wrong, and agreement with OpenSSH itself.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use sizewright_collector::ssh::known_hosts::{
    HostKeyRefused, KnownHosts, KnownHostsError, Marker, Verdict, accept, fingerprint,
};
use tempfile::TempDir;

const ED25519: &str = "ssh-ed25519";

/// A key that no one holds the private part of.
fn blob(kind: &str, seed: u8) -> Vec<u8> {
    let mut key = u32::try_from(kind.len()).unwrap().to_be_bytes().to_vec();
    key.extend_from_slice(kind.as_bytes());
    key.extend_from_slice(&[0, 0, 0, 32]);
    key.extend_from_slice(&[seed; 32]);
    key
}

fn text(kind: &str, seed: u8) -> String {
    format!("{kind} {}", STANDARD.encode(blob(kind, seed)))
}

fn known(content: &str) -> KnownHosts {
    KnownHosts::from_bytes(Path::new("known_hosts"), content.as_bytes())
}

fn check(content: &str, name: &str, port: u16) -> Verdict {
    known(content).check(name, port, ED25519, &blob(ED25519, 1))
}

fn is_known_in_line(verdict: &Verdict, expected: usize) -> bool {
    matches!(verdict, Verdict::Known { place } if place.line == expected)
}

/// Runs a program that the test needs.
fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("this test needs OpenSSH's `{program}`, install it: {error}"))
}

// The twelve cases of the measurements: the server is 127.0.0.1, port 2222, and shows ed25519 key 1.

#[test]
fn case_1_a_plain_name_without_port_is_good_enough_for_another_port() {
    let verdict = check(&format!("127.0.0.1 {}\n", text(ED25519, 1)), "127.0.0.1", 2222);
    assert!(is_known_in_line(&verdict, 1), "{verdict:?}");
    let other = check(&format!("127.0.0.1 {}\n", text(ED25519, 2)), "127.0.0.1", 2222);
    assert_eq!(other, Verdict::Unknown, "but not to call the key changed");
}

#[test]
fn case_2_a_hashed_name_matches() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known_hosts");
    fs::write(&path, format!("[127.0.0.1]:2222 {}\ndb-1 {0}\n", text(ED25519, 1))).unwrap();
    let hashed = run("ssh-keygen", &["-H", "-f", path.to_str().unwrap()]);
    assert!(hashed.status.success(), "{hashed:?}");
    let content = fs::read_to_string(&path).unwrap();
    assert!(content.starts_with("|1|") && !content.contains("db-1"), "{content}");
    assert!(is_known_in_line(&check(&content, "127.0.0.1", 2222), 1));
    assert!(is_known_in_line(&check(&content, "DB-1", 22), 2));
    assert_eq!(check(&content, "db-2", 22), Verdict::Unknown);
}

#[test]
fn case_3_a_bracketed_port_matches_that_port_only() {
    let content = format!("[127.0.0.1]:2222 {}\n", text(ED25519, 1));
    assert!(is_known_in_line(&check(&content, "127.0.0.1", 2222), 1));
    assert_eq!(check(&content, "127.0.0.1", 22), Verdict::Unknown);
}

#[test]
fn case_4_an_rsa_key_on_record_asks_the_server_for_its_rsa_key() {
    let content = format!("[127.0.0.1]:2222 {}\n", text("ssh-rsa", 1));
    let known = known(&content);
    assert_eq!(known.key_types("127.0.0.1", 2222), ["ssh-rsa"]);
    assert_eq!(
        known.host_key_algorithms("127.0.0.1", 2222),
        ["rsa-sha2-512", "rsa-sha2-256"]
    );
    let key = blob("ssh-rsa", 1);
    assert!(is_known_in_line(
        &known.check("127.0.0.1", 2222, "rsa-sha2-512", &key),
        1
    ));
    // When the server shows an ed25519 key all the same, OpenSSH calls it changed.
    let verdict = check(&content, "127.0.0.1", 2222);
    let refused = verdict.refusal("127.0.0.1", 2222, ED25519, &blob(ED25519, 1));
    assert!(matches!(refused, Some(HostKeyRefused::OtherKind { .. })), "{refused:?}");
}

#[test]
fn case_5_another_key_is_refused_as_changed() {
    let content = format!(
        "[127.0.0.1]:2222 {}\n[127.0.0.1]:2222 {}\n",
        text("ssh-rsa", 3),
        text(ED25519, 2)
    );
    let verdict = check(&content, "127.0.0.1", 2222);
    let Verdict::Changed { known } = &verdict else {
        panic!("{verdict:?}")
    };
    let places: Vec<(usize, &str)> = known
        .iter()
        .map(|key| (key.place.line, key.key_type.as_str()))
        .collect();
    assert_eq!(places, [(2, ED25519), (1, "ssh-rsa")], "the same kind comes first");
    let refused = verdict.refusal("127.0.0.1", 2222, ED25519, &blob(ED25519, 1)).unwrap();
    let message = refused.to_string();
    assert!(matches!(refused, HostKeyRefused::Changed { .. }));
    assert!(message.contains(&fingerprint(&blob(ED25519, 1))), "{message}");
    assert!(message.contains(&fingerprint(&blob(ED25519, 2))), "{message}");
    assert!(message.contains("known_hosts:2"), "{message}");
    assert!(refused.hint().unwrap().contains("-R '[127.0.0.1]:2222'"));
}

#[test]
fn case_6_the_key_of_a_certificate_authority_is_not_the_key_of_a_host() {
    let content = format!("@cert-authority * {}\n", text(ED25519, 1));
    assert_eq!(check(&content, "127.0.0.1", 2222), Verdict::Unknown);
    assert!(known(&content).key_types("127.0.0.1", 2222).is_empty());
    let markers: Vec<Marker> = known(&content).entries_for("h", 22).map(|entry| entry.marker).collect();
    assert_eq!(markers, [Marker::CertAuthority]);
}

#[test]
fn case_7_a_revoked_key_is_refused_whatever_else_is_on_record() {
    for content in [
        format!("@revoked * {0}\n[127.0.0.1]:2222 {0}\n", text(ED25519, 1)),
        format!("[127.0.0.1]:2222 {0}\n@revoked 127.0.0.1 {0}\n", text(ED25519, 1)),
        format!("127.0.0.1 {0}\n@revoked [127.*]:22* {0}\n", text(ED25519, 1)),
    ] {
        let verdict = check(&content, "127.0.0.1", 2222);
        assert!(matches!(verdict, Verdict::Revoked { .. }), "{verdict:?} of {content}");
    }
    let other_key = format!("@revoked * {}\n127.0.0.1 {}\n", text(ED25519, 9), text(ED25519, 1));
    assert!(is_known_in_line(&check(&other_key, "127.0.0.1", 22), 2));
}

#[test]
fn case_8_a_wildcard_matches() {
    let content = format!("[127.0.0.*]:2222,10.?.0.1 {}\n", text(ED25519, 1));
    assert!(is_known_in_line(&check(&content, "127.0.0.1", 2222), 1));
    assert!(is_known_in_line(&check(&content, "10.7.0.1", 22), 1));
    assert_eq!(check(&content, "10.77.0.1", 22), Verdict::Unknown);
}

#[test]
fn case_9_a_negated_name_does_not_match() {
    let content = format!("!127.0.0.1,127.* {}\n", text(ED25519, 1));
    assert_eq!(check(&content, "127.0.0.1", 22), Verdict::Unknown);
    assert!(is_known_in_line(&check(&content, "127.0.0.2", 22), 1));
}

#[test]
fn case_10_a_garbage_line_is_skipped_and_listed() {
    let content = format!("what is this\n127.0.0.1 {}\n", text(ED25519, 1));
    assert!(is_known_in_line(&check(&content, "127.0.0.1", 22), 2));
    let known = known(&content);
    assert_eq!(known.skipped_count(), 1);
    assert_eq!(known.skipped()[0].place.to_string(), "known_hosts:1");
}

#[test]
fn case_11_a_hardware_key_line_is_no_obstacle() {
    let hardware = text("sk-ssh-ed25519@openssh.com", 4);
    let content = format!("other {hardware}\n127.0.0.1 {}\n", text(ED25519, 1));
    assert!(is_known_in_line(&check(&content, "127.0.0.1", 22), 2));
}

#[test]
fn case_12_another_port_is_another_host() {
    let content = format!("[127.0.0.1]:2200 {}\n", text(ED25519, 1));
    assert_eq!(check(&content, "127.0.0.1", 2222), Verdict::Unknown);
}

#[test]
fn odd_files_are_read_all_the_same() {
    let mut content = b"\xff\xfe\x00 not text\r\n\r\n# comment\r\n".to_vec();
    content.extend_from_slice("x".repeat(200_000).as_bytes());
    content.extend_from_slice(format!("\r\n\tdb-1,10.0.0.1  {}\troot@db-1 \u{1f600}\r\n", text(ED25519, 1)).as_bytes());
    content.extend_from_slice(format!("db-2 {} ", text(ED25519, 1)).as_bytes());
    content.push(0xff);
    let known = KnownHosts::from_bytes(Path::new("known_hosts"), &content);
    let key = blob(ED25519, 1);
    for (name, line) in [("db-1", 5), ("10.0.0.1", 5), ("DB-2", 6)] {
        let verdict = known.check(name, 22, ED25519, &key);
        assert!(is_known_in_line(&verdict, line), "{name}: {verdict:?}");
    }
    assert_eq!(known.skipped_count(), 2);
}

#[test]
fn a_missing_file_is_empty_and_an_unreadable_one_fails() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let there = folder.path().join("there");
    fs::write(&there, format!("db-1 {}", text(ED25519, 1))).unwrap();
    let known = KnownHosts::read(&[missing, there.clone()]).unwrap();
    let verdict = known.check("db-1", 22, ED25519, &blob(ED25519, 1));
    assert!(is_known_in_line(&verdict, 1));
    let error = KnownHosts::read(&[there, folder.path().to_path_buf()]).unwrap_err();
    assert!(matches!(error, KnownHostsError::Read { .. }), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn lines_found_are_those_that_ssh_keygen_finds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known_hosts");
    let hidden = folder.path().join("hidden");
    // ssh-keygen wants keys that are points of the curve, so it makes them.
    let key = real_key(&folder, "ed25519");
    let rsa = real_key(&folder, "rsa");
    fs::write(&hidden, format!("db-9 {key}\n[db-9]:2222 {key}\n")).unwrap();
    run("ssh-keygen", &["-H", "-f", hidden.to_str().unwrap()]);
    let content = format!(
        "# comment\n\ndb-1 {key}\nDB-2,10.0.0.2 {key} a comment\n*.example,!no.example {rsa}\n[db-1]:2222 {rsa}\n\
         @revoked web-* {key}\n@cert-authority *.ca {key}\nbroken\n@what db-1 {key}\n10.?.0.* {key}\r\n\
         {}!db-3,db-* {key}\n|1|broken|hash {key}\nother ssh-rsa AAAA\n * {rsa}",
        fs::read_to_string(&hidden).unwrap()
    );
    fs::write(&path, &content).unwrap();
    let known = KnownHosts::read(std::slice::from_ref(&path)).unwrap();
    let names = [
        ("db-1", 22),
        ("db-1", 2222),
        ("db-2", 22),
        ("Db-2", 22),
        ("10.0.0.2", 22),
        ("a.example", 22),
        ("no.example", 22),
        ("web-1", 22),
        ("x.ca", 22),
        ("db-3", 22),
        ("db-4", 22),
        ("db-5", 22),
        ("db-9", 22),
        ("db-9", 2222),
        ("db-9", 2223),
        ("10.10.0.1", 22),
        ("10.1.0.1", 22),
        ("::1", 22),
        ("::1", 2222),
    ];
    for (name, port) in names {
        let asked = if port == 22 {
            name.to_string()
        } else {
            format!("[{name}]:{port}")
        };
        // ssh-keygen looks hashed names up as they are typed; ssh itself in small letters.
        let found = run(
            "ssh-keygen",
            &["-F", &asked.to_lowercase(), "-f", path.to_str().unwrap()],
        );
        let expected: Vec<usize> = String::from_utf8_lossy(&found.stdout)
            .lines()
            .filter_map(|line| {
                line.strip_prefix("# Host ")?
                    .split("found: line ")
                    .nth(1)?
                    .split(' ')
                    .next()?
                    .parse()
                    .ok()
            })
            .collect();
        let ours: Vec<usize> = known.entries_for(name, port).map(|entry| entry.place.line).collect();
        assert_eq!(ours, expected, "{asked} in:\n{content}");
    }
    let prints = run(
        "ssh-keygen",
        &["-lf", folder.path().join("ed25519.pub").to_str().unwrap()],
    );
    let blob = STANDARD.decode(key.split(' ').nth(1).unwrap()).unwrap();
    assert!(String::from_utf8_lossy(&prints.stdout).contains(&fingerprint(&blob)));
}

/// Makes a key pair and gives the public part without its comment.
fn real_key(folder: &TempDir, kind: &str) -> String {
    let path = folder.path().join(kind);
    if !path.exists() {
        let made = run(
            "ssh-keygen",
            &["-q", "-t", kind, "-N", "", "-f", path.to_str().unwrap()],
        );
        assert!(made.status.success(), "{made:?}");
    }
    let public = fs::read_to_string(path.with_extension("pub")).unwrap();
    public.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// What OpenSSH's client thinks of the key that a real sshd shows.
fn verdict_of_ssh(folder: &TempDir, known_hosts: &Path, name: &str, port: u16) -> &'static str {
    let settings = folder.path().join("sshd_config");
    let key = folder.path().join("ed25519");
    fs::write(&settings, format!("HostKey {}\nPidFile none\n", key.display())).unwrap();
    let server = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"]
        .into_iter()
        .find(|path| Path::new(path).exists());
    let server = server.expect("this test needs OpenSSH's sshd: install openssh-server");
    let output = run(
        "ssh",
        &[
            "-F",
            "none",
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            "PreferredAuthentications=none",
            "-o",
            "GlobalKnownHostsFile=/dev/null",
            "-o",
            &format!("UserKnownHostsFile={}", known_hosts.display()),
            "-o",
            &format!("ProxyCommand={server} -i -f {}", settings.display()),
            "-p",
            &port.to_string(),
            name,
            "true",
        ],
    );
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("REVOKED HOST KEY") {
        "revoked"
    } else if said.contains("IDENTIFICATION HAS CHANGED") {
        "changed"
    } else if said.contains("host key is known for") {
        "unknown"
    } else if said.contains("Permission denied") {
        "known"
    } else {
        panic!("ssh said something unexpected: {said}")
    }
}

#[test]
fn verdicts_are_those_of_the_openssh_client() {
    let folder = tempfile::tempdir().unwrap();
    let (key, rsa) = (real_key(&folder, "ed25519"), real_key(&folder, "rsa"));
    let other_folder = tempfile::tempdir().unwrap();
    let other = real_key(&other_folder, "ed25519");
    let blob = STANDARD.decode(key.split(' ').nth(1).unwrap()).unwrap();
    // sshd as root wants its folder for privilege separation; distributions make it when the service starts.
    if !Path::new("/run/sshd").exists() {
        let _ = fs::create_dir("/run/sshd");
    }
    let path = folder.path().join("known_hosts");
    let cases = [
        (format!("h {key}"), 22),
        (format!("H {key}"), 22),
        (format!("h {key}"), 2222),
        (format!("h {other}"), 2222),
        (format!("h {other}"), 22),
        (format!("h {rsa}"), 22),
        (format!("[h]:2222 {rsa}\nh {key}"), 2222),
        (format!("[h]:2222 {key}"), 22),
        (format!("[h]:22 {key}"), 22),
        (format!("h {other}\nh {key}"), 22),
        (format!("h {key}\n@revoked h {key}"), 22),
        (format!("@revoked * {key}\n[h]:2222 {key}"), 2222),
        (format!("@revoked h {other}\nh {key}"), 22),
        (format!("@cert-authority h {key}"), 22),
        (format!("!h,* {key}"), 22),
        (format!("*,!h {key}"), 22),
        (format!("? {key}"), 22),
        (format!("garbage\nh {key}\r\n"), 22),
        (format!("@revoked\nh {key} comment # more"), 22),
        (format!("@revoke h {key}\nh {key}"), 22),
        (String::new(), 22),
    ];
    for (content, port) in cases {
        fs::write(&path, &content).unwrap();
        let expected = verdict_of_ssh(&folder, &path, "h", port);
        let verdict = KnownHosts::read(std::slice::from_ref(&path))
            .unwrap()
            .check("h", port, ED25519, &blob);
        let ours = match verdict {
            Verdict::Known { .. } => "known",
            Verdict::Unknown => "unknown",
            Verdict::Changed { .. } => "changed",
            Verdict::Revoked { .. } => "revoked",
        };
        assert_eq!(ours, expected, "port {port}, known_hosts:\n{content}");
    }
}

#[test]
fn an_accepted_key_is_known_afterwards_and_stands_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/known_hosts");
    let key = blob(ED25519, 1);
    for _ in 0..2 {
        accept(&path, "DB-1", 2222, ED25519, &key).unwrap();
    }
    accept(&path, "db-1", 22, "rsa-sha2-512", &blob("ssh-rsa", 1)).unwrap();
    let content = fs::read_to_string(&path).unwrap();
    let expected = format!("[db-1]:2222 {}\ndb-1 {}\n", text(ED25519, 1), text("ssh-rsa", 1));
    assert_eq!(content, expected);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[test]
fn an_accepted_key_follows_the_style_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known_hosts");
    fs::write(&path, format!("other {}", text(ED25519, 5))).unwrap();
    run("ssh-keygen", &["-H", "-f", path.to_str().unwrap()]);
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, before.trim_end()).unwrap();
    let key = real_key(&folder, "ed25519");
    let blob = STANDARD.decode(key.split(' ').nth(1).unwrap()).unwrap();
    accept(&path, "db-1", 2222, ED25519, &blob).unwrap();
    let content = fs::read_to_string(&path).unwrap();
    assert!(content.lines().count() == 2 && !content.contains("db-1"), "{content}");
    let found = run("ssh-keygen", &["-F", "[db-1]:2222", "-f", path.to_str().unwrap()]);
    assert!(found.status.success(), "OpenSSH finds the line too: {content}");
}

#[test]
fn a_key_that_contradicts_the_file_is_not_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known_hosts");
    let content = format!("db-1 {}\n@revoked * {}\n", text(ED25519, 1), text(ED25519, 6));
    fs::write(&path, &content).unwrap();
    let accept = |name: &str, kind: &str, seed: u8| accept(&path, name, 22, kind, &blob(ED25519, seed)).unwrap_err();
    assert!(matches!(accept("db-1", ED25519, 2), KnownHostsError::Differs { .. }));
    assert!(matches!(accept("db-2", ED25519, 6), KnownHostsError::Revoked { .. }));
    assert!(matches!(accept("db-2", "ssh-rsa", 1), KnownHostsError::Key { .. }));
    for name in [
        "", "a b", "a,b", "a*", "a?", "!a", "#a", "@revoked", "|1|", "a\nb", "[a]:1",
    ] {
        assert!(
            matches!(accept(name, ED25519, 1), KnownHostsError::Name { .. }),
            "{name:?}"
        );
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), content);
}

#[test]
fn many_writers_at_once_lose_and_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("known_hosts");
    thread::scope(|scope| {
        for writer in 0..8_u8 {
            let path = &path;
            scope.spawn(move || {
                for host in 0..20 {
                    // Every host is written by two writers.
                    accept(path, &format!("h{}-{host}", writer / 2), 22, ED25519, &blob(ED25519, 1)).unwrap();
                }
            });
        }
    });
    let content = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = content.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!((lines.len(), content.lines().count()), (80, 80));
    assert_eq!(KnownHosts::read(&[path]).unwrap().skipped_count(), 0);
}

#[test]
fn names_from_outside_do_not_reach_the_terminal_raw() {
    let key = blob(ED25519, 1);
    let refused = known("")
        .check("db\u{1b}[2J", 22, ED25519, &key)
        .refusal("db\u{1b}[2J", 22, "\u{7}", &key);
    let message = refused.unwrap().to_string();
    assert!(!message.contains(['\u{1b}', '\u{7}']), "{message:?}");
}

proptest! {
    #[test]
    fn any_file_and_any_key_give_a_verdict(
        content in proptest::collection::vec(any::<u8>(), 0..2000),
        key in proptest::collection::vec(any::<u8>(), 0..100),
        name in ".{0,40}",
        port in any::<u16>(),
    ) {
        let known = KnownHosts::from_bytes(Path::new("f"), &content);
        let _ = known.check(&name, port, ED25519, &key);
        let _ = known.host_key_algorithms(&name, port);
        prop_assert_eq!(fingerprint(&key).len(), 50);
    }

    #[test]
    fn a_revoked_key_is_never_known(
        lines in proptest::collection::vec(("(h|\\*|h,g|\\?|!h,\\*|\\[h\\]:2222)", 1_u8..4, any::<bool>()), 0..12),
        port in prop_oneof![Just(22_u16), Just(2222)],
    ) {
        let mut content = format!("@revoked h {}\n", text(ED25519, 1));
        for (names, seed, revoked) in lines {
            let marker = if revoked { "@revoked " } else { "" };
            content.push_str(&format!("{marker}{names} {}\n", text(ED25519, seed)));
        }
        let verdict = check(&content, "h", port);
        prop_assert!(matches!(verdict, Verdict::Revoked { .. }), "{:?}", verdict);
    }

    #[test]
    fn what_was_accepted_is_known(name in "[a-zA-Z0-9.:-]{1,30}", port in 1_u16.., hashed in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known_hosts");
        if hashed {
            let salt = STANDARD.encode([1; 20]);
            fs::write(&path, format!("|1|{salt}|{salt} {}\n", text(ED25519, 9))).unwrap();
        }
        accept(&path, &name, port, ED25519, &blob(ED25519, 1)).unwrap();
        let known = KnownHosts::read(&[path]).unwrap();
        let verdict = known.check(&name, port, ED25519, &blob(ED25519, 1));
        prop_assert!(matches!(verdict, Verdict::Known { .. }), "{:?}", verdict);
    }
}
