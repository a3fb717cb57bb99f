//! `collect`: telemetry from the hosts of hosts.toml, for hours or weeks.

mod check;
mod counting;
mod lean;
mod view;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use collector::campaign::{self, Aside, Bell, Board, Campaign};
use collector::discovery::flows::ConnectionsAside;
use collector::discovery::process_groups::ProcessGroups;
use collector::hosts::Target;
use collector::ssh::Secrets;

use self::counting::Counting;
use super::reach;
use crate::cli::Collect;
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::interrupt::INTERRUPTED;
use crate::printer::Printer;

/// Columns that tables are made for; what is longer stands in several lines.
const WIDTH: u16 = 100;
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
    let (mut targets, file) = reach::targets(flags.hosts.as_ref(), &flags.only, folder, printer)?;
    for target in &mut targets {
        target.respace(flags.every, flags.tick).map_err(|error| {
            Failure::user(error).hint("give `--every` and `--tick` such as 60s and 10s, or say it in hosts.toml")
        })?;
    }
    if !flags.check {
        lean::restart_for(targets.len());
    }
    let secrets = Arc::new(reach::asking());
    let accept_new = flags.accept_new.clone().map(reach::at_home);
    let reacher = reach::reacher(accept_new.clone(), &secrets);
    if flags.check {
        return check::run(&targets, &reacher, printer);
    }
    let groups = ProcessGroups::new(folder.fingerprints()?);
    // A small heap for each host's thread: in huge pages it takes 3 MiB instead of 0.4. Harmless where it is refused.
    let _ = nix::sys::prctl::set_thp_disable(true);
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
    let counters = counting.asides(&file, &all_secrets);
    let bell = Bell::new();
    let done = Bell::new();
    let summary = std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut view = view::View::new(printer, until_ms);
            let mut turn: u32 = 0;
            let mut keeper = counting.keeper();
            while !done.wait(Duration::from_millis(200)) {
                if INTERRUPTED.load(Ordering::Relaxed) && !bell.has_rung() {
                    bell.ring();
                    reacher.lobby.close();
                }
                // Only a person at a terminal wants to see five pictures a second; they cost a copy of the board each.
                if printer.shows_progress() || turn.is_multiple_of(5) {
                    view.show(&board.lines());
                }
                turn = turn.wrapping_add(1);
                keeper.keep(printer);
            }
            keeper.finish(printer);
            view.finish(&board.lines());
        });
        let asides = |target: &Target| {
            let mut all = asides(target, &groups);
            all.extend(counters(target));
            all
        };
        let summary = campaign::run(&campaign, &reacher, &asides, &board, &bell);
        done.ring();
        // The view prints only; if it panicked, the telemetry is there all the same.
        let _ = watching.join();
        summary
    })
    .map_err(|error| {
        let hint = error.hint().map(str::to_string);
        reach::with_hint(Failure::user(error), hint)
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

/// Makes what is asked of a host beside its counters.
fn asides(target: &Target, groups: &ProcessGroups) -> Vec<Box<dyn Aside>> {
    let mut asides: Vec<Box<dyn Aside>> = Vec::new();
    if let Some(every) = target.connections {
        asides.push(Box::new(ConnectionsAside::every(every)));
    }
    if let Some(every) = target.processes {
        asides.push(groups.aside(&target.name, every));
    }
    asides
}

pub(super) fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
