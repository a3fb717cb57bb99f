//! What is each service called? The product, with its port where there are several.

use std::collections::{BTreeMap, BTreeSet};

use super::groups::Group;
use super::recognise::program;

/// Letters of the part of a name that a program gives.
const PROGRAM_LETTERS: usize = 40;

/// Names of a host's services, each given once.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// How many instances of each name there are.
    count: BTreeMap<String, usize>,
    given: BTreeSet<String>,
}

impl Names {
    /// Counts the instances.
    pub(super) fn of(groups: &[Group<'_>]) -> Self {
        let mut names = Self::default();
        for group in groups {
            *names.count.entry(plain(group)).or_default() += 1;
        }
        names
    }

    /// Names an instance.
    pub(super) fn name(&mut self, group: &Group<'_>) -> String {
        let plain = plain(group);
        let several = self.count.get(&plain).is_some_and(|count| *count > 1);
        match main_port(group) {
            Some(port) if several => self.once(format!("{plain}-{port}")),
            _ => self.once(plain),
        }
    }

    /// Names a product that is known by its port only.
    pub(super) fn of_port(&mut self, product: &str, port: u16) -> String {
        let name = if self.given.contains(product) {
            format!("{product}-{port}")
        } else {
            product.to_string()
        };
        self.once(name)
    }

    /// Names what listens and is not known.
    pub(super) fn unknown(&mut self, port: u16) -> String {
        self.once(format!("port-{port}"))
    }

    fn once(&mut self, name: String) -> String {
        let mut unique = name.clone();
        let mut number = 2;
        while !self.given.insert(unique.clone()) {
            unique = format!("{name}-{number}");
            number += 1;
        }
        unique
    }
}

/// Gives the name without a port.
fn plain(group: &Group<'_>) -> String {
    let product = &group.fingerprint.product;
    if !group.fingerprint.named_by_program {
        return product.clone();
    }
    match what_it_runs(group) {
        Some(program) => format!("{product}-{program}"),
        None => product.clone(),
    }
}

/// Gives the port that names an instance: the first usual one that it has, else its lowest.
fn main_port(group: &Group<'_>) -> Option<u16> {
    let usual = group.fingerprint.ports.iter().copied();
    usual
        .into_iter()
        .find(|port| group.ports.contains(port))
        .or_else(|| group.ports.first().copied())
}

/// Finds the jar, class, module or script that an interpreter runs; version and ending are left out.
fn what_it_runs(group: &Group<'_>) -> Option<String> {
    let arguments = &group.root.arguments;
    let interpreter = program(group.root).trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let mut rest = arguments.iter().skip(1).peekable();
    let mut last_module = None;
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "-cp" | "-classpath" | "--class-path" | "-p" | "--module-path" | "-c" | "-b" | "--bind" | "-w"
            | "--workers" | "-k" | "-u" | "-g" | "--config" | "-r" | "--require" => {
                rest.next();
            }
            "-jar" => return rest.next().and_then(|jar| bare(jar)),
            "-m" if interpreter == "python" => return rest.next().and_then(|module| bare(module)),
            option if option.starts_with('-') => {}
            // A program that runs another's code: `gunicorn app:app`, behind its own script.
            script
                if matches!(
                    bare(script).as_deref(),
                    Some("gunicorn" | "uvicorn" | "exec" | "dotnet" | "master" | "worker")
                ) => {}
            script => {
                last_module = bare(script);
                break;
            }
        }
    }
    last_module
}

fn bare(path: &str) -> Option<String> {
    let file = path.rsplit('/').next()?.trim_matches(['[', ']']);
    let file = file.split(':').next()?;
    let ending = [".jar", ".war", ".py", ".js", ".mjs", ".cjs", ".dll", ".rb", ".ts"];
    let stem = ending.iter().find_map(|ending| file.strip_suffix(ending));
    // Of a class the last part, of a module the first.
    let name = match stem {
        Some(stem) => stem,
        None => file
            .rsplit('.')
            .find(|part| !matches!(*part, "wsgi" | "asgi" | "app" | "main"))?,
    };
    let version_at = name.match_indices('-').map(|(at, _)| at).find(|&at| {
        let next = name.get(at + 1..).and_then(|rest| rest.chars().next());
        next.is_some_and(|letter| letter.is_ascii_digit())
    });
    let name: String = name
        .get(..version_at.unwrap_or(name.len()))?
        .chars()
        .map(|letter| {
            if letter == '_' || letter == '.' {
                '-'
            } else {
                letter.to_ascii_lowercase()
            }
        })
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .take(PROGRAM_LETTERS)
        .collect();
    let name = name.trim_matches('-').to_string();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_names_its_service() {
        for (path, expected) in [
            ("/opt/app/orders-service-1.2.3.jar", Some("orders-service")),
            ("com.example.shop.OrderServer", Some("orderserver")),
            ("Orders.Api.dll", Some("orders-api")),
            ("orders.wsgi:application", Some("orders")),
            ("/srv/app/server.js", Some("server")),
            ("***", None),
        ] {
            assert_eq!(bare(path).as_deref(), expected, "{path}");
        }
    }
}
