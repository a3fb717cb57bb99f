//! The one way to the terminal: data to standard output, talk to standard error.

use std::io::{IsTerminal as _, Write as _};

use telemetry::untrusted::for_terminal;

use crate::cli::{ColorWhen, Format, Global};
use crate::failure::Failure;

/// Prints, as quietly and as colourfully as asked.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    format: Format,
    quiet: bool,
    verbose: bool,
    color: bool,
    progress: bool,
}

impl Printer {
    /// Reads the global flags and looks at where the output goes.
    pub fn new(global: &Global) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let color = match global.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => terminal && std::env::var_os("NO_COLOR").is_none(),
        };
        Self {
            format: global.format,
            quiet: global.quiet,
            verbose: global.verbose > 0,
            color,
            progress: terminal && !global.quiet,
        }
    }

    /// Gives the format that data should have.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Says whether progress should be drawn.
    pub fn shows_progress(&self) -> bool {
        self.progress
    }

    /// Writes data to standard output.
    pub fn data(&self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Writes bytes to standard output.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()?;
        Ok(())
    }

    /// Tells the user something worth knowing, unless asked to be quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.talk("", "", text);
        }
    }

    /// Tells the user a detail, when asked to be verbose.
    pub fn detail(&self, text: &str) {
        if self.verbose && !self.quiet {
            self.talk("", "", text);
        }
    }

    /// Warns.
    pub fn warning(&self, text: &str) {
        self.talk("33", "warning: ", text);
    }

    /// Says what to do next, unless asked to be quiet.
    pub fn hint(&self, text: &str) {
        if !self.quiet {
            self.talk("36", "hint: ", text);
        }
    }

    /// Says why a command could not finish.
    pub fn failure(&self, failure: &Failure) {
        if failure.is_silent() {
            return;
        }
        let chain = failure.chain();
        let mut chain = chain.iter();
        if let Some(first) = chain.next() {
            self.talk("31", "error: ", first);
        }
        for cause in chain {
            self.talk("", "  caused by: ", cause);
        }
        if let Some(hint) = failure.advice() {
            self.talk("36", "hint: ", hint);
        }
    }

    fn talk(&self, color: &str, label: &str, text: &str) {
        let mut out = std::io::stderr().lock();
        let safe: Vec<String> = text.lines().map(|line| for_terminal(line).into_owned()).collect();
        let text = safe.join("\n");
        // When nobody can be told, there is nobody to tell.
        let _ = if self.color && !color.is_empty() {
            writeln!(out, "\u{1b}[{color}m{label}\u{1b}[0m{text}")
        } else {
            writeln!(out, "{label}{text}")
        };
    }
}
