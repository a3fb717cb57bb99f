//! Command lines with secrets, as processes of this machine.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

/// The list, below the collector's folder.
pub const CASES: &str = "src/discovery/redact/cases.txt";

/// One command line of the list.
pub struct Case {
    secrets: Vec<String>,
    command: Vec<String>,
}

impl Case {
    /// Gives its secrets; words that the line also has for another reason cannot be looked for.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets
            .iter()
            .map(String::as_str)
            .filter(|secret| secret.len() >= 6 && secret.contains(char::is_alphabetic))
    }
}

/// Reads the list; only lines with secrets.
pub fn words() -> Vec<Case> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let of_crate = [path.join(CASES), path.join("collector").join(CASES)];
    let path = of_crate.iter().find(|path| path.exists()).expect("the list of secrets");
    let text = std::fs::read_to_string(path).unwrap().replace('¦', "");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.splitn(3, " | ").collect();
            let secrets = fields[0].split(' ').filter(|word| *word != "-");
            Case {
                secrets: secrets.map(str::to_string).collect(),
                command: arguments(fields[2]),
            }
        })
        .filter(|case| !case.secrets.is_empty())
        .collect()
}

/// Splits at blanks, but not between single quotes.
fn arguments(line: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => arguments.push(String::new()),
            letter => arguments.last_mut().unwrap().push(letter),
        }
    }
    arguments
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
