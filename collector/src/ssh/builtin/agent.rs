//! Offers the keys of the running agent, one by one and not too many.

use std::env;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ssh2::Agent;

use super::authenticate::{Attempt, Offered};
use super::key_file::public_blob_of;
use super::wire::{Step, Wire};
use crate::ssh::known_hosts::fingerprint;
use crate::ssh::place::printable;

/// So long an agent may take to list its keys; it needs milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// The shortest question of the agent protocol: list your keys.
const REQUEST_IDENTITIES: [u8; 5] = [0, 0, 0, 1, 11];

/// What a list of keys begins with.
const IDENTITIES_ANSWER: u8 = 12;

/// Offers at most `most` keys of the agent that the server has not refused yet, or only that of a file.
///
/// Keys whose public half is in `preferred` come first, as with OpenSSH.
pub(super) fn offer_agent_keys(
    attempt: &mut Attempt<'_>,
    wire: &mut Wire,
    only: Option<&Path>,
    preferred: &[Vec<u8>],
    most: usize,
) -> Offered {
    match offer(attempt, wire, only, preferred, most) {
        Ok(outcome) => outcome,
        Err(reason) => attempt.note("agent", &reason),
    }
}

fn offer(
    attempt: &mut Attempt<'_>,
    wire: &mut Wire,
    only: Option<&Path>,
    preferred: &[Vec<u8>],
    most: usize,
) -> Result<Offered, String> {
    let from_environment = || {
        env::var_os("SSH_AUTH_SOCK")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    };
    let socket = attempt.agent().map(Path::to_path_buf).or_else(from_environment);
    let socket = socket.ok_or_else(|| "none is running".to_string())?;
    answers(&socket).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => "none is running".to_string(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "it does not answer".to_string(),
        _ => format!("it cannot be asked: {error}"),
    })?;
    let wanted = match only {
        Some(path) => Some(public_blob_of(path).map_err(|error| error.to_string())?),
        None => None,
    };
    let said = |error: ssh2::Error| printable(error.message());
    let mut agent: Agent = wire.session().agent().map_err(said)?;
    agent.set_identity_path(&socket).map_err(said)?;
    agent.connect().map_err(said)?;
    agent.list_identities().map_err(said)?;
    let mut keys = agent.identities().map_err(said)?;
    let held = keys.len();
    keys.retain(|key| wanted.as_deref().is_none_or(|wanted| key.blob() == wanted) && !attempt.was_offered(key.blob()));
    keys.sort_by_key(|key| !preferred.iter().any(|blob| blob == key.blob()));
    if keys.is_empty() {
        return Err(match (held, wanted) {
            (0, _) => "it holds no key".to_string(),
            (_, Some(_)) => "it does not hold the key".to_string(),
            (_, None) => "it holds no other key".to_string(),
        });
    }
    let left_out = keys.len().saturating_sub(most);
    for key in keys.iter().take(most) {
        let remark = printable(key.comment());
        let name = format!("agent key {} {remark}", fingerprint(key.blob()))
            .trim_end()
            .to_string();
        attempt.mark_offered(key.blob());
        let user = attempt.user();
        let outcome = wire.drive(attempt.deadline(), |_| Step::from(agent.userauth(user, key)));
        match attempt.outcome_of_key(&name, outcome) {
            Offered::Refused => {}
            accepted_or_over => return Ok(accepted_or_over),
        }
    }
    if left_out > 0 {
        return Err(format!(
            "{left_out} of its keys were not offered, for servers end a connection after six refusals; \
             say with `key` in hosts.toml which one it is"
        ));
    }
    Ok(Offered::Refused)
}

/// Asks the agent something with a time-out, because the library asks without one.
fn answers(socket: &Path) -> io::Result<()> {
    let mut agent = UnixStream::connect(socket)?;
    agent.set_read_timeout(Some(PATIENCE))?;
    agent.set_write_timeout(Some(PATIENCE))?;
    agent.write_all(&REQUEST_IDENTITIES)?;
    let mut answer = [0; 5];
    agent.read_exact(&mut answer)?;
    if answer[4] == IDENTITIES_ANSWER {
        Ok(())
    } else {
        Err(io::Error::other("it refuses to list its keys"))
    }
}
