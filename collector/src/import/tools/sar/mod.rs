//! sar: text reports, `sadf -d`, `sadf -j`, `sadf -x`, and binary `sa` files through the system's own `sadf`.
//!
//! Input: one file, its layout told by its first bytes. Output: CPU, memory,
//! swap, disks, interfaces, file systems and pressure of each host in it.
//! Times of text reports have no zone, so the options give one.

mod binary;
mod delimited;
mod numbers;
mod record;
mod text;
mod tree;
mod xml;

use super::Options;
use super::open::{Lines, start, whole};
use super::parsed::Parsed;
use crate::import::error::ImportError;

/// Reads one file of whatever layout.
pub(crate) fn read(options: &Options<'_>, parsed: &mut Parsed) -> Result<(), ImportError> {
    let bytes = start(options.path, 4096)?;
    let first = bytes.trim_ascii_start();
    if binary::is_binary(&bytes) {
        let json = binary::as_json(options)?;
        return tree::read_json(&json, options, parsed);
    }
    match first.first() {
        Some(b'{') => tree::read_json(&whole(options.path)?, options, parsed),
        Some(b'<') => xml::read(&mut Lines::open(options.path)?, options, parsed),
        Some(b'#') => delimited::read(&mut Lines::open(options.path)?, options, parsed),
        // `sadf -d` of a file that begins with a restart.
        _ if first
            .split(|&byte| byte == b'\n')
            .next()
            .is_some_and(|line| line.iter().filter(|&&byte| byte == b';').count() >= 3) =>
        {
            delimited::read(&mut Lines::open(options.path)?, options, parsed)
        }
        _ => text::read(&mut Lines::open(options.path)?, options, parsed),
    }
}
