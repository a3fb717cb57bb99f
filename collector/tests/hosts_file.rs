//! `hosts.toml` and the ssh configuration: what they mean, what is refused, and agreement with `ssh -G`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use sizewright_collector::hosts::{Client, HostsFile, Reach};

#[path = "hosts_file/agreement.rs"]
mod agreement;
#[path = "hosts_file/documents.rs"]
mod documents;
#[path = "hosts_file/home.rs"]
mod home;
#[path = "hosts_file/ssh_config.rs"]
mod ssh_config;
#[path = "hosts_file/ways.rs"]
mod ways;

use home::{Home, endpoint, full, names};

#[test]
fn three_lines_are_a_host() {
    let home = Home::new();
    let target = home.only("[[hosts]]\nname = \"db-1.example\"\nuser = \"ann\"\n");
    assert_eq!(target.name, "db-1.example");
    assert_eq!(
        (target.interval, target.tick),
        (Duration::from_secs(60), Duration::from_secs(10))
    );
    let endpoint = endpoint(&target);
    assert_eq!(
        (endpoint.address.as_str(), endpoint.port, endpoint.user.as_str()),
        ("db-1.example", 22, "ann")
    );
    assert_eq!(endpoint.client, Client::BuiltIn);
    let files = [
        home.path(".ssh/known_hosts"),
        home.path(".ssh/known_hosts2"),
        PathBuf::from("/etc/ssh/ssh_known_hosts"),
        PathBuf::from("/etc/ssh/ssh_known_hosts2"),
    ];
    assert_eq!(endpoint.known_hosts, files, "listed even when missing");
}

#[test]
fn the_nearest_place_decides() {
    let home = Home::with_config("Host *\n User from-config\n Port 2201\n HostKeyAlias from-config\n");
    let everything = |host: &str, group: &str, defaults: &str| {
        home.endpoint(&format!(
            "[defaults]\n{defaults}\n[groups.g]\nmembers = [\"h\"]\n{group}\n[[hosts]]\nname = \"h\"\n{host}\n"
        ))
    };
    let user = |name: &str| format!("user = \"{name}\"");
    assert_eq!(
        everything(&user("host"), &user("group"), &user("defaults")).user,
        "host"
    );
    assert_eq!(everything("", &user("group"), &user("defaults")).user, "group");
    assert_eq!(everything("", "", &user("defaults")).user, "defaults");
    assert_eq!(everything("", "", "").user, "from-config");
    assert_eq!(everything("port = 1", "port = 2", "port = 3").port, 1);
    assert_eq!(everything("", "", "").port, 2201);
    assert_eq!(everything("", "", "").host_key_alias.as_deref(), Some("from-config"));
    assert_eq!(Home::new().endpoint("hosts = [\"h\"]").user, "me");
}

#[test]
fn ranges_make_hosts_and_their_addresses() {
    let home = Home::new();
    let targets = home.targets("[[hosts]]\nname = \"web-[08:10]\"\naddress = \"10.0.[1:1].[8:10]\"\n");
    let all: Vec<(&str, &str)> = targets
        .iter()
        .map(|target| (target.name.as_str(), endpoint(target).address.as_str()))
        .collect();
    assert_eq!(
        all,
        [("web-08", "10.0.1.8"), ("web-09", "10.0.1.9"), ("web-10", "10.0.1.10")]
    );
    assert_eq!(home.targets("hosts = [\"a[1:100]-[1:100]\"]").len(), 10_000);
}

#[test]
fn groups_add_hosts_tags_and_settings() {
    let home = Home::new();
    let targets = home.targets(
        "hosts = [\"db-1\", { name = \"db-2\", tags = [\"own\"], environment = \"test\" }]\n\
         [defaults]\ntags = [\"all\"]\n\
         [groups.databases]\nmembers = [\"db-*\"]\ntags = [\"critical\", \"all\"]\ninterval = \"30s\"\nenvironment = \"live\"\n\
         [groups.web]\nmembers = [\"web-[1:2]\", \"db-1\"]\n",
    );
    assert_eq!(names(&targets), ["db-1", "db-2", "web-1", "web-2"]);
    assert_eq!(targets[0].tags, ["databases", "critical", "all", "web"]);
    assert_eq!(targets[1].tags, ["own", "databases", "critical", "all"]);
    assert_eq!(targets[1].environment.as_deref(), Some("test"));
    assert_eq!(targets[0].environment.as_deref(), Some("live"));
    assert_eq!(targets[0].interval, Duration::from_secs(30));
    assert_eq!(targets[2].tags, ["web", "all"]);
    assert_eq!(targets[2].interval, Duration::from_secs(60));
}

#[test]
fn the_local_machine_needs_no_ssh() {
    let home = Home::with_config("Host *\n Port nonsense\n");
    let target = home.only("[[hosts]]\nname = \"here\"\naddress = \"local\"\ninterval = \"15s\"\n");
    assert_eq!(target.reach, Reach::Local);
    assert_eq!(target.tick, Duration::from_secs(5), "the longest one that divides");
}

#[test]
fn what_is_wrong_is_said_with_line_and_hint() {
    let home = Home::new();
    let cases = [
        (
            "[[hosts]]\nname = \"a\"\nprot = 22\n",
            ":3: `prot` is not known in [[hosts]]",
            "did you mean `port`?",
        ),
        (
            "[[hosts]]\nname = \"a\"\nhostname = \"b\"\n",
            ":3: `hostname`",
            "`address`",
        ),
        ("[default]\n", ":1: `default` is not known in hosts.toml", "`defaults`"),
        (
            "[defaults]\nname = \"a\"\n",
            ":2: `name` is not known in [defaults]",
            "known are: port",
        ),
        (
            "[groups.web]\nmembrs = []\n",
            ":2: `membrs` is not known in [groups.web]",
            "`members`",
        ),
        ("[[hosts]]\nname = \"a\"\nport = 0\n", ":3: `port` is `0`", ""),
        (
            "[[hosts]]\nname = \"a\"\nport = \"22\"\n",
            "expected a number between 1 and 65535",
            "",
        ),
        (
            "[[hosts]]\nname = \"a\"\ninterval = 60\n",
            ":3: `interval` is `60`, expected a duration",
            "",
        ),
        ("[[hosts]]\nname = \"a\"\ninterval = \"2h\"\n", "from 1s to 1h", ""),
        (
            "[[hosts]]\nname = \"a\"\n\ntick = \"7s\"\n",
            ":4: the tick of 7s does not divide the interval of 60s",
            "choose",
        ),
        (
            "[[hosts]]\nname = \"a\"\ntick = \"10s\"\ninterval = \"5s\"\n",
            ":3: the tick of 10s",
            "",
        ),
        ("[[hosts]]\nport = 22\n", ":2: this host has no name", "name ="),
        (
            "hosts = [\"a\",\n\"b\",\n\"a\"]\n",
            ":3: `a` is a host already, see line 1",
            "",
        ),
        (
            "hosts = [\"a[1:3]\",\n\"a2\"]\n",
            ":2: `a2` is a host already, see line 1",
            "",
        ),
        ("hosts = [\"a[3:1]\"]\n", "first number is the larger", "web-[01:20]"),
        ("hosts = [\"a[1:10001]\"]\n", "more than 10000 hosts", ""),
        ("hosts = [\"a*\"]\n", "has signs", ""),
        ("hosts = [\"-oProxyCommand=x\"]\n", "the name `-oProxyCommand=x`", ""),
        ("hosts = \"a\"\n", "`hosts` is `\"a\"`, expected a list", ""),
        (
            "[[hosts]]\nname = \"a\"\naddress = \"b:2222\"\n",
            "has a port in it",
            "address = \"b\" and port = 2222",
        ),
        (
            "[[hosts]]\nname = \"a\"\naddress = \"[::1]:22\"\n",
            "has a port in it",
            "address = \"::1\"",
        ),
        (
            "[[hosts]]\nname = \"a\"\naddress = \"b;ls\"\n",
            "no host name and no IP address",
            "",
        ),
        (
            "[[hosts]]\nname = \"a[1:3]\"\naddress = \"b\"\n",
            "3 names have 1 addresses",
            "range",
        ),
        ("[[hosts]]\nname = \"a b\"\naddress = \"c\"\n", "the name `a b`", ""),
        (
            "[[hosts]]\nname = \"a\"\nkey = \"~/.ssh/none\"\n",
            ":3: there is no file",
            "relative path",
        ),
        (
            "[[hosts]]\nname = \"a\"\nkey = \"~bob/k\"\n",
            "your own home folder",
            "",
        ),
        (
            "[[hosts]]\nname = \"a\"\nclient = \"openssh\"\n",
            "\"built-in\" or \"ssh\"",
            "",
        ),
        ("[[hosts]]\nname = \"a\"\nuser = \"-x\"\n", "the account `-x`", ""),
        (
            "[[hosts]]\nname = \"a\"\njump = \"b, c\"\n",
            "the jump host `b, c`",
            "as a list",
        ),
        (
            "[[hosts]]\nname = \"a\"\njump = \"a\"\n",
            ":3: the jump hosts lead in a circle: a → a",
            "none",
        ),
        (
            "hosts = [{name = \"a\", jump = \"b\"},\n {name = \"b\", jump = \"a\"}]\n",
            "circle: a → b → a",
            "",
        ),
        (
            "hosts = [{name = \"a\", jump = \"b\"},\n {name = \"b\", address = \"local\"}]\n",
            "is this machine",
            "",
        ),
        (
            "[groups.g]\nmembers = [\"x-*\"]\n",
            ":2: the member `x-*` fits no host",
            "",
        ),
        (
            "[groups.g]\nmembers = [\"a\"]\nuser = \"x\"\n[groups.h]\nmembers = [\"a\"]\nuser = \"y\"\n",
            ":6: `a` is also in group `g`, which says something else about `user` (line 3)",
            "at the host itself",
        ),
        ("[[hosts]\nname = \"a\"\n", ":1: this is not TOML", ""),
        ("[[hosts]]\nname = \"a\"\nname = \"b\"\n", ":3: this is not TOML", ""),
        (
            "[[hosts]]\nname = \"a\u{1b}[2J\"\naddress = \"b\"\n",
            "this is not TOML",
            "",
        ),
        (
            "[[hosts]]\nname = \"a\\u001b[2J\"\naddress = \"b\"\n",
            "the name `a\\u{1b}[2J`",
            "",
        ),
    ];
    for (text, message, hint) in cases {
        let error = home.read(text).expect_err(text);
        let said = full(&error);
        assert!(said.contains(message), "{text}\nsaid {said}\nwithout {message}");
        assert!(
            error.hint().unwrap_or_default().contains(hint),
            "{text}\nsaid {said}\nwithout {hint}"
        );
        assert!(said.contains("acme/hosts.toml:"), "the place is missing: {said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
    let missing = HostsFile::read(Path::new("/nowhere/hosts.toml"), &home.environment).unwrap_err();
    assert!(full(&missing).contains("sizewright init"), "{missing}");
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    let home = Home::new();
    for line in [
        "password = \"hunter2\"",
        "password = [\"hunter2\"]",
        "passwd = \"hunter2\"",
        "ssh_pass = \"hunter2\"",
        "key_passphrase = \"hunter2\"",
        "pasword = \"hunter2\"",
        "secret = \"hunter2\"",
        "password_command = [\"echo\", \"hunter2\"]",
        "user = \"root:hunter2\"",
        "address = \"root:hunter2@b\"",
        "jump = \"root:hunter2@b\"",
        "jump = [\"x\", \"ssh://root:hunter2@b\"]",
        "password = \"hunter2",
        "password = hunter2",
        "password = \"prompt\"\npassword = \"hunter2\"",
    ] {
        let error = home
            .read(&format!("[[hosts]]\nname = \"a\"\n{line}\n"))
            .expect_err(line);
        let said = format!("{} {error:?}", full(&error));
        assert!(!said.contains("hunter2"), "{line}: {said}");
    }
    let error = home.read("[defaults]\npassword = \"hunter2\"\n").unwrap_err();
    assert!(full(&error).contains("password_command"), "{}", full(&error));
    let name = home.read("hosts = [\"root:hunter2@b\"]").unwrap_err();
    assert!(!full(&name).contains("hunter2"), "{}", full(&name));
}

#[test]
fn services_and_their_accounts_are_read_and_hold_no_password() {
    let home = Home::new();
    let file = home
        .read(
            "hosts = [{ name = \"db-1\", services = [\"postgresql\", \"redis:6379\", \"redis:6380\"] }, \"web-1\", { name = \"off-1\", counters = false }]\n\
             [groups.web]\nmembers = [\"web-*\"]\nservices = \"nginx:8080/nginx_status\"\n\
             [[accounts]]\nproduct = \"mariadb\"\nuser = \"monitor\"\npassword = \"prompt\"\n",
        )
        .unwrap();
    let names: Vec<&str> = file.services["db-1"]
        .asked
        .iter()
        .map(|asked| asked.service.as_str())
        .collect();
    assert_eq!(names, ["postgresql", "redis-6379", "redis-6380"]);
    assert_eq!(file.services["web-1"].asked[0].port(), Some(8080));
    assert!(file.services["off-1"].off);
    assert_eq!(
        (file.accounts[0].user.as_str(), &file.accounts[0].hosts[0][..]),
        ("monitor", "*")
    );
    for (wrong, words) in [
        ("[[hosts]]\nname = \"a\"\nservices = [\"oracle\"]\n", "cannot be read"),
        ("[[hosts]]\nname = \"a\"\nservices = [\"redis:x\"]\n", "no usable port"),
        (
            "[[accounts]]\nproduct = \"redis\"\npassword = \"canary-55\"\n",
            "must not hold a secret",
        ),
        ("[[accounts]]\nproduct = \"oracle\"\n", "expected one of"),
        ("[[accounts]]\nuser = \"x\"\n", "with `product`"),
        (
            "[[accounts]]\nproduct = \"redis\"\npasswd = \"canary-55\"\n",
            "must not hold a secret",
        ),
    ] {
        let error = full(&home.read(wrong).unwrap_err());
        assert!(error.contains(words) && !error.contains("canary"), "{error}");
    }
}
