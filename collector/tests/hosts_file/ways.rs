//! The way to a host: credentials, jump hosts, and who speaks SSH.

use std::fs;
use std::path::Path;
use std::process::Command;

use sizewright_collector::hosts::{Client, Credential, SecretSource};

use crate::home::{Home, endpoint, full, names, ways};

#[test]
fn named_credentials_are_exclusive_and_taken_as_a_whole() {
    let mut home = Home::new();
    let (key, other) = (home.key(".ssh/one"), home.key(".ssh/two"));
    home.key(".ssh/id_ed25519");
    let file = |path: &Path| Credential::KeyFile {
        path: path.to_path_buf(),
        certificate: None,
    };
    let agent = |only: Option<&str>| Credential::Agent {
        only: only.map(|name| home.path(name)),
    };
    let (agent_any, agent_one) = (agent(None), agent(Some(".ssh/one.pub")));
    let prompt = Credential::Password(SecretSource::Prompt);
    let usual = file(&home.path(".ssh/id_ed25519"));
    let credentials = |home: &Home, defaults: &str, host: &str| {
        home.endpoint(&format!("[defaults]\n{defaults}\n[[hosts]]\nname = \"a\"\n{host}\n"))
            .credentials
    };
    assert_eq!(credentials(&home, "", ""), std::slice::from_ref(&usual));
    assert_eq!(credentials(&home, "", "key = \"~/.ssh/one\""), [file(&key)]);
    assert_eq!(
        credentials(&home, "", "key = \"../.ssh/one\"").len(),
        1,
        "relative to hosts.toml"
    );
    assert_eq!(
        credentials(&home, "key = \"~/.ssh/one\"", "key = \"~/.ssh/two\""),
        [file(&other)]
    );
    assert_eq!(
        credentials(&home, "key = \"~/.ssh/one\"", "password = \"prompt\""),
        [prompt]
    );
    assert_eq!(
        credentials(&home, "", "key = \"~/.ssh/one\"\npassword_command = \"pass show a\""),
        [
            file(&key),
            Credential::Password(SecretSource::Command("pass show a".into()))
        ]
    );
    home.environment.agent = true;
    assert_eq!(credentials(&home, "", ""), [agent_any.clone(), usual.clone()]);
    assert_eq!(
        credentials(&home, "", "key = \"~/.ssh/one\""),
        [agent_one.clone(), file(&key)]
    );
    assert_eq!(credentials(&home, "", "key = \"~/.ssh/one.pub\""), [agent_one]);
    assert_eq!(
        credentials(&home, "", "key = \"~/.ssh/one\"\nagent = false"),
        [file(&key)]
    );
    assert_eq!(credentials(&home, "", "agent = true"), [agent_any]);
    assert_eq!(credentials(&home, "", "agent = false"), [usual]);
}

#[test]
fn a_certificate_goes_with_the_key_that_it_certifies() {
    let home = Home::with_config("Host c\n IdentityFile ~/a\n IdentityFile ~/b\n CertificateFile ~/signed.pub\n");
    let run = |arguments: &[&str]| {
        let done = Command::new("ssh-keygen")
            .current_dir(home.folder.path())
            .args(arguments)
            .output();
        let done = done.expect("this test needs OpenSSH's ssh-keygen, install openssh-client");
        assert!(done.status.success(), "{done:?}");
    };
    for key in ["ca", "a", "b"] {
        run(&["-q", "-t", "ed25519", "-N", "", "-f", key]);
    }
    run(&["-q", "-s", "ca", "-I", "id", "b.pub"]);
    let key_file = |name: &str, certificate: Option<&str>| Credential::KeyFile {
        path: home.path(name),
        certificate: certificate.map(|name| home.path(name)),
    };
    assert_eq!(
        home.endpoint("[[hosts]]\nname = \"x\"\nkey = \"~/b\"\n").credentials,
        [key_file("b", Some("b-cert.pub"))],
        "the one beside the key"
    );
    fs::rename(home.path("b-cert.pub"), home.path("signed.pub")).unwrap();
    assert_eq!(
        home.endpoint("hosts = [\"c\"]").credentials,
        [key_file("a", None), key_file("b", Some("signed.pub"))]
    );
    assert_eq!(
        home.endpoint("[[hosts]]\nname = \"x\"\nkey = \"~/b\"\ncertificate = \"~/signed.pub\"\n")
            .credentials,
        [key_file("b", Some("signed.pub"))]
    );
    let two = home.read("[[hosts]]\nname = \"x\"\nkey = [\"~/a\", \"~/b\"]\ncertificate = \"~/signed.pub\"\n");
    assert!(full(&two.unwrap_err()).contains("belongs to one key, and `key` names 2"));
}

#[test]
fn jump_hosts_are_chained_nearest_first() {
    let home = Home::with_config(
        "Host inner\n HostName inner.example\n User in\n ProxyJump outer:2200\n\
         Host outer\n User out\n HostName outer.example\nHost via-config\n ProxyJump inner\n\
         Host two\n ProxyJump x@first,second:23\nHost none\n ProxyJump none\n ProxyCommand nc %h %p\n",
    );
    let way = |text: &str| ways(&home.endpoint(text));
    assert_eq!(
        way("hosts = [\"via-config\"]"),
        ["out@outer.example:2200", "in@inner.example:22"]
    );
    assert_eq!(way("hosts = [\"two\"]"), ["x@first:22", "me@second:23"]);
    assert_eq!(way("hosts = [\"none\"]"), Vec::<String>::new());
    assert_eq!(home.endpoint("hosts = [\"none\"]").client, Client::BuiltIn);
    // In a list, a later server's own way does not count, as with `ssh -J`.
    assert_eq!(
        way("[[hosts]]\nname = \"a\"\njump = [\"ann@gate:2\", \"inner\"]\n"),
        ["ann@gate:2", "in@inner.example:22"]
    );
    assert_eq!(
        way("[[hosts]]\nname = \"via-config\"\njump = \"none\"\n"),
        Vec::<String>::new()
    );
    let text = "[defaults]\njump = \"gate\"\nuser = \"all\"\n\
                [[hosts]]\nname = \"gate\"\naddress = \"gate.example\"\nport = 2222\ncollect = false\n\
                [[hosts]]\nname = \"a\"\n[[hosts]]\nname = \"b\"\njump = [\"gate\", \"ann@deep\"]\n";
    let targets = home.targets(text);
    assert_eq!(names(&targets), ["a", "b"], "the jump host is not measured");
    assert_eq!(ways(endpoint(&targets[0])), ["all@gate.example:2222"]);
    assert_eq!(ways(endpoint(&targets[1])), ["all@gate.example:2222", "ann@deep:22"]);
    for jump in &endpoint(&targets[1]).jumps {
        assert!(jump.jumps.is_empty() && !jump.known_hosts.is_empty(), "{jump:?}");
    }
    let circle = Home::with_config("Host *\n ProxyJump gate\n")
        .read("hosts = [\"a\"]")
        .unwrap_err();
    assert!(full(&circle).contains("a → gate → gate"), "{}", full(&circle));
    assert!(full(&circle).contains("ProxyJump none"));
}

#[test]
fn what_the_library_lacks_goes_to_the_users_own_ssh() {
    let home = Home::with_config(
        "Host command\n HostName real.example\n User ops\n ProxyCommand nc %h %p # x\n\
         Host token\n PKCS11Provider /usr/lib/opensc.so\nHost off\n PKCS11Provider none\n GSSAPIAuthentication no\n\
         Host sk\n SecurityKeyProvider /usr/lib/sk.so\nHost kerberos\n GSSAPIAuthentication yes\n\
         Host behind\n ProxyJump command\nHost krl\n RevokedHostKeys /etc/ssh/krl\nHost agent\n IdentityAgent ~/.1p.sock\n\
         Host hardware\n IdentityFile ~/.ssh/hw\nHost both\n ProxyCommand nc %h %p\n PKCS11Provider /x.so\n",
    );
    home.write(".ssh/hw", "handle");
    home.write(".ssh/hw.pub", "sk-ssh-ed25519@openssh.com AAAA me");
    let of = |name: &str| home.endpoint(&format!("hosts = [\"{name}\"]"));
    for name in [
        "command", "token", "sk", "kerberos", "behind", "krl", "agent", "hardware",
    ] {
        let endpoint = of(name);
        assert_eq!(endpoint.client, Client::Ssh, "{name}");
        // What hosts.toml does not say is left to ssh, which knows the host by this name.
        assert_eq!(endpoint.address, name);
        assert!(endpoint.credentials.is_empty() && endpoint.known_hosts.is_empty() && endpoint.jumps.is_empty());
    }
    assert_eq!(
        (of("off").client, of("other").client),
        (Client::BuiltIn, Client::BuiltIn)
    );
    assert_eq!(of("command").user, "ops");
    let named = home.endpoint("[[hosts]]\nname = \"a\"\nkey = \"~/.ssh/hw\"\njump = [\"command\", \"x@y\"]\n");
    assert_eq!(
        (named.client, ways(&named)),
        (Client::Ssh, vec!["ops@command:22".into(), "x@y:22".into()])
    );
    let jumped = home.endpoint("[[hosts]]\nname = \"command\"\njump = \"gate\"\n");
    assert_eq!(
        jumped.client,
        Client::BuiltIn,
        "its own jump host takes the place of the ProxyCommand"
    );
    assert_eq!(
        home.endpoint("[[hosts]]\nname = \"both\"\njump = \"gate\"\n").client,
        Client::Ssh
    );
    let forced = home
        .read("[[hosts]]\nname = \"command\"\nclient = \"built-in\"\n")
        .unwrap();
    assert_eq!(endpoint(&forced.targets[0]).client, Client::BuiltIn);
    assert!(
        forced.warnings[0].to_string().contains("ProxyCommand is ignored"),
        "{:?}",
        forced.warnings
    );
    assert_eq!(
        home.endpoint("[[hosts]]\nname = \"a\"\nclient = \"ssh\"\n").client,
        Client::Ssh
    );
}
