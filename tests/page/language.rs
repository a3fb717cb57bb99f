//! Every text of the page is Vietnamese, and nothing else changed.

use std::collections::BTreeSet;
use std::fs;

use analyzer::report::language::{Language, templates, translated};

use super::{demo, sizewright};

/// Texts of a page's static templates: what stands between tags, and no value is in.
fn static_texts(template: &str) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    let mut rest = template;
    while let Some(at) = rest.find('>') {
        rest = &rest[at + 1..];
        let text = &rest[..rest.find(['<', '{', '%']).unwrap_or(rest.len())];
        let whole = rest[text.len()..].starts_with('<');
        let text = text.trim();
        if whole && text.len() > 1 && text.chars().any(char::is_alphabetic) && !text.contains('}') {
            texts.insert(text.to_string());
        }
    }
    texts
}

#[test]
fn every_text_of_the_demo_is_translated() {
    let work = demo();
    let path = work.path().join("demo/report/report.html");
    let english = fs::read_to_string(&path).unwrap();
    let vietnamese = translated(english.clone(), Language::Vietnamese);
    for (text, times) in &vietnamese.untranslated {
        eprintln!("{times} × {text}");
    }
    assert!(
        vietnamese.untranslated.is_empty(),
        "{} texts are not in vi.toml",
        vietnamese.untranslated.len()
    );
    let share = vietnamese.used.len() as f64 / templates(Language::Vietnamese).count() as f64;
    assert!(share > 0.7, "only {share:.2} of the entries are of use for the demo");

    let (_, said) = sizewright(work.path(), &["-C", "demo", "report", "--no-charts", "--lang", "vi"]);
    assert!(!said.contains("no translation"), "{said}");
    let page = fs::read_to_string(&path).unwrap();
    assert!(page == vietnamese.page, "the command writes what the library gives");
    assert!(page.contains("<html lang=\"vi\">") && page.contains("Chi phí hằng tháng"));
    // Tags, anchors, values to sort by: all that is not text is the same.
    let bones = |page: &str| {
        let tags: Vec<&str> = page.split('<').filter_map(|part| part.split('>').next()).collect();
        tags.iter()
            .map(|tag| tag.split_once(' ').map_or(*tag, |(name, _)| name))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(bones(&english) == bones(&page), "the same elements in the same order");
    let ids = |page: &str| page.matches(" data-v=").count();
    assert_eq!(ids(&english), ids(&page));
}

#[test]
fn every_static_text_of_the_templates_is_in_the_catalogue() {
    let mut missing = Vec::new();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/analyzer/templates")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "html") {
            continue;
        }
        for text in static_texts(&fs::read_to_string(&path).unwrap()) {
            let page = translated(format!("<p>{text}</p>"), Language::Vietnamese);
            missing.extend(
                page.untranslated
                    .into_keys()
                    .map(|text| format!("{}: {text}", path.display())),
            );
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_rule_of_readiness_is_in_the_catalogue() {
    let rules = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/analyzer/src/readiness/readiness.toml"
    ))
    .unwrap();
    let rules: toml::Table = toml::from_str(&rules).unwrap();
    let mut texts = Vec::new();
    gather(&toml::Value::Table(rules), &mut texts);
    assert!(texts.len() > 40, "the rules have texts: {}", texts.len());
    let missing: Vec<String> = texts
        .into_iter()
        .flat_map(|text| {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
            translated(format!("<p>{escaped}</p>"), Language::Vietnamese)
                .untranslated
                .into_keys()
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

fn gather(value: &toml::Value, texts: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                match value {
                    toml::Value::String(text) if key == "says" || key == "remedy" => texts.push(text.clone()),
                    other => gather(other, texts),
                }
            }
        }
        toml::Value::Array(values) => values.iter().for_each(|value| gather(value, texts)),
        _ => {}
    }
}

#[test]
fn only_the_page_is_translated_and_that_is_said() {
    let work = demo();
    let (english, _) = sizewright(work.path(), &["-C", "demo", "report", "--format", "markdown"]);
    let (vietnamese, said) = sizewright(
        work.path(),
        &["-C", "demo", "report", "--format", "markdown", "--lang", "vi"],
    );
    assert_eq!(english, vietnamese);
    assert!(said.contains("only report.html is translated"), "{said}");
}
