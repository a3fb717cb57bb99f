//! What an AWS price list file says, streamed: from text to facts of the catalog.
//!
//! Input: the bytes of one offer file of one region, CSV or JSON, in blocks of
//! any size. Output: a [`PriceList`]: prices by what they are for, the file's
//! own identity, and how much was left out and why. [`merge`] puts lists into a
//! catalog's tables, [`check`] says whether the result can be true, and
//! [`diff`] what changed. Nothing here opens a file or a connection.
//!
//! The layout of the files and every row filter are in docs/catalog.md. Columns
//! are found by name only, since they come and go between versions. A row that
//! is not understood is left out and counted; two different prices for one
//! thing are both left out; a price that is needed and not in dollars ends the
//! reading.

pub mod check;
mod collect;
mod csv;
pub mod diff;
mod error;
mod fact;
mod field;
mod json;
pub mod merge;
mod offer;
mod read;
mod select;

pub use self::collect::{Capacity, Conflict, LeftOut, PriceList};
pub use self::error::ListError;
pub use self::fact::{Commitment, Key, Subject, VolumePart};
pub use self::offer::Offer;
pub use self::read::{Expected, Peek, peek, read};
