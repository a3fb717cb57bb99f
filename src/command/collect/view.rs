//! How a campaign is shown: a line that is drawn over on a terminal, lines now and then elsewhere, events as JSON.

use std::time::{Duration, Instant};

use collector::campaign::{HostLine, Standing};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use telemetry::untrusted::for_terminal;

use super::now_ms;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::printer::Printer;
use crate::table::Table;

/// Time between two lines where no terminal is.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// Shows a running campaign.
pub struct View<'a> {
    printer: &'a Printer,
    bar: ProgressBar,
    until_ms: Option<i64>,
    begun: Instant,
    said: Instant,
    known: Vec<(Standing, Option<String>)>,
}

/// What the hosts are doing, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    up: usize,
    lagging: usize,
    down: usize,
    stopped: usize,
    waiting: usize,
    readings: u64,
}

fn count(lines: &[HostLine], now_ms: i64) -> Counts {
    let mut counts = Counts::default();
    for line in lines {
        counts.readings += line.readings;
        match line.standing {
            Standing::Up if line.lags(now_ms) => counts.lagging += 1,
            Standing::Up => counts.up += 1,
            Standing::Down => counts.down += 1,
            Standing::Stopped => counts.stopped += 1,
            Standing::Waiting => counts.waiting += 1,
        }
    }
    counts
}

impl<'a> View<'a> {
    pub fn new(printer: &'a Printer, until_ms: Option<i64>) -> Self {
        let target = if printer.shows_progress() {
            ProgressDrawTarget::stderr_with_hz(5)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        Self {
            printer,
            // The template is ours; one that did not parse would only look plainer.
            bar: match ProgressStyle::with_template("{spinner} {wide_msg}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            },
            until_ms,
            begun: Instant::now(),
            said: Instant::now(),
            known: Vec::new(),
        }
    }

    /// Shows the hosts as they stand now.
    pub fn show(&mut self, lines: &[HostLine]) {
        self.say_changes(lines);
        let now = now_ms();
        let counts = count(lines, now);
        let text = self.line(&counts, now);
        if self.printer.shows_progress() {
            self.bar.set_message(text.clone());
            self.bar.tick();
        } else if self.said.elapsed() >= SAY_EVERY {
            self.said = Instant::now();
            self.printer.note(&text);
        }
    }

    /// Ends the view.
    pub fn finish(&mut self, lines: &[HostLine]) {
        self.say_changes(lines);
        self.bar.finish_and_clear();
        let counts = count(lines, now_ms());
        self.printer.note(&self.line(&counts, now_ms()));
    }

    fn line(&self, counts: &Counts, now_ms: i64) -> String {
        let rate = counts.readings as f64 / self.begun.elapsed().as_secs_f64().max(1.0);
        let left = self.until_ms.map_or(String::new(), |until| {
            let seconds = u64::try_from((until - now_ms) / 1000).unwrap_or(0);
            format!(", {} left", spoken(Duration::from_secs(seconds)))
        });
        format!(
            "{} up, {} lagging, {} down, {} given up, {} connecting; {} readings, {rate:.1}/s{left}",
            counts.up, counts.lagging, counts.down, counts.stopped, counts.waiting, counts.readings
        )
    }

    /// Says which hosts came or went since the last look.
    fn say_changes(&mut self, lines: &[HostLine]) {
        self.known.resize(lines.len(), (Standing::Waiting, None));
        for (line, known) in lines.iter().zip(&mut self.known) {
            let now = (line.standing, line.trouble.clone());
            if *known == now {
                continue;
            }
            let words = match line.standing {
                Standing::Up => "up",
                Standing::Down => "down",
                Standing::Stopped => "given up",
                Standing::Waiting => "connecting",
            };
            let trouble = line.trouble.as_deref().unwrap_or_default();
            if self.printer.format() == Format::Json {
                let event = serde_json::json!({
                    "at_ms": now_ms(), "host": line.name, "state": words, "trouble": line.trouble, "hint": line.hint,
                });
                // A reader that went away is noticed when the campaign ends.
                let _ = self.printer.data(&format!("{event}\n"));
            } else if line.standing != Standing::Up || known.0 == Standing::Down {
                let text = format!("{} is {words}: {}", for_terminal(&line.name), for_terminal(trouble));
                let text = text.trim_end_matches([':', ' ']).to_string();
                self.bar.suspend(|| match line.standing {
                    Standing::Down | Standing::Stopped => self.printer.warning(&text),
                    _ => self.printer.note(&text),
                });
            }
            *known = now;
        }
    }
}

fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Lists the hosts that failed, and ends accordingly.
pub fn outcome(lines: &[HostLine], printer: &Printer) -> Result<Outcome, Failure> {
    let failed: Vec<&HostLine> = lines.iter().filter(|line| line.standing != Standing::Up).collect();
    if failed.is_empty() {
        return Ok(Outcome::Done);
    }
    if printer.format() != Format::Json {
        let mut table = Table::new(&["host", "#readings", "trouble", "hint"]);
        for line in &failed {
            table.row(vec![
                line.name.clone(),
                line.readings.to_string(),
                line.trouble
                    .clone()
                    .unwrap_or_else(|| "was not reached in time".to_string()),
                line.hint.clone().unwrap_or_default(),
            ]);
        }
        printer.data(&table.render_within(printer.format(), super::WIDTH))?;
    }
    Ok(Outcome::Partly)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_up_and_silent_lags() {
        let line = |standing, last| HostLine {
            standing,
            last_at_ms: Some(last),
            tick_ms: 10_000,
            readings: 2,
            ..HostLine::default()
        };
        let lines = [
            line(Standing::Up, 95_000),
            line(Standing::Up, 60_000),
            line(Standing::Down, 0),
        ];
        let counts = count(&lines, 100_000);
        assert_eq!((counts.up, counts.lagging, counts.down, counts.readings), (1, 1, 1, 6));
        assert_eq!(spoken(Duration::from_secs(14 * 86_400)), "14 days");
    }
}
