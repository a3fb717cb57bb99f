//! What `hosts.toml` is resolved against: the user's home folder, name, agent and ssh configuration.

use std::env;
use std::fs;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

/// The surroundings that decide what a name in `hosts.toml` means.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The home folder, where `.ssh` is.
    pub home: PathBuf,
    /// The local account, which is also the default on the hosts.
    pub user: String,
    /// The user's own ssh configuration; none is read without it.
    pub user_ssh_config: Option<PathBuf>,
    /// The ssh configuration of the machine, read after the user's own.
    pub system_ssh_config: Option<PathBuf>,
    /// Whether an ssh agent can be asked.
    pub agent: bool,
    /// Looks up an environment variable, for `${NAME}` in an ssh configuration.
    pub variable: fn(&str) -> Option<String>,
}

impl Environment {
    /// Takes the environment of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let account = account_of_this_process();
        let home = variable("HOME")
            .map(PathBuf::from)
            .or(account.1)
            .unwrap_or_else(|| PathBuf::from("/"));
        let user = variable("USER").or_else(|| variable("LOGNAME")).or(account.0);
        Self {
            user: user.unwrap_or_else(|| rustix::process::getuid().as_raw().to_string()),
            user_ssh_config: Some(home.join(".ssh/config")),
            system_ssh_config: Some(PathBuf::from("/etc/ssh/ssh_config")),
            agent: variable("SSH_AUTH_SOCK").is_some_and(|path| is_socket(Path::new(&path))),
            variable: |name| env::var(name).ok(),
            home,
        }
    }

    /// Makes an environment without any ssh configuration, agent or variables.
    #[must_use]
    pub fn bare(home: impl Into<PathBuf>, user: impl Into<String>) -> Self {
        Self {
            home: home.into(),
            user: user.into(),
            user_ssh_config: None,
            system_ssh_config: None,
            agent: false,
            variable: |_| None,
        }
    }

    /// Replaces a leading `~/` by the home folder; nothing when another account's home is meant.
    pub(super) fn expand_home(&self, path: &str) -> Option<PathBuf> {
        let Some(rest) = path.strip_prefix('~') else {
            return Some(PathBuf::from(path));
        };
        let (account, inside) = rest.split_once('/').unwrap_or((rest, ""));
        let ours = account.is_empty() || account == self.user;
        ours.then(|| self.home.join(inside.trim_start_matches('/')))
    }
}

fn is_socket(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|about| about.file_type().is_socket())
}

/// Name and home folder of this process's account, from /etc/passwd, for services that run without `USER` and `HOME`.
fn account_of_this_process() -> (Option<String>, Option<PathBuf>) {
    let id = rustix::process::getuid().as_raw().to_string();
    let accounts = fs::read("/etc/passwd").unwrap_or_default();
    let accounts = String::from_utf8_lossy(&accounts);
    let fields = accounts
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2) == Some(&id.as_str()));
    let field = |index: usize| fields.as_ref()?.get(index).filter(|text| !text.is_empty());
    (field(0).map(|name| (*name).to_string()), field(5).map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_home_folder() {
        let environment = Environment::bare("/home/ann", "ann");
        let expand = |path: &str| environment.expand_home(path);
        assert_eq!(expand("~/.ssh/id"), Some(PathBuf::from("/home/ann/.ssh/id")));
        assert_eq!(expand("~ann/.ssh/id"), Some(PathBuf::from("/home/ann/.ssh/id")));
        assert_eq!(expand("~bob/.ssh/id"), None);
        assert_eq!(expand("/etc/~x"), Some(PathBuf::from("/etc/~x")));
    }

    #[test]
    fn this_process_has_a_user_and_a_home() {
        let environment = Environment::of_this_process();
        assert!(!environment.user.is_empty());
        assert!(environment.home.is_absolute());
    }
}
