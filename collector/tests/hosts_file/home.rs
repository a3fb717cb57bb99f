//! A home folder for one test, and short ways to ask about it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use sizewright_collector::hosts::{Endpoint, Environment, HostsError, HostsFile, Reach, Target};
use tempfile::TempDir;

/// A home folder of the test's own, with an ssh configuration.
pub struct Home {
    pub folder: TempDir,
    pub environment: Environment,
}

impl Home {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".ssh")).unwrap();
        fs::create_dir(folder.path().join("acme")).unwrap();
        let environment = Environment::bare(folder.path(), "me");
        Self { folder, environment }
    }

    pub fn with_config(config: &str) -> Self {
        let mut home = Self::new();
        home.environment.user_ssh_config = Some(home.write(".ssh/config", config));
        home
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub fn read(&self, text: &str) -> Result<HostsFile, HostsError> {
        HostsFile::from_toml(text, &self.path("acme/hosts.toml"), &self.environment)
    }

    pub fn targets(&self, text: &str) -> Vec<Target> {
        self.read(text)
            .unwrap_or_else(|error| panic!("{}", full(&error)))
            .targets
    }

    pub fn only(&self, text: &str) -> Target {
        let mut targets = self.targets(text);
        assert_eq!(targets.len(), 1, "{targets:?}");
        targets.remove(0)
    }

    pub fn endpoint(&self, text: &str) -> Endpoint {
        endpoint(&self.only(text)).clone()
    }

    pub fn key(&self, name: &str) -> PathBuf {
        self.write(&format!("{name}.pub"), "ssh-ed25519 AAAA comment");
        self.write(name, "private")
    }
}

pub fn endpoint(target: &Target) -> &Endpoint {
    match &target.reach {
        Reach::Ssh(endpoint) => endpoint,
        Reach::Local => panic!("{} is local", target.name),
    }
}

pub fn names(targets: &[Target]) -> Vec<&str> {
    targets.iter().map(|target| target.name.as_str()).collect()
}

pub fn ways(endpoint: &Endpoint) -> Vec<String> {
    endpoint
        .jumps
        .iter()
        .map(|jump| format!("{}@{}:{}", jump.user, jump.address, jump.port))
        .collect()
}

/// An error with its causes and its hint, as a user sees it.
pub fn full(error: &HostsError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(" | {error}"));
        cause = error.source();
    }
    text.push_str(&format!(" | hint: {}", error.hint().unwrap_or_default()));
    text
}
