//! What a file system holds and how fast it grows.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use telemetry::Series;
use telemetry::schema::filesystem;

use super::calendar::local_day;
use crate::growth::Drifting;

/// Use of one file system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilesystemProfile {
    /// Where it is mounted.
    pub mount: String,
    /// Its device.
    pub device: String,
    /// Its type, such as ext4.
    pub kind: String,
    /// Size, bytes.
    pub size_bytes: f64,
    /// Bytes in use at the end of the window.
    pub used_bytes: f64,
    /// Growth a day: median slope of the daily maxima (Theil–Sen), bytes.
    pub growth_bytes_per_day: f64,
    /// The level of use with its drift and what is not known of it, bytes; absent for less than two weeks.
    #[serde(default)]
    pub drift: Option<Drifting>,
}

/// Types of file systems that hold no data on a disk of the host.
const NOT_ON_DISK: [&str; 12] = [
    "tmpfs", "devtmpfs", "overlay", "squashfs", "proc", "sysfs", "nfs", "nfs4", "cifs", "ceph", "iso9660", "ramfs",
];

/// Summarises one file system; nothing for one that holds no data on a disk of the host.
pub(super) fn filesystem_profile(series: &Series, zone: &TimeZone) -> Option<FilesystemProfile> {
    let [mount, device, kind] = series.labels.as_slice() else {
        return None;
    };
    if NOT_ON_DISK.contains(&kind.as_str()) {
        return None;
    }
    let used = series.values(filesystem::USED_BYTES);
    let size = series.values(filesystem::SIZE_BYTES);
    let mut daily: Vec<(i32, f64)> = Vec::new();
    for (&at, used) in series.at_ms.iter().zip(&used) {
        let Some(used) = *used else { continue };
        let day = local_day(at, zone);
        match daily.last_mut() {
            Some((known, value)) if *known == day => *value = value.max(used),
            _ => daily.push((day, used)),
        }
    }
    Some(FilesystemProfile {
        mount: mount.clone(),
        device: device.clone(),
        kind: kind.clone(),
        size_bytes: size.iter().rev().find_map(|value| *value)?,
        used_bytes: used.iter().rev().find_map(|value| *value)?,
        growth_bytes_per_day: median_slope(&daily),
        drift: Drifting::learn(&daily),
    })
}

/// Gives the Theil–Sen slope: the median of the slopes of all pairs of days.
fn median_slope(daily: &[(i32, f64)]) -> f64 {
    // Two hundred days make twenty thousand pairs; longer histories are thinned evenly.
    let every = daily.len().div_ceil(200).max(1);
    let days: Vec<(i32, f64)> = daily.iter().copied().step_by(every).collect();
    let mut slopes: Vec<f64> = days
        .iter()
        .enumerate()
        .flat_map(|(index, &(from, low))| {
            days[index + 1..]
                .iter()
                .map(move |&(to, high)| (high - low) / f64::from((to - from).max(1)))
        })
        .collect();
    if slopes.is_empty() {
        return 0.0;
    }
    let middle = slopes.len() / 2;
    *slopes.select_nth_unstable_by(middle, f64::total_cmp).1
}
