//! Profiles for what-ifs: from the cache of the assessment, or from telemetry, once.
//!
//! The cache is `cache/profiles` in the assessment's folder. Its key names the
//! program, what the profiles hold, and the telemetry: every file with its
//! length and its end (where Parquet says what is in it), every origin's
//! record. Files are immutable and are renamed into place, so telemetry that
//! has grown, gone or been imported anew has another key, and the profiles are
//! made anew. A cache that cannot be used is said so and replaced.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::atomic::Ordering;

use analyzer::policy::{Assessment, Rule};
use analyzer::profile::{EstateReader, HostProfile, ProfileOptions, cache, profile_estate};
use telemetry::Table;

use crate::command::telemetry;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::interrupt::INTERRUPTED;
use crate::printer::Printer;
use crate::progress;

/// Where the cache is within the assessment.
const CACHE: &str = "cache/profiles";
/// Bytes at the end of a file that go into the key: most of Parquet's account of its content.
const END: u64 = 64 * 1024;

/// Gives the profiles that any scenario of these rules can be sized from.
pub fn for_scenarios(
    assessment: &Assessment,
    rules: &[Rule],
    folder: &Folder,
    printer: &Printer,
) -> Result<Vec<HostProfile>, Failure> {
    let zone = assessment.zone().map_err(Failure::user)?;
    // Everything that one rule or another needs, so that no scenario reads telemetry again.
    let options = ProfileOptions {
        credits: true,
        history: true,
        decaying_histogram: true,
        last_week: true,
        ..ProfileOptions::for_rules(zone, rules)
    };
    let telemetry = telemetry(folder, printer)?;
    let key = if telemetry.is_growing {
        // What is only in a collector's log is different at every look.
        None
    } else {
        Some(key(assessment, &options, &folder.path("telemetry"))?)
    };
    if let Some(key) = &key
        && let Ok(bytes) = fs::read(folder.path(CACHE))
    {
        match cache::unpack(&bytes, key) {
            Ok(profiles) => return Ok(profiles),
            Err(why) => printer.note(&format!("hosts are profiled anew: {CACHE} cannot be used, {why}")),
        }
    }
    let reader = EstateReader::open(&telemetry.store)?;
    let bar = progress::bar(printer, reader.hosts().len() as u64, "profiling", "hosts");
    let profiles = profile_estate(&reader, &options, &|hosts| bar.inc(hosts as u64), &INTERRUPTED);
    bar.finish_and_clear();
    let mut profiles = profiles?;
    if INTERRUPTED.load(Ordering::SeqCst) {
        return Err(Failure::interrupted());
    }
    profiles.iter_mut().for_each(cache::slim);
    if let Some(key) = key {
        let bytes = cache::pack(&profiles, &key).map_err(Failure::internal)?;
        // A folder that cannot be written to is no reason to give no answer.
        if folder.write(CACHE, &bytes).is_err() {
            printer.note(&format!(
                "{CACHE} cannot be written; the next comparison reads telemetry again"
            ));
        }
    }
    Ok(profiles)
}

/// Names what profiles are made of.
fn key(assessment: &Assessment, options: &ProfileOptions, telemetry: &Path) -> Result<String, Failure> {
    let mut digest = blake3::Hasher::new();
    let origins = telemetry.join("origins");
    for path in files(&origins)? {
        digest.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        digest.update(&fs::read(&path)?);
    }
    for table in Table::ALL {
        for path in files(&telemetry.join(table.name()))? {
            let mut file = fs::File::open(&path)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
            let mut end = Vec::new();
            file.take(END).read_to_end(&mut end)?;
            digest.update(table.name().as_bytes());
            digest.update(path.file_name().unwrap_or_default().as_encoded_bytes());
            digest.update(&length.to_le_bytes());
            digest.update(&end);
        }
    }
    Ok(format!(
        "{} {} {:?} {} {} {} {} {}",
        env!("CARGO_PKG_VERSION"),
        assessment.time_zone,
        options.extra_levels,
        options.history,
        options.credits,
        options.decaying_histogram,
        options.last_week,
        digest.finalize().to_hex()
    ))
}

/// Lists the files of a folder by name; a missing folder has none.
fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>, Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
