//! Command lines with secrets, as processes of this machine.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

#[path = "../../src/discovery/redact/list.rs"]
mod list;

pub use list::Case;

/// The list, as the tests of the redaction read it; only lines with secrets.
pub fn cases() -> Vec<Case> {
    let all = list::read(include_str!("../../src/discovery/redact/cases.txt"));
    all.into_iter().filter(|case| !case.secrets.is_empty()).collect()
}

/// Gives the secrets of a case that can be looked for among much other text: a short number stands there anyway.
pub fn telling(case: &Case) -> impl Iterator<Item = &str> {
    let secrets = case.secrets.iter().map(String::as_str);
    secrets.filter(|secret| secret.len() >= 6 && secret.contains(char::is_alphabetic))
}

/// A shell that waits under the name and with the arguments of a case; ended when dropped.
pub struct Typed(Child);

impl Typed {
    pub fn start(case: &Case) -> Self {
        let mut command = Command::new("/bin/sh");
        command.arg0(&case.command[0]).args(["-c", "read -r line", "sh"]);
        command.args(&case.command[1..]).stdin(Stdio::piped());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
