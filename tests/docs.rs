//! The documents: links lead somewhere, every page is in the book, every column is described, messages are as printed.

#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use telemetry::Table;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Gives every document: those of the top folder, of docs and of folders that have a README.
fn documents() -> Vec<PathBuf> {
    let folders = [".", "docs", "notebooks", "sample-data", "analyzer/catalog", "fuzz"];
    let files = folders
        .iter()
        .filter_map(|folder| fs::read_dir(root().join(folder)).ok())
        .flatten()
        .map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    found.sort();
    found
}

/// Gives a document without its blocks of code.
fn prose(text: &str) -> String {
    text.split("```")
        .step_by(2)
        .collect::<Vec<_>>()
        .join("\n")
        .replace("\r", "")
}

/// Gives the targets of the links and pictures of a document.
fn links(text: &str) -> Vec<String> {
    prose(text)
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.trim().to_string())
        .collect()
}

/// Gives the anchors of the headings of a document, as forges make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text);
    let headings = headings.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    for document in documents() {
        for link in links(&read(&document)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            assert!(target.exists(), "{}: {link} leads nowhere", document.display());
            if !anchor.is_empty() {
                let known = anchors(&read(&target));
                assert!(
                    known.contains(anchor),
                    "{}: {link}: no such heading; there are {known:?}",
                    document.display()
                );
            }
        }
    }
}

#[test]
fn a_link_that_leads_nowhere_is_seen() {
    assert_eq!(
        links("see [a](b.md#c) and\n```\n[x](y)\n```\n![p](q.png)"),
        ["b.md#c", "q.png"]
    );
    assert!(anchors("## What happens when …\n").contains("what-happens-when-"));
    assert!(!anchors("```\n# a comment\n```\n").contains("a-comment"));
}

#[test]
fn every_page_is_in_the_book() {
    let listed: BTreeSet<String> = links(&read(&root().join("docs/SUMMARY.md"))).into_iter().collect();
    let pages: BTreeSet<String> = fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
        .collect();
    assert_eq!(listed, pages);
}

/// The book is `docs/` alone: a link out of it leads nowhere there.
#[test]
fn no_page_of_the_book_links_out_of_it() {
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let page = entry.unwrap().path();
        if page.extension().is_some_and(|ending| ending == "md") {
            let out: Vec<String> = links(&read(&page))
                .into_iter()
                .filter(|link| link.starts_with(".."))
                .collect();
            assert!(out.is_empty(), "{}: {out:?}", page.display());
        }
    }
}

#[test]
fn every_column_of_telemetry_is_described() {
    let page = read(&root().join("docs/files.md"));
    for table in Table::ALL {
        let part = page.split(&format!("### `{}`", table.name())).nth(1);
        let part = part.unwrap_or_else(|| panic!("no heading for {}", table.name()));
        let part = part.split("\n#").next().unwrap();
        for column in table.columns() {
            let row = format!("| `{}` | {} |", column.name, column.doc);
            assert!(part.contains(&row), "{}: lacks {row}", table.name());
        }
        for label in table.labels() {
            assert!(part.contains(&format!("`{label}`")), "{}: lacks {label}", table.name());
        }
    }
}

/// Replaces what stands in backticks, and a place before the message, by `…`.
fn without_names(message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        text.push_str(if index % 2 == 0 { part } else { "`…`" });
    }
    text
}

/// Runs the program in a folder and gives the first line of its error, without names.
fn error_of(folder: &Path, arguments: &[&str]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_sizewright"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert_ne!(out.status.code(), Some(0), "{arguments:?} is no error");
    let talk = String::from_utf8(out.stderr).unwrap();
    let line = talk
        .lines()
        .find_map(|line| line.strip_prefix("error: "))
        .unwrap_or_else(|| panic!("{arguments:?}: {talk}"));
    without_names(line)
}

#[test]
fn troubleshooting_quotes_what_the_program_says() {
    let page = read(&root().join("docs/troubleshooting.md"));
    let quoted: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | ").map(|(message, _)| message))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let init = |name: &str| {
        let made = Command::new(env!("CARGO_BIN_EXE_sizewright"))
            .current_dir(folder)
            .args(["init", "-q", name])
            .status()
            .unwrap();
        assert!(made.success());
    };
    init("a");
    init("broken");
    fs::write(folder.join("broken/assessment.toml"), "x = [").unwrap();
    init("misspelt");
    fs::write(
        folder.join("misspelt/hosts.toml"),
        "[[hosts]]\nname = \"h\"\nadress = \"x\"\n",
    )
    .unwrap();
    fs::write(folder.join("odd.csv"), "host,at,cpu\nx,y,z\n").unwrap();

    let said = [
        error_of(folder, &["plan"]),
        error_of(folder, &["init", "a"]),
        error_of(folder, &["-C", "broken", "plan"]),
        error_of(folder, &["-C", "a", "plan"]),
        error_of(folder, &["-C", "a", "collect", "--for", "1s"]),
        error_of(folder, &["-C", "misspelt", "collect", "--check"]),
        error_of(folder, &["-C", "a", "import", "csv", "odd.csv"]),
        error_of(folder, &["-C", "a", "import", "sar", "odd.csv"]),
        error_of(folder, &["-C", "a", "plan", "--region", "moon-1"]),
    ];
    for message in said {
        // A place may stand before what is quoted.
        assert!(
            quoted.iter().any(|quote| message.ends_with(quote) && quote.len() > 10),
            "troubleshooting.md lacks: {message}"
        );
    }
}
