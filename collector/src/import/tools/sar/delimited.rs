//! `sadf -d`: rows of `host;interval;time;…`, under headers that begin with `#`.

use std::collections::HashMap;

use super::super::open::Lines;
use super::super::parsed::Parsed;
use super::super::{Options, when};
use super::numbers::number;
use super::record::{Columns, Interval, MOST_WANTED, Numbers, Recorder, Section};
use super::text::cpus_in_parentheses;
use crate::import::error::{ImportError, RowPlace, shown};

/// Reads a whole file.
pub(super) fn read(lines: &mut Lines, options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let path = options.path;
    let mut columns: Option<Columns> = None;
    let mut recorder: Option<(String, Recorder<'_>)> = None;
    let mut parsed = Some(parsed);
    let mut times: HashMap<Vec<u8>, i64> = HashMap::new();
    while let Some(line) = lines.next()? {
        if line.is_empty() {
            continue;
        }
        if line[0] == b'#' {
            let text = String::from_utf8_lossy(line).into_owned();
            let names: Vec<&str> = text.trim_start_matches('#').trim().split(';').skip(3).collect();
            columns = Columns::of(&names);
            if let Some((_, recorder)) = &mut recorder {
                recorder.end_block();
                if columns.is_none() {
                    recorder.parsed.unused(&format!("section {}", names.join(" ")));
                }
            }
            continue;
        }
        let (number_of_line, is_complete) = (lines.number, lines.is_complete);
        let line = lines.current();
        let place = RowPlace {
            row: number_of_line,
            line: Some(number_of_line),
        };
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b';').collect();
        if fields.len() < 4 {
            if !is_complete && let Some((_, recorder)) = &mut recorder {
                recorder.parsed.leave_out("last line, which is cut off");
                continue;
            }
            return Err(ImportError::BadRow {
                path: path.to_path_buf(),
                place,
                found: format!("`{}`", shown(&String::from_utf8_lossy(line))),
                expected: "`HOST;INTERVAL;TIME;…` as `sadf -d` writes it".to_string(),
            });
        }
        let name = String::from_utf8_lossy(fields[0]);
        let name = options.host.unwrap_or(&name);
        if recorder.as_ref().is_none_or(|(known, _)| known != name) {
            match (&mut recorder, parsed.take()) {
                (Some((known, recorder)), _) => {
                    recorder.end_block();
                    recorder.cores = options.vcpus;
                    recorder.host = recorder.parsed.host(name);
                    *known = name.to_string();
                }
                (None, Some(parsed)) => {
                    let host = parsed.host(name);
                    let mut started = Recorder::new(parsed, host, options.cache_is_available);
                    started.cores = options.vcpus;
                    recorder = Some((name.to_string(), started));
                }
                (None, None) => {}
            }
        }
        let Some((_, recorder)) = &mut recorder else { continue };
        if fields[3].starts_with(b"LINUX-RESTART") {
            recorder.end_block();
            if options.vcpus.is_none() {
                let stated = cpus_in_parentheses(&String::from_utf8_lossy(fields[3]));
                recorder.cores = stated.or(recorder.cores);
            }
            continue;
        }
        if fields[3].starts_with(b"COM ") || fields[3] == b"COM" {
            continue;
        }
        let Some(columns) = &columns else { continue };
        let bad = |column: &str, value: &[u8], expected: &str| ImportError::BadValue {
            path: path.to_path_buf(),
            place,
            column: column.to_string(),
            value: shown(&String::from_utf8_lossy(value)),
            expected: expected.to_string(),
        };
        let at_ms = match times.get(fields[2]) {
            Some(&at) => at,
            None => {
                let text = String::from_utf8_lossy(fields[2]);
                let epoch = text.trim().parse::<f64>().ok().and_then(when::seconds);
                let at = epoch
                    .or_else(|| when::iso(&text, options.zone))
                    .ok_or_else(|| bad("timestamp", fields[2], when::EXPECTED))?;
                times.insert(fields[2].to_vec(), at);
                at
            }
        };
        let seconds = number(fields[1]).ok_or_else(|| bad("interval", fields[1], "a number of seconds"))?;
        let interval = Interval {
            at_ms,
            seconds: if seconds > 0.0 { seconds } else { f64::NAN },
        };
        let row = &fields[3..];
        recorder.parsed.rows_read += 1;
        if row.len() != columns.count {
            if !is_complete {
                recorder.parsed.leave_out("last line, which is cut off");
                continue;
            }
            return Err(ImportError::BadRow {
                path: path.to_path_buf(),
                place,
                found: format!("a row of {} fields after the time", row.len()),
                expected: format!("{} fields: {}", columns.count, columns.names.join(";")),
            });
        }
        let item = columns.item.map_or(&b""[..], |position| row[position]);
        if columns.section == Section::Cpu && item != b"-1" && item != b"all" {
            recorder.one_cpu(interval);
            continue;
        }
        let mut numbers: Numbers = [f64::NAN; MOST_WANTED];
        for (at, position) in numbers.iter_mut().zip(&columns.wanted) {
            if let Some(position) = *position {
                *at = number(row[position])
                    .ok_or_else(|| bad(&columns.names[position], row[position], "a number such as `12.50`"))?;
            }
        }
        recorder.row(columns.section, &String::from_utf8_lossy(item), interval, &numbers);
    }
    if let Some((_, recorder)) = &mut recorder {
        recorder.end_block();
    }
    Ok(())
}
