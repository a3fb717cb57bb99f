//! `sadf -x`: XML, an element a line, as the tree that `sadf -j` writes.
//!
//! Only what sadf itself writes is understood; this is no reader of XML at large.

use serde_json::{Map, Value};

use super::super::Options;
use super::super::open::Lines;
use super::super::parsed::Parsed;
use super::tree::{Reader, not_sadf};
use crate::import::error::ImportError;

/// Reads a whole file.
pub(super) fn read(lines: &mut Lines, options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    // Facts of the host stand before its times, restarts after them: so times wait.
    let mut head: Option<Map<String, Value>> = None;
    let mut times: Vec<Value> = Vec::new();
    let mut time: Option<Map<String, Value>> = None;
    let mut section: Option<String> = None;
    let mut was_read = false;
    while let Some(line) = lines.next()? {
        let text = String::from_utf8_lossy(line).into_owned();
        let Some(element) = Element::parse(text.trim()) else {
            continue;
        };
        match (element.name.as_str(), element.is_end) {
            ("host", false) => {
                head = Some(Map::from_iter([(
                    "nodename".to_string(),
                    element.attribute("nodename").unwrap_or_default().into(),
                )]));
            }
            ("host", true) => {
                let head = Value::Object(head.take().unwrap_or_default());
                let mut reader = Reader::start(&head, options, parsed)?;
                for (position, time) in times.drain(..).enumerate() {
                    reader.time(position as u64 + 1, &time)?;
                }
                was_read = true;
            }
            ("release" | "machine" | "number-of-cpus", false) => {
                if let Some(head) = &mut head {
                    head.insert(element.name, element.text.into());
                }
            }
            ("boot", false) => {
                if let Some(head) = &mut head {
                    let boot = serde_json::json!({ "boot": element.attributes });
                    if let Value::Array(restarts) = head.entry("restarts").or_insert_with(|| Value::Array(Vec::new())) {
                        restarts.push(boot);
                    }
                }
            }
            ("timestamp", false) => {
                time = Some(Map::from_iter([(
                    "timestamp".to_string(),
                    Value::Object(element.attributes),
                )]));
                section = None;
            }
            ("timestamp", true) => times.extend(time.take().map(Value::Object)),
            (name, false) => {
                let Some(time) = &mut time else { continue };
                match (name, &section) {
                    ("cpu", Some(of)) if of == "cpu-load" || of == "cpu-load-all" => {
                        push(time, "cpu-load", element.attributes);
                    }
                    ("disk-device", _) | ("disk", _) if element.attributes.contains_key("dev") => {
                        push(time, "disk", element.attributes);
                    }
                    ("net-dev", _) if element.attributes.contains_key("iface") => {
                        push(time, "net-dev", element.attributes);
                    }
                    ("filesystem", _) => push(time, "filesystems", element.attributes),
                    ("psi-cpu" | "psi-io" | "psi-mem" | "swap-pages", _) => {
                        time.insert(name.to_string(), Value::Object(element.attributes));
                    }
                    ("queue" | "io-reads" | "io-writes", _) if !element.attributes.is_empty() => {
                        let of = if name == "queue" { "queue" } else { "io" };
                        if let Value::Object(row) = time.entry(of).or_insert_with(|| Value::Object(Map::new())) {
                            row.extend(element.attributes);
                        }
                    }
                    (_, Some(of)) if of == "memory" && !element.text.is_empty() => {
                        if let Value::Object(row) = time.entry("memory").or_insert_with(|| Value::Object(Map::new())) {
                            row.insert(element.name, element.text.into());
                        }
                    }
                    (_, Some(of)) if of == "io" && !element.text.is_empty() => {
                        if let Value::Object(row) = time.entry("io").or_insert_with(|| Value::Object(Map::new())) {
                            row.insert(element.name, element.text.into());
                        }
                    }
                    ("cpu-load" | "cpu-load-all" | "memory" | "io", _) => section = Some(name.to_string()),
                    _ => {}
                }
            }
            (name, true) => {
                if section.as_deref() == Some(name) {
                    section = None;
                }
            }
        }
    }
    if was_read {
        Ok(())
    } else {
        Err(not_sadf(
            options,
            "has no `<host>` as `sadf -x` writes it, or is cut off",
        ))
    }
}

fn push(time: &mut Map<String, Value>, section: &str, row: Map<String, Value>) {
    if let Value::Array(rows) = time.entry(section).or_insert_with(|| Value::Array(Vec::new())) {
        rows.push(Value::Object(row));
    }
}

/// One line: `<name a="1" b="2"/>`, `<name>text</name>`, `<name>` or `</name>`.
struct Element {
    name: String,
    attributes: Map<String, Value>,
    text: String,
    is_end: bool,
}

impl Element {
    fn parse(line: &str) -> Option<Self> {
        let rest = line.strip_prefix('<')?;
        let (rest, is_end) = rest.strip_prefix('/').map_or((rest, false), |rest| (rest, true));
        let (tag, after) = rest.split_once('>')?;
        let tag = tag.trim_end_matches('/').trim_end();
        let (name, mut attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let mut found = Map::new();
        while let Some((key, rest)) = attributes.trim_start().split_once("=\"") {
            let (value, rest) = rest.split_once('"')?;
            found.insert(key.to_string(), unescaped(value).into());
            attributes = rest;
        }
        let text = after.split_once("</").map_or("", |(text, _)| text);
        Some(Self {
            name: name.to_string(),
            attributes: found,
            text: unescaped(text),
            is_end,
        })
    }

    fn attribute(&self, name: &str) -> Option<String> {
        Some(self.attributes.get(name)?.as_str()?.to_string())
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
