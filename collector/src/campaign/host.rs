//! One host's thread: connects, reads on schedule, waits after failures, until told to stop.

use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::aside::MakeAsides;
use super::bell::Bell;
use super::board::{Board, Standing};
use super::feed::{Feed, Opener, Trouble, lines};
use super::patience::Patience;
use super::schedule::Schedule;
use super::writer::{Message, Note};
use crate::hosts::Target;
use crate::kernel::Layout;

/// Time between two looks at the file systems.
const FILESYSTEMS_EVERY: Duration = Duration::from_secs(900);
/// Time between two looks at what the host is built of.
const LAYOUT_EVERY: Duration = Duration::from_secs(3600);

/// What all host threads share.
pub(super) struct Shared<'a> {
    pub(super) opener: &'a dyn Opener,
    pub(super) board: &'a Board,
    pub(super) stop: &'a Bell,
    /// When to end by itself, UTC milliseconds.
    pub(super) until_ms: Option<i64>,
    /// Makes what is asked beside the counters.
    pub(super) asides: &'a MakeAsides<'a>,
}

/// When the file systems of a host are asked for their sizes.
#[derive(Debug, Default)]
struct Sizes {
    asked: Option<Instant>,
    /// The last question was not answered: a file system hangs, which must not cost the host's other telemetry twice.
    hung: bool,
}

impl Sizes {
    fn are_due(&self) -> bool {
        !self.hung && self.asked.is_none_or(|at| at.elapsed() >= FILESYSTEMS_EVERY)
    }
}

/// Collects one host until the campaign ends or the host is given up.
pub(super) fn collect(index: usize, target: &Target, shared: &Shared<'_>, log: &SyncSender<Message>) {
    let mut patience = Patience::default();
    let mut sizes = Sizes::default();
    while !shared.over() {
        let mut up_since = None;
        let ended = shared.opener.visit(target, &mut |feed| {
            up_since = Some(Instant::now());
            read_on(index, target, feed, &mut sizes, shared, log)
        });
        let Err(trouble) = ended else { break };
        let held = up_since.map_or(Duration::ZERO, |since| since.elapsed());
        let wait = patience.after_failure(trouble.remedy, held, rand::random());
        shared.board.change(index, |line| {
            line.standing = if wait.is_some() {
                Standing::Down
            } else {
                Standing::Stopped
            };
            line.trouble = Some(trouble.message.clone());
            line.hint.clone_from(&trouble.hint);
        });
        note(
            log,
            index,
            Note::Lost {
                message: trouble.message,
            },
        );
        match wait {
            Some(wait) => shared.sleep_until(now_ms() + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 2)),
            None => break,
        }
    }
}

fn read_on(
    index: usize,
    target: &Target,
    feed: &mut dyn Feed,
    sizes: &mut Sizes,
    shared: &Shared<'_>,
    log: &SyncSender<Message>,
) -> Result<(), Trouble> {
    let schedule = Schedule::new(&target.name, target.interval, target.tick);
    let mut layout = feed.layout()?;
    let mut layout_at = Instant::now();
    let mut complained: Vec<String> = Vec::new();
    let opened = feed.opened_by();
    note(
        log,
        index,
        Note::Connected {
            server: opened.server,
            accepted_host_key: opened.accepted_host_key,
            unreadable: layout.unreadable.clone(),
            clock_skew_ms: skew_ms(&layout),
        },
    );
    shared.board.change(index, |line| {
        line.standing = Standing::Up;
        line.trouble = None;
        line.hint = None;
    });
    if let Some(caveat) = layout.caveat() {
        complain(log, index, &mut complained, caveat);
    }
    let mut asides = (shared.asides)(target);
    // The first reading is taken at once, as the base of the first interval.
    let mut whole = true;
    loop {
        let parsed = feed.read(&layout, whole)?;
        let mut reading = parsed.reading;
        if sizes.are_due() {
            // Asked for before the answer is there: if it never comes, the host is not asked again in this run.
            sizes.hung = true;
            sizes.asked = Some(Instant::now());
            reading.filesystems = feed.filesystems(&layout)?;
            sizes.hung = false;
        }
        for line in lines(&parsed.complaints) {
            complain(log, index, &mut complained, line);
        }
        let at_ms = reading.at_ms;
        if log.send(Message::Reading { host: index, reading }).is_err() {
            return Ok(());
        }
        shared.board.change(index, |line| {
            line.readings += 1;
            line.last_at_ms = Some(at_ms);
        });
        for aside in asides.iter_mut().filter(|aside| aside.is_due(at_ms)) {
            for measured in aside.ask(feed, at_ms)? {
                if log.send(Message::Measured { host: index, measured }).is_err() {
                    return Ok(());
                }
            }
            for look in aside.looks() {
                if log.send(Message::Looked { host: index, look }).is_err() {
                    return Ok(());
                }
            }
            for line in aside.complaints() {
                complain(log, index, &mut complained, line);
            }
        }
        let due = schedule.after(now_ms());
        shared.sleep_until(due.at_ms);
        if shared.over() {
            return Ok(());
        }
        whole = due.whole;
        if layout_at.elapsed() >= LAYOUT_EVERY {
            layout_at = Instant::now();
            let fresh = feed.layout()?;
            if fresh.disks != layout.disks || fresh.interfaces != layout.interfaces {
                note(log, index, Note::LayoutChanged);
            }
            layout = fresh;
        }
    }
}

/// Notes a complaint the first time it is heard on this connection.
fn complain(log: &SyncSender<Message>, host: usize, heard: &mut Vec<String>, line: String) {
    if heard.len() < 100 && !heard.contains(&line) {
        heard.push(line.clone());
        note(log, host, Note::Complaint { message: line });
    }
}

/// Gives how far the host's clock is ahead of ours; only seconds are known of it.
fn skew_ms(layout: &Layout) -> Option<i64> {
    layout
        .clock_s
        .map(|seconds| seconds.saturating_mul(1000).saturating_sub(now_ms()))
}

fn note(log: &SyncSender<Message>, host: usize, note: Note) {
    // The writer is gone only when the campaign ends.
    let _ = log.send(Message::Note {
        host: Some(host),
        at_ms: now_ms(),
        note,
    });
}

impl Shared<'_> {
    /// Says whether the campaign is to end.
    pub(super) fn over(&self) -> bool {
        self.stop.has_rung() || self.until_ms.is_some_and(|until| now_ms() >= until)
    }

    fn sleep_until(&self, at_ms: i64) {
        let at_ms = self.until_ms.map_or(at_ms, |until| at_ms.min(until));
        let left = u64::try_from(at_ms - now_ms()).unwrap_or(0);
        self.stop.wait(Duration::from_millis(left));
    }
}

/// Gives the collector's wall clock, UTC milliseconds.
pub(super) fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
