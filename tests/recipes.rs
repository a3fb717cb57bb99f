//! What the documents tell people to type for collecting exists in the program.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

fn read(name: &str) -> String {
    fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Says whether the program understands a command line; nothing of it is done.
fn is_understood(words: &[String]) -> bool {
    let asked = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .args(words)
        .arg("--help")
        .output()
        .unwrap();
    asked.status.code() == Some(0)
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| word.trim_matches(['"', '`']).to_string())
        .collect()
}

/// Gives the arguments of the program in a line of a shell, whoever starts it; nothing when the line is about another.
fn arguments(line: &str) -> Option<Vec<String>> {
    let line = line.split(" # ").next().unwrap_or_default();
    // Where the output goes is the shell's.
    let mut line = words(line.split(" > ").next().unwrap_or_default());
    match line.first()?.as_str() {
        "sizewright" => {}
        // Arguments of an image or of a program in a container come after its name.
        "docker" if line[1] != "build" => {
            line.drain(..line.iter().rposition(|word| word == "sizewright")?);
        }
        "runuser" => {
            line.drain(..=line.iter().position(|word| word == "--")?);
            line.drain(..line.iter().position(|word| word != "env" && !word.contains('='))?);
        }
        _ => return None,
    }
    (line.first()? == "sizewright").then(|| line[1..].to_vec())
}

/// Gives the arguments of every command line of the program in the shell blocks of a document.
fn typed_in(document: &str) -> Vec<Vec<String>> {
    let text = read(document).replace("\\\n", " ");
    let blocks = text
        .split("```sh\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap());
    blocks.flat_map(str::lines).filter_map(arguments).collect()
}

#[test]
fn a_command_line_that_does_not_exist_is_not_understood() {
    assert!(is_understood(&words("-C x collect --for 14d")));
    assert!(!is_understood(&words("-C x collect --no-such-flag")));
    assert!(!is_understood(&words("-C x gather")));
    assert!(!is_understood(&words("-C x collect --for soon")));
}

#[test]
fn what_the_documents_tell_to_type_exists() {
    for (document, least) in [("docs/collecting.md", 11), ("README.md", 20)] {
        let typed = typed_in(document);
        assert!(typed.len() >= least, "{document}: {typed:?}");
        for line in typed {
            assert!(is_understood(&line), "{document}: sizewright {}", line.join(" "));
        }
    }
}

#[test]
fn the_unit_starts_what_exists_in_a_folder_it_may_write() {
    let unit = read("docs/systemd/sizewright-collect.service");
    let value = |key: &str| {
        let found = unit.lines().find_map(|line| line.strip_prefix(&format!("{key}=")));
        found.unwrap_or_else(|| panic!("no {key}")).to_string()
    };
    let start = words(&value("ExecStart"));
    assert!(start[0].ends_with("/sizewright"), "{start:?}");
    assert!(is_understood(&start[1..]), "{start:?}");
    assert!(start.contains(&"collect".to_string()));
    let assessment = &start[1 + start.iter().position(|word| word == "-C").unwrap()];
    assert!(
        assessment.starts_with(&format!("/var/lib/{}/", value("StateDirectory"))),
        "{assessment}"
    );
    for (key, safe) in [
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("CapabilityBoundingSet", ""),
        ("UMask", "0077"),
    ] {
        assert_eq!(value(key), safe, "{key}");
    }
}

#[test]
fn the_container_runs_what_exists_and_not_as_root() {
    let recipe = read("docs/container/Containerfile");
    let list = |key: &str| -> Vec<String> {
        let line = recipe.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        serde_json::from_str(line.trim()).unwrap()
    };
    let mut start = list("ENTRYPOINT");
    start.extend(list("CMD"));
    assert!(start[0].ends_with("/sizewright"), "{start:?}");
    assert!(is_understood(&start[1..]), "{start:?}");
    assert!(recipe.contains("\nUSER sizewright\n") && recipe.contains(&format!("VOLUME {}\n", start[2])));
    // The toolchain of the recipe is that of the repository.
    let pinned = read("rust-toolchain.toml");
    let pinned = pinned
        .lines()
        .find_map(|line| line.strip_prefix("channel = \"")?.strip_suffix('"'))
        .unwrap();
    let minor: Vec<&str> = pinned.split('.').take(2).collect();
    assert!(recipe.contains(&format!("rust:{}-", minor.join("."))), "{pinned}");
}
