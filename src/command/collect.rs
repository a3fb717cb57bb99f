//! `collect`: telemetry from the hosts of hosts.toml, for hours or weeks.

mod check;
mod counting;
mod view;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use collector::campaign::{self, Bell, Board, Campaign, Reacher};
use collector::hosts::{self, Environment, HostsFile, Target};
use collector::ssh::{Limits, Lobby, Secret, SecretError, SecretStore, Secrets, Settings};

use self::counting::Counting;
use crate::cli::Collect;
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::interrupt::INTERRUPTED;
use crate::printer::Printer;

/// How often the log becomes a segment of the store.
const ROTATE_EVERY: Duration = Duration::from_secs(900);

/// Collects, or only checks, or only shows what would run.
pub fn run(flags: &Collect, folder: &Folder, printer: &Printer) -> Result<Outcome, Failure> {
    if flags.show_commands {
        printer.data(&collector::sampler::show_commands())?;
        printer.data(&collector::counters::show_questions())?;
        return Ok(Outcome::Done);
    }
    folder.assessment()?;
    let (targets, file) = targets(flags, folder, printer)?;
    let secrets = Arc::new(SecretStore::new(Some(Box::new(|request| {
        let answer = rpassword::prompt_password(format!("{request}: "));
        answer.map(Secret::new).map_err(|_| SecretError::NobodyToAsk {
            wanted: request.to_string(),
        })
    }))));
    let accept_new = flags.accept_new.clone().map(at_home);
    let reacher = Reacher {
        settings: Settings {
            accept_new: accept_new.clone(),
            ..Settings::default()
        },
        secrets: &*secrets,
        lobby: Lobby::new(Limits::default()),
    };
    if flags.check {
        return check::run(&targets, &reacher, printer);
    }
    let now_ms = now_ms();
    let until_ms = flags
        .time
        .and_then(|time| now_ms.checked_add(i64::try_from(time.as_millis()).ok()?));
    let mut notes = vec![format!("{} hosts of hosts.toml", targets.len())];
    if let Some(file) = &accept_new {
        notes.push(format!(
            "keys of unknown hosts were accepted and written to {} (--accept-new)",
            file.display()
        ));
    }
    let campaign = Campaign {
        telemetry: folder.path("telemetry"),
        until_ms,
        rotate_every: ROTATE_EVERY,
        notes,
        targets,
    };
    let tick_ms = |target: &Target| i64::try_from(target.tick.as_millis()).unwrap_or(i64::MAX);
    let board = Board::new(
        campaign
            .targets
            .iter()
            .map(|target| (target.name.clone(), tick_ms(target))),
    );
    let counting = Counting::new(folder.path("inventory"), printer);
    let all_secrets: Arc<dyn Secrets> = secrets.clone();
    let asides = counting.asides(&file, &all_secrets);
    let bell = Bell::new();
    let done = Bell::new();
    let summary = std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut view = view::View::new(printer, until_ms);
            let mut keeper = counting.keeper();
            while !done.wait(Duration::from_millis(200)) {
                if INTERRUPTED.load(Ordering::Relaxed) && !bell.has_rung() {
                    bell.ring();
                    reacher.lobby.close();
                }
                view.show(&board.lines());
                keeper.keep(printer);
            }
            keeper.finish(printer);
            view.finish(&board.lines());
        });
        let summary = campaign::run(&campaign, &reacher, &asides, &board, &bell);
        done.ring();
        // The view prints only; if it panicked, the telemetry is there all the same.
        let _ = watching.join();
        summary
    })
    .map_err(|error| {
        let hint = error.hint().map(str::to_string);
        with_hint(Failure::user(error), hint)
    })?;
    if summary.recovered > 0 {
        printer.note(&format!(
            "took in {} logs that a killed collector had left",
            summary.recovered
        ));
    }
    let rows = summary.origin.rows.get("host").copied().unwrap_or(0);
    printer.note(&format!(
        "collected {rows} rows of table host into {}",
        campaign.telemetry.display()
    ));
    view::outcome(&board.lines(), printer)
}

fn targets(flags: &Collect, folder: &Folder, printer: &Printer) -> Result<(Vec<Target>, HostsFile), Failure> {
    let path = flags.hosts.clone().unwrap_or_else(|| folder.path("hosts.toml"));
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
    let mut chosen: Vec<Target> = hosts::select(&file.targets, &flags.only).into_iter().cloned().collect();
    if chosen.is_empty() {
        return Err(
            Failure::user(anyhow::anyhow!("`{}` names no host to collect from", path.display()))
                .hint("add `[[hosts]]` with `name` and `address`; docs/hosts.md has examples"),
        );
    }
    for target in &mut chosen {
        target.interval = flags.every.unwrap_or(target.interval);
        target.tick = flags.tick.unwrap_or(target.tick).min(target.interval);
    }
    Ok((chosen, file))
}

fn with_hint(failure: Failure, hint: Option<String>) -> Failure {
    match hint {
        Some(hint) => failure.hint(&hint),
        None => failure,
    }
}

fn at_home(path: PathBuf) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => path,
    }
}

fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
