//! The catalog file: how it is written and read.
//!
//! ```text
//! 8 bytes   "SZWCATLG"
//! 2 bytes   format version, little endian
//! 8 bytes   fingerprint of the content
//! 8 bytes   length of the content
//! the rest  the content: `postcard`, compressed by zstd
//! ```
//!
//! Format 2 is format 1 with the price lists of refreshed regions behind it; a
//! catalog without any is still written as format 1, and both are read. Equal
//! tables give equal bytes. A reader says that a file is no catalog, too old,
//! too new or damaged; it never returns part of one.

use super::error::{CatalogError, CatalogOrigin, Damage};
use super::packing::{Archive, Unpackable};
use super::tables::Tables;

/// First bytes of every catalog file.
const MAGIC: &[u8; 8] = b"SZWCATLG";

/// Newest version of the layout behind the header; changes whenever a stored type does.
pub const FORMAT_VERSION: u16 = 2;

/// Oldest version that is read: the same without price lists.
pub const OLDEST_READABLE: u16 = 1;

/// Bytes before the compressed content.
const HEADER_LENGTH: usize = 8 + 2 + 8 + 8;

/// Slow to write, small to ship, as fast to read as any other level.
const COMPRESSION_LEVEL: i32 = 19;

/// For a catalog with price lists, which is made while someone waits: a tenth larger, ten times as fast.
const REFRESHED_COMPRESSION_LEVEL: i32 = 9;

/// Most bytes a content may claim to have; the built-in one has about three million.
const LONGEST_CONTENT: u64 = 256 * 1024 * 1024;

/// Says why tables could not be written as a catalog file.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The tables contradict themselves or do not fit the format.
    #[error("the tables do not fit the catalog format")]
    Tables(#[source] Unpackable),
    /// The serialiser refused.
    #[error("the tables cannot be serialised")]
    Serialise(#[source] postcard::Error),
    /// The compressor refused.
    #[error("the tables cannot be compressed")]
    Compress(#[source] std::io::Error),
}

/// Writes tables as the bytes of a catalog file.
///
/// # Errors
/// If the tables contradict themselves or do not fit the format.
pub fn encode(tables: &Tables) -> Result<Vec<u8>, EncodeError> {
    let archive = Archive::pack(tables).map_err(EncodeError::Tables)?;
    let mut content = postcard::to_stdvec(&archive).map_err(EncodeError::Serialise)?;
    let (version, level) = if tables.lists.is_empty() {
        (OLDEST_READABLE, COMPRESSION_LEVEL)
    } else {
        content = postcard::to_extend(&tables.lists, content).map_err(EncodeError::Serialise)?;
        (FORMAT_VERSION, REFRESHED_COMPRESSION_LEVEL)
    };
    let compressed = zstd::bulk::compress(&content, level).map_err(EncodeError::Compress)?;
    let mut bytes = Vec::with_capacity(HEADER_LENGTH + compressed.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(&fingerprint(&content).to_le_bytes());
    bytes.extend_from_slice(&(content.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&compressed);
    Ok(bytes)
}

/// Tables that were read, with the identifier of their content.
pub(super) struct Decoded {
    pub(super) tables: Tables,
    pub(super) id: String,
}

/// Reads the bytes of a catalog file.
pub(super) fn decode(bytes: &[u8], origin: &CatalogOrigin) -> Result<Decoded, CatalogError> {
    let damaged = |source| CatalogError::Damaged {
        origin: origin.clone(),
        source,
    };
    let Some(after_magic) = bytes.strip_prefix(MAGIC) else {
        return Err(CatalogError::NotACatalog { origin: origin.clone() });
    };
    let cut = || damaged(Damage::HeaderCut(bytes.len()));
    let (version, rest) = after_magic.split_first_chunk().ok_or_else(cut)?;
    let found = u16::from_le_bytes(*version);
    if !(OLDEST_READABLE..=FORMAT_VERSION).contains(&found) {
        let (origin, readable) = (origin.clone(), FORMAT_VERSION);
        return Err(if found < OLDEST_READABLE {
            CatalogError::TooOld {
                origin,
                found,
                readable,
            }
        } else {
            CatalogError::TooNew {
                origin,
                found,
                readable,
            }
        });
    }
    let (stored_fingerprint, rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let (length, compressed) = rest.split_first_chunk().ok_or_else(cut)?;
    let expected = u64::from_le_bytes(*length);
    let capacity = usize::try_from(expected.min(LONGEST_CONTENT)).unwrap_or(usize::MAX);
    let content = zstd::bulk::decompress(compressed, capacity).map_err(|error| damaged(Damage::Compression(error)))?;
    let length = content.len() as u64;
    if length != expected {
        return Err(damaged(Damage::Length {
            found: length,
            expected,
        }));
    }
    let fingerprint = fingerprint(&content);
    if fingerprint != u64::from_le_bytes(*stored_fingerprint) {
        return Err(damaged(Damage::Checksum));
    }
    let layout = |error| damaged(Damage::Layout(error));
    let (archive, rest): (Archive, &[u8]) = postcard::take_from_bytes(&content).map_err(layout)?;
    let mut tables = archive.unpack().map_err(damaged)?;
    if found > OLDEST_READABLE {
        tables.lists = postcard::from_bytes(rest).map_err(layout)?;
    }
    Ok(Decoded {
        tables,
        id: format!("{:012x}", fingerprint >> 16),
    })
}

/// Mixes the content into 64 bits, eight bytes at a time.
///
/// The multiply-and-fold of FNV-1a over words instead of bytes, since the
/// catalog is read at every start. It finds accidents, not forgers.
fn fingerprint(content: &[u8]) -> u64 {
    const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ content.len() as u64;
    let mut words = content.chunks_exact(8);
    for word in &mut words {
        let word = u64::from_le_bytes(word.try_into().expect("chunks of eight have eight bytes"));
        state = (state ^ word).wrapping_mul(PRIME);
        state ^= state >> 32;
    }
    let mut last = [0; 8];
    last[..words.remainder().len()].copy_from_slice(words.remainder());
    state = (state ^ u64::from_le_bytes(last)).wrapping_mul(PRIME);
    state ^ (state >> 29)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn origin() -> CatalogOrigin {
        CatalogOrigin::File("old.catalog".into())
    }

    fn said(bytes: &[u8]) -> String {
        match decode(bytes, &origin()) {
            Ok(_) => "read".to_owned(),
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                format!("{error}: {}", source.unwrap_or_default())
            }
        }
    }

    fn good() -> Vec<u8> {
        super::super::EMBEDDED.to_vec()
    }

    #[test]
    fn the_embedded_catalog_reads() {
        assert_eq!(said(&good()), "read");
    }

    #[test]
    fn something_else_is_no_catalog() {
        assert_eq!(said(b"PAR1 and more"), "old.catalog is not a sizewright catalog: ");
        assert_eq!(said(b""), "old.catalog is not a sizewright catalog: ");
    }

    #[test]
    fn another_format_is_too_old_or_too_new() {
        let mut bytes = good();
        bytes[8..10].copy_from_slice(&0_u16.to_le_bytes());
        assert!(said(&bytes).starts_with("catalog too old: old.catalog has format 0"));
        bytes[8..10].copy_from_slice(&(FORMAT_VERSION + 1).to_le_bytes());
        assert!(said(&bytes).starts_with("catalog too new: old.catalog has format 3"));
    }

    #[test]
    fn every_cut_and_every_flipped_byte_is_damage() {
        let bytes = good();
        for length in [9, 20, 26, 27, 1_000, bytes.len() - 1] {
            let said = said(&bytes[..length]);
            assert!(said.starts_with("catalog damaged"), "{length}: {said}");
        }
        for place in [11, 19, 30, 500, bytes.len() / 2, bytes.len() - 2] {
            let mut altered = bytes.clone();
            altered[place] ^= 0x40;
            let said = said(&altered);
            assert!(said.starts_with("catalog damaged"), "{place}: {said}");
        }
    }

    #[test]
    fn the_fingerprint_sees_the_last_byte() {
        assert_ne!(fingerprint(b"123456789"), fingerprint(b"123456780"));
        assert_ne!(fingerprint(b"12345678"), fingerprint(b"12345678\0"));
    }
}
