//! Profiles kept on disk, so that telemetry is read once and hosts are sized many times.
//!
//! Input: profiles and a key, which names the telemetry and the options they
//! were made of. Output: bytes, and profiles again from bytes of the same key.
//! Blocks are packed (postcard, zstd with a checksum) so that they unpack in
//! parallel. What no sizing needs is left out: the hour-of-week P95, every
//! hour-of-week mean but that of CPU, the daily maxima of all but memory, and
//! what only forecasts need.
//! A cache may be thrown away at any time.

use rayon::prelude::*;

use super::HostProfile;

/// Begins a cache; the last byte is the version of the format.
const MAGIC: &[u8; 8] = b"szwprof\x02";
/// Hosts of a block.
const HOSTS_OF_A_BLOCK: usize = 256;
/// Little packing: reading is what must be fast.
const LEVEL: i32 = 1;
/// No block of profiles is larger, so a damaged length does not take all memory.
const LARGEST_BLOCK: usize = 1 << 30;

/// Why a cache cannot be used; profiles are then made anew.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// It is of other telemetry, other options or another program.
    #[error("it was made of other telemetry, or by another version")]
    Stale,
    /// It is no cache, or not whole.
    #[error("it is damaged")]
    Damaged,
}

/// Takes away what no sizing needs, as reading a cache does.
pub fn slim(profile: &mut HostProfile) {
    let cpu_hours = profile
        .cpu
        .as_mut()
        .map(|cpu| std::mem::take(&mut cpu.hour_of_week_mean));
    profile.drop_maps();
    let by_day = [
        &mut profile.cpu,
        &mut profile.cpu_interval_maxima,
        &mut profile.disk_operations,
        &mut profile.disk_bytes,
        &mut profile.network_receive,
        &mut profile.network_transmit,
    ];
    for metric in by_day.into_iter().flatten() {
        metric.daily_maxima = Vec::new();
    }
    if let Some(history) = &mut profile.history {
        let pasts = [&mut history.cpu, &mut history.memory];
        for past in pasts.into_iter().flatten() {
            past.daily_p95 = Vec::new();
        }
    }
    for filesystem in &mut profile.filesystems {
        filesystem.drift = None;
    }
    if let (Some(cpu), Some(hours)) = (&mut profile.cpu, cpu_hours) {
        cpu.hour_of_week_mean = hours;
    }
}

/// Packs profiles under a key.
///
/// # Errors
/// When a block cannot be packed.
pub fn pack(profiles: &[HostProfile], key: &str) -> Result<Vec<u8>, std::io::Error> {
    let blocks: Vec<(usize, Vec<u8>)> = profiles
        .par_chunks(HOSTS_OF_A_BLOCK)
        .map(|block| {
            let bytes = postcard::to_stdvec(block).map_err(std::io::Error::other)?;
            let mut packer = zstd::bulk::Compressor::new(LEVEL)?;
            packer.include_checksum(true)?;
            Ok((bytes.len(), packer.compress(&bytes)?))
        })
        .collect::<Result<_, std::io::Error>>()?;
    let mut out = MAGIC.to_vec();
    let length = |bytes: usize, out: &mut Vec<u8>| out.extend((bytes as u64).to_le_bytes());
    length(key.len(), &mut out);
    out.extend(key.as_bytes());
    length(profiles.len(), &mut out);
    length(blocks.len(), &mut out);
    for (whole, block) in &blocks {
        length(*whole, &mut out);
        length(block.len(), &mut out);
    }
    for (_, block) in blocks {
        out.extend(block);
    }
    Ok(out)
}

/// Unpacks the profiles of a cache that was packed under the same key.
///
/// # Errors
/// When it was packed under another key, or is damaged.
pub fn unpack(bytes: &[u8], key: &str) -> Result<Vec<HostProfile>, CacheError> {
    let mut rest = bytes.strip_prefix(MAGIC).ok_or(if bytes.starts_with(&MAGIC[..7]) {
        CacheError::Stale
    } else {
        CacheError::Damaged
    })?;
    let key_length = length(&mut rest)?;
    if taken(&mut rest, key_length)? != key.as_bytes() {
        return Err(CacheError::Stale);
    }
    let count = length(&mut rest)?;
    let blocks = length(&mut rest)?;
    if blocks > bytes.len() / 8 {
        return Err(CacheError::Damaged);
    }
    let lengths: Vec<(usize, usize)> = (0..blocks)
        .map(|_| Ok((length(&mut rest)?, length(&mut rest)?)))
        .collect::<Result<_, CacheError>>()?;
    let blocks: Vec<(usize, &[u8])> = lengths
        .into_iter()
        .map(|(whole, packed)| Ok((whole, taken(&mut rest, packed)?)))
        .collect::<Result<_, CacheError>>()?;
    if !rest.is_empty() {
        return Err(CacheError::Damaged);
    }
    let unpacked: Vec<Vec<HostProfile>> = blocks
        .into_par_iter()
        .map(|(whole, block)| {
            if whole > LARGEST_BLOCK {
                return Err(CacheError::Damaged);
            }
            let bytes = zstd::bulk::decompress(block, whole).map_err(|_| CacheError::Damaged)?;
            postcard::from_bytes(&bytes).map_err(|_| CacheError::Damaged)
        })
        .collect::<Result<_, CacheError>>()?;
    let profiles: Vec<HostProfile> = unpacked.into_iter().flatten().collect();
    if profiles.len() == count {
        Ok(profiles)
    } else {
        Err(CacheError::Damaged)
    }
}

fn length(rest: &mut &[u8]) -> Result<usize, CacheError> {
    let bytes: [u8; 8] = taken(rest, 8)?.try_into().map_err(|_| CacheError::Damaged)?;
    usize::try_from(u64::from_le_bytes(bytes)).map_err(|_| CacheError::Damaged)
}

fn taken<'b>(rest: &mut &'b [u8], length: usize) -> Result<&'b [u8], CacheError> {
    let (taken, left) = rest.split_at_checked(length).ok_or(CacheError::Damaged)?;
    *rest = left;
    Ok(taken)
}
