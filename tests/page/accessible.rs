//! The page can be read with a keyboard, a screen reader, weak eyes.

use std::collections::BTreeSet;
use std::fs;

use super::demo;

/// The tags of a page, without styles and scripts.
fn tags(page: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let end = rest.find('>').unwrap();
        tags.push(&rest[1..end]);
        let skip = ["style", "script"].iter().find(|name| rest[1..].starts_with(**name));
        rest = match skip {
            Some(name) => &rest[rest.find(&format!("</{name}>")).unwrap()..],
            None => &rest[end..],
        };
    }
    tags
}

fn name(tag: &str) -> &str {
    tag.split([' ', '/', '\n']).next().unwrap_or_default()
}

fn value<'a>(tag: &'a str, attribute: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {attribute}=\""))? + attribute.len() + 3;
    tag[start..].split('"').next()
}

#[test]
fn the_page_has_landmarks_headings_captions_labels_and_described_charts() {
    let work = demo();
    let page = fs::read_to_string(work.path().join("demo/report/report.html")).unwrap();
    let tags = tags(&page);
    let count = |wanted: &str| tags.iter().filter(|tag| name(tag) == wanted).count();

    let first_link = tags.iter().find(|tag| name(tag) == "a").unwrap();
    assert_eq!(
        value(first_link, "href"),
        Some("#main"),
        "the first link skips the navigation"
    );
    for landmark in ["header", "nav", "main", "footer", "h1"] {
        assert_eq!(count(landmark), 1, "{landmark}");
    }
    assert!(
        tags.iter()
            .any(|tag| name(tag) == "html" && value(tag, "lang") == Some("en"))
    );

    let mut level = 1;
    for tag in &tags {
        let Some(next) = tag
            .strip_prefix('h')
            .and_then(|rest| rest[..1.min(rest.len())].parse::<u8>().ok())
        else {
            continue;
        };
        assert!(
            next <= level + 1,
            "a heading of level {next} follows one of level {level}"
        );
        level = next;
    }

    let mut after_table = false;
    for tag in &tags {
        assert!(
            !after_table || name(tag) == "caption",
            "a table starts with <{tag}> and not with its caption"
        );
        after_table = name(tag) == "table";
        if name(tag) == "th" {
            assert!(matches!(value(tag, "scope"), Some("row" | "col")), "<{tag}>");
        }
        if name(tag) == "svg" {
            let is_described =
                value(tag, "role") == Some("img") && value(tag, "aria-label").is_some_and(|said| said.len() > 8);
            assert!(is_described || value(tag, "aria-hidden") == Some("true"), "<{tag}>");
        }
        if name(tag) == "section" || value(tag, "role") == Some("region") {
            assert!(
                value(tag, "aria-labelledby").is_some() || value(tag, "aria-label").is_some(),
                "<{tag}>"
            );
        }
        if value(tag, "class").is_some_and(|class| class.split(' ').any(|one| one == "scroll")) {
            assert_eq!(
                value(tag, "tabindex"),
                Some("0"),
                "what scrolls can be reached by keyboard: <{tag}>"
            );
        }
        assert!(value(tag, "tabindex").is_none_or(|index| index == "0"), "<{tag}>");
    }
    for control in page.split("<label>").skip(1) {
        let label = control.split("</label>").next().unwrap();
        assert!(label.contains("<input") || label.contains("<select"), "{label}");
    }
    assert_eq!(
        count("input") + count("select"),
        count("label"),
        "each control has its label"
    );

    let mut ids = BTreeSet::new();
    for tag in &tags {
        if let Some(id) = value(tag, "id") {
            assert!(ids.insert(id), "two elements are called {id}");
        }
    }
    for tag in &tags {
        for attribute in ["href", "aria-labelledby"] {
            let Some(target) = value(tag, attribute) else { continue };
            assert!(ids.contains(target.trim_start_matches('#')), "{target} leads nowhere");
        }
    }
}

/// The relative luminance of WCAG 2.2 of a colour like #1f2328.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_what_wcag_says() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.01);
}

#[test]
fn text_has_the_contrast_of_wcag_aa_in_light_in_dark_and_on_paper() {
    let style = include_str!("../../analyzer/templates/style.css");
    let mut looked_at = 0;
    for rule in style.split("--paper:").skip(1) {
        let rule = format!("--paper:{}", rule.split('}').next().unwrap());
        let colour = |name: &str| {
            let value = rule
                .split(&format!("--{name}: "))
                .nth(1)
                .unwrap()
                .split(';')
                .next()
                .unwrap();
            match value.len() {
                4 => value
                    .chars()
                    .flat_map(|letter| if letter == '#' { vec![letter] } else { vec![letter; 2] })
                    .collect(),
                _ => value.to_string(),
            }
        };
        for text in ["text", "quiet", "accent", "good", "warn"] {
            for paper in ["paper", "panel", "faint", "warn-paper"] {
                let ratio = contrast(&colour(text), &colour(paper));
                assert!(ratio >= 4.5, "{text} on {paper} has {ratio:.2}: {rule}");
                looked_at += 1;
            }
        }
    }
    assert!(looked_at >= 4 * 20, "light, dark twice, print");

    // Charts are always on white.
    let work = demo();
    let page = fs::read_to_string(work.path().join("demo/report/report.html")).unwrap();
    let inks: BTreeSet<&str> = page
        .split("<g fill=\"")
        .skip(1)
        .filter(|group| group.split('>').next().unwrap().contains("font-size"))
        .map(|group| &group[..7])
        .collect();
    assert!(inks.len() > 2);
    for ink in inks {
        let ratio = contrast(ink, "#ffffff");
        assert!(ratio >= 4.5, "{ink} on white has {ratio:.2}");
    }
}
