//! Text of `sar`, in any of its layouts: sections of rows, each under a header with the time before its first row.

use std::collections::HashMap;

use jiff::civil::Date;

use super::super::open::Lines;
use super::super::parsed::Parsed;
use super::super::{Options, when};
use super::numbers::number;
use super::record::{Columns, Interval, MOST_WANTED, Numbers, Recorder, Section};
use crate::import::error::{ImportError, RowPlace, shown};

/// Most fields of a row that are looked at; `-I ALL` on large machines has more, and is not used.
const MOST_FIELDS: usize = 48;
/// A step back of more than this is midnight, not a clock that was set.
const HALF_A_DAY_S: i64 = 43_200;

/// Reads a report, or several one after the other.
pub(super) fn read(lines: &mut Lines, options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let mut report = Report {
        options,
        host: None,
        date: None,
        times: HashMap::new(),
        columns: None,
        since: None,
        last: None,
        ends: HashMap::new(),
    };
    let path = options.path.to_path_buf();
    let mut recorder: Option<Recorder<'_>> = None;
    let mut expects_header = true;
    // The borrow of `parsed` moves into the recorder of the first report.
    let mut parsed = Some(parsed);
    while let Some(line) = lines.next()? {
        if line.is_empty() {
            expects_header = true;
            continue;
        }
        if report.columns.is_none() && !expects_header {
            continue;
        }
        let first = line[0];
        if first == b'L' && line.starts_with(b"Linux ") {
            let text = String::from_utf8_lossy(line).into_owned();
            let number = lines.number;
            let bad = |expected: &str| ImportError::BadRow {
                path: path.clone(),
                place: place(number),
                found: format!("the report begins with `{}`", shown(&text)),
                expected: expected.to_string(),
            };
            let head = Head::parse(&text, options.day_of_file())
                .ok_or_else(|| bad("`Linux RELEASE (HOST) DATE ARCHITECTURE (N CPU)`"))?;
            let name = options.host.unwrap_or(&head.host).to_string();
            if let Some(recorder) = &mut recorder {
                recorder.end_block();
                recorder.host = recorder.parsed.host(&name);
            }
            if let Some(parsed) = parsed.take() {
                let host = parsed.host(&name);
                recorder = Some(Recorder::new(parsed, host, options.cache_is_available));
            }
            if let Some(recorder) = &mut recorder {
                recorder.cores = options.vcpus.or(head.cores);
                recorder.parsed.fact(recorder.host, "kernel.release", "", &head.release);
                recorder
                    .parsed
                    .fact(recorder.host, "machine.architecture", "", &head.architecture);
                if head.is_guessed {
                    recorder.parsed.note(format!(
                        "the date `{}` was read month first, as sar writes it in the C locale",
                        head.date
                    ));
                }
            }
            report.begin(head);
            expects_header = true;
            continue;
        }
        // `Average:` and `Summary:` in any language.
        if !first.is_ascii_digit() {
            if report.host.is_none() {
                let text = String::from_utf8_lossy(line).into_owned();
                return Err(ImportError::BadRow {
                    path,
                    place: place(lines.number),
                    found: format!("the report begins with `{}`", shown(&text)),
                    expected: "`Linux RELEASE (HOST) DATE …`, which sar writes first".to_string(),
                });
            }
            report.columns = None;
            expects_header = false;
            continue;
        }
        let Some(recorder) = &mut recorder else {
            return Err(ImportError::BadRow {
                path,
                place: place(lines.number),
                found: "rows stand before the line that names host and date".to_string(),
                expected: "`Linux RELEASE (HOST) DATE …`, which sar writes first".to_string(),
            });
        };
        let (number, is_complete) = (lines.number, lines.is_complete);
        // A second borrow of the line, since `lines` gave it before its number was read.
        let line = lines.current();
        let mut fields = [&line[..0]; MOST_FIELDS];
        let mut count = 0;
        for field in line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()) {
            if count < MOST_FIELDS {
                fields[count] = field;
            }
            count += 1;
        }
        let known = &fields[..count.min(MOST_FIELDS)];
        let half = known
            .get(1)
            .filter(|half| matches!(**half, b"AM" | b"PM" | b"am" | b"pm"));
        let skipped = 1 + usize::from(half.is_some());
        if expects_header {
            if known
                .iter()
                .any(|field| field.windows(7).any(|part| part == b"RESTART"))
            {
                recorder.end_block();
                if let (Some(cores), None) = (cpus_in_parentheses(&String::from_utf8_lossy(line)), options.vcpus) {
                    recorder.cores = Some(cores);
                }
                continue;
            }
            if known.get(skipped) == Some(&&b"COM"[..]) {
                continue;
            }
            expects_header = false;
            recorder.end_block();
            let names: Vec<&str> = known[skipped..]
                .iter()
                .filter_map(|name| std::str::from_utf8(name).ok())
                .collect();
            report.columns = (count <= MOST_FIELDS).then(|| Columns::of(&names)).flatten();
            match &report.columns {
                Some(columns) => {
                    let section = columns.section;
                    report.start_section(section, known[0], half.copied());
                }
                None => recorder.parsed.unused(&format!("section {}", names.join(" "))),
            }
            continue;
        }
        let Some(columns) = report.columns.take() else { continue };
        let interval = report
            .interval(columns.section, known[0], half.copied())
            .ok_or_else(|| ImportError::BadValue {
                path: path.clone(),
                place: place(number),
                column: "time".to_string(),
                value: shown(&String::from_utf8_lossy(known[0])),
                expected: "a time of day that the time zone has".to_string(),
            })?;
        recorder.parsed.rows_read += 1;
        let row = &known[skipped.min(known.len())..];
        let outcome = take_row(recorder, &columns, row, count - skipped, interval);
        match outcome {
            Ok(()) => {}
            // A report that was cut off ends within a row.
            Err(_) if !is_complete => recorder.parsed.leave_out("last line, which is cut off"),
            Err(Wrong::Count) => {
                return Err(ImportError::BadRow {
                    path,
                    place: place(number),
                    found: format!("a row of {} fields", count - skipped),
                    expected: format!("{} fields: {}", columns.count, columns.names.join(" ")),
                });
            }
            Err(Wrong::Value(position)) => {
                return Err(ImportError::BadValue {
                    path,
                    place: place(number),
                    column: columns.names[position].clone(),
                    value: shown(&String::from_utf8_lossy(row[position])),
                    expected: "a number such as `12.50`".to_string(),
                });
            }
        }
        report.columns = Some(columns);
    }
    if let Some(recorder) = &mut recorder {
        recorder.end_block();
    }
    Ok(())
}

fn place(line: u64) -> RowPlace {
    RowPlace {
        row: line,
        line: Some(line),
    }
}

/// What is wrong with a row.
enum Wrong {
    Count,
    Value(usize),
}

fn take_row(
    recorder: &mut Recorder<'_>,
    columns: &Columns,
    row: &[&[u8]],
    count: usize,
    interval: Interval,
) -> Result<(), Wrong> {
    if count != columns.count {
        return Err(Wrong::Count);
    }
    let item = columns.item.map_or(&b""[..], |position| row[position]);
    if columns.section == Section::Cpu && item != b"all" {
        recorder.one_cpu(interval);
        return Ok(());
    }
    let mut numbers: Numbers = [f64::NAN; MOST_WANTED];
    for (number_at, position) in numbers.iter_mut().zip(&columns.wanted) {
        if let Some(position) = *position {
            *number_at = number(row[position]).ok_or(Wrong::Value(position))?;
        }
    }
    let item = String::from_utf8_lossy(item);
    recorder.row(columns.section, &item, interval, &numbers);
    Ok(())
}

/// The first line of a report.
struct Head {
    release: String,
    host: String,
    date: String,
    day: Date,
    is_guessed: bool,
    architecture: String,
    cores: Option<f64>,
}

impl Head {
    /// Reads `Linux 3.10.0-327.el7.x86_64 (name) 03/28/16 _x86_64_ (48 CPU)`, with tabs in between.
    fn parse(text: &str, day: Option<i8>) -> Option<Self> {
        let (release, rest) = text.strip_prefix("Linux ")?.split_once(" (")?;
        let (host, rest) = rest.split_once(')')?;
        let mut words = rest.split_ascii_whitespace();
        let date = words.next()?.to_string();
        let (read, is_guessed) = when::date(&date, day)?;
        let architecture = words
            .next()
            .and_then(|word| word.strip_prefix('_')?.strip_suffix('_'))
            .unwrap_or_default();
        (!host.is_empty()).then(|| Self {
            release: release.to_string(),
            host: host.to_string(),
            day: read,
            date,
            is_guessed,
            architecture: architecture.to_string(),
            cores: cpus_in_parentheses(rest),
        })
    }
}

/// Reads the number of `… (48 CPU)`.
pub(super) fn cpus_in_parentheses(text: &str) -> Option<f64> {
    let (before, _) = text.rsplit_once(" CPU)")?;
    let number = before.rsplit_once('(')?.1;
    number.parse::<u32>().ok().map(f64::from)
}

/// Where the reader stands in a report.
struct Report<'o> {
    options: &'o Options<'o>,
    host: Option<String>,
    date: Option<Date>,
    /// Times of day that were read, with the days after the date.
    times: HashMap<(Vec<u8>, i64), i64>,
    columns: Option<Columns>,
    /// Time of the header or of the row before.
    since: Option<i64>,
    /// Time of the row that was read last, as written.
    last: Option<(Vec<u8>, Interval)>,
    /// Where each section stood when it ended: seconds of the day, and days after the date.
    ends: HashMap<Section, (i64, i64)>,
}

impl Report<'_> {
    fn begin(&mut self, head: Head) {
        self.date = Some(head.day);
        self.host = Some(head.host);
        self.times.clear();
        self.ends.clear();
        self.columns = None;
        self.since = None;
        self.last = None;
    }

    /// Starts a section at the time of its header; the same section going on keeps its day.
    fn start_section(&mut self, section: Section, time: &[u8], half: Option<&[u8]>) {
        let day = match (self.ends.get(&section), seconds_of_day(time, half)) {
            (Some(&(end, day)), Some(start)) if start == end => day,
            // A pause over midnight, such as after a restart.
            (Some(&(end, day)), Some(start)) if end - start > HALF_A_DAY_S => day + 1,
            (Some(&(end, day)), Some(start)) if start > end => day,
            _ => 0,
        };
        if let Some(start) = seconds_of_day(time, half) {
            self.ends.insert(section, (start, day));
        }
        self.since = self.at(time, half, day);
        self.last = None;
    }

    fn interval(&mut self, section: Section, time: &[u8], half: Option<&[u8]>) -> Option<Interval> {
        if let Some((text, interval)) = &self.last
            && text == time
            && half.is_none()
        {
            return Some(*interval);
        }
        let seconds = seconds_of_day(time, half)?;
        let (before, mut day) = self.ends.get(&section).copied().unwrap_or((seconds, 0));
        if before - seconds > HALF_A_DAY_S {
            day += 1;
        }
        self.ends.insert(section, (seconds, day));
        let at_ms = self.at(time, half, day)?;
        let interval = match (&self.last, self.since) {
            (Some((_, last)), _) if last.at_ms == at_ms => *last,
            (last, since) => {
                let since = last.as_ref().map(|(_, last)| last.at_ms).or(since);
                let seconds = since.map_or(f64::NAN, |since| (at_ms - since) as f64 / 1000.0);
                Interval {
                    at_ms,
                    seconds: if seconds > 0.0 { seconds } else { f64::NAN },
                }
            }
        };
        self.last = Some((time.to_vec(), interval));
        Some(interval)
    }

    fn at(&mut self, time: &[u8], half: Option<&[u8]>, day: i64) -> Option<i64> {
        let mut key = time.to_vec();
        key.extend_from_slice(half.unwrap_or_default());
        if let Some(&at) = self.times.get(&(key.clone(), day)) {
            return Some(at);
        }
        let half = half.and_then(|half| std::str::from_utf8(half).ok());
        let time = when::time_of_day(std::str::from_utf8(time).ok()?, half)?;
        let date = self.date?.checked_add(jiff::Span::new().days(day)).ok()?;
        let at = when::local(date.to_datetime(time), self.options.zone)?;
        self.times.insert((key, day), at);
        Some(at)
    }
}

fn seconds_of_day(time: &[u8], half: Option<&[u8]>) -> Option<i64> {
    let half = half.and_then(|half| std::str::from_utf8(half).ok());
    let time = when::time_of_day(std::str::from_utf8(time).ok()?, half)?;
    Some(i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second()))
}
