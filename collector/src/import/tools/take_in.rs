//! From files to the store: each file parsed first, then written as one origin.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rayon::prelude::*;
use telemetry::inventory::{Fact, Learnt, Privilege};
use telemetry::schema::host::CPU_CORES;
use telemetry::store::{HostQuality, Origin};
use telemetry::{Store, Table};

use super::super::error::ImportError;
use super::super::gather::Gatherer;
use super::super::report::{ImportReport, PreviewCells, PreviewRow};
use super::super::seen::{SeenTimes, usual_step_and_gaps};
use super::super::survey::HostTimes;
use super::super::watch::{Step, Watch};
use super::super::{VALUES_PER_FILE, fingerprint};
use super::open::files_of;
use super::parsed::{Parsed, Row};
use super::{Options, Tool, ToolOptions, ToolReport, ToolRequest};

/// Files parsed at a time: what bounds memory.
const FILES_AT_A_TIME: usize = 8;
/// Rows shown by a dry run.
const PREVIEWED: usize = 5;

/// Imports files into a store.
///
/// # Errors
/// When no file can be imported, when the store refuses, or when cancelled. Nothing is imported then.
pub fn import_tool(store: &Store, request: &ToolRequest<'_>, watch: &Watch<'_>) -> Result<ToolReport, ImportError> {
    run(Some(store), Some(store), request, watch)
}

/// Understands files without writing anything.
///
/// # Errors
/// As [`import_tool`].
pub fn try_tool(
    store: Option<&Store>,
    request: &ToolRequest<'_>,
    watch: &Watch<'_>,
) -> Result<ToolReport, ImportError> {
    run(None, store, request, watch)
}

fn run(
    target: Option<&Store>,
    known: Option<&Store>,
    request: &ToolRequest<'_>,
    watch: &Watch<'_>,
) -> Result<ToolReport, ImportError> {
    let ToolRequest { paths, tool, options } = *request;
    let files = files_of(paths)?;
    let mut sources = Vec::with_capacity(files.len());
    for path in &files {
        sources.push((path.clone(), fingerprint(path, watch)?));
    }
    let key = format!("{} {}", tool.name(), options.key());
    let mut report = ToolReport {
        imported: None,
        facts: Vec::new(),
        preview: Vec::new(),
        known: Vec::new(),
        failed: Vec::new(),
    };
    if let Some(store) = target {
        leave_out_known(store, tool, &key, &mut sources, &mut report)?;
    }
    // The same content twice in one command is one file.
    let mut digests = BTreeSet::new();
    sources.retain(|(path, print)| {
        let is_new = digests.insert(print.digest.clone());
        if !is_new {
            report
                .known
                .push((path.clone(), "another file of this import".to_string()));
        }
        is_new
    });
    if sources.is_empty() {
        return Ok(report);
    }
    let known_cores = match known {
        Some(store) if tool.needs_known_cores() && options.vcpus.is_none() => cores_of(store)?,
        _ => BTreeMap::new(),
    };

    let digests: Vec<&str> = sources.iter().map(|(_, print)| print.digest.as_str()).collect();
    let id = origin_id(&digests, &key);
    let mut writer = target.map(|store| store.begin(&id)).transpose()?;
    let mut taking = Taking::new(&id);
    let together = tool.belongs_together();
    let parts: Vec<Vec<PathBuf>> = if together {
        vec![sources.iter().map(|(path, _)| path.clone()).collect()]
    } else {
        sources.iter().map(|(path, _)| vec![path.clone()]).collect()
    };
    let mut good: Vec<PathBuf> = Vec::new();
    let total: u64 = sources.iter().map(|(_, print)| print.bytes).sum();
    for (done, parts) in parts.chunks(FILES_AT_A_TIME).enumerate() {
        let parsed: Vec<Result<Parsed, ImportError>> = parts
            .par_iter()
            .map(|paths| parse(tool, paths, options, &known_cores))
            .collect();
        for (paths, parsed) in parts.iter().zip(parsed) {
            match parsed {
                Ok(parsed) => {
                    taking.take(&parsed);
                    good.extend(paths.iter().cloned());
                }
                Err(error) if together => return Err(error),
                Err(error) => report.failed.push((paths[0].clone(), error)),
            }
            if taking.gatherer.values >= VALUES_PER_FILE {
                for series in taking.gatherer.take_out() {
                    if let Some(writer) = &mut writer {
                        writer.write(series)?;
                    }
                }
            }
        }
        let fraction = ((done + 1) * FILES_AT_A_TIME) as f64 / sources.len() as f64;
        watch.reached(&files[0], Step::Rows, total, fraction.min(1.0), taking.rows_read)?;
    }
    // Where nothing could be understood, the first reason stands for all.
    if good.is_empty() {
        return Err(report.failed.remove(0).1);
    }
    for series in taking.gatherer.take_out() {
        if let Some(writer) = &mut writer {
            writer.write(series)?;
        }
    }
    if taking.first_at_ms == i64::MAX {
        return Err(ImportError::NothingUsable {
            path: files[0].clone(),
            tool: tool.name(),
            reasons: taking.reasons(),
        });
    }
    let (imported, preview, facts) = taking.finish(tool, &id);
    if let Some(writer) = writer {
        let mut origin = Origin::new(id, format!("import {}", tool.name()));
        for (path, print) in &sources {
            if good.contains(path) {
                if print.is_outdated(path) {
                    return Err(ImportError::Changed { path: path.clone() });
                }
                let mut source = print.source(path);
                // What decides the rows beside the content: told apart when the file comes again.
                source.digest = digest_with(&print.digest, &key);
                origin.sources.push(source);
            }
        }
        origin.rows = imported.rows.clone();
        origin.notes = imported.notes.clone();
        origin.quality = imported.quality_by_host.clone();
        writer.commit(&origin)?;
    }
    report.imported = Some(imported);
    report.preview = preview;
    report.facts = facts;
    Ok(report)
}

fn parse(
    tool: Tool,
    paths: &[PathBuf],
    options: &ToolOptions,
    known_cores: &BTreeMap<String, f64>,
) -> Result<Parsed, ImportError> {
    let options = Options {
        path: &paths[0],
        zone: &options.zone,
        host: options.host.as_deref(),
        vcpus: options.vcpus,
        at_ms: options.at_ms,
        cache_is_available: options.cache_is_available,
        known_cores,
    };
    let mut parsed = Parsed::default();
    tool.read(paths, &options, &mut parsed)?;
    // A file that gives nothing has failed, and says why as far as that is known.
    if parsed.rows().is_empty() {
        let reasons = reasons(&parsed.left_out, &parsed.unused, &parsed.notes);
        return Err(ImportError::NothingUsable {
            path: paths[0].clone(),
            tool: tool.name(),
            reasons,
        });
    }
    Ok(parsed)
}

/// Leaves out files that came in before with the same options.
fn leave_out_known(
    store: &Store,
    tool: Tool,
    key: &str,
    sources: &mut Vec<(PathBuf, super::super::Fingerprint)>,
    report: &mut ToolReport,
) -> Result<(), ImportError> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let kind = format!("import {}", tool.name());
    for origin in store.origins()?.into_iter().filter(|origin| origin.kind == kind) {
        for source in origin.sources {
            known.insert(source.digest, origin.id.clone());
        }
    }
    let origin_of = |digest: &str| known.get(&digest_with(digest, key));
    let all_known = sources.iter().all(|(_, print)| origin_of(&print.digest).is_some());
    // Files that belong together are new when one of them is.
    if tool.belongs_together() && !all_known {
        return Ok(());
    }
    sources.retain(|(path, print)| match origin_of(&print.digest) {
        Some(origin) => {
            report.known.push((path.clone(), origin.clone()));
            false
        }
        None => true,
    });
    Ok(())
}

fn digest_with(digest: &str, key: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(digest.as_bytes());
    hasher.update(key.as_bytes());
    format!("blake3:{digest}/{}", &hasher.finalize().to_hex()[..12])
}

fn origin_id(digests: &[&str], key: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in digests.iter().chain([&key]) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    format!("import-{}", &hasher.finalize().to_hex()[..12])
}

/// Gives the CPUs that each host of a store had last.
fn cores_of(store: &Store) -> Result<BTreeMap<String, f64>, ImportError> {
    let mut cores = BTreeMap::new();
    let reader = store.open(Table::Host)?;
    for block in reader.blocks() {
        for series in reader.read(block, &[CPU_CORES])? {
            if let Some(last) = series.values(CPU_CORES).into_iter().flatten().last() {
                cores.insert(series.host, last);
            }
        }
    }
    Ok(cores)
}

/// Says why nothing came out.
fn reasons(left_out: &BTreeMap<String, u64>, unused: &BTreeMap<String, u64>, notes: &BTreeSet<String>) -> String {
    let mut reasons: Vec<String> = left_out
        .iter()
        .map(|(what, count)| format!("left out: {count} {what}"))
        .collect();
    reasons.extend(notes.iter().cloned());
    if !unused.is_empty() {
        let names: Vec<&str> = unused.keys().map(String::as_str).take(12).collect();
        reasons.push(format!("not used: {}", names.join(", ")));
    }
    reasons.join("; ")
}

/// What was taken in so far.
struct Taking {
    id: String,
    gatherer: Gatherer,
    times: BTreeMap<usize, SeenTimes>,
    first_at_ms: i64,
    last_at_ms: i64,
    rows_read: u64,
    unused: BTreeMap<String, u64>,
    left_out: BTreeMap<String, u64>,
    notes: BTreeSet<String>,
    facts: BTreeSet<(String, &'static str, String, String)>,
    preview: Vec<PreviewRow>,
}

impl Taking {
    fn new(id: &str) -> Self {
        Self {
            id: id.to_string(),
            gatherer: Gatherer::of_all_tables(),
            times: BTreeMap::new(),
            first_at_ms: i64::MAX,
            last_at_ms: i64::MIN,
            rows_read: 0,
            unused: BTreeMap::new(),
            left_out: BTreeMap::new(),
            notes: BTreeSet::new(),
            facts: BTreeSet::new(),
            preview: Vec::new(),
        }
    }

    fn take(&mut self, parsed: &Parsed) {
        for row in parsed.rows() {
            let host = self.gatherer.host_with(parsed.host_name(row.host), HostTimes::default);
            self.gatherer.take_row(
                row.table,
                host,
                parsed.label_texts(row.labels),
                row.at_ms,
                parsed.values(row),
            );
            if row.table != Table::Filesystem {
                self.times.entry(host).or_default().insert(row.at_ms);
            }
            self.first_at_ms = self.first_at_ms.min(row.at_ms);
            self.last_at_ms = self.last_at_ms.max(row.at_ms);
            if self.preview.len() < PREVIEWED {
                self.preview.push(preview(parsed, row));
            }
        }
        for (what, count) in &parsed.unused {
            *self.unused.entry(what.clone()).or_default() += count;
        }
        for (what, count) in &parsed.left_out {
            *self.left_out.entry(what.clone()).or_default() += count;
        }
        self.notes.extend(parsed.notes.iter().cloned());
        self.rows_read += parsed.rows_read;
        for fact in &parsed.facts {
            let host = parsed.host_name(fact.host).to_string();
            self.facts
                .insert((host, fact.name, fact.item.clone(), fact.value.clone()));
        }
    }

    fn reasons(&self) -> String {
        reasons(&self.left_out, &self.unused, &self.notes)
    }

    fn finish(mut self, tool: Tool, id: &str) -> (ImportReport, Vec<PreviewRow>, Vec<Fact>) {
        let mut steps: Vec<i64> = Vec::new();
        for (&host, times) in &self.times {
            let (step, gaps) = usual_step_and_gaps(times);
            steps.extend(step);
            self.gatherer.add_gaps(host, gaps);
        }
        steps.sort_unstable();
        let interval_s = steps.get(steps.len() / 2).map(|&step| step as f64 / 1000.0);
        let quality_by_host = self.gatherer.quality();
        let mut quality = HostQuality::default();
        quality_by_host.values().for_each(|host| quality.add(host));
        let mut notes: Vec<String> = self
            .left_out
            .iter()
            .map(|(what, count)| format!("left out: {count} {what}"))
            .collect();
        notes.extend(self.notes);
        notes.extend(super::super::notes::of_rows(0, self.gatherer.repeated_cells));
        let learnt = Learnt {
            first_at_ms: self.last_at_ms,
            last_at_ms: self.last_at_ms,
            how: format!("import {}, {id}", tool.name()),
            privilege: Privilege::Stated,
        };
        let facts = self
            .facts
            .into_iter()
            .map(|(host, name, item, value)| Fact {
                host,
                name: name.to_string(),
                item,
                value,
                learnt: learnt.clone(),
            })
            .collect();
        let rows = Table::ALL
            .iter()
            .zip(&self.gatherer.rows)
            .filter(|&(_, &rows)| rows > 0)
            .map(|(table, &rows)| (table.name().to_string(), rows))
            .collect();
        let report = ImportReport {
            origin: self.id,
            rows_read: self.rows_read,
            rows,
            hosts: self.gatherer.hosts(),
            first_at_ms: self.first_at_ms,
            last_at_ms: self.last_at_ms,
            interval_s,
            quality,
            quality_by_host,
            unused_columns: self
                .unused
                .iter()
                .map(|(what, count)| {
                    if *count > 1 {
                        format!("{what} ({count}×)")
                    } else {
                        what.clone()
                    }
                })
                .collect(),
            notes,
        };
        (report, self.preview, facts)
    }
}

fn preview(parsed: &Parsed, row: &Row) -> PreviewRow {
    PreviewRow {
        host: parsed.host_name(row.host).to_string(),
        at_ms: row.at_ms,
        tables: vec![PreviewCells {
            table: row.table,
            labels: parsed.label_texts(row.labels).to_vec(),
            numbers: parsed
                .values(row)
                .iter()
                .map(|&(id, value)| (row.table.columns()[id.index()].name, Some(value)))
                .collect(),
        }],
    }
}
