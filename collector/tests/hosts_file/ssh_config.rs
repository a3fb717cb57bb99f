//! What the ssh configuration says, and what is wrong with it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use sizewright_collector::hosts::{Client, Credential, Environment, Warning};

use crate::home::{Home, endpoint, full};

#[test]
fn the_ssh_configuration_names_keys_as_ssh_takes_them() {
    let mut home = Home::with_config(
        "Host tokens\n User ops\n IdentityFile %d/.ssh/%r-%h-%%\n\
         Host only\n IdentityFile ~/.ssh/k\n IdentitiesOnly yes\n\
         Host silent\n IdentityFile none\n IdentityAgent none\n\
         Host missing\n IdentityFile ~/.ssh/not-there\n\
         Host k\n IdentityFile ~/.ssh/k\n\
         Host variable\n IdentityFile ${KEYS}/k\n",
    );
    home.key(".ssh/k");
    home.key(".ssh/ops-tokens-%");
    home.environment.agent = true;
    home.environment.variable = |name| (name == "KEYS").then(|| "/nowhere".to_string());
    let of = |name: &str| home.endpoint(&format!("hosts = [\"{name}\"]")).credentials;
    let file = |name: &str| Credential::KeyFile {
        path: home.path(name),
        certificate: None,
    };
    let agent = |name: &str| Credential::Agent {
        only: Some(home.path(name)),
    };
    let any = || Credential::Agent { only: None };
    assert_eq!(
        of("tokens"),
        [agent(".ssh/ops-tokens-%.pub"), any(), file(".ssh/ops-tokens-%")]
    );
    assert_eq!(of("only"), [agent(".ssh/k.pub"), file(".ssh/k")]);
    assert_eq!(of("k"), [agent(".ssh/k.pub"), any(), file(".ssh/k")]);
    assert_eq!(of("silent"), []);
    assert_eq!(of("missing"), [any()]);
    assert_eq!(of("variable"), [any()]);
}

#[test]
fn kerberos_that_a_distribution_switches_on_for_everyone_does_not_count() {
    let mut home = Home::new();
    let machine = home.write(
        "etc/ssh_config",
        "Host *\n GSSAPIAuthentication yes\n SendEnv LANG\n User from-machine\n",
    );
    home.environment.system_ssh_config = Some(machine);
    let endpoint = home.endpoint("hosts = [\"a\"]");
    assert_eq!(
        (endpoint.client, endpoint.user.as_str()),
        (Client::BuiltIn, "from-machine")
    );
}

#[test]
fn a_match_that_is_not_evaluated_is_a_warning() {
    let home = Home::with_config(
        "Match host other exec \"true\"\n User no\n\nMatch exec \"test -f /x\"\n User no\nHost *\n CanonicalizeHostname yes\n",
    );
    let read = home.read("hosts = [\"a\", \"b\", \"c\"]").unwrap();
    let told: Vec<String> = read.warnings.iter().map(Warning::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains(".ssh/config:4: `Match exec` is not evaluated"),
        "{told:?}"
    );
    assert!(told[0].contains("`a` and 2 more"), "{told:?}");
    assert!(read.warnings[0].hint().unwrap().contains("client = \"ssh\""));
    assert_eq!(endpoint(&read.targets[0]).user, "me");
}

#[test]
fn a_wrong_ssh_configuration_is_told_with_file_and_line() {
    let home = Home::new();
    for (config, expected) in [
        ("Host *\n Port twenty\n", "config:2: Port is not a number"),
        ("Host *\n Port 70000\n", "config:2: Port"),
        ("HostName %z\n", "config:1: HostName has the token `%z`"),
        ("HostName a;b\n", "config:1: HostName is no host name"),
        ("User \"a\n", "config:1: User has a quote that is not closed"),
        ("User $(id)\n", "config:1: User has signs"),
        ("IdentityFile ~/%C\n", "config:1: IdentityFile has the token `%C`"),
        ("IdentityFile ${NOT_SET}\n", "needs the environment variable NOT_SET"),
        ("ProxyJump a:b:c\n", "config:1: ProxyJump has a port"),
        ("ProxyJump -x\n", "config:1: ProxyJump has no usable host"),
        ("Match\n", "config:1: Match has no criterion"),
        ("Match user\n", "config:1: Match has a criterion without a value"),
        ("Include ~/.ssh/config\n", "more than 16 deep"),
    ] {
        let home = Home {
            environment: Environment {
                user_ssh_config: Some(home.write(".ssh/config", config)),
                ..home.environment.clone()
            },
            folder: tempfile::tempdir().unwrap(),
        };
        let error = home.read("hosts = [\"h\"]").expect_err(config);
        assert!(full(&error).contains(expected), "{config}: {}", full(&error));
        assert!(error.hint().is_some());
    }
    let open = Home::with_config("User x\n");
    fs::set_permissions(open.path(".ssh/config"), fs::Permissions::from_mode(0o666)).unwrap();
    let error = open.read("hosts = [\"h\"]").unwrap_err();
    assert!(
        full(&error).contains("can be written by others") && full(&error).contains("chmod"),
        "{}",
        full(&error)
    );
}

#[test]
fn includes_are_relative_to_the_ssh_folder_and_stay_in_their_block() {
    let home = Home::with_config(
        "Include conf.d/*.conf missing.conf\nHost b\n Include block\n User late\nHost c\n Include ~/other/block\n",
    );
    home.write(".ssh/conf.d/1.conf", "Host a\n User first\n");
    home.write(".ssh/conf.d/2.conf", "Host a\n User second\n Port 2\n");
    home.write(".ssh/conf.d/.hidden.conf", "Port 3\n");
    home.write(".ssh/conf.d/3.conf~", "Port 4\n");
    home.write(".ssh/block", "Port 5\nHost *\n HostKeyAlias from-block\n");
    home.write("other/block", "Port 6\n");
    let of = |name: &str| {
        let endpoint = home.endpoint(&format!("hosts = [\"{name}\"]"));
        (endpoint.user, endpoint.port, endpoint.host_key_alias)
    };
    assert_eq!(of("a"), ("first".into(), 2, None));
    assert_eq!(of("b"), ("late".into(), 5, Some("from-block".into())));
    assert_eq!(of("c"), ("me".into(), 6, None));
    assert_eq!(of("d"), ("me".into(), 22, None));
}
