//! The command line of `ssh` for an endpoint.
//!
//! Input: an endpoint from the user's files. Output: arguments of which none
//! can be taken for an option that was not meant, or a reason why not. Jump
//! hosts become a `ProxyCommand` each instead of `-J`: with `-J` the options
//! for strict host keys and against questions would not reach the jump host.

use std::path::Path;

use crate::hosts::target::{Credential, Endpoint};
use crate::ssh::Settings;
use crate::ssh::place::printable;
use crate::ssh::route::hops;

/// Gives the arguments for commands on an endpoint, all but the command itself.
pub(super) fn of(endpoint: &Endpoint, settings: &Settings) -> Result<Vec<String>, String> {
    let chain = hops(endpoint);
    let mut way: Option<String> = None;
    for (index, hop) in chain.iter().enumerate() {
        let next = chain.get(index + 1).unwrap_or(endpoint);
        let mut words = vec!["ssh".to_string()];
        words.extend(options(hop, settings, way.as_deref(), "INFO")?);
        words.push("-W".to_string());
        words.push(format!("[{}]:{}", bare(next)?, next.port));
        words.push("--".to_string());
        words.push(bare(hop)?);
        let words: Vec<String> = words.iter().map(|word| in_quotes(word)).collect();
        way = Some(words.join(" "));
    }
    // DEBUG1 tells who the server is, what it accepts, and when it let us in.
    let mut words = options(endpoint, settings, way.as_deref(), "DEBUG1")?;
    words.push("-T".to_string());
    // After this, `ssh` takes neither the address nor the command for an option.
    words.push("--".to_string());
    words.push(bare(endpoint)?);
    Ok(words)
}

fn options(
    endpoint: &Endpoint,
    settings: &Settings,
    way: Option<&str>,
    log_level: &str,
) -> Result<Vec<String>, String> {
    let strict = if settings.accept_new.is_some() {
        "accept-new"
    } else {
        "yes"
    };
    let mut options = vec![
        "BatchMode=yes".to_string(),
        format!("LogLevel={log_level}"),
        format!("StrictHostKeyChecking={strict}"),
        format!("ConnectTimeout={}", settings.connect_timeout.as_secs().max(1)),
        "ConnectionAttempts=1".to_string(),
        format!("ServerAliveInterval={}", settings.keep_alive.as_secs().max(1)),
        "ServerAliveCountMax=3".to_string(),
        // A shared connection of the user's would hide whether we were let in, and end with it.
        "ControlMaster=no".to_string(),
        "ControlPath=none".to_string(),
        // Nothing of the user's everyday set-up that does not belong to running a command.
        "ClearAllForwardings=yes".to_string(),
        "ForwardAgent=no".to_string(),
        "ForwardX11=no".to_string(),
        "PermitLocalCommand=no".to_string(),
        "RemoteCommand=none".to_string(),
        "UpdateHostKeys=no".to_string(),
        format!("Port={}", endpoint.port),
        format!("User={}", plain(&endpoint.user)?),
    ];
    if let Some(alias) = &endpoint.host_key_alias {
        options.push(format!("HostKeyAlias={}", plain(alias)?));
    }
    // `accept-new` writes into the first of the files.
    let files = settings.accept_new.iter().chain(&endpoint.known_hosts);
    let files = files
        .map(|file| path_in_quotes(file))
        .collect::<Result<Vec<String>, String>>()?;
    if !endpoint.known_hosts.is_empty() {
        options.push("GlobalKnownHostsFile=/dev/null".to_string());
    }
    if !files.is_empty() {
        options.push(format!("UserKnownHostsFile={}", files.join(" ")));
    }
    if let Some(agent) = &settings.agent {
        options.push(format!("IdentityAgent={}", path_in_quotes(agent)?));
    }
    options.extend(credentials(endpoint)?);
    if let Some(way) = way {
        // Per cent signs begin a token here.
        options.push(format!("ProxyCommand={}", way.replace('%', "%%")));
    }
    Ok(options
        .into_iter()
        .flat_map(|option| ["-o".to_string(), option])
        .collect())
}

/// Says which keys to offer; without any credential that is up to the user's own configuration.
fn credentials(endpoint: &Endpoint) -> Result<Vec<String>, String> {
    let mut options = Vec::new();
    let mut any_agent_key = false;
    let mut has_key = false;
    for credential in &endpoint.credentials {
        match credential {
            Credential::Agent { only: None } => any_agent_key = true,
            Credential::Agent { only: Some(path) } => {
                has_key = true;
                options.push(format!("IdentityFile={}", path_in_quotes(path)?));
            }
            Credential::KeyFile { path, certificate } => {
                has_key = true;
                options.push(format!("IdentityFile={}", path_in_quotes(path)?));
                if let Some(certificate) = certificate {
                    options.push(format!("CertificateFile={}", path_in_quotes(certificate)?));
                }
            }
            Credential::Password(_) => {}
        }
    }
    let has_other = any_agent_key || has_key;
    if !has_other && !endpoint.credentials.is_empty() {
        return Err("`client = \"ssh\"` cannot send a password; use a key, or the built-in client".to_string());
    }
    if has_key && !any_agent_key {
        options.push("IdentitiesOnly=yes".to_string());
    }
    Ok(options)
}

/// Gives the address without brackets, when it is nothing but an address.
fn bare(endpoint: &Endpoint) -> Result<String, String> {
    let address = endpoint.address.as_str();
    let address = address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(address);
    plain(address)
}

/// Lets through what means itself in an option, in a shell and as an address.
fn plain(word: &str) -> Result<String, String> {
    let is_plain =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | ':' | '%' | '\\' | '+');
    if word.is_empty() || word.starts_with('-') || !word.chars().all(is_plain) {
        return Err(format!("`{}` cannot be given to `ssh`", printable(word)));
    }
    Ok(word.to_string())
}

/// Writes a path as the value of an option that takes several: quoted, and without what would be expanded.
fn path_in_quotes(path: &Path) -> Result<String, String> {
    match path.to_str() {
        Some(text)
            if !text
                .chars()
                .any(|letter| letter.is_control() || matches!(letter, '"' | '\\'))
                && !text.contains("${") =>
        {
            Ok(format!("\"{}\"", text.replace('%', "%%")))
        }
        _ => Err(format!(
            "the path `{}` cannot be given to `ssh`",
            printable(&path.to_string_lossy())
        )),
    }
}

/// Quotes a word for sh.
fn in_quotes(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::hosts::target::{Client, SecretSource};

    fn endpoint(address: &str) -> Endpoint {
        Endpoint {
            address: address.to_string(),
            port: 2222,
            user: "ops".to_string(),
            host_key_alias: None,
            credentials: Vec::new(),
            known_hosts: vec!["/etc/known hosts".into()],
            jumps: Vec::new(),
            client: Client::Ssh,
        }
    }

    #[test]
    fn the_address_is_the_last_argument_and_comes_after_the_end_of_options() {
        let words = of(&endpoint("db-2"), &Settings::default()).unwrap();
        assert_eq!(words[words.len() - 2..], ["--", "db-2"]);
        assert!(words.contains(&"StrictHostKeyChecking=yes".to_string()));
        assert!(words.contains(&"UserKnownHostsFile=\"/etc/known hosts\"".to_string()));
    }

    #[test]
    fn nothing_can_be_injected() {
        for address in ["-oProxyCommand=id", "a;id", "a b", "$(id)", "a'b", "ssh://x/", "root@x"] {
            assert!(of(&endpoint(address), &Settings::default()).is_err(), "{address}");
            let mut behind = endpoint("db-2");
            behind.jumps = vec![endpoint(address)];
            assert!(of(&behind, &Settings::default()).is_err(), "{address} as a jump host");
        }
        let mut odd = endpoint("db-2");
        odd.known_hosts = vec!["/a\"b".into()];
        assert!(of(&odd, &Settings::default()).is_err());
    }

    #[test]
    fn every_jump_host_gets_the_strict_options_and_per_cent_signs_survive_each_level() {
        let mut target = endpoint("db-2");
        target.jumps = vec![endpoint("fe80::1%eth0"), endpoint("far")];
        let words = of(&target, &Settings::default()).unwrap();
        let way = words.iter().find(|word| word.starts_with("ProxyCommand=")).unwrap();
        assert_eq!(way.matches("StrictHostKeyChecking=yes").count(), 2);
        assert_eq!(way.matches("BatchMode=yes").count(), 2);
        assert!(way.contains("'[db-2]:2222'"), "{way}");
        assert!(way.contains("fe80::1%%%%eth0"), "{way}");
    }

    #[test]
    fn a_password_alone_is_not_supported() {
        let mut target = endpoint("db-2");
        target.credentials = vec![Credential::Password(SecretSource::Prompt)];
        assert!(of(&target, &Settings::default()).unwrap_err().contains("password"));
        target.credentials.push(Credential::Agent { only: None });
        assert!(of(&target, &Settings::default()).is_ok());
    }
}
