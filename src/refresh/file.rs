//! Reads one price list file that lies on this machine: unpacked where it is packed, hashed while it is read.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;
use std::sync::atomic::Ordering;

use analyzer::catalog::price_list::merge::ReadFile;
use analyzer::catalog::price_list::{Expected, ListError, read as read_list};
use anyhow::anyhow;
use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use super::{Found, Read};
use crate::failure::Failure;
use crate::interrupt::INTERRUPTED;
use crate::printer::Printer;
use crate::progress;

/// Bytes read from disk at a time.
const BLOCK: usize = 256 * 1024;

/// Hashes and counts what passes.
struct Hashing<R> {
    source: R,
    hash: Sha256,
    bytes: u64,
    bar: indicatif::ProgressBar,
}

impl<R: std::io::Read> std::io::Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        self.bar.set_position(self.bytes);
        Ok(read)
    }
}

/// Reads a file to its end.
pub(super) fn read(found: &Found, printer: &Printer) -> Result<Read, Failure> {
    let path = &found.path;
    let place = || format!("cannot take prices from `{}`", path.display());
    let file = File::open(path).map_err(|error| Failure::user(error).while_trying(place()))?;
    let length = file.metadata().map_or(0, |about| about.len());
    let bar = progress::bytes(printer, length, &format!("reading {} {}", found.region, found.offer));
    let mut hashing = Hashing {
        source: file,
        hash: Sha256::new(),
        bytes: 0,
        bar: bar.clone(),
    };
    let expected = Expected {
        region: &found.region,
        offer: Some(found.offer),
    };
    let mut go_on = |_| !INTERRUPTED.load(Ordering::SeqCst);
    let mut reader = BufReader::with_capacity(BLOCK, &mut hashing);
    let is_packed = is_gzip(&mut reader).map_err(|error| Failure::user(error).while_trying(place()))?;
    let list = if is_packed {
        read_list(MultiGzDecoder::new(&mut reader), &expected, &mut go_on)
    } else {
        read_list(&mut reader, &expected, &mut go_on)
    };
    drop(reader);
    bar.finish_and_clear();
    if INTERRUPTED.load(Ordering::SeqCst) {
        return Err(Failure::interrupted());
    }
    let list = list.map_err(|error| of_list(error, place()))?;
    // Whatever stands behind the list belongs to the hash.
    std::io::copy(&mut hashing, &mut std::io::sink()).map_err(|error| Failure::user(error).while_trying(place()))?;
    let sha256: String = hashing
        .hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if let Some(promised) = &found.sha256
        && *promised != sha256
    {
        return Err(
            Failure::data(anyhow!("its SHA-256 is {sha256}, and should be {promised}"))
                .while_trying(place())
                .hint("fetch the file again; what is in use stays as it is"),
        );
    }
    Ok(Read {
        list,
        file: ReadFile {
            sha256,
            bytes: hashing.bytes,
        },
        name: path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
    })
}

fn of_list(error: ListError, place: String) -> Failure {
    let hint = error.hint();
    Failure::data(error).while_trying(place).hint(hint)
}

fn is_gzip<R: std::io::Read>(reader: &mut BufReader<R>) -> std::io::Result<bool> {
    use std::io::BufRead as _;
    Ok(reader.fill_buf()?.starts_with(&[0x1f, 0x8b]))
}

/// Gives the first bytes of a file, unpacked.
pub(super) fn beginning(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::user(error).while_trying(format!("cannot read `{}`", path.display()));
    let mut reader = BufReader::with_capacity(BLOCK, File::open(path).map_err(unreadable)?);
    let mut bytes = Vec::new();
    if is_gzip(&mut reader).map_err(unreadable)? {
        // What is damaged is told when it is read as a whole.
        let _ = MultiGzDecoder::new(reader).take(most as u64).read_to_end(&mut bytes);
    } else {
        reader.take(most as u64).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    Ok(bytes)
}
