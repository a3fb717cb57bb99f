//! The commands as a security team reads them: the same text that is sent, one statement a line.

use std::fmt::Write as _;

use super::script::{COMMAND, statements};

/// Gives what runs on a target, in full, with what each part is for.
#[must_use]
pub fn show_commands() -> String {
    let mut text = String::from(
        "# What sizewright runs on each server, in full.\n\
         # No root, no agent, nothing installed, nothing written; it ends with the connection.\n\n\
         # 1. One command per connection, which shows in the process list:\n",
    );
    let _ = writeln!(text, "{COMMAND}\n");
    text.push_str(
        "# 2. Its program, sent as one line (statements joined by `; `); 0123456789abcdef is random each time:\n",
    );
    for (statement, why) in statements("0123456789abcdef") {
        let _ = writeln!(text, "# {why}\n{statement}");
    }
    text.push_str(
        "\n# 3. Requests, one line each: `t` and `m` for counters, `l` for the layout, `f` with local mount points\n\
         #    (letters, digits and _ . / @ : + - only) for their sizes, `k` as a sign of life, `q` to end;\n\
         #    when looking `p` and `a` for processes, `n` for sockets, `i` for the machine, `x` for programs. `s` runs the benchmark,\n\
         #    which loads one core for three seconds: it is sent only by `discover --benchmark`, once a host.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampler::script::program;

    #[test]
    fn what_is_shown_is_what_is_sent() {
        let shown = show_commands();
        let statements: Vec<&str> = shown
            .split("each time:\n")
            .nth(1)
            .and_then(|rest| rest.split("\n\n# 3").next())
            .unwrap_or_default()
            .lines()
            .filter(|line| !line.starts_with("# "))
            .collect();
        assert_eq!(statements.join("; "), program("0123456789abcdef"));
    }
}
