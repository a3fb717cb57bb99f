//! A throw-away account with a known password; only root can make one.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::{is_root, run};

pub struct Account {
    pub name: String,
    pub password: String,
}

impl Account {
    /// Makes the account; nothing when not run by root.
    pub fn make() -> Option<Self> {
        if !is_root() {
            return None;
        }
        let account = Self {
            name: format!("sizewright-t{}", std::process::id()),
            password: "canary-4711 ü".to_string(),
        };
        run(
            "useradd",
            &[
                "--no-create-home",
                "--home-dir",
                "/",
                "--shell",
                "/bin/sh",
                &account.name,
            ],
        );
        let mut chpasswd = Command::new("chpasswd").stdin(Stdio::piped()).spawn().unwrap();
        let line = format!("{}:{}\n", account.name, account.password);
        chpasswd.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
        assert!(chpasswd.wait().unwrap().success());
        Some(account)
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = Command::new("userdel")
            .arg("--force")
            .arg(&self.name)
            .stderr(Stdio::null())
            .status();
    }
}
