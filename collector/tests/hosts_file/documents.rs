//! The template, the documentation, `--only`, and arbitrary files.

use proptest::prelude::*;
use sizewright_collector::hosts::{idle_pattern, select, template};

use crate::home::{Home, endpoint, full, ways};

#[test]
fn only_chooses_by_name_pattern_and_tag() {
    let home = Home::new();
    let targets = home.targets(
        "hosts = [\"db-1\", \"db-2\", { name = \"web-1\", tags = [\"Critical\"] }]\n[groups.data]\nmembers = [\"db-*\"]\n",
    );
    let chosen = |patterns: &[&str]| {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_string()).collect();
        let found: Vec<String> = select(&targets, &patterns)
            .iter()
            .map(|target| target.name.clone())
            .collect();
        (
            found.join(" "),
            idle_pattern(&targets, &patterns).map(|idle| idle.pattern),
        )
    };
    assert_eq!(chosen(&[]), ("db-1 db-2 web-1".into(), None));
    assert_eq!(chosen(&["DB-?"]), ("db-1 db-2".into(), None));
    assert_eq!(chosen(&["critical", "db-2"]), ("db-2 web-1".into(), None));
    assert_eq!(chosen(&["data"]), ("db-1 db-2".into(), None));
    assert_eq!(chosen(&["db-1", "bd-2"]), ("db-1".into(), Some("bd-2".into())));
    let slip = idle_pattern(&targets, &["critcal".to_string()]).unwrap();
    assert_eq!(slip.hint().as_deref(), Some("did you mean `Critical`?"));
}

#[test]
fn the_template_names_no_host_and_its_examples_work() {
    let home = Home::new();
    assert_eq!(home.targets(template()), []);
    home.key(".ssh/sizewright");
    // Prose begins with a capital or has no `=`; examples are TOML.
    let is_example = |line: &str| line.starts_with('[') || line.contains(" = ");
    let examples: Vec<&str> = template()
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| is_example(rest)).unwrap_or(line))
        .collect();
    let mut text = examples.join("\n");
    text.push_str("\n[[hosts]]\nname = \"db-2\"\n");
    let targets = home.targets(&text);
    assert_eq!(targets.len(), 1 + 20 + 1 + 1);
    let database = targets.iter().find(|target| target.name == "db-1.example").unwrap();
    assert_eq!(database.tags, ["databases", "critical"]);
    assert_eq!(ways(endpoint(database)), ["user@bastion.example:22"]);
}

#[test]
fn every_example_of_the_documentation_works() {
    let documentation = include_str!("../../../docs/hosts.md");
    let home = Home::new();
    home.key(".ssh/sizewright");
    let blocks: Vec<&str> = documentation
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(blocks.len() >= 8, "{}", blocks.len());
    for block in blocks {
        let read = home
            .read(block)
            .unwrap_or_else(|error| panic!("{block}\n{}", full(&error)));
        assert!(!read.targets.is_empty() && read.warnings.is_empty(), "{block}");
    }
    let misnamed = home.read("[[hosts]]\nname = \"a\"\nzzzzzzzz = 1\n").unwrap_err();
    let hint = misnamed.hint().unwrap();
    for key in hint.trim_start_matches("known are: ").split(", ") {
        assert!(
            documentation.contains(&format!("| `{key}` |")),
            "{key} is not in the table of keys"
        );
    }
}

#[test]
fn the_process_table_is_read_as_often_as_is_said_or_never() {
    let home = Home::new();
    let targets = home.targets(
        "hosts = [\"a\", \"b\"]\n[defaults]\nprocesses = false\n[groups.data]\nmembers = [\"b\"]\nprocesses = \"5min\"\n",
    );
    let seconds: Vec<_> = targets
        .iter()
        .map(|target| target.processes.map(|every| every.as_secs()))
        .collect();
    assert_eq!(seconds, [None, Some(300)]);
    assert_eq!(
        home.targets("hosts = [\"a\"]")[0]
            .processes
            .map(|every| every.as_secs()),
        Some(60)
    );
    for wrong in ["true", "\"never\"", "60"] {
        let error = home
            .read(&format!("hosts = [\"a\"]\n[defaults]\nprocesses = {wrong}\n"))
            .unwrap_err();
        assert!(full(&error).contains("processes"), "{}", full(&error));
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let home = Home::new();
        let _ = home.read(&text).map_err(|error| full(&error));
    }

    #[test]
    fn any_file_with_our_keys_is_read_or_refused(
        lines in proptest::collection::vec((
            "(name|address|port|user|key|jump|tags|tick|interval|password|members|known_hosts|client|[a-z_]{1,8})",
            "(\"[a-z0-9@:\\[\\],. *~/-]{0,16}\"|[0-9]{1,6}|true|\\[\"a\", \"b\"\\]|\\{ a = 1 \\}|1979-05-27|[0-9]\\.5)",
        ), 0..8),
        section in "(\\[\\[hosts\\]\\]|\\[defaults\\]|\\[groups.g\\]|)",
    ) {
        let mut text = format!("{section}\n");
        for (key, value) in lines {
            text.push_str(&format!("{key} = {value}\n"));
        }
        let _ = Home::new().read(&text).map_err(|error| full(&error));
    }

    #[test]
    fn any_ssh_configuration_is_read_or_refused(
        lines in proptest::collection::vec(
            "(Host|Match|HostName|Port|User|IdentityFile|ProxyJump|ProxyCommand|UserKnownHostsFile|Include|[A-Z]{1,4})[ =\"']{0,2}[a-z0-9@:%~${}\"'*?!,# =-]{0,20}",
            0..12,
        ),
    ) {
        let home = Home::with_config(&lines.join("\n"));
        let _ = home.read("hosts = [\"a\", \"b.example\"]").map_err(|error| full(&error));
    }
}
