//! What a collector at work has in its log and not yet in the store, for readers that do not want to wait for it.
//!
//! Input: the telemetry folder of a running campaign, which is only read. Output:
//! a store beside it with the rows of every interval that is over. Both together
//! are what the telemetry will be; where the collector turned its log into
//! telemetry in between, rows stand twice, with the same values, and readers
//! merge them ([`Store::reading_along`]).

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use telemetry::Store;
use telemetry::store::Origin;

use super::error::CampaignError;
use super::segments::turn;
use crate::log::{LogError, logs_in};
use crate::rates::LastInterval;

/// Times that everything is read again because the collector began a new log in between; it does so every 15 minutes.
const TRIES: usize = 5;

/// Writes the rows that are only in logs yet into another store; gives how many there are.
///
/// The interval in hand is left out, and so is what a writer has only half written at the end of a log.
///
/// # Errors
/// When a log cannot be read or is of another version, or the other store cannot be written.
pub fn copy_live_rows(telemetry: &Path, into: &Store) -> Result<usize, CampaignError> {
    let store = Store::at(telemetry);
    let mut tries = 1;
    loop {
        let before = store.origins()?;
        match copy(&telemetry.join("log"), &before, into) {
            Err(error) if is_gone(&error) && tries < TRIES => {}
            // A record that was written in between counts what the log said; the rows would be counted twice.
            Ok(_) if tries < TRIES && store.origins()? != before => {}
            ended => return ended,
        }
        tries += 1;
    }
}

fn copy(logs: &Path, origins: &[Origin], into: &Store) -> Result<usize, CampaignError> {
    let folders = match fs::read_dir(logs) {
        Ok(folders) => folders,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(source) => return Err(CampaignError::io("list", logs, source)),
    };
    let mut rows = 0;
    for folder in folders {
        let folder = folder.map_err(|source| CampaignError::io("list", logs, source))?.path();
        let Some(id) = folder.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        // Each log is begun after its predecessor became telemetry.
        let Some((number, path)) = logs_in(&folder)?.pop() else {
            continue;
        };
        let recorded = origins.iter().find(|origin| origin.id == id).cloned();
        let mut origin = recorded.unwrap_or_else(|| Origin::new(id, "collect"));
        rows += turn(into, &mut origin, &path, number, LastInterval::Open)?.rows;
        into.write_record(&origin)?;
    }
    Ok(rows)
}

/// Says whether a log was there and is not any more.
fn is_gone(error: &CampaignError) -> bool {
    matches!(error, CampaignError::Log(LogError::Io { source, .. }) if source.kind() == ErrorKind::NotFound)
}
