//! How commands reach the hosts of hosts.toml: whom, with which secrets, many at a time.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use collector::campaign::{Bell, Reacher};
use collector::hosts::{self, Environment, HostsFile, Target};
use collector::ssh::{Limits, Lobby, Secret, SecretError, SecretStore, Settings};

use crate::failure::Failure;
use crate::folder::Folder;
use crate::interrupt;
use crate::printer::Printer;
use crate::progress;

/// Hosts that are tried at the same time.
const AT_ONCE: usize = 16;

/// Reads hosts.toml, or the file given, and chooses hosts by the patterns; gives them and the whole file.
pub fn targets(
    hosts: Option<&PathBuf>,
    only: &[String],
    folder: &Folder,
    printer: &Printer,
) -> Result<(Vec<Target>, HostsFile), Failure> {
    let path = hosts.cloned().unwrap_or_else(|| folder.path("hosts.toml"));
    let environment = Environment::of_this_process();
    let file = HostsFile::with_warnings(&path, &environment).map_err(|error| {
        let hint = error.hint();
        with_hint(Failure::user(error), hint)
    })?;
    for warning in &file.warnings {
        printer.warning(&warning.to_string());
        if let Some(hint) = warning.hint() {
            printer.hint(&hint);
        }
    }
    if let Some(idle) = hosts::idle_pattern(&file.targets, only) {
        let hint = idle.hint();
        return Err(with_hint(Failure::user(idle), hint));
    }
    let chosen: Vec<Target> = hosts::select(&file.targets, only).into_iter().cloned().collect();
    if chosen.is_empty() {
        return Err(
            Failure::user(anyhow::anyhow!("`{}` names no host to collect from", path.display()))
                .hint("add `[[hosts]]` with `name` and `address`; docs/hosts.md has examples"),
        );
    }
    Ok((chosen, file))
}

/// Gives the store of secrets that asks the user at the terminal.
pub fn asking() -> SecretStore {
    SecretStore::new(Some(Box::new(|request| {
        let answer = rpassword::prompt_password(format!("{request}: "));
        answer.map(Secret::new).map_err(|_| SecretError::NobodyToAsk {
            wanted: request.to_string(),
        })
    })))
}

/// Gives the way to the hosts.
pub fn reacher(accept_new: Option<PathBuf>, secrets: &SecretStore) -> Reacher<'_> {
    Reacher {
        settings: Settings {
            accept_new,
            ..Settings::default()
        },
        secrets,
        lobby: Lobby::new(Limits::default()),
    }
}

/// Does something with every host, several at a time; gives what came of it in the order of the hosts.
pub fn each<T: Send>(
    targets: &[Target],
    reacher: &Reacher<'_>,
    printer: &Printer,
    look: &(dyn Fn(&Target) -> T + Sync),
) -> Result<Vec<T>, Failure> {
    let bar = progress::bar(printer, targets.len() as u64, "trying", "hosts");
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::new());
    let done = Bell::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.wait(Duration::from_millis(200)) {
                if interrupt::check().is_err() {
                    reacher.lobby.close();
                    break;
                }
            }
        });
        let workers: Vec<_> = (0..AT_ONCE.min(targets.len()))
            .map(|_| {
                scope.spawn(|| {
                    while let Some((index, target)) = {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        targets.get(index).map(|target| (index, target))
                    } {
                        if interrupt::check().is_err() {
                            break;
                        }
                        let one = look(target);
                        bar.inc(1);
                        if let Ok(mut found) = found.lock() {
                            found.push((index, one));
                        }
                    }
                })
            })
            .collect();
        for worker in workers {
            // A panic is a bug; it goes on in this thread.
            if let Err(panic) = worker.join() {
                done.ring();
                std::panic::resume_unwind(panic);
            }
        }
        done.ring();
    });
    bar.finish_and_clear();
    interrupt::check()?;
    let mut found = found.into_inner().unwrap_or_default();
    found.sort_by_key(|(index, _)| *index);
    Ok(found.into_iter().map(|(_, one)| one).collect())
}

/// Adds a hint where there is one.
pub fn with_hint(failure: Failure, hint: Option<String>) -> Failure {
    match hint {
        Some(hint) => failure.hint(&hint),
        None => failure,
    }
}

/// Puts the user's folder in place of a leading `~`.
pub fn at_home(path: PathBuf) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => path,
    }
}
