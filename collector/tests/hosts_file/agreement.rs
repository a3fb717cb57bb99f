//! Agreement with `ssh -G`.

use std::path::Path;
use std::process::Command;

use sizewright_collector::hosts::{Credential, Endpoint, Environment, HostsFile};

use crate::home::{Home, endpoint, full};

/// What `ssh -G` says about a host, as (keyword, value).
fn asked_of_ssh(config: &Path, host: &str) -> Vec<(String, String)> {
    let output = Command::new("ssh")
        .arg("-F")
        .arg(config)
        .args(["-G", "--", host])
        .output();
    let output = output.expect("this test needs OpenSSH's ssh, install openssh-client");
    assert!(
        output.status.success(),
        "ssh -G {host}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(keyword, value)| (keyword.to_string(), value.to_string()))
        .collect()
}

#[test]
fn the_ssh_configuration_means_what_ssh_takes_it_for() {
    let home = Home::new();
    home.key("k1");
    home.key("k two");
    home.write("inc/a.conf", "Host inc*\n Port 2301\n User from-include\n");
    home.write("inc/b.conf", "Port 2302\n");
    // ssh takes its user's name from the system, so the test does as well.
    let me = Command::new("id").arg("-un").output().unwrap().stdout;
    let me = String::from_utf8_lossy(&me).trim().to_string();
    let t = home.folder.path().display().to_string();
    let configs: Vec<(String, &[&str])> = vec![
        (
            "Host a\n HostName a.example\n Port 2222\n User ann\n".into(),
            &["a", "b", "A"],
        ),
        (
            "Host *.example !no.example\n User in\nHost *\n User out\n".into(),
            &["x.example", "no.example", "x"],
        ),
        (
            "Host a?c b* !bad\n Port=2201\nUser = last\n".into(),
            &["abc", "ac", "bxx", "bad", "z"],
        ),
        (
            "User first\nUser second\nHost x\n User third\n Port 1\n".into(),
            &["x", "y"],
        ),
        (
            "Host \"a\" 'b' # c\n HostName \"%h.example\" # comment\n".into(),
            &["a", "b", "c"],
        ),
        (
            "HOST Alias\nhostname 10.0.0.1\nhostkeyalias Some.Alias\n".into(),
            &["Alias", "alias"],
        ),
        (
            "Match host a\n Port 1\nMatch originalhost b\n Port 2\nMatch all\n Port 3\n".into(),
            &["a", "b", "c"],
        ),
        (
            "Host a\n HostName real\nMatch host real\n User r\nMatch host a\n User a\n".into(),
            &["a", "real"],
        ),
        (format!("Match user {me}\n Port 5\nMatch !user {me}\n Port 6\n"), &["a"]),
        (format!("User x\nMatch user x,y localuser {me}\n Port 5\n"), &["a"]),
        (
            format!("Match localuser !{me},* host *\n Port 5\nMatch host A,b\n Port 7\n"),
            &["a", "B", "c"],
        ),
        (
            "Host a\n HostName a.example\nMatch final host a.example\n Port 9\n User f\n".into(),
            &["a", "a.example", "b"],
        ),
        (format!("Include {t}/inc/*.conf\n User main\n"), &["inc1", "other"]),
        (
            format!("Host x\n Include {t}/inc/b.conf\nHost y\n Include {t}/inc/a.conf\n"),
            &["x", "y", "inc1"],
        ),
        (
            "Host a\n ProxyJump u@gate:23\nHost b\n ProxyJump one,two@x,three:4\nHost c\n ProxyJump none\n".into(),
            &["a", "b", "c"],
        ),
        (
            "Host a\n ProxyJump none\nHost *\n ProxyJump gate # why\nHost gate\n User g\n".into(),
            &["a"],
        ),
        (
            format!("UserKnownHostsFile {t}/kh1 \"{t}/kh 2\"\nGlobalKnownHostsFile none\n"),
            &["a"],
        ),
        (
            format!("GlobalKnownHostsFile {t}/g1 {t}/g2\nUserKnownHostsFile none\n"),
            &["a"],
        ),
        (
            format!("IdentityFile {t}/k1\nHost a\n IdentityFile \"{t}/k two\"\n IdentityFile {t}/k1\n"),
            &["a", "b"],
        ),
        (
            "   Host a   \r\n\tPort   2203\t\r\n\r\n# User no\r\nUser\tcrlf\r\n".into(),
            &["a", "b"],
        ),
        (
            "Host Up.Example\n HostName MiXed.Example\n".into(),
            &["Up.Example", "up.example", "OTHER"],
        ),
        (
            "Host v6\n HostName fe80::1%%lo\n Port 2\nHost 10.0.0.*\n User net\n".into(),
            &["v6", "10.0.0.7", "10.0.1.7"],
        ),
    ];
    let mut compared = 0;
    for (config, hosts) in configs {
        let path = home.write(".ssh/config", &config);
        let mut environment = Environment::bare(home.folder.path(), &me);
        environment.user_ssh_config = Some(path.clone());
        for host in hosts {
            let expected = asked_of_ssh(&path, host);
            let value = |keyword: &str| {
                expected
                    .iter()
                    .find(|(key, _)| key == keyword)
                    .map(|(_, value)| value.as_str())
            };
            let text = format!("hosts = [\"{host}\"]");
            let read = HostsFile::from_toml(&text, &home.path("hosts.toml"), &environment);
            let read = read.unwrap_or_else(|error| panic!("{config}\n{host}: {}", full(&error)));
            let ours = endpoint(&read.targets[0]);
            let case = format!("host {host} in\n{config}");
            assert_eq!(value("hostname"), Some(ours.address.as_str()), "{case}");
            assert_eq!(value("port"), Some(ours.port.to_string().as_str()), "{case}");
            assert_eq!(value("user"), Some(ours.user.as_str()), "{case}");
            // Older versions do not print it.
            if let Some(alias) = value("hostkeyalias") {
                assert_eq!(Some(alias), ours.host_key_alias.as_deref(), "{case}");
            }
            compare_jumps(value("proxyjump"), ours, &me, &case);
            compare_files(&expected, ours, home.folder.path(), &case);
            compared += 1;
        }
    }
    assert!(compared >= 40, "{compared}");
}

fn compare_jumps(expected: Option<&str>, ours: &Endpoint, me: &str, case: &str) {
    let hops = expected
        .filter(|text| *text != "none")
        .map_or(Vec::new(), |text| text.split(',').collect());
    assert_eq!(hops.len(), ours.jumps.len(), "{case}");
    for (hop, jump) in hops.iter().zip(&ours.jumps) {
        let (user, server) = hop.rsplit_once('@').unwrap_or((me, hop));
        let (host, port) = server.split_once(':').unwrap_or((server, "22"));
        assert_eq!((user, host), (jump.user.as_str(), jump.address.as_str()), "{case}");
        assert_eq!(port, jump.port.to_string(), "{case}");
    }
}

fn compare_files(expected: &[(String, String)], ours: &Endpoint, home: &Path, case: &str) {
    let folder = home.display().to_string();
    // Compared where the configuration names files; the usual ones are in the home folder of the system's account.
    let values = |keyword: &str| {
        let of_keyword = expected.iter().filter(|(key, _)| key == keyword);
        of_keyword
            .map(|(_, value)| value.clone())
            .filter(|value| value.contains(&folder))
            .collect::<Vec<_>>()
    };
    let identities = values("identityfile");
    if !identities.is_empty() {
        let files: Vec<String> = ours
            .credentials
            .iter()
            .filter_map(|credential| match credential {
                Credential::KeyFile { path, .. } => Some(path.display().to_string()),
                _ => None,
            })
            .collect();
        assert_eq!(files, identities, "{case}");
    }
    let mut known = values("userknownhostsfile");
    known.extend(values("globalknownhostsfile"));
    if !known.is_empty() {
        let files: Vec<String> = ours.known_hosts.iter().map(|path| path.display().to_string()).collect();
        assert_eq!(files.join(" "), known.join(" "), "{case}");
    }
}
