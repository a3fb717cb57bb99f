//! `reference`: every command and flag as Markdown, from the same declarations that parse them.
//!
//! docs/commands.md is what this prints; a test holds them together.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// Writes the reference of a program.
pub fn markdown(mut program: Command) -> String {
    program.build();
    let mut text = String::from(
        "# Every command\n\nThis page is printed by `sizewright reference`; `sizewright COMMAND --help` says the same.\n\n",
    );
    text.push_str("## For every command\n\n");
    let global: Vec<&Arg> = program.get_arguments().filter(|flag| is_shown(flag)).collect();
    arguments(&global, &mut text);
    if let Some(after) = program.get_after_long_help() {
        examples(&after.to_string(), &mut text);
    }
    for command in program.get_subcommands() {
        section(command, &[], &mut text);
    }
    format!("{}\n", text.trim_end())
}

fn is_shown(flag: &Arg) -> bool {
    !flag.is_hide_set() && !matches!(flag.get_id().as_str(), "help" | "version")
}

fn section(command: &Command, above: &[&str], text: &mut String) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let path: Vec<&str> = above.iter().copied().chain([command.get_name()]).collect();
    // Writing to a text does not fail.
    let _ = writeln!(text, "\n## `{}`\n", path.join(" "));
    if let Some(about) = command.get_long_about().or_else(|| command.get_about()) {
        let _ = writeln!(text, "{}\n", about.to_string().trim());
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    let _ = writeln!(text, "```\n{usage}\n```\n");
    let own: Vec<&Arg> = command
        .get_arguments()
        .filter(|flag| is_shown(flag) && !flag.is_global_set())
        .collect();
    arguments(&own, text);
    if let Some(after) = command.get_after_long_help() {
        examples(&after.to_string(), text);
    }
    for inner in command.get_subcommands() {
        section(inner, &path, text);
    }
}

fn arguments(flags: &[&Arg], text: &mut String) {
    if flags.is_empty() {
        return;
    }
    text.push_str("| | |\n|---|---|\n");
    for flag in flags {
        let _ = writeln!(text, "| {} | {} |", name(flag), meaning(flag));
    }
    text.push('\n');
}

fn name(flag: &Arg) -> String {
    let takes_value = flag.get_action().takes_values();
    let value = flag
        .get_value_names()
        .map(|names| names.iter().map(|name| name.to_string()).collect::<Vec<_>>().join(" "))
        .unwrap_or_else(|| flag.get_id().as_str().to_uppercase());
    if flag.is_positional() {
        return format!("`{}`", cell(&value));
    }
    let long = flag.get_long().map(|long| format!("--{long}"));
    let short = flag.get_short().map(|short| format!("-{short}"));
    let words: Vec<String> = short.into_iter().chain(long).collect();
    let value = if takes_value {
        format!(" {value}")
    } else {
        String::new()
    };
    format!("`{}{}`", words.join("`, `"), cell(&value))
}

fn meaning(flag: &Arg) -> String {
    let mut text = flag
        .get_long_help()
        .or_else(|| flag.get_help())
        .map(|help| help.to_string())
        .unwrap_or_default();
    let values: Vec<String> = flag
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({})", value.get_name(), help.to_string().trim_end_matches('.')),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if flag.get_action().takes_values() {
        if !values.is_empty() {
            text.push_str(&format!(" One of {}.", values.join(", ")));
        }
        let defaults: Vec<String> = flag
            .get_default_values()
            .iter()
            .map(|value| format!("`{}`", value.to_string_lossy()))
            .collect();
        if !defaults.is_empty() {
            text.push_str(&format!(" Default: {}.", defaults.join(", ")));
        }
    }
    cell(&text)
}

/// Keeps a text within its cell.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
        .replace('<', "&lt;")
        .trim()
        .to_string()
}

/// Writes the examples as code, and what follows them as it is.
fn examples(after: &str, text: &mut String) {
    for part in after.split("\n\n") {
        match part.trim().strip_prefix("Examples:") {
            Some(lines) => {
                text.push_str("```sh\n");
                for line in lines.trim().lines() {
                    let _ = writeln!(text, "{}", line.trim());
                }
                text.push_str("```\n\n");
            }
            None => {
                let _ = writeln!(text, "{}\n", part.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    }
}
