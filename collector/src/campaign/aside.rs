//! What is asked of a host beside its counters, now and then: processes, sockets, services.
//!
//! An aside has a rhythm of its own and runs in the host's thread, between two
//! ticks. What it finds is written to the log like a reading.

use super::feed::{Feed, Trouble};
use crate::discovery::flows::Look;
use crate::hosts::Target;
use crate::log::Measured;

/// Something that is asked beside the counters of one host.
pub trait Aside: Send {
    /// Says whether it is time to ask; `now_ms` is the collector's clock, UTC milliseconds.
    fn is_due(&self, now_ms: i64) -> bool;

    /// Asks and gives what was found.
    ///
    /// # Errors
    /// When the connection is of no use any more. What a host merely refuses is no error: it is among what was found,
    /// or is left out.
    fn ask(&mut self, feed: &mut dyn Feed, now_ms: i64) -> Result<Vec<Measured>, Trouble>;

    /// Hands over the looks at connections that were taken since it was last called.
    fn looks(&mut self) -> Vec<Look> {
        Vec::new()
    }

    /// Gives what the record of the run should say of the last question, such as why something could not be had.
    fn complaints(&mut self) -> Vec<String> {
        Vec::new()
    }
}

/// Makes the asides of a host, anew for each connection.
pub type MakeAsides<'a> = dyn Fn(&Target) -> Vec<Box<dyn Aside>> + Sync + 'a;
