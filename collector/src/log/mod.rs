//! The log of a campaign: every reading, on disk before it counts.
//!
//! ```text
//! <sequence>.log   "SWLOG" 0 0 version     8 bytes
//!                  frame …                 one per sync
//! frame            length u32 LE, CRC-32 of the payload u32 LE, payload
//! payload          records one after the other (postcard)
//! ```
//!
//! A record counts once its frame is synced. A killed writer leaves at most one
//! torn frame at the end: reading stops there and says how many bytes it left
//! out. A frame that does not fit its sum ends the log in the same way, since
//! nothing after it can be trusted to be in its place. Readings are absolute
//! counters: the telemetry tables are a pure function of them ([`crate::rates`]).

mod error;
mod lock;
mod read;
mod record;
mod writer;

pub use error::LogError;
pub use lock::{CampaignLock, LockError, owner};
pub use read::{LogContent, logs_in, read_log};
pub use record::{Measured, Note, Record};
pub use writer::LogWriter;

/// First bytes of a log.
const MAGIC: &[u8; 7] = b"SWLOG\0\0";
/// Version of the layout, the byte after the magic.
const VERSION: u8 = 2;
/// Bytes of a payload at most: a frame that claims more is damaged.
const FRAME_BYTES_AT_MOST: usize = 16 << 20;
