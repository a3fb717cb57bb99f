//! `sadf -j` and `sadf -x`: the same tree of hosts, times and sections, once as JSON and once as XML.

use serde_json::{Map, Value};

use super::super::parsed::Parsed;
use super::super::{Options, when};
use super::record::{Interval, MOST_WANTED, Numbers, Recorder, Section};
use crate::import::error::{ImportError, RowPlace, shown};

/// Reads JSON.
pub(super) fn read_json(bytes: &[u8], options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let value: Value = serde_json::from_slice(bytes).map_err(|source| ImportError::Json {
        path: options.path.to_path_buf(),
        source,
    })?;
    let hosts = value["sysstat"]["hosts"]
        .as_array()
        .ok_or_else(|| not_sadf(options, "it has no `sysstat.hosts`"))?;
    for host in hosts {
        let times: &[Value] = host["statistics"].as_array().map_or(&[], Vec::as_slice);
        let mut reader = Reader::start(host, options, parsed)?;
        for (position, time) in times.iter().enumerate() {
            reader.time(position as u64 + 1, time)?;
        }
    }
    Ok(())
}

/// Says that a file is something else.
pub(super) fn not_sadf(options: &Options<'_>, found: &'static str) -> ImportError {
    ImportError::NoRows {
        path: options.path.to_path_buf(),
        found,
    }
}

/// Reads the times of one host.
pub(super) struct Reader<'p, 'o> {
    recorder: Recorder<'p>,
    options: &'o Options<'o>,
    /// Restarts that tell the CPUs from then on, in order.
    restarts: Vec<(i64, f64)>,
}

impl<'p, 'o> Reader<'p, 'o> {
    /// Starts with what the file says of the host.
    pub(super) fn start(head: &Value, options: &'o Options<'o>, parsed: &'p mut Parsed) -> Result<Self, ImportError> {
        let name = match (options.host, head["nodename"].as_str()) {
            (Some(name), _) => name,
            (None, Some(name)) if !name.is_empty() => name,
            _ => return Err(not_sadf(options, "does not say the host's name (`nodename`)")),
        };
        let host = parsed.host(name);
        for (key, fact) in [("release", "kernel.release"), ("machine", "machine.architecture")] {
            parsed.fact(host, fact, "", head[key].as_str().unwrap_or_default());
        }
        let mut recorder = Recorder::new(parsed, host, options.cache_is_available);
        recorder.cores = options.vcpus.or(as_number(&head["number-of-cpus"]));
        let mut restarts = Vec::new();
        for restart in head["restarts"].as_array().into_iter().flatten() {
            let boot = &restart["boot"];
            if let (Some(at), Some(cores), None) =
                (time_of(boot, options), as_number(&boot["cpu_count"]), options.vcpus)
            {
                restarts.push((at, cores));
            }
        }
        Ok(Self {
            recorder,
            options,
            restarts,
        })
    }

    /// Takes the sections of one time; `row` is its number in the file.
    pub(super) fn time(&mut self, row: u64, time: &Value) -> Result<(), ImportError> {
        let stamp = &time["timestamp"];
        let place = RowPlace { row, line: None };
        let at_ms = time_of(stamp, self.options).ok_or_else(|| ImportError::BadValue {
            path: self.options.path.to_path_buf(),
            place,
            column: "timestamp".to_string(),
            value: shown(&stamp.to_string()),
            expected: when::EXPECTED.to_string(),
        })?;
        let interval = Interval {
            at_ms,
            seconds: as_number(&stamp["interval"])
                .filter(|seconds| *seconds > 0.0)
                .unwrap_or(f64::NAN),
        };
        for &(since, cores) in &self.restarts {
            if since <= at_ms {
                self.recorder.cores = Some(cores);
            }
        }
        self.recorder.parsed.rows_read += 1;
        // Reads and writes of the whole host come first: disks are split by them.
        for section in ["io", "memory"] {
            self.section(section, &time[section], interval, place)?;
        }
        for (name, section) in time.as_object().into_iter().flatten() {
            if !matches!(name.as_str(), "timestamp" | "io" | "memory") {
                self.section(name, section, interval, place)?;
            }
        }
        self.recorder.end_block();
        Ok(())
    }

    fn section(&mut self, name: &str, section: &Value, interval: Interval, place: RowPlace) -> Result<(), ImportError> {
        match (name, section) {
            (_, Value::Null) => Ok(()),
            ("network" | "psi" | "power-management", Value::Object(parts)) => {
                for (name, part) in parts {
                    self.section(name, part, interval, place)?;
                }
                Ok(())
            }
            (_, Value::Array(rows)) => {
                for row in rows.iter().filter_map(Value::as_object) {
                    self.row(name, row, interval, place)?;
                }
                Ok(())
            }
            (_, Value::Object(row)) => self.row(name, &flat(row), interval, place),
            _ => Ok(()),
        }
    }

    fn row(
        &mut self,
        name: &str,
        row: &Map<String, Value>,
        interval: Interval,
        place: RowPlace,
    ) -> Result<(), ImportError> {
        let section = match name {
            "cpu-load" | "cpu-load-all" => Section::Cpu,
            "memory" => Section::Memory,
            "swap-pages" => Section::SwapPages,
            "io" => Section::Io,
            "queue" => Section::Queue,
            "disk" => Section::Disk,
            "net-dev" => Section::Network,
            "filesystems" => Section::Filesystem,
            "psi-cpu" => Section::PressureCpu,
            "psi-io" => Section::PressureIo,
            "psi-mem" => Section::PressureMemory,
            _ => {
                self.recorder.parsed.unused(&format!("section {name}"));
                return Ok(());
            }
        };
        let names: Vec<String> = row.keys().map(|key| super::record::plain_name(key)).collect();
        let values: Vec<&Value> = row.values().collect();
        let position = |known: &[&str]| {
            known
                .iter()
                .find_map(|wanted| names.iter().position(|name| name == wanted))
        };
        let item = position(section.item()).map_or(String::new(), |position| as_text(values[position]));
        if section == Section::Cpu && item != "all" && item != "-1" {
            self.recorder.one_cpu(interval);
            return Ok(());
        }
        let mut numbers: Numbers = [f64::NAN; MOST_WANTED];
        let pressure: &[&[&str]] = &[&["some_avg"]];
        let wanted = match section {
            Section::PressureCpu | Section::PressureIo | Section::PressureMemory => pressure,
            section => section.wanted(),
        };
        for (at, known) in numbers.iter_mut().zip(wanted) {
            if let Some(position) = position(known) {
                *at = as_number(values[position]).ok_or_else(|| ImportError::BadValue {
                    path: self.options.path.to_path_buf(),
                    place,
                    column: format!("{name}.{}", names[position]),
                    value: shown(&values[position].to_string()),
                    expected: "a number such as 12.5".to_string(),
                })?;
            }
        }
        self.recorder.row(section, &item, interval, &numbers);
        Ok(())
    }
}

/// Lifts the parts of `io-reads` and the like up to their row.
fn flat(row: &Map<String, Value>) -> Map<String, Value> {
    let mut flat = Map::new();
    for (key, value) in row {
        match value {
            Value::Object(parts) => flat.extend(parts.iter().map(|(key, value)| (key.clone(), value.clone()))),
            value => {
                flat.insert(key.clone(), value.clone());
            }
        }
    }
    flat
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => super::numbers::number(text.as_bytes()),
        _ => None,
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

fn time_of(stamp: &Value, options: &Options<'_>) -> Option<i64> {
    let text = format!("{} {}", stamp["date"].as_str()?, stamp["time"].as_str()?);
    let is_utc = stamp["tz"].as_str() == Some("UTC") || as_number(&stamp["utc"]) == Some(1.0);
    if is_utc {
        when::iso(&text, &jiff::tz::TimeZone::UTC)
    } else {
        when::iso(&text, options.zone)
    }
}
